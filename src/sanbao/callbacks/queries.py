"""Reading callbacks: the caller's day, what belongs beside a call, and the numbers. Definitions of the numbers: docs/modules/callbacks.md."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Avg, Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.callbacks.models import Callback, Day, Need, Observation, Plan, PromisedAnswer, Record, Script
from sanbao.callbacks.permissions import May
from sanbao.callbacks.states import NOT_OURS, OPEN, TONES, State
from sanbao.complaints.models import Complaint
from sanbao.complaints.permissions import May as Complaints
from sanbao.complaints.sources import Source
from sanbao.complaints.states import Origin
from sanbao.customers.history import MOST, Item
from sanbao.customers.models import Contact, Customer
from sanbao.intake.models import Request
from sanbao.outlets.models import Posting
from sanbao.outlets.queries import holders
from sanbao.products.models import Unit
from sanbao.ui.panels import Panel
from sanbao.workorders.permissions import May as Orders


def callbacks(access: Access) -> QuerySet[Callback]:
    """The callbacks a person may see, with what a list shows of each."""
    rows = Callback.objects.visible_to(access, May.SEE)
    return rows.select_related("plan", "outlet", "caller", "taken_by", "record")


def plans(access: Access) -> QuerySet[Plan]:
    """Every job that was looked at, called or not."""
    return Plan.objects.visible_to(access, May.SEE).select_related("outlet", "decision")


def promises(access: Access) -> QuerySet[PromisedAnswer]:
    """The promised answers a person may see."""
    return PromisedAnswer.objects.visible_to(access, May.SEE).filter(callback__company_id=access.company_id).select_related("callback__plan", "owner", "kept_by")  # fmt: skip


def callers(company_id: int | None, on: date) -> list[Person]:
    """Who makes the calls: the callback clerks; where there are none, whoever may."""
    able = holders(company_id, str(May.CALL), on=on)
    clerks = set(
        Posting._base_manager.filter(Q(ended_on__isnull=True) | Q(ended_on__gt=on), company_id=company_id, role="callback-clerk")
        .values_list("person_id", flat=True)
    )  # fmt: skip
    return [person for person in able if person.pk in clerks] or able


# The caller's day


def may_be_called(now: datetime) -> Q:
    """Planned, its time has come, and no later try is agreed on."""
    today = timezone.localdate(now)
    return Q(state=State.PLANNED, from_on__lte=today) & (Q(next_at__isnull=True) | Q(next_at__lte=now))


def day_of(access: Access, now: datetime) -> Q:
    """What a caller has to do today: one's own of the day, and what nobody has."""
    today = timezone.localdate(now)
    own = Q(caller_id=access.person_id) & (Q(day=today) | Q(due_on__lte=today) | Q(next_at__date=today))
    free = Q(caller__isnull=True) | Q(day__isnull=True, caller_id=access.person_id)
    return Q(state=State.PLANNED, from_on__lte=today) & (own | free)


def next_of(access: Access, now: datetime) -> QuerySet[Callback]:
    """What this caller calls next: times agreed on first, then one's own, then what nobody has; the earliest due first."""
    rows = Callback.objects.visible_to(access, May.CALL).filter(day_of(access, now) & may_be_called(now))
    free = Q(taken_by__isnull=True) | Q(taken_by_id=access.person_id)
    return rows.filter(free).order_by(
        F("next_at").asc(nulls_last=True), F("caller_id").desc(nulls_last=True), "due_on", "id"
    )


def counts(access: Access, now: datetime) -> dict[str, int]:
    """The numbers above the caller's list, in one statement."""
    today = timezone.localdate(now)
    rows = Callback.objects.visible_to(access, May.SEE)
    found: dict[str, int] = rows.aggregate(
        waiting=Count("id", filter=day_of(access, now)),
        due=Count("id", filter=day_of(access, now) & Q(due_on=today)),
        overdue=Count("id", filter=Q(state=State.PLANNED, due_on__lt=today)),
        later=Count("id", filter=Q(state=State.PLANNED, next_at__gt=now, caller_id=access.person_id)),
        done=Count("id", filter=Q(state=State.DONE, ended_by_id=access.person_id, ended_at__date=today)),
    )
    return found


