"""How work is prepared: the fault tree, the check lists, the flows with what each step needs (SC-2..4, RP-3, CO-2)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as __

from sanbao.regulations.models import Edition
from sanbao.regulations.queries import edition_in_force
from sanbao.ui.formats import language
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal
from sanbao.workorders import flow, operations, queries
from sanbao.workorders.forms import CheckForm, FaultForm, GatesForm
from sanbao.workorders.models import Check, Fault
from sanbao.workorders.permissions import May
from sanbao.workorders.states import Kind
from sanbao_rules import workorders as rules

ADOPT = "regulations:edition:adopt"


def _keeps(request: HttpRequest) -> bool:
    """Whether the reader keeps the company's tree and lists: headquarters does."""
    return request.access.reach(May.MANAGE).whole


def _refuse_outlets(request: HttpRequest) -> None:
    if not _keeps(request):
        raise Http404


@page(May.SEE_SETUP, scope=Scope.COMPANY, audit=None, rate="page")
def faults(request: HttpRequest) -> HttpResponse:
    """The tree of faults, in its order."""
    return _faults(request)


def _faults(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    rows = [(row, min(row.path.count("/") - 2, 3)) for row in queries.faults(request.access.company_id)]
    groups: dict[str, list[tuple[Fault, int]]] = {}
    for row, depth in rows:
        groups.setdefault(row.category, []).append((row, depth))
    context = {"groups": list(groups.items()), "may_manage": _keeps(request), "refusal": refusal}
    return show(request, "workorders/faults.html", context, status=refusal.status if refusal else 200)


@page(May.MANAGE, "POST", scope=Scope.COMPANY, audit=("workorders:fault:added", "workorders:check:added"), rate="write")  # fmt: skip
def foundation(request: HttpRequest) -> HttpResponse:
    """Begin with the tree and the lists that come with the program."""
    try:
        operations.found_setup(by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _faults(request, refusal)
    messages.success(request, __("Fault tree and check lists are there; change them as you like."))
    return go("workorders:faults")


@page(May.MANAGE, "GET", "POST", scope=Scope.COMPANY, audit="workorders:fault:added", rate="write")
def fault_new(request: HttpRequest) -> HttpResponse:
    """Add a fault; `?below=` chooses where."""
    below = request.GET.get("below", "")
    initial: dict[str, Any] = {}
    if below.isdecimal() and len(below) < 19:
        above = Fault.objects.filter(company_id=request.access.company_id, pk=int(below)).first()
        initial = {"parent": above.pk, "category": above.category} if above else {}
    return _fault_form(request, None, FaultForm(request.access, None, request.POST or None, initial=initial))


@page(May.MANAGE, "GET", "POST", scope=Scope.COMPANY, audit="workorders:fault:changed", rate="write")
def fault(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a fault."""
    _refuse_outlets(request)
    found = get_object_or_404(Fault, pk=pk, retired_at__isnull=True)
    initial = {name: getattr(found, name) for name in FaultForm.base_fields if name != "parent"} | {"parent": found.parent_id}  # fmt: skip
    return _fault_form(request, found, FaultForm(request.access, found, request.POST or None, initial=initial))  # fmt: skip


def _fault_form(request: HttpRequest, found: Fault | None, form: FaultForm) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            operations.keep_fault(found, form.cleaned_data, by=request.access, at=timezone.now())
            messages.success(request, __("Saved."))
            return go("workorders:faults")
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    context = {"form": form, "fault": found}
    return show(request, "workorders/fault_form.html", context, status=422 if form.is_bound else 200)


@page(May.MANAGE, "POST", scope=Scope.COMPANY, audit="workorders:fault:retired", rate="write")
def fault_retire(request: HttpRequest, pk: int) -> HttpResponse:
    """No longer chosen, with all below it; orders that name it keep it."""
    _refuse_outlets(request)
    operations.retire_fault(get_object_or_404(Fault, pk=pk), by=request.access, at=timezone.now())
    return go("workorders:faults")


@page(May.SEE_SETUP, scope=Scope.COMPANY, audit=None, rate="page")
def checks(request: HttpRequest) -> HttpResponse:
    """The check lists, by kind of work and product."""
    rows = Check.objects.filter(company_id=request.access.company_id, retired_at__isnull=True)
    lists: dict[tuple[str, str], list[Check]] = {}
    for row in rows.order_by("kind", "category", "position", "id"):
        lists.setdefault((row.kind, row.category), []).append(row)
    order = {kind: place for place, kind in enumerate(Kind.values)}
    shown = [
        (Kind(kind).label, category, lines)
        for (kind, category), lines in sorted(
            lists.items(), key=lambda each: (order[each[0][0]], each[0][1] != "", each[0][1])
        )
    ]
    return show(request, "workorders/checks_setup.html", {"lists": shown, "may_manage": _keeps(request)})


@page(May.MANAGE, "GET", "POST", scope=Scope.COMPANY, audit="workorders:check:added", rate="write")
def check_new(request: HttpRequest) -> HttpResponse:
    return _check_form(request, None, CheckForm(request.POST or None))


@page(May.MANAGE, "GET", "POST", scope=Scope.COMPANY, audit="workorders:check:changed", rate="write")
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a line anew; what orders have answered stays with the line they answered."""
    _refuse_outlets(request)
    found = get_object_or_404(Check, pk=pk, retired_at__isnull=True)
    initial = {name: getattr(found, name) for name in CheckForm.base_fields}
    return _check_form(request, found, CheckForm(request.POST or None, initial=initial))


def _check_form(request: HttpRequest, found: Check | None, form: CheckForm) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            operations.keep_check(found, form.cleaned_data, by=request.access, at=timezone.now())
            messages.success(request, __("Saved."))
            return go("workorders:check-lists")
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    context = {"form": form, "check": found}
    return show(request, "workorders/checks_setup_form.html", context, status=422 if form.is_bound else 200)


@page(May.MANAGE, "POST", scope=Scope.COMPANY, audit="workorders:check:retired", rate="write")
def check_retire(request: HttpRequest, pk: int) -> HttpResponse:
    """A line is no longer asked."""
    _refuse_outlets(request)
    operations.retire_check(get_object_or_404(Check, pk=pk, retired_at__isnull=True), by=request.access, at=timezone.now())  # fmt: skip
    return go("workorders:check-lists")


@page(May.MANAGE, "POST", scope=Scope.COMPANY, audit=("workorders:check:moved", ""), rate="write")
def check_place(request: HttpRequest, pk: int) -> HttpResponse:
    """One place up or down."""
    _refuse_outlets(request)
    found = get_object_or_404(Check, pk=pk, retired_at__isnull=True)
    operations.move_check(found, request.POST.get("up") == "1", by=request.access, at=timezone.now())
    return go("workorders:check-lists")


@page(May.SEE_SETUP, scope=Scope.COMPANY, audit=None, rate="page")
def flows(request: HttpRequest) -> HttpResponse:
    """Every kind of work in its steps, and what each needs before it counts as done, with the clause that asks for it."""
    book, today, words = queries.book(request.access.company_id), timezone.localdate(), language()
    own = book.parameters["own_gates"]
    kinds = []
    for kind in Kind:
        steps = rules.flow(kind, book, today)
        told = [
            (step, flow.label(step), step.instruction[words], [(book.word(gate, words), flow.cited(dated.clause), dated.parameter == own.name) for gate, dated in rules.gates(kind, step.code, book, today).items()])
            for step in steps
        ]  # fmt: skip
        kinds.append((kind.label, kind.value, flow.clause(steps[0]), told))
    context = {"kinds": kinds, "edition": book.edition, "may_change": request.access.may(ADOPT)}
    return show(request, "workorders/flows.html", context)


@page(ADOPT, "GET", "POST", scope=Scope.COMPANY, audit=("regulations:edition:adopted", ""), rate="write")
def own_gates(request: HttpRequest) -> HttpResponse:
    """What the company asks for besides the regulations, as an edition of its own; what the regulations ask for stays."""
    company, today = request.access.company_id, timezone.localdate()
    form = GatesForm(
        queries.book(company), today, request.POST or None,
        initial={"since": today, "edition": f"{today.year}.{Edition.objects.filter(company_id=company, book=flow.BOOK).count() + 1}"},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["edition"]
        if Edition.objects.filter(company_id=company, book=flow.BOOK, edition=name).exists() or name == edition_in_force(company, flow.BOOK).edition:  # fmt: skip
            form.add_error("edition", __("There is already an edition of this name; choose another."))
        else:
            try:
                operations.keep_own_gates(form.gates(), form.cleaned_data["since"], edition=name, by=request.access, at=timezone.now())  # fmt: skip
                messages.success(request, __("Orders made from that day on are asked for this."))
                return go("workorders:flows")
            except Refusal as refusal:
                form.add_error(None, str(refusal))
    return show(request, "workorders/own_gates.html", {"form": form}, status=422 if form.errors else 200)
