"""The phone's outbox: what was done without signal is done once, in its order, at the moment that counts; conflicts wait for a word.

SC-2, SC-4, RP-4, SR-4; docs/adr/workorders-outbox.md.
"""

import base64
import json
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from sanbao.accounts import scope
from sanbao.accounts.access import Access
from sanbao.decisions.models import Decision
from sanbao.workorders import operations
from sanbao.workorders.models import Action, Engineer, Order
from sanbao.workorders.operations import outbox
from sanbao.workorders.operations.outbox import Entry, Sent
from tests.cast import NOW, Cast, assemble
from tests.modules.workorders import crew

ON_SITE = NOW + timedelta(hours=2)
BACK = ON_SITE + timedelta(hours=3)


def jpeg() -> str:
    out = BytesIO()
    Image.new("RGB", crew.JPEG_SIZE, "white").save(out, "JPEG")
    return base64.b64encode(out.getvalue()).decode()


def maintenance(cast: Cast, to: Engineer) -> Order:
    """A job whose whole course needs no price from the server."""
    made = crew.order(cast, kind="maintenance", fault="年度保养", serial="CXW260A8260000001")
    return operations.accept(crew.dispatched(cast, made, to), by=crew.own(cast), at=NOW)


def entry(order: Order, name: str, at: datetime = ON_SITE, key: str = "", /, **payload: Any) -> Entry:
    return Entry(key or f"key-{name}-{at:%H%M%S}", order.pk, name, payload, at)


def whole(order: Order) -> list[Entry]:
    """Everything an engineer does in a cellar, minute by minute."""
    told: list[tuple[str, dict[str, Any]]] = [
        ("arrive", {}),
        ("photo", {"purpose": "after", "data": jpeg()}),
        ("checks", {"said-items_done": "清洗、紧固"}),
        ("complete", {"action": "清洗风轮和油网", "restored": "on"}),
        ("accept_work", {"name": "张三丰", "drawn": crew.SCRAWL, "rating": "5"}),
    ]
    return [entry(order, name, ON_SITE + timedelta(minutes=10 * number), **payload) for number, (name, payload) in enumerate(told)]  # fmt: skip


def send(entries: list[Entry], by: Access, sent_at: datetime = BACK, received_at: datetime = BACK) -> list[dict[str, Any]]:  # fmt: skip
    return [outbox.take_in(each, Sent("phone", sent_at, received_at), by=by) for each in entries]


def results(answers: list[dict[str, Any]]) -> list[str]:
    return [each["result"] for each in answers]


def test_a_whole_job_done_without_signal_is_done_at_the_times_it_was_done(cast: Cast) -> None:
    """SR-4: repair time ends when normal use was restored, not when the phone found its signal."""
    made = maintenance(cast, crew.engineer(cast))
    answers = send(whole(made), crew.own(cast))
    made.refresh_from_db()
    assert results(answers) == ["applied"] * 5, answers
    assert (made.state, made.rating) == ("closed", 5)
    assert (made.arrived_at, made.restored_at) == (ON_SITE, ON_SITE + timedelta(minutes=30))
    assert made.steps.get(code="maintaining").device_at == ON_SITE + timedelta(minutes=30)
    assert made.signatures.get().device_at == ON_SITE + timedelta(minutes=40)
    assert Decision.objects.filter(question="workorder.device_clock", thing_id=made.pk).count() == 5


def test_the_same_outbox_sent_twice_is_done_once_and_gets_the_same_answers(cast: Cast) -> None:
    made = maintenance(cast, crew.engineer(cast))
    first = send(whole(made), crew.own(cast))
    again = send(whole(made), crew.own(cast), received_at=BACK + timedelta(hours=1))
    assert first == again
    assert Action.objects.count() == 5
    assert (made.photos.count(), made.signatures.count()) == (1, 1)


def test_of_photographs_and_signatures_only_a_fingerprint_stays_in_the_entry(cast: Cast) -> None:
    made = maintenance(cast, crew.engineer(cast))
    send(whole(made), crew.own(cast))
    assert {len(row.payload.get("data", "x" * 16)) for row in Action.objects.all()} == {16}
    assert len(Action.objects.get(name="accept_work").payload["drawn"]) == 16


def test_a_phone_whose_clock_is_a_day_off_is_put_right(cast: Cast) -> None:
    """The error is what the phone's clock says at sending against ours at receipt."""
    made, day = maintenance(cast, crew.engineer(cast)), timedelta(days=1)
    wrong = entry(made, "arrive", ON_SITE + day)
    (told,) = send([wrong], crew.own(cast), sent_at=BACK + day)
    made.refresh_from_db()
    assert (told["result"], made.arrived_at) == ("applied", ON_SITE)
    kept = Action.objects.get()
    assert (kept.device_at, kept.at) == (ON_SITE + day, ON_SITE)
    assert kept.clock_decision is not None
    assert kept.clock_decision.answer["state"] == "corrected"


