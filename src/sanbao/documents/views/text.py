"""A draft's text: pasted or read from Word, looked at before it is taken over; and clause by clause."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext

from sanbao.documents import operations
from sanbao.documents.forms import ClauseForm, TextForm, WordForm
from sanbao.documents.models import Clause, Version
from sanbao.documents.permissions import May
from sanbao.documents.reading import Unreadable, outline, plain, read_word
from sanbao.documents.states import State
from sanbao.documents.views.documents import beside, crumbs, seen, shown, to_version
from sanbao.ui.formats import language
from sanbao.ui.pages import Scope, page, show
from sanbao.ui.refusal import Refusal
from sanbao.ui.seen import held


def _draft(request: HttpRequest, pk: int) -> Version:
    rows = Version.objects.visible_to(request.access, May.WRITE).select_related("document")
    return get_object_or_404(rows, pk=pk)


@page(May.WRITE, "GET", "POST", scope=Scope.COMPANY, audit=("documents:text:taken-over", ""), rate="write")
def text(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole text in one field: look at what is recognised, mend, take over. Without `take` a POST only looks."""
    version = _draft(request, pk)
    if request.method != "POST":
        return _shown(request, version, TextForm(initial={"text": _plain_text(version)}), look=False)
    form = TextForm(request.POST)
    if form.is_valid() and request.POST.get("take") == "1":
        try:
            operations.take_text(
                version, form.cleaned_data["text"], seen=seen(request), by=request.access, at=timezone.now()
            )  # fmt: skip
        except Refusal as refusal:
            beside(form, refusal)
        else:
            messages.success(request, gettext("The text was taken over."))
            return to_version(version)
    return _shown(request, version, form)


@page(May.WRITE, "POST", scope=Scope.COMPANY, audit=None, rate="upload")
def word(request: HttpRequest, pk: int) -> HttpResponse:
    """Read a Word file into the field; nothing is taken over yet."""
    version = _draft(request, pk)
    upload = WordForm(request.POST, request.FILES)
    if upload.is_valid():
        file = upload.cleaned_data["file"]
        try:
            read = read_word(file.read(), file.name)
        except Unreadable as unreadable:
            upload.add_error("file", unreadable.sentence(language()))
        else:
            form = TextForm({"text": read.text})
            form.is_valid()
            return _shown(request, version, form, notes=read.sentences(language()), status=200)
    return _shown(
        request, version, TextForm(initial={"text": _plain_text(version)}), upload=upload, look=False, status=422
    )  # fmt: skip


def _plain_text(version: Version) -> str:
    return plain((clause.number, clause.text, clause.table) for clause in version.clauses.all())


def _shown(
    request: HttpRequest, version: Version, form: TextForm, *, upload: WordForm | None = None, notes: list[str] | None = None,
    look: bool = True, status: int | None = None,
) -> HttpResponse:  # fmt: skip
    context: dict[str, Any] = {
        "version": version, "form": form, "upload": upload or WordForm(), "notes": notes or [], "look": look,
        "is_draft": version.state == State.DRAFT, "crumbs": crumbs(version.document),
    }  # fmt: skip
    if look:
        found = outline(str(form["text"].value() or ""))
        context |= {
            "items": found.items, "errors": found.errors,
            "problems": [(problem.severity, problem.line, problem.sentence(language())) for problem in found.problems],
        }  # fmt: skip
    return show(request, "documents/text_form.html", context, status=status or (422 if form.errors else 200))


def _clause(request: HttpRequest, pk: int) -> Clause:
    rows = Clause.objects.visible_to(request.access, May.WRITE).select_related("version__document")
    return get_object_or_404(held(rows, request), pk=pk)


@page(May.WRITE, "GET", "POST", scope=Scope.COMPANY, audit="documents:clause:changed", rate="write")
def edit_clause(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one clause of a draft."""
    clause = _clause(request, pk)
    initial = {name: getattr(clause, name) for name in ("number", "level", "text", "table", "ref", "english")}
    form = ClauseForm(request.POST or None, initial=initial)
    return _keep(request, clause.version, form, clause=clause)


@page(May.WRITE, "GET", "POST", scope=Scope.COMPANY, audit="documents:clause:added", rate="write")
def add_clause(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a clause to a draft, after another one (`after`) or at the end."""
    version = _draft(request, pk)
    asked = request.GET.get("after", "")
    after = version.clauses.filter(pk=int(asked)).first() if asked.isdecimal() and len(asked) < 18 else None
    form = ClauseForm(request.POST or None, initial={"level": after.level} if after else {})
    return _keep(request, version, form, after=after)


def _keep(
    request: HttpRequest, version: Version, form: ClauseForm, *, clause: Clause | None = None, after: Clause | None = None
) -> HttpResponse:  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            operations.keep_clause(
                version, form.cleaned_data, clause=clause, after=after, by=request.access, at=timezone.now()
            )
        except Refusal as refusal:
            beside(form, refusal)
        else:
            return to_version(version)
    context = {
        "form": form,
        "clause": clause,
        "after": after,
        "version": version,
        "crumbs": crumbs(version.document),
    }
    return show(request, "documents/clause_form.html", context, status=form.status)


@page(May.WRITE, "POST", scope=Scope.COMPANY, audit="documents:clause:removed", rate="write")
def remove_clause(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a clause out of a draft."""
    clause = _clause(request, pk)
    try:
        operations.remove_clause(clause, by=request.access, at=timezone.now())
    except Refusal as refusal:
        return shown(request, clause.version.document, refusal=refusal)
    return to_version(clause.version)
