"""The work on an order at a desk or on a tablet: plan and price, signatures, photographs, parts, checks, the place of installation.

For whoever works on the orders of a place; an engineer alone with own orders has the phone (views.phone).
"""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as __

from sanbao.decisions.queries import whys, whys_of_parts
from sanbao.ui.formats import language
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal
from sanbao.ui.why import Why
from sanbao.workorders import flow, operations, queries
from sanbao.workorders.models import Order, Photo, Plan, Signature, UsedPart
from sanbao.workorders.permissions import May
from sanbao.workorders.states import OPEN, Kind, State
from sanbao.workorders.work_forms import (
    EMPTY_ROWS,
    AnswerForm,
    ChecksForm,
    Lines,
    PartForm,
    PhotoForm,
    PlanForm,
    SignForm,
    SiteForm,
    Tariff,
    row_of,
)
from sanbao_rules import sites

PLANNABLE = (State.WORKING, State.HELD, State.ACCEPTED, State.DISPATCHED)
MOST_FILES = 20


def _found(request: HttpRequest, pk: int) -> Order:
    rows = Order.objects.visible_to(request.access, May.WORK).select_related(
        "outlet__region", "engineer", "customer", "request__category", "unit__model", "repeat_of", "age_decision", "site_decision"
    )  # fmt: skip
    return get_object_or_404(rows, pk=pk)  # type: ignore[no-any-return]


def _context(request: HttpRequest, found: Order, **more: Any) -> dict[str, Any]:
    sees = request.access.may(May.SEE)
    crumbs = [(__("Work orders"), reverse("workorders:orders")), (found.number, reverse("workorders:order", args=[found.pk]))]  # fmt: skip
    return {
        "order": found,
        "open": found.state in OPEN,
        "crumbs": crumbs if sees else [],
        "sees": sees,
    } | more


def _on(request: HttpRequest, name: str, pk: int) -> HttpResponse:
    """Back to the order, for who may read it."""
    return go("workorders:order", pk) if request.access.may(May.SEE) else go(name, pk)


# The plan and its price


@page(May.WORK, "GET", "POST", scope=Scope.PLACES, audit=("workorders:plan:drafted", ""), rate="write")
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """The plans of an order, each line with who pays it and why; and the form for the next one (RP-3, KA-4.3, KA-6.2)."""
    found = _found(request, pk)
    tariff = Tariff(found, timezone.localdate())
    gives = queries.may(found, request.access, May.GOODWILL)
    rows = {"choices": tariff.choices(), "may_give": gives}
    latest = found.plans.prefetch_related("lines").order_by("-number").first()
    if request.method != "POST":
        form = PlanForm(found, initial=_as_before(found, latest))
        lines = Lines(initial=_rows(latest), prefix="l", form_kwargs=rows)
        return _plan_shown(request, found, form, lines, tariff)
    form = PlanForm(found, request.POST)
    lines = Lines(request.POST, prefix="l", form_kwargs=rows)
    if request.POST.get("do") in ("fill", "more"):
        form, lines = _written_on(request, found, form, rows)
        return _plan_shown(request, found, form, lines, tariff)
    status = 422
    if form.is_valid() and lines.is_valid():
        said = form.cleaned_data
        told = [line for row in lines if (line := tariff.line(row.cleaned_data))]
        try:
            operations.draft_plan(found, **said, lines=told, by=request.access, at=timezone.now())
            return go("workorders:plan", pk)
        except Refusal as refusal:
            status = refusal.status
            number = refusal.details.get("line")
            if isinstance(number, int):
                lines.add_why(number, str(refusal))
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    return _plan_shown(request, _found(request, pk), form, lines, tariff, status=status)


