"""What a customer does with an order of their own: agrees to plan and price, wishes for another time, accepts, rates, has it taken up again.

Nobody signs in for it. Whoever calls these has made sure that it is the customer (portal.orders); the desk's answer to a wish is here too.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.decisions import operations as decisions
from sanbao.regulations.queries import editions_in_force
from sanbao.ui.formats import language
from sanbao.ui.refusal import Refusal, Stale
from sanbao.workorders import appointments, flow, letters, telling
from sanbao.workorders.models import Order, Plan, Signature, Wish
from sanbao.workorders.operations.ending import accept_work, reopen
from sanbao.workorders.operations.papers import sign
from sanbao.workorders.operations.planning import answer_plan
from sanbao.workorders.operations.reaching import grown, taken_up
from sanbao.workorders.operations.working import return_work
from sanbao.workorders.permissions import May
from sanbao.workorders.states import Kind, State
from sanbao_rules import workorders
from sanbao_rules.explain import explain_all

WISHABLE = (State.WAITING, State.DISPATCHED, State.ACCEPTED, State.HELD)


@transaction.atomic
def agree(plan: Plan, name: str, drawn: str, *, by: Access, at: datetime) -> Plan:
    """Yes to this plan and this price, signed on the customer's page (SC-2, KA-4.3). A later plan, or a second yes, is refused."""
    found = _with_plan(plan, by)
    signature = sign(found, Signature.Purpose.AGREEMENT, name, drawn, by=by, at=at)
    answered = answer_plan(plan, True, how=Plan.How.LINK, name=name, signature=signature, by=by, at=at)
    telling.answered(found, yes=True, by=by, at=at)
    return answered


@transaction.atomic
def decline(plan: Plan, reason: str, *, by: Access, at: datetime) -> Plan:
    """No to this plan, and why; the engineer is told and writes another one, or ends the order."""
    found = _with_plan(plan, by)
    if not reason.strip():
        raise Refusal(_("Say in a few words why, so that we can offer something better."), field="reason", code="reason")  # fmt: skip
    answered = answer_plan(plan, False, how=Plan.How.LINK, note=reason, by=by, at=at)
    telling.answered(found, yes=False, by=by, at=at)
    return answered


def _with_plan(plan: Plan, by: Access) -> Order:
    """The plan's order, locked, while the plan is the one that waits for an answer."""
    found = taken_up(plan.order, by)
    state = Plan.objects.get(pk=plan.pk, order=found).state
    if state != Plan.State.OFFERED:
        raise Stale(_changed(state), code="plan", details={"state": state})
    return found


def _changed(state: str) -> str:
    if state == Plan.State.SUPERSEDED:
        return _("The plan has changed meanwhile: this one no longer holds. Look at the new one below.")
    if state == Plan.State.CONFIRMED:
        return _("This plan is confirmed already. Nothing was done a second time.")
    if state == Plan.State.DECLINED:
        return _("This plan was declined already. We offer a new one, or call us.")
    return _("This plan is not ready yet. We tell you as soon as it is.")


@transaction.atomic
def wish(order: Order, begins: Sequence[datetime], words: str, *, by: Access, at: datetime) -> Wish:
    """Another time, please: the desk answers. Nobody's visit moves by itself; a wish that waits is replaced."""
    found = taken_up(order, by)
    if found.state not in WISHABLE:
        raise Refusal(
            _("The work is “%(state)s”: its time can't be changed any more. Please call us.") % {"state": found.get_state_display()},
            code="state",
        )  # fmt: skip
    appointments.refuse_unless_possible(found, list(begins), at)
    found.wishes.filter(state=Wish.State.WAITING).update(state=Wish.State.REPLACED, answered_at=at)
    made: Wish = Wish.objects.create(
        order=found, begins=list(begins), minutes=appointments.minutes_of(found, timezone.localdate(at)), words=words.strip()[:200], made_at=at
    )  # fmt: skip
    grown(found)
    telling.wished(found, begins[0], by=by, at=at)
    audit.record("workorders:wish:asked", made, by=by, at=at, outlet_id=found.outlet_id, begins=[each.isoformat() for each in begins])  # fmt: skip
    return made


@transaction.atomic
def grant_wish(wish: Wish, begin: datetime, *, by: Access, at: datetime) -> Wish:
    """Yes to one of the times: it is the order's appointment from now on. The engineer's visit is dispatched anew by the desk."""
    found, held = _waiting(wish, by)
    if begin not in held.begins:
        raise Refusal(_("Choose one of the times the customer wishes for."), field="begin", code="begin")
    if begin < at:
        raise Refusal(_("That time is over. Choose a later one."), field="begin", code="past")
    held.state, held.chosen, held.answered_at, held.answered_by_id = Wish.State.ACCEPTED, begin, at, by.person_id  # fmt: skip
    held.save()
    found.wanted_from, found.wanted_until = begin, begin + timedelta(minutes=held.minutes)
    grown(found)
    letters.moved(found, by=by, at=at)
    audit.record("workorders:wish:granted", held, by=by, at=at, outlet_id=found.outlet_id, begin=begin.isoformat())  # fmt: skip
    return held


@transaction.atomic
def decline_wish(wish: Wish, why: str, *, by: Access, at: datetime) -> Wish:
    """None of the times can be had; the customer reads why."""
    found, held = _waiting(wish, by)
    if not why.strip():
        raise Refusal(_("Say why: the customer reads it."), field="reason", code="reason")
    held.state, held.answer, held.answered_at, held.answered_by_id = Wish.State.DECLINED, why.strip()[:200], at, by.person_id  # fmt: skip
    held.save()
    grown(found)
    letters.not_then(found, held.answer, by=by, at=at)
    audit.record("workorders:wish:declined", held, by=by, at=at, outlet_id=found.outlet_id)
    return held


