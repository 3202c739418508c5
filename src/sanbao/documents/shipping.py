"""The regulations that come with the program: nineteen texts of the trade in our own words, by clause, as data files in `shipped/`.

Nothing here is in force anywhere before a company has taken it over, reviewed and approved it like a text of its own.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("shipped")
_KEYS = {"source", "number", "label", "kind", "title", "department", "changed_by", "interpreted_by", "issued", "effective", "note", "clauses"}  # fmt: skip
_NEEDED = _KEYS - {"number", "issued", "effective", "note"}
_ID = re.compile(r"[A-Z]{2}-\d+(?:\.\d+)?")


class ShippedError(ValueError):
    """A shipped file is wrong: which one, where, and what to do."""


@dataclass(frozen=True, slots=True)
class ShippedClause:
    """A clause: depth, number as the text has it, id by which rulebooks cite it, and its words in both languages."""

    level: int
    number: str
    id: str
    zh: str
    en: str
    table: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Shipped:
    """A regulation as it comes with the program. Number and dates are those of the text, empty where it has none."""

    source: str
    number: str
    label: str
    kind: str
    title: Mapping[str, str]
    department: str
    changed_by: str
    interpreted_by: str
    issued: date | None
    effective: date | None
    note: str
    clauses: tuple[ShippedClause, ...]


def shipped_names() -> tuple[str, ...]:
    """The texts there are, by the word they are cited by."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@cache
def shipped(name: str) -> Shipped:
    """One text, read strictly. KeyError for one that is not there."""
    if name not in shipped_names():
        raise KeyError(name)
    return read((FOLDER / f"{name}.toml").read_text(encoding="utf-8"), name)


def read(text: str, name: str) -> Shipped:
    """A file's content; ShippedError says what is wrong with it."""
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ShippedError(f"{name}: no TOML: {error}") from None
    if unknown := set(told) - _KEYS:
        raise ShippedError(f"{name}: nobody reads {', '.join(sorted(unknown))}; take it out")
    if missing := _NEEDED - set(told):
        raise ShippedError(f"{name}: {', '.join(sorted(missing))} is missing; add it")
    if told["source"] != name:
        raise ShippedError(
            f"{name}: source is “{told['source']}”, but the file is called otherwise; make them the same"
        )
    title = told["title"]
    if set(title) != {"zh", "en"} or not all(title.values()):
        raise ShippedError(f"{name}: the title needs zh and en")
    clauses = tuple(_clause(one, f"{name}, clause {number}") for number, one in enumerate(told["clauses"], 1))
    ids = [clause.id for clause in clauses if clause.id]
    if twice := sorted({id for id in ids if ids.count(id) > 1}):
        raise ShippedError(f"{name}: {', '.join(twice)} stands there twice")
    for key in ("issued", "effective"):
        if key in told and type(told[key]) is not date:
            raise ShippedError(f"{name}: {key} is no day; write it as 2012-05-01")
    return Shipped(
        name, told.get("number", ""), told["label"], told["kind"], title, told["department"], told["changed_by"], told["interpreted_by"],
        told.get("issued"), told.get("effective"), told.get("note", ""), clauses,
    )  # fmt: skip


def _clause(one: Any, where: str) -> ShippedClause:
    """[level, number, id, zh, en] or with a table at the end."""
    if not isinstance(one, list) or len(one) not in (5, 6) or not isinstance(one[0], int):
        raise ShippedError(f"{where}: write it as [level, number, id, zh, en] and perhaps a table")
    level, number, id, zh, en = one[:5]
    if id and not _ID.fullmatch(id):
        raise ShippedError(f"{where}: “{id}” is no clause's id; write it as KA-11.1, or leave it empty")
    if not zh.strip() or not en.strip():
        raise ShippedError(f"{where}: needs words in both languages")
    table = tuple(tuple(map(str, row)) for row in one[5]) if len(one) == 6 else ()
    return ShippedClause(level, number, id, zh, en, table)
