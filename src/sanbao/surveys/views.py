"""Results, answers, invitations, campaigns, questionnaires, published results, and paper."""

from datetime import date, timedelta
from typing import Any

from django import forms
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
from sanbao.decisions.queries import whys
from sanbao.improvements import queries as improvements
from sanbao.improvements.permissions import May as Improve
from sanbao.outlets.queries import outlet_choices
from sanbao.products.facts import categories
from sanbao.regulations.queries import book_in_force
from sanbao.surveys import operations, queries
from sanbao.surveys.forms import (
    AnswerForm,
    CampaignForm,
    CutForm,
    HeadForm,
    LookForm,
    PaperForm,
    PublishForm,
    QuestionForm,
    QuestionnaireForm,
)
from sanbao.surveys.models import (
    Campaign,
    Invitation,
    Publication,
    Question,
    Questionnaire,
    Response,
    Version,
)
from sanbao.surveys.operations import Told
from sanbao.surveys.operations.answering import shown_answers
from sanbao.surveys.permissions import May
from sanbao.surveys.printing import XLSX, questionnaire_pdf, results_workbook
from sanbao.surveys.queries import Cut
from sanbao.ui.formats import language
from sanbao.ui.lists import Choice, Column, Days, List, Search, Tab, exported_by
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal
from sanbao.ui.seen import held
from sanbao.workorders.models import Order
from sanbao.workorders.states import Kind
from sanbao_rules import surveys as rules

INVITED = {
    "planned": "secondary",
    "sent": "azure",
    "answered": "green",
    "expired": "secondary",
    "skipped": "yellow",
}
CAMPAIGNS = {"draft": "secondary", "running": "azure", "ended": "green"}
VERSIONS = {"draft": "secondary", "published": "green", "replaced": "secondary"}


def _products(request: HttpRequest) -> list[tuple[str, str]]:
    return categories(request.access.company_id, timezone.localdate(), language())


def _beside(form: Any, refusal: Refusal) -> None:
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)


def _outlets(request: HttpRequest) -> list[tuple[int, str]]:
    return outlet_choices(request.access, May.SEE)


# Results


def _cut(request: HttpRequest) -> tuple[CutForm, Cut]:
    """Which answers: as asked for, else those of the last twelve months."""
    today = timezone.localdate()
    usual = {"first_day": (today - timedelta(days=365)).isoformat(), "last_day": today.isoformat()}
    asked = {name: value for name, value in request.GET.items() if value}
    form = CutForm(request.access, _products(request), usual | asked)
    given = form.cleaned_data if form.is_valid() else {}
    first, last = given.get("first_day"), given.get("last_day")
    outlet = given.get("outlet")
    return form, Cut(
        first or today - timedelta(days=365), last or today, outlet_id=outlet.pk if outlet else None,
        category=given.get("category", ""), source=given.get("source", ""),
    )  # fmt: skip


def _tables(found: queries.Results, request: HttpRequest) -> list[tuple[Any, list[queries.Figures]]]:
    """The groups in the order of the page, with their words."""
    products, kinds = dict(_products(request)), dict(Kind.choices)
    words = {
        "month": _("By month"), "outlet": _("By outlet"), "engineer": _("By engineer"), "category": _("By product"), "kind": _("By kind of work"),
    }  # fmt: skip
    tables = []
    for group, heading in words.items():
        rows = []
        for row in found.groups.get(group, []):
            named = {"category": products, "kind": kinds}.get(group, {}).get(row.key, row.label)
            empty = gettext("headquarters") if group == "outlet" else gettext("not known")
            rows.append((str(named) or empty, row))
        tables.append((heading, rows))
    return tables


