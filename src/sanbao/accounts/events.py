"""What happens to accounts, told to whoever wants to know. Modules above put their functions into these lists when the app starts.

`TELLERS` hear what happened (the event log). `LINK_MADE` hear of a new one-use link with its secret address (messages to the person).
Plain lists: what is called, in which order and in which transaction can be read here.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sanbao.accounts.access import Access
from sanbao.accounts.models import Link, Person
from sanbao.edge import logs

TELLERS: list[Callable[..., None]] = []
LINK_MADE: list[Callable[[Link, str], None]] = []


def tell(action: str, person: Person, *, at: datetime, by: Access | None = None, **details: Any) -> None:
    """Say that `action` ("accounts:thing:verb") happened to a person's account; `by` None is the person's own doing."""
    _log(action, person, **details)
    for teller in TELLERS:
        teller(action, person, at=at, by=by, **details)


# What the log calls them (ASVS 16.3.1, 16.3.2); every other change of an account is `account.changed`.
_LOGGED = {
    "accounts:person:signed-in": "sign-in.done",
    "accounts:person:sign-in-refused": "sign-in.failed",
    "accounts:person:signed-out": "sign-out",
    "accounts:person:locked": "sign-in.locked",
    "accounts:factor:refused": "factor.refused",
}
_FAILED = frozenset(("sign-in.failed", "sign-in.locked", "factor.refused"))


def _log(action: str, person: Person, **details: Any) -> None:
    """The same for the log of the machine: numbers of people instead of names, and of the details only how and from where."""
    name = _LOGGED.get(action, "account.changed")
    fields = {key: details[key] for key in ("way", "address") if key in details}
    level = logging.WARNING if name in _FAILED else logging.INFO
    logs.tell(name, level, action=action, account=person.pk, **fields)
