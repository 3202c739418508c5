"""A person's data in messages: addresses, texts, and what came in. Asked by the privacy module.

A message is the person's by its address (telephone, mail address, openid), or where its text names their telephone. A name alone finds only texts that say just that name,
because a name belongs to many. What is sent for one use is never copied: it is nobody's any more.
"""

import re
from datetime import date, datetime
from typing import Any

from django.db.models import F, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from sanbao.accounts.access import Access
from sanbao.audit.history import ERASED
from sanbao.audit.personal import Hold, Subject, addresses_of, scrub_events
from sanbao.notices.models import Incoming, Message

KINDS = {"messages": gettext_noop("messages sent"), "incoming": gettext_noop("messages received")}
ENDED = (Message.State.SENT, Message.State.DEAD, Message.State.DISCARDED)


def _words(subject: Subject) -> list[str]:
    """What names the person in a text: the telephone with and without dashes; the name where no telephone is given."""
    if subject.phone:
        return sorted({subject.phone, re.sub(r"\D", "", subject.phone)} - {""}, key=len, reverse=True)
    return [subject.name] if len(subject.name) >= 2 else []


def messages_of(subject: Subject) -> QuerySet[Message]:
    """The messages to the person, and those whose text names them; what is erased already is left out."""
    words, addresses = _words(subject), addresses_of(subject)
    rows: QuerySet[Message] = Message.objects.filter(company_id=subject.company_id)
    if not words and not addresses:
        return rows.none()
    told = Q(address__in=addresses)
    for word in words:
        told |= Q(body__contains=word, secret=False) | Q(subject__contains=word) | Q(said__contains=word)
    if subject.phone:
        told |= Q(address__in=words)
    return rows.annotate(said=Cast("values", TextField())).filter(told).order_by("pk")


def incoming_of(subject: Subject) -> QuerySet[Incoming]:
    """What came in from the person, or names them."""
    words, addresses = _words(subject), addresses_of(subject)
    rows: QuerySet[Incoming] = Incoming.objects.filter(company_id=subject.company_id)
    if not words and not addresses:
        return rows.none()
    told = Q(sender__in=[*words, *addresses])
    for word in words:
        told |= Q(said__contains=word)
    return rows.annotate(said=Cast("payload", TextField())).filter(told).order_by("pk")


class Source:
    """What messages answer about a person (sanbao.audit.personal.Source)."""

    def names(self, subject: Subject) -> set[str]:
        """Messages know addresses, no names."""
        return set()

    def copy(self, subject: Subject) -> dict[str, list[dict[str, Any]]]:
        return {
            "messages": [
                {
                    "channel": str(m.get_channel_display()), "address": m.address, "subject": m.subject,
                    "text": "" if m.secret else m.body, "state": str(m.get_state_display()),
                    "made_at": m.made_at.isoformat(), "ended_at": m.ended_at.isoformat() if m.ended_at else "",
                }
                for m in messages_of(subject)
            ],
            "incoming": [
                {"channel": str(m.get_channel_display()), "sender": m.sender, "text": str(m.payload),
                 "made_at": m.received_at.isoformat()}
                for m in incoming_of(subject)
            ],
        }  # fmt: skip

    def holds(self, subject: Subject, on: date) -> list[Hold]:
        """No law says that a message must be kept."""
        return []

    def open_matters(self, subject: Subject) -> list[str]:
        """A message under way would arrive after the person was told that everything is erased."""
        waiting = messages_of(subject).exclude(state__in=ENDED).count()
        return (
            [_("%(count)d messages with this person's data are still to be sent.") % {"count": waiting}] if waiting else []
        )  # fmt: skip

    def erase(self, subject: Subject, *, by: Access, at: datetime, reason: str) -> dict[str, int]:
        words, addresses = _words(subject), addresses_of(subject)
        messages = list(messages_of(subject).select_for_update(of=("self",)))
        for message in messages:
            _take_out(message, words, addresses)
        Message.objects.bulk_update(messages, ["address", "subject", "body", "values"], batch_size=500)
        incoming = list(incoming_of(subject).select_for_update(of=("self",)))
        for row in incoming:
            row.sender, row.payload = "", {}
        Incoming.objects.bulk_update(incoming, ["sender", "payload"], batch_size=500)
        scrub_events(Message._meta.label_lower, [message.pk for message in messages], ["reason"])
        scrub_events(Incoming._meta.label_lower, [row.pk for row in incoming], ["reason"])
        return {"messages": len(messages), "incoming": len(incoming)}


def _take_out(message: Message, words: list[str], addresses: set[str]) -> None:
    """A message to the person loses address and text; one to somebody else loses the words that name the person."""
    if message.address in words or message.address in addresses:
        message.address = message.body = ""
        message.values = {}
    elif not message.secret:
        message.body = _without(message.body, words)
        message.values = {name: _without(str(value), words) for name, value in message.values.items()}
    message.subject = _without(message.subject, words)[:200]


def _without(text: str, words: list[str]) -> str:
    for word in words:
        text = text.replace(word, ERASED)
    return text


# Retention


def due_messages(company_id: int, ended_before: date) -> QuerySet[Message]:
    """Ended messages from before the day that still hold an address or a text."""
    rows: QuerySet[Message] = Message.objects.filter(
        company_id=company_id, state__in=ENDED, ended_at__date__lt=ended_before
    )
    return rows.exclude(address="", body="")


def due_incoming(company_id: int, ended_before: date) -> QuerySet[Incoming]:
    """What came in before the day and is done with, and still holds a sender or contents."""
    rows: QuerySet[Incoming] = Incoming.objects.filter(company_id=company_id, ended_at__date__lt=ended_before)
    return rows.exclude(state=Incoming.State.NEW).exclude(sender="", payload={})


def blank_due(company_id: int, ended_before: date, most: int) -> int:
    """Take addresses and texts out of so many of them; the rest of the row stays as a record that it was sent. How many were touched."""
    messages = due_messages(company_id, ended_before).order_by("pk").values("pk")[:most]
    incoming = due_incoming(company_id, ended_before).order_by("pk").values("pk")[:most]
    blanked = Message.objects.filter(pk__in=list(messages.values_list("pk", flat=True))).update(
        address="", body="", values={}, subject="", version=F("version") + 1
    )
    blanked += Incoming.objects.filter(pk__in=list(incoming.values_list("pk", flat=True))).update(
        sender="", payload={}, version=F("version") + 1
    )
    return blanked
