"""Measures: the list, one measure with its story, opening, proposing, carrying out, reviewing; the printed sheet."""

import re
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sanbao.audit import operations as audit
from sanbao.audit.queries import about
from sanbao.audit.words import word
from sanbao.decisions.queries import whys
from sanbao.files import operations as files
from sanbao.improvements import operations, queries
from sanbao.improvements.forms import (
    AcceptForm,
    AttachForm,
    ChangeForm,
    FinishForm,
    MeasureForm,
    ProposalForm,
    ReasonForm,
    ReviewForm,
)
from sanbao.improvements.models import Attachment, Measure, SourceKind
from sanbao.improvements.permissions import May
from sanbao.improvements.states import ENDED, TONES, UNDER_WAY, State
from sanbao.outlets.queries import outlet_choices
from sanbao.products.facts import categories
from sanbao.ui.formats import language
from sanbao.ui.lists import Choice, Column, Days, List, Search, Tab
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.readers import values
from sanbao.ui.refusal import Refusal
from sanbao.ui.seen import held

_CHANGED = ("title", "problem", "cause", "remedy", "due_on", "figure", "figure_before", "figure_target")


def _products(request: HttpRequest) -> list[tuple[str, str]]:
    return categories(request.access.company_id, timezone.localdate(), language())


def _outlets(request: HttpRequest) -> list[tuple[int, str]]:
    return outlet_choices(request.access, May.SEE)


def _mine(request: HttpRequest) -> Q:
    return Q(owner_id=request.access.person_id, state__in=UNDER_WAY)


def _overdue(request: HttpRequest) -> Q:
    return queries.overdue(timezone.localdate())


def _to_review(request: HttpRequest) -> Q:
    return queries.to_review(timezone.localdate())


def _link(measure: Measure) -> str:
    return reverse("improvements:measure", args=[measure.pk])


def _owner(measure: Measure) -> str:
    return measure.owner.name if measure.owner else ""


def _place(measure: Measure) -> str:
    return measure.outlet.code if measure.outlet else gettext("whole company")


def _list(request: HttpRequest) -> List:
    products = dict(_products(request))
    return List(
        "measures",
        columns=(
            Column("number", _("Number"), kind="code", link=_link),
            Column("title", _("Title"), link=_link),
            Column("source", _("Found by"), value="get_source_kind_display"),
            Column("place", _("Outlet"), value=_place),
            Column("product_line", _("Product category"), value=lambda m: products.get(m.product_line, m.product_line), shown=False),
            Column("owner", _("Person in charge"), value=_owner),
            Column("due_on", _("Due on"), kind="date", sort="due_on"),
            Column("state", _("State"), kind="badge", value="get_state_display", tone=lambda m: TONES[State(m.state)]),
            Column("round", _("Try"), kind="number", shown=False),
            Column("done_at", _("Done"), kind="date", shown=False),
            Column("review_on", _("Effect reviewed on"), kind="date", shown=False),
            Column("opened_at", _("Opened"), kind="date", sort="id"),
        ),
        filters=(
            Search("q", _("Search"), ("number__iexact", "title__icontains", "problem__icontains")),
            Choice("source", _("Found by"), SourceKind.choices, field="source_kind"),
            Choice("outlet", _("Outlet"), _outlets, field="outlet_id"),
            Choice("product", _("Product category"), _products, field="product_line"),
            Days("due", _("Due on"), field="due_on"),
        ),
        tabs=(
            Tab("open", _("Under way"), Q(state__in=UNDER_WAY)),
            Tab("mine", _("In my charge"), _mine),
            Tab("overdue", _("Overdue"), _overdue),
            Tab("review", _("To be reviewed"), _to_review),
            Tab("proposed", _("Proposed"), Q(state=State.PROPOSED)),
            Tab("ended", _("Ended"), Q(state__in=ENDED)),
            Tab("all", _("All")),
        ),
        order="-opened_at",
    )  # fmt: skip


