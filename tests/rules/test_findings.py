"""The last day of a finding's times, where nobody knows the calendar yet."""

from datetime import date

from sanbao_rules import findings
from sanbao_rules.explain import explain
from sanbao_rules.rulebook import shipped

BOOKS = {name: shipped(name) for name in ("findings", "calendar")}


def test_a_last_day_in_a_year_without_a_published_calendar_says_that_it_is_provisional() -> None:
    """RG-1: holidays of a year are known when its notice is out."""
    made = findings.last_day("appeal", date(2027, 6, 1), BOOKS)
    assert [reason.code for reason in made.reasons][-1] == "provisional"
    assert "2027" in explain(made, BOOKS, "zh")[-1].text
    known = findings.last_day("appeal", date(2026, 6, 1), BOOKS)
    assert "provisional" not in [reason.code for reason in known.reasons]