def test_a_moment_that_can_t_be_is_that_of_receipt_and_says_so(cast: Cast) -> None:
    """Before the dispatch nobody can have arrived."""
    made = maintenance(cast, crew.engineer(cast))
    (told,) = send([entry(made, "arrive", NOW - timedelta(hours=5))], crew.own(cast))
    made.refresh_from_db()
    assert (told["result"], told["code"], made.arrived_at) == ("applied", "clock", BACK)
    assert "派工" in told["sentence"]


def test_an_order_called_off_while_the_engineer_was_away_is_a_conflict_that_is_kept(cast: Cast) -> None:
    made = maintenance(cast, crew.engineer(cast))
    operations.call_off(made, "用户改期", by=cast.access("agent"), at=ON_SITE)
    answers = send(whole(made), crew.own(cast))
    assert results(answers) == ["conflict", *["waiting"] * 4]
    assert made.number in answers[0]["sentence"]
    assert Action.objects.get().result == "conflict"
    made.refresh_from_db()
    assert (made.state, made.arrived_at) == ("waiting", None)


def test_an_order_closed_at_the_desk_while_the_engineer_was_away_is_a_conflict(cast: Cast) -> None:
    made = maintenance(cast, crew.engineer(cast))
    desk = cast.access("agent")
    made = operations.arrive(made, by=desk, at=ON_SITE)
    operations.write_checks(made, {"items_done": (None, "清洗")}, by=desk, at=ON_SITE)
    made = operations.complete(made, action="清洗", by=desk, at=ON_SITE)
    operations.accept_work(made, None, words="电话确认", by=desk, at=ON_SITE)
    answers = send(whole(made), crew.own(cast))
    assert answers[0]["result"] == "conflict"
    made.refresh_from_db()
    assert (made.state, made.action) == ("closed", "清洗")


def test_an_order_given_back_to_headquarters_still_answers_its_engineer(cast: Cast) -> None:
    """Row-level security hides it from the outlet; the engineer is told what became of the entry all the same."""
    made = maintenance(cast, crew.engineer(cast))
    operations.hand_up(made, "人手不够", by=cast.access("owner-GZ001"), at=ON_SITE)
    by = crew.own(cast)
    with scope.opened(by):
        (told,) = send([entry(made, "arrive")], by)
    kept = Action.objects.get()
    with scope.opened(by):
        outbox.drop(kept, by=by, at=BACK)
    kept.refresh_from_db()
    assert (told["code"], kept.result) == ("gone", "dropped")


def test_given_up_the_entries_behind_a_conflict_go_on(cast: Cast) -> None:
    made = maintenance(cast, crew.engineer(cast))
    by = crew.own(cast)
    operations.arrive(made, by=cast.access("agent"), at=ON_SITE)  # the desk had it from the telephone
    first = send(whole(made), by)
    assert results(first) == ["conflict", *["waiting"] * 4]
    outbox.drop(Action.objects.get(), by=by, at=BACK)
    assert results(send(whole(made), by)) == ["dropped", *["applied"] * 4]
    made.refresh_from_db()
    assert made.state == "closed"


def test_a_refused_entry_is_done_anew_once_what_was_missing_is_there(cast: Cast) -> None:
    made = maintenance(cast, crew.engineer(cast))
    by = crew.own(cast)
    entries = [each for each in whole(made) if each.name != "checks"]
    assert results(send(entries, by)) == ["applied", "applied", "refused", "waiting"]
    operations.write_checks(made, {"items_done": (None, "清洗")}, by=by, at=BACK)
    action = outbox.do_anew(Action.objects.get(name="complete"), by=by, at=BACK)
    made.refresh_from_db()
    assert (action.result, made.state) == ("applied", "done")
    assert made.restored_at == ON_SITE + timedelta(minutes=30)  # when it happened, not when it was settled
    assert results(send(entries, by)) == ["applied"] * 4


def test_what_rests_on_a_page_that_somebody_changed_meanwhile_is_a_conflict(cast: Cast) -> None:
    made = maintenance(cast, crew.engineer(cast))
    by = crew.own(cast)
    send(whole(made)[:3], by)
    operations.amend(made, {"model": "JZT-B52"}, by=cast.access("agent"), at=ON_SITE + timedelta(minutes=5))
    seen = Entry(
        "key-complete", made.pk, "complete", {"action": "清洗"}, ON_SITE + timedelta(minutes=30), ON_SITE
    )
    (told,) = send([seen], by)
    assert (told["result"], told["code"]) == ("conflict", "changed")


