"""How the desk stands now, for whoever answers for it: counts, who is late, what runs out next (CS-4, RG-2).

Every count has the cut of the list beside it that shows exactly these rows.
"""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company
from sanbao.intake import clocks
from sanbao.intake.models import Promise, Request
from sanbao.intake.permissions import May
from sanbao.intake.states import OPEN
from sanbao.notices.telling import tell
from sanbao.outlets.queries import holders

MOST = 30


def cuts(now: datetime) -> dict[str, Q]:
    """What each count counts, by the key of the list's tab."""
    tonight = timezone.localtime(now).replace(hour=23, minute=59, second=59)
    return {
        "open": Q(),
        "unassigned": Q(assignee__isnull=True),
        "overdue": Q(due_at__lt=now),
        "today": Q(due_at__gte=now, due_at__lt=tonight),
        "waiting": Q(state="waiting"),
        "reopened": Q(reopened__gt=0),
    }


LABELS: dict[str, dict[str, Any]] = {
    "open": {"label": _("Open"), "icon": "inbox", "tone": ""},
    "unassigned": {"label": _("Nobody has it"), "icon": "user-question", "tone": "orange"},
    "overdue": {"label": _("Overdue"), "icon": "alarm", "tone": "red"},
    "today": {"label": _("Due today"), "icon": "clock", "tone": "azure"},
    "waiting": {"label": _("On hold"), "icon": "player-pause", "tone": "yellow"},
    "reopened": {"label": _("Reopened"), "icon": "refresh", "tone": "orange"},
}


def address(**query: Any) -> str:
    """The list with a cut and filters."""
    return f"{reverse('intake:requests')}?{urlencode({name: value for name, value in query.items() if value}, doseq=True)}"


def counts(rows: QuerySet[Request], now: datetime) -> dict[str, int]:
    """The counts of open requests, in one walk."""
    named = {key: Count("pk", filter=where or None) for key, where in cuts(now).items()}
    return dict(rows.filter(state__in=OPEN).order_by().aggregate(**named))


@dataclass(frozen=True, slots=True)
class Load:
    """What lies with a person or a team; the addresses show the same rows."""

    name: str
    open: int
    overdue: int
    oldest: datetime | None
    open_url: str
    overdue_url: str


def by_person(access: Access, now: datetime) -> list[Load]:
    """Whoever has open requests, those with the most overdue first."""
    return _loads(access, now, "person", "assignee_id", "assignee__name")


def by_team(access: Access, now: datetime) -> list[Load]:
    """The same by team."""
    return _loads(access, now, "team", "team_id", "team__name")


def _loads(access: Access, now: datetime, filter_: str, key: str, name: str) -> list[Load]:
    rows = Request.objects.visible_to(access, May.SEE).filter(state__in=OPEN, **{f"{key}__isnull": False})
    late = Q(due_at__lt=now)
    told = {"open": Count("pk"), "late": Count("pk", filter=late), "oldest": Min("due_at", filter=late)}
    found = rows.order_by().values(key, name).annotate(**told).values_list(key, name, *told)
    loads = [
        Load(
            label,
            open_,
            late,
            oldest,
            address(tab="open", **{filter_: pk}),
            address(tab="overdue", **{filter_: pk}),
        )
        for pk, label, open_, late, oldest in found
    ]
    return sorted(loads, key=lambda load: (-load.overdue, -load.open, load.name))[:MOST]


def next_due(access: Access, now: datetime, *, most: int = 10) -> list[Request]:
    """What runs out next and is not late yet."""
    rows = Request.objects.visible_to(access, May.SEE).filter(state__in=OPEN, due_at__gte=now)
    return list(rows.select_related("assignee", "team", "outlet").order_by("due_at", "id")[:most])


def missed_since(access: Access, since: datetime) -> list[tuple[str, int]]:
    """Who had the promises that ran out since a moment (nobody: ""), most first: who missed it is kept."""
    rows = Promise.objects.filter(
        missed_at__gte=since, request__in=Request.objects.visible_to(access, May.SEE)
    )
    found = (
        rows.order_by()
        .values("missed_by__name")
        .annotate(count=Count("pk"))
        .values_list("missed_by__name", "count")
    )
    return sorted(((name or "", count) for name, count in found), key=lambda pair: (-pair[1], pair[0]))[:MOST]


# The daily digest (CS-4)

FROM, UNTIL = time(8, 30), time(9, 30)


def tell_leaders(now: datetime) -> int:
    """Tell those who answer for the desk of every company how it stands, once on each working day at half past eight; how many companies were told."""
    local = timezone.localtime(now)
    if not FROM <= local.time() < UNTIL:
        return 0
    told = 0
    for company in Company.objects.order_by("id"):
        if clocks.Basis.of(company.pk).calendar.is_workday(local.date()):
            told += _tell(company, now, local)
    return told


def _tell(company: Company, now: datetime, local: datetime) -> int:
    people = holders(company.pk, May.CANCEL, on=local.date())
    found = counts(Request.objects.filter(company_id=company.pk), now)
    if not people or not found["open"]:
        return 0
    by = Access(None, company.pk, request="digest")
    numbers = {name: found[name] for name in ("open", "overdue", "today", "unassigned")}
    tell(people, "intake:digest", about=company, by=by, at=now, key=f"{local:%Y-%m-%d}", **numbers)
    return 1
