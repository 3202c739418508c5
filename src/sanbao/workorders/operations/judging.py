"""What the rules say of an order's course: how long it took (SR-4), whether it repeats an earlier repair and gives a right to an exchange,
whether it held (GN-2), whether the appliance is too old (the national rules).

Each is called inside a change of the order, in its transaction; the caller saves the order. What goes into the facts are numbers of
orders, codes of faults and parts, days and minutes: nobody's name.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from sanbao.accounts import scope
from sanbao.accounts.access import Access
from sanbao.accounts.models import Company
from sanbao.audit import operations as audit
from sanbao.audit.models import Event
from sanbao.decisions.models import Decision
from sanbao.decisions.operations import drafted
from sanbao.regulations.queries import book_in_force, editions_in_force, rulebook
from sanbao.workorders.models import Fault, Order, Visit
from sanbao.workorders.operations.reaching import grown, refuse_ended, taken_up
from sanbao.workorders.queries import category_of
from sanbao.workorders.states import OPEN, Kind, State, Waiting
from sanbao_rules import charges, decision, repairs, sites
from sanbao_rules.promises import Moment
from sanbao_rules.repairs import Past
from sanbao_rules.worktime import calendar_of

BOOK = "workorder"
GASES = {"12T": "天然气", "20Y": "液化石油气", "5R": "人工煤气"}  # a unit's gas, as the book names it
REPAIRS = (Kind.REPAIR, Kind.REPLACEMENT)
FURTHEST_BACK = timedelta(days=400)
MOST = 40
_TURN = (
    "reported",
    "resumed",
    "agreed",
    "started",
    "left",
    "waiting",
    "restored",
    "reopened",
)  # of one moment


def look_at_age(order: Order, *, early: Collection[str] = (), by: Access, at: datetime) -> None:
    """Decide whether the appliance is too old to be repaired; asked when the order is made and when the engineer is there.

    `early` are grounds to scrap a gas appliance before its age, which stay once they are found. A product without a life is not asked about.
    """
    category = category_of(order)
    if order.kind != Kind.REPAIR or not category:
        return
    earlier = order.age_decision
    early = sorted({*early, *(decision.from_json(earlier.facts)["early"] if earlier else ())})
    editions = editions_in_force(order.company_id, BOOK)
    unit, on = order.unit, timezone.localdate(at)
    facts = {
        "category": category, "sold_on": unit.purchased_on if unit else None, "gas": GASES.get(unit.gas, "") if unit else "",
        "early": early, "on": on,
    }  # fmt: skip
    made = sites.age(category, facts["sold_on"], rulebook(editions[BOOK]), on, gas=facts["gas"], early=early)
    if made.answer["years"] and not _same(earlier, made):
        order.age_decision = _kept(order, made, facts, editions, earlier, by=by, at=at)
        order.age = made.answer["verdict"]


def look_for_repeat(
    order: Order, *, diagnosis: Fault | None = None, components: Iterable[str] = (), by: Access, at: datetime
) -> None:
    """Decide whether the order repeats an earlier repair of the unit; where there is no earlier one, nothing is asked.

    `diagnosis` and `components` are what a plan is about to say, before it is kept.
    """
    if order.kind not in REPAIRS:
        return
    with scope.as_owner("whether a repair repeats another is asked of the unit's repairs by every outlet"):
        rows = _of_unit(order)
        if len(rows) == 1 and order.repeat_decision_id is None and not _over_a_month(order, at):
            return
        editions = editions_in_force(order.company_id, BOOK, "charges")
        words = rulebook(editions["charges"])
        orders = [_past(row, words, order, diagnosis if row is order else None, components if row is order else ()) for row in rows]  # fmt: skip
    on = timezone.localdate(at)
    facts = {"orders": repairs.facts_of(orders), "on": on, "in_warranty": order.cover == Order.Cover.IN}
    made = repairs.repeat(orders, rulebook(editions[BOOK]), on, in_warranty=facts["in_warranty"])
    if _same(order.repeat_decision, made):
        return
    order.repeat_decision = _kept(order, made, facts, {BOOK: editions[BOOK]}, order.repeat_decision, by=by, at=at)  # fmt: skip
    order.repeat_of = next((row for row in rows if row.number == made.answer["of"]), None)
    order.exchange_right = made.answer["exchange"]


def judge_closed(order: Order, *, by: Access, at: datetime) -> None:
    """The order is about to close: how long it took, whether it repeats, and that it is watched from now on."""
    if order.kind != Kind.TRAINING:
        _measure(order, by=by, at=at)
    look_for_repeat(order, by=by, at=at)
    _ask_whether_fixed(order, by=by, at=at)


def forget_ending(order: Order) -> None:
    """The order is open again: what was said of its end is decided anew when it closes. The decisions stay on record."""
    order.repair_minutes = order.hands_on_minutes = None
    order.first_time_fix = Order.Fixed.UNKNOWN


def _measure(order: Order, *, by: Access, at: datetime) -> None:
    """How long it took from the report until normal use was restored, and how long somebody was at it (SR-4)."""
    editions = editions_in_force(order.company_id, BOOK, "calendar")
    history, category = course(order), category_of(order)
    calendar = calendar_of(rulebook(editions["calendar"]), provisional=True)
    now = None if order.restored_at else at
    made = repairs.repair_time(history, category, order.kind, rulebook(editions[BOOK]), calendar, now=now)
    facts: dict[str, Any] = {"category": category, "kind": order.kind, "history": [list(each) for each in history]}  # fmt: skip
    if now:
        facts["now"] = now
    order.repair_minutes, order.hands_on_minutes = (
        made.answer["natural_minutes"],
        made.answer["hands_on_minutes"],
    )
    order.time_decision = _kept(order, made, facts, editions, order.time_decision, by=by, at=at)


def course(order: Order) -> list[Moment]:
    """What happened to the order, as the rules of repair time read it."""
    told = [(order.reported_at, "reported", "")]
    told += [(at, "agreed", "") for at in order.plans.filter(state="confirmed").values_list("answered_at", flat=True)]  # fmt: skip
    for visit in order.visits.filter(helps=False, arrived_at__isnull=False):
        told.append((visit.arrived_at, "started", ""))
        if visit.left_at:
            told.append((visit.left_at, "left", ""))
    told += _waits(order)
    told += _restorations(order)
    begun = order.reported_at
    told.sort(key=lambda each: (max(each[0], begun), _TURN.index(each[1])))
    return [Moment(timezone.localtime(max(at, begun)), what, detail) for at, what, detail in told]


def _waits(order: Order) -> list[tuple[datetime, str, str]]:
    """When it was laid aside, what for, and when work went on: the order keeps the last of it only, the event log all."""
    names = ("workorders:order:hold", "workorders:order:resumption")
    with scope.as_owner("an order's own events, wherever it lay when they happened"):
        rows = Event.objects.filter(thing=order._meta.label_lower, thing_id=order.pk, action__in=names)
        events = list(rows.order_by("id").values_list("at", "action", "details"))
    return [
        (at, "waiting", f"for_{details.get('waiting_for', 'customer')}") if action == names[0] else (at, "started", "")
        for at, action, details in events
    ]  # fmt: skip


def _restorations(order: Order) -> list[tuple[datetime, str, str]]:
    """In normal use, and not any more: a work that was accepted and reopened counts as restored between; one sent back unaccepted does not."""
    from sanbao.workorders import flow

    rows = list(order.steps.filter(code__in=(flow.work_step(order.kind), flow.acceptance_step(order.kind)), skipped=False))  # fmt: skip
    accepted = {row.undone_at for row in rows if row.code == flow.acceptance_step(order.kind)}
    told = []
    for row in rows:
        if row.code == flow.work_step(order.kind) and row.undone_at and row.undone_at in accepted:
            told += [(row.at, "restored", ""), (row.undone_at, "reopened", "")]
    if order.restored_at:
        told.append((order.restored_at, "restored", ""))
    return told


def _over_a_month(order: Order, at: datetime) -> bool:
    """Open so long that the national rules may give a right to an exchange, whatever happened before."""
    longest = book_in_force(order.company_id, BOOK).value("own_cause_days", timezone.localdate(at)).value
    return at - order.reported_at > timedelta(days=longest)


def _of_unit(order: Order) -> list[Order]:
    """The unit's repairs, first to last; the order itself is the last."""
    same = Q(unit_id=order.unit_id) if order.unit_id else Q(serial=order.serial)
    if not order.unit_id and not order.serial:
        return [order]
    rows = Order.objects.filter(
        same, company_id=order.company_id, kind__in=REPAIRS, reported_at__lte=order.reported_at,
        reported_at__gt=order.reported_at - FURTHEST_BACK,
    )  # fmt: skip
    rows = rows.exclude(state=State.CANCELLED).exclude(pk=order.pk).select_related("request__category", "company")  # fmt: skip
    return [*reversed(rows.order_by("-reported_at", "-id")[:MOST]), order]


