"""The dispatch board: what waits, who is there and when, who suits best and why (SC-2, EN-5, RP-6).

One address holds all of it: day or week, filters, the job that is chosen. What a filter does not mean is dimmed, not hidden. Everything goes
without a script; board.js adds dragging. The number of statements does not grow with jobs, engineers or visits.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as __
from django.utils.translation import ngettext

from sanbao.intake.states import LEVEL_TONES, Level
from sanbao.outlets.models import Certificate
from sanbao.outlets.queries import outlet_choices
from sanbao.ui.formats import masked_address
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal
from sanbao.workorders import operations, queries, suggesting
from sanbao.workorders.models import Engineer, Order, Visit
from sanbao.workorders.permissions import May

OPENS, CLOSES = 8, 20  # the hours a day's board shows; wider where visits are earlier or later
QUARTERS = 4  # columns an hour
MOST_JOBS, MOST_ENGINEERS = 100, 200
EXPIRES_SOON = timedelta(days=30)
NAMES = ("day", "view", "outlet", "skill", "category", "job")
TONES = {
    Visit.State.PLANNED: "azure", Visit.State.ACCEPTED: "blue", Visit.State.ARRIVED: "indigo", Visit.State.LEFT: "green",
}  # fmt: skip


@dataclass
class Asked:
    """What the address says."""

    day: date
    view: str = "day"
    outlet: str = ""
    skill: str = ""
    category: str = ""
    job: int = 0

    @classmethod
    def of(cls, request: HttpRequest) -> "Asked":
        given = request.POST if request.method == "POST" else request.GET
        try:
            day = parse_date(given.get("day", "")) or timezone.localdate()
        except ValueError:
            day = timezone.localdate()
        view = given.get("view", "")
        job = given.get("job", "")
        if not 2000 <= day.year <= 2200:
            day = timezone.localdate()
        return cls(
            day, view if view in ("day", "week", "list") else "day", given.get("outlet", "")[:20], given.get("skill", "")[:40],
            given.get("category", "")[:40], int(job) if job.isdecimal() and len(job) < 19 else 0,
        )  # fmt: skip

    def address(self, **changes: Any) -> str:
        said = {name: getattr(self, name) for name in NAMES} | changes
        if isinstance(said["day"], date):
            said["day"] = said["day"].isoformat()
        return f"{reverse('workorders:board')}?{urlencode({name: value for name, value in said.items() if value})}"

    @property
    def first(self) -> date:
        return self.day - timedelta(days=self.day.weekday()) if self.view == "week" else self.day

    @property
    def last(self) -> date:
        return self.first + timedelta(days=6) if self.view == "week" else self.day


@dataclass
class Stop:
    """A visit of a day, and the way to it: from the one before, else from the outlet; None where it is not known."""

    visit: Visit
    tone: str
    way: suggesting.Way | None = None
    gap: int | None = None  # minutes since the job before

    @property
    def tight(self) -> bool:
        """Whether there is less time since the job before than the way takes."""
        return self.gap is not None and self.way is not None and self.gap < (self.way.minutes or 0)


@dataclass
class Cell:
    """A piece of an engineer's day: a visit, time off, or free time into which a job may be put."""

    kind: str
    first: datetime
    last: datetime
    span: int = 1
    stop: Stop | None = None
    words: str = ""


@dataclass
class Day:
    """An engineer's day: hours, load, absence, visits."""

    day: date
    stops: list[Stop]
    minutes: int
    away: bool
    hours: suggesting.Span | None


@dataclass
class Row:
    """One engineer on the board."""

    engineer: Engineer
    days: list[Day]
    cells: list[Cell] = field(default_factory=list)
    certificates: list[tuple[Certificate, str]] = field(default_factory=list)
    dimmed: bool = False
    guided: bool = False


@page(May.DISPATCH, scope=Scope.PLACES, audit=None, rate="page")
def board(request: HttpRequest) -> HttpResponse:
    """What waits on the left, who does what and when on the right."""
    return _shown(request, Asked.of(request))


