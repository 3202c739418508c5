"""What comes in: who is let in, kept once, handled once; reports about our messages."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from sanbao.accounts import scope
from sanbao.notices import inbox, operations, signing
from sanbao.notices.doors import LARGEST, Came
from sanbao.notices.inbox import Ignored, NotYet
from sanbao.notices.models import Incoming, Message
from tests.cast import NOW, Cast, assemble
from tests.modules.notices.test_outbox import Saying, drained, write

SECRET = "a-secret-of-the-gateway-for-tests-only"
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _secret(settings) -> None:
    settings.HOOK_SECRET = SECRET


def post(
    told: object, *, company: str = "maker", channel: str = "sms", stamp: object = None, signature: str = "", secret: str = SECRET
) -> Any:  # fmt: skip
    """What a gateway does: sign and send."""
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    stamp = str(stamp if stamp is not None else int(timezone.now().timestamp()))
    headers = {"X-Timestamp": stamp, "X-Signature": signature or signing.signed(secret, stamp, body)}
    client = Client(enforce_csrf_checks=True)
    with scope.closed():
        return client.post(
            f"/hooks/{company}/{channel}/", body, content_type="application/json", headers=headers
        )


def report(
    number: str, *, delivered: bool = True, identity: str = "rep-1", code: str = "DELIVERED"
) -> dict[str, Any]:
    return {"id": identity, "kind": "delivery", "message": number, "delivered": delivered, "code": code}


# The door


def test_a_signed_report_is_kept(cast: Cast) -> None:
    assert post(report("r1")).json() == {"received": 1, "new": 1}
    row = Incoming.objects.get()
    assert (row.company_id, row.channel, row.external_id, row.kind, row.state) == (
        cast.company.pk, "sms", "rep-1", "delivery", "new"
    )  # fmt: skip


def test_the_same_number_again_is_a_yes_and_makes_no_second_row(cast: Cast) -> None:
    post(report("r1"))
    assert post(report("r1")).json() == {"received": 1, "new": 0}
    assert Incoming.objects.count() == 1


def test_the_same_number_on_another_channel_or_for_another_company_is_another(cast: Cast) -> None:
    assemble("other", "other-", "另一家")
    for company, channel in (("maker", "sms"), ("maker", "email"), ("other", "sms")):
        post(report("r1"), company=company, channel=channel)
    assert Incoming.objects.count() == 3


def test_several_reports_may_come_in_one_call(cast: Cast) -> None:
    told = [report("r1", identity="a"), report("r2", identity="b"), report("r2", identity="b")]
    assert post(told).json() == {"received": 3, "new": 2}


@pytest.mark.parametrize(
    ("changes", "code", "status"),
    [
        ({"secret": "another"}, "signature", 403),
        ({"signature": "0" * 64}, "signature", 403),
        ({"signature": "ü"}, "signature", 403),
        ({"stamp": 1}, "window", 403),
        ({"stamp": "yesterday"}, "timestamp", 403),
        ({"stamp": "9" * 40}, "timestamp", 403),
        ({"company": "nobody"}, "company", 404),
        ({"channel": "pigeon"}, "signature", 404),
    ],
)
def test_who_is_not_the_gateway_is_not_let_in(
    cast: Cast, changes: dict[str, Any], code: str, status: int
) -> None:
    """ASVS 4.1.5, 11.4.1, 2.2.1."""
    answer = post(report("r1"), **changes)
    assert answer.status_code == status
    assert answer.json()["code"] in (code, "channel")
    assert not Incoming.objects.exists()


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_signature_is_worth_five_minutes(cast: Cast, seconds: int) -> None:
    """ASVS 11.4.1: what was signed outside the window can't be played again."""
    stamp = int(timezone.now().timestamp()) + seconds
    assert post(report("r1"), stamp=stamp).json() == {"code": "window"}


def test_without_a_secret_there_is_no_door(cast: Cast, settings) -> None:
    settings.HOOK_SECRET = ""
    assert post(report("r1"), secret="").status_code == 404


