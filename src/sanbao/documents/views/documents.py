"""Regulations: the list, one with its versions, what changed, its print; a clause by its id; the shipped texts."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sanbao.audit.queries import about
from sanbao.audit.words import word
from sanbao.documents import differences, operations, printing, queries, shipping
from sanbao.documents.forms import AttachmentForm, HeadForm
from sanbao.documents.models import Attachment, Document, Kind, Version
from sanbao.documents.permissions import May
from sanbao.documents.states import MOVES, OPEN, STEPS, TONES, State
from sanbao.files import operations as files
from sanbao.ui.formats import chinese, language
from sanbao.ui.lists import Choice, Column, Days, List, Search, Tab
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.readers import values
from sanbao.ui.refusal import Refusal, Stale
from sanbao.ui.seen import held

STANDING_TONES = {"new": "secondary", "in_force": "green", "repealed": "red"}


def _title(document: Document | Version) -> str:
    return document.title if chinese() or not document.english else document.english


def crumbs(document: Document | None = None) -> list[tuple[str, str]]:
    found = [(gettext("Regulations"), reverse("documents:list"))]
    if document is not None:
        found.append(
            (f"{document.number} {_title(document)}", reverse("documents:document", args=[document.pk]))
        )
    return found


def _list(request: HttpRequest) -> List:
    def found(words: str) -> Q:
        return Q(pk__in=queries.documents_with(queries.documents(request.access), words))

    def in_state(*states: str) -> Q:
        return Q(pk__in=Version.objects.filter(state__in=states).values("document"))

    tabs = (
        Tab("in_force", _("In force"), Q(standing=Document.Standing.IN_FORCE)),
        Tab("draft", _("Drafts"), in_state(State.DRAFT)),
        Tab("reviewed", _("To approve"), in_state(State.REVIEWED)),
        Tab("approved", _("Waiting for their day"), in_state(State.APPROVED)),
        Tab("repealed", _("Repealed"), Q(standing=Document.Standing.REPEALED)),
        Tab("all", _("All")),
    )
    return List(
        "regulations",
        columns=(
            Column("number", _("Number"), kind="code", sort="number", link=lambda d: reverse("documents:document", args=[d.pk])),
            Column("title", _("Title"), sort="title", value=_title, link=lambda d: reverse("documents:document", args=[d.pk])),
            Column("kind", _("Kind"), value="get_kind_display"),
            Column("department", _("Department")),
            Column("label", _("Version"), kind="code"),
            Column("effective_on", _("Effective date"), kind="date", sort="effective_on"),
            Column("review_on", _("Review date"), kind="date", sort="review_on"),
            Column("standing", _("State"), kind="badge", value="get_standing_display", tone=lambda d: STANDING_TONES[d.standing]),
            Column("public", _("Readers"), value=lambda d: gettext("customers too") if d.public else gettext("colleagues")),
            Column("changed_at", _("Changed"), kind="date", sort="changed_at", shown=False),
        ),
        filters=(
            Search("q", _("Search"), where_of=found),
            Choice("kind", _("Kind"), Kind.choices),
            Days("effective", _("Effective date"), field="effective_on"),
        ),
        tabs=tabs if queries.works_on(request.access) else (tabs[0], tabs[4]),
        order="number",
    )  # fmt: skip


@page(May.SEE, scope=Scope.COMPANY, audit="documents:regulations:exported", rate="page")
def documents(request: HttpRequest) -> HttpResponse:
    """The company's regulations (GN-9, SX-1)."""
    listing = _list(request).of(request, queries.documents(request.access))
    if listing.wants_export:
        return listing.export(gettext("Regulations"))
    context = {
        "list": listing,
        "may_write": request.access.may(May.WRITE),
        "may_run": request.access.may(May.CAMPAIGNS),
    }
    return show(request, "documents/documents.html", context, parts=["list"])


