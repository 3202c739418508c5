"""The clocks of a complaint: its story handed to the rules, their answers kept beside their decisions.

Nothing here computes: what is due when is a function of the story alone (sanbao_rules.complaints). A clock's row and the complaint's
`due_at` are copies, made anew after every entry that means something to a clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from sanbao.accounts.access import Access
from sanbao.complaints.models import Case, Clock, Complaint, Entry
from sanbao.complaints.states import OPEN
from sanbao.decisions.models import Decision
from sanbao.decisions.operations import drafted
from sanbao.regulations.models import Edition
from sanbao.regulations.queries import editions_in_force, rulebook
from sanbao_rules import complaints
from sanbao_rules import decision as kernel
from sanbao_rules.promises import Clock as Told
from sanbao_rules.promises import Moment
from sanbao_rules.rulebook import Rulebook
from sanbao_rules.worktime import Calendar, calendar_of

BOOKS = ("calendar", "complaints")


@dataclass(frozen=True, slots=True)
class Basis:
    """What a company decides complaints by."""

    editions: dict[str, Edition]
    book: Rulebook
    calendar: Calendar

    @classmethod
    def of(cls, company_id: int | None) -> "Basis":
        editions = editions_in_force(company_id, *BOOKS)
        calendar = calendar_of(rulebook(editions["calendar"]), provisional=True)
        return cls(editions, rulebook(editions["complaints"]), calendar)

    def written(
        self, made: kernel.Decision, facts: dict[str, Any], about: Complaint, by: Access, at: datetime, before: int | None = None
    ) -> Decision:  # fmt: skip
        """A decision about a complaint, stored."""
        decision = drafted(
            made, facts=facts, editions=self.editions, about=about, by=by, at=at, outlet_id=about.outlet_id
        )
        decision.supersedes_id = before
        decision.save(force_insert=True)
        return decision


def history(entries: Sequence[Entry]) -> list[Moment]:
    """The story as the rules read it. Two clocks that differ by a moment never make an impossible order."""
    told: list[Moment] = []
    for entry in entries:
        if entry.clock:
            detail = str(entry.owner_id or "") if entry.clock == "assigned" else entry.clock_detail
            told.append(Moment(max(entry.at, told[-1].at) if told else entry.at, entry.clock, detail))
    return told


def history_of_case(case: Case, owner: int | None) -> list[Moment]:
    """A case as the rules read it, from its own days."""
    found = [Moment(case.lodged_at, "received")]
    if owner:
        found.append(Moment(case.lodged_at, "assigned", str(owner)))
    if case.reply_by:
        found.append(Moment(max(case.made_at, case.lodged_at), "promised", case.reply_by.isoformat()))
    for at, what, detail in (
        (case.accepted_at, "accepted", ""), (case.tested_from, "paused", "for_test"), (case.tested_until, "resumed", "for_test"),
        (case.replied_at, "replied", ""),
    ):  # fmt: skip
        if at:
            found.append(Moment(at, what, detail))
    if case.ended_at:
        if not case.accepted_at:
            found.append(Moment(case.ended_at, "refused"))
        found.append(Moment(case.ended_at, "ended"))
        if not case.replied_at:
            found.append(Moment(case.ended_at, "withdrawn"))
    order = complaints.HAPPENS.index
    return sorted(found, key=lambda moment: (moment.at, order(moment.what)))


def recount(complaint: Complaint, *, by: Access, at: datetime) -> None:
    """Work the clocks out anew from the story; the caller saves the complaint. What has changed gets a decision of its own."""
    basis = Basis.of(complaint.company_id)
    told = history(list(complaint.entries.exclude(clock="").order_by("id")))
    rows = {(row.case_id, row.kind): row for row in complaint.clocks.order_by("id")}
    wanted: list[tuple[int | None, str, list[Moment]]] = [(None, kind, told) for kind in complaints.CLOCKS]
    for case in complaint.cases.order_by("id"):
        told_of_case = history_of_case(case, complaint.owner_id)
        wanted += [
            (case.pk, kind, told_of_case)
            for kind in complaints.CASE_CLOCKS
            if kind != "reply" or case.reply_by
        ]
    kept = []
    for case_id, kind, moments in wanted:
        row = rows.get((case_id, kind)) or Clock(complaint=complaint, case_id=case_id, kind=kind)
        _decide(row, moments, complaint, basis, by, at)
        kept.append(row)
    _copy(complaint, kept)


def clock_of(row: Clock, basis: Basis, now: datetime) -> Told:
    """Where one clock stands."""
    return complaints.clock(row.kind, moments_of(row), basis.book, basis.calendar, now=now)


def moments_of(row: Clock) -> list[Moment]:
    """What a clock's history is: the complaint's story, or its case's days."""
    if row.case is not None:
        return history_of_case(row.case, row.complaint.owner_id)
    return history(list(row.complaint.entries.exclude(clock="").order_by("id")))


