"""A request comes in: registered, weighed, promised, acknowledged and put where it belongs, in one transaction (BA-2, BA-3, CS-2, RP-1)."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.accounts.scope import as_owner
from sanbao.audit import operations as audit
from sanbao.customers import operations as customers
from sanbao.customers.models import Customer
from sanbao.decisions.models import Decision
from sanbao.edge import kept
from sanbao.edge.copying import Copy, copying_beside, number, take_numbers
from sanbao.edge.garbage import uncollected
from sanbao.edge.storing import at_hand, fresh, store
from sanbao.files.models import StoredFile
from sanbao.intake import clocks, routing
from sanbao.intake.models import Category, Entry, Promise, Request
from sanbao.intake.permissions import May
from sanbao.intake.states import BY_ACCOUNT, SPOKEN, State
from sanbao.outlets.models import Outlet
from sanbao.products.models import Unit
from sanbao.ui.refusal import Refusal
from sanbao_rules.promises import PROMISES
from sanbao_rules.worktime import CHINA

SLOW_CLOCKS = timedelta(minutes=5)  # another system's clock may be ahead by so much
LONG_AGO = timedelta(days=366)
MOST_FILES = 20
BATCH = 1000  # so many are stored in one go, so that memory stays flat; in between it is told how far it is
Step = Callable[[int], None]


def nothing(done: int) -> None:
    """Nobody wants to hear how far it is."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What somebody asks for. `contact` and `phone` are whom to call about it; `writer` the account they write by; `received_at` is when it reached us (None: now)."""

    channel: str
    category: Category
    subject: str
    severity: str = ""
    description: str = ""
    customer: Customer | None = None
    contact: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    writer: str = ""
    unit: Unit | None = None
    model: str = ""
    serial: str = ""
    flags: Sequence[str] = ()
    outlet: Outlet | None = None
    received_at: datetime | None = None
    external_id: str = ""
    files: Sequence[StoredFile] = field(default_factory=tuple)


def register(ask: Ask, *, by: Access, at: datetime) -> Request:
    """Somebody at the desk registers what a customer asks for. Refusals name the field."""
    by.require(May.REGISTER)
    return receive(ask, by=by, at=at)


def receive(ask: Ask, *, by: Access, at: datetime) -> Request:
    """A channel brings what a customer wrote; `by` is the company's own access (nobody in person)."""
    received_at = ask.received_at or at
    refuse_unless_sound(ask, received_at, at)
    # Nothing after the first row refuses, but an outlet that is to see its customer: only then is there a point to go back to.
    with transaction.atomic(savepoint=bool(ask.outlet and ask.customer)):
        return _write(ask, received_at, by, at)


@transaction.atomic
def receive_many(asks: Sequence[Ask], *, by: Access, at: datetime, step: Step = nothing) -> list[Request]:
    """Thousands of requests at once, all or none: each becomes what `receive` would make of it, in a few statements for all.

    A refusal names the ask it is about: `details["index"]`. `step(done)` hears how far it is, and may end it by an exception.
    """
    numbers = _next_of(by.company_id, [ask.received_at or at for ask in asks])
    basis, loads = clocks.Basis.of(by.company_id, clocks.Shared()), routing.Loads()
    made: list[Request] = []
    with uncollected(), kept.keeping(), _many_at_once() as copy:
        for start in range(0, len(asks), BATCH):
            step(start)
            drafts = []
            for index, ask in enumerate(asks[start : start + BATCH], start):
                try:
                    drafts.append(_draft(ask, numbers[index], basis, by, at, loads))
                except Refusal as refusal:
                    refusal.details["index"] = index
                    raise
            _copy_behind(drafts, copy)
            made += [draft.request for draft in drafts]
        # The requests come last: where they are counted (the tally), others wait from then on until this is through.
        copy(made)
        for start in range(0, len(made), BATCH):
            events, others = audit.drafted_all(
                "intake:request:registered", made[start : start + BATCH], by=by, at=at, details=_recorded
            )
            copy(events)
            for _kind, rows in groupby(others, type):
                copy(list(rows))
    _tell_outlets(asks, by, at)
    step(len(asks))
    return made


def _copy_behind(drafts: Sequence["Draft"], copy: Copy) -> None:
    """What belongs to the requests of a batch."""
    copy([decision for draft in drafts for decision in draft.decisions])
    entries = [entry for draft in drafts for entry in draft.entries]
    with_files = [draft for draft in drafts if draft.ask.files]
    if with_files:
        number(entries)
    copy(entries)
    copy([promise for draft in drafts for promise in draft.promises])
    for draft in with_files:
        first = draft.entries[0]
        first._state.adding, first._state.db = False, connection.alias
        first.files.set(draft.ask.files)


