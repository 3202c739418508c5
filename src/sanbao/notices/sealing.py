"""What a message says, and how a text that holds a link or code for one use is kept until it is sent.

The key follows from SECRET_KEY, so a copy of the database alone opens nothing (ASVS 11.3.2, 13.3.1, 14.2.1). SECRET_KEY_FALLBACKS open
what was sealed before a change of the key.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings

from sanbao.notices.models import Message

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet


class Unreadable(Exception):
    """A sealed text was sealed with a key this installation no longer has."""


@dataclass(frozen=True, slots=True)
class Content:
    """The text, and the values for a provider's template."""

    body: str
    values: Mapping[str, str]


def seal(content: Content) -> str:
    """The content in a form that only this installation can read."""
    text = json.dumps({"body": content.body, "values": dict(content.values)}, ensure_ascii=False)
    return _box().encrypt(text.encode()).decode()


def content(message: Message) -> Content:
    """What the message says; Unreadable where its seal no longer opens. Of a secret that is gone: nothing."""
    if not message.secret:
        return Content(message.body, message.values)
    if not message.body:
        return Content("", {})
    return opened(message.body)


def opened(text: str) -> Content:
    """What `seal` has sealed; Unreadable where the seal no longer opens."""
    from cryptography.fernet import InvalidToken

    try:
        return Content(**json.loads(_box().decrypt(text.encode())))
    except InvalidToken:
        raise Unreadable from None


def _box() -> "MultiFernet":
    from cryptography.fernet import Fernet, MultiFernet  # loaded where something is sealed: few pages do

    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet(
        Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"notices:" + key.encode()).digest())) for key in keys
    )