def _decide(
    row: Clock, told: list[Moment], complaint: Complaint, basis: Basis, by: Access, at: datetime
) -> None:
    """Fill a clock from its history, with a decision of its own where it has changed."""
    clock = complaints.clock(row.kind, told, basis.book, basis.calendar, now=at)
    if row.decision_id and (row.state, row.due_at, row.met_at) == (clock.state, clock.due_at, clock.met_at):
        return
    made = complaints.decide(row.kind, told, basis.book, basis.calendar, now=at)
    facts = complaints.facts_of(row.kind, told, now=at)
    row.decision = basis.written(made, facts, complaint, by, at, row.decision_id)
    row.state, row.due_at, row.warn_at, row.met_at, row.left = (
        clock.state,
        clock.due_at,
        clock.warn_at,
        clock.met_at,
        clock.left,
    )
    if clock.state == Clock.State.MISSED and row.missed_at is None:
        row.missed_at = clock.due_at
        row.missed_by_id = int(clock.holder) if clock.holder else None
    row.save()


def _copy(complaint: Complaint, rows: Sequence[Clock]) -> None:
    """The clock that runs out next and is ours, onto the complaint; none once it is archived."""
    complaint.missed = any(row.missed_at for row in rows if row.kind not in ("acceptance", "mediation"))
    running = [
        row
        for row in rows
        if row.met_at is None and row.due_at and row.state in ("running", "missed") and row.kind not in ("acceptance", "mediation")
    ]  # fmt: skip
    nearest = min(running, key=lambda row: row.due_at, default=None) if complaint.state in OPEN else None
    complaint.due_at = nearest.due_at if nearest else None
    complaint.warn_at = nearest.warn_at if nearest else None
    complaint.due_clock = nearest.kind if nearest else ""


def weigh(complaint: Complaint, *, by: Access, at: datetime) -> None:
    """How bad it is, decided anew by matter, harm and what raises it; sets the complaint's copies. The caller saves it."""
    basis, on = Basis.of(complaint.company_id), timezone.localdate(complaint.received_at)
    facts = {"kind": complaint.kind, "harm": complaint.harm, "flags": tuple(complaint.flags), "on": on}
    made = complaints.weight(complaints.Facts(**facts), basis.book)
    complaint.severity = made.answer
    complaint.weight_decision = basis.written(made, facts, complaint, by, at, complaint.weight_decision_id)


def own(complaint: Complaint, *, by: Access, at: datetime) -> None:
    """Which department answers for it (A-28); sets the complaint's copies. The caller saves it."""
    basis, on = Basis.of(complaint.company_id), timezone.localdate(complaint.received_at)
    facts = {"kind": complaint.kind, "on": on}
    made = complaints.owner(complaint.kind, basis.book, on)
    complaint.department = made.answer
    complaint.owner_decision = basis.written(made, facts, complaint, by, at, complaint.owner_decision_id)


def judge(
    complaint: Complaint,
    justified: bool,
    cause: str,
    day_agreed: bool,
    routes: Sequence[str],
    *,
    by: Access,
    at: datetime,
) -> list[str]:
    """What a verification still lacks; where nothing, its decision is kept on the complaint. The caller saves it."""
    basis, on = Basis.of(complaint.company_id), timezone.localdate(complaint.received_at)
    facts = {
        "justified": justified,
        "cause": cause,
        "day_agreed": day_agreed,
        "routes": list(routes),
        "on": on,
    }
    made = complaints.verdict(justified, cause, day_agreed, routes, basis.book, on)
    missing: list[str] = made.answer["missing"]
    if not missing:
        complaint.verdict_decision = basis.written(
            made, facts, complaint, by, at, complaint.verdict_decision_id
        )
    return missing


def look_back(complaint: Complaint, *, by: Access, at: datetime) -> None:
    """Whether it repeats an earlier complaint of the same customer or about the same unit; sets flag and link. The caller saves it."""
    basis, on = Basis.of(complaint.company_id), timezone.localdate(complaint.received_at)
    known = {row.number: row for row in _earlier(complaint)}
    told = [
        (row.number, timezone.localdate(row.received_at), alike)
        for row in known.values()
        if (alike := _alike(row, complaint))
    ]
    facts = {"complained": told, "on": on}
    made = complaints.repeat([complaints.Earlier(*each) for each in told], basis.book, on)
    complaint.repeat_of = known.get(made.answer["first"])
    complaint.repeat_decision = basis.written(made, facts, complaint, by, at, complaint.repeat_decision_id)
    complaint.flags = sorted(
        {*complaint.flags, "repeated"} if made.answer["repeated"] else {*complaint.flags} - {"repeated"}
    )


def _earlier(complaint: Complaint) -> list[Complaint]:
    """The last complaints that may be about the same: of the customer, the telephone or the unit."""
    where = Q()
    if complaint.customer_id:
        where |= Q(customer=complaint.customer_id)
    if complaint.phone:
        where |= Q(phone=complaint.phone)
    if complaint.unit_id:
        where |= Q(unit=complaint.unit_id)
    if complaint.serial:
        where |= Q(serial=complaint.serial)
    if not where:
        return []
    rows = Complaint.objects.filter(
        where, company_id=complaint.company_id, received_at__lte=complaint.received_at
    )
    return list(rows.exclude(pk=complaint.pk).exclude(state="withdrawn").order_by("-id")[:50])


def _alike(row: Complaint, other: Complaint) -> tuple[str, ...]:
    same = {
        "unit": bool(other.unit_id and row.unit_id == other.unit_id) or bool(other.serial and row.serial == other.serial),
        "customer": bool(other.customer_id and row.customer_id == other.customer_id) or bool(other.phone and row.phone == other.phone),
        "kind": row.kind == other.kind,
    }  # fmt: skip
    return tuple(code for code, is_same in same.items() if is_same)