def _as_before(order: Order, plan: Plan | None) -> dict[str, Any]:
    """What the next plan begins with: the one before it, else what the order says."""
    said: dict[str, Any] = {"version": order.version, "minutes": 60, "km": f"{order.km.normalize():f}" if order.km else "", "cause": order.cause}  # fmt: skip
    if plan is not None:
        names = ("cause", "content", "method", "steps", "minutes", "misuse")
        said |= {name: getattr(plan, name) for name in names} | {"diagnosis": plan.diagnosis_id}
    return said


def _rows(plan: Plan | None) -> list[dict[str, Any]]:
    kept = [row_of(line) for line in plan.lines.all().order_by("position")] if plan else []
    begun = kept or [{"what": "", "quantity": "1"}, {"what": "travel", "quantity": "1"}]
    return begun + [{"quantity": "1"}] * (EMPTY_ROWS if not kept else 2)


def _written_on(
    request: HttpRequest, found: Order, form: PlanForm, rows: dict[str, Any]
) -> tuple[PlanForm, Any]:
    """The form as it was typed, with more empty rows, or with what the chosen fault usually needs; nothing is kept yet."""
    typed = {name: request.POST.get(name, "").replace("\0", "")[:2000] for name in form.fields}
    typed["misuse"] = bool(request.POST.get("misuse"))
    asked = request.POST.get("l-TOTAL_FORMS", "0")
    count = min(int(asked), 60) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 0
    names = ("what", "component", "quantity", "price", "goodwill")
    lines = [{name: request.POST.get(f"l-{number}-{name}", "").replace("\0", "")[:200] for name in names} for number in range(count)]  # fmt: skip
    fault = form.fault()
    if request.POST["do"] == "fill" and fault is not None:
        typed |= {"cause": fault.cause or typed["cause"], "content": fault.cure or typed["content"]}
        typed["minutes"] = str(fault.minutes) if fault.minutes else typed["minutes"]
        lines = _for_fault(lines, fault.component)
    if request.POST["do"] == "more":
        lines += [{"quantity": "1"}] * EMPTY_ROWS
    return PlanForm(found, initial=typed), Lines(initial=lines[:60], prefix="l", form_kwargs=rows)


def _for_fault(lines: list[dict[str, str]], component: str) -> list[dict[str, str]]:
    """The component of the fault beside the labour; a labour line where there is none yet."""
    if not component:
        return lines
    works = [line for line in lines if line["what"].startswith("labour")]
    if not works:
        return [{"what": "labour:replace", "component": component, "quantity": "1"}, *lines]
    for line in works:
        line["component"] = line["component"] or component
    return lines


