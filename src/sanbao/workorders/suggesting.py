"""Who could go, and when: what is known of the engineers gathered once, the rulebook asked, its answer told in sentences (EN-5, RP-6, PV-8).

Whatever the number of engineers and days, the facts take the same few statements. Distances are straight lines between places that are
known; of a place nobody knows, nothing is guessed. Facts hold codes: an engineer is "E" and a number, an area the
beginning of an address that some engineer serves, never the address itself.
"""

from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.edge.kept import kept
from sanbao.intake.clocks import rosters
from sanbao.intake.models import Absence
from sanbao.outlets.models import Certificate
from sanbao.products.models import Model
from sanbao.regulations.queries import book_in_force
from sanbao.ui.formats import language
from sanbao.workorders import flow
from sanbao.workorders.models import Engineer, Order, Visit
from sanbao.workorders.states import Mode
from sanbao_rules import dispatch, distances
from sanbao_rules.decision import Decision
from sanbao_rules.explain import explain_all
from sanbao_rules.roster import Roster, on_duty
from sanbao_rules.rulebook import Rulebook
from sanbao_rules.worktime import Calendar, calendar_of

BOOK = "workorder"
FOR_GOOD = date(9999, 12, 31)
LEVEL = 3  # of a skill that is written without one: 1 learns it, 5 teaches it
PLANNED = 60  # minutes, where the company has no time standard for the product
STEP = timedelta(minutes=15)
TAKES_TIME = ("planned", "accepted", "arrived", "left")

Span = tuple[datetime, datetime]


def code_of(engineer: Engineer) -> str:
    """What an engineer is called in facts."""
    return f"E{engineer.pk}"


def at_clock(day: date, clock: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, clock))


@dataclass(frozen=True, slots=True)
class Way:
    """The way between two places: the straight line, about how long it takes, and the sentence that says so; minutes where the book has a speed."""

    km: Decimal
    minutes: int | None
    words: str


def place_of(order: Order, engineer: Engineer) -> str:
    """Where the work is done: at the customer's, else at the engineer's outlet; "" where nobody knows."""
    if order.mode == Mode.ON_SITE:
        return str(order.coordinates)
    return str(engineer.outlet.coordinates) if engineer.outlet else ""