@page(May.SEE, scope=Scope.PLACES, audit="improvements:measures:exported", rate="page")
def measures(request: HttpRequest) -> HttpResponse:
    """What is being improved, by whom and until when (DP-6)."""
    listing = _list(request).of(request, queries.measures(request.access))
    if listing.wants_export:
        return listing.export(gettext("Improvement measures"))
    context = {
        "list": listing,
        "may_open": request.access.may(May.OPEN),
        "may_propose": request.access.may(May.WORK),
    }
    return show(request, "improvements/measures.html", context, parts=["list"])


def _crumbs(measure: Measure | None = None) -> list[tuple[str, str]]:
    crumbs = [(gettext("Improvements"), reverse("improvements:measures"))]
    return [*crumbs, (measure.number, _link(measure))] if measure else crumbs


def _beside(form: Any, refusal: Refusal) -> None:
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)


def _from_link(request: HttpRequest) -> dict[str, Any]:
    """What the page that leads here has filled in already."""
    given = {
        name: values.text(request.GET.get(name, "").replace("\0", ""), 10**6)[:most]
        for name, most in queries.GIVEN.items()
    }
    numbers = {name for name in ("outlet", "source_pk") if not re.fullmatch(r"[0-9]{1,18}", given[name])}
    return {name: text for name, text in given.items() if text and name not in numbers}


