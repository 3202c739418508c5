"""Calls over real sockets to a system that takes, drops, fails, dawdles and sends elsewhere: nothing is lost, doubles carry one number."""

import hashlib
import hmac
import json
from collections import Counter
from datetime import datetime, timedelta
from random import Random

import pytest

from sanbao.audit.models import Event
from sanbao.hooks import operations, sending
from sanbao.hooks.models import Delivery, Subscription
from sanbao.intake import operations as desk
from sanbao.notices import carrying
from sanbao.notices.models import Notice
from tests.cast import NOW, Cast
from tests.modules.hooks import stub

Subscribed = tuple[Subscription, str]


def drained(at: datetime = NOW, rounds: int = 1) -> datetime:
    """Drain, and again after each longest pause; the moment after it."""
    for _ in range(rounds):
        sending.drain(now=lambda at=at: at)
        at += carrying.LONGEST_PAUSE * 2
    return at


def test_a_call_says_what_happened_and_is_signed(cast: Cast, other: stub.Other, subscribed: Subscribed) -> None:  # fmt: skip
    """The check of the documentation, word for word."""
    request = cast.request()
    drained()
    [(path, headers, body)] = other.calls
    stamp = headers["X-Sanbao-Timestamp"]
    expected = hmac.new(subscribed[1].encode(), stamp.encode() + b"\n" + body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(headers["X-Sanbao-Signature"], expected)
    told, row = json.loads(body), Delivery.objects.get()
    assert (path, headers["X-Sanbao-Event"], headers["X-Sanbao-Delivery"]) == ("/sanbao", "request.registered", row.number)  # fmt: skip
    assert (told["id"], told["object"]["number"]) == (row.number, request.number)
    assert "person" not in told
    assert (row.state, row.answer, row.attempts, row.leased_until) == ("sent", 204, 1, None)


def test_both_secrets_sign_for_a_day_after_a_change(cast: Cast, other: stub.Other, subscribed: Subscribed) -> None:  # fmt: skip
    row, before = subscribed
    _row, after = operations.renew_secret(row, by=cast.access("admin"), at=NOW)
    cast.request()
    drained(NOW + timedelta(hours=23))
    cast.request()
    drained(NOW + timedelta(hours=25))
    found = []
    for _path, headers, body in other.calls:
        by = {
            name: hmac.new(secret.encode(), headers["X-Sanbao-Timestamp"].encode() + b"\n" + body, hashlib.sha256).hexdigest()
            for name, secret in (("before", before), ("after", after))
        }  # fmt: skip
        found.append((headers["X-Sanbao-Signature"] == by["after"], headers.get("X-Sanbao-Signature-Before") == by["before"]))  # fmt: skip
    assert found == [(True, True), (True, False)]


def test_peoples_data_go_along_only_where_they_may_and_as_they_are_then(cast: Cast, other: stub.Other) -> None:  # fmt: skip
    """PIPL 47: what was erased before the call is not sent."""
    by = cast.access("admin")
    operations.subscribe("P", other.url, ["request.registered"], personal=True, reason="开票", by=by, at=NOW)
    request = cast.request(contact="欧阳测试")
    drained()
    assert other.taken[0]["person"]["contact"] == "欧阳测试"
    assert "欧阳" not in json.dumps(Delivery.objects.get().body, ensure_ascii=False)
    second = cast.request(contact="欧阳测试")
    type(request).objects.filter(pk=second.pk).update(contact="")
    drained()
    assert other.taken[1]["person"]["contact"] == ""


@pytest.mark.parametrize(
    ("what", "state", "answer", "unsure"),
    [
        ("fail", "waiting", 500, True),
        ("busy", "waiting", 429, False),
        ("elsewhere", "waiting", 302, False),
        ("drop", "waiting", None, True),
        ("slow", "waiting", None, True),
        ("gone", "dead", 410, False),
    ],
)
def test_what_an_answer_means(
    cast: Cast, other: stub.Other, subscribed: Subscribed, what: str, state: str, answer: int | None, unsure: bool
) -> None:  # fmt: skip
    """ASVS 15.2.2: nothing is followed, nothing waits for ever."""
    other.plan = lambda: what
    cast.request()
    drained()
    row = Delivery.objects.get()
    assert (row.state, row.answer, row.unsure, row.attempts) == (state, answer, unsure, 1)
    assert [path for path, _h, _b in other.calls] == ["/sanbao"]


def test_a_private_address_behind_a_name_is_not_called(cast: Cast, other: stub.Other, subscribed: Subscribed, settings) -> None:  # fmt: skip
    """ASVS 1.3.6: whatever the name led to when it was written down."""
    settings.FETCH_ALLOWED = []
    cast.request()
    drained()
    row = Delivery.objects.get()
    assert (other.calls, row.state, row.error) == ([], "waiting", "unreachable: address")


def test_it_is_given_up_after_eight_tries_and_tried_again_by_hand(cast: Cast, other: stub.Other, subscribed: Subscribed) -> None:  # fmt: skip
    other.plan = lambda: "fail"
    cast.request()
    at = drained(rounds=12)
    row = Delivery.objects.get()
    assert (row.state, len(other.calls)) == ("dead", carrying.MOST_ATTEMPTS)
    assert len({headers["X-Sanbao-Delivery"] for _p, headers, _b in other.calls}) == 1
    other.plan = lambda: "fine"
    operations.move_delivery(row, "retry", version=row.version, by=cast.access("admin"), at=at)
    drained(at)
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("sent", carrying.MOST_ATTEMPTS + 1)


def test_a_later_event_of_the_same_request_waits_and_another_requests_does_not(
    cast: Cast, other: stub.Other, subscribed: Subscribed
) -> None:
    first, second = cast.request(), cast.request()
    desk.take(first, version=None, by=cast.access("agent"), at=NOW)
    plans = iter(["fail", "fine", "fine", "fine"])
    other.plan = lambda: next(plans)
    at = drained(rounds=3)
    assert at and [
        (told["kind"], told["object"]["id"]) for told in other.taken if told["object"]["id"] == first.pk
    ] == [
        ("request.registered", first.pk),
        ("request.assigned", first.pk),
    ]
    assert [told["object"]["id"] for told in other.taken].count(second.pk) == 1


def test_the_address_rests_after_a_failure_so_that_others_are_not_held_up(
    cast: Cast, other: stub.Other, subscribed: Subscribed
) -> None:
    other.plan = lambda: "fail"
    for _ in range(5):
        cast.request()
    drained()
    assert len(other.calls) == 1
    other.plan = lambda: "fine"
    drained(NOW + timedelta(minutes=1))
    assert len(other.taken) == 5
    row = Subscription.objects.get()
    assert (row.failed_in_row, row.rests_until) == (0, None)


def test_five_given_up_in_a_row_pause_it_and_the_administrators_are_told(
    cast: Cast, other: stub.Other, subscribed: Subscribed
) -> None:
    row = subscribed[0]
    other.plan = lambda: "gone"
    for _ in range(7):
        cast.request()
    at = drained(rounds=10)
    row.refresh_from_db()
    assert (row.state, row.paused_by_id, len(other.calls)) == ("paused", None, sending.DEAD_IN_ROW)
    assert Notice.objects.filter(kind="hooks:stopped", person=cast.people["admin"]).count() == 1
    assert Event.objects.filter(action="hooks:subscription:stopped").count() == 1
    other.plan = lambda: "fine"
    operations.ping(row, by=cast.access("admin"), at=at)
    drained(at)
    assert [told["kind"] for told in other.taken] == ["ping"]
    operations.move(row, "resumption", version=None, by=cast.access("admin"), at=at)
    drained(at)
    assert [told["kind"] for told in other.taken] == ["ping", "request.registered", "request.registered"]


def test_what_a_dead_worker_held_is_sent_by_another_and_marked(cast: Cast, other: stub.Other, subscribed: Subscribed) -> None:  # fmt: skip
    cast.request()
    held = sending.lease(NOW)
    assert held is not None and sending.lease(NOW) is None
    drained(NOW + carrying.LEASE * 2)
    row = Delivery.objects.get()
    assert (row.state, row.unsure, row.attempts) == ("sent", True, 2)
    sending._write(held, {"state": "dead", "error": "late", "ended_at": NOW}, NOW)
    row.refresh_from_db()
    assert row.state == "sent"  # the fence


def test_after_thirty_days_calls_are_forgotten(cast: Cast, other: stub.Other, subscribed: Subscribed) -> None:
    cast.request()
    drained()
    assert sending.forget(NOW + timedelta(days=30)) == 0
    assert sending.forget(NOW + timedelta(days=31)) == 1


# Many events by chance


def carried(cast: Cast, other: stub.Other, events: int) -> tuple[int, set[str], set[str]]:
    """Announce so many events and carry them through a system that does as chance will: lost, taken twice, marked as perhaps twice."""
    chance = Random(20261128)
    other.plan = lambda: chance.choices(stub.BEHAVIOURS, (20, 2, 3, 2, 0.4, 2, 2))[0]
    for number in range(events):
        operations.announce(
            "request.registered", _Thing(number % 7 + 1), by=cast.access("admin"), at=NOW, once=str(number)
        )
    at = NOW
    while Delivery.objects.filter(state__in=("waiting", "sending")).exists():
        sending.drain(now=lambda at=at: at)
        at += timedelta(hours=4)
    taken = Counter(told["id"] for told in other.taken)
    marked = set(Delivery.objects.filter(unsure=True).values_list("number", flat=True))
    lost = set(Delivery.objects.values_list("number", flat=True)) - set(taken)
    return len(lost), {number for number, count in taken.items() if count > 1}, marked


class _Thing:
    """Some request, by its number: announcing needs no more than that."""

    class _meta:
        label_lower = "intake.request"

    def __init__(self, pk: int):
        self.pk = pk


@pytest.fixture
def plain(subscribed: Subscribed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests of these tests are numbers only, and a call is tried until it is taken."""
    from dataclasses import replace

    from sanbao.hooks.kinds import KINDS

    kind = replace(KINDS["request.registered"], describe=lambda thing: {"id": thing.pk})
    monkeypatch.setitem(KINDS, "request.registered", kind)
    monkeypatch.setattr(sending, "MOST_ATTEMPTS", 60)


def test_none_is_lost_and_what_came_twice_carries_one_number_and_a_mark(
    cast: Cast, other: stub.Other, plain: None
) -> None:
    """At least once, over real sockets; in the order of each thing."""
    lost, doubled, marked = carried(cast, other, 120)
    assert lost == 0 and Delivery.objects.count() == 120
    assert doubled and doubled <= marked
    first = {}
    for place, told in enumerate(other.taken):
        first.setdefault(told["id"], place)
    for thing in range(1, 8):
        rows = Delivery.objects.filter(thing=f"intake.request:{thing}").order_by("pk")
        places = [first[row.number] for row in rows]
        assert places == sorted(places)


def test_the_control_what_broke_off_taken_for_delivered_is_lost(
    cast: Cast, other: stub.Other, plain: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    after_failure = carrying.after_failure

    def hopeful(row, error, at, *, most, unsure=False):
        told = after_failure(row, error, at, most=most, unsure=unsure)
        return {"state": "sent", "ended_at": at, "error": ""} if unsure else told

    monkeypatch.setattr(carrying, "after_failure", hopeful)
    lost, _doubled, _marked = carried(cast, other, 50)
    assert lost > 0


def test_the_control_without_the_order_a_later_event_overtakes(
    cast: Cast, other: stub.Other, subscribed: Subscribed, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db.models import Q

    monkeypatch.setattr(sending, "Exists", lambda rows: Q(pk=-1))
    request = cast.request()
    desk.take(request, version=None, by=cast.access("agent"), at=NOW)
    plans = iter(["busy", "fine", "fine"])
    other.plan = lambda: next(plans)
    drained(NOW)
    Subscription.objects.update(rests_until=None)
    drained(NOW + timedelta(seconds=1), rounds=2)
    assert [told["kind"] for told in other.taken] == ["request.assigned", "request.registered"]
