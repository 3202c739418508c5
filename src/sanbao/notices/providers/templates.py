"""Providers that send no free text: which template a kind of message has, and what is filled in."""

from collections.abc import Mapping

from sanbao.notices.failures import Permanent
from sanbao.notices.models import Message
from sanbao.notices.providers.interface import said

OTHERS = "*"
# Kinds of messages that answer somebody who has written to us: as free text wherever the provider lets us.
ANSWERS = frozenset(("intake:received", "intake:reply", "intake:greeting"))


def has(templates: Mapping[str, str], kind: str) -> bool:
    """Whether a kind of message has a template."""
    return bool(templates.get(kind) or templates.get(OTHERS))


def code_of(templates: Mapping[str, str], message: Message) -> str:
    """The template's code: the kind's own, else that for all others; refused for good where there is neither."""
    code = templates.get(message.kind) or templates.get(OTHERS)
    if not code:
        raise Permanent("template", message.kind or "-")
    return code


def values_of(message: Message) -> dict[str, str]:
    """What is filled in: the message's values, else its heading and text as `title` and `content`."""
    content = said(message)
    return dict(content.values) or {"title": message.subject, "content": content.body}
