"""Rows of several tables stored in one message: the same rows as one by one, all or none (performance.md)."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from sanbao.accounts import scope
from sanbao.audit.models import Event
from sanbao.edge.storing import fresh, store
from sanbao.intake.models import Category, Entry, Team
from tests.cast import NOW, Cast


def _entry(request, **more) -> Entry:
    told = {"kind": Entry.Kind.NOTE, "at": NOW, "body": "50 % o'clock; -- 三", "mentions": [1, 2]}
    return Entry(request=request, **{**told, **more})


def _event(cast: Cast) -> Event:
    return Event(
        company=cast.company, at=NOW, action="a:b:c", thing="a.b", thing_id=1, label="x", details={"k": ["v"]}
    )


def test_rows_are_a_statement_a_table_and_read_back_as_they_were(cast: Cast) -> None:
    with scope.opened(cast.access("agent")):
        request = cast.request()
        with CaptureQueriesContext(connection) as asked:
            store([_entry(request), _entry(request, mentions=[]), _event(cast)])
        first, second = request.entries.filter(kind=Entry.Kind.NOTE).order_by("id")
        event = Event.objects.get(action="a:b:c")

    assert len(asked) == 2
    assert (first.body, first.mentions, first.at) == ("50 % o'clock; -- 三", [1, 2], NOW)
    assert second.mentions == []
    assert event.details == {"k": ["v"]}
    assert event.tx and event.mark  # the database's own defaults


def test_a_row_that_cannot_be_leaves_none_of_the_others(cast: Cast) -> None:
    with scope.opened(cast.access("agent")):
        request = cast.request()
        before = Event.objects.count()
        with pytest.raises(IntegrityError), transaction.atomic():
            store([_event(cast), _entry(request, at=None)])
        assert Event.objects.count() == before


def test_nothing_to_store_asks_nothing() -> None:
    store([])


def test_rows_of_a_stamped_table_end_what_the_request_has_kept(cast: Cast) -> None:
    """The stamped table is not the first one."""
    from sanbao.edge import kept

    with scope.opened(cast.access("admin")), kept.knowing_nothing():
        kept.know({"intake_team": "1"})
        category = Category.objects.first()
        assert category is not None
        assert kept.kept("a test", ("intake_team",), lambda: 1) == 1
        store([_event(cast), Team(company=cast.company, code="x", name="x")])
        assert kept.kept("a test", ("intake_team",), lambda: 2) == 2


def test_a_fresh_row_is_what_the_model_would_have_made(cast: Cast) -> None:
    """Defaults, and for each row lists of its own; a column that is not there is told."""
    with scope.opened(cast.access("agent")):
        request = cast.request()
        made = fresh(Entry, request_id=request.pk, kind=Entry.Kind.NOTE, at=NOW)
        called = Entry(request_id=request.pk, kind=Entry.Kind.NOTE, at=NOW)
        for name in (field.attname for field in Entry._meta.concrete_fields):
            assert getattr(made, name) == getattr(called, name), name
        assert fresh(Entry).mentions is not made.mentions
        made.save()
        assert (made.request, made._state.adding) == (request, False)
        with pytest.raises(TypeError, match="requst"):
            fresh(Entry, requst=1)


def test_rows_stored_already_are_written_anew_in_their_place_among_the_others(cast: Cast) -> None:
    with scope.opened(cast.access("agent")):
        request = cast.request()
        store([_entry(request), _entry(request)])
        first, second = Entry.objects.filter(kind=Entry.Kind.NOTE).order_by("id")
        first.body, second.mentions, second.handler = "改了", [3], cast.people["agent"]
        with CaptureQueriesContext(connection) as asked:
            store([_entry(request, body="新"), first, second, _event(cast)])
        told = list(Entry.objects.filter(kind=Entry.Kind.NOTE).order_by("id"))

    assert [query["sql"].split(" ")[0] for query in asked] == ["INSERT", "UPDATE", "INSERT"]
    assert [entry.body for entry in told] == ["改了", "50 % o'clock; -- 三", "新"]
    assert (told[1].mentions, told[1].handler) == ([3], cast.people["agent"])
    assert (told[0].at, told[0].mentions) == (NOW, [1, 2])  # what was not changed


def test_a_row_that_is_gone_is_told_and_leaves_none_of_the_others(cast: Cast) -> None:
    with scope.opened(cast.access("agent")):
        store([_entry(cast.request())])
        entry = Entry.objects.get(kind=Entry.Kind.NOTE)
        before = Event.objects.count()
        Entry.objects.filter(pk=entry.pk).delete()
        with pytest.raises(DatabaseError, match="1 of 1 Entry"), transaction.atomic():
            store([_event(cast), entry])
        assert Event.objects.count() == before
