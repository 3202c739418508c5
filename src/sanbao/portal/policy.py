"""The published service policy: what the rulebooks in force promise and charge, in their own words (MO-1, KA-4.3, KA-5.1, KA-6.2, GN-3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sanbao.regulations import facts
from sanbao.regulations.queries import book_in_force
from sanbao.ui.formats import clause_words
from sanbao_rules.rulebook import Rulebook

WARRANTY = (
    "whole_years",
    "hood_motor_years",
    "water_heater_tank_years",
    "replaced_part_months",
    "start",
    "repair_time",
    "tank_labour",
)
PROMISES = ("answer_minutes", "response_hours", "resolution_workdays")
HOURS = ("opening", "closing")
TRAVEL = ("free_km", "yuan_per_km")
PARTS = ("threshold", "markup_from_threshold", "markup_below", "at_threshold")
RETURNS = ("return_days", "exchange_days", "exchange_after_repairs")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing promised or charged: what, how much, the clause it rests on (as the book names it, and as people do), and since when."""

    label: str
    value: str
    clause: str
    since: date
    cited: str


@dataclass(frozen=True, slots=True)
class Fee:
    """What the tariff asks for work on one kind of appliance, by kind of work."""

    category: str
    amounts: list[tuple[str, str]]
    clause: str
    since: date
    cited: str


@dataclass(frozen=True, slots=True)
class Policy:
    """What a company promises today."""

    warranty: list[Line]
    returns: list[Line]
    promises: list[Line]
    fees: list[Fee]
    travel: list[Line]
    parts: list[Line]
    words_of_warranty: list[str]
    words_of_returns: list[str]
    words_of_promises: list[str]
    words_of_charges: list[str]
    hours: str
    books: list[str]


def policy_of(company_id: int, language: str, today: date) -> Policy:
    """Read from the editions in force: publish another edition, and this page says so the same day."""
    warranty, service, calendar, charges = (
        book_in_force(company_id, name) for name in ("warranty", "service", "calendar", "charges")
    )
    hours = [line.value for line in _lines(calendar, HOURS, language, today)]
    covered, back, promised = (
        _lines(book, names, language, today)
        for book, names in ((warranty, WARRANTY), (warranty, RETURNS), (service, PROMISES))
    )
    fees = _fees(charges, language, today)
    travel, parts = (_lines(charges, names, language, today) for names in (TRAVEL, PARTS))
    return Policy(
        covered,
        back,
        promised,
        fees,
        travel,
        parts,
        _words(warranty, covered, language),
        _words(warranty, back, language),
        _words(service, promised, language),
        _words(charges, [*fees, *parts], language),
        "–".join(hours),
        [f"{book.title[language]} {book.edition}" for book in (warranty, service, charges)],
    )


def _lines(book: Rulebook, names: tuple[str, ...], language: str, today: date) -> list[Line]:
    told = {row["name"]: row for row in facts.parameters(book, language, today)}
    found = []
    for name in names:
        if name not in told:  # a company's own edition may not have it
            continue
        row = told[name]
        since, value, clause = next(value[:3] for value in row["values"] if value[3])
        shown = value if row["choices"] else _with_unit(value, row["unit"])
        found.append(Line(row["label"], shown, clause, since, _cited(clause, book, language)))
    return found


def _fees(book: Rulebook, language: str, today: date) -> list[Fee]:
    """The tariff's table: what a customer pays for labour out of warranty, and not a fen more (KA-4.3)."""
    if "labour" not in book.parameters:
        return []
    tariff = book.value("labour", today)
    return [
        Fee(
            book.word(category, language),
            [(book.word(work, language), f"{amount} {_yuan(language)}") for work, amount in works.items()],
            tariff.clause,
            tariff.since,
            _cited(tariff.clause, book, language),
        )
        for category, works in tariff.value.items()
    ]


def _yuan(language: str) -> str:
    return "元" if language == "zh" else "yuan"


def _words(book: Rulebook, lines: Sequence[Line | Fee], language: str) -> list[str]:
    """The sentences of the clauses these rest on, each once."""
    return [book.clause_text(clause, language) for clause in dict.fromkeys(line.clause for line in lines)]


def _cited(clause: str, book: Rulebook, language: str) -> str:
    """The clause as a customer can look it up: an article with the law's title, a regulation's clause by its number."""
    source, _space, number = clause.partition(" ")
    words = clause_words(clause)
    return f"{book.sources[source].title[language]} {words}" if number[:1].isdigit() else words


def _with_unit(value: str, unit: str) -> str:
    return value if unit and unit in value else f"{value} {unit}".strip()


def kept(company_id: int, language: str, today: date) -> tuple[str, str]:
    """How long a registration is kept after the warranty, and the law's clause (PIPL 17)."""
    book = book_in_force(company_id, "retention")
    [line] = _lines(book, ("repair_records",), language, today)
    return line.value, line.cited
