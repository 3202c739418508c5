"""What is fetched from WeChat customer service is neither lost nor kept twice, by two workers at once or by one that dies. With controls."""

import threading
import uuid
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from sanbao.intake import customer_service
from sanbao.intake.models import Request, ServiceAccount
from sanbao.intake.states import Channel
from sanbao.notices import inbox
from sanbao.notices.models import Incoming
from sanbao.notices.providers import tokens
from tests.cast import NOW, Cast, assemble
from tests.faults.test_races import at_once
from tests.modules.notices import stubs
from tests.modules.notices.qyapi import ACCOUNT, Qyapi, use

LINES = 6


class Killed(BaseException):
    """The worker is no more."""


@pytest.fixture
def qyapi(transactional_db: None, settings: Any) -> Iterator[Qyapi]:
    tokens.forget()
    settings.CHANNELS = "maker wecom_kf"
    with stubs.serving(Qyapi()) as server:
        use(server, settings)
        server.now = int(NOW.timestamp())
        for number in range(LINES):
            server.say(content=f"第{number}句")
        yield server
    tokens.forget()


@pytest.fixture
def cast(qyapi: Qyapi) -> Cast:
    cast = assemble()
    ServiceAccount.objects.create(company=cast.company, account=ACCOUNT, begins_at=NOW, due_at=NOW)
    return cast


def moves_on_anyhow(row: ServiceAccount, before: str, page: Any, at: Any) -> int:
    """`_keep` without its look at where the others are."""
    ServiceAccount.objects.filter(pk=row.pk).update(cursor=page.cursor)
    things = [customer_service._came(each, row.account) for each in page.messages]
    return inbox.receive(row.company, Channel.WECOM_KF, things, at=at)


@pytest.mark.parametrize(
    ("place", "number", "rows"),
    [(True, True, LINES), (True, False, LINES), (False, True, LINES), (False, False, 2 * LINES)],
)
def test_two_workers_at_one_account_keep_every_line_once(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, place: bool, number: bool, rows: int
) -> None:
    """Either guard is enough: the place is moved from where one began, and WeCom's number is unique. The control has neither."""
    asked, both = customer_service.wecom.sync, threading.Barrier(2, timeout=20)

    def together(*arguments: Any, **named: Any) -> Any:
        page = asked(*arguments, **named)
        both.wait()
        return page

    monkeypatch.setattr(customer_service.wecom, "sync", together)
    came = customer_service._came
    if not place:
        monkeypatch.setattr(customer_service, "_keep", moves_on_anyhow)
    if not number:
        monkeypatch.setattr(
            customer_service, "_came", lambda *told: replace(came(*told), external_id=str(uuid.uuid4()))
        )
    assert at_once(lambda _number: customer_service.fetch_due(NOW), 2) == (2, [])
    assert Incoming.objects.count() == rows and ServiceAccount.objects.get().cursor == f"c{LINES}"
    if rows == LINES and number:
        inbox.drain(now=lambda: NOW)
        row = Request.objects.get()
        assert row.entries.filter(kind="message_in").count() == LINES - 1


@pytest.mark.parametrize(("guarded", "rows"), [(True, LINES), (False, LINES - 2)])
def test_a_worker_killed_between_fetching_and_keeping_loses_nothing(
    cast: Cast, qyapi: Qyapi, monkeypatch: pytest.MonkeyPatch, guarded: bool, rows: int
) -> None:
    """Rows and place are one transaction. In the control the place is written first and stays: the page is never asked for again."""
    qyapi.page = 2
    kept, calls = inbox.receive, iter(range(100))

    def dies_at_the_second_page(*told: Any, **named: Any) -> int:
        if next(calls) == 1:
            raise Killed
        return kept(*told, **named)

    with monkeypatch.context() as patched:
        patched.setattr(inbox, "receive", dies_at_the_second_page)
        if not guarded:
            patched.setattr(customer_service, "transaction", SimpleNamespace(atomic=nullcontext))
        with pytest.raises(Killed):
            customer_service.fetch_due(NOW)
    assert Incoming.objects.count() == 2
    customer_service.fetch_due(NOW)
    customer_service.fetch_due(NOW)
    assert Incoming.objects.count() == rows
    assert len(set(Incoming.objects.values_list("external_id", flat=True))) == rows


def test_a_worker_killed_after_keeping_keeps_nothing_twice(
    cast: Cast, qyapi: Qyapi, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_told: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(customer_service, "hurry", dies)
        with pytest.raises(Killed):
            customer_service.fetch_due(NOW)
    ServiceAccount.objects.update(due_at=NOW, cursor="")  # even from the very beginning
    customer_service.fetch_due(NOW)
    assert Incoming.objects.count() == LINES