def _plan_shown(
    request: HttpRequest, found: Order, form: PlanForm, lines: Any, tariff: Tariff, *, refusal: Refusal | None = None,
    answer: AnswerForm | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    plans = list(found.plans.select_related("decision", "diagnosis", "made_by", "heard_by").prefetch_related("lines__part").order_by("-number")[:6])  # fmt: skip
    now = next((each for each in plans if each.state in ("draft", "offered", "confirmed")), None)
    rows = list(now.lines.all()) if now else []
    told: list[Why | None] = [None] * len(rows)
    if now and now.decision:
        told = [*whys_of_parts(now.decision, language(), request.access)] or told
    step = next((each for each in flow.steps_of(found) if each.code == "diagnosis"), None)
    may_plan = found.state in PLANNABLE
    context = _context(
        request, found,
        plan=now,
        lines=list(zip(sorted(rows, key=lambda line: line.position), told, strict=False)),
        total_why=whys([now.decision], language(), request.access)[0] if now and now.decision else None,
        changes=queries.changes_between(plans[1], now) if now and len(plans) > 1 and now.number == plans[0].number else [],
        earlier=[each for each in plans if each is not now],
        missing=flow.missing(found, "diagnosis") if step and now and now.state == "draft" and may_plan else [],
        age_why=whys([found.age_decision], language(), request.access)[0] if found.age_decision else None,
        form=form, rows=lines, may_plan=may_plan, parts=[(part, tariff.cap(part)) for part in tariff.parts.values()][:60],
        contact=found.contact, answer=answer, refusal=refusal, may_telephone=flow.may_agree_by_telephone(found),
    )  # fmt: skip
    return show(request, "workorders/plan.html", context, status=refusal.status if refusal else status)


def _plan_again(
    request: HttpRequest, pk: int, refusal: Refusal, answer: AnswerForm | None = None
) -> HttpResponse:
    found = _found(request, pk)
    tariff = Tariff(found, timezone.localdate())
    latest = found.plans.prefetch_related("lines").order_by("-number").first()
    rows = {"choices": tariff.choices(), "may_give": queries.may(found, request.access, May.GOODWILL)}
    form, lines = PlanForm(found, initial=_as_before(found, latest)), Lines(initial=_rows(latest), prefix="l", form_kwargs=rows)  # fmt: skip
    return _plan_shown(request, found, form, lines, tariff, refusal=refusal, answer=answer)


@page(May.WORK, "POST", scope=Scope.PLACES, audit=("workorders:plan:offered", ""), rate="write")
def plan_offer(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Show it to the customer: from now on it can be answered."""
    kept = get_object_or_404(Plan.objects.select_related("order"), order=_found(request, pk), number=number)
    try:
        operations.offer_plan(kept, by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _plan_again(request, pk, refusal)
    return go("workorders:plan", pk)


@page(May.WORK, "POST", scope=Scope.PLACES, audit=("workorders:plan:*", ""), rate="write")
def plan_answer(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """The customer's yes or no: on the glass, or by telephone with a note."""
    found = _found(request, pk)
    kept = get_object_or_404(Plan.objects.select_related("order"), order=found, number=number)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _plan_again(request, pk, Refusal(next(iter(form.errors.values()))[0]), form)
    said = form.cleaned_data
    try:
        if said["yes"] and said["how"] == Plan.How.GLASS:
            operations.confirm_on_glass(kept, said["name"], said["drawn"], by=request.access, at=timezone.now())  # fmt: skip
        else:
            operations.answer_plan(kept, said["yes"], how=said["how"], name=said["name"], note=said["note"], called=said["called"], by=request.access, at=timezone.now())  # fmt: skip
    except Refusal as refusal:
        return _plan_again(request, pk, refusal, form)
    return _on(request, "workorders:plan", pk)


# Signatures and photographs


@page(May.WORK, "GET", "POST", scope=Scope.PLACES, audit=("workorders:order:signature", ""), rate="write")
def signing(request: HttpRequest, pk: int) -> HttpResponse:
    """A signature on the glass; what it stands for is done with it: the plan confirmed, the work accepted (SC-2, RP-4)."""
    found = _found(request, pk)
    wanted = request.GET.get("for", "")
    first = wanted if wanted in Signature.Purpose.values else _next_signature(found)
    form = SignForm(request.POST or None, initial={"purpose": first, "name": found.contact if request.access.may(May.UNMASK) else ""})  # fmt: skip
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            said = form.cleaned_data
            try:
                operations.sign_for(found, **said, by=request.access, at=timezone.now())
                messages.success(request, __("Signed."))
                return _on(request, "workorders:signing", pk)
            except Refusal as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
                status = refusal.status
    signatures = list(found.signatures.filter(withdrawn_at__isnull=True).order_by("id"))
    offered = found.plans.filter(state="offered").prefetch_related("lines").first()
    context = _context(request, found, form=form, signatures=signatures, offered=offered)
    return show(request, "workorders/sign.html", context, status=status)


def _next_signature(order: Order) -> str:
    if order.state == State.DONE:
        return Signature.Purpose.TRAINING if order.kind == Kind.TRAINING else Signature.Purpose.ACCEPTANCE
    return Signature.Purpose.AGREEMENT


@page(May.WORK, "GET", "POST", scope=Scope.PLACES, audit=("workorders:order:photographed", ""), rate="upload")
def photos(request: HttpRequest, pk: int) -> HttpResponse:
    """Photographs, several at once. What is no photograph is named and left out; the others are kept."""
    found = _found(request, pk)
    wanted = request.GET.get("show", "")
    form = PhotoForm(request.POST or None, initial={"purpose": wanted if wanted in Photo.Purpose.values else Photo.Purpose.FAULT})  # fmt: skip
    troubles: list[str] = []
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            troubles = _taken(request, found, "files", form.cleaned_data["purpose"])
            if not troubles:
                return _on(request, "workorders:photos", pk)
            found = _found(request, pk)
    kept = list(found.photos.select_related("thumbnail").order_by("id"))
    return show(request, "workorders/photos.html", _context(request, found, form=form, photos=kept, troubles=troubles), status=status)  # fmt: skip


def _taken(request: HttpRequest, found: Order, field: str, purpose: str) -> list[str]:
    """Keep the files of a field as photographs; the sentences about those that are none."""
    uploads = request.FILES.getlist(field)[:MOST_FILES]
    troubles = [] if uploads else [__("Choose at least one photograph.")]
    for upload in uploads:
        try:
            operations.add_photo(found, upload.read(), upload.name or "", purpose, by=request.access, at=timezone.now())  # fmt: skip
        except Refusal as refusal:
            troubles.append(f"{(upload.name or '')[:80]}: {refusal}")
    return troubles


# Parts, checks, age


@page(May.WORK, "GET", "POST", scope=Scope.PLACES, audit=("workorders:order:part-used", ""), rate="write")
def parts(request: HttpRequest, pk: int) -> HttpResponse:
    """Parts that were fitted, and what became of the old ones (OP-2)."""
    found = _found(request, pk)
    form = PartForm(found, request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            said = form.cleaned_data
            said["quantity"] = int(said["quantity"] or 0)
            try:
                operations.fit_part(found, **said, by=request.access, at=timezone.now())
                return go("workorders:parts", pk)
            except Refusal as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
                status = refusal.status
    used = list(found.parts.filter(withdrawn_at__isnull=True).select_related("part").order_by("id"))
    confirmed = found.plans.filter(state="confirmed").prefetch_related("lines__part").first()
    planned = [line for line in confirmed.lines.all() if line.part] if confirmed else []
    there = {row.part_id for row in used}
    context = _context(request, found, form=form, used=used, open_lines=[line for line in planned if line.part_id not in there])  # fmt: skip
    return show(request, "workorders/parts.html", context, status=status)


@page(May.WORK, "POST", scope=Scope.PLACES, audit=("workorders:order:part-withdrawn", ""), rate="write")
def part_withdraw(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """It was not fitted after all."""
    used = get_object_or_404(UsedPart.objects.select_related("order", "part"), order=_found(request, pk), pk=number)  # fmt: skip
    try:
        operations.take_back_part(used, by=request.access, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return go("workorders:parts", pk)


@page(May.WORK, "GET", "POST", scope=Scope.PLACES, audit=("workorders:order:checked-off", ""), rate="write")
def checks(request: HttpRequest, pk: int) -> HttpResponse:
    """The check list, and what the rulebook wants ticked or written (RP-5)."""
    found = _found(request, pk)
    form = ChecksForm(found, request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                operations.write_checks(found, form.results(), by=request.access, at=timezone.now())
                return _on(request, "workorders:checks", pk)
            except Refusal as refusal:
                form.add_error(None, str(refusal))
                status = refusal.status
    return _checks_shown(request, found, form, status)


def _checks_shown(request: HttpRequest, found: Order, form: ChecksForm, status: int) -> HttpResponse:
    book = flow.book_of(found)
    on = timezone.localdate()
    gas = {row["category"] for row in book.value("gas_lives", on).value}
    grounds = book.value("early_scrap", on).value if found.kind == Kind.REPAIR and queries.category_of(found) in gas else []  # fmt: skip
    age_why = whys([found.age_decision], language(), request.access)[0] if found.age_decision else None
    context = _context(request, found, form=form, grounds=[(code, book.word(code, language())) for code in grounds], age_why=age_why)  # fmt: skip
    return show(request, "workorders/checks.html", context, status=status)


@page(May.WORK, "POST", scope=Scope.PLACES, audit=("workorders:order:aged", ""), rate="write")
def age(request: HttpRequest, pk: int) -> HttpResponse:
    """A ground was found to scrap a gas appliance before its age."""
    found = _found(request, pk)
    known = flow.book_of(found).value("early_scrap", timezone.localdate()).value
    early = [code for code in request.POST.getlist("early")[:10] if code in known]
    try:
        if not early:
            raise Refusal(__("Choose what was found."))
        operations.note_early_grounds(found, early, by=request.access, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return _checks_shown(request, found, ChecksForm(found), refusal.status)
    return _on(request, "workorders:checks", pk)


# The place of installation


@page(May.WORK, "GET", "POST", scope=Scope.PLACES, audit=("workorders:order:site-checked", "workorders:order:photographed", ""), rate="upload")  # fmt: skip
def site(request: HttpRequest, pk: int) -> HttpResponse:
    """What is found where it is to be installed, and what follows from it (KA-4.2, A-41)."""
    found = _found(request, pk)
    todo = sites.checks(queries.category_of(found), flow.book_of(found), timezone.localdate()) if found.kind == Kind.INSTALLATION else ()  # fmt: skip
    form = SiteForm(found, todo, request.POST or None, initial={"version": found.version})
    troubles: list[str] = []
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            for field, purpose in (("plate", Photo.Purpose.PLATE), ("files", Photo.Purpose.SITE)):
                if request.FILES.getlist(field):
                    troubles += _taken(request, found, field, purpose)
            said = form.cleaned_data
            try:
                operations.check_site(
                    found, form.results(), gas=said.get("gas", ""), insists=said["insists"], words=said["words"], name=said["name"], drawn=said["drawn"],
                    by=request.access, at=timezone.now(),
                )  # fmt: skip
                if not troubles:
                    return go("workorders:site", pk)
            except Refusal as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
                status = refusal.status
            found = _found(request, pk)
    return _site_shown(request, found, form, troubles, status=status)


def _site_shown(
    request: HttpRequest, found: Order, form: SiteForm, troubles: Sequence[str] = (), *, refusal: Refusal | None = None,
    written: dict[str, str] | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    context = _context(
        request, found, form=form, troubles=troubles, refusal=refusal, written=written or {},
        why=whys([found.site_decision], language(), request.access)[0] if found.site_decision else None,
        hard=bool(found.site_decision and found.site_decision.answer["hard_stop"]),
        photos=list(found.photos.filter(purpose__in=("plate", "site")).select_related("thumbnail").order_by("id")),
        may_check=found.kind == Kind.INSTALLATION and found.state == State.WORKING,
        refused=found.site == Order.Site.REFUSED,
    )  # fmt: skip
    return show(request, "workorders/site.html", context, status=refusal.status if refusal else status)


@page(May.WORK, "POST", scope=Scope.PLACES, audit=("workorders:order:site-refused", ""), rate="write")
def site_refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Refuse to install there: the order ends, and the refusal is printed."""
    found = _found(request, pk)
    danger, measures = (" ".join(request.POST.get(name, "").replace("\0", "").split())[:120] for name in ("danger", "measures"))  # fmt: skip
    try:
        operations.refuse_site(found, measures, danger=danger, by=request.access, at=timezone.now())
    except Refusal as refusal:
        todo = sites.checks(queries.category_of(found), flow.book_of(found), timezone.localdate())
        form = SiteForm(found, todo, initial={"version": found.version})
        return _site_shown(request, found, form, refusal=refusal, written={"danger": danger, "measures": measures})  # fmt: skip
    return _on(request, "workorders:site", pk)
