"""Reading complaints: lists, searches, where their clocks stand and why; and the numbers that appraisal asks for.

The numbers are defined in docs/modules/complaints.md; each is a function here, so that whoever asks counts the same.
"""

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts import finding
from sanbao.accounts.access import Access
from sanbao.accounts.finding import MOST_FOUND, numbers, numbers_inside, together
from sanbao.accounts.models import Person
from sanbao.audit.moves import Move
from sanbao.complaints.facts import word
from sanbao.complaints.models import Clock, Compensation, Complaint, Entry
from sanbao.complaints.models.complaints import SEARCHED
from sanbao.complaints.permissions import May
from sanbao.complaints.states import (
    MONEY_MOVES,
    MOVES,
    NOT_OFFERED,
    OPEN,
    STEPS,
    TONES,
    Money,
    State,
    Verdict,
)
from sanbao.customers import queries as customers
from sanbao.customers.history import MOST, Item
from sanbao.customers.models import Customer
from sanbao.decisions.queries import whys
from sanbao.edge.kept import kept
from sanbao.intake.models import Request
from sanbao.intake.queries import span
from sanbao.outlets.queries import holders
from sanbao.products import queries as products
from sanbao.products.models import Unit
from sanbao.ui.panels import Panel
from sanbao.ui.why import Why
from sanbao.workorders.models import Order

TONE_OF_CLOCK = {
    "not_begun": "secondary", "running": "azure", "paused": "yellow", "met": "green", "missed": "red", "cancelled": "secondary",
}  # fmt: skip


def complaints(access: Access) -> QuerySet[Complaint]:
    """The complaints a person may see, with what a list shows of each."""
    rows = Complaint.objects.visible_to(access, May.SEE)
    return rows.select_related("owner", "about_outlet", "engineer", "outlet", "repeat_of")


def found(access: Access, words: str, *, most: int = MOST_FOUND) -> list[int]:
    """The complaints some words mean: number, telephone or its tail, serial, the customer's name, an order's or a request's number, a piece of the text."""
    with together():
        return _found(access, words.strip(), most)


def _found(access: Access, words: str, most: int) -> list[int]:
    rows = Complaint.objects.visible_to(access, May.SEE)
    plain = re.sub(r"[\s\-]", "", words)
    where = (
        Q(number=words.upper())
        | Q(request__number=words.upper())
        | Q(orders__number=words.upper())
        | Q(cases__reference=words)
    )
    if plain.isdigit() and len(plain) >= 4:
        where |= Q(number__endswith=f"-{plain}") | Q(phone=plain)
    if plain.isascii() and len(plain) >= 4:
        where |= Q(unit__in=products.found_units(access, plain, most=100)) | Q(serial=plain.upper())
    if len(words) >= 2:
        where |= Q(customer__in=customers.found(access, words, most=100))
    hits = numbers(rows.filter(where).distinct(), most=most)
    if len(words) >= 2 and not plain.isdigit():
        hits += numbers_inside(
            rows, SEARCHED, words, index="complaint_grams", shaped_by=access.reach(May.SEE), most=most
        )
    return sorted(set(hits), reverse=True)[:most]


def searched(access: Access, words: str) -> Q:
    """What the list's search means."""
    return finding.searched(found, access, words)


def people(company_id: int | None, on: date) -> list[Person]:
    """Who may be made responsible: those at headquarters who verify."""
    return holders(company_id, May.VERIFY, on=on)


def people_choices(access: Access) -> list[tuple[int, str]]:
    return kept(
        ("complaint people", access.company_id), ("accounts_person", "outlets_posting"),
        lambda: [(person.pk, person.name) for person in people(access.company_id, timezone.localdate())],
    )  # fmt: skip


def may(complaint: Complaint, access: Access, permission: str) -> bool:
    """Whether the person may do this to this complaint."""
    reach = access.reach(permission)
    if not reach or complaint.company_id != reach.company_id:
        return False
    return reach.whole or (
        complaint.outlet is not None and (complaint.outlet_id in reach.outlets or complaint.outlet.region_id in reach.regions)
    )  # fmt: skip


def legal_moves(complaint: Complaint, access: Access) -> list[Move]:
    """The moves this person could make now; not what the table only knows in order to refuse it well."""
    return [
        move
        for move in MOVES.values()
        if complaint.state in move.sources
        and (move.noun, complaint.state) not in NOT_OFFERED
        and may(complaint, access, move.permission)
    ]


