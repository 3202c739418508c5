"""Who is told what about orders (notices.telling)."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.notices.telling import tell
from sanbao.outlets.queries import holders
from sanbao.workorders.models import Order
from sanbao.workorders.permissions import May


def given(order: Order, people: Iterable[Person], first: datetime, *, by: Access, at: datetime) -> None:
    """Whoever is to go is told when."""
    others = [person for person in people if person.pk != by.person_id]
    tell(others, "workorders:given", about=order, by=by, at=at, key=f"{order.pk}:{order.version}", order=order.number, first=first)  # fmt: skip


def called_off(order: Order, person: Person, reason: str, *, by: Access, at: datetime) -> None:
    """The engineer need not go."""
    tell(
        [person],
        "workorders:called-off",
        about=order,
        by=by,
        at=at,
        key=f"{order.pk}:{at.isoformat()}",
        order=order.number,
    )


def refused(order: Order, reason: str, *, by: Access, at: datetime) -> None:
    """Whoever dispatched it, or may, learns that the engineer said no."""
    _to_dispatchers(order, "workorders:refused", by, at, who=by.name)


def incomplete(order: Order, reason: str, *, by: Access, at: datetime) -> None:
    """An order ended without the work being done, and nothing follows it yet."""
    _to_dispatchers(order, "workorders:incomplete", by, at)


def placed(order: Order, *, by: Access, at: datetime) -> None:
    """The outlet has a new order."""
    _to_dispatchers(order, "workorders:placed", by, at)


def handed_up(order: Order, reason: str, *, by: Access, at: datetime) -> None:
    """Headquarters has an order back."""
    people = holders(by.company_id, str(May.DISPATCH), on=timezone.localdate(at), but=by.person_id)
    tell(people, "workorders:handed-up", about=order, by=by, at=at, key=f"{order.pk}:{at.isoformat()}", order=order.number, outlet=str(order.outlet))  # fmt: skip


def wished(order: Order, begin: datetime, *, by: Access, at: datetime) -> None:
    """The customer asks for another time; the desk answers."""
    _to_dispatchers(order, "workorders:wished", by, at, begin=begin)


def asked_again(order: Order, *, by: Access, at: datetime) -> None:
    """The customer had the order opened again."""
    _to_dispatchers(order, "workorders:asked-again", by, at)


def answered(order: Order, *, yes: bool, by: Access, at: datetime) -> None:
    """The customer said yes or no to the plan on the link."""
    _to_engineer(order, "workorders:agreed" if yes else "workorders:declined", by, at)


def sent_back(order: Order, *, by: Access, at: datetime) -> None:
    """The customer does not accept the work yet."""
    _to_engineer(order, "workorders:sent-back", by, at)


def _to_engineer(order: Order, kind: str, by: Access, at: datetime) -> None:
    if order.engineer is not None and order.engineer_id != by.person_id:
        tell([order.engineer], kind, about=order, by=by, at=at, key=f"{order.pk}:{at.isoformat()}", order=order.number)  # fmt: skip


def _to_dispatchers(order: Order, kind: str, by: Access, at: datetime, **said: object) -> None:
    people = holders(by.company_id, str(May.DISPATCH), outlet_id=order.outlet_id, on=timezone.localdate(at), but=by.person_id)  # fmt: skip
    if order.dispatched_by_id and order.dispatched_by_id != by.person_id:
        people = [person for person in people if person.pk == order.dispatched_by_id] or people
    tell(
        people,
        kind,
        about=order,
        by=by,
        at=at,
        key=f"{order.pk}:{at.isoformat()}",
        order=order.number,
        **said,
    )
