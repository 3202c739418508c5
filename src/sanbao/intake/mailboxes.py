"""Reading mailboxes by IMAP: every mail is kept whole before anything is made of it, and made into a request once.

A mail is a file and a row of the inbox (notices.inbox) in one transaction with the place reached in the mailbox: killed at any moment,
nothing is lost and nothing comes twice (the Message-ID is unique). The worker then calls `listener` under the inbox's lease, attempts and page.
Nothing in the mailbox is changed or deleted.
"""

import hashlib
import imaplib
import logging
import re
import ssl
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts import scope
from sanbao.accounts.access import Access, Grant
from sanbao.accounts.models import Company
from sanbao.files import operations as files
from sanbao.files.models import StoredFile
from sanbao.intake import channels, handed_in, letters
from sanbao.intake.models import Category, Mailbox
from sanbao.intake.operations.mailing import NoRequest, take_in
from sanbao.intake.states import Channel
from sanbao.notices import inbox, reports
from sanbao.notices.doors import Came
from sanbao.notices.inbox import Ignored
from sanbao.notices.models import Incoming, Message

logger = logging.getLogger(__name__)

SECONDS = 20
MOST_AT_A_TIME = 200
LARGEST = 12_000_000
MAIL = "@mail"  # a kind nobody outside can say (notices.doors)


class BadSetting(ValueError):
    """SANBAO_MAILBOXES can't be read; the text says where and how to mend it."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One mailbox: whose it is, where it lies, and the class of what comes by it."""

    company: str
    host: str
    port: int
    tls: bool
    user: str
    password: str
    folder: str
    category: str


def read_settings(text: str) -> list[Setting]:
    """`hezao imaps://service%40example.com:secret@imap.example.com/INBOX?class=other`, several apart by semicolons or lines."""
    found = []
    for line in re.split(r"[;\n]", text):
        if not line.strip():
            continue
        company, _blank, address = line.strip().partition(" ")
        parts = urlsplit(address.strip())
        if parts.scheme not in ("imaps", "imap") or not (
            parts.hostname and parts.username and parts.password
        ):
            raise BadSetting(
                f"SANBAO_MAILBOXES: “{company}” needs imaps://user:password@host/INBOX (in user and password write @ as %40)"
            )
        if parts.scheme == "imap" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
            raise BadSetting(
                f"SANBAO_MAILBOXES: “{company}”: without TLS (imap://) only on this machine; write imaps://"
            )
        found.append(
            Setting(
                company, parts.hostname, parts.port or (993 if parts.scheme == "imaps" else 143), parts.scheme == "imaps",
                unquote(parts.username), unquote(parts.password), unquote(parts.path.strip("/")) or "INBOX",
                parse_qs(parts.query).get("class", [channels.OTHER])[0],
            )
        )  # fmt: skip
    return found


def door(company_id: int) -> Access:
    """The company's own work for whoever writes: of every outlet, without a permission."""
    return Access(None, company_id, (Grant("door", None, None),), name="", request="mail")


def fetch_all(at: datetime) -> int:
    """Read every mailbox of the settings; how many mails were kept. One that fails does not stop the others."""
    kept = 0
    for setting in read_settings(settings.MAILBOXES):
        with scope.everything("a mailbox's company"):
            company = Company.objects.filter(code=setting.company).first()
        if company is None:
            logger.error("mailbox of an unknown company: %s", setting.company)
            continue
        with scope.opened(door(company.pk)):
            box, _made = Mailbox.objects.get_or_create(company=company, address=setting.user[:254])
            failure = ""
            try:
                kept += fetch(box, setting, at)
            except (imaplib.IMAP4.error, OSError, ssl.SSLError) as error:
                failure = "login" if isinstance(error, imaplib.IMAP4.error) else "unreachable"
                logger.warning("mailbox: %s %s", failure, type(error).__name__)
            Mailbox.objects.filter(pk=box.pk).update(checked_at=at, failure=failure)
    return kept


def fetch(box: Mailbox, setting: Setting, at: datetime) -> int:
    """Keep what is new in one mailbox. The first time begins with what comes from now on."""
    with _connected(setting) as server:
        server.select(_quoted(setting.folder), readonly=True)
        validity = _number(server.response("UIDVALIDITY")[1])
        if box.validity != validity:
            newest = _number(server.response("UIDNEXT")[1]) - 1
            box.last_uid = 0 if box.validity else max(newest, 0)
            box.validity = validity
            Mailbox.objects.filter(pk=box.pk).update(validity=validity, last_uid=box.last_uid)
        _ok, found = server.uid("SEARCH", f"UID {box.last_uid + 1}:*")
        uids = sorted(int(uid) for uid in (found[0] or b"").split())
        new = [uid for uid in uids if uid > box.last_uid][:MOST_AT_A_TIME]
        for uid in new:
            _keep(box, uid, *_mail(server, uid), at)
        return len(new)