def legal_money_moves(made: Compensation, access: Access) -> list[Move]:
    """What this person could do with a compensation now."""
    return [
        move
        for move in MONEY_MOVES.values()
        if made.state in move.sources
        and access.may(move.permission)
        and all(getattr(made, f"{earlier}_by_id") != access.person_id for earlier in move.another)
    ]


def step_state(state: str, step: str) -> str:
    """How a step of the bar looks for a complaint in a state: done, now or todo."""
    here = STEPS.index(State.JUSTIFIED if state == State.UNJUSTIFIED else State(state))
    place = STEPS.index(State(step))
    return "done" if place < here or state == State.ARCHIVED else "now" if place == here else "todo"


def steps(complaint: Complaint) -> list[dict[str, Any]]:
    """The bar of states, for colleagues and for the customer."""
    if complaint.state == State.WITHDRAWN:
        return [
            {"label": State.REGISTERED.label, "state": "done", "at": complaint.received_at},
            {"label": State.WITHDRAWN.label, "state": "stopped", "at": complaint.withdrawn_at},
        ]
    rejected = complaint.verdict == Verdict.UNJUSTIFIED
    told = []
    for step in STEPS:
        shown = State.UNJUSTIFIED if step == State.JUSTIFIED and rejected else step
        at = complaint.received_at if step == State.REGISTERED else getattr(complaint, f"{shown}_at")
        label = (
            shown.label
            if shown != State.JUSTIFIED or complaint.state in (State.JUSTIFIED,) or at
            else _("Verified")
        )
        told.append({"label": label, "state": step_state(complaint.state, step), "at": at})
    return told


# Clocks, in words


def due_words(complaint: Complaint, now: datetime) -> tuple[str, str]:
    """The clock that runs out next, in words and with its colour: colour is never the only sign."""
    if complaint.state not in OPEN:
        return (_("was late"), "orange") if complaint.missed else ("", "")
    if complaint.due_at is None:
        return (_("paused"), "yellow") if complaint.waiting_for else ("", "")
    clock = Clock.Kind(complaint.due_clock).label
    left = (complaint.due_at - now).total_seconds()
    if left < 0:
        return _("%(clock)s overdue by %(span)s") % {"clock": clock, "span": span(left)}, "red"
    tone = "orange" if complaint.warn_at and complaint.warn_at <= now else "azure"
    return _("%(clock)s in %(span)s") % {"clock": clock, "span": span(left)}, tone


@dataclass(frozen=True, slots=True)
class ShownClock:
    """A clock as the record page shows it."""

    clock: Clock
    words: str
    tone: str
    why: Why | None


def clocks_of(
    complaint: Complaint, access: Access, language: str, now: datetime, more: Sequence[Any] = ()
) -> tuple[list[ShownClock], dict[int, Why]]:
    """Each clock with where it stands, in words, and why; and the why of the other decisions given, by their numbers."""
    rows = list(complaint.clocks.select_related("decision", "missed_by", "case").order_by("case_id", "id"))
    rows.sort(key=lambda row: (row.case_id or 0, list(Clock.Kind.values).index(row.kind)))
    decisions = [row.decision for row in rows if row.decision] + [
        decision for decision in more if decision is not None
    ]
    told = {
        decision.pk: why for decision, why in zip(decisions, whys(decisions, language, access), strict=True)
    }
    shown = [
        ShownClock(
            row, _standing(row, now), _tone(row, now), told.get(row.decision_id) if row.decision_id else None
        )
        for row in rows
    ]
    return shown, told


def _standing(row: Clock, now: datetime) -> str:
    match row.state:
        case "not_begun":
            return _("not begun")
        case "met":
            return _("kept on %(at)s") % {"at": f"{timezone.localtime(row.met_at):%Y-%m-%d %H:%M}"}
        case "paused":
            return _("paused, %(span)s left") % {"span": span(row.left)}
        case "cancelled":
            return _("no longer counts")
        case "missed" if row.met_at and row.due_at:
            return _("%(span)s late") % {"span": span((row.met_at - row.due_at).total_seconds())}
    if row.due_at is None:
        return ""
    left = (row.due_at - now).total_seconds()
    words = _("overdue by %(span)s") if left < 0 else _("%(span)s left")
    return words % {"span": span(left)}


def _tone(row: Clock, now: datetime) -> str:
    if row.state == Clock.State.RUNNING and row.due_at:
        return "red" if row.due_at < now else "orange" if row.warn_at and row.warn_at <= now else "azure"
    return TONE_OF_CLOCK[row.state]