def _past(order: Order, words: Any, asked: Order, diagnosis: Fault | None, components: Iterable[str]) -> Past:
    """An order as the rules read it. The fault is that of the fault tree, else the class of the request."""
    on = timezone.localdate(order.reported_at)
    plan = order.plans.exclude(state="superseded").select_related("diagnosis").order_by("-number").first() if order.pk else None  # fmt: skip
    diagnosis = diagnosis or (plan.diagnosis if plan else None)
    named = {order.component, *components}
    if order.pk:
        named |= set(order.parts.filter(withdrawn_at__isnull=True).values_list("component", flat=True))
    if plan is not None:
        named |= set(plan.lines.values_list("component", flat=True))
    category = order.request.category.code if order.request_id and order.request else ""
    return Past(
        order=order.number,
        reported_on=on,
        done_on=_done_on(order),
        fault=diagnosis.code if diagnosis else category,
        components=tuple(sorted({charges.component(name, words, on) for name in named if name})),
        cured=order.restored_at is not None or order.state not in (State.CLOSED, State.DONE),
        cause=_cause(order),
        visits=_visits(order),
    )


def _done_on(order: Order) -> date | None:
    if order.state != State.CLOSED:
        return None
    return timezone.localdate(order.restored_at or order.done_at or order.closed_at)


