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


_KINDS: dict[str, list[_Kind]] = {}


def register(label: str, word: Any, page: str, permission: str) -> None:
    """Things of the model `label` ("settlements.statement") are called `word`, shown by the URL `page` to those with `permission`.

    Registered again, with another permission, a thing has one more page for those who may not open the first.
    """
    _KINDS.setdefault(label, [])
    _KINDS[label] = [kind for kind in _KINDS[label] if kind.permission != permission] + [_Kind(word, page, permission)]  # fmt: skip


def word(message: Message) -> str:
    """What it is about: "Statement #12"; the model's label where no module has said its word."""
    label, _colon, number = message.about.partition(":")
    kinds = _KINDS.get(label)
    return f"{kinds[0].word if kinds else label} #{number}"


def path(thing: str, permission: str = "") -> str:
    """The address of its page for people with the permission, else of the first, whoever may open it; empty where it has none."""
    label, _colon, number = thing.partition(":")
    kinds = _KINDS.get(label, [])
    kind = next((kind for kind in kinds if kind.permission == permission), kinds[0] if kinds else None)
    return reverse(kind.page, args=[int(number)]) if kind else ""


def url(message: Message, access: Access) -> str:
    """Where it is shown; empty where there is no page, or none for this person."""
    label, _colon, number = message.about.partition(":")
    kind = next((kind for kind in _KINDS.get(label, []) if access.may(kind.permission)), None)
    return reverse(kind.page, args=[int(number)]) if kind else ""