def _shown(request: HttpRequest, asked: Asked, refusal: Refusal | None = None, chosen: str = "") -> HttpResponse:  # fmt: skip
    access, now = request.access, timezone.now()
    jobs = list(queries.waiting(access)[: MOST_JOBS + 1])
    job = next((each for each in jobs if each.pk == asked.job), None)
    if asked.job and job is None:
        job = queries.waiting(access).filter(pk=asked.job).first()
        if job is None:
            asked.job = 0
    day = timezone.localdate(job.wanted_from) if job and job.wanted_from else asked.day
    categories = suggesting.categories([*jobs, *([job] if job and job not in jobs else [])])
    engineers = queries.engineers_now(access, MOST_ENGINEERS)
    crew = suggesting.gather(access.company_id, engineers, min(asked.first, day), max(asked.last, day), seen_by=(access.reach(May.DISPATCH), access.outlets))  # fmt: skip
    rows = [_row(each, crew, asked, now) for each in engineers]
    hours = _hours(rows, asked) if asked.view == "day" else []
    for row in rows:
        if hours and (job is None or job.outlet_id == row.engineer.outlet_id):
            row.cells = _cells(row.days[0], hours, now, free=True)
        elif hours:
            row.cells = _cells(row.days[0], hours, now, free=False)
    context = {
        "asked": asked,
        "jobs": [_card(each, categories, asked, now) for each in jobs[:MOST_JOBS]],
        "more": len(jobs) > MOST_JOBS,
        "rows": rows,
        "hours": hours,
        "days": [asked.first + timedelta(days=number) for number in range((asked.last - asked.first).days + 1)],
        "today": timezone.localdate(),
        "tabs": [{"label": label, "url": asked.address(view=view), "active": asked.view == view} for view, label in (("day", __("Day")), ("week", __("Week")), ("list", __("List")))],
        "before": asked.address(day=asked.first - timedelta(days=7 if asked.view == "week" else 1)),
        "after": asked.address(day=asked.last + timedelta(days=1)),
        "now_url": asked.address(day=timezone.localdate()),
        "outlets": outlet_choices(access, May.DISPATCH),
        "skills": sorted({name for each in engineers for name in suggesting.skills_of(each)}),
        "categories": sorted({name for name in categories.values() if name}),
        "job": job,
        "job_category": categories.get(job.pk, "") if job else "",
        "job_minutes": suggesting.minutes_of(job, categories.get(job.pk, ""), crew.book, day) if job else 0,
        "suggestions": _suggestions(job, crew, day, categories, now) if job else [],
        "suggestion_day": day,
        "without": asked.address(job=""),
        "refusal": refusal,
        "may_set_aside": refusal is not None and bool(refusal.details.get("overridable")),
        "chosen": chosen,
        "may_manage": access.may(May.MANAGE),
        "automatic": queries.assigning_of(access) if access.may(May.MANAGE) else [],
    }  # fmt: skip
    return show(request, "workorders/board.html", context, status=refusal.status if refusal else 200)


def _suggestions(job: Order, crew: suggesting.Crew, day: date, categories: dict[int, str], now: datetime) -> list[suggesting.Suggestion]:  # fmt: skip
    """Whoever works where the job lies, best first."""
    there = suggesting.part_of(crew, [each for each in crew.engineers if each.outlet_id == job.outlet_id])
    return suggesting.suggest(job, there, day, categories.get(job.pk, ""), suggesting.who_knows(job), at=now)


def _card(order: Order, categories: dict[int, str], asked: Asked, now: datetime) -> dict[str, Any]:
    """A job that waits, as the board shows it."""
    category = categories.get(order.pk, "")
    late, tone = queries.late_words(order, now)
    return {
        "order": order,
        "category": category,
        "area": masked_address(order.address),
        "appointment": queries.appointment_words(order),
        "late": late,
        "late_tone": tone,
        "level": Level(order.level).label if order.level in Level.values else "",
        "level_tone": LEVEL_TONES.get(order.level, "secondary"),  # type: ignore[call-overload]
        "dimmed": bool((asked.category and category != asked.category) or (asked.outlet and str(order.outlet_id or "0") != asked.outlet)),
        "chosen": order.pk == asked.job,
        "url": asked.address(job=order.pk, day=timezone.localdate(order.wanted_from) if order.wanted_from else asked.day),
    }  # fmt: skip


