"""Articles: the list, one article with its revisions, writing, reviewing, publishing; suggestions; standard phrases."""

from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sanbao.audit.queries import about
from sanbao.audit.words import word
from sanbao.files import operations as files
from sanbao.knowledge import operations, queries
from sanbao.knowledge.classes import named, names_of
from sanbao.knowledge.forms import ArticleForm, AttachmentForm, FeedbackForm, PhraseForm
from sanbao.knowledge.models import Article, Attachment, Feedback, Kind, Phrase, Revision
from sanbao.knowledge.permissions import May
from sanbao.knowledge.phrases import PLACES
from sanbao.knowledge.states import MOVES, OPEN, STEPS, TONES, State
from sanbao.products.facts import categories
from sanbao.products.models import Model
from sanbao.ui.formats import chinese, language
from sanbao.ui.lists import Choice, Column, List, Search, Tab
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.readers import values
from sanbao.ui.refusal import Refusal, Stale
from sanbao.ui.seen import held

STANDING_TONES = {"new": "secondary", "published": "green", "withdrawn": "red"}


def _categories(request: HttpRequest) -> list[tuple[str, str]]:
    return categories(request.access.company_id, timezone.localdate(), language())


class Among(Choice):
    """A choice among what a column lists."""

    def where(self, value: list[str]) -> Q:
        return Q(**{f"{self.field}__overlap": value})


def _article_list(request: HttpRequest) -> List:
    products = dict(_categories(request))

    def found(words: str) -> Q:
        return Q(pk__in=queries.found(queries.articles(request.access), words))

    tabs = (
        Tab("published", _("Published"), Q(standing=Article.Standing.PUBLISHED)),
        Tab("public", _("Public"), Q(standing=Article.Standing.PUBLISHED, public=True)),
        Tab(
            "open", _("Being worked on"), Q(pk__in=Revision.objects.filter(state__in=OPEN).values("article"))
        ),
        Tab("withdrawn", _("Withdrawn"), Q(standing=Article.Standing.WITHDRAWN)),
        Tab("all", _("All")),
    )
    return List(
        "articles",
        columns=(
            Column("number", _("Number"), kind="code", link=lambda a: reverse("knowledge:article", args=[a.pk])),
            Column("title", _("Title"), sort="title", link=lambda a: reverse("knowledge:article", args=[a.pk])),
            Column("kind", _("Kind"), value="get_kind_display"),
            Column("categories", _("Products"), value=lambda a: "、".join(products.get(c, c) for c in a.categories)),
            Column("standing", _("State"), kind="badge", value="get_standing_display", tone=lambda a: STANDING_TONES[a.standing]),
            Column("public", _("Readers"), value=lambda a: gettext("anyone") if a.public else gettext("colleagues")),
            Column("helped", _("Helped"), kind="number", sort="helped"),
            Column("failed", _("Did not help"), kind="number"),
            Column("changed_at", _("Changed"), kind="date", sort="changed_at"),
        ),
        filters=(
            Search("q", _("Search"), where_of=found),
            Choice("kind", _("Kind"), Kind.choices),
            Among("category", _("Product category"), _categories, field="categories"),
        ),
        tabs=tabs if request.access.may(May.WRITE) else tabs[:2],
        order="-changed_at",
    )  # fmt: skip


@page(May.SEE, scope=Scope.COMPANY, audit="knowledge:articles:exported", rate="page")
def articles(request: HttpRequest) -> HttpResponse:
    """What the company knows (ST-3)."""
    listing = _article_list(request).of(
        request, queries.articles(request.access).defer("pairs", "words", "brief")
    )
    if listing.wants_export:
        return listing.export(gettext("Articles"))
    context = {
        "list": listing,
        "may_write": request.access.may(May.WRITE),
        "public_url": _public_url(request),
    }
    return show(request, "knowledge/articles.html", context, parts=["list"])


def _public_url(request: HttpRequest) -> str:
    from sanbao.accounts.models import Company

    return reverse("help:articles", args=[Company.objects.get(pk=request.access.company_id).code])