def test_a_live_refusal_is_told_and_not_kept(cast: Cast) -> None:
    """The form is still there with what was typed: nothing has to be decided."""
    made = maintenance(cast, crew.engineer(cast))
    live = Entry("key-live-1", made.pk, "refuse", {"reason": " "}, ON_SITE, None, True)
    (told,) = send([live], crew.own(cast))
    assert (told["result"], told["action"]) == ("refused", None)
    assert not Action.objects.exists()


def test_a_price_that_is_no_longer_the_one_shown_is_not_agreed_to(cast: Cast) -> None:
    """KA-4.3: the customer agrees to the price on the screen, and to no other."""
    made = crew.dispatched(cast, crew.order(cast, unit=crew.unit(cast)), crew.engineer(cast))
    by = crew.own(cast)
    made = operations.arrive(made, by=by, at=ON_SITE)
    for purpose in ("plate", "fault"):
        crew.photo(cast, made, purpose, by, ON_SITE)
    operations.offer_plan(crew.planned(cast, made, by, ON_SITE, misuse=True), by=by, at=ON_SITE)
    asked = {"plan": "1", "charged": "1", "answer": "yes", "name": "张三丰", "drawn": crew.SCRAWL}
    (told,) = send([entry(made, "answer_plan", ON_SITE, "key-answer", **asked)], by)
    assert (told["result"], told["code"]) == ("conflict", "price")


# By the address


@pytest.fixture
def phone(cast: Cast, sign_in: Callable[[str], Client]) -> Callable[..., Any]:
    crew.engineer(cast)
    client = sign_in("xiaohe")

    def call(entries: Any, **changes: Any) -> Any:
        body = {"device": "phone", "sent_at": timezone.now().isoformat(), "entries": entries} | changes
        return client.post(reverse("workorders:actions"), json.dumps(body), "application/json")

    return call


def row(order: Order, name: str = "arrive", **changes: Any) -> dict[str, Any]:
    return {"key": "key-00000001", "order": order.pk, "name": name, "payload": {}, "device_at": timezone.now().isoformat()} | changes  # fmt: skip


def mine(cast: Cast) -> Order:
    first = timezone.now() + timedelta(hours=1)
    to = Engineer.objects.get(person=cast.people["xiaohe"])
    return operations.dispatch(crew.order(cast, at=timezone.now()), to, first, first + timedelta(hours=1), by=cast.access("agent"), at=timezone.now())  # fmt: skip


def test_each_entry_is_answered_and_one_that_fails_leaves_the_others_done(cast: Cast, phone: Callable[..., Any]) -> None:  # fmt: skip
    first = mine(cast)
    answer = phone([row(first), row(first, "complete", key="key-00000002", payload={"action": "x"})])
    assert answer.status_code == 200
    assert results(answer.json()["answers"]) == ["applied", "refused"]
    first.refresh_from_db()
    assert first.state == "working"


@pytest.mark.parametrize(
    "entries",
    [
        [], "x", [[]], [{}], [None],
        [{"key": "short", "order": 1, "name": "arrive", "payload": {}, "device_at": "2026-05-20T09:00:00+08:00"}],
        [{"key": "key-00000001", "order": "1", "name": "arrive", "payload": {}, "device_at": "2026-05-20T09:00:00+08:00"}],
        [{"key": "key-00000001", "order": True, "name": "arrive", "payload": {}, "device_at": "2026-05-20T09:00:00+08:00"}],
        [{"key": "key-00000001", "order": 1, "name": "erase", "payload": {}, "device_at": "2026-05-20T09:00:00+08:00"}],
        [{"key": "key-00000001", "order": 1, "name": "arrive", "payload": [], "device_at": "2026-05-20T09:00:00+08:00"}],
        [{"key": "key-00000001", "order": 1, "name": "arrive", "payload": {"a": {}}, "device_at": "2026-05-20T09:00:00+08:00"}],
        [{"key": "key-00000001", "order": 1, "name": "arrive", "payload": {"a b": "x"}, "device_at": "2026-05-20T09:00:00+08:00"}],
        [{"key": "key-00000001", "order": 1, "name": "arrive", "payload": {"a": "x" * 60_001}, "device_at": "2026-05-20T09:00:00+08:00"}],
        [{"key": "key-00000001", "order": 1, "name": "arrive", "payload": {}, "device_at": "2026-05-20T09:00:00"}],
        [{"key": "key-00000001", "order": 1, "name": "arrive", "payload": {}, "device_at": "9999-12-31T23:59:59+00:00"}],
        [{"key": "key-00000001", "order": 1, "name": "arrive", "payload": {}, "device_at": "yesterday"}],
        [{"key": "key-00000001", "order": 1, "name": "arrive", "payload": {}, "device_at": 7}],
        [{"key": "key-00000001", "order": 2**80, "name": "arrive", "payload": {}, "device_at": "2026-05-20T09:00:00+08:00"}],
    ],
)  # fmt: skip
def test_hostile_payloads_are_refused_as_a_whole(phone: Callable[..., Any], entries: Any) -> None:
    assert phone(entries).status_code == 422
    assert not Action.objects.exists()


