"""Back-tests: begin one, see how far it is and what it comes to, look at a decision both ways."""

from typing import Any

from django.contrib import messages
from django.db.models import OuterRef, Q, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from sanbao.audit import operations as audit
from sanbao.backtests import operations, queries, reading, report, running
from sanbao.backtests.deciding import MONEY
from sanbao.backtests.forms import BackTestForm
from sanbao.backtests.models import BackTest, Difference
from sanbao.backtests.permissions import May
from sanbao.decisions.words import QUESTIONS, word
from sanbao.outlets.models import Outlet
from sanbao.ui.filters import Choice, Month, Reference, Search
from sanbao.ui.formats import language
from sanbao.ui.links import page_of
from sanbao.ui.lists import XLSX, Column, List, Tab
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal
from sanbao_rules.periods import add_months

TONES = {"waiting": "orange", "running": "blue", "done": "green", "stopped": "secondary", "failed": "red"}
SHOWN_OUTLETS = 100

BACKTESTS = List(
    "backtests",
    columns=(
        Column(
            "id", _("Back-test"), value=lambda t: str(t), sort="pk",
            link=lambda t: reverse("backtests:backtest", args=[t.pk]),
        ),
        Column("what", _("Way of trying"), value="get_what_display"),
        Column("state", _("State"), kind="badge", value="get_state_display", tone=lambda t: TONES[t.state]),
        Column("records", _("Decided again"), kind="number"),
        Column("differing", _("Differ"), kind="number"),
        Column("undecided", _("Can't be decided"), kind="number"),
        Column("money", _("Outlets get more"), kind="amount"),
        Column("customer_money", _("Customers pay more"), kind="amount", shown=False),
        Column("made_at", _("Asked for on"), kind="date"),
        Column("made_by", _("By"), value="made_by"),
    ),
    filters=(
        Choice("what", _("Way of trying"), BackTest.What.choices),
        Choice("state", _("State"), BackTest.State.choices),
    ),
    tabs=(Tab("all", _("All")),),
)  # fmt: skip


@page(May.SEE, scope=Scope.COMPANY, audit="backtests:backtests:exported", rate="page")
def backtests(request: HttpRequest) -> HttpResponse:
    """What was decided again, newest first."""
    listing = BACKTESTS.of(request, queries.backtests(request.access).defer("content", "edition__content", "base__content"))  # fmt: skip
    if listing.wants_export:
        return listing.export(__("Back-tests"))
    context = {"list": listing, "may_make": request.access.may(May.MAKE)}
    return show(request, "backtests/backtests.html", context, parts=["list"])


@page(May.MAKE, "GET", "POST", scope=Scope.COMPANY, audit=("backtests:backtest:begun", ""), rate="write")
def new(request: HttpRequest) -> HttpResponse:
    """Choose the book, the months and the kinds; first see how many records there are, then begin."""
    asked = request.POST if request.method == "POST" else request.GET if "against" in request.GET else None
    last = add_months(timezone.localdate().replace(day=1), -1)
    initial = {"first_month": add_months(last, -11), "last_month": last, "how": "as-if", "against": request.GET.get("try", "")}  # fmt: skip
    form = BackTestForm(request.access, asked, initial=initial)
    status, estimate = 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            at = timezone.now()
            try:
                made = operations.begin(form.candidate(), **form.period(), by=request.access, at=at)
            except Refusal as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            else:
                _say(request, made, is_new=made.made_at == at)
                return go("backtests:backtest", made.pk)
    elif form.is_bound and form.is_valid():
        estimate = _estimate(form)
    context = {"form": form, "estimate": estimate, "crumbs": _crumbs()}
    return show(request, "backtests/new.html", context, status=status)


def _say(request: HttpRequest, made: BackTest, *, is_new: bool) -> None:
    if is_new:
        messages.success(request, __("It is handed over to the worker; this page shows how far it is."))
    elif made.is_open:
        messages.info(request, __("The same is being decided again already: here it is."))
    else:
        messages.info(request, __("This was decided again already, and nothing has been decided since: here it is."))  # fmt: skip