@pytest.mark.parametrize(
    ("told", "code", "status"),
    [
        (b"{", "no_json", 400),
        (b'{"id": 1, "id": 2}', "twice", 400),
        (b'{"id": NaN}', "number", 400),
        (b"[" * 100 + b"]" * 100, "deep_json", 400),
        ([], "items", 400),
        ([{"id": str(number)} for number in range(501)], "items", 400),
        ("text", "id", 400),
        ({}, "id", 400),
        ({"id": ""}, "id", 400),
        ({"id": True}, "id", 400),
        ({"id": "x" * 121}, "id", 400),
        ({"id": "x", "text": "y" * LARGEST}, "too_large", 413),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_can_not_be_read_is_refused_by_name(cast: Cast, told: object, code: str, status: int) -> None:
    """ASVS 2.2.1, 1.5.2."""
    answer = post(told)
    assert (answer.status_code, answer.json()) == (status, {"code": code})


def test_a_body_changed_on_the_way_is_refused(cast: Cast) -> None:
    stamp = str(int(timezone.now().timestamp()))
    signature = signing.signed(SECRET, stamp, json.dumps(report("r1")).encode())
    assert post(report("r2"), stamp=stamp, signature=signature).json() == {"code": "signature"}


def test_the_json_channels_know_no_handshake(cast: Cast) -> None:
    assert Client().get("/hooks/maker/sms/").status_code == 404


# Handling


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a listener of the channel "email" heard; it does what `heard.does` says."""
    found: list[str] = []
    monkeypatch.setitem(inbox.LISTENERS, "email", lambda row, at: found.append(row.external_id))
    return found


def came(cast: Cast, identity: str = "a", channel: str = "email") -> Incoming:
    inbox.receive(
        cast.company, channel, [Came(identity, "note", "wang@example.com", {"id": identity})], at=NOW
    )
    return Incoming.objects.get(external_id=identity)


def handled(at: Any = NOW) -> int:
    return inbox.drain(now=lambda: at)


def test_a_listener_hears_it_once(cast: Cast, heard: list[str]) -> None:
    row = came(cast)
    assert (handled(), handled(), heard) == (1, 0, ["a"])
    row.refresh_from_db()
    assert (row.state, row.attempts, row.leased_until) == ("handled", 1, None)


def test_a_listener_works_in_the_scope_of_the_rows_company(cast: Cast, monkeypatch) -> None:
    """ASVS 8.4.1."""
    seen: list[int] = []
    monkeypatch.setitem(inbox.LISTENERS, "email", lambda row, at: seen.append(Message.objects.count()))
    write(assemble("other", "other-", "另一家"))
    came(cast)
    handled()
    assert seen == [0]


def test_without_a_listener_it_is_ignored_and_says_so(cast: Cast, monkeypatch) -> None:
    monkeypatch.delitem(inbox.LISTENERS, "wecom")
    row = came(cast, channel="wecom")
    handled()
    row.refresh_from_db()
    assert (row.state, row.error) == ("ignored", "deaf")


@pytest.mark.parametrize(
    ("failure", "error"),
    [(NotYet("no-message"), "no-message"), (KeyError("13800001234"), "listener: KeyError")],
)
def test_what_can_not_be_handled_now_is_tried_again_and_at_last_laid_out(
    cast: Cast, monkeypatch, failure: Exception, error: str
) -> None:
    def fail(row: Incoming, at: object) -> None:
        Message.objects.update(subject="half done")
        raise failure

    message = write(cast)
    monkeypatch.setitem(inbox.LISTENERS, "email", fail)
    row = came(cast)
    assert (handled(), handled()) == (1, 0)
    row.refresh_from_db()
    assert (row.state, row.error, row.leased_until) == ("new", error, None)
    for hours in range(1, 40):
        handled(NOW + HOUR * 4 * hours)
    row.refresh_from_db()
    message.refresh_from_db()
    assert (row.state, row.attempts, message.subject) == ("failed", inbox.MOST_ATTEMPTS, "Paid")


def test_what_is_not_for_the_listener_is_ignored(cast: Cast, monkeypatch) -> None:
    def decline(row: Incoming, at: object) -> None:
        raise Ignored("no-report")

    monkeypatch.setitem(inbox.LISTENERS, "email", decline)
    row = came(cast)
    handled()
    row.refresh_from_db()
    assert (row.state, row.error) == ("ignored", "no-report")


def test_a_worker_that_died_leaves_it_to_another(cast: Cast, heard: list[str]) -> None:
    came(cast)
    slow = inbox.lease(NOW)
    assert slow and handled() == 0
    assert handled(NOW + inbox.LEASE * 2) == 1
    inbox._attempt(slow, NOW)  # the first worker comes back
    assert heard == ["a"]


def test_what_kills_every_worker_has_failed(cast: Cast) -> None:
    row, at = came(cast), NOW
    while inbox.lease(at):
        at += inbox.LEASE * 2
    row.refresh_from_db()
    assert (row.state, row.error) == ("failed", "worker")


# Reports


def sent(cast: Cast) -> Message:
    message = write(cast, channel="sms", address="13800001234")
    drained(Saying())
    message.refresh_from_db()
    assert (message.state, message.receipt) == ("sent", "r1")
    return message


@pytest.mark.parametrize(
    ("told", "delivery", "note"),
    [
        (report("r1"), "delivered", "DELIVERED"),
        (report("r1", delivered=False, code="MK:0001"), "undelivered", "MK:0001"),
        ({"id": "x", "biz_id": "r1", "success": False, "err_code": "UNDELIV"}, "undelivered", "UNDELIV"),
    ],
)
def test_a_report_is_written_to_its_message(
    cast: Cast, told: dict[str, Any], delivery: str, note: str
) -> None:
    message = sent(cast)
    post(told)
    handled(timezone.now())
    message.refresh_from_db()
    assert (message.delivery, message.delivery_note) == (delivery, note)
    assert Incoming.objects.get().state == "handled"


def test_what_has_arrived_has_arrived(cast: Cast) -> None:
    message = sent(cast)
    post([report("r1", identity="a"), report("r1", identity="b", delivered=False)])
    handled(timezone.now())
    message.refresh_from_db()
    assert message.delivery == "delivered"


def test_a_report_that_comes_before_we_know_the_number_waits(cast: Cast) -> None:
    post(report("r1"))
    handled(timezone.now())
    assert (Incoming.objects.get().state, Incoming.objects.get().error) == ("new", "no-message")
    message = sent(cast)
    handled(timezone.now() + HOUR)
    message.refresh_from_db()
    assert message.delivery == "delivered"


def test_a_report_for_one_company_does_not_touch_anothers_message(cast: Cast) -> None:
    """ASVS 8.2.2."""
    message = sent(cast)
    assemble("other", "other-", "另一家")
    post(report("r1"), company="other")
    handled(timezone.now())
    message.refresh_from_db()
    assert message.delivery == ""


@pytest.mark.parametrize("told", [{"id": "x", "text": "TD"}, {"id": "x", "message": ["r1"], "delivered": True}, {"id": "x", "message": "r1"}])  # fmt: skip
def test_what_is_no_report_is_ignored(cast: Cast, told: dict[str, Any]) -> None:
    sent(cast)
    post(told)
    handled(timezone.now())
    assert (Incoming.objects.get().state, Incoming.objects.get().error) == ("ignored", "no-report")


# What people do


def failed(cast: Cast) -> Incoming:
    row = came(cast, channel="sms")
    Incoming.objects.filter(pk=row.pk).update(state="failed", ended_at=NOW, error="no-message", attempts=8)
    row.refresh_from_db()
    return row


@pytest.fixture
def client(cast: Cast) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.people["admin"])
    return client


def test_a_failed_one_is_handled_again_with_all_its_attempts(cast: Cast, client: Client) -> None:
    row = failed(cast)
    assert client.post(f"/messages/incoming/{row.pk}/retry/", {"version": 0}).status_code == 303
    handled(timezone.now())
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("ignored", 9)


def test_it_is_let_be_with_a_reason(cast: Cast, client: Client) -> None:
    row = failed(cast)
    assert client.post(f"/messages/incoming/{row.pk}/ignore/", {"version": 0}).status_code == 422
    client.post(f"/messages/incoming/{row.pk}/ignore/", {"version": 0, "reason": "of another system"})
    row.refresh_from_db()
    assert (row.state, row.reason) == ("ignored", "of another system")
    assert "of another system" in client.get(f"/messages/incoming/{row.pk}/").content.decode()


def test_ticked_ones_are_moved_together(cast: Cast, client: Client) -> None:
    first, second = failed(cast), came(cast, "b", "sms")
    ticked = {"row": [first.pk, second.pk]}
    html = client.post("/messages/incoming/move/retry/", ticked, follow=True).content.decode()
    assert "1 message done." in html and f"SMS #{second.pk}" in html
    asked = client.post("/messages/incoming/move/ignore/", ticked)
    assert asked.status_code == 200 and asked.content.decode().count('name="row"') == 2
    assert client.post("/messages/incoming/move/ignore/", ticked | {"reason": ""}).status_code == 422
    client.post("/messages/incoming/move/ignore/", ticked | {"reason": "a trial"})
    assert Incoming.objects.filter(state="ignored").count() == 2
    assert "Tick the messages first." in client.post("/messages/incoming/move/retry/", follow=True).content.decode()  # fmt: skip
    assert client.post("/messages/incoming/move/burn/", ticked).status_code == 404
    assert client.post(f"/messages/incoming/{first.pk}/burn/", ticked).status_code == 404


def test_sender_and_contents_are_shown_for_a_reason_only(cast: Cast, client: Client) -> None:
    """ASVS 14.2.6."""
    inbox.receive(
        cast.company, "sms", [Came("a", "reply", "13800001234", {"id": "a", "text": "I am Wang"})], at=NOW
    )
    row = Incoming.objects.get()
    for page in ("/messages/incoming/", f"/messages/incoming/{row.pk}/"):
        html = client.get(page).content.decode()
        assert "138****1234" in html and "13800001234" not in html and "I am Wang" not in html
    assert client.post(f"/messages/incoming/{row.pk}/contents/").status_code == 422
    html = client.post(f"/messages/incoming/{row.pk}/contents/", {"reason": "a question"}).content.decode()
    assert "13800001234" in html and "I am Wang" in html


def test_an_empty_inbox_says_how_to_begin(client: Client) -> None:
    assert "Nothing has come in" in client.get("/messages/incoming/").content.decode()


def test_the_list_leaves_for_a_reason(cast: Cast, client: Client) -> None:
    failed(cast)
    assert client.get("/messages/incoming/", {"export": "xlsx", "reason": "audit"}).status_code == 200


def test_a_stranger_to_the_operations_is_refused(cast: Cast) -> None:
    from django.core.exceptions import PermissionDenied

    with pytest.raises(PermissionDenied):
        inbox.move(failed(cast), "retry", version=0, by=cast.access("clerk"), at=NOW)
    with pytest.raises(PermissionDenied):
        operations.move(write(cast), "discard", version=0, by=cast.access("clerk"), at=NOW, reason="x")
