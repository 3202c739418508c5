"""One complaint: its clocks with why, its story, the talk with the customer, and every step."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as __

from sanbao.audit import operations as audit
from sanbao.audit import unmasking
from sanbao.complaints import operations, queries
from sanbao.complaints.facts import word
from sanbao.complaints.forms import AmendForm, HandForm, HoldForm, MoneyForm, MoveForm, TalkForm, VerifyForm
from sanbao.complaints.models import Complaint
from sanbao.complaints.operations.money import may_decide
from sanbao.complaints.operations.talking import ways_to
from sanbao.complaints.permissions import May
from sanbao.complaints.sources import source_of
from sanbao.complaints.states import MONEY_TONES, MOVES, OPEN, SEVERITY_TONES, TONES, Callback, State, Waiting
from sanbao.files import operations as files
from sanbao.files.models import StoredFile
from sanbao.improvements import queries as improvements
from sanbao.improvements.permissions import May as Improve
from sanbao.intake import queries as requests
from sanbao.intake.models import Request
from sanbao.intake.permissions import May as Desk
from sanbao.products import queries as products
from sanbao.ui.formats import language
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.readers import values
from sanbao.ui.refusal import Refusal
from sanbao.ui.seen import held
from sanbao.workorders.models import Order
from sanbao.workorders.permissions import May as Orders

BY_FORM = ("handing", "justification", "rejection")  # these have a page of their own


def found_complaint(request: HttpRequest, pk: int, permission: str = May.SEE) -> Complaint:
    """The complaint, if the person may do this to it."""
    rows = Complaint.objects.visible_to(request.access, permission).select_related(
        "company", "outlet__region", "about_outlet", "owner", "engineer", "customer", "request__customer", "registered_by", "repeat_of", "weight_decision",
        "repeat_decision", "owner_decision", "verdict_decision",
    )  # fmt: skip
    return get_object_or_404(rows, pk=pk)  # type: ignore[no-any-return]


@page(May.SEE, scope=Scope.PLACES, audit=None, rate="page")
def complaint(request: HttpRequest, pk: int) -> HttpResponse:
    """One complaint."""
    return shown(request, found_complaint(request, pk))


def shown(
    request: HttpRequest,
    found: Complaint,
    *,
    refusal: Refusal | None = None,
    talk: TalkForm | None = None,
    money: MoneyForm | None = None,
    typed: dict[str, Any] | None = None,
    unmasked: bool = False,
    status: int = 200,
) -> HttpResponse:
    """The record's page, also with what was refused: what was typed stays in its field."""
    now, access = timezone.now(), request.access
    compensations = (
        list(
            found.compensations.select_related("proposed_by", "approved_by", "paid_by", "decision").order_by(
                "id"
            )
        )
        if access.outlets is None
        else []
    )
    decisions = [
        found.weight_decision,
        found.repeat_decision,
        found.owner_decision,
        found.verdict_decision,
        *(made.decision for made in compensations),
    ]
    clocks, told = queries.clocks_of(found, access, language(), now, decisions)
    may_work = queries.may(found, access, May.WORK)
    open_now = found.state in OPEN
    orders = (
        Order.objects.visible_to(access, Orders.SEE)
        .filter(complaints=found)
        .select_related("engineer", "outlet")
        .order_by("id")
    )
    context = {
        "complaint": found,
        "source": source_of(found, access),
        "unmasked": unmasked,
        "typed": typed or {},
        "steps": queries.steps(found),
        "moves": [move for move in queries.legal_moves(found, access) if move.noun not in BY_FORM],
        "may_hand": open_now and any(move.noun == "handing" for move in queries.legal_moves(found, access)),
        "may_verify": any(move.noun == "justification" for move in queries.legal_moves(found, access)),
        "may_hold": found.state in (State.HANDED, State.JUSTIFIED) and queries.may(found, access, May.VERIFY),
        "callbacks": [choice for choice in Callback.choices if choice[0]],
        "waiting": Waiting.choices,
        "clocks": [each for each in clocks if each.clock.case_id is None],
        "of_cases": [each for each in clocks if each.clock.case_id is not None and access.outlets is None],
        "at_headquarters": access.outlets is None,
        "cases": list(found.cases.order_by("id")) if access.outlets is None else [],
        "weight_why": told.get(found.weight_decision_id),
        "repeat_why": told.get(found.repeat_decision_id),
        "owner_why": told.get(found.owner_decision_id),
        "verdict_why": told.get(found.verdict_decision_id),
        "severity": word(found.company_id, found.severity),
        "severity_tone": SEVERITY_TONES.get(found.severity, "blue"),
        "kind": word(found.company_id, found.kind),
        "harm": word(found.company_id, found.harm),
        "cause": word(found.company_id, found.cause),
        "department": word(found.company_id, found.department),
        "flags": [word(found.company_id, flag) for flag in found.flags],
        "routes": [word(found.company_id, route) for route in found.routes],
        "state_tone": TONES[State(found.state)],
        "story": queries.story(found, access),
        "of_request": _talk_of_request(found, request),
        "talk": (talk or _talk_form(request, found, now)) if may_work and open_now else None,
        "unit": products.units(access).filter(pk=found.unit_id).first() if found.unit_id else None,
        "orders": [(order, access.may(Orders.SEE)) for order in orders],
        "may_link": open_now and queries.may(found, access, May.REGISTER),
        "may_amend": open_now and queries.may(found, access, May.REGISTER),
        "may_case": open_now and queries.may(found, access, May.KEEP_CASE),
        "money": (money or MoneyForm()) if open_now and queries.may(found, access, May.PROPOSE) else None,
        "compensations": [
            (made, told.get(made.decision_id), MONEY_TONES[made.state], word(found.company_id, made.post), _money_moves(made, request, now))
            for made in compensations
        ],
        "measures": list(improvements.of_source(access, "complaint", found.pk)) if access.may(Improve.SEE) else [],
        "begin_measure": _measure_url(found) if access.may(Improve.OPEN) and access.outlets is None else "",
        "may_unmask": queries.may(found, access, May.UNMASK),
        "repeats": list(found.repeats.filter(pk__in=Complaint.objects.visible_to(access, May.SEE)).order_by("-id")[:20]),
        "repeat_seen": found.repeat_of_id and Complaint.objects.visible_to(access, May.SEE).filter(pk=found.repeat_of_id).exists(),
        "may_see_request": access.may(Desk.SEE) and access.outlets is None,
        "refusal": refusal,
    }  # fmt: skip
    return show(request, "complaints/complaint.html", context, status=refusal.status if refusal else status)


