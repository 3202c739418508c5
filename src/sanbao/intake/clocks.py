"""The promises of a request: its timeline handed to the rules, their answers kept beside their decisions.

Nothing here computes: what is due when is a function of the timeline alone (sanbao_rules.promises). A promise's row and the request's
`due_at` are copies, made anew after every entry that means something to a clock.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from sanbao.accounts.access import Access
from sanbao.accounts.written import sent
from sanbao.audit import operations as audit
from sanbao.decisions.models import Decision
from sanbao.decisions.operations import InText, Told, drafted
from sanbao.edge.copying import Json, numbers_sent
from sanbao.edge.kept import kept
from sanbao.edge.storing import ToStore, another, at_hand, fresh, in_one_message, store
from sanbao.intake.models import Category, Duty, Entry, Pledge, Promise, Request
from sanbao.intake.states import OPEN
from sanbao.regulations.models import Edition
from sanbao.regulations.queries import editions_in_force, rulebook
from sanbao_rules import priority, promises
from sanbao_rules.decision import Written, to_text, written
from sanbao_rules.promises import Clock, Extra, Moment
from sanbao_rules.roster import Roster
from sanbao_rules.rulebook import Rulebook
from sanbao_rules.worktime import CHINA, Calendar, calendar_of

BOOKS = ("calendar", "service")
T = TypeVar("T")


class Shared(dict[Hashable, Any]):
    """What is the same for many requests, worked out for the first of them: the rules are functions, so the same facts have the same answer."""

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        found: T | None = self.get(key)
        if found is None:
            found = self[key] = make()
        return found


@dataclass(frozen=True, slots=True)
class Basis:
    """What a company decides by, and what was promised or arranged for one request: editions, contracts, duty roster.

    `shared`: many requests are decided one after the other and copied in, so their decisions' JSON is text already.
    """

    editions: dict[str, Edition]
    book: Rulebook
    calendar: Calendar
    extras: tuple[Extra, ...] = ()
    roster: Roster | None = None
    shared: Shared | None = None

    @classmethod
    def of(cls, company_id: int | None, shared: Shared | None = None) -> "Basis":
        editions = editions_in_force(company_id, *BOOKS)
        calendar = calendar_of(rulebook(editions["calendar"]), provisional=True)
        return cls(editions, rulebook(editions["service"]), calendar, shared=shared)

    def for_request(self, request: Request) -> "Basis":
        """The same with what holds for the request: its customer's contracts, the roster of the outlet that has it."""

        def make() -> Basis:
            extras, roster = pledges(request), roster_of(request)
            return Basis(self.editions, self.book, self.calendar, extras, roster, self.shared)

        if self.shared is None:
            return make()
        return self.shared.once(("basis", request.customer_id, request.outlet_id, _day(request)), make)

    def facts(self, told: Sequence[Moment], at: datetime) -> dict[str, Written]:
        """What the decisions of all three promises keep: the timeline, and what else they were asked with."""
        if self.shared is None:
            return written(promises.facts_of("", told, **self.asked(at)))
        beside = self.shared.once(
            ("facts", self.extras, self.roster, at),
            lambda: written(promises.facts_of("", (), **self.asked(at)), to_text),
        )
        return {**beside, "history": Written(to_text([tuple(moment) for moment in told]))}

    def asked(self, at: datetime) -> dict[str, Any]:
        return {"extra": self.extras, "roster": self.roster, "now": at}

    def decide(
        self, kind: str, history: Sequence[Moment], facts: Mapping[str, Any], request: Request, by: Access, at: datetime
    ) -> tuple[Clock, Decision]:  # fmt: skip
        """Where a promise stands, and the decision that says so, not yet stored."""
        whole = {**facts, "promise": kind}
        if self.shared is None:
            made = promises.decide(kind, history, self.book, self.calendar, **self.asked(at))
            clock = Clock(**made.answer)  # a decision's answer is the clock
            return clock, drafted(
                made,
                facts=whole,
                editions=self.editions,
                about=request,
                by=by,
                at=at,
                outlet_id=request.outlet_id,
            )
        clock, answer, reasons = promises.decide_in_text(kind, history, self.book, self.calendar, **self.asked(at))  # fmt: skip
        told = Told(promises.QUESTION, Json(to_text(whole)), Json(answer), Json(reasons))
        return clock, self.in_text(by, at).drafted(told, request.pk, request.outlet_id)

    def in_text(self, by: Access, at: datetime) -> InText:
        """What makes the decisions of many requests."""
        assert self.shared is not None
        return self.shared.once("decisions", lambda: InText(Request, self.editions, by=by, at=at))


