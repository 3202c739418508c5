"""An employee's record beyond what was read: parts that modules above register, and what the file must have by the company's book (BA-6)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.documents.models import Campaign, Reading
from sanbao.regulations.queries import book_in_force
from sanbao_rules.needs import needs

STEP = "employee_file"
# What a confirmed reading of each kind proves.
_PROVES: dict[str, str] = {
    Campaign.Kind.PLEDGE: "confidentiality",
    Campaign.Kind.READING: "process_read",
    Campaign.Kind.TRAINING: "attendance",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A table of the record: title, head, rows, where more of it stands; `proves` are the needs of the file that it meets."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    url: str = ""
    proves: frozenset[str] = frozenset()


# Asked about a person on a day. Filled by the modules above (intake: working times).
PARTS: list[Callable[[Access, Person, date], Part]] = []


@dataclass(frozen=True, slots=True)
class Need:
    """Something the file must have: in words, whether it is there, and the clause that asks for it."""

    words: str
    is_there: bool
    clause: str


def file_of(
    company_id: int | None, readings: list[Reading], parts: list[Part], on: date, language: str
) -> list[Need]:
    """What an employee's file must have on a day, and whether it does."""
    book = book_in_force(company_id, "personnel")
    proven = {_PROVES[one.campaign.kind] for one in readings if one.confirmed_at and one.campaign.kind in _PROVES}  # fmt: skip
    proven = proven.union(*(part.proves for part in parts))
    return [
        Need(book.word(code, language), code in proven, value.clause)
        for code, value in needs(STEP, book, on).items()
    ]