@page(May.SEE, scope=Scope.COMPANY, audit=None, rate="page")
def suggestions(request: HttpRequest) -> HttpResponse:
    """What fits a customer's words; asked by the telephone form too, as a fragment (ST-3)."""
    typed = " ".join(request.GET.get(name, "") for name in ("words", "subject", "description")).strip()
    words = values.text(typed.replace("\0", ""), 10**6)[:600]
    asked = request.GET.get("model", "")[:40]
    models = Model.objects.visible_to(request.access, May.SEE).order_by("code")
    model = _model(models, asked)
    codes = [code.replace("\0", "")[:40] for code in request.GET.getlist("code")[:10]]
    found = queries.suggest(request.access, words, model, codes, most=8) if words or model or codes else None
    return show(
        request,
        "knowledge/suggestions.html",
        {"words": words, "model": model, "models": models[:500], "found": found, "crumbs": _crumbs()},
        parts=["suggested", "likely"],
    )


def _model(models: QuerySet[Model], asked: str) -> Model | None:
    """A model by its number, as this page's own form sends it, or by its code."""
    if asked.isdecimal() and len(asked) < 18 and (found := models.filter(pk=int(asked)).first()):
        return found
    return models.filter(code=asked.strip().upper().replace("\0", "")).first() if asked else None


def _crumbs() -> list[tuple[str, str]]:
    return [(gettext("Articles"), reverse("knowledge:articles"))]


@page(May.SEE, scope=Scope.COMPANY, audit=None, rate="page")
def article(request: HttpRequest, pk: int) -> HttpResponse:
    """One article as it is published, and what is being worked on."""
    return _shown(request, get_object_or_404(queries.articles(request.access), pk=pk))


def _shown(
    request: HttpRequest,
    found: Article,
    *,
    refusal: Refusal | None = None,
    form: AttachmentForm | None = None,
) -> HttpResponse:
    people = ("draft_by", "reviewed_by", "published_by", "withdrawn_by")
    revisions = list(found.revisions.select_related(*people).order_by("-no"))
    asked = request.GET.get("revision", "")
    public = next((one for one in revisions if one.state == State.PUBLISHED), None)
    writes = request.access.may(May.WRITE)
    visible = revisions if writes else [one for one in revisions if one.state == State.PUBLISHED]
    read = next((one for one in visible if str(one.no) == asked), None) or (visible[0] if writes else public)
    if read is None:
        raise Http404
    read.article = found
    own = Feedback.objects.filter(revision=read, by_id=request.access.person_id).first()
    context = {
        "article": found,
        "revision": read,
        "tone": TONES[State(read.state)],
        "revisions": [(one, TONES[State(one.state)]) for one in visible],
        "steps": _steps(read),
        "moves": queries.legal_moves(read, request.access),
        "own_draft": read.state == State.DRAFT and read.draft_by_id == request.access.person_id,
        "models": queries.models_of(read),
        "classes": names_of(read.codes, found.company_id),
        "categories": [dict(_categories(request)).get(code, code) for code in read.categories],
        "attachments": list(read.attachments.select_related("file").order_by("id")),
        "may_edit": writes and read.state == State.DRAFT,
        "may_revise": writes and revisions[0].state not in OPEN,
        "form": form or AttachmentForm(),
        "feedback": found.feedback.select_related("by").exclude(comment="").order_by("-id")[:20] if writes else [],
        "own": own,
        "feedback_form": FeedbackForm(initial={"helped": "1" if own is None or own.helped else "0", "comment": own.comment if own else ""}),
        "may_say": read.state == State.PUBLISHED,
        "events": [
            {"what": word(event.action), "who": event.by.name if event.by else "", "at": event.at, "text": event.details.get("reason") or ""}
            for event in [*about(read)[:20], *about(found)[:20]]
        ] if writes else [],
        "refusal": refusal,
        "crumbs": _crumbs(),
    }  # fmt: skip
    context["events"].sort(key=lambda event: event["at"], reverse=True)
    status = refusal.status if refusal else 422 if form is not None and form.errors else 200
    return show(request, "knowledge/article.html", context, status=status)


def _steps(revision: Revision) -> list[dict[str, Any]]:
    """The step bar: who did each step and when."""
    ended = revision.state in (State.WITHDRAWN, State.REPLACED)
    reached = len(STEPS) if ended or revision.state == State.PUBLISHED else STEPS.index(State(revision.state))
    steps = []
    for number, state in enumerate(STEPS):
        at, who = getattr(revision, f"{state.value}_at"), getattr(revision, f"{state.value}_by")
        place = "done" if number < reached else "now" if number == reached else "todo"
        steps.append({"label": state.label, "state": place, "who": who.name if who and at else "", "at": at})
    if ended:
        who = revision.withdrawn_by.name if revision.withdrawn_by else ""
        steps.append(
            {
                "label": State(revision.state).label,
                "state": "stopped",
                "who": who,
                "at": revision.withdrawn_at,
            }
        )
    return steps


