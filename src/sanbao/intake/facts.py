"""The words of the service rulebook that people choose from, in the reader's language."""

from datetime import date

from django.utils import translation

from sanbao.accounts.access import Access
from sanbao.regulations.queries import book_in_force
from sanbao.ui.formats import language
from sanbao_rules import priority
from sanbao_rules.rulebook import Rulebook
from sanbao_rules.worktime import WEEKDAYS


def service_book(access: Access) -> Rulebook:
    """The rulebook of priorities and promises the company goes by."""
    return book_in_force(access.company_id, "service")


def severities(access: Access, on: date) -> list[tuple[str, str]]:
    """The severities to choose from, gravest first."""
    book = service_book(access)
    return [(code, book.word(code, language())) for code in priority.words(book, on)["severities"]]


def flags(access: Access, on: date) -> list[tuple[str, str]]:
    """What may raise a request, but for what follows from the customer."""
    book = service_book(access)
    return [
        (code, book.word(code, language())) for code in priority.words(book, on)["flags"] if code != "vip"
    ]


def natures(access: Access, on: date) -> list[tuple[str, str]]:
    """The natures the priority table knows."""
    book = service_book(access)
    return [(code, book.word(code, language())) for code in priority.words(book, on)["natures"]]


def weekdays(access: Access) -> list[tuple[str, str]]:
    """Monday to Sunday."""
    book = service_book(access)
    return [(day, book.word(day, language())) for day in WEEKDAYS]


def both(words: object, **values: str) -> dict[str, str]:
    """Words of ours in both languages, for a notice that each reader reads in their own."""
    told = {}
    for code, name in (("zh", "zh-hans"), ("en", "en")):
        with translation.override(name):
            told[code] = str(words) % values if values else str(words)
    return told


def word(access: Access, code: str) -> str:
    """A word of the rulebook."""
    return service_book(access).word(code, language())