def _day(request: Request) -> date:
    """The day a request was received, on the company's clock."""
    return request.received_at.astimezone(CHINA).date()


def pledges(request: Request) -> tuple[Extra, ...]:
    """What the company, or a contract with the customer, promises on top."""
    day = _day(request)
    company = request.company_id
    rows = kept(
        ("pledges", company),
        ("intake_pledge",),
        lambda: list(Pledge.objects.filter(company_id=company).order_by("id")),
    )
    return tuple(
        Extra(row.promise, row.length, row.unit, row.source)
        for row in rows
        if row.customer_id in (None, request.customer_id)
        and row.since <= day
        and (row.until is None or row.until >= day)
    )


def roster_of(request: Request) -> Roster | None:
    """The hours of the outlet that has the request, or of headquarters; None where nothing else is arranged than the calendar says."""
    company, outlet = request.company_id, request.outlet_id
    rows = kept(
        ("duties", company, outlet),
        ("intake_duty",),
        lambda: list(Duty.objects.filter(company_id=company, outlet_id=outlet).order_by("id")),
    )
    return _roster(rows)


def rosters(company_id: int | None) -> dict[int | None, Roster | None]:
    """Every place's own hours, by outlet (None: headquarters), in one statement; a place that is missing keeps the calendar's."""
    rows = kept(
        ("duties", company_id),
        ("intake_duty",),
        lambda: list(Duty.objects.filter(company_id=company_id).order_by("id")),
    )
    places: dict[int | None, list[Duty]] = {}
    for row in rows:
        places.setdefault(row.outlet_id, []).append(row)
    return {place: _roster(duties) for place, duties in places.items()}


def _roster(rows: Sequence[Duty]) -> Roster | None:
    if not rows:
        return None
    return Roster(
        weekly=tuple((row.weekday, row.opens, row.closes) for row in rows if row.weekday and row.opens),
        open=tuple((row.day, row.opens, row.closes) for row in rows if row.day and row.opens),
        closed=tuple(row.day for row in rows if row.day and not row.opens),
    )


def weigh(request: Request, category: Category, basis: Basis, *, by: Access, at: datetime) -> Decision:
    """How pressing the request is, by nature and severity (BA-3): sets `level`, and returns the decision, not yet stored."""
    on = _day(request)
    facts = {"nature": category.nature, "severity": request.severity, "flags": tuple(request.flags), "on": on}
    asked = priority.PriorityFacts(**facts)
    if basis.shared is None:
        made = priority.priority(asked, basis.book)
        request.level = made.answer
        return drafted(
            made,
            facts=facts,
            editions=basis.editions,
            about=request,
            by=by,
            at=at,
            outlet_id=request.outlet_id,
        )
    request.level, told = basis.shared.once(("level", asked), lambda: _weighed(asked, basis.book))
    return basis.in_text(by, at).drafted(told, request.pk, request.outlet_id)


def _weighed(asked: priority.PriorityFacts, book: Rulebook) -> tuple[str, Told]:
    made = priority.priority(asked, book)
    return made.answer, Told.of(made, asked._asdict())


def promise(
    request: Request, entries: Sequence[Entry], basis: Basis, *, by: Access, at: datetime
) -> tuple[list[Promise], list[Decision]]:
    """The promises of a new request with their decisions, not yet stored; sets the request's copies."""
    blank = fresh(Promise, request_id=request.pk, state=Promise.State.RUNNING)
    made = [another(blank, kind=kind) for kind in promises.PROMISES]
    changed = _decide(request, made, entries, basis, by, at)
    _copy(request, made)
    return made, [row.decision for row in changed]


def recount(request: Request, *, by: Access, at: datetime) -> None:
    """Work the clocks out anew from the timeline; the caller saves the request. What has changed gets a decision of its own."""
    store(recounted(request, by=by, at=at))