def test_more_than_an_outbox_holds_is_refused(cast: Cast, phone: Callable[..., Any]) -> None:
    made = mine(cast)
    assert phone([row(made, key=f"key-{number:08}") for number in range(51)]).status_code == 422


def test_a_photo_that_is_no_photo_is_refused_by_name(cast: Cast, phone: Callable[..., Any]) -> None:
    made = mine(cast)
    phone([row(made)])
    for number, data in enumerate(("", "%%%", base64.b64encode(b"GIF89a").decode())):
        told = phone([row(made, "photo", key=f"key-photo-{number}", live=True, payload={"purpose": "fault", "data": data})]).json()["answers"][0]  # fmt: skip
        assert told["result"] == "refused", told
    assert made.photos.count() == 0


def test_another_engineers_order_does_not_exist(cast: Cast, phone: Callable[..., Any]) -> None:
    """CO-1."""
    other = crew.engineer(cast, "other")
    made = crew.dispatched(cast, crew.order(cast), other)
    assert phone([row(made)]).status_code == 404
    assert phone([row(mine(cast)), row(made, key="key-00000002")]).status_code == 404
    assert not Action.objects.exists()
    with pytest.raises(Http404):
        outbox.take_in(entry(made, "arrive"), Sent("", BACK, BACK), by=crew.own(cast))


def test_another_persons_conflict_does_not_exist(cast: Cast, sign_in: Callable[[str], Client]) -> None:
    made = maintenance(cast, crew.engineer(cast))
    crew.engineer(cast, "other")
    operations.call_off(made, "x", by=cast.access("agent"), at=ON_SITE)
    send([entry(made, "arrive")], crew.own(cast))
    for name in ("workorders:action-drop", "workorders:action-anew"):
        assert sign_in("other").post(reverse(name, args=[Action.objects.get().pk])).status_code == 404
    assert Action.objects.get().result == "conflict"


def test_the_day_shows_the_conflict_with_its_choices(cast: Cast, sign_in: Callable[[str], Client]) -> None:
    made = maintenance(cast, crew.engineer(cast))
    operations.call_off(made, "用户改期", by=cast.access("agent"), at=ON_SITE)
    send([entry(made, "arrive")], crew.own(cast))
    client, kept = sign_in("xiaohe"), Action.objects.get()
    text = client.get(reverse("workorders:day")).content.decode()
    assert reverse("workorders:action-drop", args=[kept.pk]) in text
    assert "已经不是您的工单" in text
    assert client.post(reverse("workorders:action-anew", args=[kept.pk])).status_code == 303
    kept.refresh_from_db()
    assert kept.result == "conflict"
    client.post(reverse("workorders:action-drop", args=[kept.pk]))
    kept.refresh_from_db()
    assert kept.result == "dropped"
    assert "已经不是您的工单" not in client.get(reverse("workorders:day")).content.decode()


# Races


def sent_at_once(cast: Cast, made: Order, times: int = 6) -> list[str]:
    """The same entry by several ways at the same moment: the page, the worker, another tab."""
    gate, told = threading.Barrier(times), []
    by, one = crew.own(cast), whole(made)[1]

    def go() -> None:
        try:
            with scope.everything("tests"):
                gate.wait(20)
                told.append(send([one], by)[0]["result"])
        except Exception as error:
            told.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=go) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return told


def under_way() -> tuple[Cast, Order]:
    cast = assemble()
    made = maintenance(cast, crew.engineer(cast))
    return cast, operations.arrive(made, by=crew.own(cast), at=ON_SITE)


@pytest.mark.django_db(transaction=True)
def test_one_entry_sent_by_six_ways_at_once_is_done_once() -> None:
    cast, made = under_way()
    assert sent_at_once(cast, made) == ["applied"] * 6
    assert (made.photos.count(), Action.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_control_without_the_unique_key_the_same_photograph_is_kept_several_times(monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    """The guard off: the race above can fail."""
    cast, made = under_way()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE workorders_action DROP CONSTRAINT action_once")
    monkeypatch.setattr(outbox, "_earlier", lambda entry, by: None)
    try:
        sent_at_once(cast, made)
        assert made.photos.count() > 1
    finally:
        Action.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE workorders_action ADD CONSTRAINT action_once UNIQUE (company_id, person_id, key)")  # fmt: skip