def _connected(setting: Setting) -> imaplib.IMAP4:
    if setting.tls:
        server: imaplib.IMAP4 = imaplib.IMAP4_SSL(
            setting.host, setting.port, ssl_context=ssl.create_default_context(), timeout=SECONDS
        )
    else:
        server = imaplib.IMAP4(setting.host, setting.port, timeout=SECONDS)
    server.login(setting.user, setting.password)
    return server


def _quoted(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _number(answer: Any) -> int:
    digits = re.search(rb"\d+", answer[0] or b"") if answer else None
    return int(digits.group()) if digits else 0


def _mail(server: imaplib.IMAP4, uid: int) -> tuple[bytes, int]:
    """The mail as it came; of one that is too large only its head. (bytes, its size where only the head was read)"""
    _ok, told = server.uid("FETCH", str(uid), "(RFC822.SIZE)")
    size = re.search(rb"RFC822\.SIZE (\d+)", b" ".join(piece for piece in told if isinstance(piece, bytes)))
    large = int(size.group(1)) if size and int(size.group(1)) > LARGEST else 0
    _ok, answer = server.uid("FETCH", str(uid), "(BODY.PEEK[HEADER])" if large else "(BODY.PEEK[])")
    return next((piece[1] for piece in answer if isinstance(piece, tuple)), b""), large


def _keep(box: Mailbox, uid: int, raw: bytes, large: int, at: datetime) -> None:
    """The file, the inbox's row and the place in the mailbox: all or nothing."""
    with transaction.atomic():
        if raw:
            came = _kept_whole(box.company_id, raw, {"mailbox": box.pk, "large": large}, at)
            inbox.receive(box.company, Message.Channel.EMAIL, [came], at=at)
        Mailbox.objects.filter(pk=box.pk, last_uid__lt=uid).update(last_uid=uid)


def _kept_whole(company_id: int, raw: bytes, how: dict[str, Any], at: datetime) -> Came:
    """The mail as a file, once for its Message-ID, and what the inbox shall know of it."""
    digest = hashlib.sha256(letters.read(raw).number.encode()).hexdigest()
    if Incoming.objects.filter(
        company_id=company_id, channel=Message.Channel.EMAIL, external_id=digest
    ).exists():
        return Came(digest, MAIL, "", {})
    stored = files.keep(raw, f"{digest[:12]}.eml", by=door(company_id), at=at)
    return Came(digest, MAIL, "", {"file": stored.pk, **how})


def keeper(company: Company, came: Came, at: datetime) -> Came:
    """What a gateway hands in by the hook becomes the mail it is, so that it goes the way of a mail by IMAP. What nobody has sent (a
    report) stays as it is."""
    if came.kind == MAIL or not {"raw", "from"} & came.payload.keys():
        return came
    raw = handed_in.written(came.payload)
    with scope.opened(door(company.pk)):
        return _kept_whole(company.pk, raw, {"handed_in": True}, at)


def listener(row: Incoming, at: datetime) -> None:
    """Make a kept mail into a request. Called by the inbox, in the transaction that ends its row."""
    if row.kind != MAIL:
        return reports.of_json(row, at)
    setting = channels.setting_of(Company.objects.get(pk=row.company_id).code, Channel.EMAIL)
    if row.payload.get("handed_in") and setting is None:
        raise Ignored("closed")
    with scope.opened(door(row.company_id)):
        original = StoredFile.objects.get(pk=row.payload["file"])
        letter = letters.read(files.content(original))
        box = Mailbox.objects.filter(pk=row.payload.get("mailbox")).first()
        if letter.sender in own_addresses(box):
            raise Ignored("own-mail")
        if row.payload.get("large"):
            letter = _told_large(letter, row.payload["large"])
        try:
            category = _category(row.company_id, box, setting.category if setting else "")
            take_in(letter, original, category, by=door(row.company_id), at=at)
        except NoRequest as why:
            raise Ignored(str(why)) from None


def own_addresses(box: Mailbox | None) -> set[str]:
    """Addresses of ours: what they write is no customer's."""
    sender = re.search(r"[^\s<>]+@[^\s<>]+", settings.DEFAULT_FROM_EMAIL)
    return {
        address.lower()
        for address in (box.address if box else "", sender.group() if sender else "")
        if address
    }


def _told_large(letter: letters.Letter, size: int) -> letters.Letter:
    words = _(
        "The mail is too large to be read (%(size)d MB): ask its sender for the files in smaller pieces."
    ) % {"size": size // 1_000_000}
    return letters.Letter(
        letter.number,
        letter.sender,
        letter.name,
        letter.subject,
        words,
        (),
        (),
        letter.answers,
        letter.automatic,
    )


def _category(company_id: int, box: Mailbox | None, of_hook: str) -> Category:
    """The class of what comes by this mailbox, or by the hook."""
    wanted = [each.category for each in read_settings(settings.MAILBOXES) if box and each.user == box.address]
    return channels.category_of(company_id, *(wanted if box else [of_hook]))


def fetch_now() -> int:
    """For the job: read every mailbox now."""
    return fetch_all(timezone.now())
