"""One finding: its evidence, what it costs and why, what both sides say, and what may be done with it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as __

from sanbao.audit import operations as audit
from sanbao.files import operations as files
from sanbao.settlements import operations, queries
from sanbao.settlements.finding_states import FINDING_MOVES, LIVE, STANDING, FindingState
from sanbao.settlements.forms import MoveForm, RecheckForm, RefundForm, RemarkForm
from sanbao.settlements.models import Finding, Line
from sanbao.settlements.permissions import May
from sanbao.settlements.views.findings import said
from sanbao.settlements.views.statements import OUTCOMES
from sanbao.ui.formats import language
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal


@page(May.SEE_FINDINGS, scope=Scope.PLACES, audit=None, rate="page")
def finding(request: HttpRequest, pk: int) -> HttpResponse:
    return _shown(request, _mine(request, pk))


def _mine(request: HttpRequest, pk: int) -> Finding:
    rows = queries.findings(request.access).select_related(
        "sheet", "outlet__region", "made_by", "confirmed_by", "dropped_by", "accepted_by", "appealed_by", "upheld_by", "granted_by",
        "appeal_decision", "improve_decision", "refund_decision", "panel_decision", "replaces", "follows",
    )  # fmt: skip
    return get_object_or_404(rows, pk=pk)


def _shown(
    request: HttpRequest,
    found: Finding,
    *,
    refusal: Refusal | None = None,
    forms_: dict[str, forms.Form] | None = None,
) -> HttpResponse:
    access, today = request.access, timezone.localdate()
    given = forms_ or {}
    moves = queries.finding_moves(found, access, today)
    plain = [move for move in moves if move.noun in ("confirmation", "acceptance")]
    reasoned = [move for move in moves if move.noun in ("dropping", "late-appeal", "upholding")]
    nouns = {move.noun for move in moves}
    standing = found.state in STANDING
    context: dict[str, Any] = {
        "finding": found,
        "sheet": found.sheet,
        "steps": _steps(found),
        "plain_moves": plain,
        "reasoned_moves": reasoned,
        "may_appeal": "appeal" in nouns,
        "may_grant": "granting" in nouns,
        "kinds": [choice for choice in Finding.Kind.choices if choice[0] not in (found.kind, Finding.Kind.FALSE_PANEL)],
        "days_left": (found.appeal_until - today).days if found.appeal_until and found.state == FindingState.CONFIRMED else None,
        "remarks": list(queries.remarks(found)),
        "cost": queries.cost_of(found, language()),
        "whys": queries.whys_of(found, language(), access),
        "corrections": list(found.corrections.order_by("id")),
        "replaced_by": Finding.objects.filter(replaces=found).first(),
        "followed_by": list(queries.findings(access).filter(follows=found).order_by("id")),
        "may_see_proposals": access.reach(May.SEE_FINDINGS).whole,
        "may_answer": access.may(May.ANSWER_FINDING) and standing,
        "may_add": access.may(May.REGISTER_FINDING) and found.state in LIVE,
        "may_withdraw": found.state in LIVE and access.may(May.REGISTER_FINDING if found.state == FindingState.PROPOSED else May.CONFIRM_FINDING),
        "may_refund": access.may(May.ANSWER_FINDING) and standing and bool(found.refund_fen) and found.refunded_on is None,
        "may_refuse_refund": access.may(May.CONFIRM_FINDING) and standing and found.refunded_on is not None,
        "may_recheck": access.may(May.REGISTER_FINDING) and standing and found.kind == Finding.Kind.ORDERED and found.rechecked_at is None,
        "remark_form": given.get("remark") or RemarkForm(),
        "appeal_form": given.get("appeal") or RemarkForm(auto_id="id_appeal_%s"),
        "refund_form": given.get("refund") or RefundForm(auto_id="id_refund_%s"),
        "recheck_form": given.get("recheck") or RecheckForm(auto_id="id_recheck_%s"),
        "overdue": found.refund_by is not None and found.refunded_on is None and standing and today > found.refund_by,
        "printable": found.state in STANDING,
        "refusal": refusal,
        **_in_settlement(request, found),
    }  # fmt: skip
    status = refusal.status if refusal else 422 if forms_ else 200
    return show(request, "settlements/finding.html", context, status=status)


def _steps(found: Finding) -> list[dict[str, Any]]:
    """Registered, confirmed, answered, decided: who and when."""

    def step(label: Any, name: str, *, now: bool = False) -> dict[str, Any]:
        at, who = getattr(found, f"{name}_at"), getattr(found, f"{name}_by", None)
        place = "done" if at else "now" if now else "todo"
        return {"label": label, "state": place, "who": who.name if who and at else "", "at": at}

    steps = [step(__("Registered"), "made")]
    if found.state == FindingState.DROPPED:
        return [*steps, step(FindingState.DROPPED.label, "dropped") | {"state": "stopped"}]
    steps.append(step(__("Confirmed"), "confirmed", now=found.state == FindingState.PROPOSED))
    if found.accepted_at:
        return [*steps, step(FindingState.ACCEPTED.label, "accepted")]
    steps.append(step(__("Appealed against"), "appealed", now=found.state == FindingState.CONFIRMED))
    if found.granted_at:
        return [*steps, step(FindingState.GRANTED.label, "granted")]
    return [*steps, step(__("Appeal decided"), "upheld", now=found.state == FindingState.APPEALED)]


def _in_settlement(request: HttpRequest, found: Finding) -> dict[str, Any]:
    """What the sheet earns and costs in its statement, with this finding counted."""
    if not request.access.may(May.SEE_STATEMENTS):
        return {"line": None}
    line = (
        Line.objects.select_related("statement__decision").filter(sheet_id=found.sheet_id, live=True).first()
    )
    if line is None:
        return {"line": None}
    words = OUTCOMES[line.outcome]
    why = queries.Explainer(line.statement, language()).line(line, str(words[0]))
    return {"line": line, "outcome": words, "line_why": why}


@page(May.SEE_FINDINGS, "POST", scope=Scope.PLACES, audit="settlements:finding:*", rate="write")
def move(request: HttpRequest, pk: int, noun: str) -> HttpResponse:
    """One legal move; what is refused is shown with the finding as it is now."""
    if noun not in FINDING_MOVES:
        raise Http404
    request.access.require(FINDING_MOVES[noun].permission)
    found = _mine(request, pk)
    form = MoveForm(noun, request.POST, request.FILES)
    try:
        if not form.is_valid():
            raise Refusal(_first_error(form))
        data = form.cleaned_data
        with transaction.atomic():
            # An appeal is a form with a text; the others ask for a reason beside their button.
            appeals = noun == "appeal"
            reason = data["text"] if appeals else request.POST.get("reason", "").replace("\0", "")
            operations.move_finding(
                found, noun, reason, said(request, "", data["file"]) if appeals else (),
                kind=data.get("kind", ""), refund_fen=data.get("refund") or 0, version=data["version"], by=request.access, at=timezone.now(),
            )  # fmt: skip
    except Refusal as refusal:
        return _shown(request, _mine(request, pk), refusal=refusal)
    messages.success(request, __("Done."))
    return go("settlements:finding", pk)


def _first_error(form: forms.Form) -> str:
    return str(next(iter(form.errors.values()))[0])


@page(May.ANSWER_FINDING, "POST", scope=Scope.PLACES, audit="settlements:finding:answered", rate="upload")
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """The outlet answers without appealing."""
    return _remark(request, pk, operations.answer_finding)


@page(
    May.REGISTER_FINDING,
    "POST",
    scope=Scope.PLACES,
    audit="settlements:finding:evidence-added",
    rate="upload",
)
def add_evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """Headquarters adds evidence."""
    return _remark(request, pk, operations.add_evidence)


def _remark(request: HttpRequest, pk: int, do: Any) -> HttpResponse:
    found = _mine(request, pk)
    form = RemarkForm(request.POST, request.FILES)
    if not form.is_valid():
        return _shown(request, found, forms_={"remark": form})
    try:
        with transaction.atomic():
            words = said(request, form.cleaned_data["text"], form.cleaned_data["file"])
            do(found, words, by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _shown(request, found, refusal=refusal)
    messages.success(request, __("Written down."))
    return go("settlements:finding", pk)


@page(May.ANSWER_FINDING, "POST", scope=Scope.PLACES, audit="settlements:finding:refunded", rate="upload")
def refund(request: HttpRequest, pk: int) -> HttpResponse:
    """The outlet shows that the customer has the money back."""
    found = _mine(request, pk)
    form = RefundForm(request.POST, request.FILES, auto_id="id_refund_%s")
    if not form.is_valid():
        return _shown(request, found, forms_={"refund": form})
    data = form.cleaned_data
    try:
        with transaction.atomic():
            words = said(request, data["text"], data["file"])
            operations.show_refund(found, data["on"], words, by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _shown(request, found, refusal=refusal)
    messages.success(request, __("The refund is shown to headquarters."))
    return go("settlements:finding", pk)


@page(
    May.CONFIRM_FINDING, "POST", scope=Scope.PLACES, audit="settlements:finding:proof-refused", rate="write"
)
def refuse_refund(request: HttpRequest, pk: int) -> HttpResponse:
    """Headquarters does not take the proof of a refund."""
    found = _mine(request, pk)
    try:
        reason = request.POST.get("reason", "").replace("\0", "")
        operations.refuse_refund_proof(found, reason, by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _shown(request, found, refusal=refusal)
    messages.success(request, __("The outlet is told why, and the refund is due again."))
    return go("settlements:finding", pk)


@page(May.REGISTER_FINDING, "POST", scope=Scope.PLACES, audit="settlements:finding:rechecked", rate="upload")
def recheck(request: HttpRequest, pk: int) -> HttpResponse:
    """Look again at what an outlet was ordered to improve."""
    found = _mine(request, pk)
    form = RecheckForm(request.POST, request.FILES, auto_id="id_recheck_%s")
    if not form.is_valid():
        return _shown(request, found, forms_={"recheck": form})
    data = form.cleaned_data
    try:
        with transaction.atomic():
            words = said(request, data["text"], data["file"])
            operations.recheck_finding(
                found, data["improved"] == "yes", words, by=request.access, at=timezone.now()
            )
    except Refusal as refusal:
        return _shown(request, found, refusal=refusal)
    messages.success(request, __("Written down."))
    return go("settlements:finding", pk)


@page(May.SEE_FINDINGS, scope=Scope.PLACES, audit="settlements:finding:evidence-taken", rate="export")
def evidence(request: HttpRequest, pk: int, remark: int) -> HttpResponse:
    """A file of a finding, for both sides; every copy that leaves is in the event log (GN-8)."""
    found = _mine(request, pk)
    kept = get_object_or_404(queries.remarks(found).filter(file__isnull=False), pk=remark)
    answer = files.download(kept.file)
    audit.record(
        "settlements:finding:evidence-taken", found, by=request.access, at=timezone.now(), outlet_id=found.outlet_id,
        file=kept.file.name,
    )  # fmt: skip
    return answer


@page(May.SEE_FINDINGS, scope=Scope.PLACES, audit="settlements:finding:printed", rate="export")
def pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The penalty notice as a controlled form; only for a finding that stands."""
    from sanbao.settlements.notice_print import (
        notice_pdf,  # with the forms of statements: loaded by who prints
    )
    from sanbao.settlements.printing import taker

    found = _mine(request, pk)
    if found.state not in STANDING:
        raise Http404
    content = notice_pdf(found, language(), at=timezone.now(), by=taker(request.access))
    audit.record(
        "settlements:finding:printed", found, by=request.access, at=timezone.now(), outlet_id=found.outlet_id
    )
    response = HttpResponse(content, content_type="application/pdf")
    name = f"{__('Penalty notice')}-{found.sheet.number}.pdf"
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
