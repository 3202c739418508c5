"""What a confirmed finding asks of the outlet afterwards: improving, which is looked at again, and giving money back (KA-11.2)."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.settlements import telling
from sanbao.settlements.finding_states import LIVE, STANDING
from sanbao.settlements.models import Finding, Remark
from sanbao.settlements.operations.proposing import Evidence, propose_finding, remark
from sanbao.settlements.permissions import May
from sanbao.ui.refusal import Refusal


@transaction.atomic
def add_evidence(finding: Finding, said: Sequence[Evidence], *, by: Access, at: datetime) -> list[Remark]:
    """Headquarters adds a word or a file to a finding that is not over."""
    by.require(May.REGISTER_FINDING)
    finding = _locked(finding, May.REGISTER_FINDING, by)
    if finding.state not in LIVE:
        raise Refusal(_("This finding has ended; nothing is added to it any more."), code="ended")
    made = remark(finding, Remark.Kind.EVIDENCE, said, by=by, at=at)
    if not made:
        raise Refusal(_("Write something, or add a file."), field="text", code="empty")
    audit.record("settlements:finding:evidence-added", finding, by=by, at=at, outlet_id=finding.outlet_id)
    return made


@transaction.atomic
def recheck_finding(
    finding: Finding,
    improved: bool,
    said: Sequence[Evidence] = (),
    *,
    by: Access,
    at: datetime,
) -> Finding:
    """Look again at what an outlet was ordered to improve: improved costs nothing; unimproved is a proposal for a second person."""
    by.require(May.REGISTER_FINDING)
    finding = _locked(finding, May.REGISTER_FINDING, by)
    if finding.kind != Finding.Kind.ORDERED or finding.state not in STANDING:
        raise Refusal(_("Only an order to improve that stands is looked at again."), code="not_ordered")
    if finding.rechecked_at:
        raise Refusal(_("This has been looked at again already."), code="rechecked")
    said = [word for word in said if word]
    if not improved and not said:
        raise Refusal(
            _("Say what has not improved, or add a file that shows it."), field="text", code="empty"
        )
    remark(finding, Remark.Kind.RECHECK, said, by=by, at=at)
    finding.rechecked_at = at
    finding.version += 1
    finding.save(update_fields=["rechecked_at", "version"])
    audit.record(
        "settlements:finding:rechecked", finding, by=by, at=at, outlet_id=finding.outlet_id, improved=improved
    )
    return propose_finding(
        finding.sheet,
        Finding.Kind.IMPROVED if improved else Finding.Kind.UNIMPROVED,
        note=next((word for word in said if isinstance(word, str)), ""),
        evidence=said,
        source=Finding.Source.INSPECTION,
        follows=finding,
        by=by,
        at=at,
    )


@transaction.atomic
def show_refund(
    finding: Finding, on: date, proof: Sequence[Evidence], *, by: Access, at: datetime
) -> Finding:
    """The outlet shows that the customer has the money back, with the day and a proof."""
    by.require(May.ANSWER_FINDING)
    finding = _locked(finding, May.ANSWER_FINDING, by)
    if not finding.refund_fen or finding.state not in STANDING:
        raise Refusal(_("No refund is due for this finding."), code="no_refund")
    if finding.refunded_on:
        raise Refusal(_("The refund has been shown already."), code="shown")
    if on > timezone.localdate(at):
        raise Refusal(_("This day has not come yet."), field="on", code="future")
    if on < timezone.localdate(finding.made_at).replace(day=1) and on < finding.sheet.month:
        raise Refusal(_("This day is before the work was done."), field="on", code="early")
    if not remark(finding, Remark.Kind.REFUND, proof, by=by, at=at):
        raise Refusal(
            _("Add a proof: a receipt, a screenshot of the transfer, or what the customer has signed."),
            field="file",
            code="proof",
        )
    finding.refunded_on = on
    finding.version += 1
    finding.save(update_fields=["refunded_on", "version"])
    audit.record(
        "settlements:finding:refunded", finding, by=by, at=at, outlet_id=finding.outlet_id, on=on.isoformat(),
        refund_fen=finding.refund_fen,
    )  # fmt: skip
    telling.refunded(finding, by=by, at=at)
    return finding


@transaction.atomic
def refuse_refund_proof(finding: Finding, reason: str, *, by: Access, at: datetime) -> Finding:
    """Headquarters does not take the proof: the refund is due again, with the reason."""
    by.require(May.CONFIRM_FINDING)
    finding = _locked(finding, May.CONFIRM_FINDING, by)
    if not finding.refunded_on:
        raise Refusal(_("There is no proof of a refund to refuse."), code="no_proof")
    if not reason.strip():
        raise Refusal(_("Say why: the reason stays with it."), field="reason", code="reason")
    remark(finding, Remark.Kind.REFUND, [reason], by=by, at=at)
    finding.refunded_on = None
    finding.version += 1
    finding.save(update_fields=["refunded_on", "version"])
    audit.record(
        "settlements:finding:proof-refused", finding, by=by, at=at, outlet_id=finding.outlet_id, reason=reason.strip()[:200]
    )  # fmt: skip
    telling.refund_due(finding, by=by, at=at, key=f"refused:{finding.version}")
    return finding


def _locked(finding: Finding, permission: str, by: Access) -> Finding:
    found: Finding = (
        Finding.objects.visible_to(by, permission)
        .select_for_update(of=("self",))
        .select_related("sheet", "outlet")
        .get(pk=finding.pk)
    )
    return found
