"""What other systems can subscribe to of the service desk (sanbao.hooks)."""

from functools import cache
from typing import Any

from django.urls import get_script_prefix, reverse
from django.utils.translation import gettext_lazy as _

from sanbao.hooks.kinds import Kind
from sanbao.intake.models import Request
from sanbao.intake.states import MOVES
from sanbao_rules.worktime import CHINA


def _shown(request: Request) -> dict[str, Any]:
    """A request without people's data: no name, no number, and none of the customer's words."""
    return {
        "type": "request", "id": request.pk, "number": request.number, "state": request.state, "channel": request.channel,
        "class": request.category.code, "level": request.level, "flags": list(request.flags), "model": request.model,
        "serial": request.serial, "outlet": request.outlet.code if request.outlet else None,
        "assignee": request.assignee.username if request.assignee else None,
        "received_at": request.received_at.astimezone(CHINA).isoformat(timespec="seconds"),
        "due_at": request.due_at.astimezone(CHINA).isoformat(timespec="minutes") if request.due_at else None,
        "due_promise": request.due_promise, "path": _path(get_script_prefix()) % request.pk,
    }  # fmt: skip


@cache
def _path(prefix: str) -> str:
    """Where a request is, with %d for its id: an import announces ten thousand, and each way through all addresses takes its time."""
    return reverse("intake:request", args=[0]).replace("/0/", "/%d/")


def _person(number: int) -> dict[str, Any]:
    fields = ("subject", "description", "contact", "phone", "email", "address", "customer_id")
    return Request.objects.filter(pk=number).values(*fields).first() or {}


_EXAMPLE = {
    "type": "request", "id": 4711, "number": "S260520-0007", "state": "assigned", "channel": "phone", "class": "repair-noise",
    "level": "normal", "flags": [], "model": "CXW-260-A8", "serial": "CXW260A8260000001", "outlet": "GZ001", "assignee": "liqiang",
    "received_at": "2026-05-20T09:00:00+08:00", "due_at": "2026-05-20T11:00+08:00", "due_promise": "answer", "path": "/intake/requests/4711/",
}  # fmt: skip

KINDS = (
    Kind(
        "request.registered", _("Request registered"), ("intake:request:registered",), _shown, person=_person, example=_EXAMPLE,
    ),
    Kind(
        "request.assigned", _("Request given, taken or handed up"),
        ("intake:request:assigned", "intake:request:taken", "intake:request:handed_up"),
        _shown, person=_person, example=_EXAMPLE,
    ),
    Kind(
        "request.moved", _("Request moved"),
        (*(f"intake:request:{noun}" for noun in MOVES), "intake:request:confirmed", "intake:request:withdrawn"),
        _shown, ("state", "waiting_for"), person=_person, example=_EXAMPLE,
    ),
    Kind("promise.missed", _("A promise was missed"), (), _shown, ("promise", "due_at"), person=_person, example=_EXAMPLE),
    Kind("message.in", _("A customer has written"), ("intake:request:written",), _shown, ("channel",), person=_person, example=_EXAMPLE),
    Kind("message.out", _("A customer was answered"), ("intake:request:replied",), _shown, ("channel",), person=_person, example=_EXAMPLE),
)  # fmt: skip