def recounted(request: Request, *more: Entry, by: Access, at: datetime) -> ToStore:
    """The same with entries that come at the end, for who stores all of it together with the request: entries, decisions, promises."""
    with in_one_message():
        entries = sent("clocked", lambda of: Entry.objects.filter(request=of).exclude(clock="").order_by("id"), of=request.pk)  # fmt: skip
        promised = sent("promises of", lambda of: Promise.objects.filter(request=of).order_by("id"), of=request.pk)  # fmt: skip
        numbers = numbers_sent(Decision, len(promises.PROMISES))
    made, free = promised(), numbers()
    basis = Basis.of(request.company_id).for_request(request)
    changed = _decide(request, made, [*entries(), *more], basis, by, at)
    decided = []
    for row, number in zip(changed, free, strict=False):
        decision: Decision = row._state.fields_cache["decision"]
        decision.pk = number
        at_hand(row, decision=decision)
        decided.append(decision)
    _copy(request, made)
    return ToStore([*more, *decided, *changed])


def weigh_again(request: Request, why: str, *, by: Access, at: datetime) -> Request:
    """Class, severity or flags have changed: the level is decided anew, and the promises with it from now on. Saves the request."""
    basis = Basis.of(request.company_id)
    before = request.level
    decision = weigh(request, request.category, basis, by=by, at=at)
    decision.supersedes_id = request.priority_decision_id
    decision.save(force_insert=True)
    request.priority_decision = decision
    if request.level != before:
        Entry.objects.create(
            request=request, at=at, kind=Entry.Kind.CHANGED, clock="changed", clock_detail=request.level, by_id=by.person_id,
            handler_id=request.assignee_id, body=why,
        )  # fmt: skip
        recount(request, by=by, at=at)
    request.version += 1
    request.save()
    audit.record(
        "intake:request:weighed",
        request,
        by=by,
        at=at,
        outlet_id=request.outlet_id,
        level=request.level,
        before=before,
        reason=why[:200],
    )
    return request


def history(entries: Sequence[Entry]) -> list[Moment]:
    """The timeline as the rules read it. Two clocks that differ by a moment never make an impossible order."""
    told: list[Moment] = []
    for entry in entries:
        if not entry.clock:
            continue
        detail = str(entry.handler_id or "") if entry.clock == "assigned" else entry.clock_detail
        told.append(Moment(max(entry.at, told[-1].at) if told else entry.at, entry.clock, detail))
    return told


def clock_of(kind: str, told: Sequence[Moment], basis: Basis, now: datetime | None = None) -> Clock:
    """Where one promise stands."""
    return promises.clock(
        kind, told, basis.book, basis.calendar, extra=basis.extras, roster=basis.roster, now=now
    )


def _decide(
    request: Request,
    made: Sequence[Promise],
    entries: Sequence[Entry],
    basis: Basis,
    by: Access,
    at: datetime,
) -> list[Promise]:
    """Fill the promises from the timeline; answers those that changed, with their decisions, which are not yet stored."""
    told = history(entries)
    facts = basis.facts(told, at)
    changed = []
    for row in made:
        if before := row.decision_id:
            clock = clock_of(row.kind, told, basis, at)
            if (row.state, row.due_at, row.met_at) == (clock.state, clock.due_at, clock.met_at):
                continue
        clock, decision = basis.decide(row.kind, told, facts, request, by, at)
        decision.supersedes_id = before
        missed = clock.state == "missed"
        row.__dict__.update(
            state=clock.state, due_at=clock.due_at, warn_at=clock.warn_at, met_at=clock.met_at, left=clock.left,
            missed_at=clock.due_at if missed else None, missed_by_id=int(clock.holder) if missed and clock.holder else None,
        )  # fmt: skip
        at_hand(row, decision=decision)
        changed.append(row)
    return changed


def _copy(request: Request, made: Sequence[Promise]) -> None:
    """The promise that runs out next, onto the request; none once the work is done."""
    request.missed = any(row.missed_at for row in made)
    running = [
        row for row in made if row.met_at is None and row.due_at and row.state in ("running", "missed")
    ]
    nearest = min(running, key=lambda row: row.due_at, default=None) if request.state in OPEN else None
    request.due_at = nearest.due_at if nearest else None
    request.warn_at = nearest.warn_at if nearest else None
    request.due_promise = nearest.kind if nearest else ""
