"""What is wrong with a change of a rulebook, as sentences for the person who makes it."""

from typing import Any

from django.utils.translation import gettext as _

from sanbao.ui.refusal import Refusal
from sanbao_rules.amending import Wrong
from sanbao_rules.rulebook import Rulebook


def sentence(wrong: Wrong, book: Rulebook) -> str:
    """What is wrong and what to do."""
    words: dict[str, Any] = dict(wrong.words)
    said = {
        "unknown_parameter": _("The rulebook has no such parameter: choose one of its parameters."),
        "twice": _(
            "There is a value from %(since)s already. Correct that one, or let the new value begin on another day."
        ),
        "before_first": _(
            "The parameter is in force from %(first)s on; a value cannot begin before that. Choose a later day, or correct the first value."
        ),
        "year_gap": _("Enter %(year)s first: days behind a year that is missing cannot be counted."),
        "nothing_there": _("No value begins on %(since)s. Choose one of the days on which a value begins."),
        "gap": _(
            "This is the first value; without it the days from %(since)s on would have none. Correct it instead of taking it out."
        ),
        "no_clause": _(
            "There is no clause “%(clause)s”. Choose one of the book's clauses, or add a clause of your own first."
        ),
        "no_reading": _("Choose one of the readings."),
        "overlap": _("“%(one)s” and “%(other)s” overlap on %(day)s. Correct the days of one of them."),
        "unit": _fitting(words.get("unit", "")),
    }[wrong.code]
    return said % words


def _fitting(unit: str) -> str:
    """What a value of a unit must be."""
    return {
        "rate": _("Write a share from 0 to 100 %%, such as 90."),
        "day-of-month": _("Write a day from 1 to 28: every month has it."),
        "yuan": _("Write an amount in yuan, 0 or more, such as 30 or 12.50."),
        "yuan-per-km": _("Write an amount in yuan, 0 or more."),
        "km": _("Write kilometres, 0 or more."),
        "time": _("Write a time such as 08:30."),
        "words": _("Write one entry a line."),
        "dates": _("Write one day a line, such as 2026-01-04."),
        "numbers": _("Write one number a line, 0 or more."),
        "spans": _("Each line needs a name, a first and a last day; the first is not after the last."),
        **dict.fromkeys(
            ("times", "days", "repairs", "minutes", "hours", "workdays", "months", "years"),
            _("Write a whole number, 0 or more."),
        ),
    }.get(unit, _("The table is not complete, or a cell does not fit. Compare it with the value before."))


def refuse(wrong: Wrong, book: Rulebook) -> Refusal:
    """The refusal beside the field it is about."""
    return Refusal(sentence(wrong, book), field=wrong.field, code=wrong.code)
