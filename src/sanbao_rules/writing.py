"""A book written as TOML again. With the text of the shipped file as a model, its comments and its layout survive: only what differs
is written anew. The result is read back and compared; a text that would say something else is never given out.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sanbao_rules.rulebook import BOOKS, Rulebook

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def written(book: Rulebook, model: str | None = None) -> str:
    """The book as a file. `model` is the text of an edition it was derived from; without it the shipped file's, if there is one."""
    path = BOOKS / f"{book.name}.toml"
    if model is None and path.exists():
        model = path.read_text(encoding="utf-8")
    if model:
        try:
            text = _patched(book, model)
            if _same(text, book):
                return text
        except (ValueError, KeyError, IndexError):
            pass  # a layout we do not know: the whole is written without its comments
    return _whole(book)


def _same(text: str, book: Rulebook) -> bool:
    document = tomllib.loads(text, parse_float=Decimal)
    return (
        Rulebook(document, "the written text", known=False).digest == book.digest
        and document["edition"] == book.edition
    )


# --- Values ---------------------------------------------------------------------------------------------------------


def value_as_toml(value: Any) -> str:
    """One value in a line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}" if "." in f"{value:f}" else f"{value:f}.0"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(name)} = {value_as_toml(item)}" for name, item in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    return f"[{', '.join(value_as_toml(item) for item in value)}]"


def _quoted(text: str) -> str:
    said = (
        text.replace("\\", "\\\\")
        .replace('"', '\\"')
        .replace("\n", "\\n")
        .replace("\t", "\\t")
        .replace("\r", "\\r")
    )
    return f'"{said}"'


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _quoted(name)


def _entry(entry: Mapping[str, Any]) -> str:
    return value_as_toml(entry)


# --- The whole, without a model -------------------------------------------------------------------------------------


def _whole(book: Rulebook) -> str:
    document = book.document
    lines = [f"rulebook = {_quoted(document['rulebook'])}", f"edition = {_quoted(document['edition'])}"]
    lines.append(f"title = {value_as_toml(document['title'])}")
    for name, source in document["sources"].items():
        lines += [
            "",
            f"[sources.{_key(name)}]",
            *(f"{_key(key)} = {value_as_toml(value)}" for key, value in source.items()),
        ]
    for table in ("clauses", "names", "reasons"):
        if document.get(table):
            lines += [
                "",
                f"[{table}]",
                *(f"{_key(key)} = {value_as_toml(value)}" for key, value in document[table].items()),
            ]
    for name, parameter in document["parameters"].items():
        lines += ["", f"[parameters.{_key(name)}]"]
        for key, value in parameter.items():
            if key == "values":
                lines += ["values = [", *(f"  {_entry(entry)}," for entry in value), "]"]
            else:
                lines.append(f"{_key(key)} = {value_as_toml(value)}")
    return "\n".join(lines) + "\n"


# --- By a model -----------------------------------------------------------------------------------------------------


def _patched(book: Rulebook, model: str) -> str:
    before = tomllib.loads(model, parse_float=Decimal)
    after = book.document
    text = re.sub(
        r'(?m)^(edition\s*=\s*)"[^"\n]*"', lambda found: found[1] + _quoted(after["edition"]), model, count=1
    )
    for name, parameter in after["parameters"].items():
        if name in before["parameters"] and before["parameters"][name]["values"] != list(parameter["values"]):
            text = _with_values(text, name, before["parameters"][name]["values"], parameter["values"])
    clauses = {name: value for name, value in after["clauses"].items() if name not in before["clauses"]}
    text = _with_more(
        text, "clauses", [f"{_quoted(name)} = {value_as_toml(value)}" for name, value in clauses.items()]
    )
    gone = [name for name in before["clauses"] if name not in after["clauses"]]
    for name in gone:
        text = re.sub(rf"(?m)^{re.escape(_quoted(name))}\s*=.*\n", "", text, count=1)
    for name, source in after["sources"].items():
        if name not in before["sources"]:
            table = [
                f"[sources.{_key(name)}]",
                *(f"{_key(key)} = {value_as_toml(value)}" for key, value in source.items()),
                "",
            ]
            place = re.search(r"(?m)^\[clauses\]", text)
            if place is None:
                raise ValueError("no clauses")
            text = text[: place.start()] + "\n".join(table) + "\n" + text[place.start() :]
    return text


def _sections(text: str) -> Iterator[tuple[str, int, int]]:
    """Each table's name with the places of its header's line and of the next one's."""
    found: list[tuple[str, int]] = []
    offset = 0
    for line in text.splitlines(keepends=True):
        if match := _HEADER.match(line.rstrip("\n")):
            found.append((match[2].replace('"', ""), offset))
        offset += len(line)
    for (name, start), following in zip(found, [*found[1:], ("", len(text))], strict=True):
        yield name, start, following[1]


def _section(text: str, name: str) -> tuple[int, int]:
    for found, start, end in _sections(text):
        if found == name:
            return start, end
    raise KeyError(name)