def _estimate(form: BackTestForm) -> dict[str, Any] | None:
    """How many records the period has, before anything is begun."""
    try:
        drafted = operations.drafted(form.candidate(), **form.period(), by=form.access, at=timezone.now())
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return None
    records, sheets, is_more = reading.counted(reading.parameters(drafted))
    return {"records": records, "sheets": sheets, "is_more": is_more, "on": drafted.on, "changes": queries.changes(drafted, language())}  # fmt: skip


def _crumbs() -> list[tuple[str, str]]:
    return [(__("Back-tests"), reverse("backtests:list"))]


def _found(request: HttpRequest, pk: int) -> BackTest:
    return get_object_or_404(queries.backtests(request.access), pk=pk)


@page(May.SEE, scope=Scope.COMPANY, audit=None, rate="page")
def backtest(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is; and when it is through, what the period would have come to."""
    found = _found(request, pk)
    if request.htmx and not found.is_open:
        response = HttpResponse()
        response.headers["HX-Refresh"] = "true"  # the worker is through: the page shows what came out
        return response
    return _shown(request, found)


def _shown(request: HttpRequest, found: BackTest, refusal: Refusal | None = None) -> HttpResponse:
    context: dict[str, Any] = {
        "test": found, "tone": TONES[found.state], "refusal": refusal, "crumbs": _crumbs(), "kinds": queries.kind_words(found),
        "title": queries.book_title(found.book, language()) if found.book else "", "may_make": request.access.may(May.MAKE),
    }  # fmt: skip
    if found.is_open:
        context["is_idle"] = found.state == BackTest.State.RUNNING and running.nobody_at_work(found)
    if found.state == BackTest.State.DONE:
        more, less, concerned = queries.count_outlets(found)
        outlets = queries.by_outlet(found, SHOWN_OUTLETS + 1)
        context |= {
            "questions": queries.by_question(found), "months": queries.by_month(found), "steps": queries.by_step(found, language()),
            "verdicts": queries.by_verdict(found), "outlets": outlets[:SHOWN_OUTLETS], "is_more": len(outlets) > SHOWN_OUTLETS,
            "outlets_more": more, "outlets_less": less, "outlets_concerned": concerned, "left_out": queries.left_out(found),
            "problems": queries.problems(found), "broken": queries.edition_words(found.broken), "is_behind": operations.is_behind(found),
            "summary": queries.summary(found),
        }  # fmt: skip
    status = refusal.status if refusal else 200
    return show(request, "backtests/backtest.html", context, status=status, parts=["progress"])


@page(May.MAKE, "POST", scope=Scope.COMPANY, audit="backtests:backtest:stopped", rate="write")
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """End it before it is through; what is done is kept."""
    return _moved(request, pk, operations.stop, __("It ends with the piece at hand; it can go on later."))


@page(May.MAKE, "POST", scope=Scope.COMPANY, audit="backtests:backtest:resumed", rate="write")
def go_on(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on where it ended."""
    return _moved(request, pk, operations.go_on, __("It goes on where it ended."))


@page(May.MAKE, "POST", scope=Scope.COMPANY, audit="backtests:backtest:begun", rate="write")
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """The same once more, with what was decided since."""
    return _moved(request, pk, operations.again, __("It is handed over to the worker; this page shows how far it is."))  # fmt: skip


def _moved(request: HttpRequest, pk: int, do: Any, said: str) -> HttpResponse:
    found = _found(request, pk)
    try:
        made = do(found, by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _shown(request, _found(request, pk), refusal)
    messages.success(request, said)
    return go("backtests:backtest", made.pk)


@page(May.SEE, scope=Scope.COMPANY, audit="backtests:backtest:exported", rate="export")
def pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The report on paper."""
    return _file(request, pk, "pdf", "application/pdf")


@page(May.SEE, scope=Scope.COMPANY, audit="backtests:backtest:exported", rate="export")
def xlsx(request: HttpRequest, pk: int) -> HttpResponse:
    """The report as a workbook."""
    return _file(request, pk, "xlsx", XLSX)


def _file(request: HttpRequest, pk: int, ending: str, kind: str) -> HttpResponse:
    """The report as a file; every copy that leaves is in the event log."""
    found = _found(request, pk)
    if found.state != BackTest.State.DONE:
        raise Http404
    make = report.as_pdf if ending == "pdf" else report.as_xlsx
    taker = f"{request.access.name} {request.access.request}".strip()
    content = make(found, language(), at=timezone.now(), by=taker)
    audit.handed_out("backtests:backtest:exported", found, request, kind=ending)
    response = HttpResponse(content, content_type=kind)
    name = f"{__('Back-test')}-{found}.{ending}"
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _outlet_name(request: HttpRequest, number: int) -> str:
    outlet = Outlet.objects.visible_to(request.access, May.SEE).filter(pk=number).first()
    return outlet.code if outlet else f"#{number}"


DIFFERENCES = List(
    "differences",
    columns=(
        Column(
            "decision", _("Stored decision"), value=lambda d: word(d.question),
            link=lambda d: reverse("backtests:difference", args=[d.pk]),
        ),
        Column("outlet", _("Outlet"), value="outlet_code"),
        Column("month", _("Month"), kind="month", sort="month"),
        Column("kind", _("Difference"), kind="badge", value="get_kind_display",
               tone=lambda d: "orange" if d.kind == Difference.Kind.UNDECIDED else "secondary"),
        Column("money", _("More or less"), kind="amount", sort="money", value=lambda d: d.money if d.question in MONEY else None),
    ),
    filters=(
        Search("q", _("Outlet"), where_of=lambda text: _of_outlets(text)),
        Choice("question", _("Question"), list(QUESTIONS.items())),
        Choice("kind", _("Difference"), Difference.Kind.choices),
        Month("month", _("Month")),
        Reference("outlet", _("Outlet"), field="outlet_id", name=_outlet_name),
    ),
    tabs=(Tab("all", _("All")),),
    order="money",
)  # fmt: skip


def _of_outlets(text: str) -> Q:
    named = Outlet.objects.filter(Q(code__icontains=text) | Q(name__icontains=text))
    return Q(outlet_id__in=named.values("pk"))


@page(May.SEE, scope=Scope.COMPANY, audit="backtests:differences:exported", rate="page")
def differences(request: HttpRequest, pk: int) -> HttpResponse:
    """Every decision that would be another one, who would get least first."""
    found = _found(request, pk)
    code = Outlet.objects.filter(pk=OuterRef("outlet_id")).values("code")[:1]
    rows = Difference.objects.visible_to(request.access, May.SEE).filter(backtest=found)
    listing = DIFFERENCES.of(request, rows.annotate(outlet_code=Subquery(code)).defer("answer"))
    if listing.wants_export:
        return listing.export(f"{__('Differences')} {found}")
    context = {"list": listing, "test": found, "crumbs": [*_crumbs(), (str(found), reverse("backtests:backtest", args=[found.pk]))]}  # fmt: skip
    return show(request, "backtests/differences.html", context, parts=["list"])


@page(May.SEE, scope=Scope.COMPANY, audit=None, rate="page")
def difference(request: HttpRequest, pk: int) -> HttpResponse:
    """One decision as it is and as it would be, with both whys."""
    found = get_object_or_404(queries.differences(request.access), pk=pk)
    decision, test = found.decision, found.backtest
    outlet = Outlet.objects.filter(pk=found.outlet_id).first() if found.outlet_id else None
    context = {
        "difference": found, "test": test, "decision": decision, "outlet": outlet, "question": word(found.question),
        "compared": queries.compare(found, language(), request.access), "is_money": found.question in MONEY,
        "about_url": page_of(decision.thing, decision.thing_id, request.access),
        "decision_url": page_of("decisions.decision", decision.pk, request.access),
        "crumbs": [
            *_crumbs(),
            (str(test), reverse("backtests:backtest", args=[test.pk])),
            (__("Differences"), reverse("backtests:differences", args=[test.pk])),
        ],
    }  # fmt: skip
    return show(request, "backtests/difference.html", context)
