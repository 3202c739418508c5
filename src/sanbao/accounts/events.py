"""What happens to accounts, told to whoever wants to know. Modules above put their functions into these lists when the app starts.

`TELLERS` hear what happened (the event log). `LINK_MADE` hear of a new one-use link with its secret address (messages to the person).
Plain lists: what is called, in which order and in which transaction can be read here.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sanbao.accounts.access import Access
from sanbao.accounts.models import Link, Person

TELLERS: list[Callable[..., None]] = []
LINK_MADE: list[Callable[[Link, str], None]] = []


def tell(action: str, person: Person, *, at: datetime, by: Access | None = None, **details: Any) -> None:
    """Say that `action` ("accounts:thing:verb") happened to a person's account; `by` None is the person's own doing."""
    for teller in TELLERS:
        teller(action, person, at=at, by=by, **details)
