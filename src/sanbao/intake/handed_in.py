"""A mail that a gateway hands in by the signed hook as JSON, written as the mail it is: from there on it goes the way of a mail by IMAP.

`{"id", "raw": the mail in base64}`, or `{"id", "from", "name"?, "subject"?, "text"? or "html"?, "in_reply_to"?, "references"?: […],
"auto_submitted"?, "attachments"?: [{"name", "type"?, "data": base64}]}`. `id` is the Message-ID, or the gateway's own number.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import formataddr
from typing import Any

from sanbao.notices.doors import Shut

MOST_FILES = 100
LONGEST = 200_000
_ID = re.compile(r"<?([^<>\s]{3,200})>?")
_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,60}")


def written(told: Mapping[str, Any]) -> bytes:
    """The mail as bytes; Shut with a code for the gateway's programmers where it can be none."""
    if "raw" in told:
        raw = _data(told["raw"])
        if not raw:
            raise Shut("raw", 400)
        return raw
    mail = EmailMessage()
    sender = _text(told, "from")
    if not re.fullmatch(r"[^@\s<>,;\"]{1,64}@[A-Za-z0-9.-]{1,189}", sender):
        raise Shut("from", 400)
    mail["From"] = formataddr((_line(_text(told, "name"))[:60], sender)) if sender.isascii() else sender
    mail["Subject"] = _line(_text(told, "subject"))[:500]
    mail["Message-ID"] = _number(str(told.get("id", "")))
    if auto := _line(_text(told, "auto_submitted")):
        mail["Auto-Submitted"] = auto[:60]
    if (answered := _ID.fullmatch(_text(told, "in_reply_to").strip())) is not None:
        mail["In-Reply-To"] = f"<{answered[1]}>"
    if others := [_ID.fullmatch(each) for each in _list(told, "references")[:20] if isinstance(each, str)]:
        mail["References"] = " ".join(f"<{each[1]}>" for each in others if each)
    text, page = _text(told, "text"), _text(told, "html")
    mail.set_content(
        text[:LONGEST] if text or not page else page[:LONGEST],
        subtype="plain" if text or not page else "html",
        cte="base64",
    )
    for each in _list(told, "attachments")[:MOST_FILES]:
        _attach(mail, each)
    return mail.as_bytes()


def _attach(mail: EmailMessage, told: Any) -> None:
    if not isinstance(told, Mapping):
        raise Shut("attachments", 400)
    kind = _text(told, "type").lower()
    main, _slash, sub = (kind if _TYPE.fullmatch(kind) else "application/octet-stream").partition("/")
    if main in ("message", "multipart"):  # a mail within the mail: as a file
        main, sub = "application", "octet-stream"
    name = _line(_text(told, "name"))[:150] or "file"
    mail.add_attachment(_data(told.get("data")), maintype=main, subtype=sub, filename=name)


def _number(given: str) -> str:
    """The Message-ID. A gateway's own number gets a form that no mail program gives."""
    if re.fullmatch(r"<[^<>\s]{3,200}>", given):
        return given
    return f"<{hashlib.sha256(given.encode()).hexdigest()}@handed-in>"


def _data(value: Any) -> bytes:
    if not isinstance(value, str):
        raise Shut("base64", 400)
    try:
        return base64.b64decode("".join(value.split()), validate=True)
    except (ValueError, binascii.Error):
        raise Shut("base64", 400) from None


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name, "")
    if not isinstance(value, str):
        raise Shut(name, 400)
    return value


def _list(told: Mapping[str, Any], name: str) -> list[Any]:
    value = told.get(name, [])
    if not isinstance(value, list):
        raise Shut(name, 400)
    return value


def _line(text: str) -> str:
    """One line: nothing in it can begin another header."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