def _cause(order: Order) -> str:
    """Whose delay it is: a part's where one was waited for, the customer's own doing gives no right, else the repairer's."""
    waited = {detail for _at, what, detail in _waits(order) if what == "waiting"} if order.pk else set()
    if f"for_{Waiting.PART}" in waited:
        return "part"
    return "" if f"for_{Waiting.CUSTOMER}" in waited else "own"


def _visits(order: Order) -> int:
    """How often somebody was there for it, also for the orders that it follows."""
    numbers, each = [order.pk], order
    while each.parent_id and each.parent and len(numbers) < 10:
        each = each.parent
        numbers.append(each.pk)
    there = (Visit.State.ARRIVED, Visit.State.LEFT)
    return max(Visit.objects.filter(order_id__in=numbers, helps=False, state__in=there).count(), 1)


def _ask_whether_fixed(order: Order, *, by: Access, at: datetime) -> bool:
    """Whether it was solved the first time: not, not yet known, or so. True where the answer is another than before."""
    if order.kind not in REPAIRS:
        return False
    editions = editions_in_force(order.company_id, BOOK, "charges")
    words = rulebook(editions["charges"])
    with scope.as_owner("whether a repair held is asked of the unit's later repairs by every outlet"):
        this = _past(order, words, order, None, ())
        later = [_past(row, words, order, None, ()) for row in _later(order)]
    on = timezone.localdate(at)
    made = repairs.first_time_fix(this, later, rulebook(editions[BOOK]), on)
    if made.answer["state"] == order.first_time_fix:
        return False
    facts = {"order": repairs.facts_of([this])[0], "later": repairs.facts_of(later), "on": on}
    order.fix_decision = _kept(order, made, facts, {BOOK: editions[BOOK]}, order.fix_decision, by=by, at=at)
    order.first_time_fix = made.answer["state"]
    return True


