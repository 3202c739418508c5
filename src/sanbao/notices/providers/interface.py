"""What every way out looks like to the outbox."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from sanbao.notices.failures import Permanent
from sanbao.notices.models import Message
from sanbao.notices.sealing import Content, Unreadable, content


@dataclass(frozen=True, slots=True)
class Receipt:
    """The provider has accepted; `number` is what it calls the message."""

    number: str


class Provider(Protocol):
    """A way out for a channel. `send` raises Temporary, Permanent or Unsure (failures.py)."""

    def send(self, message: Message) -> Receipt: ...


class Nobody:
    """Nothing is set up for the channel: a message is a dead letter with that reason, not silence."""

    def send(self, message: Message) -> Receipt:
        """Refuse."""
        raise Permanent("nobody")


def number_of(message: Message) -> str:
    """Our number of a message, 32 hexadecimal digits, the same for every attempt: a second copy can be recognised by it."""
    return sha256(f"{message.company_id}:{message.key}".encode()).hexdigest()[:32]


def said(message: Message) -> Content:
    """What the message says; refused for good where its seal no longer opens."""
    try:
        return content(message)
    except Unreadable:
        raise Permanent("key-gone") from None
