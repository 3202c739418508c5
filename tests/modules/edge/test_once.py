"""A form or call sent twice is done once; somebody who asks too often waits; a lock held too long becomes a sentence.

ASVS 2.3.3, 2.3.4, 2.4.1, 15.4.x.
"""

import contextvars
import re
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from sanbao.edge import once, rates
from sanbao.edge.models import Answered
from sanbao.outlets.models import Region
from sanbao.settlements.models import Statement
from sanbao.ui import guard
from sanbao.ui.pages import Mark, Scope
from tests.cast import Cast, assemble

KEY = "a-key-of-a-form"


def test_every_form_of_a_page_carries_a_key_of_its_own(cast: Cast, sign_in: Callable[[str], Client]) -> None:
    page = sign_in("admin").get(reverse("outlets:regions")).content.decode()
    forms = re.findall(r'<form[^>]*method="post".*?</form>', page, re.S)
    keys = re.findall(r'<input type="hidden" name="once" value="([\w-]{16})">', page)

    assert len(forms) == len(keys) == len(set(keys)) > 1


def test_a_form_sent_twice_is_done_once_and_says_so(cast: Cast, sign_in: Callable[[str], Client]) -> None:
    client = sign_in("admin")
    body = {"name": "华北", "once": KEY}

    first = client.post(reverse("outlets:regions"), body)
    second = client.post(reverse("outlets:regions"), body, follow=True)

    assert first.status_code == 303
    assert second.redirect_chain == [(first.headers["Location"], 303)]
    assert "没有重复执行" in second.content.decode()
    assert Region.objects.filter(name="华北").count() == 1


def test_a_key_used_for_something_else_is_refused(cast: Cast, sign_in: Callable[[str], Client]) -> None:
    client = sign_in("admin")
    client.post(reverse("outlets:regions"), {"name": "华北", "once": KEY})

    other = client.post(reverse("outlets:regions"), {"name": "西南", "once": KEY})

    assert other.status_code == 422
    assert "已经提交过" in other.content.decode()
    assert not Region.objects.filter(name="西南").exists()


def test_a_form_that_was_refused_may_be_sent_again_under_its_key(
    cast: Cast, sign_in: Callable[[str], Client]
) -> None:
    client = sign_in("admin")
    assert client.post(reverse("outlets:regions"), {"name": "", "once": KEY}).status_code == 422

    assert client.post(reverse("outlets:regions"), {"name": "华北", "once": KEY}).status_code == 303


def test_two_peoples_equal_keys_do_not_meet(cast: Cast, sign_in: Callable[[str], Client]) -> None:
    other = assemble("other", "other-", "另一家")
    stranger = Client()
    stranger.force_login(other.people["admin"])
    sign_in("admin").post(reverse("outlets:regions"), {"name": "华北", "once": KEY})

    assert stranger.post(reverse("outlets:regions"), {"name": "华北", "once": KEY}).status_code == 303
    assert Region.objects.filter(name="华北").count() == 2


def test_a_call_with_a_key_gets_the_first_answer_again(cast: Cast, sign_in: Callable[[str], Client]) -> None:
    cast.sheet()
    client = sign_in("callbacks")
    findings = [{"number": "GZ001-0001", "kind": "late_service"}]

    def call(key: str) -> HttpResponse:
        return client.post(
            "/api/v1/settlements/findings", findings, "application/json", headers={"Idempotency-Key": key}
        )

    first, second, without = call(KEY), call(KEY), call("another-key-then")

    assert (first.status_code, first.json()) == (200, {"registered": 1})
    assert (second.status_code, second.json()) == (200, {"registered": 1})
    assert second.headers["Idempotent-Replayed"] == "true"
    assert without.status_code == 422  # the finding is there already


def test_a_file_that_differs_is_another_request(cast: Cast) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    def read(content: bytes) -> once.Request:
        request = RequestFactory().post(
            "/x/", {"month": "2026-04", "file": SimpleUploadedFile("a.xlsx", content)}
        )
        return once.read(request, "1:1", KEY)

    assert read(b"one") == read(b"one")
    assert read(b"one").digest != read(b"two").digest


@pytest.mark.parametrize(
    "key", ["", "short", "with space in it", "x" * 81, "键键键键键键键键", "'; DROP TABLE x --"]
)
def test_what_is_no_key_is_none(key: str) -> None:
    assert once.key_in(RequestFactory().post("/x/", {"once": key})) == ""


def test_answers_are_forgotten_after_a_week(cast: Cast, sign_in: Callable[[str], Client]) -> None:
    sign_in("admin").post(reverse("outlets:regions"), {"name": "华北", "once": KEY})
    now = timezone.now()

    assert once.forget(now - once.KEPT) == 0
    Answered.objects.update(at=now - once.KEPT - timedelta(hours=1))
    assert once.forget(now - once.KEPT) == 1


def pressed_at_once(cast: Cast, statement: Statement, count: int = 8) -> list[int]:
    """The same approval, the same key, sent by so many windows at once: the answers' statuses."""
    client_of = {number: Client() for number in range(count)}
    for client in client_of.values():
        client.force_login(cast.people["head"])
    body = {"version": statement.version, "once": KEY}
    barrier, statuses = threading.Barrier(count), []

    def press(number: int) -> None:
        try:
            barrier.wait()
            answer = client_of[number].post(
                reverse("settlements:move", args=[statement.pk, "approval"]), body
            )
            statuses.append(answer.status_code)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=contextvars.copy_context().run, args=(press, number))
        for number in range(count)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(statuses)