@page(May.SEE, scope=Scope.COMPANY, audit=None, rate="page")
def search(request: HttpRequest) -> HttpResponse:
    """Words in the clauses in force, with the clause they stand in."""
    words = values.text(request.GET.get("words", "").replace("\0", ""), 10**6)[:100].strip()
    found = queries.found(request.access, words) if len(words) > 1 else []
    context = {
        "words": words, "found": [(clause, _around(clause.words, words)) for clause in found], "short": len(words) == 1,
        "most": queries.MOST_FOUND, "crumbs": crumbs(),
    }  # fmt: skip
    return show(request, "documents/search.html", context)


def _around(text: str, words: str) -> tuple[str, str, str]:
    """A piece of the text before the words, the words, and a piece after."""
    at = text.lower().find(words.lower())
    if at < 0:
        return "", "", text[:160]
    end = at + len(words)
    return ("…" if at > 40 else "") + text[max(0, at - 40) : at], text[at:end], text[end : end + 120]


@page(May.SEE, scope=Scope.COMPANY, audit=None, rate="page")
def clause(request: HttpRequest, source: str, ref: str) -> HttpResponse:
    """Where the clause that a decision or a rulebook names stands: its text in the regulations in force, and what rests on it."""
    today = timezone.localdate()
    if "\0" in ref or len(ref) > 30:
        raise Http404
    places = queries.places_of(request.access, source, ref)
    own_words = queries.words_of_rulebooks(request.access.company_id, f"{source} {ref}", language())
    if not places and not own_words:
        raise Http404
    parameters = queries.parameters_of(request.access.company_id, ref, today, language())
    context = {
        "cited": f"{source} {ref}", "ref": ref, "places": places, "own_words": own_words,
        "parameters": [(label, f"{reverse('regulations:book', args=[book])}#{name}") for book, name, label in parameters],
        "crumbs": crumbs(),
    }  # fmt: skip
    return show(request, "documents/clause.html", context)


@page(May.SEE, scope=Scope.COMPANY, audit=None, rate="page")
def document(request: HttpRequest, pk: int) -> HttpResponse:
    """One regulation: what is in force, or the version asked for."""
    return shown(request, get_object_or_404(queries.documents(request.access), pk=pk))


def shown(
    request: HttpRequest,
    found: Document,
    *,
    refusal: Refusal | None = None,
    form: AttachmentForm | None = None,
) -> HttpResponse:
    access = request.access
    people = ("draft_by", "reviewed_by", "approved_by", "repealed_by")
    visible = list(queries.versions(access).filter(document=found).select_related(*people).order_by("-no"))
    asked = request.GET.get("version", "")
    in_force = next((one for one in visible if one.state == State.IN_FORCE), None)
    read = (
        next((one for one in visible if str(one.no) == asked), None)
        or in_force
        or (visible[0] if visible else None)
    )
    if read is None:
        raise Http404
    read.document = found
    writes = access.may(May.WRITE)
    today = timezone.localdate()
    open_one = next((one for one in visible if one.state in OPEN), None)
    context = {
        "document": found,
        "version": read,
        "title": _title(read),
        "english": not chinese(),
        "tone": TONES[State(read.state)],
        "versions": [(one, TONES[State(one.state)]) for one in visible],
        "other_open": open_one if open_one is not None and open_one.pk != read.pk else None,
        "steps": _steps(read),
        "moves": queries.legal_moves(read, access),
        "clauses": list(read.clauses.all()),
        "repeals": [one.document for one in read.repeals.select_related("document")],
        "repealed_by": Version.objects.select_related("document").filter(pk=found.repealed_by_id).first() if found.repealed_by_id else None,
        "attachments": list(read.attachments.select_related("file").order_by("id")),
        "lost": queries.lost_citations(read, today, language()) if queries.works_on(access) and read.state in OPEN else [],
        "late": read.state in (State.DRAFT, State.REVIEWED) and read.effective_on < today and not read.taken_over,
        "campaigns": list(queries.campaigns(access).filter(version__document=found).order_by("-id")[:10]) if access.may(May.CAMPAIGNS) else [],
        "may_edit": writes and read.state == State.DRAFT,
        "may_revise": writes and open_one is None and found.standing != Document.Standing.REPEALED,
        "may_publish": access.may(May.PUBLISH) and found.standing == Document.Standing.IN_FORCE,
        "may_run": access.may(May.RUN) and read.state in (State.APPROVED, State.IN_FORCE),
        "may_copy": writes and read.state == State.IN_FORCE,
        "first": read.no == 1,
        "form": form or AttachmentForm(),
        "events": _events(found, read) if queries.works_on(access) else [],
        "refusal": refusal,
        "crumbs": crumbs(),
    }  # fmt: skip
    status = refusal.status if refusal else 422 if form is not None and form.errors else 200
    return show(request, "documents/document.html", context, status=status)


