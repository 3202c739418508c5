"""Rulebooks: dated, cited values read strictly from TOML, and the sentences their decisions are told in.

A book is written by people who know the regulation, not the program; so nothing in it is ignored in silence, and every
refusal says which file, which table, what is wrong and how to mend it.
"""

import difflib
import hashlib
import json
import string
import tomllib
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from sanbao_rules.decision import Reason, from_json, to_json
from sanbao_rules.units import UNITS
from sanbao_rules.vocabulary import FORMATS, VOCABULARY

BOOKS = Path(__file__).parent / "books"
LANGUAGES = ("zh", "en")

Text = Mapping[str, str]
Change = tuple[date, Any, str]


class RulebookError(ValueError):
    """A rulebook that can't be used. The message says where, what is wrong and how to mend it."""


class NotInForce(LookupError):
    """A value was asked for on a day before `first`, its first date."""

    def __init__(self, sentence: str, first: date) -> None:
        super().__init__(sentence)
        self.first = first


@dataclass(frozen=True, slots=True)
class Dated:
    """A value in force from `since` on, which knows its clause."""

    value: Any
    parameter: str
    since: date
    clause: str
    unit: str
    book: str


def because(rests_on: Dated, code: str, **args: Any) -> Reason:
    """A reason that rests on a value and is told by a sentence of the value's book."""
    return Reason(code, args, rests_on.parameter, rests_on.clause, rests_on.book.partition(" ")[0])


@dataclass(frozen=True, slots=True)
class Source:
    """A document the book rests on: since when it is effective, who may change it, who interprets it (GN-9)."""

    title: Text
    effective: date
    changed_by: Text
    interpreted_by: Text
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number, a list or a chosen reading. `own` marks what the company sets for itself, not the document."""

    name: str
    label: Text
    unit: str
    values: tuple[Dated, ...]
    own: bool = False
    choices: Mapping[str, Text] | None = None
    note: Text | None = None


class Rulebook:
    """One edition of one book. It never changes: `with_values` makes another edition."""

    def __init__(self, document: Mapping[str, Any], filename: str, *, known: bool = True) -> None:
        """Read a parsed document. `known=False` skips the comparison with the sentences this version of the rules
        tells, for editions that were published under an earlier one."""
        _Reader(self, document, filename, known).read()

    name: str
    edition: str
    title: Text
    effective: date
    sources: Mapping[str, Source]
    reasons: Mapping[str, Text]
    names: Mapping[str, Text]
    parameters: Mapping[str, Parameter]
    document: Mapping[str, Any]
    _clauses: Mapping[str, Text]
    _dates: dict[str, list[date]]

    def __repr__(self) -> str:
        return f"<Rulebook {self.cited}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rulebook) and (self.edition, self.digest) == (other.edition, other.digest)

    def __hash__(self) -> int:
        return hash((self.edition, self.digest))

    @property
    def cited(self) -> str:
        """Name and edition, as decisions carry them."""
        return f"{self.name} {self.edition}"

    @cached_property
    def clauses(self) -> Mapping[str, str]:
        """The clauses in our own words, in Chinese; `clause_text` has them in both languages."""
        return {clause: text["zh"] for clause, text in self._clauses.items()}

    def clause_text(self, clause: str, language: str = "zh") -> str:
        return self._clauses[clause][language] if clause in self._clauses else ""

    def word(self, code: str, language: str) -> str:
        """A code as people say it; a word the book has no name for is shown as it is."""
        return self.names[code][language] if code in self.names else code

    def value(self, name: str, on: date) -> Dated:
        """The value in force on a day. Before its first date there is none, and that is an error, never a default."""
        values = self.history(name)
        place = bisect_right(self._dates[name], on)
        if not place:
            raise NotInForce(
                f"{self.cited}: {name} is in force from {values[0].since}, and was asked for on {on}",
                values[0].since,
            )
        return values[place - 1]

    def history(self, name: str) -> list[Dated]:
        """Every value a parameter has had, oldest first."""
        if name not in self.parameters:
            raise KeyError(f"{self.cited} has no parameter {name!r}{_hint(name, self.parameters)}")
        return list(self.parameters[name].values)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the content. The edition's name is left out: two editions that say the same have the same digest."""
        content = {key: value for key, value in self.document.items() if key != "edition"}
        canonical = json.dumps(_ordered(content), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """The whole book as JSON, order included, so that a database that sorts keys gives it back as it was."""
        return {"book": self.name, "edition": self.edition, "document": _ordered(self.document)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Rulebook":
        """A stored edition. It was checked when it was made, so sentences the rules have learnt since may be missing."""
        return cls(_unordered(stored["document"]), f"{stored['book']} {stored['edition']}", known=False)

    def with_values(self, edition: str, changes: Mapping[str, Iterable[Change]]) -> "Rulebook":
        """Another edition, in which some parameters have other values from some days on; the rest of their history stays."""
        document = dict(self.document)
        parameters = document["parameters"] = {
            name: dict(table) for name, table in document["parameters"].items()
        }
        for name, values in changes.items():
            self.history(name)
            by_date = {entry["from"]: entry for entry in parameters[name]["values"]}
            by_date |= {
                since: {"from": since, "value": value, "clause": clause} for since, value, clause in values
            }
            parameters[name]["values"] = [by_date[since] for since in sorted(by_date)]
        return Rulebook(document | {"edition": edition}, f"{self.name} {edition}", known=False)


def load(text: str, filename: str) -> Rulebook:
    """Read a book from TOML. Decimal numbers stay exact."""
    try:
        document = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise RulebookError(f"{filename}: this is not TOML: {error}. Correct the line it names.") from error
    return Rulebook(document, filename)


def load_path(path: Path) -> Rulebook:
    return load(Path(path).read_text(encoding="utf-8"), Path(path).name)


@cache
def shipped(name: str) -> Rulebook:
    """A book that comes with the program."""
    if name not in shipped_names():
        raise KeyError(f"no shipped rulebook is called {name!r}{_hint(name, shipped_names())}")
    return load_path(BOOKS / f"{name}.toml")


@cache
def shipped_names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in BOOKS.glob("*.toml")))