@pytest.mark.django_db(transaction=True)
def test_one_key_sent_by_eight_windows_at_once_moves_once() -> None:
    """In flight is 409, afterwards the first answer: never a second effect."""
    cast = assemble()
    cast.sheet()
    cast.received()
    statement = cast.statement(upto="checked")

    statuses = pressed_at_once(cast, statement)

    assert set(statuses) <= {303, 409}
    assert 303 in statuses
    assert Answered.objects.count() == 1
    statement.refresh_from_db()
    assert (statement.state, statement.version) == ("approved", 4)


@pytest.mark.django_db(transaction=True)
def test_control_without_the_kept_answer_the_same_request_is_carried_out_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The guard off: the same posting of a region twice is tried twice."""
    cast = assemble()
    client = Client()
    client.force_login(cast.people["admin"])
    monkeypatch.setattr(once, "take", lambda asked: lambda: (True, None))
    monkeypatch.setattr(once, "keep", lambda asked, **answer: None)
    body = {"name": "华北", "once": KEY}

    assert client.post(reverse("outlets:regions"), body).status_code == 303
    assert (
        client.post(reverse("outlets:regions"), body).status_code == 422
    )  # the name is taken: it was carried out again


def guarded(run: Callable[[], Any], cast: Cast, audience: str = "permitted") -> Any:
    """Run something as a page's write of the administrator."""
    from sanbao.accounts import scope

    request: HttpRequest = RequestFactory().post("/x/")
    request.user, request.access = cast.people["admin"], cast.access("admin")
    request.open_scope, request.no_scope, request.htmx = (
        lambda: scope.opened(request.access),
        scope.closed,
        None,
    )
    mark = Mark("outlets:outlet:manage", audience, ("POST",), Scope.COMPANY, (), "write")
    return guard.page(request, mark, run)


class Deadlock(Exception):
    sqlstate = "40P01"


@pytest.mark.django_db(transaction=True)
def test_a_deadlock_is_tried_once_more_and_no_oftener() -> None:
    cast = assemble()
    tried: list[int] = []

    def twice() -> HttpResponse:
        tried.append(1)
        Region.objects.create(company=cast.company, name=f"试{len(tried)}")
        if len(tried) == 1:
            raise OperationalError("deadlock detected") from Deadlock()
        return HttpResponse("done")

    assert guarded(twice, cast).content == b"done"
    assert list(Region.objects.filter(name__startswith="试").values_list("name", flat=True)) == ["试2"]

    def always() -> HttpResponse:
        tried.append(1)
        raise OperationalError("deadlock detected") from Deadlock()

    tried.clear()
    with pytest.raises(OperationalError):
        guarded(always, cast)
    assert len(tried) == 2


@pytest.mark.django_db(transaction=True)
def test_a_real_deadlock_of_two_requests_ends_with_both_done() -> None:
    """Two writes take two rows in opposite order: PostgreSQL breaks one off, and its second try goes through."""
    cast = assemble()
    first, second = list(Region.objects.order_by("pk"))
    meet, met = threading.Barrier(2), threading.local()
    done: list[str] = []

    def crossing(rows: list[Region]) -> Callable[[], HttpResponse]:
        def run() -> HttpResponse:
            Region.objects.select_for_update().get(pk=rows[0].pk)
            if not getattr(met, "once", False):
                met.once = True
                meet.wait(10)
            Region.objects.select_for_update().get(pk=rows[1].pk)
            done.append(rows[0].name)
            return HttpResponse()

        return run

    def work(rows: list[Region]) -> None:
        try:
            guarded(crossing(rows), cast)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=contextvars.copy_context().run, args=(work, rows))
        for rows in ([first, second], [second, first])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(done) == sorted([first.name, second.name])


@pytest.mark.django_db(transaction=True)
def test_a_lock_held_too_long_is_told_and_nothing_is_done() -> None:
    cast = assemble()
    region = Region.objects.first()
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Region.objects.select_for_update().get(pk=region.pk)
            held.set()
            release.wait(20)
        connection.close()

    holder = threading.Thread(target=contextvars.copy_context().run, args=(hold,))
    holder.start()
    held.wait(10)
    try:
        with pytest.raises(guard.Busy) as busy:

            def write() -> HttpResponse:
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL lock_timeout = '200ms'")
                Region.objects.select_for_update().get(pk=region.pk)
                return HttpResponse()

            guarded(write, cast)
    finally:
        release.set()
        holder.join()
    assert busy.value.status == 409


def test_whoever_asks_too_often_waits_and_is_told_how_long(cast: Cast, sign_in: Callable[[str], Client], settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    settings.RATES = True
    monkeypatch.setitem(rates.RATES, "write", rates.Rate(2))
    monkeypatch.setattr(rates.time, "time", lambda: 1_800_000_010.0)
    client = sign_in("admin")

    answers = [client.post(reverse("outlets:regions"), {"name": f"区{number}"}) for number in range(3)]

    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert answers[2].headers["Retry-After"] == "50"
    assert "请等待 50 秒" in answers[2].content.decode()
    assert Region.objects.filter(name__startswith="区").count() == 2


def test_rates_count_each_person_alone_and_begin_anew_after_the_window(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    settings.RATES = True
    for name, rate in (("write", rates.Rate(1)), ("page", rates.Rate(1, shared=False))):
        monkeypatch.setitem(rates.RATES, name, rate)
        assert [rates.wait(name, "1:1", 600.0), rates.wait(name, "1:1", 601.0)] == [0, 59]
        assert rates.wait(name, "2:1", 601.0) == 0
        assert rates.wait(name, "1:1", 660.0) == 0
