"""The administrator's page of the outbox: what lies there, and trying again or discarding it."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from sanbao.accounts.access import Access
from sanbao.audit.models import Event
from sanbao.notices import operations
from sanbao.notices.failures import Permanent, Temporary
from sanbao.notices.models import Message
from sanbao.ui.refusal import Refusal, Stale
from tests.cast import NOW, Cast
from tests.modules.notices.test_channels import secret
from tests.modules.notices.test_outbox import Saying, drained, write

TEXT = "Dear Mr Wang, April is paid."


@pytest.fixture
def admin(cast: Cast) -> Access:
    return cast.access("admin")


@pytest.fixture
def client(cast: Cast) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.people["admin"])
    return client


def dead(cast: Cast, key: str = "one", **fields: object) -> Message:
    message = write(cast, key, body=TEXT, **fields)
    drained(Saying(*[Permanent("recipient", 550)] * 9))
    message.refresh_from_db()
    assert message.state == "dead"
    return message


# Operations


def test_a_dead_letter_is_tried_again_with_as_many_attempts_as_at_first(cast: Cast, admin: Access) -> None:
    message = write(cast)
    at = NOW
    for _ in range(operations.MOST_ATTEMPTS):
        drained(Saying(Temporary("busy")), at)
        at += operations.LONGEST_PAUSE * 2
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("dead", operations.MOST_ATTEMPTS)

    operations.move(message, "retry", version=message.version, by=admin, at=at)
    drained(Saying(Temporary("busy")), at)
    message.refresh_from_db()
    assert message.state == "waiting"
    drained(Saying(), at + timedelta(hours=1))
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("sent", operations.MOST_ATTEMPTS + 2)


def test_a_worker_that_comes_back_after_a_retry_does_not_write_over_it(cast: Cast, admin: Access) -> None:
    message = write(cast)
    slow = operations.lease(NOW)
    Message.objects.filter(pk=message.pk).update(state="dead", leased_until=None)
    operations.move(message, "retry", version=0, by=admin, at=NOW)
    operations._attempt(slow, Saying(Permanent("recipient")), lambda: NOW)
    message.refresh_from_db()
    assert message.state == "waiting"


def test_a_discarded_message_is_not_sent(cast: Cast, admin: Access) -> None:
    message, provider = write(cast), Saying()
    operations.move(message, "discard", version=0, by=admin, at=NOW, reason="written twice")
    assert drained(provider) == 0
    message.refresh_from_db()
    assert (message.state, message.reason, message.discarded_by_id) == ("discarded", "written twice", admin.person_id)  # fmt: skip


def test_a_discarded_secret_is_gone(cast: Cast, admin: Access) -> None:
    message = secret(cast)
    operations.move(message, "discard", version=0, by=admin, at=NOW, reason="asked twice")
    message.refresh_from_db()
    assert message.body == ""


def test_a_link_for_one_use_is_not_tried_again_after_it_is_gone(cast: Cast, admin: Access) -> None:
    message = secret(cast)
    drained(Saying(Permanent("refused")))
    with pytest.raises(Refusal) as refused:
        operations.move(message, "retry", version=0, by=admin, at=NOW)
    assert refused.value.code == "gone"


@pytest.mark.parametrize(("state", "noun"), [("sent", "retry"), ("sent", "discard"), ("waiting", "retry")])
def test_what_is_sent_or_waits_is_not_moved(cast: Cast, admin: Access, state: str, noun: str) -> None:
    message = write(cast)
    Message.objects.filter(pk=message.pk).update(state=state)
    with pytest.raises(Stale):
        operations.move(message, noun, version=0, by=admin, at=NOW, reason="x")


def test_a_message_being_sent_is_not_discarded(cast: Cast, admin: Access) -> None:
    message = write(cast)
    operations.lease(NOW)
    with pytest.raises(Stale):
        operations.move(message, "discard", version=0, by=admin, at=NOW, reason="x")


def test_discarding_takes_a_reason(cast: Cast, admin: Access) -> None:
    with pytest.raises(Refusal) as refused:
        operations.move(write(cast), "discard", version=0, by=admin, at=NOW, reason=" ")
    assert refused.value.field == "reason"


# Pages


def test_the_list_shows_dead_letters_first_with_masked_addresses(client: Client, cast: Cast) -> None:
    dead(cast)
    dead(cast, "two", channel="sms", address="13800001234")
    write(cast, "three")
    html = client.get("/messages/").content.decode()
    assert "w***@example.com" in html and "138****1234" in html
    assert "wang@example.com" not in html and "13800001234" not in html
    assert "The provider knows no such recipient, or the recipient takes no messages. (550)" in html
    tabs = re.findall(r"(Dead letters|Waiting|Sent|Discarded|All) <span class=\"pill-count\">(\d+)", html)
    assert tabs == [("Dead letters", "2"), ("Waiting", "1"), ("Sent", "0"), ("Discarded", "0"), ("All", "3")]


@pytest.mark.parametrize(("words", "found"), [("on", 1), ("example.com", 1), ("1234", 1), ("nothing", 0)])
def test_a_message_is_found_by_its_name_or_the_end_of_its_address(
    client: Client, cast: Cast, words: str, found: int
) -> None:
    dead(cast)
    dead(cast, "two", channel="sms", address="13800001234")
    assert client.get("/messages/", {"q": words}).content.decode().count('name="row"') == found


def test_an_empty_outbox_says_that_everything_was_sent(client: Client) -> None:
    assert "No dead letters" in client.get("/messages/").content.decode()


def test_a_message_shows_what_it_is_about_as_a_link(client: Client, cast: Cast) -> None:
    outlet = cast.outlets["GZ001"]
    message = operations.send("wang@example.com", "Paid", TEXT, key="o", about=outlet, by=cast.access("clerk"), at=NOW)  # fmt: skip
    assert f'href="/outlets/{outlet.pk}/"' in client.get(f"/messages/{message.pk}/").content.decode()


def test_address_and_text_are_masked_until_a_reason_is_given_and_kept(client: Client, cast: Cast) -> None:
    """ASVS 14.2.6."""
    message = dead(cast)
    html = client.get(f"/messages/{message.pk}/").content.decode()
    assert TEXT not in html and "wang@example.com" not in html
    assert client.post(f"/messages/{message.pk}/text/").status_code == 422
    html = client.post(f"/messages/{message.pk}/text/", {"reason": "the outlet asks"}).content.decode()
    assert TEXT in html and "wang@example.com" in html
    assert Event.objects.get(action="notices:message:unmasked").details["reason"] == "the outlet asks"


def test_a_link_for_one_use_is_shown_to_nobody(client: Client, cast: Cast) -> None:
    """ASVS 14.2.1."""
    message = secret(cast)
    Message.objects.filter(pk=message.pk)
    html = client.post(f"/messages/{message.pk}/text/", {"reason": "x"}).content.decode()
    assert "abc123" not in html and message.body not in html
    assert "shown to nobody" in html


def test_a_person_tries_again_and_discards_on_the_page(client: Client, cast: Cast) -> None:
    message = dead(cast)
    assert client.post(f"/messages/{message.pk}/retry/", {"version": 0}).status_code == 303
    assert Event.objects.filter(action="notices:message:retry", thing_id=message.pk).exists()
    answer = client.post(f"/messages/{message.pk}/discard/", {"version": 0, "reason": "x"})
    assert answer.status_code == 409  # seen before the retry
    answer = client.post(f"/messages/{message.pk}/discard/", {"version": 1, "reason": "written twice"})
    assert answer.status_code == 303
    assert "written twice" in client.get(f"/messages/{message.pk}/").content.decode()


def test_ticked_messages_are_tried_again_each_by_itself(client: Client, cast: Cast) -> None:
    gone, good, other = secret(cast), dead(cast, "one"), dead(cast, "two")
    assert Message.objects.filter(state="dead").count() == 3
    answer = client.post("/messages/move/retry/", {"row": [gone.pk, good.pk, other.pk]}, follow=True)
    html = answer.content.decode()
    assert "2 messages done." in html and "reset: The link in it was for one use" in html
    assert Message.objects.filter(state="waiting").count() == 2


def test_discarding_several_asks_why_first(client: Client, cast: Cast) -> None:
    ticked = [dead(cast, "one").pk, dead(cast, "two").pk]
    asked = client.post("/messages/move/discard/", {"row": ticked})
    assert asked.status_code == 200 and asked.content.decode().count('name="row"') == 2
    assert client.post("/messages/move/discard/", {"row": ticked, "reason": " "}).status_code == 422
    assert not Message.objects.filter(state="discarded").exists()
    client.post("/messages/move/discard/", {"row": ticked, "reason": "a trial"})
    assert Message.objects.filter(state="discarded", reason="a trial").count() == 2


def test_without_ticks_nothing_is_done_and_said(client: Client) -> None:
    assert "Tick the messages first." in client.post("/messages/move/retry/", follow=True).content.decode()


def test_another_move_does_not_exist(client: Client, cast: Cast) -> None:
    message = dead(cast)
    assert client.post("/messages/move/burn/", {"row": message.pk}).status_code == 404
    assert client.post(f"/messages/{message.pk}/burn/", {"version": 0}).status_code == 404


def test_the_home_page_counts_dead_letters_for_the_administrator(client: Client, cast: Cast) -> None:
    dead(cast)
    html = client.get("/").content.decode()
    assert re.search(r"Messages that could not be sent</a>.*?>1<", html, re.S)


def test_the_list_leaves_as_a_file_for_a_reason(client: Client, cast: Cast) -> None:
    dead(cast)
    assert client.get("/messages/", {"export": "xlsx"}).status_code == 422
    assert client.get("/messages/", {"export": "xlsx", "reason": "audit"}).status_code == 200
    assert Event.objects.filter(action="notices:messages:exported").exists()