def _with_more(text: str, table: str, lines: Sequence[str]) -> str:
    """Lines more at the end of a table, before the blank lines and comments that lead to the next one."""
    if not lines:
        return text
    start, end = _section(text, table)
    body = text[start:end]
    kept = len(body.rstrip("\n"))
    return text[: start + kept] + "\n" + "\n".join(lines) + text[start + kept :]


def _with_values(
    text: str, name: str, before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> str:
    blocks: list[tuple[int, int]] = []
    for found, start, end in _sections(text):
        if found == f"parameters.{name}.values":
            blocks.append((start, end))
        elif blocks and blocks[-1][1] == start and found.startswith(f"parameters.{name}.values."):
            blocks[-1] = (blocks[-1][0], end)  # a table of the value belongs to its block
    return _with_blocks(text, blocks, before, after) if blocks else _with_array(text, name, before, after)


def _with_array(
    text: str, name: str, before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> str:
    start, end = _section(text, f"parameters.{name}")
    match = re.compile(r"(?m)^values\s*=\s*\[").search(text, start, end)
    if match is None:
        raise ValueError(f"no values of {name}")
    spans, close = _elements(text, match.end())
    if len(spans) != len(before):
        raise ValueError(f"values of {name}")
    kept = {entry["from"]: text[a:b] for entry, (a, b) in zip(before, spans, strict=True)}
    same = {entry["from"]: dict(entry) for entry in before}
    inside = text[match.end() : close]
    if "\n" not in inside and len(after) == 1:
        return text[: match.end()] + _entry(after[0]) + text[close:]
    # Between the entries stand comments and line ends: each entry keeps what stands before it.
    leads = [
        text[a:b]
        for a, b in zip([match.end(), *(b for _a, b in spans)], [a for a, _b in spans], strict=False)
    ]
    lead = {entry["from"]: _without_comma(piece) for entry, piece in zip(before, leads, strict=True)}
    tail = _without_comma(text[spans[-1][1] : close])
    pieces = []
    for entry in after:
        since = entry["from"]
        body = kept[since] if same.get(since) == dict(entry) else _entry(entry)
        space = lead.get(since, "")
        pieces.append((space if "\n" in space else "\n  ") + body + ",")
    return text[: match.end()] + "".join(pieces) + (tail if "\n" in tail else "\n") + text[close:]


def _without_comma(piece: str) -> str:
    return piece.replace(",", "", 1) if piece.lstrip().startswith(",") else piece


def _elements(text: str, start: int) -> tuple[list[tuple[int, int]], int]:
    """The places of the elements of an array whose bracket was opened before `start`, and of its closing bracket."""
    spans: list[tuple[int, int]] = []
    depth, at, begun = 0, start, -1
    while True:
        sign = text[at]
        if sign == "#":
            at = text.index("\n", at)
            continue
        if sign in "\"'":
            at = _end_of_string(text, at)
            continue
        if sign in "[{":
            if depth == 0:
                begun = at
            depth += 1
        elif sign in "]}":
            if depth == 0:
                return spans, at
            depth -= 1
            if depth == 0:
                spans.append((begun, at + 1))
        at += 1


def _end_of_string(text: str, at: int) -> int:
    quote = text[at]
    if text.startswith(quote * 3, at):
        return text.index(quote * 3, at + 3) + 3
    at += 1
    while text[at] != quote:
        at += 2 if text[at] == "\\" and quote == '"' else 1
    return at + 1


def _with_blocks(
    text: str,
    blocks: Sequence[tuple[int, int]],
    before: Sequence[Mapping[str, Any]],
    after: Sequence[Mapping[str, Any]],
) -> str:
    """Values written as [[parameters.x.values]] tables: each keeps its text, new ones are put between."""
    kept = {entry["from"]: text[a:b] for entry, (a, b) in zip(before, blocks, strict=True)}
    same = {entry["from"]: dict(entry) for entry in before}
    header = text[blocks[0][0] : text.index("\n", blocks[0][0]) + 1]
    pieces = []
    for entry in after:
        since = entry["from"]
        if same.get(since) == dict(entry):
            pieces.append(kept[since])
        else:
            pieces.append(f"{header}{_block(entry)}")
    ends_apart = text[blocks[-1][0] : blocks[-1][1]].endswith("\n\n")
    body = "".join(piece.rstrip("\n") + "\n" for piece in pieces) + ("\n" if ends_apart else "")
    return text[: blocks[0][0]] + body + text[blocks[-1][1] :]


def _block(entry: Mapping[str, Any]) -> str:
    """An entry line by line in its own order; a table of rows has a line for each."""
    lines = []
    for key, value in entry.items():
        if isinstance(value, (list, tuple)) and any(isinstance(row, Mapping) for row in value):
            lines += [f"{_key(key)} = [", *(f"  {value_as_toml(row)}," for row in value), "]"]
        else:
            lines.append(f"{_key(key)} = {value_as_toml(value)}")
    return "\n".join(lines)
