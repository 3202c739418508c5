"""Each working morning the day's calls are shared out; every few minutes promised answers are watched (KA-9.1, KA-9.4)."""

from collections import Counter
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from sanbao.accounts import scope
from sanbao.accounts.access import Access
from sanbao.accounts.models import Company, Person
from sanbao.audit import operations as audit
from sanbao.callbacks import books, queries, telling
from sanbao.callbacks.models import Callback, Day, PromisedAnswer
from sanbao.callbacks.operations.planning import end_callback
from sanbao.callbacks.states import State, Why
from sanbao.intake.models import Absence
from sanbao_rules import callbacks as rules

MOST_A_DAY = 5_000
MOST_AT_ONCE = 1_000


def share_out_all(at: datetime) -> int:
    """How many companies' calls were shared out for today; each company once on each day people may be called."""
    done = 0
    with scope.everything("the callers of every company"):
        for company in Company.objects.order_by("id"):
            by = Access(None, company.pk, name="callbacks")
            with scope.opened(by), scope.as_owner("the day's calls of all places"):
                done += share_out(by=by, at=at) is not None
    return done


@transaction.atomic
def share_out(*, by: Access, at: datetime) -> Day | None:
    """Share out what may be called today; None on a day of rest, where nobody calls, and where it was done already."""
    today = timezone.localdate(at)
    calendar, book = books.calendar(by.company_id), books.book(by.company_id)
    if book.value("call_days", today).value == "workdays" and not calendar.is_workday(today):
        return None
    _end_of_never_called(by, at)
    people = {f"c{person.pk}": person for person in _callers(by, at)}
    rows = list(
        Callback.objects.filter(company_id=by.company_id, state=State.PLANNED, from_on__lte=today)
        .filter(Q(next_at__isnull=True) | Q(next_at__date__lte=today)).order_by("due_on", "id")[:MOST_A_DAY]
    )  # fmt: skip
    if not people or not rows:
        return None
    day, made = Day.objects.get_or_create(company_id=by.company_id, day=today, defaults={"made_at": at})
    if not made:
        return None
    facts = {
        "callers": dict.fromkeys(sorted(people), 0), "on": today,
        "waiting": [[row.number, row.due_on, f"c{row.caller_id}" if row.caller_id else ""] for row in rows],
    }  # fmt: skip
    decided = rules.spread(facts["callers"], facts["waiting"], book, today)
    assigned = decided.answer["assigned"]
    for row in rows:
        if caller := assigned.get(row.number):
            row.caller, row.day = people[caller], today
            row.version += 1
    Callback.objects.bulk_update([row for row in rows if row.number in assigned], ["caller", "day", "version"], batch_size=500)  # fmt: skip
    day.callers, day.assigned, day.postponed = len(people), len(assigned), len(decided.answer["postponed"])
    day.decision = books.written(decided, facts, day, by=by, at=at)
    day.save()
    audit.record("callbacks:day:shared-out", day, by=by, at=at, assigned=day.assigned, postponed=day.postponed, callers=day.callers)  # fmt: skip
    counts = Counter(assigned.values())
    for caller, count in sorted(counts.items()):
        first = next(row for row in rows if assigned.get(row.number) == caller)
        telling.shared_out(people[caller], count, today.isoformat(), first, by=by, at=at)
    return day


def _callers(by: Access, at: datetime) -> list[Person]:
    """Who calls today: the callback clerks, else whoever may call at headquarters; without those who are away."""
    today = timezone.localdate(at)
    away = set(
        Absence.objects.filter(company_id=by.company_id, first_day__lte=today, last_day__gte=today, withdrawn_at__isnull=True)
        .values_list("person_id", flat=True)
    )  # fmt: skip
    return [person for person in queries.callers(by.company_id, today) if person.pk not in away]


def _end_of_never_called(by: Access, at: datetime) -> None:
    """Who has asked never to be called since it was planned is not called."""
    for found in queries.open_of_never_called(by.company_id).select_for_update(of=("self",))[:MOST_AT_ONCE]:
        end_callback(found, Why.NEVER_CALL, "", by=by, at=at)


def watch_answers(at: datetime) -> int:
    """How many people were told of promised answers that are due soon or overdue; each once."""
    told = 0
    with scope.everything("promised answers of every company"):
        open_ = PromisedAnswer.objects.filter(kept_at__isnull=True)
        rows = open_.filter(Q(warned_at__isnull=True) | Q(chased_at__isnull=True)).select_related("callback__plan", "owner").order_by("due_at", "id")  # fmt: skip
        for found in rows[:MOST_AT_ONCE]:
            by = Access(None, found.callback.company_id, name="callbacks")
            told += _watch(found, by=by, at=at)
    return told


@transaction.atomic
def _watch(found: PromisedAnswer, *, by: Access, at: datetime) -> int:
    now = timezone.localtime(at)
    made = rules.answer(timezone.localtime(found.made_at), timezone.localtime(found.due_at), books.book(by.company_id), now)  # fmt: skip
    locked = PromisedAnswer.objects.select_for_update(of=("self",)).get(pk=found.pk)
    if locked.kept_at is not None:
        return 0
    if made.answer["state"] == "overdue" and locked.chased_at is None:
        locked.chased_at = at
        locked.save(update_fields=["chased_at"])
        telling.overdue(found, by=by, at=at)
        return 1
    if made.answer["state"] == "soon" and locked.warned_at is None:
        locked.warned_at = at
        locked.save(update_fields=["warned_at"])
        telling.due_soon(found, by=by, at=at)
        return 1
    return 0
