"""Warnings and escalation: every minute, what the ladder of the rulebook says is due is told to whom it concerns (GN-3, CS-4).

Each step is told once for each due moment; the row says when, to whom, and by which decision. Promises that ran out are marked as missed,
with whoever had them then. A worker that dies in between leaves whole steps behind; the next run goes on.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.audit import operations as audit
from sanbao.decisions.operations import drafted
from sanbao.hooks.operations import announce
from sanbao.intake import clocks, routing
from sanbao.intake.models import Escalation, Promise, Request
from sanbao.intake.states import OPEN
from sanbao.notices.telling import tell
from sanbao.outlets.models import Posting
from sanbao_rules import escalation, promises
from sanbao_rules.rulebook import Rulebook

# Who the ladder's words mean at headquarters, by post; the handler and the team's leaders are found on the request.
POSTS = {"service_head": "supervisor", "management": "head"}
BATCH = 500


def sound(at: datetime, *, most: int = BATCH) -> int:
    """Tell what is due at a moment, of all companies; returns how many steps were told. The caller opens the scope."""
    told = 0
    waiting = (
        Request.objects.filter(
            state__in=OPEN, promises__state__in=("running", "missed"), promises__met_at__isnull=True
        )
        .filter(Q(promises__warn_at__lte=at) | Q(promises__due_at__lte=at))
        .filter(Q(alarmed_at__isnull=True) | Q(alarmed_at__lt=at))
        .order_by(F("alarmed_at").asc(nulls_first=True), "id")
        .values_list("pk", flat=True)
        .distinct()[:most]
    )
    for pk in list(waiting):
        told += _look_at(pk, at)
    return told


@transaction.atomic
def _look_at(pk: int, at: datetime) -> int:
    request = (
        Request.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(pk=pk, state__in=OPEN)
        .first()
    )
    if request is None:
        return 0  # another worker has it, or somebody has just finished it
    by = Access(None, request.company_id, request="alarm")
    clocks.recount(request, by=by, at=at)
    told = sum(
        _tell(promise, request, by, at)
        for promise in request.promises.filter(met_at__isnull=True).order_by("id")
    )
    request.alarmed_at = at
    request.save(update_fields=["alarmed_at", "due_at", "warn_at", "due_promise", "missed"])
    return told


def _tell(promise: Promise, request: Request, by: Access, at: datetime) -> int:
    basis = clocks.Basis.of(request.company_id).for_request(request)
    told = clocks.history(list(request.entries.exclude(clock="").order_by("id")))
    clock = clocks.clock_of(promise.kind, told, basis, at)
    sent = set(promise.escalations.values_list("key", flat=True))
    done = 0
    for step, decided in escalation.due_now(
        clock, basis.book, basis.calendar, now=at, sent=sent, roster=basis.roster
    ):
        facts = promises.facts_of(promise.kind, told, extra=basis.extras, roster=basis.roster, now=at) | {
            "code": step.code
        }
        decision = drafted(
            decided,
            facts=facts,
            editions=basis.editions,
            about=request,
            by=by,
            at=at,
            outlet_id=request.outlet_id,
        )
        decision.save(force_insert=True)
        people = list(whom(step.to, request, at))
        try:
            with transaction.atomic():
                Escalation.objects.create(
                    promise=promise, key=step.key, step=step.code, at=at, to=step.to,
                    told=people[0] if people else None, decision=decision,
                )  # fmt: skip
        except IntegrityError:
            continue  # told already
        audit.record(
            "intake:promise:alarmed", request, by=by, at=at, outlet_id=request.outlet_id,
            step=step.code, promise=promise.kind, to=step.to, people=[person.pk for person in people],
        )  # fmt: skip
        if step.side in ("due", "after") and promise.due_at is not None:
            announce(
                "promise.missed", request, by=by, at=at, once=f"{promise.pk}:{promise.due_at}",
                details={"promise": promise.kind, "due_at": timezone.localtime(promise.due_at).isoformat(timespec="minutes")},
            )  # fmt: skip
        tell(
            people, "intake:missed" if step.side in ("due", "after") else "intake:warning", about=request, by=by, at=at,
            key=f"{request.pk}:{step.key}", request=request.number, promise=_word(basis.book, step.promise), due=step.due_at,
        )  # fmt: skip
        done += 1
    return done


def _word(book: Rulebook, code: str) -> dict[str, str]:
    return {language: book.word(code, language) for language in ("zh", "en")}


def whom(to: str, request: Request, at: datetime) -> Iterable[Person]:
    """The people a step of the ladder means; where nobody has a request, whoever leads its team, and then the head of service."""
    today = timezone.localdate(at)
    if to == "handler":
        if request.assignee_id:
            standing_in = routing.stand_in(request.assignee_id, today, company_id=request.company_id)
            return Person.objects.filter(pk=standing_in)
        to = "team_lead"
    if to == "team_lead":
        if request.outlet_id:
            owners = _holders("outlet-owner", request.company_id, outlet_id=request.outlet_id)
            if owners:
                return owners
        leaders = (
            [m.person for m in routing.members(request.team_id, today) if m.lead] if request.team_id else []
        )
        if leaders:
            return leaders
        to = "service_head"
    return _holders(POSTS[to], request.company_id)


def _holders(role: str, company_id: int, *, outlet_id: int | None = None) -> list[Person]:
    posts = Posting.objects.filter(
        company_id=company_id, role=role, outlet_id=outlet_id, ended_on__isnull=True
    )
    return list(Person.objects.filter(is_active=True, pk__in=posts.values("person_id")).order_by("id"))
