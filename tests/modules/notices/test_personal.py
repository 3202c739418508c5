"""A person's copy and erasure reach addresses and texts of messages and what came in; so does the nightly retention."""

from datetime import timedelta

import pytest

from sanbao.audit.models import Event
from sanbao.audit.personal import Subject, erasing
from sanbao.notices import inbox, personal
from sanbao.notices.doors import Came
from sanbao.notices.models import Incoming, Message
from sanbao.privacy import erasing as nightly
from sanbao.privacy import operations as privacy
from sanbao.privacy import queries
from tests.cast import NOW, Cast, assemble
from tests.modules.notices.test_channels import secret
from tests.modules.notices.test_outbox import Saying, drained, write

PHONE, NAME = "13711112222", "钱多多"
SOURCE = personal.Source()


@pytest.fixture
def told(cast: Cast) -> Cast:
    """To the person; to an outlet about the person; to another; and what came in from the person and another."""
    write(cast, "to", channel="sms", address=PHONE, subject="预约确认", body=f"{NAME}您好，工程师明天上门。")
    write(cast, "about", subject=f"派工 {PHONE}", body=f"用户电话{PHONE}，请联系。", values={"phone": PHONE})
    write(cast, "other", channel="sms", address="13800001111", body="孙二您好。")
    drained(Saying())
    things = [Came("a", "reply", PHONE, {"id": "a", "text": "好的"}), Came("b", "reply", "13800001111", {"id": "b"}),
              Came("c", "note", "", {"id": "c", "text": f"call {PHONE}"})]  # fmt: skip
    inbox.receive(cast.company, "sms", things, at=NOW)
    inbox.drain(now=lambda: NOW)
    return cast


def subject(cast: Cast, phone: str = PHONE, name: str = "") -> Subject:
    return Subject(cast.company.pk, phone, name)


def test_a_copy_holds_messages_to_and_about_the_person_and_what_they_sent(told: Cast) -> None:
    """PIPL 45; ASVS 14.2.4."""
    data = SOURCE.copy(subject(told))
    assert [row["address"] for row in data["messages"]] == [PHONE, "wang@example.com"]
    assert NAME in data["messages"][0]["text"]
    assert len(data["incoming"]) == 2


def test_a_copy_asked_for_by_a_name_finds_the_texts_that_say_it(told: Cast) -> None:
    assert len(SOURCE.copy(subject(told, "", NAME))["messages"]) == 1
    assert SOURCE.copy(subject(told, "", "钱")) == {"messages": [], "incoming": []}


def test_another_companys_messages_are_not_touched(told: Cast) -> None:
    """ASVS 8.2.2."""
    other = assemble("other", "other-", "另一家")
    assert SOURCE.copy(subject(other)) == {"messages": [], "incoming": []}


def test_an_erasure_leaves_the_person_nowhere_and_others_where_they_are(told: Cast) -> None:
    """PIPL 47; ASVS 14.2.7."""
    by = told.access("head")
    with erasing():
        assert SOURCE.erase(subject(told), by=by, at=NOW, reason="asked") == {"messages": 2, "incoming": 2}
    everything = f"{list(Message.objects.values())} {list(Incoming.objects.values())}"
    assert PHONE not in everything and NAME not in everything
    assert "孙二" in everything and "13800001111" in everything
    about = Message.objects.get(key="about")
    assert (about.address, about.body) == ("wang@example.com", "用户电话[erased]，请联系。")
    assert SOURCE.copy(subject(told)) == {"messages": [], "incoming": []}


def test_an_erasure_waits_for_a_message_under_way(told: Cast) -> None:
    assert SOURCE.open_matters(subject(told)) == []
    write(told, "late", channel="sms", address=PHONE)
    assert len(SOURCE.open_matters(subject(told))) == 1


def test_a_secret_is_never_copied(cast: Cast) -> None:
    message = secret(cast)
    Message.objects.filter(pk=message.pk).update(channel="sms", address=PHONE)
    (row,) = SOURCE.copy(subject(cast))["messages"]
    assert row["text"] == ""


# Retention: twelve months from the end, by the book

LAST, FREE = NOW + timedelta(days=365), NOW + timedelta(days=366)


def due(cast: Cast, at: object) -> int | None:
    return next(due.due for due in queries.overview(cast.company.pk, at.date()) if due.record == "messages")  # type: ignore[attr-defined]


def test_addresses_and_texts_are_erased_when_their_time_is_over_and_the_record_stays(told: Cast) -> None:
    """ASVS 14.2.7."""
    privacy.switch(True, by=told.access("admin"), at=NOW)
    assert (due(told, LAST), due(told, FREE)) == (0, 6)
    assert nightly.erase_due(told.company.pk, at=LAST)["messages"] == 0
    assert nightly.erase_due(told.company.pk, at=FREE, batch=1)["messages"] == 6
    assert set(Message.objects.values_list("address", "body", "subject", "state")) == {("", "", "", "sent")}
    assert set(Incoming.objects.values_list("sender", flat=True)) == {""}
    assert nightly.erase_due(told.company.pk, at=FREE)["messages"] == 0
    assert Event.objects.filter(action="privacy:retention:erased").exists()


def test_what_waits_is_kept(cast: Cast) -> None:
    privacy.switch(True, by=cast.access("admin"), at=NOW)
    write(cast, "waiting")
    nightly.erase_due(cast.company.pk, at=FREE)
    assert Message.objects.get().address


def test_an_older_edition_of_the_book_knows_no_messages(told: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_args: object) -> None:
        raise LookupError

    monkeypatch.setattr(queries, "free_since", unknown)
    assert queries.messages_before(told.company.pk, FREE.date()) is None
