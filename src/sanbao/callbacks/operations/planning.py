"""Which jobs are called back, and when: decided the day an order closes or its sheet arrives (KA-9.1).

Orders and sheets announce themselves; nobody in person does this, so the permission is not asked. A job has one plan: the sheet that
an order writes joins the order's.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts import scope
from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.callbacks import books, events
from sanbao.callbacks.models import Callback, Plan
from sanbao.callbacks.permissions import May
from sanbao.callbacks.states import BY_RULE, OPEN, Kind, State, Why
from sanbao.customers.models import Contact, Customer
from sanbao.decisions import operations as decisions
from sanbao.decisions.models import Decision
from sanbao.outlets.models import Outlet
from sanbao.products.models import Unit
from sanbao.regulations.queries import editions_in_force
from sanbao.ui.refusal import Refusal
from sanbao.workorders.models import Order
from sanbao.workorders.states import Kind as Work
from sanbao_rules import callbacks as rules

BATCH = 1000
LOW_RATING = 2  # the lowest two of five marks
_KINDS = {Work.INSTALLATION: Kind.INSTALLATION, Work.REPAIR: Kind.REPAIR, Work.REPLACEMENT: Kind.REPAIR}


@dataclass(frozen=True, slots=True)
class Paper:
    """A job as its paper tells it: what a call needs to know, and where it came from."""

    number: str
    kind: str
    outlet: Outlet | None
    completed_on: date | None
    arrived_on: date
    order: Order | None = None
    sheet: int | None = None
    customer: Customer | None = None
    unit: Unit | None = None
    contact: str = ""
    phone: str = ""
    address: str = ""
    model: str = ""
    serial: str = ""
    fault: str = ""
    action: str = ""
    component: str = ""
    engineer: str = ""
    charged_fen: int = 0
    cover: str = ""
    flags: Collection[str] = field(default_factory=tuple)


def follow_order(order: Order, *, by: Access, at: datetime) -> None:
    """An order was closed: its callbacks are planned. A job that was reopened and is closed again is planned anew."""
    flags = {
        "repeat": order.repeat_of_id is not None,
        "low_rating": order.rating is not None and order.rating <= LOW_RATING,
        "complaint": order.request is not None and order.request.category.kind == "complaint",
    }
    done_on = timezone.localdate(order.done_at or at)
    paper = Paper(
        number=order.number, kind=_KINDS.get(Work(order.kind), Kind.SERVICE), outlet=order.outlet, completed_on=done_on,
        arrived_on=timezone.localdate(at), order=order, customer=order.customer, unit=order.unit, contact=order.contact, phone=order.phone,
        address=order.address, model=order.model, serial=order.serial, fault=order.fault, action=order.action, component=order.component,
        engineer=order.engineer.name if order.engineer else "", charged_fen=order.charged_fen, cover=order.cover,
        flags=[flag for flag, is_so in flags.items() if is_so],
    )  # fmt: skip
    with (
        transaction.atomic(),
        scope.as_owner(
            "an order closed by an outlet, an engineer or the customer is called back by headquarters"
        ),
    ):
        for earlier in Plan.objects.filter(order=order, ended_at__isnull=True):
            _end_plan(earlier, Why.REPLACED, "", by=by, at=at)
        _plan([paper], by=by, at=at)


def suspend(order: Order, *, by: Access, at: datetime) -> None:
    """An order was reopened: its callbacks wait, and are planned anew when it is closed again."""
    with transaction.atomic(), scope.as_owner("a reopened order suspends headquarters' callbacks"):
        rows = Callback.objects.filter(plan__order=order, plan__ended_at__isnull=True, state=State.PLANNED)
        for found in rows.select_for_update(of=("self",)):
            found.state, found.reason = State.SUSPENDED, order.number
            found.taken_by = found.taken_at = None
            _grown(found)
            audit.record("callbacks:callback:suspended", found, by=by, at=at, outlet_id=found.outlet_id, order=order.number)  # fmt: skip


def end_for_order(order: Order, *, by: Access, at: datetime) -> None:
    """A reopened order was cancelled, or ended without the work being done: there is nothing to ask about."""
    with transaction.atomic(), scope.as_owner("an order that ended takes back headquarters' callbacks"):
        for earlier in Plan.objects.filter(order=order, ended_at__isnull=True):
            _end_plan(earlier, Why.REOPENED, "", by=by, at=at)


def join_sheet(order: Order, sheet: int, *, by: Access, at: datetime) -> None:
    """The sheet that an order wrote belongs to the order's plan: nobody is called twice for one job."""
    with scope.as_owner("a sheet written for an outlet joins headquarters' plan"):
        Plan.objects.filter(order=order, ended_at__isnull=True).update(sheet=sheet)