class _Reader:
    """Reads a document into a book, table by table."""

    def __init__(self, book: Rulebook, document: Mapping[str, Any], filename: str, known: bool) -> None:
        self.book, self.document, self.filename, self.known = book, document, filename, known

    def read(self) -> None:
        top = self.table(
            self.document,
            "the top of the file",
            required=("rulebook", "edition", "title", "sources", "clauses", "reasons", "parameters"),
            optional=("names",),
        )
        book = self.book
        book.document = top
        book.name = self.sentence(top["rulebook"], "rulebook")
        book.edition = self.sentence(top["edition"], "edition")
        book.title = self.text(top["title"], "title")
        book.sources = {name: self.source(name, table) for name, table in self.tables(top, "sources")}
        book._clauses = {name: self.clause(name, text) for name, text in self.tables(top, "clauses")}
        book.names = {code: self.text(text, f"[names] {code}") for code, text in top.get("names", {}).items()}
        book.reasons = {code: self.reason(code, text) for code, text in self.tables(top, "reasons")}
        book.parameters = {
            name: self.parameter(name, table) for name, table in self.tables(top, "parameters")
        }
        book.effective = min(parameter.values[0].since for parameter in book.parameters.values())
        book._dates = {name: [value.since for value in p.values] for name, p in book.parameters.items()}
        self.nothing_is_unused()

    def refuse(self, where: str, wrong: str, mend: str) -> RulebookError:
        return RulebookError(f"{self.filename}, {where}: {wrong}. {mend}")

    def table(
        self, table: Any, where: str, required: Iterable[str], optional: Iterable[str] = ()
    ) -> Mapping[str, Any]:
        if not isinstance(table, Mapping):
            raise self.refuse(
                where, "a table is expected", "Write it as key = value lines or { key = value }."
            )
        required, optional = tuple(required), tuple(optional)
        for key in table:
            if key not in required and key not in optional:
                hint = _hint(key, required + optional) or f"; known are {', '.join(required + optional)}"
                raise self.refuse(where, f"unknown key {key!r}{hint}", "Correct its spelling or take it out.")
        for key in required:
            if key not in table:
                raise self.refuse(where, f"{key!r} is missing", f"Add {key} = …")
        return table

    def tables(self, top: Mapping[str, Any], name: str) -> Iterable[tuple[str, Any]]:
        table = top[name]
        if not isinstance(table, Mapping) or not table:
            raise self.refuse(f"[{name}]", "the table is empty", f"Add at least one entry under [{name}].")
        return table.items()

    def sentence(self, value: Any, where: str) -> str:
        if not isinstance(value, str) or not value.strip():
            raise self.refuse(where, "a text that is not empty is expected", 'Write it in quotes: "…".')
        return value

    def text(self, value: Any, where: str) -> Text:
        table = self.table(value, where, required=LANGUAGES)
        return {language: self.sentence(table[language], f"{where}, {language}") for language in LANGUAGES}

    def day(self, value: Any, where: str) -> date:
        if type(value) is not date:
            raise self.refuse(
                where, f"a date is expected, not {value!r}", "Write it without quotes: 2026-01-31."
            )
        return value

    def source(self, name: str, table: Any) -> Source:
        where = f"[sources.{name}]"
        self.table(table, where, ("title", "effective", "changed_by", "interpreted_by"), ("note",))
        return Source(
            self.text(table["title"], f"{where} title"),
            self.day(table["effective"], f"{where} effective"),
            self.text(table["changed_by"], f"{where} changed_by"),
            self.text(table["interpreted_by"], f"{where} interpreted_by"),
            self.text(table["note"], f"{where} note") if "note" in table else None,
        )

    def clause(self, name: str, text: Any) -> Text:
        where = f"[clauses] {name!r}"
        source, _, number = name.partition(" ")
        if source not in self.book.sources or not number:
            raise self.refuse(
                where,
                "a clause is called by its source and its number, such as 'appliance KA-11.1'",
                f"Begin it with one of: {', '.join(self.book.sources)}; or add [sources.{source}].",
            )
        return self.text(text, where)

    def reason(self, code: str, text: Any) -> Text:
        where = f"[reasons] {code}"
        texts = self.text(text, where)
        for language, template in texts.items():
            self.placeholders(code, template, f"{where}, {language}")
        return texts

    def placeholders(self, code: str, template: str, where: str) -> None:
        """Every {placeholder:format} of a sentence must be an argument its decision gives, in a known format."""
        try:
            fields = [
                (name, form) for _, name, form, _ in string.Formatter().parse(template) if name is not None
            ]
        except ValueError as error:
            raise self.refuse(
                where, f"the braces do not match ({error})", "Write placeholders as {name:format}."
            ) from None
        given = VOCABULARY.get(self.book.name, {}).get(code, ())
        for name, form in fields:
            if self.known and code in VOCABULARY.get(self.book.name, {}) and name not in given:
                known = ", ".join(given) or "nothing"
                raise self.refuse(where, f"unknown placeholder {{{name}}}", f"The decision gives: {known}.")
            if form not in FORMATS:
                raise self.refuse(
                    where, f"unknown format {form!r} of {{{name}}}", f"Use one of: {', '.join(FORMATS[1:])}."
                )

    def parameter(self, name: str, table: Any) -> Parameter:
        where = f"[parameters.{name}]"
        self.table(table, where, ("label", "unit", "values"), ("own", "choices", "note"))
        unit = table["unit"]
        if unit not in UNITS:
            raise self.refuse(
                f"{where} unit",
                f"unknown unit {unit!r}{_hint(str(unit), UNITS)}",
                f"Use one of: {', '.join(UNITS)}.",
            )
        choices = self.choices(table, unit, where)
        entries = table["values"]
        if not isinstance(entries, (list, tuple)) or not entries:
            raise self.refuse(
                f"{where} values", "there is no value", 'Add { from = 2012-01-01, value = …, clause = "…" }.'
            )
        values = tuple(
            self.dated(name, unit, choices, entry, f"{where} values, no. {n}")
            for n, entry in enumerate(entries, 1)
        )
        self.in_order(values, where)
        own = table.get("own", False)
        if not isinstance(own, bool):
            raise self.refuse(
                f"{where} own",
                f"true or false is expected, not {own!r}",
                "Write own = true, or leave it out.",
            )
        note = self.text(table["note"], f"{where} note") if "note" in table else None
        return Parameter(name, self.text(table["label"], f"{where} label"), unit, values, own, choices, note)

    def choices(self, table: Mapping[str, Any], unit: str, where: str) -> Mapping[str, Text] | None:
        if (unit == "choice") != ("choices" in table):
            raise self.refuse(
                where,
                'unit = "choice" and choices belong together',
                "Add the other one, or take this one out.",
            )
        if unit != "choice":
            return None
        choices = table["choices"]
        if not isinstance(choices, Mapping) or len(choices) < 2:
            raise self.refuse(
                f"{where} choices", "a choice needs two readings or more", "Add the other reading."
            )
        return {code: self.text(text, f"{where} choices, {code}") for code, text in choices.items()}

    def dated(
        self, name: str, unit: str, choices: Mapping[str, Text] | None, entry: Any, where: str
    ) -> Dated:
        self.table(entry, where, ("from", "value", "clause"))
        since, value, clause = self.day(entry["from"], f"{where}, from"), entry["value"], entry["clause"]
        if clause not in self.book._clauses:
            hint = _hint(str(clause), self.book._clauses)
            raise self.refuse(
                f"{where}, clause", f"no clause is called {clause!r}{hint}", "Add its text under [clauses]."
            )
        if wrong := UNITS[unit].wrong(value):
            raise self.refuse(f"{where}, value", wrong, UNITS[unit].mend)
        if choices and value not in choices:
            raise self.refuse(
                f"{where}, value",
                f"{value!r} is no reading of this parameter",
                f"Use one of: {', '.join(choices)}.",
            )
        return Dated(value, name, since, clause, unit, self.book.cited)

    def in_order(self, values: tuple[Dated, ...], where: str) -> None:
        for earlier, later in zip(values, values[1:], strict=False):
            if later.since <= earlier.since:
                raise self.refuse(
                    f"{where} values",
                    f"{later.since} stands after {earlier.since}",
                    "Put the oldest first, each day once.",
                )

    def nothing_is_unused(self) -> None:
        """The sentences in the book are exactly those its rules tell, and every clause is somebody's ground."""
        if not self.known:
            return
        book, told = self.book, VOCABULARY.get(self.book.name)
        if told is None:
            raise self.refuse(
                "rulebook",
                f"no rules read a book called {book.name!r}{_hint(book.name, VOCABULARY)}",
                "Correct the name.",
            )
        for code in book.reasons:
            if code not in told:
                raise self.refuse(
                    f"[reasons] {code}",
                    f"no rule gives this reason{_hint(code, told)}",
                    "Correct its name or take it out.",
                )
        for code in told:
            if code not in book.reasons:
                raise self.refuse(
                    "[reasons]",
                    f"the sentence for {code!r} is missing",
                    f"Add {code} = {{ zh = …, en = … }}.",
                )
        cited = {value.clause for parameter in book.parameters.values() for value in parameter.values}
        for clause in book._clauses:
            if clause not in cited:
                raise self.refuse(
                    f"[clauses] {clause!r}",
                    "no value rests on this clause",
                    "Cite it in a value or take it out.",
                )
        sources = {clause.partition(" ")[0] for clause in book._clauses}
        for source in book.sources:
            if source not in sources:
                raise self.refuse(
                    f"[sources.{source}]",
                    "no clause comes from this source",
                    "Add its clauses or take it out.",
                )


def _hint(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _ordered(x: Any) -> Any:
    """JSON in which tables are lists of pairs: the order of a book is the order of the document it comes from."""
    if isinstance(x, Mapping):
        return {"$table": [[key, _ordered(value)] for key, value in x.items()]}
    if isinstance(x, (list, tuple)):
        return [_ordered(item) for item in x]
    return to_json(x)


def _unordered(x: Any) -> Any:
    if isinstance(x, list):
        return [_unordered(item) for item in x]
    if isinstance(x, dict) and "$table" in x:
        return {key: _unordered(value) for key, value in x["$table"]}
    return from_json(x)
