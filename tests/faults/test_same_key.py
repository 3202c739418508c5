"""Whatever moves money, sent eight times at once under one key, has one effect, and everybody gets the first one's answer.

Generated from the marks: every address with the rate "money", each move of a statement. ASVS 2.3.3, 2.3.4, 15.4.2.
"""

import contextvars
import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver, reverse

from sanbao.audit import moves
from sanbao.audit.models import Event
from sanbao.edge import once
from sanbao.edge.models import Answered
from sanbao.ledger.models import Entry
from sanbao.ledger.queries import broken_invariants
from sanbao.settlements.models import Statement
from sanbao.settlements.queries import INVARIANTS
from sanbao.settlements.states import MOVES
from sanbao.ui.pages import marks, walk
from tests.cast import Cast, assemble

WINDOWS = 8
KEY = "one-key-for-all-windows"
WAITS = 200  # times a window asks again while the first is under way

# Who makes each move, and the state it starts from.
MOVED = {
    "submission": ("clerk", "draft"),
    "check": ("supervisor", "submitted"),
    "approval": ("head", "checked"),
    "payment": ("finance", "approved"),
    "return": ("supervisor", "submitted"),
    "reversal": ("head", "approved"),
}

Send = Callable[[Client, Statement, str], HttpResponse]


def _page(client: Client, statement: Statement, noun: str) -> HttpResponse:
    body = {"version": statement.version, "reason": "because", "once": KEY}
    return client.post(reverse("settlements:move", args=[statement.pk, noun]), body)


def _chosen(client: Client, statement: Statement, noun: str) -> HttpResponse:
    return client.post(
        reverse("settlements:statements-move", args=[noun]), {"row": statement.pk, "once": KEY}
    )


def _call(client: Client, statement: Statement, noun: str) -> HttpResponse:
    body = json.dumps({"version": statement.version, "reason": "because"})
    return client.post(
        reverse("api:move", args=[statement.pk, noun]),
        body,
        content_type="application/json",
        headers={"Idempotency-Key": KEY},
    )


# Every address that moves money, and how it is sent. A list's move asks for no reason, so what needs one is not done there.
WAYS: dict[str, Send] = {
    "settlements:move": _page,
    "settlements:statements-move": _chosen,
    "api:move": _call,
}
CASES = [
    (way, noun)
    for way in WAYS
    for noun, move in MOVES.items()
    if not (way == "settlements:statements-move" and move.needs_reason)
]


@dataclass(frozen=True)
class Effect:
    """What so many windows did: the answers' statuses and places, events of the move, entries by kind, and how far the version went."""

    statuses: frozenset[int]
    answers: frozenset[str]
    events: int
    most_of_a_kind: int
    versions: int
    kept: int


def _is_under_way(answer: HttpResponse) -> bool:
    """Refused because the same key is being carried out, and not because somebody was faster."""
    if answer.status_code != 409:
        return False
    text = answer.content.decode()
    return "in_flight" in text or "同一请求正在处理" in text


def pressed(cast: Cast, way: str, noun: str, count: int = WINDOWS) -> Effect:
    """The same move under the same key from so many windows that start together; who meets the first under way asks again."""
    who, before = MOVED[noun]
    cast.sheet()
    cast.received()
    statement = cast.statement(upto=before)
    windows = [Client() for _ in range(count)]
    for window in windows:
        window.force_login(cast.people[who])
    barrier, answers = threading.Barrier(count), list[HttpResponse]()
    known = set(Entry.objects.values_list("pk", flat=True))

    def press(window: Client) -> None:
        try:
            barrier.wait(30)
            for _ in range(WAITS):
                answer = WAYS[way](window, statement, noun)
                if not _is_under_way(answer):
                    break
                time.sleep(0.05)
            answers.append(answer)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=contextvars.copy_context().run, args=(press, window)) for window in windows
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert len(answers) == count, "a window got no answer"
    version = Statement.objects.get(pk=statement.pk).version
    entries = Entry.objects.exclude(pk__in=known)
    return Effect(
        frozenset(answer.status_code for answer in answers),
        frozenset(answer.headers.get("Location") or answer.content.decode() for answer in answers),
        Event.objects.filter(action=f"settlements:statement:{noun}").count(),
        max(Counter((entry.kind, entry.reverses_id) for entry in entries).values(), default=0),
        version - statement.version,
        Answered.objects.count(),
    )


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return assemble()


@pytest.fixture
def any_state(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other guard off: a move is legal from every state and version, so that the key alone stands between one effect and eight."""
    monkeypatch.setattr(moves, "refuse_unless_legal", lambda *_args: None)


def without_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key's guard off."""
    monkeypatch.setattr(once, "key_in", lambda _request: "")


def test_every_address_that_moves_money_is_sent_here() -> None:
    """A new address with the rate "money" can't stay outside."""
    named = {
        name
        for _path, name, view in walk(get_resolver().url_patterns)
        if any(mark.rate == "money" for mark in marks(view))
    }
    assert named == set(WAYS)
    assert set(MOVED) == set(MOVES)


@pytest.mark.parametrize(("way", "noun"), CASES)
def test_money_moved_eight_times_at_once_under_one_key_moves_once(
    cast: Cast, way: str, noun: str, record_property: Any
) -> None:
    """ASVS 2.3.3, 2.3.4."""
    effect = pressed(cast, way, noun)

    record_property("sent", WINDOWS)
    record_property("effects", effect.events)
    assert effect.statuses == ({200} if way.startswith("api:") else {303})
    assert len(effect.answers) == 1
    assert (effect.events, effect.versions, effect.kept) == (1, 1, 1)
    assert effect.most_of_a_kind <= 1
    assert broken_invariants(INVARIANTS) == {}


@pytest.mark.parametrize("way", WAYS)
def test_the_key_alone_is_enough(cast: Cast, any_state: None, way: str, record_property: Any) -> None:
    """Also where the table of legal moves would let every one of them through."""
    effect = pressed(cast, way, "approval")

    record_property("sent", WINDOWS)
    record_property("effects", effect.events)
    assert (effect.events, effect.versions, effect.most_of_a_kind) == (1, 1, 1)


@pytest.mark.parametrize("way", WAYS)
def test_control_without_the_key_the_same_is_done_again_and_again(
    cast: Cast, any_state: None, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard off: the same eight, and the money moves more than once."""
    without_keys(monkeypatch)

    effect = pressed(cast, way, "approval")

    assert effect.events > 1
    assert effect.most_of_a_kind > 1


@pytest.mark.parametrize("way", ["settlements:move", "api:move"])
def test_control_without_the_key_the_others_are_told_that_somebody_was_faster(
    cast: Cast, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard off, the table of legal moves on: one effect still, but seven of eight are refused what they did themselves."""
    without_keys(monkeypatch)

    effect = pressed(cast, way, "approval")

    assert effect.events == 1
    assert 409 in effect.statuses
