"""Who carries messages away: one interface, and what went wrong in the three words of failures.py.

Secrets come from the settings only. No provider writes an address or a text into a log.
"""

import contextlib
import smtplib
from dataclasses import dataclass
from email.utils import make_msgid
from hashlib import sha256
from typing import Protocol

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from sanbao.notices.failures import Failed, Permanent, Temporary, Unsure
from sanbao.notices.models import Message
from sanbao.notices.sealing import Unreadable, content

SMTP_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Receipt:
    """The provider has accepted; `number` is what it calls the message."""

    number: str


class Provider(Protocol):
    """A way out for a channel. `send` raises Temporary, Permanent or Unsure."""

    def send(self, message: Message) -> Receipt: ...


class Nobody:
    """Nothing is set up for the channel: a message is a dead letter with that reason, not silence."""

    def send(self, message: Message) -> Receipt:
        """Refuse."""
        raise Permanent("nobody")


class Smtp:
    """E-mail through the server of Django's EMAIL_ settings. The Message-ID is made from the key and stays the same when sent again."""

    def send(self, message: Message) -> Receipt:
        """Connect first: until then nothing can have been accepted."""
        connection = get_connection("django.core.mail.backends.smtp.EmailBackend", timeout=SMTP_SECONDS)
        try:
            connection.open()
        except smtplib.SMTPAuthenticationError as error:
            raise Temporary("login") from error
        except OSError as error:  # SMTPException is one
            raise Temporary("unreachable", type(error).__name__) from error
        number = message_id(message)
        mail = EmailMessage(
            message.subject,
            text(message),
            to=[message.address],
            headers={"Message-ID": number},
            connection=connection,
        )
        try:
            mail.send()
        except smtplib.SMTPRecipientsRefused as error:
            raise _by_code(max(code for code, _text in error.recipients.values())) from error
        except smtplib.SMTPResponseException as error:
            raise _by_code(error.smtp_code) from error
        except ValueError as error:  # an address or heading no mail can have
            raise Permanent("unwritable") from error
        except OSError as error:
            raise Unsure("broke-off", type(error).__name__) from error
        finally:
            _closed(connection)
        return Receipt(number)


def message_id(message: Message) -> str:
    """The same for every attempt, so that mail programs can recognise a second copy."""
    domain = make_msgid(domain=settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ")).rpartition("@")[2]
    return f"<{sha256(f'{message.company_id}:{message.key}'.encode()).hexdigest()[:32]}@{domain}"


def text(message: Message) -> str:
    """The body to send; refused for good where its seal no longer opens."""
    try:
        return content(message).body
    except Unreadable:
        raise Permanent("key-gone") from None


def _by_code(code: int) -> Failed:
    return Permanent("refused", code) if 500 <= code < 600 else Temporary("answered", code)


def _closed(connection: object) -> None:
    """A server that hangs up on our good-bye has accepted the mail all the same."""
    with contextlib.suppress(OSError):
        connection.close()  # type: ignore[attr-defined]


def provider_for(channel: str) -> Provider:
    """What this installation has set up for the channel."""
    return Smtp() if channel == Message.Channel.EMAIL and settings.EMAIL_HOST else Nobody()
