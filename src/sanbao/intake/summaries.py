"""The month's service summed up (BA-5, MO-4): what came in, what became of it, whether promises were kept, what customers said.

A month is of the requests received in it. The page counts as of now; on the first working day after the month the figures of the whole
company are kept as they are then (`Summary`), once, and its leaders are told.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q, QuerySet
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company
from sanbao.intake import clocks
from sanbao.intake.models import Category, Promise, Request, Summary, Tally
from sanbao.intake.overview import address
from sanbao.intake.permissions import May
from sanbao.intake.queries import span
from sanbao.intake.states import OPEN, Channel, Level, State
from sanbao.notices.telling import tell
from sanbao.outlets.models import Outlet
from sanbao.outlets.queries import holders
from sanbao.ui import cells

FROM = time(8, 0)
MOST_MONTHS = 24

# What a request's course is cut by, here and in the list: (key, label, where).
COURSES: tuple[tuple[str, Any, Q], ...] = (
    ("solved", gettext_lazy("Solved"), Q(solved_at__isnull=False)),
    ("first", gettext_lazy("Solved at the first contact"), Q(first_contact=True)),
    ("reopened", gettext_lazy("Reopened"), Q(reopened__gt=0)),
    ("missed", gettext_lazy("A promise was missed"), Q(missed=True)),
    ("answered", gettext_lazy("The customer said something to it"), ~Q(feedback="")),
)


def courses(chosen: list[str]) -> Q:
    """Requests of any of these courses."""
    where = Q(pk__in=[])
    for key, _label, cut in COURSES:
        if key in chosen:
            where |= cut
    return where


def days(month: date) -> tuple[date, date]:
    """First and last day of a month."""
    following = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
    return month, following - timedelta(days=1)


def _of_month(rows: QuerySet[Request], month: date) -> QuerySet[Request]:
    first, last = days(month)
    begin, end = (
        timezone.make_aware(datetime.combine(day, time())) for day in (first, last + timedelta(days=1))
    )
    return rows.filter(received_at__gte=begin, received_at__lt=end).order_by()


def figures(rows: QuerySet[Request], month: date) -> dict[str, Any]:
    """The month's numbers as plain data."""
    rows = _of_month(rows, month)
    taken = ExpressionWrapper(F("solved_at") - F("received_at"), output_field=DurationField())
    named = {key: Count("pk", filter=cut) for key, _label, cut in COURSES}
    totals = rows.aggregate(
        received=Count("pk"), open=Count("pk", filter=Q(state__in=OPEN)), closed=Count("pk", filter=Q(state=State.CLOSED)),
        cancelled=Count("pk", filter=Q(state=State.CANCELLED)), taken=Avg(taken, filter=Q(solved_at__isnull=False)), **named,
    )  # fmt: skip
    taken_on_average = totals.pop("taken")
    promises = (
        Promise.objects.filter(request__in=rows).order_by().values_list("kind", "state").annotate(Count("pk"))
    )
    return {
        "totals": totals,
        "seconds_to_solution": int(taken_on_average.total_seconds()) if taken_on_average else None,
        "promises": sorted([kind, state, count] for kind, state, count in promises),
        "classes": _counted(rows, "category__code"),
        "channels": _counted(rows, "channel"),
        "levels": _counted(rows, "level"),
    }


def _counted(rows: QuerySet[Request], key: str) -> list[list[Any]]:
    found = rows.values_list(key).annotate(count=Count("pk"))
    return sorted(([value, count] for value, count in found), key=lambda pair: (-pair[1], pair[0]))


@dataclass(frozen=True, slots=True)
class Number:
    """A number of the summary, the list that shows the same rows, and what it was when the month was summed up."""

    label: Any
    count: int
    url: str = ""
    share: float | None = None
    kept: int | None = None

    @property
    def cell(self) -> SafeString:
        """The number as it stands in a table, leading to its rows where there are any."""
        return cells.link(self.url if self.count else "", self.count)


@dataclass(frozen=True, slots=True)
class Shown:
    """A month's summary for its page."""

    totals: list[Number]
    taken: str
    promises: list[tuple[str, int, int, int, float | None]]
    classes: list[Number]
    channels: list[Number]
    levels: list[Number]
    outlets: list[tuple[str, list[Number]]]
    said: list[Request]
    summary: Summary | None


