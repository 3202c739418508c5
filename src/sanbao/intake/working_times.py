"""Reading working times: a person's month against calendar, roster and absences; sums for the record; whose times one may see (BA-6)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, F, Min, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.documents.record import Part
from sanbao.intake.clocks import Basis, rosters
from sanbao.intake.models import Absence, WorkTime
from sanbao.intake.permissions import May
from sanbao.outlets.models import Posting
from sanbao_rules.periods import add_months
from sanbao_rules.roster import on_duty
from sanbao_rules.worktime import YearNotPublished

Hours = tuple[time, time]


def moment(day: date, of_day: time) -> datetime:
    """A time of a day, in the zone people work in."""
    return timezone.make_aware(datetime.combine(day, of_day))


def late(came_at: datetime, due_from: time | None) -> int:
    """Whole minutes after the place opened; none on a day off."""
    if due_from is None:
        return 0
    return max(0, int((came_at - moment(timezone.localdate(came_at), due_from)).total_seconds()) // 60)


def early(went_at: datetime, day: date, due_to: time | None) -> int:
    """Minutes before the place closed, a begun one counted; none on a day off."""
    if due_to is None:
        return 0
    return max(0, -(int((went_at - moment(day, due_to)).total_seconds()) // 60))


def hours(company_id: int | None, outlet_id: int | None, day: date) -> Hours | None:
    """From when to when a place is at work on a day, by calendar and roster; nothing on a day off."""
    return _hours(company_id, outlet_id, [day])[day]


def _hours(company_id: int | None, outlet_id: int | None, days: list[date]) -> dict[date, Hours | None]:
    calendar = on_duty(Basis.of(company_id).calendar, rosters(company_id).get(outlet_id))
    found: dict[date, Hours | None] = {}
    for day in days:
        try:
            found[day] = calendar.hours_of(day)
        except YearNotPublished:
            found[day] = None
    return found


# Whose


def place_of(company_id: int | None, person: Person) -> int | None:
    """The outlet somebody works at; none where they hold a post at headquarters or for a region."""
    posts = Posting.objects.filter(company_id=company_id, person=person, ended_on__isnull=True)
    places = list(posts.order_by("id").values_list("outlet_id", flat=True))
    return None if None in places or not places else places[0]


def staff(access: Access, permission: str) -> QuerySet[Person]:
    """The people whose times one may see or write down: headquarters all, a region those of its outlets, an outlet its own."""
    reach = access.reach(permission)
    if not reach:
        return Person.objects.none()
    posts = Posting.objects.filter(company_id=reach.company_id, ended_on__isnull=True)
    if not reach.whole:
        posts = posts.filter(Q(outlet__in=reach.outlets) | Q(outlet__region__in=reach.regions))
    return Person.objects.filter(is_active=True, pk__in=posts.values("person_id")).order_by("name")


# A month


@dataclass(frozen=True, slots=True)
class Day:
    """A day of somebody's month: what was arranged, what is on record, and what is to be said about it, with a colour."""

    day: date
    due: Hours | None
    row: WorkTime | None
    words: str
    tone: str


@dataclass(frozen=True, slots=True)
class Month:
    """A month up to today, with what it comes to."""

    first: date
    today: date
    days: tuple[Day, ...]
    at_work: int
    minutes: int
    late: int
    early: int
    missing: int
    away: int

    @property
    def before(self) -> date:
        return add_months(self.first, -1)

    @property
    def after(self) -> date:
        return add_months(self.first, 1)

    @property
    def time(self) -> str:
        """The sum of the hours."""
        return f"{self.minutes // 60}:{self.minutes % 60:02}"