# The story

LOOKS: dict[str, dict[str, str]] = {
    Entry.Kind.RECEIVED: {"icon": "inbox", "tone": "blue"},
    Entry.Kind.MESSAGE_IN: {"icon": "message-2", "tone": "azure"},
    Entry.Kind.MESSAGE_OUT: {"icon": "send", "tone": "teal"},
    Entry.Kind.CALL: {"icon": "phone", "tone": "teal"},
    Entry.Kind.NOTE: {"icon": "note", "tone": "yellow"},
    Entry.Kind.REPORT: {"icon": "clipboard-list", "tone": "orange"},
    Entry.Kind.MOVE: {"icon": "arrow-right", "tone": "indigo"},
    Entry.Kind.ASSIGNED: {"icon": "user-check", "tone": "azure"},
    Entry.Kind.CHANGED: {"icon": "pencil", "tone": ""},
    Entry.Kind.MONEY: {"icon": "cash", "tone": "green"},
    Entry.Kind.CASE: {"icon": "gavel", "tone": "red"},
}


def story(complaint: Complaint, access: Access | None) -> list[dict[str, Any]]:
    """The story as this person may read it, the newest first; without anybody, as the customer reads it: no names, no notes."""
    rows = complaint.entries.select_related("by").prefetch_related("files").order_by("-id")
    rows = rows.filter(audience=Entry.Audience.CUSTOMER) if access is None else rows.shown_to(access)
    return [_told(entry, public=access is None) for entry in rows]


def _told(entry: Entry, *, public: bool) -> dict[str, Any]:
    what = (
        str(State(entry.state).label)
        if entry.kind == Entry.Kind.MOVE and entry.state
        else entry.get_kind_display()
    )
    return {
        "what": what,
        "who": "" if public or entry.by is None else entry.by.name,
        "at": entry.at,
        "text": entry.body,
        "files": list(entry.files.all()),
        "audience": entry.audience,
    } | LOOKS[entry.kind]


# Elsewhere: chapters of requests, orders, customers and units; what waits on the home page


def chapter(customer: Customer, access: Access) -> list[Item]:
    """A customer's complaints, newest first, for the customer's page."""
    return _items(Complaint.objects.visible_to(access, May.SEE).filter(customer=customer))


def chapter_of_unit(unit: Unit, access: Access) -> list[Item]:
    return _items(Complaint.objects.visible_to(access, May.SEE).filter(unit=unit))


def of_any_request() -> QuerySet[Complaint]:
    """The complaints of the request at hand, to ask with it whether there are any (intake.history)."""
    return Complaint.objects.filter(request=OuterRef("pk"))


def chapter_of_request(request: Request, access: Access) -> list[Item]:
    return _items(Complaint.objects.visible_to(access, May.SEE).filter(request=request))


def begin_for_request(request: Request, access: Access) -> tuple[str, Any] | None:
    """The button on a request that is a complaint and has none yet."""
    if not access.may(May.REGISTER) or request.category.kind != "complaint":
        return None
    if Complaint.objects.filter(request=request).exists():
        return None
    return f"{reverse('complaints:new')}?request={request.pk}", _("Register as a complaint")


def of_order(order: Order, access: Access) -> list[Item]:
    return _items(Complaint.objects.visible_to(access, May.SEE).filter(orders=order))


def _items(rows: QuerySet[Complaint]) -> list[Item]:
    return [
        Item(row.received_at, f"{row.number} {row.subject}", reverse("complaints:complaint", args=[row.pk]), row.get_state_display(), TONES[State(row.state)])
        for row in rows.order_by("-id")[:MOST]
    ]  # fmt: skip


def panels(access: Access) -> list[Panel]:
    """What waits for this person in complaints."""
    found, page = [], reverse("complaints:complaints")
    if access.may(May.VERIFY):
        mine = Complaint.objects.visible_to(access, May.VERIFY).filter(
            owner=access.person_id, state__in=(State.HANDED, State.JUSTIFIED, State.UNJUSTIFIED)
        )
        found.append(
            Panel(
                _("Complaints you answer for"), mine.count(), f"{page}?tab=mine", "message-exclamation", "red"
            )
        )
    if access.may(May.TELL):
        rows = Complaint.objects.visible_to(access, May.TELL)
        found.append(
            Panel(
                _("Complaints to tell or call back"),
                rows.filter(state__in=(State.DONE, State.TOLD)).count(),
                f"{page}?tab=desk",
                "phone-call",
                "orange",
            )
        )
    for permission, state, title in (
        (May.APPROVE, Money.PROPOSED, _("Compensations to approve")),
        (May.PAY, Money.APPROVED, _("Compensations to give")),
    ):
        if access.may(permission):
            waiting = (
                Complaint.objects.visible_to(access, permission).filter(compensations__state=state).distinct()
            )
            found.append(Panel(title, waiting.count(), f"{page}?tab=money", "cash", "blue"))
    return found


