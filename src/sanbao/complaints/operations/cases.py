"""An authority's case about a complaint: what it asks, what it decides, until when (facts of the law in the rulebook, article 46)."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.complaints import clocks, telling
from sanbao.complaints.models import Case, Complaint, Entry
from sanbao.complaints.operations.finding import locked
from sanbao.complaints.operations.registering import LONG_AGO, SLOW_CLOCKS
from sanbao.complaints.permissions import May
from sanbao.ui.refusal import Refusal

FIELDS = (
    "authority", "reference", "lodged_at", "reply_by", "accepted_at", "tested_from", "tested_until", "replied_at", "ended_at", "outcome", "words",
)  # fmt: skip
_MOMENTS = ("lodged_at", "accepted_at", "tested_from", "tested_until", "replied_at", "ended_at")


@transaction.atomic
def keep_case(
    complaint: Complaint, case: Case | None, told: dict[str, Any], *, by: Access, at: datetime
) -> Case:
    """Write down what an authority did: a new case, or what has happened in one. Its clocks follow; the complaint is graded as an authority's."""
    found = locked(complaint, May.KEEP_CASE, by)
    kept = (
        Case(complaint=found, made_at=at, made_by_id=by.person_id)
        if case is None
        else found.cases.select_for_update(of=("self",)).get(pk=case.pk)
    )
    if case is not None and kept.ended_at:
        raise Refusal(_("This case has ended; a new letter is a new case."), code="ended")
    for name in FIELDS:
        if name in told:
            setattr(kept, name, told[name])
    _refuse_unless_sound(kept, at)
    try:
        with transaction.atomic():
            kept.save()
    except IntegrityError:
        raise Refusal(_("This case stands there already."), field="reference", code="twice") from None
    if "authority" not in found.flags:
        found.flags = sorted({*found.flags, "authority"})
        clocks.weigh(found, by=by, at=at)
    telling.wrote(found, Entry.Kind.CASE, _words(kept), by, at)
    clocks.recount(found, by=by, at=at)
    found.version += 1
    found.save()
    audit.record(
        "complaints:case:kept",
        kept,
        by=by,
        at=at,
        outlet_id=found.outlet_id,
        complaint=found.number,
        outcome=kept.outcome,
    )
    return kept


def _refuse_unless_sound(case: Case, at: datetime) -> None:
    if not case.reference.strip():
        raise Refusal(
            _("Give the number under which the authority keeps it."), field="reference", code="reference"
        )
    if case.lodged_at is None:
        raise Refusal(_("Say when it was lodged with the authority."), field="lodged_at", code="lodged_at")
    if case.lodged_at < at - LONG_AGO:
        raise Refusal(_("That is more than a year ago."), field="lodged_at", code="long_ago")
    for name in _MOMENTS:
        value = getattr(case, name)
        if value is not None and value > at + SLOW_CLOCKS:
            raise Refusal(
                _("That has not come yet: write it down when it has happened."), field=name, code="future"
            )
        if value is not None and value < case.lodged_at:
            raise Refusal(_("That is before it was lodged."), field=name, code="before")
    if case.tested_from and case.accepted_at is None:
        raise Refusal(_("A test comes after the acceptance."), field="tested_from", code="not_accepted")
    if case.tested_until and (case.tested_from is None or case.tested_until < case.tested_from):
        raise Refusal(_("The test ends before it began."), field="tested_until", code="before")
    if bool(case.ended_at) != bool(case.outcome):
        raise Refusal(_("Say both when it ended and how."), field="outcome", code="outcome")
    if case.reply_by and case.reply_by > timezone.localdate(at) + timedelta(days=180):
        raise Refusal(_("That is more than half a year away."), field="reply_by", code="far")
    _refuse_disorder(case)


def _refuse_disorder(case: Case) -> None:
    """What ends comes last."""
    ended = case.ended_at
    for name in ("accepted_at", "tested_from", "tested_until", "replied_at"):
        value = getattr(case, name)
        if ended and value and value > ended:
            raise Refusal(_("That is after the case has ended."), field=name, code="after")
    if case.accepted_at and case.outcome == Case.Outcome.REFUSED:
        raise Refusal(
            _("It was accepted, so it did not end by being refused."), field="outcome", code="accepted"
        )


def _words(case: Case) -> str:
    """What has become of it, for the story."""
    told: list[str] = [str(case)]
    if case.outcome:
        told.append(str(Case.Outcome(case.outcome).label))
    elif case.replied_at:
        told.append(_("replied"))
    elif case.accepted_at:
        told.append(_("accepted"))
    if case.reply_by and not case.replied_at:
        told.append(_("reply asked by %(day)s") % {"day": case.reply_by.isoformat()})
    if case.words:
        told.append(case.words)
    return " · ".join(told)
