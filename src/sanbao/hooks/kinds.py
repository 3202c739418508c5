"""The kinds of events another system can subscribe to. Each module registers its own from its `announced.py`.

The body says what happened to which thing without any person's data. What it says of people is read when the call is made, only for a
subscription that may have it, so it lies in no queue and an erasure need not look for it here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

PING = "ping"


def _nobody(number: int) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind. `actions` are the events of the event log that announce it, none where operations announce it themselves.

    `describe` turns the thing into its part of the body; `details` are those of the event log that go along. `person` reads the people's
    data of the thing with a number, as of now. `example` is a body's object for the documentation.
    """

    code: str
    label: Any
    actions: tuple[str, ...]
    describe: Callable[[Any], dict[str, Any]]
    details: tuple[str, ...] = ()
    person: Callable[[int], dict[str, Any]] = _nobody
    example: Mapping[str, Any] = field(default_factory=dict)


KINDS: dict[str, Kind] = {}
OF_ACTION: dict[str, Kind] = {}
_PING = Kind(
    PING, _("Test call"), (), lambda subscription: {"type": "subscription", "id": subscription.pk, "name": subscription.name}
)  # fmt: skip


def register(*kinds: Kind) -> None:
    """Called by a module's AppConfig.ready()."""
    for kind in kinds:
        KINDS[kind.code] = kind
        OF_ACTION.update(dict.fromkeys(kind.actions, kind))


def kind(code: str) -> Kind | None:
    """The kind with a code, the test call included; None where its module is gone."""
    return _PING if code == PING else KINDS.get(code)


def label(code: str) -> str:
    found = kind(code)
    return str(found.label) if found else code