@page(May.SEE, scope=Scope.PLACES, audit=None, rate="page")
def results(request: HttpRequest) -> HttpResponse:
    """What customers say: by outlet, engineer, product, question and month, with response rate and margin (ST-5, MO-3)."""
    form, cut = _cut(request)
    today = timezone.localdate()
    found = queries.results(request.access, cut, today)
    context = {
        "form": form,
        "found": found,
        "answer": found.decision.answer,
        "sentences": _sentences(found, request),
        "tables": _tables(found, request),
        "sources": {"surveys": gettext("Surveys"), "ratings": gettext("Ratings on the order's page")},
        "comments": queries.comments(request.access, cut),
        "may_publish": request.access.may(May.PUBLISH),
        "query": request.GET.urlencode(),
    }
    status = 422 if form.errors and request.GET else 200
    return show(request, "surveys/results.html", context, status=200 if status == 422 else status)


def _sentences(found: queries.Results, request: HttpRequest) -> list[Any]:
    """The arithmetic behind rate and margin, as the rulebook tells it."""
    from sanbao_rules.explain import explain_all

    book = book_in_force(request.access.company_id, rules.BOOK)
    return explain_all(found.decision.reasons, {rules.BOOK: book}, language())


@page(May.SEE, scope=Scope.PLACES, audit="surveys:results:exported", rate="export")
def workbook(request: HttpRequest) -> HttpResponse:
    """The same as Excel; groups too small stay hidden."""
    _form, cut = _cut(request)
    found = queries.results(request.access, cut, timezone.localdate())
    reason = request.GET.get("reason", "").replace("\0", "").strip()[:200]
    note = exported_by(request.access, found.total.answers, reason)
    content = results_workbook(found, _tables(found, request), cut, note)
    audit.record(
        "surveys:results:exported", request.user, by=request.access, at=timezone.now(), rows=found.total.answers, reason=reason,
        first=cut.first_day.isoformat(), last=cut.last_day.isoformat(),
    )  # fmt: skip
    return _file(content, f"{gettext('Satisfaction')} {cut.first_day}–{cut.last_day}.xlsx", XLSX)