def _measure_url(found: Complaint) -> str:
    """The form that opens a measure about this complaint, with what is known already (PV-4)."""
    return improvements.opening_url(
        title=found.subject, problem=found.finding[:2000] or found.subject, cause=word(found.company_id, found.cause), source_kind="complaint",
        source_pk=found.pk, source_label=found.number, source_path=reverse("complaints:complaint", args=[found.pk]), outlet=found.about_outlet_id,
        product_line=found.product,
    )  # fmt: skip


def _money_moves(made: Any, request: HttpRequest, at: Any) -> list[Any]:
    moves = queries.legal_money_moves(made, request.access)
    return [move for move in moves if move.noun == "payment" or may_decide(made, request.access, at)]


def _talk_of_request(found: Complaint, request: HttpRequest) -> list[dict[str, Any]]:
    """What was said with the customer on the request it was born of: that talk goes on there."""
    if found.request is None or not request.access.may(Desk.SEE):
        return []
    if not Request.objects.visible_to(request.access, Desk.SEE).filter(pk=found.request_id).exists():
        return []  # it is headquarters' own
    return [
        entry for entry in requests.timeline(found.request, public=True) if entry["text"] or entry["files"]
    ]


def _talk_form(request: HttpRequest, found: Complaint, at: Any, data: Any = None) -> TalkForm:
    at_outlet = request.access.outlets is not None
    return TalkForm(ways_to(found, at), data, at_outlet=at_outlet)