def shown(access: Access, month: date) -> Shown:
    """A month as the person may see it: numbers of their places, the kept ones beside them at headquarters."""
    rows = Request.objects.visible_to(access, May.SEE)
    now = figures(rows, month)
    summary = (
        Summary.objects.filter(company_id=access.company_id, month=month).first()
        if access.outlets is None
        else None
    )
    kept: dict[str, int] = summary.figures["totals"] if summary else {}
    received = now["totals"]["received"]
    first, last = days(month)

    def url(**more: Any) -> str:
        return address(tab="all", received_from=first, received_to=last, **more)

    def number(key: str, label: Any, **cut: Any) -> Number:
        count = now["totals"][key]
        return Number(str(label), count, url(**cut), count / received if received else None, kept.get(key))

    names = dict(Category.objects.filter(company_id=access.company_id).values_list("code", "pk"))
    labels = {row.pk: str(row) for row in Category.objects.filter(company_id=access.company_id)}
    return Shown(
        totals=[
            number("received", _("Came in")), number("open", _("Still open"), state=list(OPEN)),
            number("closed", _("Closed"), state=State.CLOSED), number("cancelled", _("Cancelled"), state=State.CANCELLED),
            *(number(key, label, course=key) for key, label, _cut in COURSES),
        ],
        taken=span(now["seconds_to_solution"]) if now["seconds_to_solution"] is not None else "",
        promises=_kept_promises(now["promises"]),
        classes=[Number(labels.get(names.get(code, 0), code), count) for code, count in now["classes"]],
        channels=[Number(str(Channel(code).label), count, url(channel=code)) for code, count in now["channels"]],
        levels=[Number(str(Level(code).label), count, url(level=code)) for code, count in now["levels"]],
        outlets=by_outlet(access, month),
        said=list(_of_month(rows, month).exclude(feedback="").select_related("category").order_by("-closed_at", "-id")[:20]),
        summary=summary,
    )  # fmt: skip


def _kept_promises(found: list[list[Any]]) -> list[tuple[str, int, int, int, float | None]]:
    """(promise, kept, missed, running or ended without, share kept of those decided)."""
    counts: dict[str, dict[str, int]] = {}
    for kind, state, count in found:
        counts.setdefault(kind, {})[state] = count
    told = []
    for kind in Promise.Kind:
        held = counts.get(kind, {})
        met, missed = held.get("met", 0), held.get("missed", 0)
        rest = sum(held.values()) - met - missed
        if held:
            told.append((str(kind.label), met, missed, rest, met / (met + missed) if met + missed else None))
    return told


# Month × outlet × state, from the tally: as quick at a million requests as at a thousand


def _tally(access: Access) -> QuerySet[Tally]:
    rows = Tally.objects.filter(company_id=access.company_id, count__gt=0)
    return rows if access.outlets is None else rows.filter(outlet__in=access.outlets)


def by_month(access: Access, outlet: int | None = None) -> list[tuple[date, list[Number]]]:
    """The newest months with their requests by state, of one outlet (0: headquarters) or of all in reach."""
    rows = _tally(access) if outlet is None else _tally(access).filter(outlet=outlet)
    table: dict[date, dict[str, int]] = {}
    for month, state, count in rows.order_by("-month").values_list("month", "state", "count"):
        held = table.setdefault(month, {})
        held[state] = held.get(state, 0) + count
    return [(month, _row(month, held, outlet)) for month, held in list(table.items())[:MOST_MONTHS]]


def by_outlet(access: Access, month: date) -> list[tuple[str, list[Number]]]:
    """A month's requests by outlet and state."""
    table: dict[int, dict[str, int]] = {}
    for outlet, state, count in _tally(access).filter(month=month).values_list("outlet", "state", "count"):
        table.setdefault(outlet, {})[state] = count
    names = {row.pk: str(row) for row in Outlet.objects.filter(pk__in=table)}
    told = [
        (names.get(outlet, _("headquarters")), _row(month, held, outlet)) for outlet, held in table.items()
    ]
    return sorted(told, key=lambda pair: (-pair[1][0].count, pair[0]))


def _row(month: date, held: dict[str, int], outlet: int | None) -> list[Number]:
    """All, then each state. The list has no cut for what headquarters keeps itself: those numbers lead nowhere."""
    first, last = days(month)
    url = "" if outlet == 0 else address(tab="all", received_from=first, received_to=last, outlet=outlet)
    states = [
        Number(label, held.get(state, 0), url and f"{url}&state={state}") for state, label in State.choices
    ]
    return [Number(_("All"), sum(held.values()), url), *states]


# Kept once


def keep_all(now: datetime) -> int:
    """On the first working day after a month, from eight: keep its figures and tell those who answer for the desk. How many were kept."""
    local = timezone.localtime(now)
    if local.time() < FROM:
        return 0
    last = local.date().replace(day=1) - timedelta(days=1)
    month = last.replace(day=1)
    missing = Company.objects.exclude(pk__in=Summary.objects.filter(month=month).values("company"))
    kept = 0
    for company in missing.order_by("pk"):
        calendar = clocks.Basis.of(company.pk).calendar
        if not any(calendar.is_workday(local.date().replace(day=day)) for day in range(1, local.day + 1)):
            continue
        kept += keep(company, month, now) is not None
    return kept


def keep(company: Company, month: date, now: datetime) -> Summary | None:
    """Keep a month's figures of a company; None where nothing was received in it."""
    found = figures(Request.objects.filter(company_id=company.pk), month)
    if not found["totals"]["received"]:
        return None
    summary, made = Summary.objects.get_or_create(
        company=company, month=month, defaults={"at": now, "figures": found}
    )
    if made:
        by = Access(None, company.pk, request="summary")
        people = holders(company.pk, May.CANCEL, on=timezone.localdate(now))
        totals = found["totals"]
        tell(
            people, "intake:summary", about=company, by=by, at=now, key=f"{month:%Y-%m}", month=month,
            received=totals["received"], solved=totals["solved"], missed=totals["missed"], reopened=totals["reopened"],
        )  # fmt: skip
    return summary
