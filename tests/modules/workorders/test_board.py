"""The dispatch board (SC-2, EN-5, RP-6, PV-8): what it shows, what a click does, and two dispatchers at once."""

import contextvars
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from sanbao.accounts import scope
from sanbao.decisions.models import Decision
from sanbao.ui.refusal import Refusal
from sanbao.workorders import operations
from sanbao.workorders.models import Engineer, Order, Visit
from tests.cast import NOW, Cast, assemble
from tests.modules.workorders import crew

BOARD = reverse("workorders:board")


def ahead(hour: int = 10) -> datetime:
    """A moment on the next working day, for pages that look at the clock."""
    day = timezone.localtime() + timedelta(days=1)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)


def put(client: Client, made: Order, to: Engineer, first: datetime, **more: object) -> object:
    body = {"job": made.pk, "version": made.version, "slot": f"{to.pk}|{first:%Y-%m-%dT%H:%M}", "day": f"{first:%Y-%m-%d}"}  # fmt: skip
    return client.post(reverse("workorders:assign"), body | more)


def test_the_board_shows_jobs_engineers_visits_and_certificates(cast: Cast, sign_in: Callable[[str], Client]) -> None:  # fmt: skip
    he = crew.engineer(cast)
    crew.dispatched(cast, crew.order(cast, fault="漏油"), he)
    made = crew.order(cast, fault="吸力不足")
    page = sign_in("agent").get(BOARD, {"day": "2026-05-20"}).content.decode()
    for words in ("漏油", "吸力不足", "11:00–13:00", "120 / 480", "xiaohe"):
        assert words in page
    assert 'style="' not in page  # CSP
    assert made.number in page


def test_what_a_filter_does_not_mean_is_dimmed_and_still_there(cast: Cast, sign_in: Callable[[str], Client]) -> None:  # fmt: skip
    crew.engineer(cast, skills=["燃气灶"])
    crew.order(cast, fault="吸力不足")
    page = sign_in("agent").get(BOARD, {"category": "燃气灶", "skill": "吸油烟机"}).content.decode()
    assert "吸力不足" in page
    assert page.count("board-dimmed") >= 2


def test_a_chosen_job_has_suggestions_with_reasons_and_one_click_dispatches(cast: Cast, sign_in: Callable[[str], Client]) -> None:  # fmt: skip
    he = crew.engineer(cast)
    crew.engineer(cast, "plain", certificates=())
    made = crew.order(cast, model="JZT-B52", fault="打不着火")
    client = sign_in("agent")
    first = ahead()
    page = client.get(BOARD, {"job": made.pk, "day": f"{first:%Y-%m-%d}"}).content.decode()
    assert "32" in page  # the clause that keeps the other one away
    assert f"{he.pk}|{first:%Y-%m-%d}T08:30" in page
    assert put(client, made, he, first).status_code == 303
    made.refresh_from_db()
    assert (made.state, made.engineer) == ("dispatched", he.person)
    assert Decision.objects.filter(question="workorder.dispatch", thing_id=made.pk).count() == 1
    order = client.get(reverse("workorders:order", args=[made.pk])).content.decode()
    assert "xiaohe" in order


def test_a_click_that_breaks_a_rule_is_refused_with_the_rule(cast: Cast, sign_in: Callable[[str], Client]) -> None:  # fmt: skip
    plain = crew.engineer(cast, certificates=())
    made = crew.order(cast, model="JZT-B52")
    answer = put(sign_in("agent"), made, plain, ahead())
    assert answer.status_code == 422
    assert Order.objects.get(pk=made.pk).state == "waiting"


def test_whoever_may_sets_a_rule_aside_from_the_board(cast: Cast, sign_in: Callable[[str], Client]) -> None:
    far = crew.engineer(cast, areas=["人民路"])
    made = crew.order(cast)
    client = sign_in("supervisor")
    answer = put(client, made, far, ahead())
    assert 'name="because"' in answer.content.decode()
    assert put(client, made, far, ahead(), because="邻近的同事休假").status_code == 303


def test_a_job_that_somebody_else_has_dispatched_meanwhile_says_so(cast: Cast, sign_in: Callable[[str], Client]) -> None:  # fmt: skip
    he = crew.engineer(cast)
    made = crew.order(cast)
    crew.dispatched(cast, made, he)
    assert put(sign_in("agent"), made, he, ahead()).status_code == 422
    assert made.visits.count() == 1