def _row(engineer: Engineer, crew: suggesting.Crew, asked: Asked, now: datetime) -> Row:
    days = []
    for number in range((asked.last - asked.first).days + 1):
        day = asked.first + timedelta(days=number)
        days.append(Day(day, _stops(engineer, crew, day), crew.minutes(engineer, day), crew.away(engineer, day) is not None, crew.on_duty(engineer, day)))  # fmt: skip
    today = asked.first
    dimmed = (asked.outlet and str(engineer.outlet_id or "0") != asked.outlet) or (asked.skill and asked.skill not in suggesting.skills_of(engineer))  # fmt: skip
    return Row(
        engineer,
        days,
        certificates=[(row, standing(row, today)) for row in crew.certificates.get(engineer.person_id, ())],
        dimmed=bool(dimmed),
        guided=engineer.alone_from is not None and engineer.alone_from > today,
    )


def _stops(engineer: Engineer, crew: suggesting.Crew, day: date) -> list[Stop]:
    """The visits of a day in order, each with the way to it."""
    stops: list[Stop] = []
    here, left_at = (engineer.outlet.coordinates if engineer.outlet else ""), None
    for row in crew.visits.get(engineer.person_id, ()):
        if timezone.localdate(row.during.lower) == day:
            there = suggesting.place_of(row.order, engineer)
            gap = int((row.during.lower - left_at).total_seconds()) // 60 if left_at else None
            stops.append(Stop(row, TONES.get(row.state, "secondary"), crew.way(here, there, day), gap))  # type: ignore[call-overload] # fmt: skip
            here, left_at = there, row.during.upper
    return stops


def standing(certificate: Certificate, on: date) -> str:
    """Of which colour a certificate is on a day: good, ending within thirty days, over."""
    if certificate.valid_until is None or certificate.valid_until > on + EXPIRES_SOON:
        return "green"
    return "orange" if certificate.valid_until >= on else "red"


def _hours(rows: list[Row], asked: Asked) -> list[datetime]:
    """The full hours of the day's grid, wide enough for every visit."""
    begins = suggesting.at_clock(asked.day, time(OPENS))
    ends = suggesting.at_clock(asked.day, time(CLOSES))
    midnight = suggesting.at_clock(asked.day, time.min)
    for row in rows:
        for visit in (stop.visit for stop in row.days[0].stops):
            begins = min(begins, timezone.localtime(visit.during.lower).replace(minute=0, second=0, microsecond=0))  # fmt: skip
            ends = max(ends, min(timezone.localtime(visit.during.upper), midnight + timedelta(days=1)))
    hours = []
    while begins < ends:
        hours.append(begins)
        begins += timedelta(hours=1)
    return hours


def _cells(day: Day, hours: list[datetime], now: datetime, *, free: bool) -> list[Cell]:
    """The day from left to right in quarters of an hour: what is taken, and the free hours between."""
    first, last = hours[0], hours[-1] + timedelta(hours=1)
    cells: list[Cell] = []
    here = first
    if day.away:
        return [Cell("away", first, last, len(hours) * QUARTERS, words=__("away"))]
    for stop in day.stops:
        start = max(here, _quarter(timezone.localtime(stop.visit.during.lower)))
        end = min(last, _quarter(timezone.localtime(stop.visit.during.upper), up=True))
        cells += _between(day, here, start, now, free)
        if end <= start:
            end = min(last, start + suggesting.STEP)
        if end > start:
            cells.append(Cell("taken", start, end, _columns(start, end), stop))
            here = end
    return cells + _between(day, here, last, now, free)


def _between(day: Day, first: datetime, last: datetime, now: datetime, free: bool) -> list[Cell]:
    """Free time, hour by hour; outside the hours on duty, and what is over, is only ground."""
    cells = []
    while first < last:
        end = min(last, first.replace(minute=0) + timedelta(hours=1))
        duty = day.hours is not None and day.hours[0] < end and first < day.hours[1]
        kind = "free" if duty and free and end > now else "duty" if duty else "off"
        start = first
        if kind == "free" and day.hours is not None and first < day.hours[0]:
            start = day.hours[0]
        cells.append(Cell(kind, start, end, _columns(first, end)))
        first = end
    return cells