@dataclass
class Crew:
    """Some engineers, with all that matters of some days: certificates, absences, visits, hours."""

    company_id: int | None
    engineers: list[Engineer]
    first: date
    last: date
    book: Rulebook
    calendar: Calendar
    hours: dict[int | None, Roster | None]
    certificates: dict[int, list[Certificate]] = field(default_factory=dict)
    absences: dict[int, list[Absence]] = field(default_factory=dict)
    visits: dict[int, list[Visit]] = field(default_factory=dict)

    def on_duty(self, engineer: Engineer, day: date) -> Span | None:
        """The hours of the engineer's place on a day; None where it is closed, or the calendar does not know the day."""
        try:
            hours = on_duty(self.calendar, self.hours.get(engineer.outlet_id)).hours_of(day)
        except LookupError:
            return None
        return (at_clock(day, hours[0]), at_clock(day, hours[1])) if hours else None

    def away(self, engineer: Engineer, day: date) -> Absence | None:
        return next((row for row in self.absences.get(engineer.person_id, ()) if row.first_day <= day <= row.last_day), None)  # fmt: skip

    def jobs(self, engineer: Engineer, but: Order | None = None) -> list[Span]:
        """The stretches of time that are taken; those of an order that is being planned anew are free."""
        return [
            (timezone.localtime(row.during.lower), timezone.localtime(row.during.upper))
            for row in self.visits.get(engineer.person_id, ())
            if but is None or row.order_id != but.pk or row.state == Visit.State.LEFT
        ]

    def comes_from(self, engineer: Engineer, first: datetime, but: Order | None = None) -> tuple[str, bool]:
        """From where the engineer goes to a job that begins then: from the job before on the same day (True), else from the outlet."""
        before = [
            row
            for row in self.visits.get(engineer.person_id, ())
            if row.during.upper <= first and timezone.localdate(row.during.upper) == timezone.localdate(first)
            and (but is None or row.order_id != but.pk or row.state == Visit.State.LEFT)
        ]  # fmt: skip
        if before:
            return place_of(max(before, key=lambda row: row.during.upper).order, engineer), True
        return str(engineer.outlet.coordinates) if engineer.outlet else "", False

    def way(self, here: str, there: str, day: date) -> Way | None:
        """The way between two places; None where one of them is not known."""
        km = distances.straight_km(here, there)
        if km is None:
            return None
        made = distances.travel(km, self.book, day)
        if made is None:
            return Way(km, None, _("about %(km)s km in a straight line") % {"km": f"{km:f}"})
        told = explain_all(made.reasons, {BOOK: self.book}, language())
        return Way(km, made.answer, " ".join(sentence.text for sentence in told))

    def around(self, engineer: Engineer, order: Order) -> list[Span]:
        """What is taken, seen from a job: with the way from it, and to it, where both places are known."""
        spans = []
        for row in self.visits.get(engineer.person_id, ()):
            if row.order_id != order.pk or row.state == Visit.State.LEFT:
                first, last = timezone.localtime(row.during.lower), timezone.localtime(row.during.upper)
                way = self.way(place_of(row.order, engineer), place_of(order, engineer), first.date())
                aside = timedelta(minutes=way.minutes or 0) if way else timedelta()
                spans.append((first - aside, last + aside))
        return sorted(spans)

    def minutes(self, engineer: Engineer, day: date, but: Order | None = None) -> int:
        """What is planned and done on a day."""
        return sum(
            int((last - first).total_seconds()) // 60
            for first, last in self.jobs(engineer, but)
            if first.date() == day
        )

    def facts(self, engineer: Engineer, order: Order, first: datetime, area: str, knows: Collection[int]) -> dispatch.Engineer:  # fmt: skip
        """The engineer as the rules ask: at the beginning of a job."""
        day = first.date()
        held: dict[str, date] = {}
        for row in self.certificates.get(engineer.person_id, ()):
            if row.issued_on <= day and (row.ended_on is None or row.ended_on > day):
                held[row.kind] = max(row.valid_until or FOR_GOOD, held.get(row.kind, date.min))
        here, from_job = self.comes_from(engineer, first, order)
        serves = not engineer.areas or any(order.address.startswith(each) for each in engineer.areas)
        return dispatch.Engineer(
            code=code_of(engineer),
            skills=skills_of(engineer),
            certificates=held,
            areas=() if not engineer.areas else (area,) if serves else tuple(engineer.areas),
            outlet=engineer.outlet.code if engineer.outlet else "",
            absences=tuple((at_clock(row.first_day, time.min), at_clock(row.last_day + timedelta(days=1), time.min)) for row in self.absences.get(engineer.person_id, ())),
            jobs=tuple(self.jobs(engineer, order)),
            distance_km=distances.straight_km(here, place_of(order, engineer)),
            from_job=from_job,
            knows_customer=engineer.person_id in knows,
            trained=engineer.alone_from is None or engineer.alone_from <= day,
        )  # fmt: skip


def gather(
    company_id: int | None,
    engineers: Iterable[Engineer],
    first: date,
    last: date,
    *,
    seen_by: Hashable = None,
) -> Crew:
    """What is known of the engineers for the days from the first to the last.

    `seen_by` says how far whoever asks may see: what hardly changes is then kept in the process for everybody who sees as far.
    """
    crew = Crew(
        company_id, list(engineers), first, last, book_in_force(company_id, BOOK),
        calendar_of(book_in_force(company_id, "calendar"), provisional=True), rosters(company_id),
    )  # fmt: skip
    people = [each.person_id for each in crew.engineers]
    certificates, absences = (lambda: _certificates(company_id, people, first)), (lambda: _absences(company_id, people, first, last))  # fmt: skip
    if seen_by is not None:
        whose = (company_id, seen_by, frozenset(people), first, last)
        certificates, absences = (
            partial(kept, ("certificates of", *whose), ("outlets_certificate",), certificates),
            partial(kept, ("absences of", *whose), ("intake_absence",), absences),
        )
    for certificate in certificates():
        crew.certificates.setdefault(certificate.person_id, []).append(certificate)
    for absence in absences():
        crew.absences.setdefault(absence.person_id, []).append(absence)
    during = DateTimeTZRange(at_clock(first, time.min), at_clock(last + timedelta(days=1), time.min), "[)")
    visits = Visit.objects.filter(company_id=company_id, engineer__in=people, state__in=TAKES_TIME, during__overlap=during)  # fmt: skip
    for visit in visits.select_related("order").order_by("during"):
        crew.visits.setdefault(visit.engineer_id, []).append(visit)
    return crew