def overdue_words(callback: Callback, now: datetime) -> str:
    """How late a callback is, for its badge: "" where it is not."""
    if callback.state != State.PLANNED:
        return ""
    today = timezone.localdate(now)
    if callback.due_on < today:
        return "late"
    return "today" if callback.due_on == today else ""


# Beside the call


def never_calls(plan: Plan) -> bool:
    """Whether the customer, or whoever has this telephone, does not want to be called."""
    if plan.customer_id and plan.customer.do_not_call:
        return True
    rows = Contact.objects.filter(company_id=plan.company_id, phone=plan.phone, ended_at__isnull=True, customer__do_not_call=True)  # fmt: skip
    return bool(plan.phone) and rows.exists()


def open_of_customer(company_id: int | None, customer: Customer, phone: str) -> QuerySet[Callback]:
    """What is still planned for a customer, or for the telephone."""
    who = Q(plan__customer=customer) | Q(plan__phone=phone)
    return Callback.objects.filter(who, company_id=company_id, state__in=OPEN)


def open_of_never_called(company_id: int | None) -> QuerySet[Callback]:
    """What is planned for people who do not want to be called."""
    theirs = Contact.objects.filter(company_id=company_id, phone=OuterRef("plan__phone"), ended_at__isnull=True, customer__do_not_call=True)  # fmt: skip
    rows = Callback.objects.filter(company_id=company_id, state__in=OPEN)
    return rows.filter(Q(plan__customer__do_not_call=True) | (~Q(plan__phone="") & Exists(theirs)))


def another_number(callback: Callback) -> str:
    """Another telephone of the same customer that was not tried yet, or nothing."""
    if not callback.plan.customer_id:
        return ""
    known = {callback.plan.phone, callback.phone}
    rows = Contact.objects.filter(customer_id=callback.plan.customer_id, ended_at__isnull=True).exclude(
        phone=""
    )
    phones = rows.order_by("-preferred", "id").values_list("phone", flat=True)
    return next((phone for phone in phones if phone not in known), "")


def earlier_of(callback: Callback) -> list[Callback]:
    """The newest other callbacks of the job, the customer or the telephone, at most eight."""
    plan = callback.plan
    who = Q(plan=plan)
    if plan.customer_id:
        who |= Q(plan__customer_id=plan.customer_id)
    elif plan.phone:
        who |= Q(plan__phone=plan.phone)
    rows = Callback.objects.filter(who, company_id=callback.company_id).exclude(pk=callback.pk)
    return list(rows.select_related("plan", "record", "ended_by").order_by("-id")[:8])


def complaints_of(callback: Callback, access: Access) -> list[Complaint]:
    """The complaints registered from a callback that this person may see."""
    rows = Complaint.objects.visible_to(access, Complaints.SEE).filter(
        origin=Origin.CALLBACK, source=callback.pk
    )
    return list(rows.order_by("id")[:8])


def as_source(access: Access, number: int) -> Source | None:
    """A callback as that from which a complaint is registered, if this person may see it (RG-2)."""
    if not access.may(May.SEE):
        return None
    rows = Callback.objects.visible_to(access, May.SEE).select_related("plan__order")
    found = rows.filter(pk=number).first()
    if found is None:
        return None
    plan = found.plan
    seen = plan.order is not None and access.may(Orders.SEE)
    known = {
        "model": plan.model, "serial": plan.serial, "outlet": plan.outlet_id, "order_numbers": plan.order.number if seen and plan.order else "",
    }  # fmt: skip
    return Source(
        found.pk, found.number, reverse("callbacks:callback", args=[found.pk]), known=known,
        contact=plan.contact, phone=found.number_to_call, address=plan.address,
    )  # fmt: skip


def script_for(company_id: int | None, kind: str) -> Script | None:
    """The newest version of the kind's script; the one for repairs where the kind has none."""
    rows = Script.objects.filter(company_id=company_id).order_by("kind", "-number").distinct("kind")
    scripts = {row.kind: row for row in rows}
    return scripts.get(kind) or scripts.get("repair")


# For other pages: the customer's archive (CO-5), the unit, the request


def chapter(customer: Customer, access: Access) -> list[Item]:
    """A customer's callbacks with what was said, newest first."""
    return _items(callbacks(access).filter(plan__customer=customer)) if access.may(May.SEE) else []


