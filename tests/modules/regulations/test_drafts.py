"""Drafts of editions: what may be changed, what is refused, who may publish, and what decides then."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError

from sanbao.decisions.queries import replay
from sanbao.regulations import drafting, events, publication
from sanbao.regulations.models import Adoption, Coming, Draft, Edition
from sanbao.regulations.publication import Report
from sanbao.regulations.queries import edition_in_force, rulebook
from sanbao.ui.refusal import Refusal, Stale
from tests.cast import APRIL, NOW, Cast
from tests.modules.regulations.make import JUNE, begun, keeper, late_rate, moved, published

pytestmark = pytest.mark.django_db
LADDER = "appliance KA-11.1"


def rate(cast: Cast, day: date) -> Decimal:
    return rulebook(edition_in_force(cast.company.pk, "settlement")).value("rate_late", day).value


def test_a_published_draft_decides_from_its_day_and_the_days_before_keep_their_value(cast: Cast) -> None:
    """GN-9, SR-9: the edition says who made it from which, and what has been decided stays."""
    before = edition_in_force(cast.company.pk, "settlement")
    draft = published(cast)

    now = edition_in_force(cast.company.pk, "settlement")
    assert (now, now.derived_from, draft.state) == (draft.result, before, "published")
    assert (rate(cast, date(2026, 5, 31)), rate(cast, JUNE)) == (Decimal("0.9"), Decimal("0.8"))


def test_the_last_month_still_explains_itself_by_the_old_edition_and_the_next_is_settled_by_the_new(
    cast: Cast,
) -> None:
    """KA-11.1, GN-9."""
    march = date(2026, 3, 1)
    for month in (march, APRIL):
        cast.sheet(month=month)
        cast.received(month=month, on=month.replace(month=month.month + 1, day=13))
    last = cast.statement(month=march, upto="approved")
    moved(cast, late_rate(cast, begun(cast), since=APRIL), "submission", "approval", "publication")
    following = cast.statement(month=APRIL)

    assert (last.rate, following.rate) == (Decimal("0.9"), Decimal("0.8"))
    assert replay(last.decision).same
    assert last.decision.editions["settlement"] != following.decision.editions["settlement"]


def test_a_standard_that_rises_year_by_year_is_one_draft_with_a_value_for_each_year(cast: Cast) -> None:
    """PF-1: standards are effective-dated."""
    draft = begun(cast)
    for year, fee in ((2027, 12), (2028, 14), (2029, 16)):
        drafting.change(
            draft, "void_sheet", "add", date(year, 1, 1), fee, "appliance KA-11.2", by=keeper(cast), at=NOW
        )
    book = rulebook(moved(cast, draft, "submission", "approval", "publication").result)
    assert [book.value("void_sheet", date(year, 6, 1)).value for year in (2026, 2027, 2028, 2030)] == [
        10,
        12,
        14,
        16,
    ]


@pytest.mark.parametrize(
    ("parameter", "how", "since", "value", "clause", "field", "code"),
    [
        ("rate_late", "add", date(2011, 12, 31), Decimal("0.8"), LADDER, "since", "before_first"),
        ("rate_late", "add", date(2012, 1, 1), Decimal("0.8"), LADDER, "since", "twice"),
        ("rate_late", "correct", date(2013, 1, 1), Decimal("0.8"), LADDER, "since", "nothing_there"),
        ("rate_late", "remove", date(2012, 1, 1), None, "", "since", "gap"),
        ("rate_late", "add", JUNE, Decimal("1.1"), LADDER, "value", "unit"),
        ("due_day", "add", JUNE, 31, LADDER, "value", "unit"),
        ("roll", "add", JUNE, "sometimes", LADDER, "value", "no_reading"),
        ("rate_late", "add", JUNE, Decimal("0.8"), "appliance KA-99", "clause", "no_clause"),
        ("nonsense", "add", JUNE, 1, LADDER, "parameter", "unknown_parameter"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(
    cast, parameter, how, since, value, clause, field, code
) -> None:
    """RG-5: a value before the first date, two from one day, a gap, another unit, a citation of nothing."""
    draft = begun(cast)
    with pytest.raises(Refusal) as refused:
        drafting.change(draft, parameter, how, since, value, clause, by=keeper(cast), at=NOW)
    assert (refused.value.field, refused.value.code) == (field, code)
    assert not draft.changes.exists()


def test_a_clause_of_the_company_s_own_can_be_cited_with_its_text_in_a_book_that_had_no_own_clauses(
    cast: Cast,
) -> None:
    """SR-9."""
    draft = begun(cast, "calendar", title="午休")
    name = drafting.add_clause(draft, "2026-5", {"zh": "夏季八点上班。"}, by=keeper(cast), at=NOW)
    drafting.change(
        draft,
        "opening",
        "add",
        JUNE,
        drafting.rulebook(draft.base).value("opening", JUNE).value.replace(8, 0),
        name,
        by=keeper(cast),
        at=NOW,
    )

    book = drafting.book_of(Draft.objects.get(pk=draft.pk))
    assert book.value("opening", JUNE).clause == "own 2026-5"
    assert book.clause_text("own 2026-5", "en") == book.clause_text("own 2026-5", "zh") == "夏季八点上班。"
    assert book.sources["own"].interpreted_by["zh"]


def test_nobody_approves_or_publishes_what_they_worked_on(cast: Cast) -> None:
    """CO-1: publishing one's own draft."""
    from sanbao.outlets import operations as outlets

    draft = moved(cast, late_rate(cast, begun(cast)), "submission")
    for role in ("supervisor", "head"):
        outlets.appoint(cast.people["keeper"], role, by=cast.access("admin"), at=NOW)
    both = keeper(cast)
    with pytest.raises(Refusal) as refused:
        publication.move(draft, "approval", version=None, by=both, at=NOW)
    assert refused.value.code == "four_eyes"
    draft = moved(cast, draft, "approval")
    with pytest.raises(Refusal) as refused:
        publication.move(draft, "publication", version=None, by=both, at=NOW)
    assert refused.value.code == "four_eyes"
    assert not Adoption.objects.exists()