def _certificates(company_id: int | None, people: list[int], first: date) -> list[Certificate]:
    rows = Certificate.objects.filter(Q(ended_on__isnull=True) | Q(ended_on__gt=first), company_id=company_id, person__in=people)  # fmt: skip
    return list(rows.order_by("kind", "id"))


def _absences(company_id: int | None, people: list[int], first: date, last: date) -> list[Absence]:
    rows = Absence.objects.filter(company_id=company_id, person__in=people, first_day__lte=last, last_day__gte=first, withdrawn_at__isnull=True)  # fmt: skip
    return list(rows.order_by("first_day"))


def part_of(crew: Crew, engineers: Iterable[Engineer]) -> Crew:
    """Some of a crew, with what is known of them already."""
    return replace(crew, engineers=list(engineers))


def skills_of(engineer: Engineer) -> dict[str, int]:
    """Skills with their levels: "燃气灶" is level 3, "燃气灶:5" level 5."""
    levels = {}
    for written in engineer.skills:
        name, _colon, level = written.replace("：", ":").partition(":")
        levels[name.strip()] = min(int(level), 5) if level.strip().isdecimal() else LEVEL
    return levels


def categories(orders: Sequence[Order]) -> dict[int, str]:
    """The product category of each order, in one statement at most; "" where none is known."""
    known = {order.pk: order.unit.model.category for order in orders if order.unit_id and order.unit}
    # Whoever read the orders as what waits has read the category of the model that was written down, too.
    known |= {
        order.pk: order.named_category or ""
        for order in orders
        if order.pk not in known and hasattr(order, "named_category")
    }
    asked = {order.model for order in orders if order.pk not in known and order.model}
    if asked:
        rows = Model.objects.filter(company_id=orders[0].company_id, code__in=asked)
        by_code = dict(rows.values_list("code", "category"))
        known |= {order.pk: by_code.get(order.model, "") for order in orders if order.pk not in known}
    return {order.pk: known.get(order.pk, "") for order in orders}


def who_knows(order: Order) -> set[int]:
    """The people who have been at the customer's before."""
    if order.customer_id is None:
        return set()
    rows = Visit.objects.filter(company_id=order.company_id, order__customer_id=order.customer_id, state=Visit.State.LEFT)  # fmt: skip
    return set(rows.values_list("engineer_id", flat=True))


def area_of(order: Order, engineers: Iterable[Engineer]) -> str:
    """The area an order lies in: the longest beginning of its address that some engineer serves; "elsewhere" where none does."""
    if not order.address:
        return ""
    areas = {area for each in engineers for area in each.areas if order.address.startswith(area)}
    return max(areas, key=len, default="elsewhere")


def minutes_of(order: Order, category: str, book: Rulebook, on: date) -> int:
    """How long the work takes by the company's time standard."""
    table = book.value("time_standards", on).value if "time_standards" in book.parameters else {}
    return int(table.get(category, {}).get(order.kind, PLANNED))


def job_of(order: Order, first: datetime, last: datetime, category: str, crew: Crew, together: Sequence[str] = ()) -> dispatch.Job:  # fmt: skip
    """The order as the rules ask."""
    day = first.date()
    return dispatch.Job(
        start=first,
        end=last,
        skill=category,
        certificates=dispatch.certificates_for(category, order.kind, crew.book, day),
        area=area_of(order, crew.engineers),
        outlet=order.outlet.code if order.outlet else "",
        together=tuple(together),
    )


