"""Calling: a callback is taken by one caller, tried, and recorded; what follows each try is the rulebook's (KA-9.1, KA-9.2)."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.callbacks import books, events, queries
from sanbao.callbacks.models import Callback, Plan, Record, Script, Try
from sanbao.callbacks.operations.planning import end_callback
from sanbao.callbacks.operations.reaching import grown, refuse_unless_open, taken_up
from sanbao.callbacks.permissions import May
from sanbao.callbacks.states import OPEN, UNREACHED, Outcome, State, Why
from sanbao.customers import operations as customers
from sanbao.ui.refusal import Refusal, Stale
from sanbao.workorders import operations as orders
from sanbao.workorders.states import State as OrderState
from sanbao_rules import callbacks as rules

# Somebody who took a callback and left the page does not keep it for ever: a call with its record takes less.
HOLD = timedelta(minutes=30)
SLOW_CLOCKS = timedelta(minutes=5)
ANSWERS = (
    "came", "works", "timely", "charges_told", "charged_fen", "attitude", "quality", "satisfaction", "usage", "suggestions", "words", "more",
)  # fmt: skip


@transaction.atomic
def take(callback: Callback, *, by: Access, at: datetime) -> Callback:
    """This caller calls now, and nobody else meanwhile."""
    found = taken_up(callback, by)
    refuse_unless_open(found)
    _refuse_anothers(found, by, at)
    if queries.never_calls(found.plan):
        raise Refusal(_("This customer does not want to be called. The callback ends by itself tomorrow morning; end it now if you like."), code="never_call")  # fmt: skip
    if found.taken_by_id != by.person_id:
        audit.record("callbacks:callback:taken", found, by=by, at=at, outlet_id=found.outlet_id)
    found.taken_by_id, found.taken_at, found.caller_id = by.person_id, at, by.person_id
    return grown(found)


def _refuse_anothers(found: Callback, by: Access, at: datetime) -> None:
    if found.taken_by_id not in (None, by.person_id) and found.taken_at and found.taken_at > at - HOLD:
        raise Stale(
            _("%(who)s is calling this customer since %(at)s.")
            % {"who": found.taken_by.name if found.taken_by else "", "at": f"{timezone.localtime(found.taken_at):%H:%M}"},
            code="taken",
        )  # fmt: skip


@transaction.atomic
def release(callback: Callback, *, by: Access, at: datetime) -> Callback:
    """Put back what one has taken, without having called."""
    found = taken_up(callback, by)
    if found.taken_by_id != by.person_id:
        raise Refusal(_("You have not taken this callback."), code="not_taken")
    found.taken_by = found.taken_at = None
    audit.record("callbacks:callback:released", found, by=by, at=at, outlet_id=found.outlet_id)
    return grown(found)


@transaction.atomic
def take_next(*, by: Access, at: datetime) -> Callback | None:
    """The next callback of this caller's day, taken; None where nothing waits. What another holds at this moment is passed over."""
    by.require(May.CALL)
    for found in queries.next_of(by, at)[:5]:
        locked = (
            Callback.objects.filter(pk=found.pk).select_for_update(of=("self",), skip_locked=True).first()
        )
        if locked is None:
            continue
        try:
            with transaction.atomic():
                return take(found, by=by, at=at)
        except Refusal:
            continue
    return None


@transaction.atomic
def try_(
    callback: Callback,
    outcome: str,
    *,
    note: str = "",
    asked_for: datetime | None = None,
    called_at: datetime | None = None,
    version: int | None = None,
    by: Access,
    at: datetime,
) -> Callback:
    """Nobody was reached, or the customer would not talk now: written down, and what follows is decided. `called_at`: when, if it is written down later."""
    if outcome not in UNREACHED:
        raise Refusal(_("Say how the try ended."), field="outcome", code="outcome")
    found = _to_be_tried(callback, called_at, version, by, at)
    if outcome == Outcome.CALL_LATER and asked_for is not None and asked_for <= at:
        raise Refusal(_("The time has passed already; choose a later one."), field="asked_for", code="past")
    if outcome == Outcome.CALL_LATER and asked_for is None:
        raise Refusal(_("When does the customer want to be called?"), field="asked_for", code="when")
    other = queries.another_number(found) if outcome == Outcome.WRONG_NUMBER else ""
    made = _tried(found, outcome, note, called_at or at, asked_for, other, by=by, at=at)
    if other:
        found.phone = other
    found.taken_by = found.taken_at = None
    if made.answer["state"] == "again":
        found.next_at, found.day = made.answer["next_at"], None
        if timezone.localdate(found.next_at) == timezone.localdate(at):
            found.day = timezone.localdate(at)
        return grown(found)
    end_callback(found, made.answer["why"], note, by=by, at=at)
    return found


@transaction.atomic
def record(
    callback: Callback,
    answers: dict[str, Any],
    *,
    called_at: datetime | None = None,
    script: Script | None = None,
    version: int | None = None,
    by: Access,
    at: datetime,
) -> Record:
    """The customer was reached: what was said is written down, truthfully and once (KA-9.2). `answers` are fields of a record."""
    unknown = set(answers) - set(ANSWERS)
    if unknown:
        raise TypeError(f"a callback record has no {', '.join(sorted(unknown))}")
    found = _to_be_tried(callback, called_at, version, by, at)
    _refuse_empty(answers)
    _tried(found, Outcome.REACHED, "", called_at or at, None, "", by=by, at=at)
    made = Record.objects.create(
        callback=found, script=script, made_at=at, made_by_id=by.person_id, **answers
    )
    found.state, found.why = State.DONE, Why.REACHED
    found.ended_at, found.ended_by_id, found.taken_by, found.taken_at = at, by.person_id, None, None
    grown(found)
    audit.record("callbacks:callback:done", found, by=by, at=at, outlet_id=found.outlet_id, satisfaction=made.satisfaction)  # fmt: skip
    _tell_order(found, made, by, at)
    for listener in events.OVER:
        listener(found, by=by, at=at)
    return made