def plan_for_sheet(paper: Paper, *, by: Access, at: datetime) -> Plan | None:
    """A sheet has arrived: one plan, or none where its job has one."""
    return next(iter(plan_for_sheets([paper], by=by, at=at)), None)


def plan_for_sheets(papers: Sequence[Paper], *, by: Access, at: datetime) -> list[Plan]:
    """A month's sheets have arrived: planned in a few statements for all. A sheet of a job that has a plan joins it."""
    made: list[Plan] = []
    with (
        transaction.atomic(),
        scope.as_owner("sheets handed in by an outlet are called back by headquarters"),
    ):
        numbers = [paper.number for paper in papers if paper.number]
        rows = Plan.objects.filter(company_id=by.company_id, number__in=numbers, ended_at__isnull=True)
        known = {plan.number: plan for plan in rows}
        for paper in papers:
            plan = known.get(paper.number)
            if plan is not None and plan.sheet is None:
                Plan.objects.filter(pk=plan.pk).update(sheet=paper.sheet)
        fresh = [paper for paper in papers if paper.number not in known]
        for start in range(0, len(fresh), BATCH):
            made += _plan(_known_people(fresh[start : start + BATCH], by), by=by, at=at)
    return made


def withdraw_sheet(sheet: int, *, by: Access, at: datetime) -> None:
    """A sheet was withdrawn: its callbacks end, unless the order behind it is still a job."""
    with (
        transaction.atomic(),
        scope.as_owner("a sheet withdrawn by an outlet takes back headquarters' callbacks"),
    ):
        for plan in Plan.objects.filter(company_id=by.company_id, sheet=sheet, ended_at__isnull=True):
            if plan.order_id is None:
                _end_plan(plan, Why.WITHDRAWN, "", by=by, at=at)
            else:
                plan.sheet = None
                plan.save(update_fields=["sheet"])


@transaction.atomic
def plan_by_hand(paper: Paper, *, due_on: date, reason: str, by: Access, at: datetime) -> Plan:
    """Somebody plans a callback: the paper of an installation that came in, or contact on our own account (RG-3).

    A kind of the rulebook gets the days of the rulebook; the others are due on `due_on`, and say why.
    """
    by.require(May.PLAN)
    today = timezone.localdate(at)
    if not paper.phone:
        raise Refusal(_("Give the telephone number to call."), field="phone", code="phone")
    if paper.completed_on and paper.completed_on > today:
        raise Refusal(_("The work can't be completed in the future."), field="completed_on", code="future")
    if paper.arrived_on > today:
        raise Refusal(_("The papers can't arrive in the future."), field="arrived_on", code="future")
    if paper.kind in BY_RULE:
        if not paper.completed_on:
            raise Refusal(_("Say when the work was completed: the days count from it."), field="completed_on", code="completed")  # fmt: skip
        if (
            paper.number
            and Plan.objects.filter(
                company_id=by.company_id, number=paper.number, ended_at__isnull=True
            ).exists()
        ):
            raise Refusal(_("The callbacks for %(number)s are planned already.") % {"number": paper.number}, field="number", code="twice")  # fmt: skip
        return _plan(_known_people([_numbered(paper, by)], by), by=by, at=at)[0]
    if due_on < today:
        raise Refusal(_("The day has passed already; choose a later one."), field="due_on", code="past")
    if not reason.strip():
        raise Refusal(_("Say why the customer is called."), field="reason", code="reason")
    return plan_call(paper, due_on=due_on, reason=reason, by=by, at=at)