def asked(order: Order, crew: Crew, first: datetime, last: datetime, category: str, *, together: Sequence[str] = (), knows: Collection[int] = ()) -> tuple[Decision, dict[str, Any]]:  # fmt: skip
    """What the rules say of every engineer of the crew for one time, and the facts they were asked with."""
    first, last = timezone.localtime(first), timezone.localtime(last)
    job = job_of(order, first, last, category, crew, together)
    engineers = [crew.facts(each, order, first, job.area, knows) for each in crew.engineers]
    on = first.date()
    return dispatch.rank(engineers, job, crew.book, on), dispatch.facts_of(engineers, job, on)


@dataclass
class Suggestion:
    """One engineer for one order: the first free time of the day, whether the rules let them go, and why."""

    engineer: Engineer
    slot: Span | None
    fit: bool
    score: int
    broken: list[str]
    sentences: list[tuple[str, str]]  # with the clause
    note: str = ""


def suggest(order: Order, crew: Crew, day: date, category: str, knows: Collection[int], *, at: datetime) -> list[Suggestion]:  # fmt: skip
    """Everybody of the crew for a day, best first; whoever may not go, or has no time left, last."""
    made = []
    minutes = minutes_of(order, category, crew.book, day)
    for engineer in crew.engineers:
        slot, note = free_time(order, crew, engineer, day, minutes, at=at)
        first = slot[0] if slot else _beginning(order, crew, engineer, day)
        job = job_of(order, first, first + timedelta(minutes=minutes), category, crew)
        facts = crew.facts(engineer, order, first, job.area, knows)
        told = dispatch.rank([facts], job, crew.book, day).parts[0]
        broken = [rule for rule in told.answer["broken"] if slot or rule != "overlap"]
        reasons = [
            reason for reason in told.reasons if slot or reason.code != "overlap"
        ]  # "no free time" says it better
        sentences = [
            (each.text, flow.cited(each.clause))
            for each in explain_all(reasons, {BOOK: crew.book}, language())
        ]
        made.append(Suggestion(engineer, slot, not broken and slot is not None, told.answer["score"], broken, sentences, note))  # fmt: skip
    return sorted(made, key=lambda each: (not each.fit, len(each.broken), each.slot is None, -each.score, each.slot[0].timestamp() if each.slot else 0, each.engineer.pk))  # fmt: skip


def free_time(order: Order, crew: Crew, engineer: Engineer, day: date, minutes: int, *, at: datetime) -> tuple[Span | None, str]:  # fmt: skip
    """The first stretch of a day in which the engineer could do the work; or None, and why.

    With an appointment the work begins inside it; without one it is done within the hours on duty. Between two jobs there is time for the way,
    as far as it is known.
    """
    window, inside = _window(order, crew, engineer, day)
    if window is None:
        return None, _("Not on duty that day.")
    if crew.minutes(engineer, day, order) + minutes > engineer.minutes:
        return None, _("The day is full.")
    length = timedelta(minutes=minutes)
    first = max(window[0], _next_step(timezone.localtime(at)))
    for start, end in crew.around(engineer, order):
        if start < first + length and first < end:
            first = _next_step(end)
    until = first + length if inside else first
    if until > window[1] or (not inside and first >= window[1]):
        return None, _("No free time that day.")
    return (first, first + length), ""


def _window(order: Order, crew: Crew, engineer: Engineer, day: date) -> tuple[Span | None, bool]:
    """When the work may begin on a day, and whether it has to end by then, too."""
    if order.wanted_from is not None and order.wanted_until is not None:
        first, last = timezone.localtime(order.wanted_from), timezone.localtime(order.wanted_until)
        return ((first, last) if first.date() == day else None), False
    return crew.on_duty(engineer, day), True


def _beginning(order: Order, crew: Crew, engineer: Engineer, day: date) -> datetime:
    """When the rules are asked about somebody who has no time."""
    window, _inside = _window(order, crew, engineer, day)
    return window[0] if window else at_clock(day, time(9))


def _next_step(moment: datetime) -> datetime:
    """The moment itself where it lies on a quarter of an hour, else the next quarter."""
    over = timedelta(minutes=moment.minute % 15, seconds=moment.second, microseconds=moment.microsecond)
    return moment - over + STEP if over else moment