@page(May.OPEN, "GET", "POST", scope=Scope.PLACES, audit="improvements:measure:opened", rate="write")
def add(request: HttpRequest) -> HttpResponse:
    """Open a measure by hand, or from the page of what it was found by (queries.opening_url)."""
    form = MeasureForm(
        request.access, _products(request), timezone.localdate(), request.POST or None, initial=_from_link(request)
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        told = dict(form.cleaned_data)
        try:
            made = operations.open_measure(
                told.pop("title"), told.pop("problem"), told.pop("cause"), **told, by=request.access, at=timezone.now()
            )  # fmt: skip
        except Refusal as refusal:
            _beside(form, refusal)
        else:
            return go("improvements:measure", made.pk)
    context = {"form": form, "crumbs": _crumbs(), "proposal": False}
    return show(request, "improvements/measure_form.html", context, status=form.status)


@page(May.WORK, "GET", "POST", scope=Scope.PLACES, audit="improvements:measure:proposed", rate="write")
def propose(request: HttpRequest) -> HttpResponse:
    """Propose an improvement (CO-8)."""
    form = ProposalForm(request.access, _products(request), request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = operations.propose(**form.cleaned_data, by=request.access, at=timezone.now())
        except Refusal as refusal:
            _beside(form, refusal)
        else:
            return go("improvements:measure", made.pk)
    context = {"form": form, "crumbs": _crumbs(), "proposal": True}
    return show(request, "improvements/measure_form.html", context, status=form.status)


def _found(request: HttpRequest, pk: int, permission: str = May.SEE) -> Measure:
    rows = Measure.objects.visible_to(request.access, permission)
    found: Measure = get_object_or_404(
        rows.select_related(
            "company", "outlet", "owner", "opened_by", "done_by", "ended_by", "review_decision"
        ),
        pk=pk,
    )
    return found


@page(May.SEE, scope=Scope.PLACES, audit=None, rate="page")
def measure(request: HttpRequest, pk: int) -> HttpResponse:
    """One measure: problem, cause, what is done, and whether it helped."""
    return _shown(request, _found(request, pk))


def _shown(
    request: HttpRequest, found: Measure, refusal: Refusal | None = None, **forms: Any
) -> HttpResponse:
    access, today = request.access, timezone.localdate()
    opens = found.pk if Measure.objects.visible_to(access, May.OPEN).filter(pk=found.pk).exists() else None
    own = found.owner_id == access.person_id
    reviews = list(found.reviews.select_related("by", "done_by", "owner").order_by("-round"))
    may_finish = found.state == State.OPEN and access.may(May.WORK) and (own or opens is not None)
    may_review = (
        found.state == State.DONE
        and access.may(May.REVIEW)
        and access.person_id not in (found.owner_id, found.done_by_id)
    )
    decided = [found.review_decision] if found.review_decision else []
    context = {
        "measure": found,
        "review_why": next(iter(whys(decided, language(), access)), None),
        "tone": TONES[State(found.state)],
        "product": dict(_products(request)).get(found.product_line, found.product_line),
        "steps": _steps(found, reviews),
        "reviews": reviews,
        "attachments": list(found.attachments.select_related("file", "added_by").order_by("id")),
        "is_late": found.state == State.OPEN and found.due_on is not None and found.due_on < today,
        "may_change": found.state == State.OPEN and opens is not None,
        "may_decide": found.state == State.PROPOSED and opens is not None,
        "may_withdraw": found.state in UNDER_WAY and opens is not None,
        "may_finish": may_finish,
        "may_attach": found.state in UNDER_WAY and access.may(May.WORK) and (own or opens is not None),
        "may_review": may_review,
        "waits_for_another": found.state == State.DONE and not may_review and access.may(May.REVIEW),
        "accept_form": forms.get("accept") or (AcceptForm(access, found.outlet_id, today) if opens else None),
        "finish_form": forms.get("finish") or FinishForm(initial={"cause": found.cause}),
        "attach_form": forms.get("attach") or AttachForm(),
        "review_form": forms.get("review")
        or ReviewForm(initial={"figure": found.figure, "before": found.figure_before}),
        "events": [
            {"what": word(event.action), "who": event.by.name if event.by else "", "at": event.at, "text": event.details.get("reason") or ""}
            for event in about(found)[:30]
        ],
        "refusal": refusal,
        "crumbs": _crumbs(),
    }  # fmt: skip
    bad = any(form is not None and form.errors for form in forms.values())
    status = refusal.status if refusal else 422 if bad else 200
    return show(request, "improvements/measure.html", context, status=status)


def _steps(found: Measure, reviews: list[Any]) -> list[dict[str, Any]]:
    """The step bar of the present try."""
    stopped = found.state in (State.DECLINED, State.WITHDRAWN)
    reached = {State.PROPOSED: 0, State.OPEN: 1, State.DONE: 2}.get(State(found.state), 3)
    done_by = found.done_by.name if found.done_by else ""
    told = [
        (gettext("Problem found"), found.opened_by.name, found.opened_at),
        (gettext("Under way"), _owner(found), None),
        (gettext("Done"), done_by, found.done_at),
        (gettext("Effect reviewed"), found.ended_by.name if found.ended_by and not stopped else "", found.ended_at if not stopped else None),
    ]  # fmt: skip
    if stopped:
        end = {"label": found.get_state_display(), "state": "stopped", "who": found.ended_by.name if found.ended_by else "", "at": found.ended_at}  # fmt: skip
        return [{"label": told[0][0], "state": "done", "who": told[0][1], "at": told[0][2]}, end]
    states = [
        "done" if at < reached or reached == 3 else "now" if at == reached else "todo" for at in range(4)
    ]
    if found.state == State.OPEN:
        states[0] = "done"
    return [
        {"label": label, "state": state, "who": who, "at": at}
        for (label, who, at), state in zip(told, states, strict=True)
    ]


def _version(request: HttpRequest) -> int | None:
    typed = request.POST.get("version", "")
    return int(typed) if typed.isdecimal() and len(typed) < 9 else None


@page(May.OPEN, "GET", "POST", scope=Scope.PLACES, audit="improvements:measure:changed", rate="write")
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a measure under way."""
    found = get_object_or_404(held(Measure.objects.visible_to(request.access, May.OPEN), request), pk=pk)
    initial = {name: getattr(found, name) for name in _CHANGED} | {"owner": found.owner_id}
    form = ChangeForm(
        request.access, found.outlet_id, timezone.localdate(), request.POST or None, initial=initial
    )
    if request.method == "POST" and form.is_valid():
        try:
            operations.amend(found, **form.cleaned_data, by=request.access, at=timezone.now())
        except Refusal as refusal:
            _beside(form, refusal)
        else:
            return go("improvements:measure", pk)
    context = {"form": form, "measure": found, "crumbs": _crumbs(found)}
    return show(request, "improvements/measure_form.html", context, status=form.status)


def _done(request: HttpRequest, found: Measure, name: str, form: Any, operation: Any) -> HttpResponse:
    """Ask the operation with what the form read; what is refused is shown with the measure."""
    try:
        operation(version=_version(request), by=request.access, at=timezone.now())
    except Refusal as refusal:
        if refusal.field and refusal.field in form.fields:
            _beside(form, refusal)
            return _shown(request, _found(request, found.pk), **{name: form})
        return _shown(request, _found(request, found.pk), refusal)
    messages.success(request, gettext("Done."))
    return go("improvements:measure", found.pk)


@page(May.OPEN, "POST", scope=Scope.PLACES, audit="improvements:measure:accepted", rate="write")
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a proposal up."""
    found = _found(request, pk, May.OPEN)
    form = AcceptForm(request.access, found.outlet_id, timezone.localdate(), request.POST)
    if not form.is_valid():
        return _shown(request, found, accept=form)
    return _done(
        request, found, "accept", form, lambda **now: operations.accept(found, **form.cleaned_data, **now)
    )


def _with_reason(request: HttpRequest, pk: int, operation: Any) -> HttpResponse:
    found, form = _found(request, pk, May.OPEN), ReasonForm(request.POST)
    if not form.is_valid():
        return _shown(request, found, Refusal(gettext("Say why: the reason stays with it."), field="reason"))
    return _done(
        request, found, "reason", form, lambda **now: operation(found, form.cleaned_data["reason"], **now)
    )


@page(May.OPEN, "POST", scope=Scope.PLACES, audit="improvements:measure:declined", rate="write")
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    """Say no to a proposal."""
    return _with_reason(request, pk, operations.decline)


@page(May.OPEN, "POST", scope=Scope.PLACES, audit="improvements:measure:withdrawn", rate="write")
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a measure up."""
    return _with_reason(request, pk, operations.withdraw)


@page(May.WORK, "POST", scope=Scope.PLACES, audit="improvements:measure:done", rate="upload")
def finish(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what was done."""
    found, form = _found(request, pk, May.WORK), FinishForm(request.POST, request.FILES)
    if not form.is_valid():
        return _shown(request, found, finish=form)
    told = form.cleaned_data
    attached = [(told["file"].read(), told["file"].name)] if told["file"] else []
    return _done(
        request, found, "finish", form,
        lambda **now: operations.finish(found, told["note"], cause=told["cause"], attached=attached, **now),
    )  # fmt: skip


@page(May.WORK, "POST", scope=Scope.PLACES, audit="improvements:measure:attached", rate="upload")
def attach(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a file with it."""
    found, form = _found(request, pk, May.WORK), AttachForm(request.POST, request.FILES)
    if not form.is_valid():
        return _shown(request, found, attach=form)
    file = form.cleaned_data["file"]

    def put(version: int | None, **now: Any) -> None:
        operations.attach(found, file.read(), file.name, label=form.cleaned_data["label"], **now)

    return _done(request, found, "attach", form, put)


@page(May.SEE, scope=Scope.PLACES, audit=None, rate="export")
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """A file of a measure."""
    rows = Attachment.objects.visible_to(request.access, May.SEE).select_related("file")
    return files.download(get_object_or_404(rows, pk=pk).file)


@page(May.REVIEW, "POST", scope=Scope.PLACES, audit="improvements:measure:reviewed", rate="write")
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """Say whether it helped."""
    found, form = _found(request, pk, May.REVIEW), ReviewForm(request.POST)
    if not form.is_valid():
        return _shown(request, found, review=form)
    return _done(
        request, found, "review", form, lambda **now: operations.review(found, **form.cleaned_data, **now)
    )


@page(May.SEE, scope=Scope.PLACES, audit="improvements:measure:printed", rate="export")
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The controlled sheet of a measure as PDF (RW-8)."""
    from sanbao.improvements.printing import measure_pdf  # loaded by who prints

    found = _found(request, pk)
    content = measure_pdf(found, by=request.access, at=timezone.now(), said=language())
    audit.handed_out("improvements:measure:printed", found, request)
    response = HttpResponse(content, content_type="application/pdf")
    name = f"{gettext('Improvement sheet')} {found.number}.pdf"
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
