"""Pareto of complaints by cause, matter, product, outlet, engineer and month: each bar leads to exactly its rows (PV-4, GN-4, ST-8)."""

import calendar
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.complaints import queries
from sanbao.complaints.facts import word
from sanbao.complaints.models import Clock, Compensation, Complaint
from sanbao.complaints.permissions import May
from sanbao.complaints.states import Money, State, Verdict
from sanbao.outlets.models import Outlet

MOST_BARS = 15
# (key, label, column, parameter of the list)
CUTS: tuple[tuple[str, Any, str, str], ...] = (
    ("cause", gettext_lazy("Cause"), "cause", "cause"),
    ("kind", gettext_lazy("Matter"), "kind", "kind"),
    ("product", gettext_lazy("Product"), "product", "product"),
    ("outlet", gettext_lazy("Outlet"), "about_outlet", "about"),
    ("engineer", gettext_lazy("Engineer"), "engineer", "engineer"),
    ("month", gettext_lazy("Month"), "month", ""),
)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what, how many, justified of them, share, running share, and the list of its rows."""

    label: str
    count: int
    valid: int
    share: float
    running: float
    url: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """A bar as the picture shows it, in units of the picture."""

    x: float
    y: float
    width: float
    height: float
    valid_height: float
    point: float
    bar: Bar

    @property
    def name(self) -> str:
        """What fits below a bar: an outlet's code, a whole month, the first words of anything longer."""
        label = str(self.bar.label)
        code = label.split(" ", 1)[0]
        word = code if any(sign.isdigit() for sign in code) else label
        most = 9 if word.isascii() else 6
        return word if len(word) <= most else f"{word[: most - 1]}…"


WIDE, HIGH, LEFT, FOOT = 720.0, 240.0, 36.0, 28.0


def rows(access: Access, first: date, last: date, *, only_valid: bool = False) -> QuerySet[Complaint]:
    """The complaints of the days that this person may analyse, without those withdrawn."""
    begin, end = queries.period(first, last)
    found = Complaint.objects.visible_to(access, May.ANALYSE).filter(
        received_at__gte=begin, received_at__lt=end
    )
    found = found.exclude(state=State.WITHDRAWN).order_by()
    return found.filter(verdict__in=(Verdict.JUSTIFIED, Verdict.PARTLY)) if only_valid else found


def pareto(access: Access, cut: str, first: date, last: date, *, only_valid: bool = False) -> list[Bar]:
    """The bars of a cut, the most frequent first; months in their order."""
    _key, _label, column, parameter = next(each for each in CUTS if each[0] == cut)
    found = rows(access, first, last, only_valid=only_valid)
    valid = Count("pk", filter=Q(verdict__in=(Verdict.JUSTIFIED, Verdict.PARTLY)))
    if cut == "month":
        found = found.annotate(month=TruncMonth("received_at"))
    counted = [
        (value, count, proven)
        for value, count, proven in found.values_list(column).annotate(count=Count("pk"), valid=valid)
    ]
    names = _names(cut, access, [value for value, _count, _valid in counted])
    counted.sort(key=(lambda row: row[0]) if cut == "month" else (lambda row: (-row[1], str(row[0]))))
    total, running, bars = sum(count for _value, count, _valid in counted), 0, []
    for value, count, proven in counted:
        running += count
        url = _url(parameter, value, first, last, only_valid)
        bars.append(Bar(names(value), count, proven, count / total, running / total, url))
    return bars


def _names(cut: str, access: Access, values: list[Any]) -> Callable[[Any], str]:
    """How the values of a cut are said."""
    if cut in ("cause", "kind"):
        return lambda value: word(access.company_id, value) or _("not verified yet")
    if cut == "month":
        return lambda value: f"{value:%Y-%m}"
    if cut == "product":
        return lambda value: value or _("not stated")
    found: dict[int, str] = {}
    numbers = [value for value in values if value]
    if cut == "outlet":
        found = {row.pk: str(row) for row in Outlet.objects.filter(pk__in=numbers)}
    elif numbers:
        found = dict(Person.objects.filter(pk__in=numbers).values_list("pk", "name"))
    return lambda value: found.get(value, _("not stated"))


