"""What a changed ladder would have made of three outlets' month, reckoned by hand (KA-11.1, SR-9)."""

from datetime import date

import pytest
from django.db.models import Q, Sum

from sanbao.backtests import deciding, editions, queries, running
from sanbao.backtests.models import BackTest, Difference
from sanbao.decisions.models import Decision
from sanbao.decisions.queries import books_of
from sanbao.regulations.operations import pin
from sanbao.regulations.queries import edition_in_force, rulebook
from sanbao.ui.refusal import Refusal
from sanbao_rules.decision import from_json, to_json
from sanbao_rules.questions import QUESTIONS
from sanbao_rules.rulebook import Rulebook
from tests.cast import NOW, Cast, moment
from tests.modules.backtests.tried import JUNE, MARCH, ladder, march_of_three, tried

pytestmark = pytest.mark.django_db


def test_the_ladder_by_hand_on_three_outlets(cast: Cast) -> None:
    """KA-11.1. 160 yuan gross each: in time nothing changes; 95 % instead of 90 are 8 yuan more; 60 % instead of 50 are 16."""
    march_of_three(cast)
    test = tried(cast, ladder(cast))
    assert (test.state, test.records, test.differing, test.undecided) == ("done", 3, 2, 0)
    assert (test.money, test.customer_money) == (24_00, 0)
    outlets = [(line.outlet.code, line.records, line.money) for line in queries.by_outlet(test)]
    assert outlets == [("NB011", 1, 8_00), ("SZ021", 1, 16_00)]
    (month,) = queries.by_month(test)
    assert (month.label, month.tally.before, month.tally.after, month.more) == (MARCH, 384_00, 408_00, 24_00)
    steps = {
        line.label: (line.before, line.after, line.records, line.money)
        for line in queries.by_step(test, "en")
    }
    assert [(records, money) for _was, _will, records, money in steps.values()] == [(1, 8_00), (1, 16_00)]
    assert queries.count_outlets(test) == (2, 0, 2)


def test_the_sums_are_those_of_the_differences_and_of_the_steps(cast: Cast) -> None:
    march_of_three(cast)
    test = tried(cast, ladder(cast))
    listed = Difference.objects.filter(backtest=test).aggregate(Sum("money"))["money__sum"]
    assert listed == test.money == sum(step["outlet"] for step in test.steps.values())
    running.check_sums(test)
    test.money += 1
    with pytest.raises(running.DoesNotAddUp):
        running.check_sums(test)


def test_by_its_dates_a_change_from_june_has_no_effect_on_march(cast: Cast) -> None:
    march_of_three(cast)
    test = tried(cast, ladder(cast), as_if=False)
    assert (test.on, test.records, test.differing, test.money) == (None, 3, 0, 0)
    assert (
        tried(cast, ladder(cast)).on == JUNE
    )  # as if it had always held, the day is the last one that brings something new


def test_stored_decisions_and_statements_stay_as_they_are(cast: Cast) -> None:
    march_of_three(cast)
    before = list(Decision.objects.order_by("pk").values())
    tried(cast, ladder(cast))
    assert list(Decision.objects.order_by("pk").values()) == before


def test_a_month_made_again_or_reversed_counts_once(cast: Cast) -> None:
    march_of_three(cast)
    cast.sheet(outlet="NB011", month=MARCH)
    cast.statement(
        outlet="NB011", month=MARCH, upto="paid"
    )  # a draft made again: the decision before is replaced
    test = tried(cast, ladder(cast))
    assert (test.records, test.money) == (3, 12_00 + 16_00)


def test_deductions_are_decided_again_too(cast: Cast) -> None:
    """KA-11.2: a late service costs 50 yuan instead of 30."""
    sheet = cast.sheet(month=MARCH)
    cast.found(sheet, "late_service")
    cast.received(month=MARCH, on=date(2026, 4, 9))
    cast.statement(month=MARCH)
    base = rulebook(edition_in_force(cast.company.pk, "settlement"))
    dearer = base.with_values("2026.8", {"late_service": [(JUNE, 50, "appliance KA-11.2")]})
    test = tried(cast, pin(dearer, at=NOW, company_id=cast.company.pk))
    (line,) = queries.by_question(test)
    assert (test.money, line.more, line.less_deducted) == (-20_00, -20_00, -20_00)
    (difference,) = test.differences.all()
    (sheet_change,) = queries.compare(difference, "zh", cast.access("head")).sheets
    assert (sheet_change.number, sheet_change.deducted_was, sheet_change.deducted_will) == (
        sheet.number,
        30_00,
        50_00,
    )