def test_the_database_itself_refuses_the_author_s_own_approval(cast: Cast) -> None:
    draft = moved(cast, late_rate(cast, begun(cast)), "submission")
    with pytest.raises(IntegrityError):
        Draft.objects.filter(pk=draft.pk).update(approved_by=cast.people["keeper"], approved_at=NOW)


def test_only_the_posts_for_it_draft_review_and_publish(cast: Cast) -> None:
    """CO-1: the keeper drafts, the supervisor reviews, the head publishes."""
    with pytest.raises(PermissionDenied):
        drafting.begin("settlement", title="x", edition="9", by=cast.access("clerk"), at=NOW)
    draft = moved(cast, late_rate(cast, begun(cast)), "submission")
    with pytest.raises(PermissionDenied):
        publication.move(draft, "approval", version=None, by=cast.access("clerk"), at=NOW)
    draft = moved(cast, draft, "approval")
    with pytest.raises(PermissionDenied):
        publication.move(draft, "publication", version=None, by=cast.access("supervisor"), at=NOW)


def test_an_edition_for_a_day_to_come_waits_and_takes_force_by_itself(cast: Cast, monkeypatch) -> None:
    """GN-9: the day it counts, whether or not the worker was there at midnight."""
    from sanbao.regulations import queries

    first = edition_in_force(cast.company.pk, "settlement")
    heard = []
    monkeypatch.setattr(events, "ADOPTED", [lambda edition, **how: heard.append(edition)])
    draft = moved(cast, late_rate(cast, begun(cast, from_day=JUNE)), "submission", "approval", "publication")
    day = {"today": JUNE - timedelta(days=1)}
    monkeypatch.setattr(queries.timezone, "localdate", lambda at=None: at.date() if at else day["today"])
    assert edition_in_force(cast.company.pk, "settlement") == first
    assert publication.take_force(at=NOW) == 0

    day["today"] = JUNE
    assert edition_in_force(cast.company.pk, "settlement") == draft.result
    assert not Adoption.objects.exists()

    assert publication.take_force(at=NOW.replace(month=6, day=1)) == 1
    assert publication.take_force(at=NOW.replace(month=6, day=1)) == 0
    adoption = Adoption.objects.get()
    assert (adoption.edition, adoption.adopted_at.astimezone(NOW.tzinfo).date()) == (draft.result, JUNE)
    assert heard == [draft.result]
    assert edition_in_force(cast.company.pk, "settlement") == draft.result


def test_an_edition_that_waits_can_be_recalled_and_one_in_force_cannot(cast: Cast) -> None:
    far = date(2099, 1, 1)
    draft = moved(
        cast,
        late_rate(cast, begun(cast, from_day=far), since=far),
        "submission",
        "approval",
        "publication",
        "recall",
    )
    assert draft.state == "withdrawn"
    assert not Coming.objects.filter(ended_at=None).exists()
    other = published(cast, edition="2026.10")
    with pytest.raises(Refusal) as refused:
        moved(cast, other, "recall")
    assert refused.value.code == "in_force"


