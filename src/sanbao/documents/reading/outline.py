"""Clauses in plain lines: their numbers recognised, their depth, their tables; and what looks wrong, line by line.

Chinese regulations number in many ways and mix them: 第一章, 第一条, 一、, （一）, 1., 1.1, 4.3.2, 4、3、2, 1), （1）, A、, ①. What a kind of
number is below is learnt from the text: a kind that is open already closes what is below it, a new kind goes one deeper.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import zip_longest
from typing import Any

from sanbao.documents.reading.limits import LONGEST_CLAUSE, MAX_CHARACTERS, MAX_CLAUSES, MAX_COLUMNS
from sanbao.documents.reading.sentences import say

_HAN = "〇零一二三四五六七八九十百"
_DIGITS = {mark: value for value, mark in enumerate("零一二三四五六七八九")} | {"〇": 0}
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"

# Kind, pattern. Tried in this order; `n` is the number itself.
_KINDS = (
    ("part", rf"第(?P<n>[{_HAN}\d]{{1,5}})(?:编|篇|部分)(?=[\s　:：、.．]|$|.)"),
    ("chapter", rf"第(?P<n>[{_HAN}\d]{{1,5}})章"),
    ("section", rf"第(?P<n>[{_HAN}\d]{{1,5}})节"),
    ("article", rf"第(?P<n>[{_HAN}\d]{{1,5}})条"),
    ("dotted", r"(?P<n>\d{1,2}(?:\s*[.．、]\s*\d{1,2}){1,5})(?![\d.．]*\d)(?:[、.．)）])?"),
    ("han", rf"(?P<n>[{_HAN}]{{1,4}})[、.．:：](?!\d)"),
    ("han-paren", rf"[(（](?P<n>[{_HAN}]{{1,4}})[)）][、.．]?"),
    ("han-half", rf"(?P<n>[{_HAN}]{{1,4}})[)）][、.．]?"),
    ("number-paren", r"[(（](?P<n>\d{1,3})[)）][、.．]?"),
    ("number-half", r"(?P<n>\d{1,3})[)）][、.．]?"),
    ("number", r"(?P<n>\d{1,3})[、.．](?!\d)"),
    ("circled", rf"(?P<n>[{_CIRCLED}])[、.．]?"),
    ("letter-paren", r"[(（](?P<n>[A-Za-z])[)）][、.．]?"),
    ("letter", r"(?P<n>[A-Za-z])[、.．)）](?![A-Za-z])"),
)
_RANKED = {"part": 0, "chapter": 1, "section": 2, "article": 3}
_LOOSE = 4
# Where a further clause may begin inside a line: after the end of a sentence.
_ENDS = re.compile(r"(?<=[。；;！!？?])\s*(?=[第(（①-⑳〇零一二三四五六七八九十百\dA-Za-z])")
_TITLED = re.compile(rf"^(第[{_HAN}\d]{{1,5}}章[^。；;，,]{{0,20}}?)(?=第[{_HAN}\d]{{1,5}}条)")


@cache
def _compiled() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The kinds, compiled for whoever reads a text first: few processes do, and it takes a while."""
    return tuple((kind, re.compile(pattern)) for kind, pattern in _KINDS)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to say about a line. `severity` is error, warning or note."""

    severity: str
    line: int
    code: str
    words: dict[str, Any] = field(default_factory=dict)

    def sentence(self, language: str) -> str:
        return say(self.code, language, **self.words)


@dataclass(slots=True)
class Item:
    """A clause as recognised: where it stands, its number as written, its text and its table."""

    line: int
    level: int
    number: str
    text: str = ""
    table: list[list[str]] | None = None


@dataclass(slots=True)
class Found:
    """The clauses of a text, and what there is to say about it."""

    items: list[Item] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def errors(self) -> int:
        return sum(1 for problem in self.problems if problem.severity == "error")

    def say(self, severity: str, line: int, code: str, **words: Any) -> None:
        self.problems.append(Problem(severity, line, code, words))


@dataclass(frozen=True, slots=True)
class Mark:
    """A number at the beginning of a line: its kind ("dotted2" for 1.1), how it is written, its place in the row, and what follows it."""

    kind: str
    written: str
    value: int
    prefix: tuple[int, ...]
    rest: str


def outline(text: str) -> Found:
    """The clauses of a plain text."""
    found = Found()
    if len(text) > MAX_CHARACTERS:
        found.say("error", 0, "too_long_text", most=MAX_CHARACTERS)
        return found
    rows = _Rows()
    rows_of_table: list[list[str]] = []
    for line, words in _lines(text, rows, found):
        if cells := _cells(words):
            rows_of_table.append(cells)
            continue
        _put_table(found, rows_of_table, line)
        rows_of_table = []
        mark = rows.accept(words)
        if mark is None:
            _carry_on(found, line, words)
        else:
            found.items.append(Item(line, rows.enter(mark, line, found), mark.written, mark.rest))
    _put_table(found, rows_of_table, 0)
    _look_over(found)
    return found


def _lines(text: str, rows: "_Rows", found: Found) -> Iterator[tuple[int, str]]:
    """The lines that hold something, with their numbers; a line that runs several clauses together is divided at their numbers."""
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        line = line.replace("　", " ").replace("\t", " ").strip()
        if not line:
            continue
        if line.startswith("|"):
            yield number, line
            continue
        pieces = 0
        for piece in _pieces(line, rows):
            pieces += 1
            yield number, piece
        if pieces > 1:
            found.say("note", number, "split")


def _pieces(line: str, rows: "_Rows") -> Iterator[str]:
    while line:
        if (titled := _TITLED.match(line)) and rows.accept(line[titled.end() :]) is not None:
            yield titled.group(1).strip()
            line = line[titled.end() :]
            continue
        for end in _ENDS.finditer(line):
            mark = _mark(line[end.end() :])
            if mark is not None and rows.follows(mark, line):
                yield line[: end.start()].strip()
                line = line[end.end() :]
                break
        else:
            yield line
            return


def _mark(words: str) -> Mark | None:
    """The number a line begins with, if it begins with one."""
    for kind, pattern in _compiled():
        if (met := pattern.match(words)) is None:
            continue
        written, rest = met.group(0), words[met.end() :].lstrip(" 　、.．:：")
        if kind == "dotted":
            parts = tuple(int(part) for part in re.split(r"[.．、]", met.group("n")))
            return Mark(f"dotted{len(parts)}", _tidy(written), parts[-1], parts[:-1], rest)
        return Mark(kind, _tidy(written), _value(kind, met.group("n")), (), rest)
    return None


def _tidy(written: str) -> str:
    return re.sub(r"\s+", "", written).translate(str.maketrans("．", "."))


def _value(kind: str, number: str) -> int:
    if number.isascii() and number.isdigit():
        return int(number)
    if kind == "circled":
        return _CIRCLED.index(number) + 1
    if number.isascii():
        return ord(number.lower()) - ord("a") + 1
    return _han(number)


def _han(number: str) -> int:
    """十二 -> 12, 一百零三 -> 103."""
    total = unit = 0
    for mark in number:
        if mark in _DIGITS:
            unit = unit * 10 + _DIGITS[mark] if "十" not in number and "百" not in number else _DIGITS[mark]
        else:
            total += (unit or 1) * (100 if mark == "百" else 10)
            unit = 0
    return total + unit


class _Rows:
    """The rows of numbers that are open, outermost first: (kind, prefix, the last one met)."""

    def __init__(self) -> None:
        self.open: list[tuple[str, tuple[int, ...], Mark]] = []
        self.article: Mark | None = None  # articles are counted through all chapters

    def accept(self, words: str) -> Mark | None:
        """The number the words begin with, unless it only looks like one: 1.5 in a sentence, a date, an amount."""
        mark = _mark(words)
        if mark is None:
            return None
        if mark.kind.startswith("dotted") and not self._fits(mark):
            return None
        return mark

    def follows(self, mark: Mark, line: str) -> bool:
        """Whether a number inside a line is the next of an open row, or the first of a new one. Only then the line is divided there."""
        mine = self.next_of(mark)
        here = _mark(line)
        if here is not None and here.kind == mark.kind and here.prefix == mark.prefix:
            return mark.value == here.value + 1
        return mark.value == mine if mine else mark.value == 1 and mark.kind not in _RANKED

    def next_of(self, mark: Mark) -> int:
        """The next number of the row the mark would continue; 0 where there is none open."""
        for kind, prefix, last in reversed(self.open):
            if kind == mark.kind and prefix == mark.prefix:
                return last.value + 1
        return 0

    def _fits(self, mark: Mark) -> bool:
        """1.1 is a clause where its row goes on or begins; 1.5 in “1.5 times the price” is none."""
        return mark.value == 1 or self.next_of(mark) > 0 or any(
            kind.startswith("dotted") and last.prefix and last.prefix[0] == mark.prefix[0] for kind, _prefix, last in self.open
        )  # fmt: skip

    def enter(self, mark: Mark, line: int, found: Found) -> int:
        """Close what the mark ends, open its row, say what is wrong with its place, and return its depth."""
        before = self._close(mark)
        if before is None:
            if mark.value > 1:
                found.say("warning", line, "first", number=mark.written)
        elif mark.value == before.value:
            found.say("error", line, "twice", number=mark.written)
        elif mark.value < before.value:
            found.say("warning", line, "back", number=mark.written, before=before.written)
        elif mark.value > before.value + 1:
            found.say("warning", line, "gap", number=mark.written, before=before.written)
        self.open.append((mark.kind, mark.prefix, mark))
        return len(self.open) - 1

    def _close(self, mark: Mark) -> Mark | None:
        """Close the rows that the mark ends; the one it continues is returned."""
        if mark.kind in _RANKED:
            return self._close_ranked(mark)
        kinds = [kind for kind, _prefix, _last in self.open]
        if mark.kind in kinds:
            at = len(kinds) - 1 - kinds[::-1].index(mark.kind)
            last = self.open[at]
            del self.open[at:]
            return last[2] if last[1] == mark.prefix else None
        if mark.kind.startswith("dotted"):  # 1.2 after 1.1.3
            deeper = [at for at, kind in enumerate(kinds) if kind.startswith("dotted") and kind > mark.kind]
            if deeper:
                del self.open[deeper[0] :]
        return None

    def _close_ranked(self, mark: Mark) -> Mark | None:
        rank, last = _RANKED[mark.kind], None
        while self.open:
            kind, _prefix, one = self.open[-1]
            if _RANKED.get(kind, _LOOSE) < rank:
                break
            if kind == mark.kind:
                last = one
            self.open.pop()
        if mark.kind == "article":
            last, self.article = last or self.article, mark
        return last


def _carry_on(found: Found, line: int, words: str) -> None:
    """A line without a number belongs to the clause before it; before the first one it is the preamble."""
    if not found.items:
        found.items.append(Item(line, 0, "", words))
        found.say("note", line, "preamble")
    elif found.items[-1].table is not None:
        found.items.append(Item(line, found.items[-1].level, "", words))
    else:
        last = found.items[-1]
        last.text = f"{last.text}\n{words}".strip()


def _cells(words: str) -> list[str] | None:
    """A line of a table: | a | b |. A bar inside a cell is written \\|."""
    if not words.startswith("|") or len(words) < 2:
        return None
    inner = words[1:-1] if words.endswith("|") and not words.endswith("\\|") else words[1:]
    return [cell.replace("\\|", "|").replace("\\n", "\n").strip() for cell in re.split(r"(?<!\\)\|", inner)]


def _put_table(found: Found, rows: list[list[str]], line: int) -> None:
    """The lines of a table become the table of the clause before them."""
    rows = [row for row in rows if not all(re.fullmatch(r":?-{2,}:?", cell) for cell in row)]
    if not rows:
        return
    wide = min(max(map(len, rows)), MAX_COLUMNS)
    if any(len(row) != wide for row in rows):
        found.say("note", max(line - 1, 0), "ragged", columns=wide)
    table = [[*row[:wide], *[""] * (wide - len(row))] for row in rows]
    if not found.items or found.items[-1].table is not None:
        level = found.items[-1].level if found.items else 0
        found.items.append(Item(line, level, ""))
    found.items[-1].table = table


def _look_over(found: Found) -> None:
    """What only the whole text shows."""
    if len(found.items) > MAX_CLAUSES:
        found.say("error", 0, "too_many", most=MAX_CLAUSES)
    if not any(item.number for item in found.items):
        found.say("error", 0, "no_clauses")
    for item, after in zip_longest(found.items, found.items[1:]):
        if len(item.text) > LONGEST_CLAUSE:
            found.say("error", item.line, "too_long", number=item.number, most=LONGEST_CLAUSE)
        deeper = after is not None and after.level > item.level
        if item.number and not item.text and item.table is None and not deeper:
            found.say("warning", item.line, "bare", number=item.number)
    order = {"error": 0, "warning": 1, "note": 2}
    found.problems.sort(key=lambda problem: (order[problem.severity], problem.line))


def plain(clauses: Iterable[tuple[str, str, Sequence[Sequence[str]] | None]]) -> str:
    """Clauses as the plain text that `outline` reads back: (number, text, table)."""
    lines: list[str] = []
    for number, text, table in clauses:
        if number or text:
            space = "" if number.endswith(("、", "）", "：")) else " "
            lines.append(f"{number}{space}{text}".strip())
        lines.extend(bars(row) for row in table or ())
    return "\n".join(lines)


def bars(row: Sequence[str]) -> str:
    """A table's row as a line."""
    cells = (cell.replace("|", "\\|").replace("\n", "\\n") for cell in row)
    return f"| {' | '.join(cells)} |"