def month_of(rows: QuerySet[WorkTime], company_id: int | None, person: Person, first: date, today: date) -> Month:  # fmt: skip
    """Every day of a month up to today that was arranged or worked. Days before the first one on record ask for nothing."""
    last = min(add_months(first, 1) - timedelta(days=1), today)
    own = rows.filter(person=person)
    kept = {
        row.day: row
        for row in own.filter(day__gte=first, day__lte=last).select_related("written_by", "outlet")
    }
    since = own.aggregate(since=Min("day"))["since"] or today
    away = set(_days_away(company_id, person, first, last))
    days = [first + timedelta(days=number) for number in range(max(0, (last - first).days + 1))]
    arranged = _hours(company_id, place_of(company_id, person), days)
    told = []
    for day in days:
        row = kept.get(day)
        due = ((row.due_from, row.due_to) if row.due_from else None) if row else arranged[day]
        if row is None and due is None:
            continue
        words, tone = _said(row, due, is_away=day in away, is_over=day < today, counts=day >= since)
        told.append(Day(day, due, row, words, tone))
    worked = [one.row for one in told if one.row]
    return Month(
        first, today, tuple(told), at_work=len(worked), minutes=sum(row.minutes for row in worked),
        late=sum(1 for row in worked if row.late), early=sum(1 for row in worked if row.early),
        missing=sum(1 for one in told if one.row is None and one.day not in away and since <= one.day < today),
        away=sum(1 for one in told if one.row is None and one.day in away),
    )  # fmt: skip


def _said(
    row: WorkTime | None, due: Hours | None, *, is_away: bool, is_over: bool, counts: bool
) -> tuple[str, str]:
    if row is None:
        if is_away:
            return _("on leave"), "azure"
        return (_("not on record"), "red") if is_over and counts else ("", "")
    return words_of(row, is_over=is_over)


def words_of(row: WorkTime, *, is_over: bool) -> tuple[str, str]:
    """What is to be said of a day on record, and its colour."""
    told = []
    if row.late:
        told.append(_("%(count)d min late") % {"count": row.late})
    if row.early:
        told.append(_("left %(count)d min early") % {"count": row.early})
    if row.went_at is None and is_over:
        told.append(_("going is not on record"))
    if told:
        return " · ".join(told), "orange"
    if row.went_at is None:
        return _("present"), "green"
    return (_("in time"), "green") if row.due_from else (_("on a day off"), "azure")


def _days_away(company_id: int | None, person: Person, first: date, last: date) -> Iterator[date]:
    rows = Absence.objects.filter(
        company_id=company_id,
        person=person,
        withdrawn_at__isnull=True,
        first_day__lte=last,
        last_day__gte=first,
    )
    for begin, end in rows.values_list("first_day", "last_day"):
        day = max(begin, first)
        while day <= min(end, last):
            yield day
            day += timedelta(days=1)


# For the employee's record


def part(access: Access, person: Person, today: date) -> Part:
    """The last twelve months of somebody's working times, one line each, newest first."""
    since = add_months(today.replace(day=1), -11)
    months = (
        WorkTime.objects.in_company(access.company_id or 0)
        .filter(person=person, day__gte=since)
        .order_by()
        .annotate(month=TruncMonth("day"))
        .values("month")
        .annotate(
            days=Count("pk"),
            time=Sum(F("went_at") - F("came_at")),
            late=Count("pk", filter=Q(late__gt=0)),
            early=Count("pk", filter=Q(early__gt=0)),
            unended=Count("pk", filter=Q(went_at__isnull=True, day__lt=today)),
        )
        .order_by("-month")
    )
    rows = tuple(
        (f"{one['month']:%Y-%m}", one["days"], _clock(one["time"]), one["late"], one["early"], one["unended"])
        for one in months
    )
    own = person.pk == access.person_id
    url = reverse("intake:times-mine") if own and access.may(May.OWN_TIME) else ""
    if not own and access.may(May.SEE_TIMES):
        url = reverse("intake:times-of", args=[person.pk])
    head = (_("Month"), _("Days at work"), _("Hours worked"), _("Days late"), _("Days left early"), _("Going not on record"))  # fmt: skip
    return Part(_("Working times"), head, rows, url, frozenset({"working_time"} if rows else ()))


def _clock(span: timedelta | None) -> str:
    minutes = int(span.total_seconds()) // 60 if span else 0
    return f"{minutes // 60}:{minutes % 60:02}"