# Numbers for appraisal (PV-7): definitions in docs/modules/complaints.md


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with what it is of; None where there is nothing to be a share of."""

    part: int
    whole: int

    @property
    def share(self) -> float | None:
        return self.part / self.whole if self.whole else None


def period(first: date, last: date) -> tuple[datetime, datetime]:
    """From the first day's beginning to the beginning of the day after the last."""
    begin, end = (
        timezone.make_aware(datetime.combine(day, time())) for day in (first, last + timedelta(days=1))
    )
    return begin, end


def received(company_id: int | None, first: date, last: date) -> QuerySet[Complaint]:
    """The complaints received from day to day that count: all but those withdrawn."""
    begin, end = period(first, last)
    rows = Complaint.objects.filter(company_id=company_id, received_at__gte=begin, received_at__lt=end)
    return rows.exclude(state=State.WITHDRAWN).order_by()


def complaint_rate(company_id: int | None, first: date, last: date) -> dict[int, Rate]:
    """By outlet: complaints received about it, of the jobs closed there in the same days. Times 100 it is complaints per 100 jobs."""
    begin, end = period(first, last)
    jobs = dict(
        Order.objects.filter(company_id=company_id, closed_at__gte=begin, closed_at__lt=end, outlet__isnull=False)
        .order_by().values_list("outlet").annotate(Count("pk"))
    )  # fmt: skip
    about = dict(
        received(company_id, first, last)
        .filter(about_outlet__isnull=False)
        .values_list("about_outlet")
        .annotate(Count("pk"))
    )
    return {outlet: Rate(about.get(outlet, 0), jobs.get(outlet, 0)) for outlet in {*jobs, *about}}


def valid_complaints(company_id: int | None, first: date, last: date, by: str = "outlet") -> dict[int, int]:
    """How many complaints received in the days were found justified, wholly or partly: by outlet, or by the person they are about."""
    key = {"outlet": "about_outlet", "person": "engineer"}[by]
    rows = received(company_id, first, last).filter(verdict__in=(Verdict.JUSTIFIED, Verdict.PARTLY))
    return dict(rows.filter(**{f"{key}__isnull": False}).values_list(key).annotate(Count("pk")))


def justified_rate(
    company_id: int | None, first: date, last: date, by: str = "outlet"
) -> dict[Hashable, Rate]:
    """Justified of those verified, by outlet, by product, or by person."""
    key = {"outlet": "about_outlet", "product": "product", "person": "engineer"}[by]
    rows = (
        received(company_id, first, last)
        .exclude(verdict="")
        .exclude(**({"product": ""} if by == "product" else {f"{key}__isnull": True}))
    )
    valid = Count("pk", filter=Q(verdict__in=(Verdict.JUSTIFIED, Verdict.PARTLY)))
    return {
        value: Rate(part, whole)
        for value, part, whole in rows.values_list(key).annotate(valid=valid, whole=Count("pk"))
    }


def in_time(company_id: int | None, first: date, last: date, by: str = "") -> dict[Hashable, dict[str, Rate]]:
    """For each clock, how many of those decided were never missed: in the company (""), or by the person who had it when it ran out or ended.

    Decided is a clock that was kept or has run out; one missed once counts as missed, also when the complaint was taken up again.
    """
    rows = Clock.objects.filter(complaint__in=received(company_id, first, last), case__isnull=True)
    decided = rows.filter(Q(state=Clock.State.MET) | Q(missed_at__isnull=False)).order_by()
    key = "complaint__owner" if by == "person" else "complaint__company"
    found: dict[Hashable, dict[str, Rate]] = {}
    for value, kind, kept_in_time, whole in decided.values_list(key, "kind").annotate(
        kept=Count("pk", filter=Q(missed_at__isnull=True)), whole=Count("pk")
    ):
        found.setdefault(value if by else "", {})[kind] = Rate(kept_in_time, whole)
    return found


def word_of(complaint: Complaint, field: str) -> str:
    """A code of the rulebook on the complaint as the reader says it."""
    return word(complaint.company_id, getattr(complaint, field))