@contextmanager
def _many_at_once() -> Iterator[Copy]:
    """New requests are copied in beside the work, and counted all together instead of each for itself (migration 0016)."""
    why = "COPY is refused where row-level security holds; whoever calls has asked for the permission"
    with as_owner(why), copying_beside() as copy:
        _count("together")
        _check_keys_at_once()
        yield copy
        _count("")
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _check_keys_at_once() -> None:
    """Foreign keys are checked as rows are copied in, while the next are made, instead of all at the end; but for those to the requests, which come last."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(quote_ident(conname), ', ') FROM pg_constraint"
            " WHERE contype = 'f' AND confrelid = 'intake_request'::regclass AND condeferrable"
        )
        (to_requests,) = cursor.fetchone()
        cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS {to_requests} DEFERRED")


def _count(how: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('sanbao.counting', %s, true)", [how])


def _tell_outlets(asks: Sequence[Ask], by: Access, at: datetime) -> None:
    """An outlet that has a request sees its customer from now on."""
    served = {(ask.customer, ask.outlet) for ask in asks if ask.customer and ask.outlet}
    for customer, outlet in sorted(served, key=lambda pair: (pair[0].pk, pair[1].pk)):
        customers.serve(customer, outlet, by=by, at=at)


def _write(ask: Ask, received_at: datetime, by: Access, at: datetime) -> Request:
    draft = _draft(ask, _next(by.company_id, received_at), clocks.Basis.of(by.company_id), by, at)
    request = draft.request
    events = audit.drafted(
        "intake:request:registered", request, by=by, at=at, outlet_id=request.outlet_id, **_recorded(request)
    )
    if ask.files:
        draft.entries[0].pk = _next_entry()
    store([*draft.decisions, request, *draft.entries, *draft.promises, *events])
    if ask.files:
        draft.entries[0].files.set(ask.files)
    if ask.outlet and ask.customer:
        customers.serve(ask.customer, ask.outlet, by=by, at=at)
    return request


class Numbers(NamedTuple):
    """What a new request is known by: the row's id, the number that is read aloud, the ids of its decisions."""

    request: int
    told: str
    decisions: Sequence[int]


@dataclass(frozen=True, slots=True)
class Draft:
    """A new request with all that belongs to it, decided and not yet stored."""

    ask: Ask
    request: Request
    entries: list[Entry]
    promises: list[Promise]
    decisions: list[Decision]


def _draft(
    ask: Ask,
    numbers: Numbers,
    basis: clocks.Basis,
    by: Access,
    at: datetime,
    loads: "routing.Loads | None" = None,
) -> Draft:
    """Weigh, promise and place one request: what `register`, `receive` and `receive_many` have in common."""
    received_at = ask.received_at or at
    refuse_unless_sound(ask, received_at, at)
    request = fresh(
        Request, id=numbers.request, number=numbers.told, company_id=by.company_id, **_told(ask), received_at=received_at,
        made_at=at, made_by_id=by.person_id,
    )  # fmt: skip
    at_hand(request, category=ask.category, customer=ask.customer, unit=ask.unit, outlet=ask.outlet)
    place = routing.place(request, ask.category, by=by, at=at, loads=loads)
    request.team_id = place.team_id
    at_hand(request, outlet=place.outlet, assignee=place.assignee)
    if place.assignee:
        request.state = State.ASSIGNED
    basis = basis.for_request(request)
    weighed = clocks.weigh(request, ask.category, basis, by=by, at=at)
    entries = _first_entries(request, ask, place, by, at)
    promised, decided = clocks.promise(request, entries, basis, by=by, at=at)
    decisions = [weighed, *decided]
    for pk, decision in zip(numbers.decisions, decisions, strict=True):
        decision.pk = pk
    at_hand(request, priority_decision=weighed)
    for promise, decision in zip(promised, decided, strict=True):
        at_hand(promise, decision=decision)
    return Draft(ask, request, entries, promised, decisions)


def _recorded(request: Request) -> dict[str, Any]:
    return {"channel": request.channel, "category": request.category.code, "level": request.level}