def test_a_period_before_the_editions_first_date_is_told_record_by_record(cast: Cast) -> None:
    """What the edition can't decide is listed with its sentence, and left out of the sums."""
    march_of_three(cast)
    base = rulebook(edition_in_force(cast.company.pk, "settlement"))
    document = dict(base.document)
    document["parameters"] = document["parameters"] | {
        "due_day": document["parameters"]["due_day"]
        | {"values": [{"from": JUNE, "value": 10, "clause": "appliance KA-11.1"}]}
    }
    late = Rulebook(document | {"edition": "2026.7"}, "late", known=False)
    test = tried(cast, pin(late, at=NOW, company_id=cast.company.pk), as_if=False)
    assert (test.records, test.differing, test.undecided, test.money) == (3, 0, 3, 0)
    ((sentence, count),) = queries.problems(test)
    assert count == 3
    assert "2026-06-01" in sentence
    (difference, *_others) = test.differences.all()
    compared = queries.compare(difference, "en", cast.access("head"))
    assert compared.will is None
    assert "2026-06-01" in compared.problem


def test_a_period_without_records_is_refused(cast: Cast) -> None:
    march_of_three(cast)
    with pytest.raises(Refusal) as refused:
        tried(cast, ladder(cast), first=date(2020, 1, 1), last=date(2020, 3, 1))
    assert refused.value.code == "nothing"
    assert not BackTest.objects.exists()


@pytest.mark.parametrize(("first", "last"), [(JUNE, MARCH), (date(2000, 1, 1), JUNE)])
def test_a_period_that_runs_backwards_or_for_decades_is_refused(cast: Cast, first: date, last: date) -> None:
    with pytest.raises(Refusal) as refused:
        tried(cast, ladder(cast), first=first, last=last)
    assert refused.value.code == "period"


def test_what_does_not_rest_on_the_book_is_left_out_and_counted(cast: Cast) -> None:
    """A request's priority and promises rest on the service book: the ladder can't change them."""
    march_of_three(cast)
    cast.request(at=moment(2026, 3, 20))
    asked = Decision.objects.filter(made_at__lt=moment(2026, 4, 1)).exclude(editions__has_key="settlement")
    assert asked.exists()
    test = tried(cast, ladder(cast))
    assert test.records == 3
    assert sum(test.skipped.values()) == asked.filter(superseded_by=None).count()
    only = tried(cast, ladder(cast, edition="2026.10"), kinds=["settlements"])
    assert only.skipped == {}


def test_promises_under_another_length_say_which_become_missed(cast: Cast) -> None:
    march_of_three(cast)
    cast.request(at=moment(2026, 3, 20))
    base = edition_in_force(cast.company.pk, "service")
    test = tried(cast, base, as_if=False)
    assert (test.differing, test.undecided) == (0, 0)
    assert test.records == Decision.objects.filter(editions__has_key="service", superseded_by=None).count()


def test_replayed_by_its_own_editions_nothing_differs(cast: Cast) -> None:
    march_of_three(cast)
    cast.request(at=moment(2026, 3, 20))
    test = tried(cast, None)
    assert test.is_clean
    # The sheets came in May, and with them the plans of their callbacks: those are not March's.
    of_march = Q(made_at__lt=moment(2026, 4, 1)) | Q(question="settlement.month")
    assert test.records == Decision.objects.filter(of_march, superseded_by=None).count() == 7


def test_the_month_as_packed_lines_is_decided_as_the_question_decides_it(cast: Cast) -> None:
    """The quick way and the rules' own way give the same decision, to the reason."""
    march_of_three(cast)
    decision = Decision.objects.filter(question="settlement.month").first()
    books = books_of(decision)
    facts = decision.facts | {"corrections": [to_json(["forged", 88_00, "A-1", date(2026, 2, 1)])]}
    again = deciding.Judge({pk: books[name] for name, pk in decision.editions.items()}).again(
        decision.question, facts, decision.editions
    )
    asked = QUESTIONS[decision.question](from_json(facts), books)
    assert (again.answer, again.reasons, again.parts) == (asked.answer, asked.reasons, asked.parts)


def test_each_changed_parameter_is_a_step_and_the_last_book_says_all_of_it(cast: Cast) -> None:
    base = rulebook(edition_in_force(cast.company.pk, "settlement"))
    assert editions.steps(base, base, None)[0].book == base
    changes = {"rate_late": [(JUNE, base.value("rate_late_15", NOW.date()).value, "appliance KA-11.1")]}
    made = editions.steps(base, base.with_values("x", changes), JUNE)
    assert [step.parameters for step in made] == [(), ("rate_late",)]
    assert (
        made[-1].book.value("rate_late", date(2013, 1, 1)).value
        == base.value("rate_late_15", NOW.date()).value
    )
