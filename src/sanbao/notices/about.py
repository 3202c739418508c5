"""What a message is about, as a link: each module says where its things are shown, and registers it in its apps.py."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from sanbao.accounts.access import Access
from sanbao.notices.models import Message


@dataclass(frozen=True, slots=True)
class _Kind:
    word: Any
    page: str
    permission: str


_KINDS: dict[str, _Kind] = {}


def register(label: str, word: Any, page: str, permission: str) -> None:
    """Things of the model `label` ("settlements.statement") are called `word`, shown by the URL `page` to those with `permission`."""
    _KINDS[label] = _Kind(word, page, permission)


def word(message: Message) -> str:
    """What it is about: "Statement #12"; the model's label where no module has said its word."""
    label, _colon, number = message.about.partition(":")
    kind = _KINDS.get(label)
    return f"{kind.word if kind else label} #{number}"


def path(thing: str) -> str:
    """The address of its page, whoever may open it; empty where it has none."""
    label, _colon, number = thing.partition(":")
    kind = _KINDS.get(label)
    return reverse(kind.page, args=[int(number)]) if kind else ""


def url(message: Message, access: Access) -> str:
    """Where it is shown; empty where there is no page, or none for this person."""
    label, _colon, number = message.about.partition(":")
    kind = _KINDS.get(label)
    return reverse(kind.page, args=[int(number)]) if kind and access.may(kind.permission) else ""