@transaction.atomic
def plan_call(paper: Paper, *, due_on: date, reason: str, by: Access, at: datetime) -> Plan:
    """One call on a day that was agreed or asked for, for a module above or by hand. Refused where the customer does not want to be called."""
    (paper,) = _known_people([_numbered(paper, by)], by)
    if paper.phone in _never(by.company_id, [paper]) or (paper.customer and paper.customer.do_not_call):
        raise Refusal(_("This customer does not want to be called."), field="phone", code="never_call")
    plan = _row(paper, by, at)
    plan.why, plan.reason = Why.BY_HAND, reason.strip()[:200]
    plan.save(force_insert=True)
    Callback.objects.create(
        company_id=by.company_id, outlet=paper.outlet, plan=plan, number=_numbers(by.company_id, 1, at)[0], kind=paper.kind,
        from_on=min(timezone.localdate(at), due_on), due_on=due_on, made_at=at,
    )  # fmt: skip
    audit.record("callbacks:plan:made", plan, by=by, at=at, outlet_id=plan.outlet_id, kind=plan.kind, called=True, why=plan.why)  # fmt: skip
    return plan


def _numbered(paper: Paper, by: Access) -> Paper:
    """With a number of its own where the job has none."""
    if paper.number:
        return paper
    with connection.cursor() as cursor:
        cursor.execute("SELECT edge_next_number('contact', %s)", [by.company_id])
        return replace(paper, number=f"C{cursor.fetchone()[0]:06}")


def _known_people(papers: Sequence[Paper], by: Access) -> list[Paper]:
    """The papers with the customers and units that are known by telephone and serial number, in two statements."""
    phones = {paper.phone for paper in papers if paper.phone and paper.customer is None}
    serials = {paper.serial for paper in papers if paper.serial and paper.unit is None}
    contacts = (
        Contact.objects.filter(company_id=by.company_id, phone__in=phones, ended_at__isnull=True, customer__merged_into__isnull=True)
        .select_related("customer").order_by("-id")
    )  # fmt: skip
    people = {contact.phone: contact.customer for contact in contacts} if phones else {}
    units = {unit.serial: unit for unit in Unit.objects.filter(company_id=by.company_id, serial__in=serials)} if serials else {}  # fmt: skip
    return [
        replace(paper, customer=paper.customer or people.get(paper.phone), unit=paper.unit or units.get(paper.serial))
        for paper in papers
    ]  # fmt: skip


def _never(company_id: int | None, papers: Sequence[Paper]) -> set[str]:
    """The telephones among these whose owner does not want to be called."""
    phones = {paper.phone for paper in papers if paper.phone}
    if not phones:
        return set()
    rows = Contact.objects.filter(company_id=company_id, phone__in=phones, ended_at__isnull=True, customer__do_not_call=True)  # fmt: skip
    return set(rows.values_list("phone", flat=True))


def _plan(papers: Sequence[Paper], *, by: Access, at: datetime) -> list[Plan]:
    """Decide and store: plans, their decisions, their callbacks, one event each."""
    book, calendar = books.book(by.company_id), books.calendar(by.company_id)
    editions = editions_in_force(by.company_id, *books.BOOKS)
    on, never = timezone.localdate(at), _never(by.company_id, papers)
    plans, made = [], []
    for paper in papers:
        barred = "never_call" if paper.phone in never or (paper.customer and paper.customer.do_not_call) else "" if paper.phone else "no_number"  # fmt: skip
        facts = _facts(paper, barred, on)
        job = rules.Job(paper.kind, paper.number, facts["completed_on"], paper.arrived_on, paper.component, tuple(facts["flags"]), barred)  # fmt: skip
        decided = rules.plan(job, book, calendar, on)
        plan = _row(paper, by, at)
        plan.chosen, plan.why = decided.answer["called"], decided.answer["why"]
        plans.append(plan)
        made.append((facts, decided))
    Plan.objects.bulk_create(plans)
    stored = [
        decisions.drafted(decided, facts=facts, editions=editions, about=plan, by=by, at=at, outlet_id=plan.outlet_id)
        for plan, (facts, decided) in zip(plans, made, strict=True)
    ]  # fmt: skip
    Decision.objects.bulk_create(stored)
    for plan, decision in zip(plans, stored, strict=True):
        plan.decision = decision
    Plan.objects.bulk_update(plans, ["decision"])
    _make_callbacks(plans, made, by, at)
    audit.record_all(
        "callbacks:plan:made", plans, by=by, at=at,
        details=lambda plan: {"kind": plan.kind, "called": plan.chosen, "why": plan.why},
    )  # fmt: skip
    return plans