def _events(found: Document, read: Version) -> list[dict[str, Any]]:
    told = [
        {"what": word(event.action), "who": event.by.name if event.by else "", "at": event.at, "text": event.details.get("reason") or ""}
        for event in [*about(read)[:20], *about(found)[:20]]
    ]  # fmt: skip
    return sorted(told, key=lambda event: event["at"], reverse=True)


def _steps(version: Version) -> list[dict[str, Any]]:
    """The step bar: prepared, reviewed, approved, in force; who and when."""
    ended = version.state not in STEPS
    reached = len(STEPS) if ended or version.state == State.IN_FORCE else STEPS.index(State(version.state))
    labels = {
        State.DRAFT: gettext("Prepared"), State.REVIEWED: gettext("Reviewed"), State.APPROVED: gettext("Approved"),
        State.IN_FORCE: gettext("In force"),
    }  # fmt: skip
    steps: list[dict[str, Any]] = []
    for number, state in enumerate(STEPS):
        at = getattr(version, f"{state.value}_at")
        who = getattr(version, f"{state.value}_by") if state != State.IN_FORCE else None
        place = "done" if number < reached else "now" if number == reached else "todo"
        day = version.effective_on if state == State.IN_FORCE else at
        steps.append(
            {"label": labels[state], "state": place, "who": who.name if who and at else "", "at": day}
        )
    if ended:
        who = version.repealed_by
        steps.append(
            {"label": State(version.state).label, "state": "stopped", "who": who.name if who else "", "at": version.repealed_at}
        )  # fmt: skip
    return steps


def seen(request: HttpRequest) -> int:
    """The version of the row that the page showed."""
    typed = request.POST.get("version", "")
    return int(typed) if typed.isdecimal() and len(typed) < 9 else -1


def beside(form: Any, refusal: Refusal) -> None:
    """A refusal beside the field it is about."""
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)


def _form(request: HttpRequest, version: Version | None) -> HeadForm:
    initial: dict[str, Any] = {}
    if version is not None:
        initial = {name: getattr(version, name) for name in operations.FIELDS}
        initial |= {name: getattr(version.document, name) for name in operations.DOCUMENT_FIELDS}
        initial["repeals"] = [one.document for one in version.repeals.select_related("document")]
    return HeadForm(
        request.POST or None, initial=initial, company_id=request.access.company_id,
        document=version.document if version else None, first=version is None or version.no == 1,
    )  # fmt: skip


@page(May.WRITE, "GET", "POST", scope=Scope.COMPANY, audit="documents:document:drafted", rate="write")
def add(request: HttpRequest) -> HttpResponse:
    """Begin a regulation."""
    form = _form(request, None)
    if request.method == "POST" and form.is_valid():
        try:
            made = operations.draft(
                form.head(), repeals=form.repealed(), by=request.access, at=timezone.now()
            )
        except Refusal as refusal:
            beside(form, refusal)
        else:
            return go("documents:text", made.pk)
    return show(
        request, "documents/document_form.html", {"form": form, "crumbs": crumbs()}, status=form.status
    )


