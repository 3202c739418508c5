"""What a file may bring: each module that takes rows over registers its kind in its apps.py. Imports know nothing of the modules above.

A kind names its fields with the words of their headings and the reader of their cells; `examine` compares the rows with what is there,
`take` writes them, in the caller's transaction.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial
from typing import Any

from django.utils import translation

from sanbao.accounts.access import Access
from sanbao.files import tables
from sanbao.files.tables.sentences import SENTENCES as OF_TABLES
from sanbao.files.tables.sentences import say
from sanbao.imports.sentences import SENTENCES
from sanbao.ui.refusal import Refusal

Words = tuple[str, str]  # Chinese, English
Step = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Field:
    """A column of the table. `read` makes a value of a cell or raises `Bad`; `personal` is how the preview masks it (ui.formats.masked)."""

    name: str
    words: Words
    headings: tuple[str, ...]
    read: Callable[[Any], Any]
    example: str = ""
    required: bool = False
    personal: str = ""


@dataclass(slots=True)
class Row:
    """One line of the table as it was understood; `cells` what stood in it, `bad` whether some cell of it can't be read."""

    line: int
    values: dict[str, Any]
    cells: dict[str, Any]
    bad: bool = False

    def __getitem__(self, name: str) -> Any:
        return self.values.get(name)


@dataclass(slots=True)
class Plan:
    """What taking the rows over would do. `work` is the kind's own: what `examine` found out, for `take`."""

    adds: int = 0
    updates: int = 0
    left_out: int = 0
    work: Any = None


Say = Callable[..., None]  # say(severity, code, row, field, **words)


@dataclass(frozen=True)
class Kind:
    """A kind of rows. `examine(rows, known, by, at, say)` plans, `take(plan, by, at, step, bring)` does; both in one transaction.

    `own_examples` are examples that differ between companies, by field: the template shows what the company really has.
    """

    code: str
    title: Any
    what: Any
    permission: str
    link: str
    fields: tuple[Field, ...]
    examine: Callable[[Sequence[Row], str, Access, datetime, Say], Plan]
    take: Callable[[Plan, Access, datetime, Step], list[tuple[str, int]]]
    known: tuple[str, ...] = ("refuse", "skip", "update")
    sentences: Mapping[str, Words] = field(default_factory=dict)
    at_least: int = 1
    own_examples: Mapping[str, Callable[[Access], str]] = field(default_factory=dict)

    def example(self, each: Field, by: Access) -> str:
        """What the template shows in a field."""
        own = self.own_examples.get(each.name)
        return own(by) if own else each.example

    @cached_property
    def by_name(self) -> dict[str, Field]:
        return {each.name: each for each in self.fields}

    @cached_property
    def required(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.fields if each.required)

    @cached_property
    def headings(self) -> dict[str, tuple[str, ...]]:
        return {each.name: (*each.words, *each.headings) for each in self.fields}

    @cached_property
    def problem(self) -> type[tables.Problem]:
        """A problem that speaks of this kind's fields, in its sentences."""
        spoken = {**OF_TABLES, **SENTENCES, **self.sentences}
        return type(
            "Problem",
            (tables.Problem,),
            {
                "saying": staticmethod(partial(say, sentences=spoken)),
                "labels": {each.name: each.words for each in self.fields},
            },
        )


def in_both(ask: Callable[[], object]) -> dict[str, str]:
    """What a rule refuses, in both languages, as the words of the sentence "refused"."""
    told = {}
    for key, language in (("zh", "zh-hans"), ("en", "en")):
        with translation.override(language):
            try:
                ask()
            except Refusal as refusal:
                told[key] = str(refusal)
    return told


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Add a kind; the pages offer them in this order."""
    KINDS[kind.code] = kind


def offered(access: Access) -> list[Kind]:
    """The kinds whose rows the person may bring."""
    return [kind for kind in KINDS.values() if access.may(kind.permission)]
