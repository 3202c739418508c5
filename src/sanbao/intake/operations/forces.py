"""Task forces: set up, manned, given requests, reported on, ended with a result (EN-2)."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company, Person
from sanbao.audit import operations as audit
from sanbao.intake.models import Force, Report, Request
from sanbao.intake.permissions import May
from sanbao.notices.telling import tell
from sanbao.ui.refusal import Refusal

LONGEST = 366  # days: what lasts longer is no task force but a team


@transaction.atomic
def keep_force(
    force: Force | None,
    *,
    name: str,
    goal: str,
    leader: Person,
    members: Iterable[Person],
    first_day: date,
    last_day: date,
    by: Access,
    at: datetime,
) -> Force:
    """Set a task force up, or change its goal, people or term. Whoever is new in it is told."""
    by.require(May.LEAD_FORCE)
    if last_day < first_day:
        raise Refusal(_("The last day lies before the first."), field="last_day", code="term")
    if (last_day - first_day).days >= LONGEST:
        raise Refusal(
            _("A task force is for a time: a year at most. For what stays, set up a team."), field="last_day", code="long"
        )  # fmt: skip
    if force is None:
        held = Force(company_id=by.company_id, made_at=at, made_by_id=by.person_id)
        before: set[int] = set()
    else:
        held = _open(force, by, May.LEAD_FORCE)
        before = {held.leader_id, *held.members.values_list("pk", flat=True)}
    if last_day != held.last_day:
        held.told_on = None
    held.name, held.goal, held.leader = name, goal, leader
    held.first_day, held.last_day = first_day, last_day
    held.save()
    people = {person.pk: person for person in (*members, leader)}
    held.members.set(person for person in people.values() if person.pk != leader.pk)
    _tell([person for pk, person in people.items() if pk not in before], "intake:force", held, by, at)
    audit.record(
        f"intake:force:{'founded' if force is None else 'changed'}", held, by=by, at=at,
        leader=leader.pk, members=sorted(people), first_day=first_day.isoformat(), last_day=last_day.isoformat(),
    )  # fmt: skip
    return held


@transaction.atomic
def link(force: Force, request: Request, *, by: Access, at: datetime) -> Force:
    """Give a request to a task force; it stays with whoever has it."""
    by.require(May.WORK_FORCE)
    held = _open(force, by, May.WORK_FORCE)
    if held.requests.filter(pk=request.pk).exists():
        raise Refusal(_("This request is in it already."), field="number", code="twice")
    held.requests.add(request)
    audit.record("intake:force:linked", held, by=by, at=at, request=request.number)
    return held


@transaction.atomic
def unlink(force: Force, request: Request, *, by: Access, at: datetime) -> Force:
    """Take a request out of a task force."""
    by.require(May.WORK_FORCE)
    held = _open(force, by, May.WORK_FORCE)
    held.requests.remove(request)
    audit.record("intake:force:unlinked", held, by=by, at=at, request=request.number)
    return held


@transaction.atomic
def report(force: Force, body: str, *, by: Access, at: datetime) -> Report:
    """Write down how it gets on. The same words of the same person once more (who went back and sent the form again) are the report that is there."""
    by.require(May.WORK_FORCE)
    held = _open(force, by, May.WORK_FORCE)
    if not body.strip():
        raise Refusal(_("There is nothing written yet."), field="body", code="empty")
    words = body.strip()[:4000]
    latest = Report.objects.filter(force=held).order_by("-id").first()
    if latest is not None and (latest.by_id, latest.body) == (by.person_id, words):
        return latest
    written = Report.objects.create(force=held, at=at, by_id=by.person_id, body=words)
    audit.record("intake:force:reported", held, by=by, at=at)
    return written


@transaction.atomic
def end_force(force: Force, result: str, *, by: Access, at: datetime) -> Force:
    """End a task force with what came of it."""
    by.require(May.LEAD_FORCE)
    held = _open(force, by, May.LEAD_FORCE)
    if not result.strip():
        raise Refusal(_("Say what came of it."), field="result", code="result")
    held.result, held.ended_at, held.ended_by_id = result.strip()[:2000], at, by.person_id
    held.save()
    people = [held.leader, *held.members.all()]
    _tell([person for person in people if person.pk != by.person_id], "intake:force-ended", held, by, at)
    audit.record("intake:force:ended", held, by=by, at=at, last_day=held.last_day.isoformat())
    return held


def _open(force: Force, by: Access, permission: str) -> Force:
    held: Force = (
        Force.objects.visible_to(by, permission)
        .select_for_update(of=("self",))
        .select_related("leader")
        .get(pk=force.pk)
    )
    if held.ended_at:
        raise Refusal(_("“%(force)s” has ended.") % {"force": held}, code="ended")
    return held


def _tell(people: list[Person], kind: str, force: Force, by: Access, at: datetime) -> None:
    tell(
        people, kind, about=force, by=by, at=at, key=f"{force.pk}:{at.isoformat()}",
        force=force.name, last=force.last_day,
    )  # fmt: skip


def tell_overdue(now: datetime) -> int:
    """Tell the leaders of task forces whose term is over, once for each term; how many. The caller opens the scope."""
    today = timezone.localdate(now)
    told = 0
    for company in Company.objects.order_by("pk"):
        late = Force.objects.filter(
            company=company, ended_at__isnull=True, last_day__lt=today, told_on__isnull=True
        )
        for force in late.select_related("leader"):
            with transaction.atomic():
                Force.objects.filter(pk=force.pk).update(told_on=today)
                _tell(
                    [force.leader], "intake:force-due", force, Access(None, company.pk, request="forces"), now
                )
            told += 1
    return told