def chapter_of_unit(unit: Unit, access: Access) -> list[Item]:
    """The callbacks about a unit, newest first."""
    return _items(callbacks(access).filter(plan__unit=unit)) if access.may(May.SEE) else []


def of_any_request() -> QuerySet[Need]:
    """The callbacks of the request at hand, to ask with it whether there are any (intake.history)."""
    return Need.objects.filter(request=OuterRef("pk"))


def chapter_of_request(request: Request, access: Access) -> list[Item]:
    """The callback a request came from."""
    if not access.may(May.SEE):
        return []
    rows = Need.objects.filter(request=request).values("callback")
    return _items(callbacks(access).filter(pk__in=rows))


def _items(rows: QuerySet[Callback]) -> list[Item]:
    found = []
    for row in rows.order_by("-id")[:MOST]:
        said = (
            row.record.words or row.record.suggestions or row.record.usage if hasattr(row, "record") else ""
        )
        words = f"{row.number} {row.get_kind_display()} {said[:60]}".strip()
        at = row.ended_at or row.made_at
        found.append(Item(at, words, reverse("callbacks:callback", args=[row.pk]), row.get_state_display(), TONES[State(row.state)]))  # fmt: skip
    return found


def panels(access: Access) -> list[Panel]:
    """What waits for this person in callbacks."""
    found, now = [], timezone.now()
    if access.may(May.CALL):
        count = Callback.objects.visible_to(access, May.CALL).filter(day_of(access, now)).count()
        found.append(Panel(_("Callbacks today"), count, reverse("callbacks:today"), "phone-outgoing", "blue"))
        mine = promises(access).filter(kept_at__isnull=True, owner_id=access.person_id).count()
        found.append(Panel(_("Answers promised to customers"), mine, f"{reverse('callbacks:promises')}?tab=mine", "message-2-check", "orange"))  # fmt: skip
    return found


# Numbers


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of some callbacks. Rates are None where there is nothing to count.

    due: fell due and could be made; in_time: first tried on or before the due day; called: tried at all; reached: talked to;
    planned: fell due in all; open: still to be made.
    """

    planned: int
    due: int
    in_time: int
    called: int
    reached: int
    open: int
    overdue: int
    satisfaction: Decimal | None = None

    @property
    def kept_rate(self) -> Decimal | None:
        """The share of the callbacks due that were first tried on or before their day."""
        return _share(self.in_time, self.due)

    @property
    def reached_rate(self) -> Decimal | None:
        """The share of the callbacks tried in which somebody was talked to."""
        return _share(self.reached, self.called)


def _share(part: int, whole: int) -> Decimal | None:
    return (Decimal(part) / whole).quantize(Decimal("0.0001")) if whole else None


def _counted(today: date) -> dict[str, Any]:
    ours = ~Q(state=State.ENDED, why__in=NOT_OURS) & ~Q(state=State.SUSPENDED)
    passed = Q(due_on__lte=today) | Q(first_try_on__isnull=False)
    return {
        "planned": Count("id"),
        "due": Count("id", filter=ours & passed),
        "in_time": Count("id", filter=ours & Q(first_try_on__lte=F("due_on"))),
        "called": Count("id", filter=ours & Q(first_try_on__isnull=False)),
        "reached": Count("id", filter=Q(state=State.DONE)),
        "open": Count("id", filter=Q(state__in=OPEN)),
        "overdue": Count("id", filter=Q(state=State.PLANNED, due_on__lt=today)),
        "satisfaction": Avg("record__satisfaction"),
    }


def _numbers(row: dict[str, Any]) -> Numbers:
    mean = row["satisfaction"]
    told = {name: row[name] for name in ("planned", "due", "in_time", "called", "reached", "open", "overdue")}
    return Numbers(**told, satisfaction=None if mean is None else Decimal(mean).quantize(Decimal("0.01")))


def numbers_by_month(access: Access, first: date, last: date, *, today: date) -> list[tuple[date, Numbers]]:
    """By the month in which callbacks fall due."""
    rows = _between(access, first, last).annotate(month=TruncMonth("due_on")).values("month")
    return [(row["month"], _numbers(row)) for row in rows.annotate(**_counted(today)).order_by("month")]


def numbers_by_caller(access: Access, first: date, last: date, *, today: date) -> list[tuple[str, Numbers]]:
    """By who has them; those nobody has are under the empty name."""
    rows = _between(access, first, last).values("caller_id", "caller__name")
    found = rows.annotate(**_counted(today)).order_by("caller__name", "caller_id")
    return [(row["caller__name"] or "", _numbers(row)) for row in found]


def numbers_by_outlet(access: Access, first: date, last: date, *, today: date) -> dict[int | None, Numbers]:
    """By outlet; None is headquarters' own work. For the appraisal of outlets."""
    rows = _between(access, first, last).values("outlet_id")
    return {row["outlet_id"]: _numbers(row) for row in rows.annotate(**_counted(today)).order_by("outlet_id")}