def _later(order: Order) -> list[Order]:
    if not order.unit_id and not order.serial:
        return []
    same = Q(unit_id=order.unit_id) if order.unit_id else Q(serial=order.serial)
    rows = Order.objects.filter(same, company_id=order.company_id, kind__in=REPAIRS, reported_at__gte=order.done_at or order.closed_at)  # fmt: skip
    return list(rows.exclude(state=State.CANCELLED).exclude(pk=order.pk).select_related("request__category").order_by("reported_at", "id")[:MOST])  # fmt: skip


def judge_what_is_pending(at: datetime) -> int:
    """The night's work: orders that were watched long enough, or were reported again; open ones for which an exchange may be due by now.

    Returns how many answers changed.
    """
    changed = 0
    with scope.everything("orders of every company"):
        companies = list(Company.objects.values_list("pk", flat=True))
    for company_id in companies:
        by = Access(None, company_id, request="job")
        with scope.opened(by), scope.everything("a company's orders, which nobody at work asks for"):
            for number in list(_due(company_id, at)):
                changed += _judge_again(number, by=by, at=at)
    return changed


def _due(company_id: int, at: datetime) -> Iterable[int]:
    on = timezone.localdate(at)
    book = book_in_force(company_id, BOOK)
    watched = at - timedelta(days=book.value("first_fix_days", on).value)
    longest = at - timedelta(days=book.value("own_cause_days", on).value)
    again = Order.objects.filter(unit_id=OuterRef("unit_id"), company_id=company_id, reported_at__gte=OuterRef("done_at"))  # fmt: skip
    pending = Q(first_time_fix=Order.Fixed.PENDING) & (Q(done_at__lt=watched) | Exists(again))
    waiting = Q(state__in=OPEN, kind__in=REPAIRS, reported_at__lt=longest)
    rows = Order.objects.filter(pending | waiting, company_id=company_id)
    return rows.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=1_000)  # type: ignore[no-any-return]


@transaction.atomic
def _judge_again(number: int, *, by: Access, at: datetime) -> bool:
    order = (
        Order.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("unit__model", "request__category", "outlet", "repeat_decision", "fix_decision")
        .filter(pk=number)
        .first()
    )
    if order is None:
        return False
    before = (order.first_time_fix, order.repeat_decision_id)
    if order.first_time_fix == Order.Fixed.PENDING:
        _ask_whether_fixed(order, by=by, at=at)
    elif order.state in OPEN:
        look_for_repeat(order, by=by, at=at)
    if before == (order.first_time_fix, order.repeat_decision_id):
        return False
    order.save(update_fields=["first_time_fix", "fix_decision", "repeat_of", "exchange_right", "repeat_decision"])  # fmt: skip
    audit.record("workorders:order:judged", order, by=by, at=at, outlet_id=order.outlet_id, first_time_fix=order.first_time_fix, exchange=list(order.exchange_right))  # fmt: skip
    return True


def _same(earlier: Decision | None, made: decision.Decision) -> bool:
    return earlier is not None and bool(earlier.answer == decision.to_json(made.answer))


def _kept(
    order: Order, made: decision.Decision, facts: dict[str, Any], editions: Any, earlier: Decision | None, *, by: Access, at: datetime
) -> Decision:  # fmt: skip
    """The decision, written down beside the order and in place of the one before it."""
    kept = drafted(made, facts=facts, editions=editions, about=order, by=by, at=at, outlet_id=order.outlet_id)
    kept.supersedes = earlier
    kept.save(force_insert=True)
    return kept


@transaction.atomic
def note_early_grounds(order: Order, early: Collection[str], *, by: Access, at: datetime) -> Order:
    """The engineer found a ground to scrap a gas appliance before its age: burnt, leaking, carbon monoxide that stays."""
    found = taken_up(order, by)
    refuse_ended(found)
    look_at_age(found, early=early, by=by, at=at)
    grown(found)
    audit.record("workorders:order:aged", found, by=by, at=at, outlet_id=found.outlet_id, age=found.age, early=sorted(early))  # fmt: skip
    return found
