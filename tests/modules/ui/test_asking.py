"""A list's statements are put into SQL once for each shape of what is asked: the same statements that Django would make (performance.md)."""

from datetime import UTC, datetime

import pytest
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.test import Client
from django.urls import reverse

from sanbao.accounts.models import Person
from sanbao.edge.written import Rows
from sanbao.intake.models import Request
from sanbao.ui import asking
from sanbao.ui.asking import asked
from tests.cast import Cast


def _asked(*conditions: Q, key: object = "a test"):
    """The rows for some conditions by a kept statement; None where there can't be one."""

    def make(marked, marks):
        rows = Person.objects.order_by("id")
        for condition in marked:
            rows = rows.filter(condition)
        return Rows(rows, marks)

    found = asked(key, conditions, make)
    return found and found[0].ask(found[1])


@pytest.fixture
def people(db) -> list[Person]:
    names = ("a", "b", "7", "100%", "it's", "\\", "%s")
    return [Person.objects.create_person(f"asked-{number}", name) for number, name in enumerate(names)]


def test_one_statement_answers_all_questions_of_a_shape(people: list[Person]) -> None:
    before = len(asking._statements)
    for person in people:
        assert _asked(Q(name__in=[person.name, "nobody"]) & ~Q(pk__in=[1_000_000, 2_000_000]), key="one") == [
            person
        ]
        assert _asked(Q(pk=str(person.pk)), key="one") == [person]
    # "7" is a number in an address, and another shape than a text.
    assert len(asking._statements) - before == 3


@pytest.mark.parametrize(
    "where",
    [
        Q(), ~Q(name="a"), Q(name="a") | Q(name__in=["b", "it's"]) | Q(pk__gte=10_000_000), Q(name__isnull=False), Q(pk__gt=0),
        Q(name__gt="a", name__lt="b"), Q(last_login__isnull=True) & ~(Q(name="a") | Q(name="b")), Q(pk__among="{1,2,3}"),
    ],
)  # fmt: skip
def test_it_answers_what_django_would(people: list[Person], where: Q) -> None:
    rows = Person.objects.filter(where).order_by("id")
    assert _asked(where, key=str(where)) == _asked(where, key=str(where)) == list(rows)


@pytest.mark.parametrize(
    "where",
    [
        Q(name__icontains="a"), Q(name__iexact="a"), Q(name=F("name")), Q(name__in=Person.objects.values("name")), Q(Lower("name")),
        Q(name__regex="a"), Q(pk=1.5), Q(name=Person(name="a")), Q(pk__in=[]), Lower("name"),
    ],
)  # fmt: skip
def test_what_has_no_shape_is_left_to_django(people: list[Person], where: Q) -> None:
    """Patterns, expressions, sub-selects, what can have no rows: the list asks them as ever."""
    assert _asked(where) is None


def test_a_number_that_the_column_cannot_hold_is_left_to_django(cast: Cast) -> None:
    def make(marked, marks):
        return Rows(Request.objects.filter(*marked), marks)

    assert asked("a test's small column", [Q(reopened__gt=99)], make) is None


def test_moments_and_days_find_their_places(cast: Cast) -> None:
    def make(marked, marks):
        return Rows(Request.objects.filter(*marked), marks)

    request = cast.request()
    for moment, found in (
        (datetime(2020, 1, 1, tzinfo=UTC), [request]),
        (datetime(2100, 1, 1, tzinfo=UTC), []),
    ):
        statement, values = asked("a test's moments", [Q(received_at__gte=moment)], make)
        assert statement.ask(values) == found
        statement, values = asked("a test's days", [Q(received_at__date__gte=moment.date())], make)
        assert statement.ask(values) == found


ADDRESSES = (
    "tab=all", "", "tab=mine", "tab=today", "tab=all&state=new", "tab=all&state=new&state=closed", "tab=overdue&level=high", "tab=all&received_from=2026-01-01",
    "tab=all&course=solved", "tab=all&q=异响", "tab=all&q=nobody", "tab=all&sort=due_at", "tab=all&sort=-due_at&size=25", "tab=all&person=1", "tab=all&state=wrong",
)  # fmt: skip


def test_the_list_of_requests_asks_what_it_would_ask_without_kept_statements(
    cast: Cast, sign_in, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each address twice, the second time by statements that are kept; then with keeping off, by Django's own."""
    for _number in range(3):
        cast.request()

    def rows(client: Client, address: str) -> tuple[list[str], list[str]]:
        shown = client.get(f"{reverse('intake:requests')}?{address}").context["list"]
        return [row.number for row, _cells in shown.rows], [tab["count"] for tab in shown.tabs]

    for name in ("agent", "outlet-clerk"):
        client = sign_in(name)
        kept = [rows(client, address) for address in ADDRESSES for _twice in range(2)]
        with monkeypatch.context() as patch:
            patch.setattr("sanbao.ui.lists.asked", lambda *_: None)
            plain = [rows(client, address) for address in ADDRESSES for _twice in range(2)]
        assert kept == plain
        assert any(numbers for numbers, _counts in kept) or name == "outlet-clerk"


def test_another_readers_reach_is_another_statement(cast: Cast, sign_in) -> None:
    """What headquarters was shown is not what an outlet is shown next, by the same address."""
    request = cast.request()
    address = f"{reverse('intake:requests')}?tab=all"

    assert request.number in sign_in("agent").get(address).content.decode()
    assert request.number not in sign_in("outlet-clerk").get(address).content.decode()
    assert request.number in sign_in("agent").get(address).content.decode()