def _version(request: HttpRequest) -> int:
    typed = request.POST.get("version", "")
    return int(typed) if typed.isdecimal() and len(typed) < 9 else -1


def _form(request: HttpRequest, revision: Revision | None) -> ArticleForm:
    initial: dict[str, Any] = {}
    if revision is not None:
        initial = {name: getattr(revision, name) for name in operations.FIELDS}
        initial["fits"] = Model.objects.filter(company_id=request.access.company_id, pk__in=revision.fits)
    return ArticleForm(
        request.POST or None, initial=initial, company_id=request.access.company_id, categories=_categories(request)
    )  # fmt: skip


def _beside(form: Any, refusal: Refusal) -> None:
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)


@page(May.WRITE, "GET", "POST", scope=Scope.COMPANY, audit="knowledge:article:drafted", rate="write")
def add(request: HttpRequest) -> HttpResponse:
    """Begin an article."""
    form = _form(request, None)
    if request.method == "POST" and form.is_valid():
        try:
            made = operations.draft(form.article_fields(), by=request.access, at=timezone.now())
        except Refusal as refusal:
            _beside(form, refusal)
        else:
            return go("knowledge:article", made.article_id)
    return show(
        request, "knowledge/article_form.html", {"form": form, "crumbs": _crumbs()}, status=form.status
    )


@page(May.WRITE, "GET", "POST", scope=Scope.COMPANY, audit="knowledge:article:amended", rate="write")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a draft."""
    rows = Revision.objects.visible_to(request.access, May.WRITE).select_related("article")
    revision = get_object_or_404(held(rows, request), pk=pk)
    form = _form(request, revision)
    if request.method == "POST" and form.is_valid():
        try:
            operations.amend(
                revision, form.article_fields(), version=None, by=request.access, at=timezone.now()
            )
        except Refusal as refusal:
            _beside(form, refusal)
        else:
            return go("knowledge:article", revision.article_id)
    context = {
        "form": form,
        "revision": revision,
        "crumbs": [
            *_crumbs(),
            (str(revision.article), reverse("knowledge:article", args=[revision.article_id])),
        ],
    }
    return show(request, "knowledge/article_form.html", context, status=form.status)


@page(May.WRITE, "POST", scope=Scope.COMPANY, audit=("knowledge:article:revised", ""), rate="write")
def revise(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin the next revision, or go on with the one that was begun."""
    found = get_object_or_404(Article.objects.visible_to(request.access, May.WRITE), pk=pk)
    try:
        made = operations.revise(found, by=request.access, at=timezone.now())
    except Stale as stale:
        messages.info(request, str(stale))
        return go("knowledge:article", pk)
    return go("knowledge:edit", made.pk)


@page(May.SEE, "POST", scope=Scope.COMPANY, audit="knowledge:revision:*", rate="write")
def move(request: HttpRequest, pk: int, noun: str) -> HttpResponse:
    """One legal move of a revision; what is refused is shown with the article as it is now."""
    if noun not in MOVES:
        raise Http404
    request.access.require(MOVES[noun].permission)
    found = get_object_or_404(Revision.objects.visible_to(request.access, MOVES[noun].permission), pk=pk)
    try:
        operations.move(
            found, noun, version=_version(request), by=request.access, at=timezone.now(), reason=request.POST.get("reason", "")
        )  # fmt: skip
    except Refusal as refusal:
        return _shown(
            request, get_object_or_404(queries.articles(request.access), pk=found.article_id), refusal=refusal
        )
    messages.success(request, gettext("Done."))
    return go("knowledge:article", found.article_id)