def test_an_outlets_board_shows_its_own_alone(cast: Cast, sign_in: Callable[[str], Client]) -> None:
    crew.engineer(cast)
    crew.order(cast, fault="吸力不足")
    page = sign_in("owner-NB011").get(BOARD).content.decode()
    assert "吸力不足" not in page
    assert "xiaohe" not in page


def test_odd_addresses_of_the_board_are_answered(cast: Cast, sign_in: Callable[[str], Client]) -> None:
    client = sign_in("agent")
    for asked in ({"day": "2026-13-45"}, {"day": "9999-12-31"}, {"job": "x"}, {"job": "99"}, {"view": "year"}, {"view": "week"}, {"view": "list"}):  # fmt: skip
        assert client.get(BOARD, asked).status_code == 200
    assert client.post(reverse("workorders:assign"), {"slot": "1|x"}).status_code == 422


def test_all_that_wait_go_out_by_one_button(cast: Cast, sign_in: Callable[[str], Client]) -> None:
    crew.engineer(cast)
    made = crew.order(cast)
    assert sign_in("agent").post(reverse("workorders:assign-all")).status_code == 303
    assert Order.objects.get(pk=made.pk).state == "dispatched"


def full(cast: Cast, he: Engineer, count: int) -> None:
    """So many visits of a day, of a quarter of an hour each."""
    made = crew.order(cast)
    begins = NOW.replace(hour=0)
    Visit.objects.filter(engineer=he.person).delete()
    for number in range(count):
        first = begins + timedelta(minutes=5 * number)
        Visit.objects.create(
            company=cast.company, outlet=he.outlet, order=made, engineer=he.person, made_at=NOW,
            during=DateTimeTZRange(first, first + timedelta(minutes=5), "[)"),
        )  # fmt: skip


@pytest.mark.parametrize("view", ["day", "week", "list"])
def test_the_board_asks_the_database_no_more_for_200_visits_than_for_10(
    cast: Cast, sign_in: Callable[[str], Client], view: str
) -> None:
    """performance.md: at most twelve statements beside those of every page, whatever the rows."""
    he = crew.engineer(cast)
    client = sign_in("agent")
    job = crew.order(cast, customer=crew.unit(cast).customer)
    counts = []
    for visits in (10, 200):
        full(cast, he, visits)
        crew.engineer(cast, f"more{visits}")
        address = f"{BOARD}?day=2026-05-20&view={view}&job={job.pk}"
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        counts.append(len([each for each in asked if "SAVEPOINT" not in each["sql"] and "SET" not in each["sql"][:4]]))  # fmt: skip
    assert counts[0] == counts[1]
    assert counts[0] <= 16


def at_once(cast: Cast, orders: list[Order], he: Engineer) -> list[str]:
    """Two dispatchers give their orders to the same engineer for the same time; what each was told."""
    barrier, told = threading.Barrier(len(orders)), []

    def press(made: Order) -> None:
        by = cast.access("agent")
        try:
            with scope.opened(by):
                barrier.wait()
                first = NOW + timedelta(hours=2)
                operations.dispatch(made, he, first, first + timedelta(hours=1), by=by, at=NOW)
            told.append("sent")
        except Refusal as refusal:
            told.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=contextvars.copy_context().run, args=(press, made)) for made in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(told)


@contextmanager
def without_the_constraint() -> Iterator[None]:
    constraint = next(each for each in Visit._meta.constraints if isinstance(each, ExclusionConstraint))
    with connection.schema_editor() as editor:
        editor.remove_constraint(Visit, constraint)
    try:
        yield
    finally:
        Visit._base_manager.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(Visit, constraint)


@pytest.mark.django_db(transaction=True)
def test_two_dispatchers_at_once_send_an_engineer_to_one_place_only() -> None:
    """EN-5: the database's exclusion constraint decides; the slower one is refused and nothing of it stays."""
    cast = assemble()
    he = crew.engineer(cast)
    orders = [crew.order(cast), crew.order(cast, phone="13900001111")]
    assert at_once(cast, orders, he) == ["overlap", "sent"]
    assert Visit.objects.filter(state="planned").count() == 1
    assert sorted(Order.objects.values_list("state", flat=True)) == ["dispatched", "waiting"]


@pytest.mark.django_db(transaction=True)
def test_control_without_the_constraint_the_engineer_is_booked_twice() -> None:
    """The control of the race above: with the guard off both go through."""
    cast = assemble()
    he = crew.engineer(cast)
    orders = [crew.order(cast), crew.order(cast, phone="13900001111")]
    with without_the_constraint():
        assert at_once(cast, orders, he) == ["sent", "sent"]
        assert Visit.objects.filter(state="planned").count() == 2