def numbers_of(access: Access, first: date, last: date, *, today: date) -> Numbers:
    """All of them together."""
    return _numbers(_between(access, first, last).aggregate(**_counted(today)))


def _between(access: Access, first: date, last: date) -> QuerySet[Callback]:
    return Callback.objects.visible_to(access, May.SEE).filter(due_on__gte=first, due_on__lte=last).order_by()


def satisfaction_by_outlet(access: Access, first: date, last: date) -> dict[int | None, tuple[Decimal, int]]:
    """The mean of the marks given in callbacks made in these days, and how many there are; by outlet."""
    rows = Record.objects.visible_to(access, May.SEE).filter(
        satisfaction__isnull=False, made_at__date__gte=first, made_at__date__lte=last, callback__company_id=access.company_id
    )  # fmt: skip
    found = (
        rows.values("callback__outlet_id").annotate(mean=Avg("satisfaction"), count=Count("id")).order_by()
    )
    return {row["callback__outlet_id"]: (Decimal(row["mean"]).quantize(Decimal("0.01")), row["count"]) for row in found}  # fmt: skip


def observations_by_outlet(access: Access, first: date, last: date) -> dict[int | None, dict[str, int]]:
    """How often callers reported what, by outlet; what became of it is counted from the findings in settlements."""
    rows = Observation.objects.visible_to(access, May.SEE).filter(
        made_at__date__gte=first, made_at__date__lte=last, callback__company_id=access.company_id
    )  # fmt: skip
    found: dict[int | None, dict[str, int]] = {}
    for row in rows.values("callback__outlet_id", "kind").annotate(count=Count("id")).order_by():
        found.setdefault(row["callback__outlet_id"], {})[row["kind"]] = row["count"]
    return found


@dataclass(frozen=True, slots=True)
class Sampling:
    """How many jobs were looked at, how many of them are called, and why."""

    jobs: int
    called: int
    reasons: list[tuple[str, int]]


def sampling(access: Access, first: date, last: date) -> Sampling:
    """The jobs planned in these days, by why they are called or not."""
    rows = Plan.objects.visible_to(access, May.SEE).filter(made_at__date__gte=first, made_at__date__lte=last)
    found = list(rows.order_by().values("why", "chosen").annotate(count=Count("id")))
    by_why: dict[str, int] = {}
    for row in found:
        by_why[row["why"]] = by_why.get(row["why"], 0) + row["count"]
    reasons = sorted(by_why.items(), key=lambda pair: (-pair[1], pair[0]))
    return Sampling(sum(by_why.values()), sum(row["count"] for row in found if row["chosen"]), reasons)


def days(access: Access) -> list[Day]:
    """The newest days on which calls were shared out."""
    return list(Day.objects.visible_to(access, May.LEAD).select_related("decision").order_by("-day")[:10])


def answers_kept(access: Access, first: date, last: date) -> tuple[int, int, int]:
    """Promised answers due in these days: all, kept in time, kept late."""
    rows = PromisedAnswer.objects.visible_to(access, May.SEE).filter(
        due_at__date__gte=first, due_at__date__lte=last, callback__company_id=access.company_id
    )  # fmt: skip
    found = rows.aggregate(
        all=Count("id"), kept=Count("id", filter=Q(kept_at__lte=F("due_at"))), late=Count("id", filter=Q(kept_at__gt=F("due_at")))
    )  # fmt: skip
    return found["all"], found["kept"], found["late"]