@page(May.WRITE, "GET", "POST", scope=Scope.COMPANY, audit="documents:document:amended", rate="write")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a draft's head."""
    rows = Version.objects.visible_to(request.access, May.WRITE).select_related("document")
    version = get_object_or_404(held(rows, request), pk=pk)
    form = _form(request, version)
    if request.method == "POST" and form.is_valid():
        try:
            operations.amend(
                version, form.head(), repeals=form.repealed(), seen=None, by=request.access, at=timezone.now()
            )
        except Refusal as refusal:
            beside(form, refusal)
        else:
            return to_version(version)
    context = {"form": form, "version": version, "crumbs": crumbs(version.document)}
    return show(request, "documents/document_form.html", context, status=form.status)


def to_version(version: Version) -> HttpResponse:
    return go(f"{reverse('documents:document', args=[version.document_id])}?version={version.no}")


@page(May.WRITE, "POST", scope=Scope.COMPANY, audit=("documents:document:revised", ""), rate="write")
def revise(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin the next version, or go to the one that was begun."""
    found = get_object_or_404(Document.objects.visible_to(request.access, May.WRITE), pk=pk)
    try:
        made = operations.revise(found, by=request.access, at=timezone.now())
    except Stale as stale:
        messages.info(request, str(stale))
        return to_version(
            get_object_or_404(Version.objects.filter(document=found), pk=stale.details["version"])
        )
    return go("documents:edit", made.pk)


@page(May.SEE, "POST", scope=Scope.COMPANY, audit="documents:version:*", rate="write")
def move(request: HttpRequest, pk: int, noun: str) -> HttpResponse:
    """One legal move of a version; what is refused is shown with the regulation as it is now."""
    if noun not in MOVES:
        raise Http404
    request.access.require(MOVES[noun].permission)
    found = get_object_or_404(
        Version.objects.visible_to(request.access, MOVES[noun].permission).select_related("document"), pk=pk
    )
    try:
        operations.move(
            found, noun, version_seen=seen(request), by=request.access, at=timezone.now(), reason=request.POST.get("reason", "")
        )  # fmt: skip
    except Refusal as refusal:
        request.GET = request.GET.copy()
        request.GET["version"] = str(found.no)
        return shown(request, found.document, refusal=refusal)
    messages.success(request, gettext("Done."))
    return to_version(found)


@page(
    May.PUBLISH,
    "POST",
    scope=Scope.COMPANY,
    audit=("documents:document:published", "documents:document:hidden", ""),
    rate="write",
)
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Show it to customers, or no longer (MO-1)."""
    found = get_object_or_404(Document.objects.visible_to(request.access, May.PUBLISH), pk=pk)
    try:
        operations.publish(found, request.POST.get("public") == "1", by=request.access, at=timezone.now())
    except Refusal as refusal:
        return shown(request, found, refusal=refusal)
    messages.success(request, gettext("Done."))
    return go("documents:document", pk)


def _readable(request: HttpRequest, pk: int) -> Version:
    return get_object_or_404(queries.versions(request.access), pk=pk)


@page(May.SEE, scope=Scope.COMPANY, audit=None, rate="page")
def difference(request: HttpRequest, pk: int) -> HttpResponse:
    """What a version says differently from the one before, or from another one."""
    version = _readable(request, pk)
    asked = request.GET.get("from", "")
    others = queries.versions(request.access).filter(document=version.document).exclude(pk=pk).order_by("-no")
    before = next((one for one in others if str(one.no) == asked), None) or queries.before(version)
    found = differences.differences(before, version)
    context = {
        "version": version, "before": before, "others": others, "differences": found, "in_words": differences.in_words(found),
        "crumbs": crumbs(version.document),
    }  # fmt: skip
    return show(request, "documents/difference.html", context)


@page(May.SEE, scope=Scope.COMPANY, audit=None, rate="export")
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The controlled print: uncontrolled once it is on paper, and it says so (RW-8)."""
    return _pdf(request, _readable(request, pk), controlled=False)


@page(May.WRITE, "POST", scope=Scope.COMPANY, audit="documents:version:copied", rate="export")
def controlled_copy(request: HttpRequest, pk: int) -> HttpResponse:
    """A copy under control, for the notice board or an outlet's folder: it leaves an event with its number."""
    version = _readable(request, pk)
    try:
        operations.copy(version, by=request.access, at=timezone.now())
    except Refusal as refusal:
        return shown(request, version.document, refusal=refusal)
    return _pdf(request, version, controlled=True)


def _pdf(request: HttpRequest, version: Version, *, controlled: bool) -> HttpResponse:
    at = timezone.now()
    made = printing.pdf(version, language(), controlled=controlled, at=at, by=request.access)
    response = HttpResponse(made, content_type="application/pdf")
    name = f"{version.document.number}-{version.label}".replace("/", "-").replace('"', "")
    response.headers["Content-Disposition"] = printing.disposition(f"{name}.pdf")
    return response


@page(May.WRITE, "POST", scope=Scope.COMPANY, audit="documents:document:attached", rate="upload")
def attach(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a file with a draft."""
    version = get_object_or_404(
        Version.objects.visible_to(request.access, May.WRITE).select_related("document"), pk=pk
    )
    form = AttachmentForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            operations.attach(
                version, file.read(), file.name, label=form.cleaned_data["label"], by=request.access, at=timezone.now()
            )  # fmt: skip
        except Refusal as refusal:
            beside(form, refusal)
        else:
            return to_version(version)
    request.GET = request.GET.copy()
    request.GET["version"] = str(version.no)
    return shown(request, version.document, form=form)


def _attachment(request: HttpRequest, pk: int, permission: str) -> Attachment:
    rows = Attachment.objects.visible_to(request.access, permission).select_related(
        "file", "version__document"
    )
    return get_object_or_404(rows, pk=pk)


@page(May.SEE, scope=Scope.COMPANY, audit=None, rate="export")
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """An attachment as a file. Readers have those of what is or was in force."""
    found = _attachment(request, pk, May.SEE)
    if found.version.in_force_at is None and not queries.works_on(request.access):
        raise Http404
    return files.download(found.file)


@page(May.WRITE, "POST", scope=Scope.COMPANY, audit="documents:document:detached", rate="write")
def detach(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a file from a draft."""
    found = _attachment(request, pk, May.WRITE)
    try:
        operations.detach(found, by=request.access, at=timezone.now())
    except Refusal as refusal:
        return shown(request, found.version.document, refusal=refusal)
    return to_version(found.version)


# The texts that come with the program


@page(May.WRITE, scope=Scope.COMPANY, audit=None, rate="page")
def shipped(request: HttpRequest) -> HttpResponse:
    """The shipped regulations, and which of them the company has already."""
    return _shelf(request)


def _shelf(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    own = {
        each.source: each
        for each in Document.objects.visible_to(request.access, May.SEE).exclude(source="").order_by("pk")
        if each.standing != Document.Standing.REPEALED
    }
    rows = [(text, len([one for one in text.clauses if one.id]), own.get(name)) for name in shipping.shipped_names() if (text := shipping.shipped(name))]  # fmt: skip
    context = {"rows": rows, "english": not chinese(), "refusal": refusal, "crumbs": crumbs()}
    return show(request, "documents/shipped.html", context, status=refusal.status if refusal else 200)


@page(May.WRITE, "GET", "POST", scope=Scope.COMPANY, audit="documents:document:drafted", rate="write")
def take_shipped(request: HttpRequest, name: str) -> HttpResponse:
    """Read a shipped text; take it over as a draft of the company's own."""
    if name not in shipping.shipped_names():
        raise Http404
    if request.method == "POST":
        try:
            made = operations.adopt_shipped(name, by=request.access, at=timezone.now())
        except Refusal as refusal:
            return _shelf(request, refusal)
        return to_version(made)
    context = {"text": shipping.shipped(name), "english": not chinese(), "crumbs": [*crumbs(), (gettext("Shipped texts"), reverse("documents:shipped"))]}  # fmt: skip
    return show(request, "documents/shipped_text.html", context)