def refuse_unless_sound(ask: Ask, received_at: datetime, at: datetime) -> None:
    """What no request may be, whatever door it comes by."""
    if not ask.subject.strip():
        raise Refusal(_("Say in a few words what it is about."), field="subject", code="subject")
    if ask.category.retired_at:
        raise Refusal(
            _("The class “%(class)s” is no longer used; choose another.") % {"class": ask.category},
            field="category", code="retired",
        )  # fmt: skip
    if received_at > at + SLOW_CLOCKS:
        raise Refusal(
            _("A request can't have come in the future. It is %(now)s now.") % {"now": f"{timezone.localtime(at):%Y-%m-%d %H:%M}"},
            field="received_at", code="future",
        )  # fmt: skip
    if received_at < at - LONG_AGO:
        raise Refusal(
            _("That is more than a year ago: register it with today's date and say so in the description."),
            field="received_at", code="long_ago",
        )  # fmt: skip
    if len(ask.files) > MOST_FILES:
        raise Refusal(
            _("At most %(most)d files come with one request; send the others afterwards.") % {"most": MOST_FILES},
            field="files", code="files",
        )  # fmt: skip
    if not (ask.customer or ask.phone or ask.email or ask.channel in BY_ACCOUNT):
        raise Refusal(
            _("Nobody could be answered: choose the customer, or give a telephone number or an e-mail address."),
            field="phone", code="nobody",
        )  # fmt: skip


def _told(ask: Ask) -> dict[str, Any]:
    """The request's fields that come with it. The unit says which product it is, whatever was typed."""
    unit = ask.unit
    vip = ["vip"] if ask.customer and ask.customer.vip else []
    return {
        "channel": ask.channel,
        "severity": ask.severity,
        "flags": sorted({*ask.flags, *vip}),
        "contact": ask.contact[:60] or (ask.customer.name[:60] if ask.customer else ""),
        "phone": ask.phone,
        "email": ask.email,
        "address": ask.address[:200],
        "writer": ask.writer[:64],
        "model": unit.model.code if unit else ask.model,
        "serial": unit.serial if unit else ask.serial,
        "subject": ask.subject.strip()[:120],
        "description": ask.description.strip()[:4000],
    }


def _next(company_id: int | None, received_at: datetime) -> Numbers:
    """The numbers of a new request, in one statement: S260424-1234 is short enough to be read aloud.

    Numbers of refused requests are not used again.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval('intake_request_id_seq'), edge_next_number('request', %s),"
            " ARRAY(SELECT nextval('decisions_decision_id_seq') FROM generate_series(1, %s))",
            [company_id, 1 + len(PROMISES)],
        )
        pk, number, decisions = cursor.fetchone()
    return Numbers(pk, _number_of(received_at, number), decisions)


def _number_of(received_at: datetime, number: int) -> str:
    return f"S{received_at.astimezone(CHINA):%y%m%d}-{number}"


def _next_entry() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('intake_entry_id_seq')")
        return int(cursor.fetchone()[0])


def _next_of(company_id: int | None, moments: Sequence[datetime]) -> list[Numbers]:
    """The same for many, in two statements."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval('intake_request_id_seq'), edge_next_number('request', %s) FROM generate_series(1, %s)",
            [company_id, len(moments)],
        )
        rows = cursor.fetchall()
    each = 1 + len(PROMISES)
    decisions = take_numbers(Decision, each * len(moments))
    return [
        Numbers(pk, _number_of(moment, number), decisions[each * at : each * (at + 1)])
        for at, ((pk, number), moment) in enumerate(zip(rows, moments, strict=True))
    ]


def _first_entries(
    request: Request, ask: Ask, place: "routing.Place", by: Access, at: datetime
) -> list[Entry]:
    """How it came, and who has it. Whoever speaks with the customer while registering gives the first answer there and then."""
    spoken = ask.channel in SPOKEN
    entries = [
        fresh(
            Entry, request_id=request.pk, at=request.received_at, kind=Entry.Kind.RECEIVED, clock="received", clock_detail=request.level, by_id=by.person_id,
            channel=ask.channel, body=request.description, internal=False, external_id=ask.external_id[:200],
        )
    ]  # fmt: skip
    if spoken:
        entries.append(
            fresh(
                Entry, request_id=request.pk, at=request.received_at, kind=Entry.Kind.CALL, clock="answered", by_id=by.person_id, channel=ask.channel,
                internal=False, body=_("Answered while registering."),
            )
        )  # fmt: skip
    if place.assignee or place.team_id or place.outlet:
        entries.append(
            fresh(
                Entry, request_id=request.pk, at=at, kind=Entry.Kind.ASSIGNED, clock="assigned", by_id=by.person_id,
                handler_id=request.assignee_id, body=place.why,
            )
        )  # fmt: skip
    return entries
