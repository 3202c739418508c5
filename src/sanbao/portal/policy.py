"""The published service policy: what the rulebooks in force promise, in their own words (MO-1, KA-5.1, GN-3)."""

from dataclasses import dataclass
from datetime import date

from sanbao.regulations import facts
from sanbao.regulations.queries import book_in_force
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


@dataclass(frozen=True, slots=True)
class Line:
    """One thing promised: what, how much, and the clause it rests on."""

    label: str
    value: str
    clause: str


@dataclass(frozen=True, slots=True)
class Policy:
    """What a company promises today."""

    warranty: list[Line]
    promises: list[Line]
    words_of_warranty: list[str]
    words_of_promises: list[str]
    hours: str
    since: str


def policy_of(company_id: int, language: str, today: date) -> Policy:
    """Read from the editions in force: publish another edition, and this page says so the same day."""
    warranty, service, calendar = (
        book_in_force(company_id, name) for name in ("warranty", "service", "calendar")
    )
    hours = [line.value for line in _lines(calendar, HOURS, language, today)]
    covered, promised = (
        _lines(book, names, language, today) for book, names in ((warranty, WARRANTY), (service, PROMISES))
    )
    return Policy(
        covered,
        promised,
        _words(warranty, covered, language),
        _words(service, promised, language),
        "–".join(hours),
        f"{warranty.title[language]} {warranty.edition}",
    )


def _lines(book: Rulebook, names: tuple[str, ...], language: str, today: date) -> list[Line]:
    told = {row["name"]: row for row in facts.parameters(book, language, today)}
    found = []
    for name in names:
        if name not in told:  # a company's own edition may not have it
            continue
        row = told[name]
        value, clause = next((value, clause) for _since, value, clause, current in row["values"] if current)
        found.append(Line(row["label"], value if row["choices"] else _with_unit(value, row["unit"]), clause))
    return found


def _words(book: Rulebook, lines: list[Line], language: str) -> list[str]:
    """The sentences of the clauses these rest on, each once."""
    return [book.clause_text(clause, language) for clause in dict.fromkeys(line.clause for line in lines)]


def _with_unit(value: str, unit: str) -> str:
    return value if unit and unit in value else f"{value} {unit}".strip()
