"""What a visitor sees of their own: every request, every appliance with its warranty and why."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils import timezone

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company
from sanbao.decisions.queries import whys
from sanbao.intake import links
from sanbao.intake.models import Request
from sanbao.intake.queries import due_words
from sanbao.intake.states import OPEN
from sanbao.portal import complaints
from sanbao.portal.visitors import Visitor
from sanbao.products.models import Cover, Registration, Unit
from sanbao.ui.why import Why
from sanbao.workorders import links as order_links
from sanbao.workorders.models import Order
from sanbao.workorders.queries import appointment_words
from sanbao.workorders.states import OPEN as ORDER_OPEN
from sanbao.workorders.states import TONES
from sanbao.workorders.states import State as OrderState

MOST = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with its link and where its promise stands."""

    request: Request
    url: str
    due: str
    tone: str


@dataclass(frozen=True, slots=True)
class Owned:
    """An appliance with its covers, each with its why and whether it still holds."""

    unit: Unit
    covers: list[tuple[Cover, Why, bool]]
    ask: str


def mine(who: Visitor, by: Access, language: str, now: datetime) -> dict[str, Any]:
    """Open and past requests, and appliances; the newest two hundred of each."""
    company = Company.objects.get(pk=who.company_id)
    rows = Request.objects.filter(who.things(), erased_at__isnull=True).select_related("category")
    asked = [
        Asked(row, links.path(company, row), *due_words(row, now)) for row in rows.order_by("-id")[:MOST]
    ]
    return {
        "open": [each for each in asked if each.request.state in OPEN],
        "past": [each for each in asked if each.request.state not in OPEN],
        "registrations": registrations(who),
        "orders": orders(who, company),
        "complaints": complaints.rows(who, company),
        "units": _units(who, company, by, language, now),
    }


def orders(who: Visitor, company: Company) -> list[dict[str, Any]]:
    """Work on the way and done, with its page: open ones first."""
    return _rows(Order.objects.filter(who.things()), company)


def orders_of_request(request: Request, company: Company) -> list[dict[str, Any]]:
    """The work for one request."""
    return _rows(Order.objects.filter(request=request), company)


def _rows(found: QuerySet[Order], company: Company) -> list[dict[str, Any]]:
    rows = found.filter(erased_at__isnull=True).exclude(state=OrderState.CANCELLED).order_by("-id")[:MOST]
    told = [
        {
            "order": row, "url": order_links.path(company, row), "open": row.state in ORDER_OPEN, "when": appointment_words(row),
            "tone": TONES[OrderState(row.state)],
        }
        for row in rows
    ]  # fmt: skip
    return sorted(told, key=lambda each: not each["open"])


def registrations(who: Visitor) -> list[Registration]:
    """What was registered with this telephone and is not a unit yet."""
    rows = Registration.objects.filter(
        company_id=who.company_id, phone=who.phone, confirmed=True, erased_at__isnull=True
    ).exclude(state=Registration.State.ACCEPTED)
    return list(rows.select_related("model").order_by("-id")[:20])


def _units(who: Visitor, company: Company, by: Access, language: str, now: datetime) -> list[Owned]:
    """The appliances of the one customer whom the telephone belongs to. Of a shared number nobody's are shown: whose they are is not proven."""
    if who.customer is None:
        return []
    covers = Prefetch("covers", Cover.objects.select_related("decision").order_by("id"))
    units = list(
        Unit.objects.filter(company_id=who.company_id, customer=who.customer)
        .select_related("model")
        .prefetch_related(covers)
        .order_by("-id")[:MOST]
    )
    told = iter(whys([cover.decision for unit in units for cover in unit.covers.all()], language, by))
    today, ask = timezone.localdate(now), reverse("portal:ask", args=[company.code])
    return [
        Owned(
            unit,
            [(cover, next(told), cover.last_day >= today) for cover in unit.covers.all()],
            f"{ask}?serial={unit.serial}",
        )
        for unit in units
    ]