@page(May.UNMASK, "POST", scope=Scope.PLACES, audit="complaints:customer:unmasked", rate="write")
def unmask(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the customer's data once; the reason goes to the event log (GN-8)."""
    found = found_complaint(request, pk, May.UNMASK)
    try:
        unmasking.unmasked(request, found, "complaints:customer:unmasked")
    except Refusal as refusal:
        return shown(request, found, refusal=refusal)
    return unmasking.once(shown(request, found, unmasked=True), reverse("complaints:complaint", args=[pk]))


@page(
    May.REGISTER, "GET", "POST", scope=Scope.PLACES, audit=("complaints:complaint:amended", ""), rate="write"
)
def amend(request: HttpRequest, pk: int) -> HttpResponse:
    """Mend what was written down; another matter or harm grades it anew."""
    rows = Complaint.objects.visible_to(request.access, May.REGISTER).select_related(
        "about_outlet", "engineer", "outlet"
    )
    found = get_object_or_404(held(rows, request), pk=pk)
    initial = {name: getattr(found, name) for name in operations.AMENDABLE}
    initial |= {"about_outlet": found.about_outlet_id, "engineer": found.engineer_id}
    form = AmendForm(
        request.access, timezone.localdate(found.received_at), request.POST or None, initial=initial
    )
    if request.method == "POST" and form.is_valid():
        try:
            operations.amend(found, form.cleaned_data, by=request.access, at=timezone.now())
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return go("complaints:complaint", pk)
    return show(
        request,
        "complaints/amend.html",
        {"form": form, "complaint": found},
        status=form.status if form.is_bound else 200,
    )


@page(May.ASSIGN, "GET", "POST", scope=Scope.PLACES, audit="complaints:complaint:handing", rate="write")
def hand(request: HttpRequest, pk: int) -> HttpResponse:
    """Give it to the person responsible, and ask the outlet for its account (GN-4)."""
    found = found_complaint(request, pk, May.ASSIGN)
    initial = {
        "owner": found.owner_id,
        "outlet": found.outlet_id or found.about_outlet_id,
        "version": found.version,
    }
    form = HandForm(request.access, found, request.POST or None, initial=initial)
    context = {"form": form, "complaint": found, "department": word(found.company_id, found.department)}
    return _by_form(request, found, form, "complaints/hand.html", context, lambda data: ("handing", data))


@page(
    May.VERIFY,
    "GET",
    "POST",
    scope=Scope.PLACES,
    audit=("complaints:complaint:justification", "complaints:complaint:rejection"),
    rate="write",
)
def verify(request: HttpRequest, pk: int) -> HttpResponse:
    """What was found: justified, partly, or not (PV-2, A-24)."""
    found = found_complaint(request, pk, May.VERIFY)
    form = VerifyForm(
        request.access,
        timezone.localdate(found.received_at),
        request.POST or None,
        initial={"version": found.version},
    )

    def told(data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        verdict = data.pop("verdict")
        return "rejection" if verdict == "unjustified" else "justification", data | {
            "partly": verdict == "partly"
        }

    return _by_form(request, found, form, "complaints/verify.html", {"form": form, "complaint": found}, told)


def _by_form(
    request: HttpRequest, found: Complaint, form: Any, template: str, context: dict[str, Any], told: Any
) -> HttpResponse:
    """A move that is asked on a page of its own: what was typed stays when it is refused."""
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            noun, data = told(dict(form.cleaned_data))
            try:
                operations.move(found, noun, by=request.access, at=timezone.now(), **data)
            except Refusal as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
                status = refusal.status
            else:
                return go("complaints:complaint", found.pk)
    return show(request, template, context, status=status)


@page(May.SEE, "POST", scope=Scope.PLACES, audit="complaints:complaint:*", rate="write")
def move(request: HttpRequest, pk: int, noun: str) -> HttpResponse:
    """One move of the table that needs no page of its own."""
    if noun not in MOVES or noun in BY_FORM:
        raise Http404
    request.access.require(MOVES[noun].permission)
    found, form = found_complaint(request, pk, MOVES[noun].permission), MoveForm(request.POST)
    typed = {"noun": noun, "text": request.POST.get("text", "")[:4000]}
    if not form.is_valid():
        return shown(request, found, refusal=Refusal(next(iter(form.errors.values()))[0]), typed=typed)
    try:
        operations.move(found, noun, by=request.access, at=timezone.now(), **form.cleaned_data)
    except Refusal as refusal:
        return shown(request, found_complaint(request, pk), refusal=refusal, typed=typed)
    return go("complaints:complaint", pk)


@page(
    May.VERIFY,
    "POST",
    scope=Scope.PLACES,
    audit=("complaints:complaint:held", "complaints:complaint:resumed"),
    rate="write",
)
def hold(request: HttpRequest, pk: int) -> HttpResponse:
    """Let it wait, or let it go on."""
    found, form = found_complaint(request, pk, May.VERIFY), HoldForm(request.POST)
    try:
        if not form.is_valid():
            raise Refusal(next(iter(form.errors.values()))[0])
        data = form.cleaned_data
        if data["waiting_for"]:
            operations.hold(
                found,
                data["waiting_for"],
                data["text"],
                version=data["version"],
                by=request.access,
                at=timezone.now(),
            )
        else:
            operations.go_on(found, version=data["version"], by=request.access, at=timezone.now())
    except Refusal as refusal:
        return shown(request, found_complaint(request, pk), refusal=refusal)
    return go("complaints:complaint", pk)


_SAID = (
    "complaints:complaint:noted",
    "complaints:complaint:reported",
    "complaints:complaint:called",
    "complaints:complaint:replied",
)


@page(May.WORK, "POST", scope=Scope.PLACES, audit=_SAID, rate="upload")
def talk(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down what was said, or write to the customer."""
    by, at, found = request.access, timezone.now(), found_complaint(request, pk, May.WORK)
    form = _talk_form(request, found, at, request.POST)
    if not form.is_valid():
        return shown(request, found, talk=form, status=422)
    kind, body = form.cleaned_data["kind"], form.cleaned_data["body"]
    try:
        kept = (
            [
                files.keep(upload.read(), upload.name, by=by, at=at)
                for upload in request.FILES.getlist("files")[:20]
            ]
            if kind in ("note", "report")
            else []
        )
        if kind == "note":
            operations.note(found, body, files=kept, by=by, at=at)
        elif kind == "report":
            operations.report(found, body, files=kept, by=by, at=at)
        elif kind == "reply":
            operations.reply(found, body, channel=form.cleaned_data["channel"], by=by, at=at)
        else:
            operations.called(found, body, reached=kind == "called", by=by, at=at)
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return shown(request, found_complaint(request, pk), talk=form, status=refusal.status)
    return go(f"{reverse('complaints:complaint', args=[pk])}#story")


@page(May.REGISTER, "POST", scope=Scope.PLACES, audit="complaints:complaint:linked", rate="write")
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """One more order it is about, by its number."""
    found = found_complaint(request, pk, May.REGISTER)
    try:
        number = values.code(request.POST.get("number", "").replace("\0", ""), 24).upper()
    except values.Bad:
        number = ""
    order = Order.objects.visible_to(request.access, Orders.SEE).filter(number=number).first()
    try:
        if order is None:
            raise Refusal(__("There is no order %(number)s.") % {"number": number or "–"}, field="number")
        operations.link_order(found, order, by=request.access, at=timezone.now())
    except Refusal as refusal:
        return shown(request, found, refusal=refusal)
    return go("complaints:complaint", pk)


@page(May.REGISTER, "POST", scope=Scope.PLACES, audit="complaints:complaint:unlinked", rate="write")
def unlink(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """It is not about that order."""
    found = found_complaint(request, pk, May.REGISTER)
    order = get_object_or_404(found.orders, pk=number)
    try:
        operations.unlink_order(found, order, by=request.access, at=timezone.now())
    except Refusal as refusal:
        return shown(request, found, refusal=refusal)
    return go("complaints:complaint", pk)


@page(May.SEE, scope=Scope.PLACES, audit="complaints:file:taken", rate="export")
def file(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """A file of the story: whoever may read its line may take it."""
    found = found_complaint(request, pk)
    entries = found.entries.filter(files=number).shown_to(request.access)
    stored = get_object_or_404(StoredFile.objects.filter(pk=number, pk__in=entries.values("files")))
    audit.handed_out("complaints:file:taken", found, request, file=stored.name)
    return files.download(stored)