@page(May.WRITE, "POST", scope=Scope.COMPANY, audit="knowledge:article:attached", rate="upload")
def attach(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a file with a draft."""
    rows = Revision.objects.visible_to(request.access, May.WRITE).select_related("article")
    revision = get_object_or_404(rows, pk=pk)
    form = AttachmentForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            operations.attach(
                revision, file.read(), file.name, label=form.cleaned_data["label"], by=request.access, at=timezone.now()
            )  # fmt: skip
        except Refusal as refusal:
            _beside(form, refusal)
        else:
            return go("knowledge:article", revision.article_id)
    return _shown(request, revision.article, form=form)


def _attachment(request: HttpRequest, pk: int, permission: str) -> Attachment:
    rows = Attachment.objects.visible_to(request.access, permission).select_related("file", "revision")
    return get_object_or_404(rows, pk=pk)


@page(May.WRITE, "POST", scope=Scope.COMPANY, audit="knowledge:article:detached", rate="write")
def detach(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a file from a draft."""
    found = _attachment(request, pk, May.WRITE)
    try:
        operations.detach(found, by=request.access, at=timezone.now())
    except Refusal as refusal:
        article = get_object_or_404(queries.articles(request.access), pk=found.revision.article_id)
        return _shown(request, article, refusal=refusal)
    return go("knowledge:article", found.revision.article_id)


@page(May.SEE, scope=Scope.COMPANY, audit=None, rate="export")
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """An attachment as a file. Readers have those of what is published."""
    found = _attachment(request, pk, May.SEE)
    if found.revision.state != State.PUBLISHED and not request.access.may(May.WRITE):
        raise Http404
    return files.download(found.file)


@page(May.SEE, "POST", scope=Scope.COMPANY, audit="knowledge:feedback:given", rate="write")
def feedback(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether the article helped."""
    found = get_object_or_404(queries.articles(request.access), pk=pk)
    form = FeedbackForm(request.POST)
    try:
        if not form.is_valid():
            raise Refusal(gettext("Say whether it helped."), field="helped")
        operations.give_feedback(
            found, form.cleaned_data["helped"] == "1", comment=form.cleaned_data["comment"], by=request.access, at=timezone.now()
        )  # fmt: skip
    except Refusal as refusal:
        return _shown(request, found, refusal=refusal)
    messages.success(request, gettext("Thank you."))
    return go("knowledge:article", pk)


# Standard phrases


def _phrase_list(request: HttpRequest) -> List:
    may = request.access.may(May.PHRASES)
    called = {code: name.strip() for code, name in named(request.access.company_id)}
    return List(
        "phrases",
        columns=(
            Column("code", _("Short name"), kind="code", sort="code", link=(lambda p: reverse("knowledge:phrase", args=[p.pk])) if may else None),
            Column("title", _("Title"), sort="title"),
            Column("text", _("Text")),
            Column("codes", _("Request classes"), value=lambda p: "、".join(called.get(code, code) for code in p.codes)),
        ),
        filters=(Search("q", _("Search"), ("code__icontains", "title__icontains", "text__icontains")),),
        tabs=(
            Tab("used", _("In use"), Q(ended_at__isnull=True)),
            Tab("ended", _("No longer used"), Q(ended_at__isnull=False)),
        ),
        order="title",
    )  # fmt: skip


@page(May.SEE, scope=Scope.COMPANY, audit="knowledge:phrases:exported", rate="page")
def phrases(request: HttpRequest) -> HttpResponse:
    """What is said again and again, ready to be used (KA-9.4)."""
    listing = _phrase_list(request).of(request, Phrase.objects.visible_to(request.access, May.SEE))
    if listing.wants_export:
        return listing.export(gettext("Standard phrases"))
    context = {"list": listing, "may_keep": request.access.may(May.PHRASES)}
    return show(request, "knowledge/phrases.html", context, parts=["list"])


@page(May.PHRASES, "GET", "POST", scope=Scope.COMPANY, audit="knowledge:phrase:*", rate="write")
def keep_phrase(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add a standard phrase, or change one."""
    rows = Phrase.objects.visible_to(request.access, May.PHRASES)
    phrase = get_object_or_404(held(rows, request), pk=pk) if pk else None
    initial = {name: getattr(phrase, name) for name in ("code", "title", "text", "codes")} if phrase else {}
    form = PhraseForm(request.POST or None, initial=initial, company_id=request.access.company_id)
    if request.method == "POST" and form.is_valid():
        try:
            operations.keep_phrase(**form.cleaned_data, phrase=phrase, by=request.access, at=timezone.now())
        except Refusal as refusal:
            _beside(form, refusal)
        else:
            return go("knowledge:phrases")
    context = {
        "form": form,
        "phrase": phrase,
        "places": [f"{{{word if chinese() else code}}}" for code, word in PLACES.items()],
        "crumbs": [(gettext("Standard phrases"), reverse("knowledge:phrases"))],
    }
    return show(request, "knowledge/phrase_form.html", context, status=form.status)


@page(May.PHRASES, "POST", scope=Scope.COMPANY, audit="knowledge:phrase:ended", rate="write")
def end_phrase(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer a phrase no longer."""
    phrase = get_object_or_404(Phrase.objects.visible_to(request.access, May.PHRASES), pk=pk)
    operations.end_phrase(phrase, by=request.access, at=timezone.now())
    return go("knowledge:phrases")
