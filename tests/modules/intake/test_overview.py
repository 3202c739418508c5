"""How the desk stands: every number leads to exactly the rows it counts; its leaders are told every working morning."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from sanbao.accounts import scope
from sanbao.intake import operations, overview
from sanbao.intake.models import Request
from sanbao.notices.models import Notice
from tests.cast import Cast, moment

MORNING = moment(2026, 5, 20, 8, 40)  # a Wednesday


@pytest.fixture
def desk(cast: Cast) -> dict[str, Request]:
    """One late, one due in a moment, one with nobody, one on hold, one reopened, one solved; as of now."""
    now, by = timezone.now(), cast.access("agent")
    made = {name: cast.request(subject=name) for name in ("late", "soon", "queue", "held", "again", "done")}
    for name, request in made.items():
        if name != "queue":
            operations.take(request, version=None, by=by, at=now)
    operations.move(made["held"], "start", version=None, by=by, at=now)
    operations.move(made["held"], "wait", version=None, by=by, at=now, waiting_for="part", text="x")
    for name in ("again", "done"):
        operations.move(made[name], "start", version=None, by=by, at=now)
        operations.move(made[name], "solution", version=None, by=by, at=now, text="x")
    operations.move(made["again"], "reopening", version=None, by=by, at=now, reason="x")
    due = {"late": now - timedelta(hours=1), "soon": now + timedelta(seconds=20), "queue": now + timedelta(days=9), "again": now + timedelta(days=9), "held": None}  # fmt: skip
    for name, at in due.items():
        Request.objects.filter(pk=made[name].pk).update(due_at=at)
    return made


def test_every_number_leads_to_exactly_the_rows_it_counts(sign_in, desk: dict[str, Request]) -> None:
    """clause CS-4, clause RG-2: the service head sees what is late and where."""
    supervisor: Client = sign_in("supervisor")
    page = supervisor.get("/intake/overview/")
    numbers = {card["url"]: card["count"] for card in page.context["cards"]}
    for load in (*page.context["people"], *page.context["teams"]):
        numbers |= {load.open_url: load.open, load.overdue_url: load.overdue}
    assert numbers[overview.address(tab="open")] == 5
    found = {
        key: numbers[overview.address(tab=key)] for key in ("unassigned", "overdue", "waiting", "reopened")
    }
    assert found == {"unassigned": 1, "overdue": 1, "waiting": 1, "reopened": 1}
    for url, count in numbers.items():
        assert len(supervisor.get(url).context["list"].rows) == count, url


def test_what_runs_out_next_stands_in_its_order_without_what_is_late(
    cast: Cast, desk: dict[str, Request]
) -> None:
    found = overview.next_due(cast.access("supervisor"), timezone.now())
    assert found[0].subject == "soon"
    assert "late" not in {row.subject for row in found}


def test_what_lies_with_nobody_at_all_stands_there_too(sign_in, desk: dict[str, Request]) -> None:
    Request.objects.update(assignee=None, team=None, outlet=None)
    page = sign_in("supervisor").get("/intake/overview/")
    assert page.status_code == 200
    assert [who for _row, _words, _tone, who in page.context["next"]][:1] == [""]


def test_who_had_a_promise_that_ran_out_is_counted(cast: Cast, desk: dict[str, Request]) -> None:
    """clause GN-3: who missed it is kept."""
    promise = desk["late"].promises.earliest("id")
    promise.missed_at, promise.missed_by = timezone.now(), cast.people["agent"]
    promise.save()
    access = cast.access("supervisor")
    assert (cast.people["agent"].name, 1) in overview.missed_since(access, timezone.now() - timedelta(days=7))
    assert overview.missed_since(access, timezone.now() + timedelta(days=1)) == []


def test_an_outlet_counts_its_own_only(cast: Cast, sign_in, desk: dict[str, Request]) -> None:
    """ASVS 8.2.2."""
    page = sign_in("owner-GZ001").get("/intake/overview/")
    assert {card["count"] for card in page.context["cards"]} == {0}
    assert page.context["people"] == page.context["next"] == page.context["missed"] == []


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (MORNING, 1),
        (moment(2026, 5, 20, 8, 20), 0),  # before half past eight
        (moment(2026, 5, 20, 10, 0), 0),  # later in the day
        (moment(2026, 5, 23, 8, 40), 0),  # a Saturday
        (moment(2026, 5, 1, 8, 40), 0),  # Labour Day
        (moment(2026, 5, 9, 8, 40), 1),  # the Saturday that is worked for it
    ],
)
def test_the_leaders_are_told_every_working_morning(cast: Cast, at: datetime, told: int) -> None:
    """clause CS-4: progress is reported to the service head, on working days by the calendar of 2026."""
    cast.request()
    with scope.everything("tests"):
        assert overview.tell_leaders(at) == told
    rows = Notice.objects.filter(kind="intake:digest")
    assert rows.count() == (len({cast.people["supervisor"].pk, cast.people["head"].pk}) if told else 0)


def test_the_same_morning_is_told_once(cast: Cast) -> None:
    cast.request()
    with scope.everything("tests"):
        overview.tell_leaders(MORNING)
        overview.tell_leaders(MORNING + timedelta(minutes=10))
        first = Notice.objects.filter(kind="intake:digest", person=cast.people["head"]).count()
        overview.tell_leaders(MORNING + timedelta(days=1))
    assert first == 1
    assert Notice.objects.filter(kind="intake:digest", person=cast.people["head"]).count() == 2


def test_an_empty_desk_tells_nobody(cast: Cast) -> None:
    with scope.everything("tests"):
        assert overview.tell_leaders(MORNING) == 0
