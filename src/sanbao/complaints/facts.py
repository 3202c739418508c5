"""The words of the complaints' rulebook that people choose from, in the reader's language."""

from datetime import date

from django.utils import timezone

from sanbao.accounts.access import Access
from sanbao.regulations.queries import book_in_force
from sanbao.ui.formats import language
from sanbao_rules import complaints
from sanbao_rules.rulebook import Rulebook

BOOK = "complaints"
# What follows by itself and is not ticked by hand.
OF_ITSELF = ("repeated", "vip", "authority")


def book(company_id: int | None) -> Rulebook:
    """The rulebook of complaints the company goes by."""
    return book_in_force(company_id, BOOK)


def words(company_id: int | None, on: date) -> dict[str, tuple[str, ...]]:
    """The codes to choose from on a day."""
    return complaints.words(book(company_id), on)


def word(company_id: int | None, code: str) -> str:
    """A word of the rulebook; a code it does not know any more stands as it is."""
    if not code:
        return ""
    try:
        return book(company_id).word(code, language())
    except KeyError:
        return code


def choices(access: Access, what: str, on: date | None = None) -> list[tuple[str, str]]:
    """(code, word) of kinds, harms, flags, severities, causes or routes, for menus."""
    day = on or timezone.localdate()
    codes = words(access.company_id, day)[what]
    return [
        (code, word(access.company_id, code)) for code in codes if what != "flags" or code not in OF_ITSELF
    ]


def both(company_id: int | None, code: str) -> dict[str, str]:
    """A word in both languages, for a notice that each reader reads in their own."""
    found = book(company_id)
    return {language: found.word(code, language) for language in ("zh", "en")}
