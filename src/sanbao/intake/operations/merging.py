"""Two requests about the same matter become one; and again two, within thirty days."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.intake import clocks
from sanbao.intake.models import Entry, Merge, Request
from sanbao.intake.permissions import May
from sanbao.intake.states import OPEN, State
from sanbao.ui.refusal import Refusal

UNDONE_WITHIN = timedelta(days=30)


@transaction.atomic
def merge(one: Request, other: Request, *, by: Access, at: datetime) -> Merge:
    """The younger is merged into the older: it ends, its promises no longer count, and its story is told in the older's.

    Refused: a request with itself, one that is closed or merged already. Two who merge the same pair at once merge it once.
    """
    by.require(May.MERGE)
    if one.pk == other.pk:
        raise Refusal(_("Choose another request: this is the same one."), code="same")
    rows = (
        Request.objects.visible_to(by, May.MERGE)
        .select_for_update(of=("self",))
        .filter(pk__in=(one.pk, other.pk))
    )
    found = sorted(rows.order_by("pk"), key=lambda row: (row.received_at, row.pk))
    if len(found) < 2:
        raise Request.DoesNotExist
    older, younger = found
    for row in found:
        if row.merged_into_id:
            raise Refusal(_("%(request)s is merged already.") % {"request": row}, code="merged")
        if row.state not in OPEN:
            raise Refusal(
                _("%(request)s is “%(state)s”; reopen it first.") % {"request": row, "state": row.get_state_display()}, code="not_open"
            )  # fmt: skip
    below = list(Request.objects.filter(merged_into=younger).values_list("pk", flat=True))
    new_tags = [tag for tag in younger.tags if tag not in older.tags][: 20 - len(older.tags)]
    made = Merge.objects.create(
        company_id=by.company_id, kept=older, merged=younger, at=at, by_id=by.person_id,
        before={"state": younger.state, "reason": younger.reason, "below": below, "tags": new_tags},
    )  # fmt: skip
    why = _("merged into %(request)s") % {"request": older.number}
    younger.state, younger.waiting_for, younger.reason, younger.merged_into = (
        State.CANCELLED,
        "",
        why[:200],
        older,
    )
    younger.version += 1
    _say(younger, Entry.Kind.MOVE, why, by, at, clock="cancelled")
    clocks.recount(younger, by=by, at=at)
    younger.save()
    Request.objects.filter(pk__in=below).update(merged_into=older)
    older.tags = [*older.tags, *new_tags]
    older.version += 1
    _say(
        older,
        Entry.Kind.CHANGED,
        _("%(request)s was merged into this one") % {"request": younger.number},
        by,
        at,
    )
    older.save(update_fields=["tags", "version"])
    audit.record(
        "intake:request:merged", older, by=by, at=at, outlet_id=older.outlet_id, merged=younger.number, merged_id=younger.pk
    )  # fmt: skip
    return made


@transaction.atomic
def undo_merge(merge: Merge, *, by: Access, at: datetime) -> Request:
    """The younger is a request of its own again, in the state it had; what it waited for, nobody waits for any more."""
    by.require(May.MERGE)
    pair = (merge.kept_id, merge.merged_id)
    rows = Request.objects.visible_to(by, May.MERGE).select_for_update(of=("self",)).filter(pk__in=pair)
    found = {row.pk: row for row in rows.order_by("pk")}
    if len(found) < 2:
        raise Merge.DoesNotExist
    made = Merge.objects.select_for_update(of=("self",)).get(pk=merge.pk)
    older, younger = found[made.kept_id], found[made.merged_id]
    if made.undone_at is not None:
        raise Refusal(_("This merging has been undone already."), code="undone")
    if at > made.at + UNDONE_WITHIN:
        raise Refusal(
            _("A merging can be undone for thirty days; register the matter anew."), code="too_late"
        )
    made.undone_at, made.undone_by_id = at, by.person_id
    made.save(update_fields=["undone_at", "undone_by"])
    before = made.before
    younger.state = State.WORKING if before["state"] == State.WAITING else before["state"]
    younger.reason, younger.merged_into = before["reason"], None
    younger.version += 1
    _say(younger, Entry.Kind.MOVE, _("The merging was undone."), by, at, clock="reopened")
    clocks.recount(younger, by=by, at=at)
    younger.save()
    Request.objects.filter(pk__in=before["below"], merged_into=older).update(merged_into=younger)
    older.tags = [tag for tag in older.tags if tag not in before["tags"]]
    older.version += 1
    _say(older, Entry.Kind.CHANGED, _("%(request)s is a request of its own again") % {"request": younger.number}, by, at)  # fmt: skip
    older.save(update_fields=["tags", "version"])
    audit.record(
        "intake:request:unmerged", older, by=by, at=at, outlet_id=older.outlet_id, merged=younger.number, merged_id=younger.pk
    )  # fmt: skip
    return younger


def _say(request: Request, kind: str, body: str, by: Access, at: datetime, *, clock: str = "") -> None:
    Entry.objects.create(
        request=request, at=at, kind=kind, clock=clock, state=request.state if kind == Entry.Kind.MOVE else "", by_id=by.person_id,
        handler_id=request.assignee_id, body=body,
    )  # fmt: skip
