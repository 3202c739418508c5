"""What a caller finds wrong with a job is proposed as a finding about its sheet (KA-11.2); a second person confirms it."""

from datetime import datetime

from django.urls import reverse

from sanbao.accounts import scope
from sanbao.accounts.access import Access
from sanbao.callbacks import operations as callbacks
from sanbao.callbacks.models import Observation, Plan
from sanbao.settlements.models import Finding, Sheet
from sanbao.settlements.operations.proposing import propose_finding
from sanbao.ui.refusal import Refusal


def propose(observation: Observation, *, by: Access, at: datetime) -> None:
    """Propose it about the job's sheet. A job without a sheet (out of warranty, headquarters' own) costs nobody anything: then it stays
    with the callback, as does what is registered for the sheet already."""
    with scope.as_owner("a caller need not see sheets to say what is wrong with one"):
        sheet = _sheet_of(observation.callback.plan)
    if sheet is None:
        return
    try:
        finding = propose_finding(
            sheet, observation.kind, note=observation.words, refund_fen=observation.refund_fen, panel_fen=observation.panel_fen,
            evidence=[observation.words, *observation.files.all()], source=Finding.Source.CALLBACK,
            source_path=reverse("callbacks:callback", args=[observation.callback_id]), by=by, at=at,
        )  # fmt: skip
    except Refusal as refusal:
        if refusal.code != "registered":
            raise
        return
    callbacks.became_finding(observation, finding.pk)


def _sheet_of(plan: Plan) -> Sheet | None:
    rows = Sheet.objects.filter(company_id=plan.company_id, withdrawn_at__isnull=True).select_related(
        "outlet"
    )
    if plan.sheet is not None:
        return rows.filter(pk=plan.sheet).first()
    if plan.order_id is not None:
        return rows.filter(order_id=plan.order_id).order_by("-id").first()
    # Planned by hand about a paper that is a sheet (a second look at it): found by its number, at its outlet.
    return rows.filter(outlet_id=plan.outlet_id, number=plan.number).order_by("-id").first()