def _refuse_empty(answers: dict[str, Any]) -> None:
    if not any(value not in (None, "", {}) for value in answers.values()):
        raise Refusal(_("Nothing is filled in: write down what the customer says."), field="words", code="empty")  # fmt: skip
    satisfaction = answers.get("satisfaction")
    if satisfaction is not None and satisfaction <= 2 and not str(answers.get("words") or answers.get("suggestions") or "").strip():  # fmt: skip
        raise Refusal(_("The customer is not content: write down why, in the customer's words."), field="words", code="words")  # fmt: skip


def _tell_order(found: Callback, made: Record, by: Access, at: datetime) -> None:
    """The order's last step, “aftercare”, is done by the first callback that reached somebody (SC-2, ST-4)."""
    order = found.plan.order
    if order is None or order.state != OrderState.CLOSED:
        return
    words = made.words or made.usage or made.suggestions or _("Called back: %(number)s") % {"number": found}
    orders.hear_from_callback(order, words, rating=made.satisfaction, by=by, at=at)


def _to_be_tried(
    callback: Callback, called_at: datetime | None, version: int | None, by: Access, at: datetime
) -> Callback:
    """The callback locked, still to be made, and this caller's; the call neither in the future nor before it was planned."""
    found = taken_up(callback, by, version=version)
    refuse_unless_open(found)
    _refuse_anothers(found, by, at)
    if called_at is not None and called_at > at + SLOW_CLOCKS:
        raise Refusal(_("The call can't have been made in the future."), field="called_at", code="future")
    if called_at is not None and called_at < found.made_at:
        raise Refusal(_("The call can't have been made before it was planned."), field="called_at", code="before")  # fmt: skip
    return found


def _tried(
    found: Callback, outcome: str, note: str, called_at: datetime, asked_for: datetime | None, other: str, *, by: Access, at: datetime
) -> Any:  # fmt: skip
    """Write the try down with the decision of what follows."""
    found.tries += 1
    found.first_try_on = found.first_try_on or timezone.localdate(called_at)
    book, calendar = books.book(by.company_id), books.calendar(by.company_id)
    facts: dict[str, Any] = {"outcome": str(outcome), "tries": found.tries, "at": timezone.localtime(called_at), "other_number": bool(other)}  # fmt: skip
    if asked_for is not None:
        facts["asked_for"] = timezone.localtime(asked_for)
    made = rules.after(
        facts["outcome"], found.tries, facts["at"], book, calendar, asked_for=facts.get("asked_for"), other_number=bool(other)
    )  # fmt: skip
    found.decision = books.written(made, facts, found, by=by, at=at, outlet_id=found.outlet_id)
    Try.objects.create(
        callback=found, number=found.tries, at=called_at, by_id=by.person_id, outcome=outcome, note=note.strip()[:500],
        asked_for=asked_for, decision=found.decision,
    )  # fmt: skip
    if outcome != Outcome.REACHED:
        audit.record("callbacks:callback:tried", found, by=by, at=at, outlet_id=found.outlet_id, outcome=str(outcome), follows=made.answer["state"])  # fmt: skip
    return made


@transaction.atomic
def end(callback: Callback, reason: str, *, version: int | None = None, by: Access, at: datetime) -> Callback:
    """A callback is called off, with a reason that stays."""
    found = taken_up(callback, by, May.LEAD, version=version)
    if found.state not in OPEN:
        refuse_unless_open(found)
    if not reason.strip():
        raise Refusal(_("Say why: the reason stays with it."), field="reason", code="reason")
    end_callback(found, Why.CALLED_OFF, reason, by=by, at=at)
    return found


@transaction.atomic
def give(callback: Callback, to: Any, *, by: Access, at: datetime) -> Callback:
    """A callback is given to another caller."""
    found = taken_up(callback, by, May.LEAD)
    refuse_unless_open(found)
    found.caller, found.taken_by, found.taken_at = to, None, None
    audit.record("callbacks:callback:given", found, by=by, at=at, outlet_id=found.outlet_id, to=to.pk)
    return grown(found)


@transaction.atomic
def never_again(callback: Callback, words: str, *, by: Access, at: datetime) -> int:
    """The customer asks not to be called any more (Civil Code 1033): kept with the customer's wishes; all that is planned ends. How many ended."""
    found = taken_up(callback, by)
    if not words.strip():
        raise Refusal(_("Write down what the customer said."), field="words", code="words")
    plan: Plan = found.plan
    customer = plan.customer
    if customer is None:
        customer = customers.admit(plan.contact or _("Customer of %(number)s") % {"number": plan.number}, phone=found.number_to_call, outlet=plan.outlet, by=by, at=at)  # fmt: skip
        Plan.objects.filter(pk=plan.pk).update(customer=customer)
    customers.note_no_calls(customer, words, by=by, at=at)
    rows = queries.open_of_customer(by.company_id, customer, found.number_to_call)
    ended = list(rows.select_for_update(of=("self",)))
    for each in ended:
        end_callback(each, Why.NEVER_CALL, words, by=by, at=at)
    return len(ended)
