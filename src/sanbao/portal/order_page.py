"""What the page of a work order shows its customer."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.decisions.queries import whys
from sanbao.outlets.models import Certificate
from sanbao.outlets.queries import counts_on
from sanbao.workorders import flow, operations, queries, reasons
from sanbao.workorders.models import Order, Photo, Plan, UsedPart, Wish
from sanbao.workorders.operations.by_customer import WISHABLE
from sanbao.workorders.operations.ending import charged
from sanbao.workorders.states import TONES, WITH_ENGINEER, State

# What else an engineer photographs is for the house: the scene of a quarrel, another appliance, a part's code.
SHOWN_PHOTOS = (Photo.Purpose.FAULT, Photo.Purpose.BEFORE, Photo.Purpose.AFTER, Photo.Purpose.SITE)
_SIGNED_BY_ITSELF = ("customer_signed", "feedback", "effect_confirmed", "survey")


def context_of(order: Order, by: Access, language: str, at: datetime) -> dict[str, Any]:
    """Everything the template asks for."""
    plans = _plans(order)
    plan = plans[0] if plans else None
    parts = list(order.parts.filter(withdrawn_at__isnull=True).select_related("part").order_by("id"))
    decisions = [each for each in (order.cover_decision, plan.decision if plan else None) if each]
    told = {each.pk: why for each, why in zip(decisions, whys(decisions, language, by), strict=True)}
    waits = order.wishes.filter(state=Wish.State.WAITING).first()
    return {
        "order": order,
        "tone": TONES[State(order.state)],
        "steps": _steps(order),
        "engineer": order.engineer if order.state in (*WITH_ENGINEER, State.CLOSED) else None,
        "certificates": _certificates(order, at),
        "appointment": _appointment(order),
        "cover_why": told.get(order.cover_decision_id),
        "plan": plan,
        "lines": _lines(plan, language) if plan else [],
        "plan_why": told.get(plan.decision_id) if plan else None,
        "changed": plan is not None and plan.number > 1 and any(each.answered_at for each in plans[1:]),
        "asks_plan": plan is not None and plan.state == Plan.State.OFFERED and order.state not in (State.CLOSED, State.CANCELLED, State.INCOMPLETE),
        "parts": parts,
        "beside_plan": _beside(plan, parts),
        "to_pay": charged(order),
        "photos": list(order.photos.filter(purpose__in=SHOWN_PHOTOS).select_related("thumbnail").order_by("id")),
        "signatures": list(order.signatures.filter(withdrawn_at__isnull=True).select_related("file").order_by("id")),
        "is_done": order.state == State.DONE,
        "still_ours": flow.missing(order, flow.acceptance_step(order.kind), _SIGNED_BY_ITSELF) if order.state == State.DONE else [],
        "may_wish": order.state in WISHABLE,
        "wish": waits or order.wishes.order_by("-id").first(),
        "wish_waits": waits is not None,
        "wish_tone": "yellow" if waits else "secondary",
        "may_rate": order.state == State.CLOSED and order.rating is None,
        "may_ask_again": operations.may_ask_again(order, at),
    }  # fmt: skip


def _steps(order: Order) -> list[dict[str, Any]]:
    """The bar as the regulation counts it, without the names of colleagues."""
    return [step | {"who": ""} for step in queries.steps(order)]


def _plans(order: Order) -> list[Plan]:
    """What was offered, the newest first: a plan that is being written is nobody's business yet."""
    rows = order.plans.exclude(state=Plan.State.DRAFT).filter(offered_at__isnull=False)
    return list(rows.select_related("decision").prefetch_related("lines__part").order_by("-number"))


def _lines(plan: Plan, language: str) -> list[dict[str, Any]]:
    """Each line with who pays it, and why, by clause."""
    told = reasons.of_lines(plan, language)
    rows = sorted(plan.lines.all(), key=lambda line: line.position)
    return [
        {"line": line, "payer": _payer(line), "why": told[number] if number < len(told) else []}
        for number, line in enumerate(rows)
    ]


def _payer(line: Any) -> str:
    if line.goodwill:
        return _("waived as goodwill")
    return _("free of charge") if line.free else _("you pay")


def _beside(plan: Plan | None, parts: list[UsedPart]) -> list[UsedPart]:
    """Parts that were fitted and stand in no confirmed plan."""
    planned = {line.part_id for line in plan.lines.all()} if plan and plan.state == Plan.State.CONFIRMED else set()  # fmt: skip
    return [used for used in parts if used.part_id not in planned]


def _certificates(order: Order, at: datetime) -> QuerySet[Certificate] | list[Certificate]:
    """What the engineer may show at the door. Of a number only the end: some certificates carry the number of the identity card."""
    if order.engineer_id is None:
        return []
    rows = Certificate.objects.filter(counts_on(timezone.localdate(at)), company_id=order.company_id, person_id=order.engineer_id)  # fmt: skip
    return list(rows.order_by("kind", "id")[:10])


def _appointment(order: Order) -> dict[str, Any] | None:
    """When somebody comes: the planned visit, or the time that was agreed while no visit fits it yet."""
    visit = order.visits.filter(state__in=("planned", "accepted"), helps=False).order_by("during").first()
    if order.wanted_from is None or order.wanted_until is None:
        return {"first": visit.during.lower, "last": visit.during.upper, "planned": True} if visit else None
    fits = visit is not None and visit.during.lower < order.wanted_until and visit.during.upper > order.wanted_from  # fmt: skip
    if visit is not None and fits:
        return {"first": visit.during.lower, "last": visit.during.upper, "planned": True}
    return {"first": order.wanted_from, "last": order.wanted_until, "planned": False}
