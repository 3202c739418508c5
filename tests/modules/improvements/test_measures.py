"""Improvement measures: opened, proposed, chased, done, reviewed by another, begun again (DP-6, ST-5, GN-5, MO-3, CO-8)."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from sanbao.audit.models import Event
from sanbao.improvements import operations, queries
from sanbao.improvements.models import Measure, Review
from sanbao.notices.models import Notice
from sanbao.ui.refusal import Refusal, Stale
from tests.cast import NOW, Cast

TODAY = NOW.date()
DUE = TODAY + timedelta(days=10)
DAY = timedelta(days=1)


def opened(cast: Cast, **told: Any) -> Measure:
    given: dict[str, Any] = {
        "title": "上门不准时", "problem": "4月准时率低于目标", "cause": "", "source_kind": "survey", "source_pk": 7,
        "source_label": "2026年4月调查", "source_path": "/surveys/7/", "owner": cast.people["support"], "due_on": DUE,
        "by": cast.access("supervisor"), "at": NOW,
    }  # fmt: skip
    given |= told
    title, problem, cause = (given.pop(name) for name in ("title", "problem", "cause"))
    return operations.open_measure(title, problem, cause, **given)


def done(cast: Cast, measure: Measure | None = None) -> Measure:
    return operations.finish(
        measure or opened(cast), "增加周末班次", cause="周末人手不足", by=cast.access("support"), at=NOW
    )


def told(cast: Cast, who: str) -> list[str]:
    rows = Notice.objects.filter(person=cast.people[who], kind__startswith="improvements:")
    return list(rows.order_by("id").values_list("kind", flat=True))


def review(cast: Cast, measure: Measure, verdict: str, who: str = "head", **more: Any) -> Review:
    figures = {"figure": "准时率（%）", "before": Decimal("71.5"), "after": Decimal("93")}
    return operations.review(measure, verdict, **figures | more, by=cast.access(who), at=NOW + 30 * DAY)


def test_a_measure_knows_its_source_its_owner_and_its_day_and_the_owner_is_told(cast: Cast) -> None:
    """DP-6: the results of a survey lead to improvements that are tracked."""
    measure = opened(cast)
    assert (measure.number, measure.state, measure.owner, measure.due_on) == (
        "GJ1", "open", cast.people["support"], DUE,
    )  # fmt: skip
    assert list(queries.of_source(cast.access("auditor"), "survey", 7)) == [measure]
    assert told(cast, "support") == ["improvements:given"]
    assert Event.objects.filter(action="improvements:measure:opened", thing_id=measure.pk).exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, "title"),
        ({"problem": ""}, "problem"),
        ({"source_kind": "rumour"}, "source_kind"),
        ({"source_path": "https://example.com/"}, "source_path"),
        ({"source_path": "//example.com/"}, "source_path"),
        ({"due_on": TODAY - DAY}, "due_on"),
    ],
)
def test_what_can_t_be_a_measure_is_refused_beside_its_field(
    cast: Cast, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        opened(cast, **changes)
    assert refused.value.field == field
    assert not Measure.objects.exists()


def test_nobody_is_put_in_charge_of_what_they_can_t_see(cast: Cast) -> None:
    """A measure of the whole company can't be an outlet's, nor one outlet's another's."""
    for outlet in (None, cast.outlets["SZ021"]):
        with pytest.raises(Refusal) as refused:
            opened(cast, owner=cast.people["owner-GZ001"], outlet=outlet)
        assert refused.value.field == "owner"
    assert opened(cast, owner=cast.people["owner-GZ001"], outlet=cast.outlets["GZ001"]).owner_id


def test_it_is_not_done_without_a_cause_nor_without_a_word(cast: Cast) -> None:
    """ST-5: the causes of problems are analysed."""
    measure, by = opened(cast), cast.access("support")
    with pytest.raises(Refusal) as refused:
        operations.finish(measure, "改了", by=by, at=NOW)
    assert refused.value.field == "cause"
    with pytest.raises(Refusal) as refused:
        operations.finish(measure, " ", cause="周末人手不足", by=by, at=NOW)
    assert refused.value.field == "note"


def test_only_whoever_is_in_charge_or_leads_says_that_it_is_done(cast: Cast) -> None:
    measure = opened(cast, cause="c")
    with pytest.raises(Refusal) as refused:
        operations.finish(measure, "x", by=cast.access("agent"), at=NOW)
    assert refused.value.code == "owner"
    assert operations.finish(measure, "x", by=cast.access("head"), at=NOW).state == "done"


def test_the_day_of_the_review_follows_by_the_rulebook_and_cites_its_clause(cast: Cast) -> None:
    """GN-5: assessed at intervals."""
    measure = done(cast)
    assert measure.review_on == TODAY + 30 * DAY
    assert measure.review_decision is not None
    assert "standard GN-5" in str(measure.review_decision.reasons)


def test_the_effect_is_reviewed_by_somebody_else(cast: Cast) -> None:
    """Neither who owned it nor who did it, whatever their post; the table holds to it too."""
    measure = operations.finish(opened(cast, owner=cast.people["head"], cause="c"), "x", by=cast.access("supervisor"), at=NOW)  # fmt: skip
    for who in ("head", "supervisor"):
        with pytest.raises(Refusal) as refused:
            review(cast, measure, "effective", who)
        assert refused.value.code == "four_eyes"
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.create(
            measure=measure, round=1, done_at=NOW, done_by=cast.people["supervisor"], done_note="x", owner=cast.people["head"],
            verdict="effective", figure="f", before=1, after=2, at=NOW, by=cast.people["head"],
        )  # fmt: skip


def test_an_effective_measure_ends_with_the_figure_before_and_after(cast: Cast) -> None:
    measure = done(cast)
    said = review(cast, measure, "effective")
    measure.refresh_from_db()
    assert (measure.state, said.before, said.after) == ("effective", Decimal("71.5"), Decimal(93))
    assert told(cast, "support")[-1] == "improvements:reviewed"


def test_one_that_did_not_help_goes_on_with_a_new_day_and_what_was_tried_stays(cast: Cast) -> None:
    """DP-6: tracked until it helps."""
    measure = done(cast)
    with pytest.raises(Refusal) as refused:
        review(cast, measure, "not")
    assert refused.value.field == "again_by"
    review(cast, measure, "not", after=Decimal(70), again_by=TODAY + 60 * DAY)
    measure.refresh_from_db()
    assert (measure.state, measure.round, measure.due_on, measure.done_note) == (
        "open", 2, TODAY + 60 * DAY, "",
    )  # fmt: skip
    assert measure.reviews.get().done_note == "增加周末班次"
    assert told(cast, "support")[-1] == "improvements:again"
    again = operations.finish(measure, "增聘两名工程师", by=cast.access("support"), at=NOW + 50 * DAY)
    review(cast, again, "effective")
    again.refresh_from_db()
    assert (again.state, again.reviews.count()) == ("effective", 2)


@pytest.mark.parametrize(("again_by", "state"), [(None, "partly"), (TODAY + 60 * DAY, "open")])
def test_one_that_helped_in_part_ends_unless_a_day_is_given(
    cast: Cast, again_by: date | None, state: str
) -> None:
    measure = done(cast)
    review(cast, measure, "partly", again_by=again_by)
    measure.refresh_from_db()
    assert measure.state == state


def test_the_owner_is_warned_then_told_it_is_late_and_then_the_head_hears_of_it_once_each(cast: Cast) -> None:
    opened(cast)

    def chased(day: date) -> int:
        return operations.chase(NOW + (day - TODAY))

    assert chased(DUE - 4 * DAY) == 0
    assert chased(DUE - 3 * DAY) == 1 and chased(DUE - 2 * DAY) == 0
    assert chased(DUE + DAY) == 1 and told(cast, "head") == []
    assert chased(DUE + 4 * DAY) == 1 and chased(DUE + 5 * DAY) == 0
    assert told(cast, "support") == [
        "improvements:given", "improvements:due", "improvements:late", "improvements:late",
    ]  # fmt: skip
    assert told(cast, "head") == ["improvements:late"]


def test_a_later_day_begins_the_reminders_anew(cast: Cast) -> None:
    measure, by = opened(cast), cast.access("supervisor")
    operations.chase(NOW + 11 * DAY)
    texts = {name: getattr(measure, name) for name in ("title", "problem", "cause", "remedy")}
    operations.amend(measure, **texts, owner=cast.people["support"], due_on=DUE + 20 * DAY, by=by, at=NOW + 12 * DAY)  # fmt: skip
    assert operations.chase(NOW + 13 * DAY) == 0
    assert operations.chase(NOW + 31 * DAY) == 1


def test_the_reviewers_are_called_on_the_day_but_not_whoever_did_it(cast: Cast) -> None:
    operations.finish(opened(cast, cause="c"), "x", by=cast.access("supervisor"), at=NOW)
    assert operations.chase(NOW + 29 * DAY) == 0
    assert operations.chase(NOW + 30 * DAY) == 1 and operations.chase(NOW + 31 * DAY) == 0
    assert told(cast, "head") == ["improvements:to-review"] and told(cast, "supervisor") == []


def test_a_colleague_s_proposal_is_taken_up_or_declined_with_a_reason_and_they_are_told(cast: Cast) -> None:
    """CO-8: improvement proposals from staff with decision and effect."""
    outlet, by = cast.outlets["GZ001"], cast.access("owner-GZ001")
    taken, declined = (
        operations.propose(title, "客户常问同样的问题", outlet=outlet, by=by, at=NOW)
        for title in ("加一页说明", "改工服")
    )
    assert told(cast, "head") == ["improvements:proposed"] * 2
    operations.accept(taken, owner=cast.people["owner-GZ001"], due_on=DUE, by=cast.access("head"), at=NOW)
    with pytest.raises(Refusal) as refused:
        operations.decline(declined, "", by=cast.access("head"), at=NOW)
    assert refused.value.field == "reason"
    operations.decline(declined, "已有安排", by=cast.access("head"), at=NOW)
    assert [measure.state for measure in Measure.objects.order_by("id")] == ["open", "declined"]
    assert sorted(told(cast, "owner-GZ001")) == [
        "improvements:answered", "improvements:answered", "improvements:given",
    ]  # fmt: skip


def test_an_outlet_proposes_for_itself_and_sees_its_own_alone(cast: Cast) -> None:
    by = cast.access("owner-GZ001")
    for outlet in (None, cast.outlets["SZ021"]):
        with pytest.raises(Refusal) as refused:
            operations.propose("t", "p", outlet=outlet, by=by, at=NOW)
        assert refused.value.field == "outlet"
    opened(cast)
    own = operations.propose("t", "p", outlet=cast.outlets["GZ001"], by=by, at=NOW)
    assert list(queries.measures(by)) == [own]


def test_two_who_change_at_once_the_second_is_told(cast: Cast) -> None:
    measure = done(cast)
    seen = measure.version
    review(cast, measure, "partly", again_by=TODAY + 60 * DAY)
    with pytest.raises(Stale):
        operations.withdraw(measure, "x", version=seen, by=cast.access("supervisor"), at=NOW)


def test_what_has_ended_stays_as_it_is(cast: Cast) -> None:
    measure = operations.withdraw(opened(cast), "重复", by=cast.access("head"), at=NOW)
    for again in (
        lambda: operations.withdraw(measure, "x", by=cast.access("head"), at=NOW),
        lambda: operations.finish(measure, "x", cause="c", by=cast.access("support"), at=NOW),
        lambda: operations.attach(measure, b"x", "x.pdf", by=cast.access("support"), at=NOW),
    ):
        with pytest.raises(Refusal) as refused:
            again()
        assert refused.value.code == "state"


def test_whoever_may_only_look_opens_nothing(cast: Cast) -> None:
    with pytest.raises(PermissionDenied):
        opened(cast, by=cast.access("auditor"))


def test_how_the_measures_of_a_period_stand_is_counted(cast: Cast) -> None:
    """MO-3: problems found at intervals, and improved."""
    review(cast, done(cast), "effective")
    opened(cast)
    operations.decline(operations.propose("t", "p", by=cast.access("agent"), at=NOW), "x", by=cast.access("head"), at=NOW)  # fmt: skip
    counted = queries.tally(cast.access("head"), TODAY, TODAY, on=DUE + DAY)
    assert (counted.opened, counted.effective, counted.open, counted.late) == (2, 1, 1, 1)
