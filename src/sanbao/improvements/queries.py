"""Reading measures. Modules above ask what became of what they found; appraisal asks how many helped."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.improvements.models import Measure
from sanbao.improvements.permissions import May
from sanbao.improvements.states import State
from sanbao.outlets.queries import holders


def measures(access: Access) -> QuerySet[Measure]:
    """The measures a person may see."""
    return Measure.objects.visible_to(access, May.SEE).select_related("outlet", "owner")


def of_source(access: Access, source_kind: str, source_pk: int) -> QuerySet[Measure]:
    """The measures that were opened from one thing, oldest first: for the page of that thing."""
    return measures(access).filter(source_kind=source_kind, source_pk=source_pk).order_by("id")


# What a link to the form may fill in, and how much of it.
GIVEN = {
    "title": 120, "problem": 2000, "cause": 2000, "source_kind": 12, "source_pk": 18, "source_label": 120, "source_path": 300, "outlet": 18,
    "product_line": 40, "figure": 80, "figure_before": 14,
}  # fmt: skip


def opening_url(**given: Any) -> str:
    """The address of the form that opens a measure, with what is known already: for a button on the page of what was found."""
    if unknown := set(given) - set(GIVEN):
        raise TypeError(f"a measure is not opened with {', '.join(sorted(unknown))}")
    return f"{reverse('improvements:add')}?{urlencode({name: value for name, value in given.items() if value not in (None, '')})}"


def overdue(today: date) -> Q:
    """Under way, and its day is over."""
    return Q(state=State.OPEN, due_on__lt=today)


def to_review(today: date) -> Q:
    """Done, and the day of its review has come."""
    return Q(state=State.DONE, review_on__lte=today)


def owners(access: Access, outlet_id: int | None, on: date) -> QuerySet[Person]:
    """Whom a measure of this place can be given to."""
    people = holders(access.company_id, May.WORK, on=on, outlet_id=outlet_id)
    return Person.objects.filter(pk__in=[person.pk for person in people]).order_by("name")


@dataclass(frozen=True, slots=True)
class Tally:
    """Measures opened in a period: all, ended as effective, partly effective, still under way, of these late on the day asked for."""

    opened: int
    effective: int
    partly: int
    open: int
    late: int


def tally(access: Access, first: date, last: date, *, on: date, outlet_id: int | None = None) -> Tally:
    """How the measures opened from `first` to `last` (both included) stand on a day. Proposals count once they are accepted."""
    rows = measures(access).filter(opened_at__date__gte=first, opened_at__date__lte=last)
    rows = rows.exclude(state__in=[State.PROPOSED, State.DECLINED])
    if outlet_id is not None:
        rows = rows.filter(outlet_id=outlet_id)
    found = rows.aggregate(
        opened=Count("pk"),
        effective=Count("pk", filter=Q(state=State.EFFECTIVE)),
        partly=Count("pk", filter=Q(state=State.PARTLY)),
        open=Count("pk", filter=Q(state__in=[State.OPEN, State.DONE])),
        late=Count("pk", filter=overdue(on)),
    )
    return Tally(**found)
