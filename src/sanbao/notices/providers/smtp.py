"""E-mail by SMTP. Name and password come from the settings; no address and no text goes into a log."""

import contextlib
import smtplib
from email.utils import make_msgid

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from sanbao.notices.failures import Failed, Permanent, Temporary, Unsure
from sanbao.notices.models import Message
from sanbao.notices.providers.interface import Receipt, number_of, said

SMTP_SECONDS = 10.0


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
            said(message).body,
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
    return f"<{number_of(message)}@{domain}"


def _by_code(code: int) -> Failed:
    return Permanent("refused", code) if 500 <= code < 600 else Temporary("answered", code)


def _closed(connection: object) -> None:
    """A server that hangs up on our good-bye has accepted the mail all the same."""
    with contextlib.suppress(OSError):
        connection.close()  # type: ignore[attr-defined]
