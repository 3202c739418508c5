"""A finding begins as a proposal with its evidence; whoever finds something calls this: pages, files, callbacks, complaints."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts import scope
from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.files.models import StoredFile
from sanbao.outlets.models import Outlet
from sanbao.regulations.queries import book_in_force
from sanbao.settlements import telling
from sanbao.settlements.finding_states import FindingState
from sanbao.settlements.models import Finding, Remark, Sheet
from sanbao.settlements.operations import taking_effect
from sanbao.ui.refusal import Refusal
from sanbao_rules import findings as rules

Evidence = str | StoredFile


@transaction.atomic
def propose_finding(
    sheet: Sheet,
    kind: str,
    *,
    note: str = "",
    refund_fen: int = 0,
    panel_fen: int = 0,
    evidence: Sequence[Evidence] = (),
    source: str = "",
    source_path: str = "",
    by: Access,
    at: datetime,
    follows: Finding | None = None,
) -> Finding:
    """Propose a finding about a sheet, with texts and kept files as evidence. It costs nothing until a second person confirms it.

    The caller has asked who may; other modules propose what they found in their own right. `source` is callback, complaint,
    inspection or import, `source_path` the page where it was found. Where the company's rulebook lets registering count, it counts at once.
    """
    _refuse_unfit(sheet, kind, refund_fen, panel_fen)
    with scope.as_owner(
        "a finding about a sheet of another module's case: whoever found it need not see all sheets"
    ):
        Outlet.objects.select_for_update(no_key=True).get(pk=sheet.outlet_id)
        try:
            with transaction.atomic():
                finding = Finding.objects.create(
                    company_id=sheet.company_id,
                    outlet_id=sheet.outlet_id,
                    sheet=sheet,
                    kind=kind,
                    note=note.strip()[:200],
                    refund_fen=refund_fen,
                    panel_fen=panel_fen,
                    source=source,
                    source_path=source_path[:200],
                    follows=follows,
                    made_at=at,
                    made_by_id=by.person_id,
                )
        except IntegrityError:
            raise Refusal(
                _("“%(kind)s” is registered for sheet %(number)s already.")
                % {"kind": Finding.Kind(kind).label, "number": sheet.number},
                code="registered",
                field="kind",
            ) from None
        remark(finding, Remark.Kind.EVIDENCE, evidence, by=by, at=at)
        audit.record(
            "settlements:finding:registered", sheet, by=by, at=at, outlet_id=sheet.outlet_id,
            kind=kind, refund_fen=refund_fen, panel_fen=panel_fen, source=source,
        )  # fmt: skip
        if _counts_at_once(finding, at):
            taking_effect.begin(finding, by=by, at=at)
            finding.state, finding.confirmed_at = FindingState.CONFIRMED, at
            finding.save()
            telling.found(finding, by=by, at=at)
        else:
            telling.proposed(finding, by=by, at=at)
    return finding


def remark(
    finding: Finding, kind: str, said: Sequence[Evidence], *, by: Access, at: datetime
) -> list[Remark]:
    """Write down what is said and shown about a finding, one remark each; empty texts are none."""
    made = []
    for one in said:
        if isinstance(one, str) and not one.strip():
            continue
        told = {"text": one.strip()[:1000]} if isinstance(one, str) else {"file": one}
        made.append(
            Remark.objects.create(finding=finding, kind=kind, made_at=at, made_by_id=by.person_id, **told)
        )
    return made


def _refuse_unfit(sheet: Sheet, kind: str, refund_fen: int, panel_fen: int) -> None:
    if refund_fen < 0:
        raise Refusal(_("A refund can't be negative."), field="refund")
    if refund_fen and kind != Finding.Kind.OVERCHARGE:
        raise Refusal(
            _("A refund belongs to overcharging; choose that finding or leave the refund empty."),
            field="refund",
        )
    if kind == Finding.Kind.FALSE_PANEL and panel_fen <= 0:
        raise Refusal(
            _("Give the price of the panel: the fine for a false panel claim is a multiple of it."),
            field="panel",
            code="panel",
        )
    if panel_fen and kind != Finding.Kind.FALSE_PANEL:
        raise Refusal(
            _(
                "A panel's price belongs to a false panel claim; choose that finding or leave the price empty."
            ),
            field="panel",
        )
    if sheet.withdrawn_at:
        raise Refusal(_("Sheet %(number)s has been withdrawn.") % {"number": sheet.number}, field="sheet")


def _counts_at_once(finding: Finding, at: datetime) -> bool:
    """Whether the company lets registering count; and an improvement, which takes nothing from anybody, needs no second person."""
    if finding.follows_id and finding.kind == Finding.Kind.IMPROVED:
        return True
    book = book_in_force(finding.company_id, rules.BOOK)
    return bool(rules.counts(timezone.localdate(at), {rules.BOOK: book}).answer)
