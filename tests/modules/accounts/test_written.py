"""Queries put into SQL once: they answer what Django's own would, and never another company's rows (performance.md)."""

from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from sanbao.accounts import scope
from sanbao.accounts.models import Person
from sanbao.accounts.written import sent, written
from sanbao.edge.storing import in_one_message
from sanbao.intake.models import Request
from sanbao.outlets.models import Outlet
from tests.cast import Cast, assemble


def _named(name: str):
    return written("a test's people", lambda name: Person.objects.filter(username=name), name=name)


def test_the_same_words_with_other_values_find_other_rows(cast: Cast) -> None:
    one, two = cast.people["admin"], cast.people["outlet-clerk"]

    assert _named(one.username) == [one]
    assert _named(two.username) == [two]
    assert _named("'; DROP TABLE accounts_person; --") == []


def test_the_query_is_worked_out_once(cast: Cast) -> None:
    made = []

    def make(pk: int):
        made.append(pk)
        return Person.objects.filter(pk=pk)

    for person in (cast.people["admin"], cast.people["outlet-clerk"]):
        assert written("a test, once", make, pk=person.pk) == [person]
    assert len(made) == 1


def test_rows_come_with_what_was_selected_beside_them(cast: Cast) -> None:
    with scope.everything("a test"):
        outlet = Outlet.objects.select_related("region").first()
        assert outlet is not None
        (found,) = written(
            "a test's outlets", lambda pk: Outlet.objects.filter(pk=pk).select_related("region"), pk=outlet.pk
        )
        with CaptureQueriesContext(connection) as asked:
            assert found.region == outlet.region
    assert not asked.captured_queries


def test_another_scope_is_another_statement(cast: Cast) -> None:
    """The managers write the scope's company into the SQL: a statement of one company is never asked for another."""
    outlet = cast.outlets["GZ001"]

    def ask() -> list[Outlet]:
        return written("a test's outlet", lambda pk: Outlet.objects.filter(pk=pk), pk=outlet.pk)

    with scope.everything("a test"):
        assert ask() == [outlet]
    with scope.opened(assemble("other", "other-", "另一家").access("admin")):
        assert ask() == []
    with scope.opened(cast.access("admin")):
        assert ask() == [outlet]
    with scope.closed(), pytest.raises(scope.OutOfScope):
        ask()


@pytest.mark.parametrize("value", [True, None, 1.5, [1]])
def test_a_value_that_can_stand_for_nothing_is_refused(cast: Cast, value: object) -> None:
    with pytest.raises(TypeError):
        written(("a test's value", str(value)), lambda pk: Person.objects.filter(pk=pk), pk=value)


def test_a_value_that_the_query_does_not_ask_for_is_refused(cast: Cast) -> None:
    with pytest.raises(TypeError, match="stands nowhere"):
        written("a test's lost value", lambda at: Person.objects.all(), at=datetime(2026, 4, 1, tzinfo=UTC))


@pytest.mark.parametrize("name", ["100%", "%s", "it's", "\\", "%%"])
def test_what_is_no_value_stands_in_the_statement_as_it_is(cast: Cast, name: str) -> None:
    """Signs that mean something to the driver or the server, in a text that belongs to the query itself."""
    person = Person.objects.create_person("signs", name)
    for _twice in range(2):
        assert written(
            ("a test's signs", name), lambda pk: Person.objects.filter(pk=pk, name=name), pk=person.pk
        ) == [person]
        assert not written(
            ("a test's other signs", name),
            lambda pk: Person.objects.filter(pk=pk).exclude(name=name),
            pk=person.pk,
        )


def test_what_stands_beside_many_rows_is_one_object_and_nothing_is_nothing(cast: Cast) -> None:
    one, other, unplaced = (cast.request() for _number in range(3))
    Request.objects.filter(pk__in=(one.pk, other.pk)).update(outlet=cast.outlets["GZ001"])
    found = written(
        "a test's requests",
        lambda least: (
            Request.objects.filter(pk__gte=least)
            .select_related("outlet__region", "category", "assignee")
            .order_by("id")
        ),
        least=one.pk,
    )
    with CaptureQueriesContext(connection) as asked:
        assert [row.outlet for row in found] == [cast.outlets["GZ001"], cast.outlets["GZ001"], None]
        assert found[0].outlet.region == cast.regions["华东"]
        assert found[0].category is found[1].category is found[2].category
        assert [row.assignee_id for row in found] == [row.assignee and row.assignee.pk for row in found]
    assert not asked.captured_queries
    assert unplaced == found[2]


def test_a_row_is_what_the_query_itself_would_have_made(cast: Cast) -> None:
    """Also what was not asked for: it is read when somebody wants it."""
    with scope.opened(cast.access("agent")):
        request = cast.request()
        (made,) = written("a row", lambda number: Request.objects.filter(pk=number).defer("description"), number=request.pk)  # fmt: skip
        own = Request.objects.defer("description").get(pk=request.pk)
        assert (made, made._state.db, made._state.adding) == (own, "default", False)
        assert made.get_deferred_fields() == own.get_deferred_fields() == {"description"}
        assert all(getattr(made, field.attname) == getattr(own, field.attname) for field in Request._meta.concrete_fields)  # fmt: skip
        made.contact = "改了"
        made.save(update_fields=["contact"])
        assert Request.objects.get(pk=request.pk).contact == "改了"


def test_two_questions_sent_in_one_message_have_their_own_answers(cast: Cast) -> None:
    with scope.opened(cast.access("agent")), transaction.atomic():
        first, second = cast.request(), cast.request()
        with in_one_message():
            of_second = sent("one", lambda number: Request.objects.filter(pk=number), number=second.pk)
            of_first = sent("one", lambda number: Request.objects.filter(pk=number), number=first.pk)
        assert (of_first(), of_second()) == ([first], [second])