def _waiting(wish: Wish, by: Access) -> tuple[Order, Wish]:
    by.require(May.DISPATCH)
    found = taken_up(wish.order, by, May.DISPATCH)
    held = Wish.objects.select_for_update(of=("self",)).get(pk=wish.pk, order=found)
    if held.state != Wish.State.WAITING:
        raise Stale(_("This wish is “%(state)s” already.") % {"state": held.get_state_display()}, code="stale")  # fmt: skip
    if found.state not in WISHABLE:
        raise Refusal(_("Work has begun or is over: there is no time left to change."), code="state")
    return found, held


@transaction.atomic
def accept_by_signature(
    order: Order, name: str, drawn: str, *, rating: int | None = None, words: str = "", by: Access, at: datetime
) -> Order:  # fmt: skip
    """The customer has looked, signs on the page and may rate: the order is closed (RP-4)."""
    found = taken_up(order, by)
    if found.state != State.DONE:
        raise Stale(
            _("The work is “%(state)s”: there is nothing to sign now. Look at it again.") % {"state": found.get_state_display()},
            code="state",
        )  # fmt: skip
    _refuse_bad_mark_without_a_word(found, rating, words, at)
    purpose = Signature.Purpose.TRAINING if found.kind == Kind.TRAINING else Signature.Purpose.ACCEPTANCE
    signature = sign(found, purpose, name, drawn, by=by, at=at)
    return accept_work(found, signature, rating=rating, words=words, by=by, at=at)


def not_right_yet(order: Order, reason: str, *, by: Access, at: datetime) -> Order:
    """The customer does not accept it: back to the engineer, with what is not right."""
    with transaction.atomic():
        back = return_work(order, reason, by=by, at=at)
        telling.sent_back(back, by=by, at=at)
    return back


@transaction.atomic
def rate(order: Order, rating: int, words: str, *, by: Access, at: datetime) -> Order:
    """The customer says afterwards how it was; once."""
    found = taken_up(order, by)
    if found.state != State.CLOSED:
        raise Refusal(_("First the work is done and accepted."), code="state")
    if found.rating is not None:
        raise Refusal(_("You have rated it already. Thank you."), code="twice")
    if not 1 <= rating <= 5:
        raise Refusal(_("A rating is from 1 to 5."), field="rating", code="rating")
    _refuse_bad_mark_without_a_word(found, rating, words, at)
    found.rating, found.rating_words = rating, words.strip()[:500] or found.rating_words
    grown(found)
    audit.record("workorders:order:rated", found, by=by, at=at, outlet_id=found.outlet_id, rating=rating)
    return found


def _refuse_bad_mark_without_a_word(order: Order, rating: int | None, words: str, at: datetime) -> None:
    """A bad mark without a word helps nobody; which one is bad is the company's parameter (comment_below)."""
    if rating is None or words.strip():
        return
    asked = workorders.comment_asked(rating, flow.book_of(order), timezone.localdate(at))
    if asked is not None and asked.answer:
        raise Refusal(_("We are sorry. Tell us in a few words what was wrong, so that we can put it right."), field="words", code="words")  # fmt: skip


def may_ask_again(order: Order, at: datetime) -> bool:
    """Whether the customer may have it taken up again: closed not too long ago, and not too often before."""
    return order.state == State.CLOSED and bool(_again(order, at).answer)


def _again(order: Order, at: datetime) -> Any:
    ended_on = timezone.localdate(order.closed_at or at)
    return workorders.reopening(ended_on, order.reopened, flow.book_of(order), timezone.localdate(at))


@transaction.atomic
def ask_again(order: Order, reason: str, *, by: Access, at: datetime) -> Order:
    """It is not right after all: the order is opened again and waits for the desk, which is told (GN-2). Within a time, and not for ever: by decision."""
    found = taken_up(order, by)
    made = _again(found, at)
    if found.state != State.CLOSED or not made.answer:
        told = explain_all(made.reasons, {flow.BOOK: flow.book_of(found)}, language())
        raise Refusal(" ".join(sentence.text for sentence in told), code="too_late")
    facts = {
        "ended_on": timezone.localdate(found.closed_at),
        "times": found.reopened,
        "on": timezone.localdate(at),
    }
    decisions.write_down(
        made,
        facts=facts,
        editions=editions_in_force(found.company_id, flow.BOOK),
        about=found,
        by=by,
        at=at,
        outlet_id=found.outlet_id,
    )
    opened = reopen(found, reason, by=by, at=at)
    telling.asked_again(opened, by=by, at=at)
    return opened


@transaction.atomic
def hand_link(order: Order, *, send: bool, by: Access, at: datetime) -> bool:
    """A colleague shows the customer's link, or has it sent; whether a message went out. Who did it stays on record: the link is a key."""
    found = taken_up(order, by)
    sent = send and letters.given(found, by=by, at=at)
    if send and not sent:
        raise Refusal(_("There is no way to send it: no SMS, WeChat or mail is set up, or no address is known. Show the code instead."), code="no_way")  # fmt: skip
    audit.record("workorders:order:link-sent" if sent else "workorders:order:link-shown", found, by=by, at=at, outlet_id=found.outlet_id)  # fmt: skip
    return sent
