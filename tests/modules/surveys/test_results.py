"""Campaigns, results, published results, the customer's page (SR-7, ST-5, GN-5, MO-3)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from sanbao.customers import operations as customers
from sanbao.notices.models import Notice
from sanbao.surveys import links, operations, queries
from sanbao.surveys.models import Campaign, Invitation, Response
from sanbao.surveys.operations import Told
from sanbao.surveys.queries import Cut
from sanbao.surveys.trend import trend
from sanbao.ui.refusal import Refusal
from tests.cast import NOW, Cast
from tests.modules.surveys import polls

TODAY = NOW.date()
DAY = timedelta(days=1)


def campaign(cast: Cast, **told: Any) -> Campaign:
    version = told.pop("version", None) or polls.questionnaire(cast, "campaign", name="季度调查")
    given = {
        "name": "二季度", "version": version, "first_day": TODAY - DAY, "last_day": TODAY, "size": 2, "seed": "2026Q2",
    } | told  # fmt: skip
    return operations.keep_campaign(None, **given, by=cast.access("supervisor"), at=NOW)


def agreeing(cast: Cast, number: int, **told: Any) -> Any:
    found = polls.customer(cast, phone=f"1390000{number:04}", **told)
    customers.give_consent(found, "survey", "x", by=cast.access("agent"), at=NOW)
    return found


def test_a_sample_is_drawn_from_those_who_agreed_and_the_seed_draws_it_again(cast: Cast) -> None:
    """SR-7; PIPL 13: who has not agreed, or wants no advertising, is not in it."""
    for number in range(4):
        polls.closed(cast, customer=agreeing(cast, number))
    polls.closed(cast, customer=polls.customer(cast, phone="13900009999"))
    polls.closed(cast, customer=agreeing(cast, 77, no_marketing=True))
    polls.closed(cast, customer=agreeing(cast, 78), rating=5)
    begun = operations.begin(campaign(cast), by=cast.access("supervisor"), at=NOW)
    assert (begun.population, begun.eligible, begun.invitations.count()) == (7, 4, 2)
    drawn = set(begun.invitations.values_list("order_id", flat=True))
    Invitation.objects.all().delete()
    again = operations.begin(campaign(cast, version=begun.version), by=cast.access("supervisor"), at=NOW)
    assert set(again.invitations.values_list("order_id", flat=True)) == drawn


def test_a_campaign_with_nobody_in_it_is_refused(cast: Cast) -> None:
    polls.closed(cast)
    with pytest.raises(Refusal) as refused:
        operations.begin(campaign(cast), by=cast.access("supervisor"), at=NOW)
    assert refused.value.code == "nobody"


def test_surveys_and_ratings_are_two_sources_and_each_job_counts_once(cast: Cast) -> None:
    polls.questionnaire(cast)
    for stars in (5, 5, 4, 2, 5, 3):
        polls.answered(cast, stars)
    for _n in range(6):
        polls.closed(cast, rating=5)
    both = polls.closed(cast)
    polls.answered(cast, 4, order=both)
    type(both).objects.filter(pk=both.pk).update(rating=1)
    found = queries.results(cast.access("head"), Cut(TODAY, TODAY), TODAY)
    assert found.total.answers == 13
    assert {row.key: row.answers for row in found.by_source} == {"surveys": 7, "ratings": 6}
    assert found.decision.answer["rate"] == Decimal("0.846")


def test_papers_of_no_order_do_not_hide_that_links_were_left_unanswered(cast: Cast) -> None:
    """SR-7: three papers, one link answered, one not: four answers of five asked."""
    version = polls.questionnaire(cast)
    for _n in range(3):
        operations.enter(
            version,
            Told({"overall": "4"}),
            outlet=cast.outlets["GZ001"],
            kind="repair",
            by=cast.access("callbacks"),
            at=NOW,
        )
    polls.answered(cast, 5)
    polls.sent(cast)
    found = queries.results(cast.access("head"), Cut(TODAY, TODAY), TODAY)
    assert (found.asked, found.decision.answer["response"]) == (5, Decimal("0.800"))


def test_small_groups_are_hidden_and_not_given_away_by_the_rest(cast: Cast) -> None:
    """Where only one group is too small, the next smallest is hidden too."""
    polls.questionnaire(cast)
    for outlet, count in (("GZ001", 6), ("NB011", 5), ("SZ021", 2)):
        for _n in range(count):
            polls.answered(cast, 5, order=polls.closed(cast, outlet))
    rows = queries.satisfaction(cast.access("head"), Cut(TODAY, TODAY), "outlet", TODAY)
    assert [row.hidden for row in rows if row.answers == 6] == [False]
    assert all(row.hidden for row in rows if row.answers < 6)
    # For appraisals every outlet has its own figures.
    by_outlet = queries.satisfaction_by_outlet(cast.access("head"), TODAY, TODAY, TODAY)
    assert by_outlet[cast.outlets["SZ021"].pk].answers == 2


def test_an_outlet_reads_its_own_answers_alone(cast: Cast) -> None:
    polls.questionnaire(cast)
    own = polls.answered(cast, 5)
    polls.answered(cast, 5, order=polls.closed(cast, "SZ021"))
    assert list(queries.responses(cast.access("owner-GZ001"))) == [own]


def test_a_published_result_stands_still_and_everybody_is_told(cast: Cast) -> None:
    """GN-5: the result is published, strategy is adjusted."""
    polls.questionnaire(cast)
    for _n in range(5):
        polls.answered(cast, 4)
    told = {
        "first_day": TODAY,
        "last_day": TODAY,
        "strategy": "增加周末班次",
        "by": cast.access("head"),
        "at": NOW,
    }
    made = operations.publish_result("五月满意度", **told)
    polls.answered(cast, 1)
    made.refresh_from_db()
    assert (made.figures["total"]["answers"], made.figures["total"]["rate"]) == (5, "1.000")
    assert Notice.objects.filter(kind="surveys:published", person=cast.people["finance"]).exists()


def test_so_few_answers_are_not_published(cast: Cast) -> None:
    polls.questionnaire(cast)
    polls.answered(cast, 5)
    with pytest.raises(Refusal) as refused:
        operations.publish_result("x", first_day=TODAY, last_day=TODAY, by=cast.access("head"), at=NOW)
    assert refused.value.code == "few"


# The customer's page


def test_a_customer_answers_by_link_and_what_is_wrong_stands_beside_its_field(cast: Cast) -> None:
    polls.questionnaire(cast, works=True)
    invitation = polls.sent(cast, at=_now())
    client, url = Client(), links.path(cast.company, invitation)
    assert "服务满意度调查" in client.get(url).text
    bad = client.post(url, {"q-overall": "1", "q-works": "no"})
    assert bad.status_code == 422 and not Response.objects.exists()
    evil = "<script>alert(1)</script>"
    assert client.post(url, {"q-overall": "1", "q-works": "no", "words": evil}).status_code == 303
    assert "<script>alert" not in client.get(url).text
    assert Response.objects.get().words == evil


def test_a_changed_link_opens_nothing(cast: Cast) -> None:
    polls.questionnaire(cast)
    invitation = polls.sent(cast, at=_now())
    url = links.path(cast.company, invitation)
    assert Client().get(url[:-3] + "xx/").status_code == 404
    never = polls.planned(cast)
    assert Client().get(links.path(cast.company, never)).status_code == 404  # a link nobody was given


def _now() -> Any:
    from django.utils import timezone

    return timezone.now()


def test_the_pages_of_results_answers_and_papers_open(cast: Cast, sign_in) -> None:
    version = polls.questionnaire(cast)
    for _n in range(6):
        polls.answered(cast, 4, at=_now())
    client = sign_in("head")
    page = client.get("/surveys/").text
    assert "100.0%" in page or "100%" in page
    for path in (
        "/surveys/workbook/", "/surveys/answers/", f"/surveys/answers/{Response.objects.first().pk}/", "/surveys/invitations/",
        "/surveys/questionnaires/", f"/surveys/versions/{version.pk}/", f"/surveys/versions/{version.pk}/paper/", "/surveys/published/add/",
        f"/surveys/answers/add/{version.pk}/", "/surveys/campaigns/add/", "/api/v1/surveys/answers",
    ):  # fmt: skip
        assert client.get(path).status_code == 200, path
    day = _now().date().isoformat()
    assert client.get(f"/api/v1/surveys/results?first={day}&last={day}").status_code == 200


def test_the_trend_is_a_line_that_stops_before_a_month_without_figures() -> None:
    """ST-5: hidden and empty months keep their place; nobody reads across them."""
    rows = [
        ("2025-11", Decimal("0.5")),
        ("2025-12", Decimal(1)),
        ("2026-02", Decimal("0.75")),
        ("2026-03", None),
    ]
    drawn = trend(rows)
    assert drawn is not None
    assert [point.label for point in drawn.points] == ["2025-11", "2025-12", "2026-01", "2026-02", "2026-03"]
    assert [point.y for point in drawn.points] == [114.0, 14.0, None, 64.0, None]
    assert len(drawn.lines) == 1 and len(drawn.shown) == 3
    assert trend(rows[:1]) is None


def test_the_page_of_results_draws_the_months_and_keeps_their_table(cast: Cast, sign_in: Any) -> None:
    """MO-3: the table is the picture's text."""
    polls.questionnaire(cast)
    for at in (NOW, NOW - 40 * DAY):
        for _n in range(5):
            polls.answered(cast, 5, order=polls.closed(cast, at=at), at=at)
    page = sign_in("head").get("/surveys/", {"lang": "en"}).content.decode()
    assert page.count("trend-point") == 2 and page.count('class="trend-line"') == 1
    assert "2026-04" in page.split("<table", 1)[1]