def _url(parameter: str, value: Any, first: date, last: date, only_valid: bool) -> str:
    """The list that shows exactly the rows of a bar."""
    told: list[tuple[str, Any]] = [("tab", "counted")]
    if parameter:
        told.append((parameter, value if value not in (None, "") else "none"))
    else:
        first, last = value.date(), value.date().replace(day=calendar.monthrange(value.year, value.month)[1])
    told += [("received_from", first), ("received_to", last)]
    if only_valid:
        told += [("verdict", Verdict.JUSTIFIED), ("verdict", Verdict.PARTLY)]
    return f"{reverse('complaints:complaints')}?{urlencode(told)}"


def drawn(bars: list[Bar]) -> list[Drawn]:
    """The bars of the picture with the point of the running share above each; the tail is left to the table."""
    shown = bars[:MOST_BARS]
    if not shown:
        return []
    slot = (WIDE - LEFT) / len(shown)
    most = max(bar.count for bar in shown)
    told = []
    for place, bar in enumerate(shown):
        high, proven = HIGH * bar.count / most, HIGH * bar.valid / most
        told.append(
            Drawn(
                LEFT + slot * place + slot * 0.15,
                HIGH - high + 10,
                slot * 0.7,
                high,
                proven,
                HIGH - HIGH * bar.running + 10,
                bar,
            )
        )
    return told


def line(shown: list[Drawn]) -> str:
    """The running share as the points of a line."""
    return " ".join(f"{each.x + each.width / 2:.1f},{each.point:.1f}" for each in shown)


def figures(company_id: int | None, first: date, last: date) -> dict[str, Any]:
    """A period's numbers as plain data: what the report keeps."""
    found = queries.received(company_id, first, last)
    totals = found.aggregate(
        received=Count("pk"), justified=Count("pk", filter=Q(verdict__in=(Verdict.JUSTIFIED, Verdict.PARTLY))),
        unjustified=Count("pk", filter=Q(verdict=Verdict.UNJUSTIFIED)), open=Count("pk", filter=~Q(state__in=(State.ARCHIVED, State.CALLED_BACK))),
        repeated=Count("pk", filter=Q(repeat_of__isnull=False)), critical=Count("pk", filter=Q(severity="critical")), missed=Count("pk", filter=Q(missed=True)),
        content=Count("pk", filter=Q(callback__in=("content", "accepts"))), not_content=Count("pk", filter=Q(callback="not_content")),
    )  # fmt: skip
    given = Compensation.objects.filter(
        complaint__in=found, state__in=(Money.APPROVED, Money.PAID)
    ).order_by()
    totals["given"] = given.count()
    totals["given_fen"] = sum(given.values_list("amount_fen", flat=True))
    in_time = queries.in_time(company_id, first, last).get("", {})
    return {
        "totals": totals,
        "in_time": [
            [kind, in_time[kind].part, in_time[kind].whole] for kind in Clock.Kind.values if kind in in_time
        ],
        "causes": _counted(found, "cause"),
        "kinds": _counted(found, "kind"),
        "by_outlet": _rates(company_id, first, last, "outlet"),
        "by_product": _rates(company_id, first, last, "product"),
    }


def _counted(found: QuerySet[Complaint], key: str) -> list[list[Any]]:
    counted = found.values_list(key).annotate(count=Count("pk"))
    return sorted(([value, count] for value, count in counted), key=lambda pair: (-pair[1], pair[0]))


def _rates(company_id: int | None, first: date, last: date, by: str) -> list[list[Any]]:
    """[outlet's code or product, justified, verified, complaints, jobs closed], the most complaints first."""
    rates = queries.justified_rate(company_id, first, last, by)
    if by == "product":
        return sorted(
            ([key, rate.part, rate.whole] for key, rate in rates.items()), key=lambda row: (-row[2], row[0])
        )
    jobs = queries.complaint_rate(company_id, first, last)
    codes = dict(
        Outlet.objects.filter(company_id=company_id, pk__in={*rates, *jobs}).values_list("pk", "code")
    )
    told = []
    for pk, code in codes.items():
        rate, share = rates.get(pk, queries.Rate(0, 0)), jobs.get(pk, queries.Rate(0, 0))
        if share.part:
            told.append([code, rate.part, rate.whole, share.part, share.whole])
    return sorted(told, key=lambda row: (-row[3], row[0]))


def last_of(month: date) -> date:
    """The last day of a month."""
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])
