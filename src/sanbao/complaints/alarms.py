"""Warnings and escalation: every minute, what the ladder of the rulebook says is due is told to whom it concerns (CS-6).

As intake.alarms: each rung is told once for each due moment, by a row with its decision; a worker that dies in between leaves whole rungs.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.audit import operations as audit
from sanbao.complaints import clocks
from sanbao.complaints.facts import both
from sanbao.complaints.models import Clock, Complaint, Escalation
from sanbao.complaints.permissions import May
from sanbao.complaints.states import OPEN
from sanbao.intake import routing
from sanbao.notices.telling import tell
from sanbao.outlets.models import Posting
from sanbao.outlets.queries import holders
from sanbao_rules import complaints

# Who the ladder's words mean at headquarters, by post; whoever is responsible and the desk are found on the complaint.
POSTS = {"service_head": "supervisor", "management": "head"}
BATCH = 500


def sound(at: datetime, *, most: int = BATCH) -> int:
    """Tell what is due at a moment, of all companies; returns how many rungs were told. The caller opens the scope."""
    waiting = (
        Complaint.objects.filter(
            state__in=OPEN, clocks__state__in=("running", "missed"), clocks__met_at__isnull=True
        )
        .filter(Q(clocks__warn_at__lte=at) | Q(clocks__due_at__lte=at))
        .filter(Q(alarmed_at__isnull=True) | Q(alarmed_at__lt=at))
        .order_by(F("alarmed_at").asc(nulls_first=True), "id")
        .values_list("pk", flat=True)
        .distinct()[:most]
    )
    return sum(_look_at(pk, at) for pk in list(waiting))


@transaction.atomic
def _look_at(pk: int, at: datetime) -> int:
    rows = Complaint.objects.select_for_update(of=("self",), skip_locked=True)
    complaint = rows.filter(pk=pk, state__in=OPEN).first()
    if complaint is None:
        return 0  # another worker has it, or somebody has just finished it
    by = Access(None, complaint.company_id, request="alarm")
    clocks.recount(complaint, by=by, at=at)
    basis = clocks.Basis.of(complaint.company_id)
    waiting = complaint.clocks.filter(met_at__isnull=True).exclude(state="not_begun")
    told = sum(_tell(row, complaint, basis, by, at) for row in waiting.select_related("case").order_by("id"))
    complaint.alarmed_at = at
    complaint.save(update_fields=["alarmed_at", "due_at", "warn_at", "due_clock", "missed"])
    return told


def _tell(row: Clock, complaint: Complaint, basis: clocks.Basis, by: Access, at: datetime) -> int:
    row.complaint = complaint
    history = clocks.moments_of(row)
    made = complaints.clock(row.kind, history, basis.book, basis.calendar, now=at)
    sent = set(row.escalations.values_list("key", flat=True))
    done = 0
    for step, decided in complaints.steps_due(made, basis.book, basis.calendar, now=at, sent=sent):
        facts = complaints.facts_of(row.kind, history, now=at) | {"code": step.code}
        decision = basis.written(decided, facts, complaint, by, at)
        people = list(whom(step.to, complaint, at))
        try:
            with transaction.atomic():
                Escalation.objects.create(
                    clock=row, key=step.key, step=step.code, at=at, to=step.to, decision=decision
                )
        except IntegrityError:
            continue  # told already
        audit.record(
            "complaints:clock:alarmed", complaint, by=by, at=at, outlet_id=complaint.outlet_id, step=step.code, clock=row.kind, to=step.to,
            people=[person.pk for person in people],
        )  # fmt: skip
        late = step.side in ("due", "after")
        tell(
            people, "complaints:missed" if late else "complaints:warning", about=complaint, by=by, at=at, key=f"{row.pk}:{step.key}",
            complaint=complaint.number, clock=both(complaint.company_id, row.kind), due=step.due_at,
        )  # fmt: skip
        done += 1
    return done


def whom(to: str, complaint: Complaint, at: datetime) -> Iterable[Person]:
    """The people a rung means: whoever is responsible (or stands in), whoever registered it, or a post; where there is nobody, who assigns."""
    if to == "handler" and complaint.owner_id:
        standing_in = routing.stand_in(
            complaint.owner_id, timezone.localdate(at), company_id=complaint.company_id
        )
        return Person.objects.filter(pk=standing_in)
    if to == "desk" and complaint.registered_by_id:
        standing_in = routing.stand_in(
            complaint.registered_by_id, timezone.localdate(at), company_id=complaint.company_id
        )
        return Person.objects.filter(pk=standing_in)
    if to in POSTS:
        posts = Posting.objects.filter(
            company_id=complaint.company_id, role=POSTS[to], outlet__isnull=True, ended_on__isnull=True
        )
        return Person.objects.filter(is_active=True, pk__in=posts.values("person_id")).order_by("id")
    return holders(complaint.company_id, May.ASSIGN, on=timezone.localdate(at))
