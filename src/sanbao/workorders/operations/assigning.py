"""Dispatched by a suggestion: chosen on the board, for all that wait, or by itself as an order is made (SC-2, EN-5, RP-6).

What the rules said of everybody is stored with the order, so that why somebody was sent can be read for as long as the order is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.decisions.operations import write_down
from sanbao.intake import operations as intake
from sanbao.intake.models import Absence
from sanbao.outlets.models import Outlet
from sanbao.regulations import operations as regulations
from sanbao.regulations.models import Edition
from sanbao.regulations.queries import book_in_force, edition_in_force
from sanbao.ui.refusal import Refusal
from sanbao.workorders import queries, suggesting
from sanbao.workorders.models import Assigning, Engineer, Order
from sanbao.workorders.operations import dispatching
from sanbao.workorders.operations.reaching import taken_up
from sanbao.workorders.permissions import May
from sanbao.workorders.states import State

DAYS = 7  # an order without an appointment is planned within a week
MOST = 50  # orders at once


@transaction.atomic
def send(
    order: Order, engineer: Engineer, first: datetime, last: datetime, *, because: str = "", version: int | None = None, by: Access, at: datetime
) -> Order:  # fmt: skip
    """Dispatch as suggested; what the rules said of everybody who works there is kept with the order."""
    by.require(May.DISPATCH)
    found = taken_up(order, by, May.DISPATCH, version=version)
    if last <= first:
        raise Refusal(_("It ends before it begins."), field="last", code="time")
    day = timezone.localdate(first)
    crew = suggesting.gather(found.company_id, queries.engineers_for(found), day, timezone.localdate(last))
    sent = dispatching.dispatch(found, engineer, first, last, because=because, version=version, by=by, at=at)
    _keep_decision(sent, crew, first, last, by=by, at=at)
    return sent


def _keep_decision(order: Order, crew: suggesting.Crew, first: datetime, last: datetime, *, by: Access, at: datetime) -> None:  # fmt: skip
    made, facts = suggesting.asked(
        order, crew, first, last, queries.category_of(order), knows=suggesting.who_knows(order)
    )
    editions = {suggesting.BOOK: edition_in_force(order.company_id, suggesting.BOOK)}
    write_down(made, facts=facts, editions=editions, about=order, by=by, at=at, outlet_id=order.outlet_id)


@dataclass(frozen=True, slots=True)
class Assigned:
    """What became of an order: who goes and when, or why nobody does."""

    order: Order
    engineer: Engineer | None = None
    first: datetime | None = None
    why: str = ""


@transaction.atomic
def auto_assign(order: Order, *, by: Access, at: datetime) -> Assigned:
    """Give the order to whoever suits best in the first free time; where nobody may go it stays, with the reason.

    With an appointment on its day, else on the first day of the coming week on which somebody can.
    """
    by.require(May.DISPATCH)
    found = taken_up(order, by, May.DISPATCH)
    if found.state != State.WAITING:
        raise Refusal(_("%(order)s does not wait to be dispatched.") % {"order": found}, code="state")
    days = _days(found, at)
    if not days:
        return _left(found, _("The appointment has passed. Agree on another one."), by=by, at=at)
    crew = suggesting.gather(found.company_id, queries.engineers_for(found), days[0], days[-1] + timedelta(days=1))  # fmt: skip
    category, knows = queries.category_of(found), suggesting.who_knows(found)
    told: list[suggesting.Suggestion] = []
    for day in days:
        suggestions = suggesting.suggest(found, crew, day, category, knows, at=at)
        for each in suggestions:
            if not each.fit or each.slot is None:
                break
            sent = _sent(found, each, by=by, at=at)
            if sent is not None:
                return Assigned(sent, each.engineer, each.slot[0])
        told = told or suggestions
    return _left(found, _why_nobody(told), by=by, at=at)


def _days(order: Order, at: datetime) -> list[date]:
    today = timezone.localdate(at)
    if order.wanted_from is not None and order.wanted_until is not None:
        return [timezone.localdate(order.wanted_from)] if order.wanted_until > at else []
    return [today + timedelta(days=number) for number in range(DAYS)]


def _sent(order: Order, each: suggesting.Suggestion, *, by: Access, at: datetime) -> Order | None:
    """None where somebody else has just taken the time: then the next best goes."""
    assert each.slot is not None
    try:
        with transaction.atomic():
            return send(order, each.engineer, *each.slot, by=by, at=at)
    except Refusal as refusal:
        if refusal.code != "overlap":
            raise
        return None


def _why_nobody(told: Sequence[suggesting.Suggestion]) -> str:
    """In one sentence, with how many each reason concerns."""
    if not told:
        return _("No engineer is on the list where the order lies.")
    counts: dict[str, int] = {}
    for each in told:
        reason = each.sentences[0][0] if each.broken and each.sentences else each.note
        counts[reason] = counts.get(reason, 0) + 1
    parts = [
        ngettext("%(why)s (%(count)d engineer)", "%(why)s (%(count)d engineers)", count)
        % {"why": why.rstrip("."), "count": count}
        for why, count in counts.items()
    ]
    return "; ".join(parts)


def _left(order: Order, why: str, *, by: Access, at: datetime) -> Assigned:
    audit.record("workorders:order:not-assigned", order, by=by, at=at, outlet_id=order.outlet_id, reason=why[:200])  # fmt: skip
    return Assigned(order, why=why)


def assign_waiting(*, by: Access, at: datetime, most: int = MOST) -> list[Assigned]:
    """Suggest and dispatch for all that wait, earliest appointment first; each by itself, so that one that fails leaves the others."""
    by.require(May.DISPATCH)
    made = []
    for order in queries.waiting(by)[:most]:
        try:
            made.append(auto_assign(order, by=by, at=at))
        except Refusal as refusal:
            made.append(Assigned(order, why=str(refusal)))
    return made


def assign_if_switched_on(order: Order, *, by: Access, at: datetime) -> Order:
    """A new order goes out by itself where its place, or the company, has said so; whoever made it must be one who may dispatch."""
    if not by.may(May.DISPATCH) or not queries.assigns_itself(order.company_id, order.outlet_id):
        return order
    try:
        with transaction.atomic():
            return auto_assign(order, by=by, at=at).order
    except Refusal as refusal:
        _left(order, str(refusal), by=by, at=at)
        return order


@transaction.atomic
def switch_assigning(outlet: Outlet | None, automatic: bool, *, by: Access, at: datetime) -> Assigning:
    """Let orders of an outlet, or of all places without a word of their own, go out by themselves, or not."""
    by.require(May.MANAGE)
    if outlet is None and by.outlets is not None:
        raise Refusal(_("Choose one of your outlets."), field="outlet", code="outlet")
    row, _made = Assigning.objects.update_or_create(
        company_id=by.company_id,
        outlet=outlet,
        defaults={"automatic": automatic, "changed_at": at, "changed_by_id": by.person_id},
    )
    audit.record("workorders:assigning:changed", row, by=by, at=at, outlet_id=row.outlet_id, automatic=automatic)  # fmt: skip
    return row  # type: ignore[no-any-return]


@transaction.atomic
def keep_absence(engineer: Engineer, first_day: date, last_day: date, *, by: Access, at: datetime) -> Absence:
    """Somebody of the place's engineers will be away. What is planned for those days has to be given to others first."""
    by.require(May.MANAGE)
    held = Engineer.objects.visible_to(by, May.MANAGE).select_related("person").get(pk=engineer.pk)
    crew = suggesting.gather(held.company_id, [held], first_day, last_day) if first_day <= last_day else None
    planned = [row for row in crew.visits.get(held.person_id, ()) if row.state != "left"] if crew else []
    if planned:
        raise Refusal(
            _("%(who)s has %(order)s in that time. Dispatch it anew first.") % {"who": held.person.name, "order": planned[0].order.number},
            field="first_day", code="busy",
        )  # fmt: skip
    return intake.keep_absence(held.person, first_day, last_day, permission=May.MANAGE, by=by, at=at)


@transaction.atomic
def withdraw_absence(engineer: Engineer, number: int, *, by: Access, at: datetime) -> None:
    """The engineer is here after all."""
    by.require(May.MANAGE)
    held = Engineer.objects.visible_to(by, May.MANAGE).get(pk=engineer.pk)
    absence = Absence.objects.get(pk=number, company_id=held.company_id, person_id=held.person_id, withdrawn_at__isnull=True)  # fmt: skip
    intake.withdraw_absence(absence, permission=May.MANAGE, by=by, at=at)


def keep_own_gates(gates: dict[str, dict[str, list[str]]], since: date, *, edition: str, by: Access, at: datetime) -> Edition:  # fmt: skip
    """What the company asks for at each step besides the regulations, as its own edition of the book (SC-2, RG-5)."""
    book = suggesting.BOOK
    clause = book_in_force(by.company_id, book).value("own_gates", since).clause
    return regulations.set_own_values(book, {"own_gates": [(since, gates, clause)]}, edition=edition, by=by, at=at)  # fmt: skip
