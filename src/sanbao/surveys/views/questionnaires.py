"""Questionnaires and their versions, which stay as they were published."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from sanbao.surveys import operations, queries
from sanbao.surveys.forms import (
    HeadForm,
    QuestionForm,
    QuestionnaireForm,
)
from sanbao.surveys.models import (
    Question,
    Questionnaire,
    Version,
)
from sanbao.surveys.permissions import May
from sanbao.surveys.views.shared import as_file, beside, version_of
from sanbao.ui.formats import language
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal
from sanbao.ui.seen import held

VERSIONS = {"draft": "secondary", "published": "green", "replaced": "secondary"}


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
            beside(form, refusal)
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


@page(May.SEE, scope=Scope.COMPANY, audit=None, rate="page")
def version(request: HttpRequest, pk: int) -> HttpResponse:
    """One version: its questions as the customer sees them, in both languages."""
    return _version_shown(request, version_of(request, pk))


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
            beside(form, refusal)
        else:
            return go("surveys:version", pk)
    return _form_page(request, form, gettext("Heading"), _set_crumbs())


@page(May.RUN, "POST", scope=Scope.COMPANY, audit="surveys:version:published", rate="write")
def publish_version(request: HttpRequest, pk: int) -> HttpResponse:
    """Use it from now on."""
    found = version_of(request, pk, May.RUN)
    try:
        operations.publish_version(found, by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _version_shown(request, version_of(request, pk), refusal)
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
            beside(form, refusal)
        else:
            return go("surveys:version", found.pk)
    return _form_page(request, form, gettext("Question"), [*_set_crumbs(), (str(found), reverse("surveys:version", args=[found.pk]))])  # fmt: skip


@page(May.RUN, "GET", "POST", scope=Scope.COMPANY, audit="surveys:version:changed", rate="write")
def add_question(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a question to a draft."""
    return _question_page(request, version_of(request, pk, May.RUN), None)


@page(May.RUN, "GET", "POST", scope=Scope.COMPANY, audit="surveys:version:changed", rate="write")
def change_question(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a draft's question."""
    found = get_object_or_404(held(Question.objects.visible_to(request.access, May.RUN), request), pk=pk)
    return _question_page(request, version_of(request, found.version_id, May.RUN), found)


@page(May.RUN, "POST", scope=Scope.COMPANY, audit="surveys:version:changed", rate="write")
def drop_question(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a question out of a draft."""
    rows = Question.objects.visible_to(request.access, May.RUN).select_related("version__questionnaire")
    found = get_object_or_404(rows, pk=pk)
    try:
        operations.drop_question(found, by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _version_shown(request, version_of(request, found.version_id), refusal)
    return go("surveys:version", found.version_id)


@page(May.SEE, scope=Scope.COMPANY, audit=None, rate="export")
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The questionnaire to be filled in by hand (SR-7). It names nobody."""
    from sanbao.surveys.printing import questionnaire_pdf  # loaded by who prints

    found = version_of(request, pk)
    content = questionnaire_pdf(found, by=request.access, at=timezone.now(), said=language())
    return as_file(content, f"{found}.pdf", "application/pdf")
