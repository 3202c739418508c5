"""Whoever complained is called back once they were told the result (CS-6): planned at the telling, and what they say goes back to the complaint.

The complaint's own page writes a callback down as well; whichever is first ends the other.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.callbacks.models import Callback
from sanbao.callbacks.operations.planning import Paper, end_callback, plan_call
from sanbao.callbacks.states import OPEN, Kind, State, Why
from sanbao.complaints import operations as complaints
from sanbao.complaints.models import Complaint
from sanbao.complaints.permissions import May
from sanbao.complaints.states import Callback as Said
from sanbao.complaints.states import State as Stage
from sanbao.ui.refusal import Refusal

_UNHEARD = {
    Why.TRIED_ENOUGH: Said.UNREACHED,
    Why.WRONG_NUMBER: Said.UNREACHED,
    Why.REFUSES: Said.REFUSES,
    Why.NEVER_CALL: Said.REFUSES,
}


def call_back(complaint: Complaint, *, by: Access, at: datetime) -> None:
    """The customer was told: planned by the day of the complaint's own clock. Who has no telephone or wants no calls is left to the desk."""
    if not complaint.phone or _open(complaint).exists():
        return
    today = timezone.localdate(at)
    due_at = complaint.clocks.get(kind="callback", case__isnull=True).due_at
    paper = Paper(
        number=complaint.number, kind=Kind.COMPLAINT, outlet=complaint.outlet, completed_on=today, arrived_on=today, customer=complaint.customer,
        unit=complaint.unit, contact=complaint.contact, phone=complaint.phone, address=complaint.address, model=complaint.model,
        serial=complaint.serial, fault=complaint.subject, action=complaint.outcome,
    )  # fmt: skip
    try:
        plan_call(
            paper, due_on=timezone.localdate(due_at) if due_at else today, reason=complaint.told, by=by, at=at
        )
    except Refusal:
        return  # the customer does not want to be called


def take_back(complaint: Complaint, *, by: Access, at: datetime) -> None:
    """Called back by the desk itself, or taken up again before anybody called: nothing is left to call about."""
    again = complaint.state == Stage.HANDED
    # A caller who is just writing it down holds the row: then that stands.
    for found in _open(complaint).select_for_update(of=("self",), skip_locked=True):
        end_callback(found, Why.REOPENED if again else Why.CALLED_OFF, complaint.feedback, by=by, at=at)


def hear(found: Callback, *, by: Access, at: datetime) -> None:
    """A callback after a complaint is over: what the customer says, or that nobody was reached, becomes the complaint's callback."""
    if found.kind != Kind.COMPLAINT or not by.may(May.TELL):
        return
    how, words = _said(found)
    rows = Complaint.objects.visible_to(by, May.TELL).filter(number=found.plan.number, state=Stage.TOLD)
    complaint = rows.first() if how else None
    if complaint is None:
        return
    try:
        with transaction.atomic():
            complaints.move(complaint, "callback", version=None, by=by, at=at, callback=how, text=words)
    except Refusal:
        return  # the desk was faster


def _said(found: Callback) -> tuple[str, str]:
    """How it ended in the complaint's words, and what was said; "" where it says nothing about the customer."""
    if found.state != State.DONE:
        return _UNHEARD.get(Why(found.why), ""), found.reason or str(Why(found.why).label)
    record = found.record
    words = "；".join(filter(None, (record.words, record.suggestions))) or _("Called back: %(number)s") % {
        "number": found.number
    }
    if record.works is False or (record.satisfaction or 5) <= 2:
        return Said.NOT_CONTENT, words
    return Said.ACCEPTS if record.satisfaction == 3 else Said.CONTENT, words


def _open(complaint: Complaint) -> QuerySet[Callback]:
    return Callback.objects.filter(
        company_id=complaint.company_id, kind=Kind.COMPLAINT, plan__number=complaint.number, state__in=OPEN
    )
