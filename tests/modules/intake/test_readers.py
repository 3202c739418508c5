"""Whoever has handed a request up, or follows it, reads it."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import ProgrammingError, connection, transaction
from django.urls import reverse

from sanbao.accounts import scope
from sanbao.intake import operations, queries
from sanbao.intake.models import Entry, Reader, Request
from sanbao.intake.permissions import May
from sanbao.notices.models import Notice
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def handed(cast: Cast) -> Request:
    """A request that outlet GZ001 handed up to headquarters."""
    request = operations.assign(
        cast.request(), outlet=cast.outlets["GZ001"], version=None, by=cast.access("agent"), at=NOW
    )
    owner = cast.access("owner-GZ001")
    with scope.opened(owner):
        return operations.hand_up(request, reason="无备件", version=None, by=owner, at=NOW)


def test_the_outlet_that_handed_it_up_reads_it_and_its_neighbours_do_not(cast: Cast, handed: Request) -> None:
    """KA-4.1: through `visible_to` and through the database's own policies."""
    seen = {}
    for name in ("owner-GZ001", "outlet-clerk", "owner-NB011", "owner-SZ021", "east", "south", "head"):
        access = cast.access(name)
        with scope.opened(access):
            by_database = Request.objects.filter(pk=handed.pk).exists()
            seen[name] = (queries.requests(access).filter(pk=handed.pk).exists(), by_database)
    there, not_there = (True, True), (False, False)
    assert seen == {
        "owner-GZ001": there, "outlet-clerk": there, "owner-NB011": not_there, "owner-SZ021": not_there,
        "east": there, "south": not_there, "head": there,
    }  # fmt: skip


def test_a_reader_moves_takes_and_changes_nothing(cast: Cast, handed: Request) -> None:
    owner = cast.access("owner-GZ001")
    with scope.opened(owner):
        for act in (
            lambda: operations.take(handed, version=None, by=owner, at=NOW),
            lambda: operations.move(handed, "start", version=None, by=owner, at=NOW),
            lambda: operations.amend(handed, {"subject": "x"}, by=owner, at=NOW),
            lambda: operations.keep_tags(handed, add=["x"], by=owner, at=NOW),
            lambda: operations.reply(handed, "x", by=owner, at=NOW),
        ):
            with pytest.raises((Request.DoesNotExist, PermissionDenied)):
                act()


def test_control_the_database_itself_lets_a_reader_change_nothing(cast: Cast, handed: Request) -> None:
    with scope.opened(cast.access("owner-GZ001")):
        assert Request.objects.filter(pk=handed.pk).update(subject="x") == 0
        with pytest.raises(ProgrammingError), transaction.atomic():
            Reader.objects.create(
                company=cast.company, request=handed, outlet=cast.outlets["NB011"], since=NOW
            )


def test_a_reader_adds_notes_and_reads_none_of_headquarters(cast: Cast, handed: Request, sign_in) -> None:
    operations.note(handed, "总部内部意见", by=cast.access("agent"), at=NOW)
    owner = cast.access("owner-GZ001")
    with scope.opened(owner):
        operations.note(handed, "网点补充说明", by=owner, at=NOW)
    page = sign_in("owner-GZ001").get(reverse("intake:request", args=[handed.pk])).content.decode()
    assert "网点补充说明" in page
    assert "总部内部意见" not in page
    assert reverse("intake:talk", args=[handed.pk]) in page
    assert reverse("intake:take", args=[handed.pk]) not in page
    whole = sign_in("agent").get(reverse("intake:request", args=[handed.pk])).content.decode()
    assert "总部内部意见" in whole
    assert "网点补充说明" in whole


def test_the_note_form_of_a_reader_takes_notes_only(cast: Cast, handed: Request, sign_in) -> None:
    address, browser = reverse("intake:talk", args=[handed.pk]), sign_in("owner-GZ001")
    assert browser.post(address, {"kind": "note", "body": "x"}).status_code == 303
    assert browser.post(address, {"kind": "called", "body": "x"}).status_code == 422
    assert Entry.objects.filter(request=handed, kind="note").count() == 1


def test_given_back_it_is_the_outlet_s_again_and_no_reader_is_left(cast: Cast, handed: Request) -> None:
    operations.assign(handed, outlet=cast.outlets["GZ001"], version=None, by=cast.access("agent"), at=NOW)
    assert not Reader.objects.exists()


def test_a_file_of_headquarters_note_stays_with_headquarters(cast: Cast, handed: Request, sign_in) -> None:
    from sanbao.files import operations as files

    kept = files.keep(b"x", "x.txt", by=cast.access("agent"), at=NOW)
    operations.note(handed, "内部", files=[kept], by=cast.access("agent"), at=NOW)
    address = reverse("intake:file", args=[handed.pk, kept.pk])
    assert sign_in("owner-GZ001").get(address).status_code == 404
    assert sign_in("agent").get(address).status_code == 200


def test_followers_are_told_of_moves_and_messages_but_not_of_their_own(cast: Cast) -> None:
    request = cast.request()
    head = cast.access("head")
    operations.follow(request, by=head, at=NOW)
    operations.follow(request, by=head, at=NOW)  # twice is once
    operations.move(request, "start", version=None, by=cast.access("agent"), at=NOW)
    operations.note(request, "x", by=head, at=NOW)
    told = Notice.objects.filter(kind="intake:happened")
    assert [(notice.person, notice.values["what"]["zh"]) for notice in told] == [
        (cast.people["head"], "处理中")
    ]
    operations.unfollow(request, by=head, at=NOW)
    operations.note(request, "y", by=cast.access("agent"), at=NOW)
    assert told.count() == 1


def test_an_outlet_s_list_is_one_statement_and_plain_where_nothing_was_handed_up(cast: Cast) -> None:
    access = cast.access("owner-NB011")
    with scope.opened(access):
        sql = str(Request.objects.visible_to(access, May.SEE).query)
    assert "intake_reader" not in sql


def test_the_database_finds_what_is_read_by_number_and_asks_once(cast: Cast, handed: Request) -> None:
    access = cast.access("owner-GZ001")
    with scope.opened(access), connection.cursor() as cursor:
        rows = Request.objects.visible_to(access, May.SEE).order_by("-id").values("pk")[:51]
        sql, params = rows.query.sql_with_params()
        cursor.execute(f"EXPLAIN {sql}", params)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "InitPlan" in plan
    assert "SubPlan" not in plan, plan