def _quarter(moment: datetime, *, up: bool = False) -> datetime:
    over = timedelta(minutes=moment.minute % 15, seconds=moment.second, microseconds=moment.microsecond)
    return moment - over + (suggesting.STEP if up and over else timedelta())


def _columns(first: datetime, last: datetime) -> int:
    return int((last - first) / suggesting.STEP)


@page(May.DISPATCH, "POST", scope=Scope.PLACES, audit="workorders:order:dispatched", rate="write")
def assign(request: HttpRequest) -> HttpResponse:
    """Give the chosen job to the engineer and time that were clicked, or dropped on: `slot` is "engineer|moment"."""
    asked = Asked.of(request)
    found = queries.waiting(request.access).filter(pk=asked.job).first()
    number, _bar, moment = request.POST.get("slot", "").partition("|")
    engineer = queries.engineers(request.access).filter(pk=int(number)).first() if number.isdecimal() and len(number) < 19 else None  # fmt: skip
    first = _moment(moment)
    try:
        if found is None:
            raise Refusal(
                __("This job does not wait any more: somebody else has dispatched it."), code="gone"
            )
        if engineer is None or first is None:
            raise Refusal(__("Choose an engineer and a time."), code="slot")
        category = suggesting.categories([found])[found.pk]
        minutes = suggesting.minutes_of(found, category, queries.book(found.company_id), timezone.localdate(first))  # fmt: skip
        version = request.POST.get("version", "")
        operations.send(
            found, engineer, first, first + timedelta(minutes=minutes), because=request.POST.get("because", "")[:200],
            version=int(version) if version.isdecimal() and len(version) < 9 else None, by=request.access, at=timezone.now(),
        )  # fmt: skip
    except Refusal as refusal:
        return _shown(request, asked, refusal, request.POST.get("slot", ""))
    local = timezone.localtime(first)
    messages.success(request, __("%(order)s goes to %(who)s, %(when)s.") % {"order": found, "who": engineer.person.name, "when": f"{local:%m-%d %H:%M}"})  # fmt: skip
    return go(asked.address(job="", day=local.date() if asked.view != "week" else asked.day))


def _moment(written: str) -> datetime | None:
    try:
        moment = parse_datetime(written)
    except ValueError:
        return None
    if moment is None or not 2000 <= moment.year <= 2200:
        return None
    return timezone.make_aware(moment) if timezone.is_naive(moment) else moment


@page(May.DISPATCH, "POST", scope=Scope.PLACES, audit=("workorders:order:dispatched", "workorders:order:not-assigned", ""), rate="write")  # fmt: skip
def assign_all(request: HttpRequest) -> HttpResponse:
    """Suggest and dispatch for all that wait; what nobody can do stays, and says why."""
    made = operations.assign_waiting(by=request.access, at=timezone.now())
    sent = [each for each in made if each.engineer is not None]
    if sent:
        messages.success(request, ngettext("%(count)d job dispatched.", "%(count)d jobs dispatched.", len(sent)) % {"count": len(sent)})  # fmt: skip
    for each in [each for each in made if each.engineer is None][:10]:
        messages.warning(request, f"{each.order}: {each.why}")
    if not made:
        messages.info(request, __("Nothing waits to be dispatched."))
    return go(Asked.of(request).address(job=""))


@page(May.MANAGE, "POST", scope=Scope.PLACES, audit="workorders:assigning:changed", rate="write")
def automatic(request: HttpRequest) -> HttpResponse:
    """Let the orders of a place go out by themselves as they are made, or not."""
    number = request.POST.get("outlet", "")
    places = dict(queries.assigning_places(request.access))
    chosen = int(number) if number.isdecimal() and len(number) < 19 else None
    if chosen not in places:
        raise Http404
    operations.switch_assigning(places[chosen], request.POST.get("on") == "1", by=request.access, at=timezone.now())  # fmt: skip
    messages.success(request, __("Saved."))
    return go("workorders:board") if request.access.may(May.DISPATCH) else go("workorders:engineers")