def test_a_draft_that_reaches_into_a_settled_month_is_refused_unless_it_starts_later(
    cast: Cast, monkeypatch
) -> None:
    monkeypatch.setattr(
        publication,
        "CLOSED",
        [lambda company, book, since: [m for m in (APRIL,) if m >= since.replace(day=1)]],
    )
    draft = late_rate(cast, begun(cast), since=date(2026, 4, 15))
    with pytest.raises(Refusal) as refused:
        moved(cast, draft, "submission")
    assert refused.value.code == "settled"
    assert "2026-05-01" in refused.value.sentence

    drafting.undo(draft.changes.get(), by=keeper(cast), at=NOW)
    late_rate(cast, draft, since=date(2026, 5, 1))
    assert moved(cast, draft, "submission").state == "review"


def test_a_correction_of_what_settled_months_rest_on_is_confirmed_by_its_author(
    cast: Cast, monkeypatch
) -> None:
    monkeypatch.setattr(publication, "CLOSED", [lambda company, book, since: [APRIL]])
    draft = begun(cast)
    drafting.change(
        draft, "rate_late", "correct", date(2012, 1, 1), Decimal("0.85"), LADDER, by=keeper(cast), at=NOW
    )
    with pytest.raises(Refusal) as refused:
        moved(cast, draft, "submission")
    assert (refused.value.field, refused.value.code) == ("keeps_settled", "settled")
    drafting.amend(
        draft,
        title=draft.title,
        edition=draft.edition,
        why="",
        from_day=None,
        keeps_settled=True,
        version=None,
        by=keeper(cast),
        at=NOW,
    )
    assert moved(cast, draft, "submission").state == "review"


def test_publishing_needs_a_back_test_of_exactly_this_content(cast: Cast, monkeypatch, settings) -> None:
    settings.BACK_TEST_REQUIRED = True
    found: list[Report | None] = [None]
    monkeypatch.setattr(publication, "REPORTS", [lambda draft: found[0]])
    draft = moved(cast, late_rate(cast, begun(cast)), "submission", "approval")
    digest = drafting.book_of(draft).digest
    for report in (None, Report("0" * 64, "2026-05-20T10:00", "别的内容")):
        found[0] = report
        with pytest.raises(Refusal) as refused:
            moved(cast, draft, "publication")
        assert refused.value.code == "report"
    found[0] = Report(digest, "2026-05-20T11:00", "去年12单，差额－36.00元", "/backtests/1/")
    assert moved(cast, draft, "publication").report["summary"] == "去年12单，差额－36.00元"


def test_of_two_drafts_at_once_the_second_is_merged_parameter_by_parameter_and_reviewed_again(
    cast: Cast,
) -> None:
    first, second = begun(cast), begun(cast, who="other", edition="2026.10")
    late_rate(cast, first)
    late_rate(cast, second, "0.75", who="other")
    drafting.change(
        second, "void_sheet", "add", JUNE, 15, "appliance KA-11.2", by=keeper(cast, "other"), at=NOW
    )
    second = moved(cast, second, "submission", "approval", who="other")
    first = moved(cast, first, "submission", "approval", "publication")
    with pytest.raises(Stale) as outdated:
        moved(cast, second, "publication")
    assert outdated.value.code == "outdated"

    second = moved(cast, second, "return")
    mine, theirs, clashes = publication.merging(second)
    assert ([one.parameter for one in mine], theirs) == (["void_sheet"], [])
    assert [clash.parameter for clash in clashes] == ["rate_late"]
    with pytest.raises(Refusal):
        publication.merge(second, {}, by=keeper(cast, "other"), at=NOW)
    second = publication.merge(second, {"rate_late": "mine"}, by=keeper(cast, "other"), at=NOW)
    assert second.base == first.result
    assert {change.parameter: change.kind for change in drafting.changes_of(second)} == {
        "rate_late": "correct", "void_sheet": "add",
    }  # fmt: skip
    moved(cast, second, "submission", "approval", "publication", who="other")
    assert rate(cast, JUNE) == Decimal("0.75")


def test_the_company_s_own_examples_go_along_to_the_next_draft(cast: Cast) -> None:
    draft = late_rate(cast, begun(cast))
    drafting.add_example(
        draft,
        "逾期一天",
        "settlement.rate",
        {"month": APRIL},
        {"rate": Decimal("0.8")},
        by=keeper(cast),
        at=NOW,
    )
    moved(cast, draft, "submission", "approval", "publication")

    assert [example.name for example in begun(cast, edition="2026.10").examples.all()] == ["逾期一天"]


def test_another_company_sees_nothing_of_a_draft(cast: Cast) -> None:
    from tests.cast import assemble

    draft = begun(cast)
    other = assemble("other", "o-", "别家")
    assert not Draft.objects.visible_to(other.access("head"), "regulations:book:view").exists()
    with pytest.raises(Draft.DoesNotExist):
        drafting.change(draft, "rate_late", "add", JUNE, Decimal("0.5"), LADDER, by=keeper(other), at=NOW)
    assert Edition.objects.in_company(other.company.pk).filter(company=cast.company).count() == 0