def _make_callbacks(plans: Sequence[Plan], made: Sequence[Any], by: Access, at: datetime) -> None:
    calls = [(plan, call) for plan, (_facts, decided) in zip(plans, made, strict=True) for call in decided.answer["calls"]]  # fmt: skip
    numbers = _numbers(by.company_id, len(calls), at)
    Callback.objects.bulk_create(
        [
            Callback(
                company_id=by.company_id, outlet_id=plan.outlet_id, plan=plan, number=number, kind=plan.kind, round=call["round"],
                from_on=call["from_on"], due_on=call["due_on"], decision_id=plan.decision_id, made_at=at,
            )
            for (plan, call), number in zip(calls, numbers, strict=True)
        ]
    )  # fmt: skip


def _facts(paper: Paper, barred: str, on: date) -> dict[str, Any]:
    completed = min(paper.completed_on or paper.arrived_on, paper.arrived_on)
    return {
        "kind": str(paper.kind), "number": paper.number, "completed_on": completed, "arrived_on": paper.arrived_on,
        "component": paper.component, "flags": sorted(paper.flags), "barred": barred, "on": on,
    }  # fmt: skip


def _row(paper: Paper, by: Access, at: datetime) -> Plan:
    return Plan(
        company_id=by.company_id, outlet=paper.outlet, kind=paper.kind, number=paper.number, order=paper.order, sheet=paper.sheet,
        customer=paper.customer, unit=paper.unit, contact=paper.contact[:60], phone=paper.phone[:40], address=paper.address[:200],
        model=paper.model[:40], serial=paper.serial[:60], fault=paper.fault[:200], action=paper.action[:200], component=paper.component[:60],
        engineer=paper.engineer[:60], charged_fen=paper.charged_fen, cover=paper.cover,
        completed_on=min(paper.completed_on or paper.arrived_on, paper.arrived_on), arrived_on=paper.arrived_on,
        flags=sorted(paper.flags), made_at=at, made_by_id=by.person_id,
    )  # fmt: skip


def _numbers(company_id: int | None, count: int, at: datetime) -> list[str]:
    """H261128-1234, one for each call, in one statement."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT edge_next_number('callback', %s) FROM generate_series(1, %s)", [company_id, count]
        )
        return [f"H{timezone.localtime(at):%y%m%d}-{number}" for (number,) in cursor.fetchall()]


def _end_plan(plan: Plan, why: str, reason: str, *, by: Access, at: datetime) -> None:
    """The job is none any more: what is still to be called about it ends."""
    plan.ended_at = at
    plan.save(update_fields=["ended_at"])
    for found in plan.callbacks.filter(state__in=OPEN).select_for_update(of=("self",)):
        end_callback(found, why, reason, by=by, at=at)


def end_callback(found: Callback, why: str, reason: str, *, by: Access, at: datetime) -> None:
    """End a locked callback without a talk."""
    found.state, found.why, found.reason = State.ENDED, why, reason.strip()[:200]
    found.ended_at, found.ended_by_id, found.taken_by, found.taken_at = at, by.person_id, None, None
    _grown(found)
    audit.record("callbacks:callback:ended", found, by=by, at=at, outlet_id=found.outlet_id, why=str(why))
    for listener in events.OVER:
        listener(found, by=by, at=at)


def _grown(found: Callback) -> None:
    found.version += 1
    found.save()