def _file(content: bytes, name: str, kind: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


# Answers


def _score(row: Response) -> str:
    return f"{row.score} ★"


def _number(row: Any) -> str:
    return (
        row.order.number if row.order else gettext("anonymous") if getattr(row, "anonymous", False) else "–"
    )


_ANSWERS = List(
    "responses",
    columns=(
        Column("answered_at", _("Filled in on"), kind="date", sort="id", link=lambda r: reverse("surveys:response", args=[r.pk])),
        Column("score", _("Score"), value=_score, link=lambda r: reverse("surveys:response", args=[r.pk])),
        Column("words", _("The customer's words")),
        Column("order", _("Work order"), kind="code", value=_number),
        Column("outlet", _("Outlet"), value=lambda r: r.outlet.code if r.outlet else ""),
        Column("engineer", _("Engineer"), value=lambda r: r.engineer.name if r.engineer else ""),
        Column("source", _("Way"), value="get_source_display"),
        Column("version", _("Questionnaire"), value=lambda r: str(r.version), shown=False),
        Column("looked_at", _("Looked into"), kind="date"),
    ),
    filters=(
        Search("q", _("Search"), ("words__icontains", "order__number__iexact")),
        Choice("outlet", _("Outlet"), _outlets, field="outlet_id"),
        Choice("score", _("Score"), [(n, f"{n} ★") for n in range(1, 6)]),
        Choice("source", _("Way"), Response.Source.choices),
        Days("answered", _("Filled in on"), field="answered_at", moments=True),
    ),
    tabs=(
        Tab("all", _("All")),
        Tab("low", _("To be looked into"), Q(low=True, looked_at__isnull=True, request__isnull=True)),
        Tab("call", _("Wish to be called"), Q(call_back=True)),
    ),
    order="-answered_at",
)  # fmt: skip


@page(May.SEE, scope=Scope.PLACES, audit="surveys:responses:exported", rate="page")
def responses(request: HttpRequest) -> HttpResponse:
    """The answers one by one; the low ones wait to be looked into."""
    rows = queries.responses(request.access).select_related(
        "order", "outlet", "engineer", "version__questionnaire"
    )
    listing = _ANSWERS.of(request, rows)
    if listing.wants_export:
        return listing.export(gettext("Answers to surveys"))
    context = {"list": listing, "may_enter": request.access.may(May.ENTER)}
    return show(request, "surveys/responses.html", context, parts=["list"])


def _answer(request: HttpRequest, pk: int, permission: str = May.SEE) -> Response:
    rows = Response.objects.visible_to(request.access, permission)
    related = (
        "order",
        "outlet",
        "engineer",
        "version__questionnaire",
        "request",
        "decision",
        "entered_by",
        "looked_by",
        "campaign",
    )
    found: Response = get_object_or_404(rows.select_related(*related), pk=pk)
    return found


@page(May.SEE, scope=Scope.PLACES, audit=None, rate="page")
def response(request: HttpRequest, pk: int) -> HttpResponse:
    """One answer, and what came of it."""
    return _answer_shown(request, _answer(request, pk))


def _answer_shown(
    request: HttpRequest, found: Response, refusal: Refusal | None = None, form: LookForm | None = None
) -> HttpResponse:
    decided = [found.decision] if found.decision else []
    may = request.access.may(May.ENTER)
    context = {
        "response": found,
        "said": [(one, _said(one)) for one in shown_answers(found)],
        "why": next(iter(whys(decided, language(), request.access)), None),
        "may_take_up": may and found.order is not None and found.request_id is None,
        "may_look": may and found.looked_at is None and (found.low or found.call_back),
        "form": form or LookForm(),
        "measures": improvements.of_source(request.access, "survey", found.pk) if request.access.may(Improve.SEE) else [],
        "open_measure": _measure_url(request, found),
        "refusal": refusal,
        "crumbs": [(gettext("Answers to surveys"), reverse("surveys:responses"))],
    }  # fmt: skip
    status = refusal.status if refusal else 422 if form is not None and form.errors else 200
    return show(request, "surveys/response.html", context, status=status)


def _measure_url(request: HttpRequest, found: Response) -> str:
    if not request.access.may(Improve.OPEN):
        return ""
    return improvements.opening_url(
        source_kind="survey", source_pk=found.pk, source_label=gettext("Survey of %(day)s") % {"day": timezone.localdate(found.answered_at)},
        source_path=reverse("surveys:response", args=[found.pk]), outlet=found.outlet_id, product_line=found.category,
    )  # fmt: skip


def _said(one: Any) -> str:
    if one.stars:
        return "★" * int(one.stars)
    named = dict(one.question.named_options)
    return "、".join(named.get(code, code) for code in one.chosen) or str(one.words)


@page(May.ENTER, "POST", scope=Scope.PLACES, audit="surveys:response:taken-up", rate="write")
def register_request(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a low score up as a request."""
    found = _answer(request, pk, May.ENTER)
    try:
        operations.register_request(found, by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _answer_shown(request, _answer(request, pk), refusal)
    messages.success(request, gettext("The request is registered."))
    return go("surveys:response", pk)


@page(May.ENTER, "POST", scope=Scope.PLACES, audit="surveys:response:looked-into", rate="write")
def look_into(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what came of it."""
    found, form = _answer(request, pk, May.ENTER), LookForm(request.POST)
    if not form.is_valid():
        return _answer_shown(request, found, form=form)
    try:
        operations.look_into(found, form.cleaned_data["words"], by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _answer_shown(request, _answer(request, pk), refusal)
    return go("surveys:response", pk)


# Invitations


_INVITATIONS = List(
    "invitations",
    columns=(
        Column("order", _("Work order"), kind="code", value="order.number"),
        Column("kind", _("Work"), value="get_kind_display"),
        Column("outlet", _("Outlet"), value=lambda i: i.outlet.code if i.outlet else ""),
        Column("state", _("State"), kind="badge", value="get_state_display", tone=lambda i: INVITED[i.state]),
        Column("why", _("Why not"), value="get_why_display"),
        Column("send_on", _("Goes out on"), kind="date"),
        Column("sent_at", _("Sent"), kind="date"),
        Column("channel", _("Channel")),
        Column("reminded_at", _("Reminded"), kind="date"),
        Column("last_day", _("Until"), kind="date"),
        Column("link", _("Link"), value=lambda i: gettext("Hand the link over") if i.state == "sent" or i.state == "planned" or i.why == "no_way" else "", link=lambda i: reverse("surveys:link", args=[i.pk]) if i.state == "sent" or i.state == "planned" or i.why == "no_way" else ""),
        Column("made_at", _("Made"), kind="date", sort="id"),
    ),
    filters=(
        Search("q", _("Search"), ("order__number__iexact",)),
        Choice("outlet", _("Outlet"), _outlets, field="outlet_id"),
        Choice("why", _("Why not"), Invitation.Why.choices),
        Days("sent", _("Sent"), field="sent_at", moments=True),
    ),
    tabs=(
        Tab("all", _("All")),
        Tab("planned", _("Planned"), Q(state="planned")),
        Tab("sent", _("Sent"), Q(state="sent")),
        Tab("answered", _("Answered"), Q(state="answered")),
        Tab("skipped", _("Not asked"), Q(state="skipped")),
    ),
    order="-made_at",
)  # fmt: skip


@page(May.SEE, scope=Scope.PLACES, audit="surveys:invitations:exported", rate="page")
def invitations(request: HttpRequest) -> HttpResponse:
    """Who was asked, who is to be, and why somebody was not."""
    listing = _INVITATIONS.of(request, queries.invitations(request.access).select_related("order", "outlet"))
    if listing.wants_export:
        return listing.export(gettext("Invitations to surveys"))
    return show(request, "surveys/invitations.html", {"list": listing}, parts=["list"])


@page(May.ENTER, "GET", "POST", scope=Scope.PLACES, audit="surveys:invitation:sent", rate="write")
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand the link over: shown once it is asked for, to be passed on to the customer."""
    rows = Invitation.objects.visible_to(request.access, May.ENTER).select_related("order", "company")
    found = get_object_or_404(rows, pk=pk)
    context: dict[str, Any] = {
        "invitation": found, "crumbs": [(gettext("Invitations"), reverse("surveys:invitations"))]
    }  # fmt: skip
    status = 200
    if request.method == "POST":
        try:
            context["link"] = request.build_absolute_uri(
                operations.hand_over(found, by=request.access, at=timezone.now())
            )
        except Refusal as refusal:
            context["refusal"], status = refusal, refusal.status
    return show(request, "surveys/link.html", context, status=status)


# Campaigns


_CAMPAIGNS = List(
    "campaigns",
    columns=(
        Column("number", _("Number"), kind="code", link=lambda c: reverse("surveys:campaign", args=[c.pk])),
        Column("name", _("Name of the survey"), link=lambda c: reverse("surveys:campaign", args=[c.pk])),
        Column("state", _("State"), kind="badge", value="get_state_display", tone=lambda c: CAMPAIGNS[c.state]),
        Column("first_day", _("Closed from"), kind="date"),
        Column("last_day", _("Until"), kind="date"),
        Column("population", _("Jobs found"), kind="number"),
        Column("size", _("Sample"), kind="number"),
        Column("begun_at", _("Begun"), kind="date"),
        Column("made_at", _("Made"), kind="date", sort="id"),
    ),
    filters=(Search("q", _("Search"), ("number__iexact", "name__icontains")),),
    tabs=(Tab("all", _("All")), Tab("running", _("Under way"), Q(state="running"))),
    order="-made_at",
)  # fmt: skip


@page(May.SEE, scope=Scope.COMPANY, audit="surveys:campaigns:exported", rate="page")
def campaigns(request: HttpRequest) -> HttpResponse:
    """Surveys at intervals (SR-7)."""
    listing = _CAMPAIGNS.of(request, queries.campaigns(request.access))
    if listing.wants_export:
        return listing.export(gettext("Surveys at intervals"))
    context = {"list": listing, "may_run": request.access.may(May.RUN)}
    return show(request, "surveys/campaigns.html", context, parts=["list"])


@page(May.RUN, "GET", "POST", scope=Scope.COMPANY, audit="surveys:campaign:*", rate="write")
def keep_campaign(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Prepare a survey, or change one that has not begun."""
    rows = Campaign.objects.visible_to(request.access, May.RUN)
    found = get_object_or_404(held(rows, request), pk=pk) if pk else None
    names = ("name", "first_day", "last_day", "category", "kind", "size", "seed")
    initial = (
        {name: getattr(found, name) for name in names}
        | {"version": found.version_id, "outlet": found.outlet_id}
        if found
        else {}
    )
    form = CampaignForm(request.access, _products(request), request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            kept = operations.keep_campaign(found, **form.cleaned_data, by=request.access, at=timezone.now())
        except Refusal as refusal:
            _beside(form, refusal)
        else:
            return go("surveys:campaign", kept.pk)
    context = {"form": form, "title": gettext("Survey at intervals"), "crumbs": _campaign_crumbs()}
    return show(request, "surveys/form.html", context, status=form.status)


def _campaign_crumbs() -> list[tuple[str, str]]:
    return [(gettext("Surveys at intervals"), reverse("surveys:campaigns"))]


@page(May.SEE, scope=Scope.COMPANY, audit=None, rate="page")
def campaign(request: HttpRequest, pk: int) -> HttpResponse:
    """One survey: its audience, how many have answered, what they say."""
    return _campaign_shown(request, pk)


def _campaign_shown(request: HttpRequest, pk: int, refusal: Refusal | None = None) -> HttpResponse:
    rows = queries.campaigns(request.access).select_related(
        "version__questionnaire", "outlet", "made_by", "begun_by"
    )
    found = get_object_or_404(rows, pk=pk)
    today, whole = timezone.localdate(), request.access.reach(May.SEE).whole
    may_run = request.access.may(May.RUN)
    context: dict[str, Any] = {
        "campaign": found,
        "tone": CAMPAIGNS[found.state],
        "may_run": may_run,
        "refusal": refusal,
        "crumbs": _campaign_crumbs(),
        "publications": found.publications.order_by("-id") if request.access.may(May.READ) else [],
        "may_publish": request.access.may(May.PUBLISH) and found.state != Campaign.State.DRAFT,
    }
    if found.state == Campaign.State.DRAFT and may_run:
        asked = operations.audience(found, today)
        context["audience"] = asked
        if asked.population:
            context["needed"] = rules.sample(
                asked.population, rules.Decimal("0.05"), today, book_in_force(found.company_id, rules.BOOK)
            ).answer
    elif found.begun_at is not None and whole:
        cut = Cut(date(2000, 1, 1), today, campaign_id=found.pk)
        context["found"] = queries.results(request.access, cut, today)
        context["answer"] = context["found"].decision.answer
        context["sentences"] = _sentences(context["found"], request)
    return show(request, "surveys/campaign.html", context, status=refusal.status if refusal else 200)


def _campaign_deed(request: HttpRequest, pk: int, deed: Any) -> HttpResponse:
    found = get_object_or_404(Campaign.objects.visible_to(request.access, May.RUN), pk=pk)
    try:
        deed(found, by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _campaign_shown(request, pk, refusal)
    return go("surveys:campaign", pk)


@page(May.RUN, "POST", scope=Scope.COMPANY, audit="surveys:campaign:begun", rate="write")
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Draw the sample and ask."""
    return _campaign_deed(request, pk, operations.begin)


@page(May.RUN, "POST", scope=Scope.COMPANY, audit="surveys:campaign:ended", rate="write")
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Take no more answers."""
    return _campaign_deed(request, pk, operations.end_campaign)


# Questionnaires


@page(May.SEE, scope=Scope.COMPANY, audit=None, rate="page")
def questionnaires(request: HttpRequest) -> HttpResponse:
    """The questionnaires with their versions."""
    rows = (
        queries.questionnaires(request.access).prefetch_related("versions").order_by("-purpose", "name")[:200]
    )
    context = {
        "questionnaires": [(one, [(each, VERSIONS[each.state]) for each in sorted(one.versions.all(), key=lambda v: -v.no)]) for one in rows],
        "may_run": request.access.may(May.RUN),
    }  # fmt: skip
    return show(request, "surveys/questionnaires.html", context)


def _form_page(request: HttpRequest, form: Any, title: str, crumbs: list[tuple[str, str]]) -> HttpResponse:
    return show(
        request, "surveys/form.html", {"form": form, "title": title, "crumbs": crumbs}, status=form.status
    )


def _set_crumbs() -> list[tuple[str, str]]:
    return [(gettext("Questionnaires"), reverse("surveys:questionnaires"))]


@page(May.RUN, "GET", "POST", scope=Scope.COMPANY, audit="surveys:version:begun", rate="write")
def add_questionnaire(request: HttpRequest) -> HttpResponse:
    """Begin a questionnaire."""
    form = QuestionnaireForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = operations.found_questionnaire(**form.cleaned_data, by=request.access, at=timezone.now())
        except Refusal as refusal:
            _beside(form, refusal)
        else:
            return go("surveys:version", made.pk)
    return _form_page(request, form, gettext("Begin a questionnaire"), _set_crumbs())


@page(May.RUN, "POST", scope=Scope.COMPANY, audit=("surveys:version:begun", ""), rate="write")
def begin_version(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin the next version."""
    found = get_object_or_404(Questionnaire.objects.visible_to(request.access, May.RUN), pk=pk)
    try:
        made = operations.begin_version(found, by=request.access, at=timezone.now())
    except Refusal as refusal:
        messages.info(request, str(refusal))
        return go("surveys:questionnaires")
    return go("surveys:version", made.pk)


def _version(request: HttpRequest, pk: int, permission: str = May.SEE) -> Version:
    rows = Version.objects.visible_to(request.access, permission).select_related("questionnaire", "company")
    found: Version = get_object_or_404(rows, pk=pk)
    return found


@page(May.SEE, scope=Scope.COMPANY, audit=None, rate="page")
def version(request: HttpRequest, pk: int) -> HttpResponse:
    """One version: its questions as the customer sees them, in both languages."""
    return _version_shown(request, _version(request, pk))


def _version_shown(request: HttpRequest, found: Version, refusal: Refusal | None = None) -> HttpResponse:
    context = {
        "version": found,
        "tone": VERSIONS[found.state],
        "questions": list(found.questions.all()),
        "may_change": request.access.may(May.RUN) and found.state == Version.State.DRAFT,
        "refusal": refusal,
        "crumbs": _set_crumbs(),
    }
    return show(request, "surveys/version.html", context, status=refusal.status if refusal else 200)


@page(May.RUN, "GET", "POST", scope=Scope.COMPANY, audit="surveys:version:changed", rate="write")
def change_version(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a draft's heading."""
    found = get_object_or_404(held(Version.objects.visible_to(request.access, May.RUN), request), pk=pk)
    initial = {name: getattr(found, name) for name in ("title_zh", "title_en", "intro_zh", "intro_en")}
    form = HeadForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            operations.keep_version(found, **form.cleaned_data, by=request.access, at=timezone.now())
        except Refusal as refusal:
            _beside(form, refusal)
        else:
            return go("surveys:version", pk)
    return _form_page(request, form, gettext("Heading"), _set_crumbs())


@page(May.RUN, "POST", scope=Scope.COMPANY, audit="surveys:version:published", rate="write")
def publish_version(request: HttpRequest, pk: int) -> HttpResponse:
    """Use it from now on."""
    found = _version(request, pk, May.RUN)
    try:
        operations.publish_version(found, by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _version_shown(request, _version(request, pk), refusal)
    return go("surveys:version", pk)


def _question_page(request: HttpRequest, found: Version, question: Question | None) -> HttpResponse:
    names = ("code", "kind", "text_zh", "text_en", "options", "required", "position")
    initial = {name: getattr(question, name) for name in names} if question else {"required": True}
    form = QuestionForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            operations.keep_question(
                found, question, **form.cleaned_data, by=request.access, at=timezone.now()
            )
        except Refusal as refusal:
            _beside(form, refusal)
        else:
            return go("surveys:version", found.pk)
    return _form_page(request, form, gettext("Question"), [*_set_crumbs(), (str(found), reverse("surveys:version", args=[found.pk]))])  # fmt: skip


@page(May.RUN, "GET", "POST", scope=Scope.COMPANY, audit="surveys:version:changed", rate="write")
def add_question(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a question to a draft."""
    return _question_page(request, _version(request, pk, May.RUN), None)


@page(May.RUN, "GET", "POST", scope=Scope.COMPANY, audit="surveys:version:changed", rate="write")
def change_question(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a draft's question."""
    found = get_object_or_404(held(Question.objects.visible_to(request.access, May.RUN), request), pk=pk)
    return _question_page(request, _version(request, found.version_id, May.RUN), found)


@page(May.RUN, "POST", scope=Scope.COMPANY, audit="surveys:version:changed", rate="write")
def drop_question(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a question out of a draft."""
    rows = Question.objects.visible_to(request.access, May.RUN).select_related("version__questionnaire")
    found = get_object_or_404(rows, pk=pk)
    try:
        operations.drop_question(found, by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _version_shown(request, _version(request, found.version_id), refusal)
    return go("surveys:version", found.version_id)


@page(May.SEE, scope=Scope.COMPANY, audit=None, rate="export")
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The questionnaire to be filled in by hand (SR-7). It names nobody."""
    found = _version(request, pk)
    content = questionnaire_pdf(found, by=request.access, at=timezone.now(), said=language())
    return _file(content, f"{found}.pdf", "application/pdf")


# Paper answers


@page(May.ENTER, scope=Scope.PLACES, audit=None, rate="page")
def choose_paper(request: HttpRequest) -> HttpResponse:
    """Which questionnaire the paper is."""
    rows = Version.objects.visible_to(request.access, May.ENTER).exclude(state=Version.State.DRAFT)
    found = rows.select_related("questionnaire").order_by("questionnaire__name", "-no")[:100]
    return show(request, "surveys/papers.html", {"versions": found, "crumbs": [(gettext("Answers to surveys"), reverse("surveys:responses"))]})  # fmt: skip


@page(May.ENTER, "GET", "POST", scope=Scope.PLACES, audit="surveys:response:given", rate="write")
def enter(request: HttpRequest, pk: int) -> HttpResponse:
    """Type in what a customer wrote on paper."""
    found = _version(request, pk, May.ENTER)
    whose = PaperForm(request.access, _products(request), request.POST or None)
    said = AnswerForm(found, request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if whose.is_valid() and said.is_valid():
            try:
                made = _entered(request, found, whose, said)
            except Refusal as refusal:
                _beside_either(whose, said, refusal)
            else:
                messages.success(request, gettext("The answer is kept."))
                return go("surveys:response", made.pk)
    context = {
        "version": found,
        "whose": whose,
        "said": said,
        "crumbs": [(gettext("Answers to surveys"), reverse("surveys:responses"))],
    }
    return show(request, "surveys/enter.html", context, status=status)


def _entered(request: HttpRequest, found: Version, whose: PaperForm, said: AnswerForm) -> Response:
    given, order = whose.cleaned_data, None
    if given["number"]:
        rows = Order.objects.visible_to(request.access, May.ENTER).select_related(
            "unit__model", "outlet", "company"
        )
        order = rows.filter(number=given["number"]).first()
        if order is None:
            raise Refusal(gettext("There is no work order with this number."), field="number", code="order")
    return operations.enter(
        found, Told(**said.told()), order=order, outlet=given["outlet"], kind=given["kind"], category=given["category"], by=request.access,
        at=timezone.now(),
    )  # fmt: skip


def _beside_either(whose: forms.Form, said: AnswerForm, refusal: Refusal) -> None:
    if refusal.field in whose.fields:
        whose.add_error(refusal.field, str(refusal))
        return
    name = refusal.field if refusal.field in said.fields else f"q-{refusal.field}"
    said.add_error(name if name in said.fields else None, str(refusal))


# Published results


@page(May.READ, scope=Scope.COMPANY, audit=None, rate="page")
def publications(request: HttpRequest) -> HttpResponse:
    """What was published to everybody in the company (GN-5)."""
    rows = queries.publications(request.access).select_related("made_by").order_by("-id")[:200]
    context = {"publications": rows, "may_publish": request.access.may(May.PUBLISH)}
    return show(request, "surveys/publications.html", context)


@page(May.READ, scope=Scope.COMPANY, audit=None, rate="page")
def publication(request: HttpRequest, pk: int) -> HttpResponse:
    """One published result."""
    rows = queries.publications(request.access).select_related("made_by", "campaign", "decision")
    found: Publication = get_object_or_404(rows, pk=pk)
    access, products = request.access, dict(_products(request))
    groups = [
        (heading, [{**row, "label": products.get(row["label"], row["label"]), "share": _share(row["rate"])} for row in found.figures["groups"].get(group, [])])
        for group, heading in (("month", _("By month")), ("outlet", _("By outlet")), ("category", _("By product")))
    ]  # fmt: skip
    sees = access.may(Improve.SEE)
    decided = [found.decision] if found.decision else []
    context = {
        "publication": found,
        "total": found.figures["total"],
        "rate": _share(found.figures["total"]["rate"]),
        "response": _share(found.figures["response"]),
        "margin": _share(found.figures["margin"]),
        "groups": groups,
        "why": next(iter(whys(decided, language(), access)), None),
        "measures": improvements.of_source(access, "survey", -found.pk) if sees else [],
        "open_measure": improvements.opening_url(
            source_kind="survey", source_label=found.title, source_path=reverse("surveys:publication", args=[found.pk]),
            figure=gettext("Satisfied customers in %"), figure_before=_percent(found.figures["total"]["rate"]),
        ) if access.may(Improve.OPEN) else "",
        "crumbs": [(gettext("Published results"), reverse("surveys:publications"))],
    }  # fmt: skip
    if sees:
        path = reverse("surveys:publication", args=[found.pk])
        context["measures"] = (
            improvements.measures(access).filter(source_kind="survey", source_path=path).order_by("id")
        )
    return show(request, "surveys/publication.html", context)


def _share(text: str | None) -> Any:
    return None if text is None else rules.Decimal(text)


def _percent(text: str | None) -> str:
    return "" if text is None else f"{rules.Decimal(text) * 100:.1f}"


@page(May.PUBLISH, "GET", "POST", scope=Scope.COMPANY, audit="surveys:result:published", rate="write")
def publish(request: HttpRequest) -> HttpResponse:
    """Publish a result: of a campaign (its number in the address), or of a period."""
    asked = request.GET.get("campaign", "")
    campaign = (
        queries.campaigns(request.access).filter(pk=int(asked)).first()
        if asked.isascii() and asked.isdecimal() and len(asked) < 18
        else None
    )
    today = timezone.localdate()
    first = campaign.begun_at.date() if campaign and campaign.begun_at else today.replace(day=1)
    initial = {"first_day": first, "last_day": today, "title": campaign.name if campaign else ""}
    form = PublishForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = operations.publish_result(
                **form.cleaned_data, campaign=campaign, by=request.access, at=timezone.now()
            )
        except Refusal as refusal:
            _beside(form, refusal)
        else:
            return go("surveys:publication", made.pk)
    context = {
        "form": form,
        "title": gettext("Publish a result"),
        "crumbs": [(gettext("Published results"), reverse("surveys:publications"))],
    }
    return show(request, "surveys/form.html", context, status=422 if form.is_bound and form.errors else 200)
