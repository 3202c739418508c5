"""Drafts of editions: the list, one draft with its differences in words, its changes, examples, moves, and editions as files."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sanbao.audit import operations as audit
from sanbao.audit.queries import about
from sanbao.audit.words import word
from sanbao.regulations import drafting, facts, publication, trying
from sanbao.regulations.draft_forms import BeginForm, BringForm, ChangeForm, ClauseForm, ExampleForm, HeadForm
from sanbao.regulations.models import Change, Draft, Edition, Example, Proposal
from sanbao.regulations.permissions import May
from sanbao.regulations.queries import book_names, rulebook
from sanbao.regulations.states import MOVES, OPEN, STEPS, TONES, State
from sanbao.ui import formats
from sanbao.ui.lists import Choice, Column, List, Tab
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal
from sanbao.ui.seen import held
from sanbao_rules import examples as rules
from sanbao_rules.decision import from_json, to_json
from sanbao_rules.document import FACT_WORDS
from sanbao_rules.questions import QUESTIONS
from sanbao_rules.rulebook import Rulebook, shipped
from sanbao_rules.writing import written

# What a question is called, and a decision's question and facts by its number: filled by the module above that keeps decisions.
QUESTION_WORDS: list[Any] = []
DECISIONS: list[Any] = []
TRY = "backtests:backtest:make"  # of the module above, whose page it leads to
_PEOPLE = ("made_by", "editing_by", "review_by", "approved_by", "published_by", "withdrawn_by")


def _book_choices() -> list[tuple[str, str]]:
    return [(name, shipped(name).title[formats.language()]) for name in book_names()]


def _title(name: str) -> str:
    return str(shipped(name).title[formats.language()])


DRAFTS = List(
    "drafts",
    columns=(
        Column("title", _("What is changed"), link=lambda d: reverse("regulations:draft", args=[d.pk])),
        Column("book", _("Rulebook"), value=lambda d: _title(d.book)),
        Column("edition", _("Edition"), kind="code"),
        Column("state", _("State"), kind="badge", value="get_state_display", tone=lambda d: TONES[State(d.state)]),
        Column("from_day", _("In force from"), kind="date"),
        Column("editing_by", _("Author"), value="editing_by"),
        Column("editing_at", _("Changed"), kind="date"),
    ),
    filters=(Choice("book", _("Rulebook"), lambda request: _book_choices()),),
    tabs=(
        Tab("open", _("Being worked on"), Q(state__in=OPEN)), Tab("published", _("Published"), Q(state=State.PUBLISHED)),
        Tab("all", _("All")),
    ),
)  # fmt: skip


def _drafts(request: HttpRequest, permission: str = May.SEE) -> Any:
    return Draft.objects.visible_to(request.access, permission)


@page(May.SEE, scope=Scope.COMPANY, audit="regulations:drafts:exported", rate="page")
def drafts(request: HttpRequest) -> HttpResponse:
    """Drafts of editions, newest first."""
    listing = DRAFTS.of(request, _drafts(request).select_related("editing_by"))
    if listing.wants_export:
        return listing.export(gettext("Drafts of editions"))
    context = {"list": listing, "may_draft": request.access.may(May.DRAFT), "crumbs": _crumbs(drafts=False)}
    return show(request, "regulations/drafts.html", context, parts=["list"])


def _crumbs(draft: Draft | None = None, *, drafts: bool = True) -> list[tuple[str, str]]:
    crumbs = [(gettext("Rulebooks"), reverse("regulations:books"))]
    if drafts:
        crumbs.append((gettext("Drafts"), reverse("regulations:drafts")))
    if draft is not None:
        crumbs.append((draft.title, reverse("regulations:draft", args=[draft.pk])))
    return crumbs


@page(May.SEE, scope=Scope.COMPANY, audit=None, rate="page")
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """One draft: what it says differently in words, which examples answer otherwise, and what may be done with it."""
    return _shown(
        request, get_object_or_404(_drafts(request).select_related("base", "result", *_PEOPLE), pk=pk)
    )


def _shown(request: HttpRequest, found: Draft, refusal: Refusal | None = None) -> HttpResponse:
    language = formats.language()
    before, after = rulebook(found.base), drafting.book_of(found)
    changes = drafting.changes_of(found)
    rows = {(change.parameter, change.since): change for change in changes}
    editable = found.state == State.EDITING and request.access.may(May.DRAFT)
    changed_examples, examples = trying.shipped_changes(found, language)
    reached = publication.settled_months(found, before, after) if found.state in OPEN else []
    report = found.report or publication.report_of(found)
    context = {
        "draft": found,
        "book_title": after.title[language],
        "tone": TONES[State(found.state)],
        "steps": _steps(found),
        "moves": _moves(found, request),
        "editable": editable,
        "differences": facts.told_differences(before, after, language, rows),
        "idle": [change for change in changes if not _acts(change, before, after)],
        "clauses": [(name, text[language]) for name, text in found.clauses.items()],
        "changed_examples": changed_examples,
        "examples": examples,
        "own_examples": trying.own(found),
        "reached": [
            (after.parameters[one.parameter].label[language], f"{months[0]:%Y-%m}", f"{months[-1]:%Y-%m}") for one, months in reached
        ],
        "outdated": found.state in OPEN and publication.is_outdated(found),
        "report": report,
        "try_url": f"{reverse('backtests:new')}?try=draft-{found.pk}" if found.state in OPEN and request.access.may(TRY) else "",
        "needs_report": found.state in OPEN and publication.needs_report(found),
        "digest": after.digest,
        "proposals": list(found.proposals.order_by("id")),
        "own_draft": found.state in (State.REVIEW, State.APPROVED) and request.access.person_id in _authors(found, changes),
        "events": [
            {"what": word(event.action), "who": event.by.name if event.by else "", "at": event.at, "text": event.details.get("reason") or ""}
            for event in about(found)[:30]
        ],
        "refusal": refusal,
        "crumbs": _crumbs(),
    }  # fmt: skip
    return show(request, "regulations/draft.html", context, status=refusal.status if refusal else 200)


def _acts(change: Change, before: Rulebook, after: Rulebook) -> bool:
    """Whether a change changes anything; one that says what the base says is shown apart, to be taken out."""
    old = {value.since: (value.value, value.clause) for value in before.parameters[change.parameter].values}
    new = {value.since: (value.value, value.clause) for value in after.parameters[change.parameter].values}
    return old.get(change.since) != new.get(change.since)


def _authors(found: Draft, changes: list[Change]) -> set[int]:
    return {found.made_by_id, found.editing_by_id, *(change.by_id for change in changes)}


def _steps(found: Draft) -> list[dict[str, Any]]:
    """The step bar: who did each step and when."""
    stopped = found.state == State.WITHDRAWN
    reached = len(STEPS) if stopped or found.state == State.PUBLISHED else STEPS.index(State(found.state))
    steps = []
    for number, state in enumerate(STEPS):
        at, who = getattr(found, f"{state.value}_at"), getattr(found, f"{state.value}_by")
        if stopped and not at:
            continue
        place = "done" if number < reached else "now" if number == reached else "todo"
        steps.append({"label": state.label, "state": place, "who": who.name if who and at else "", "at": at})
    if stopped:
        who = found.withdrawn_by.name if found.withdrawn_by else ""
        steps.append(
            {"label": State.WITHDRAWN.label, "state": "stopped", "who": who, "at": found.withdrawn_at}
        )
    return steps


def _moves(found: Draft, request: HttpRequest) -> list[Any]:
    """The moves the state allows and the reader's post carries; who wrote it is not offered what another must do."""
    legal = [
        move for move in MOVES.values() if found.state in move.sources and request.access.may(move.permission)
    ]
    if request.access.person_id in {found.made_by_id, found.editing_by_id}:
        legal = [move for move in legal if move.noun not in ("approval", "publication")]
    today = timezone.localdate()
    waits = found.state == State.PUBLISHED and found.from_day is not None and found.from_day > today
    return [move for move in legal if move.noun != "recall" or waits]


def _version(request: HttpRequest) -> int:
    typed = request.POST.get("version", "")
    return int(typed) if typed.isdecimal() and len(typed) < 9 else -1


@page(May.SEE, "POST", scope=Scope.COMPANY, audit="regulations:draft:*", rate="write")
def move(request: HttpRequest, pk: int, noun: str) -> HttpResponse:
    """One legal move of a draft; what is refused is shown with the draft as it is now."""
    if noun not in MOVES:
        raise Http404
    request.access.require(MOVES[noun].permission)
    found = get_object_or_404(_drafts(request, MOVES[noun].permission), pk=pk)
    try:
        publication.move(
            found, noun, version=_version(request), by=request.access, at=timezone.now(), reason=request.POST.get("reason", "")
        )  # fmt: skip
    except Refusal as refusal:
        again = get_object_or_404(_drafts(request).select_related("base", "result", *_PEOPLE), pk=pk)
        return _shown(request, again, refusal)
    messages.success(request, gettext("Done."))
    return go("regulations:draft", pk)


@page(May.DRAFT, "GET", "POST", scope=Scope.COMPANY, audit="regulations:draft:begun", rate="write")
def begin(request: HttpRequest) -> HttpResponse:
    """Begin a draft; from an accepted proposal, if one is named."""
    proposal = _proposal(request)
    asked = request.GET.get("book", "") or (proposal.book if proposal else "")
    name = asked if asked in book_names() else "settlement"
    initial = {
        "book": name, "title": proposal.title if proposal else "", "why": proposal.words if proposal else "", "edition": _next_name(request, name)
    }  # fmt: skip
    form = BeginForm(request.POST or None, initial=initial, books=_book_choices())
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        try:
            made = drafting.begin(
                fields["book"], title=fields["title"], why=fields["why"] or "", edition=fields["edition"],
                from_day=fields["from_day"], by=request.access, at=timezone.now(),
            )  # fmt: skip
        except Refusal as refusal:
            beside(form, refusal)
        else:
            if proposal is not None:
                Proposal.objects.filter(pk=proposal.pk, draft=None).update(draft=made)
            return go("regulations:draft", made.pk)
    context = {"form": form, "bring": BringForm(), "crumbs": _crumbs(), "draft": None, "proposal": proposal}
    return show(request, "regulations/draft_form.html", context, status=form.status)


def _proposal(request: HttpRequest) -> Proposal | None:
    asked = request.GET.get("proposal", "")
    rows = Proposal.objects.visible_to(request.access, May.DRAFT).filter(state="accepted", draft=None)
    return rows.filter(pk=int(asked)).first() if asked.isdecimal() and len(asked) < 16 else None


def _next_name(request: HttpRequest, book: str) -> str:
    """A name that is likely free: the year and the number of the company's editions and drafts of the book in it."""
    company = request.access.company_id
    number = Edition.objects.filter(company_id=company, book=book).count()
    number += Draft.objects.filter(company_id=company, book=book, state__in=OPEN).count()
    return f"{timezone.localdate().year}.{number + 1}"


def beside(form: Any, refusal: Refusal) -> None:
    """A refusal beside its field, or above the form where it has none."""
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)


@page(May.DRAFT, "POST", scope=Scope.COMPANY, audit="regulations:draft:brought", rate="upload")
def bring(request: HttpRequest) -> HttpResponse:
    """Begin a draft from an edition as a TOML file."""
    form = BringForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            text = form.cleaned_data["file"].read().decode("utf-8-sig")
            made = drafting.bring(
                text, title=form.cleaned_data["title"], by=request.access, at=timezone.now()
            )
        except UnicodeDecodeError:
            form.add_error("file", gettext("The file is no text in UTF-8."))
        except Refusal as refusal:
            beside(form, refusal)
        else:
            return go("regulations:draft", made.pk)
    begin_form = BeginForm(books=_book_choices(), initial={"edition": _next_name(request, "settlement")})
    context = {"form": begin_form, "bring": form, "crumbs": _crumbs(), "draft": None, "proposal": None}
    return show(request, "regulations/draft_form.html", context, status=422)


@page(May.DRAFT, "GET", "POST", scope=Scope.COMPANY, audit="regulations:draft:amended", rate="write")
def amend(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what stands at the head of a draft."""
    found = get_object_or_404(held(_drafts(request, May.DRAFT), request), pk=pk)
    initial = {
        name: getattr(found, name) for name in ("title", "why", "edition", "from_day", "keeps_settled")
    }
    form = HeadForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        try:
            drafting.amend(
                found, title=fields["title"], edition=fields["edition"], why=fields["why"] or "", from_day=fields["from_day"],
                keeps_settled=fields["keeps_settled"], version=None, by=request.access, at=timezone.now(),
            )  # fmt: skip
        except Refusal as refusal:
            beside(form, refusal)
        else:
            return go("regulations:draft", pk)
    context = {"form": form, "draft": found, "crumbs": _crumbs(found)}
    return show(request, "regulations/draft_form.html", context, status=form.status)


@page(May.DRAFT, scope=Scope.COMPANY, audit=None, rate="page")
def choose(request: HttpRequest, pk: int) -> HttpResponse:
    """The parameters of the draft's book with what they say now, to choose the one to change."""
    found = get_object_or_404(_drafts(request, May.DRAFT).select_related("base", "result"), pk=pk)
    told = facts.parameters(drafting.book_of(found), formats.language(), timezone.localdate())
    return show(
        request, "regulations/choose.html", {"draft": found, "parameters": told, "crumbs": _crumbs(found)}
    )


@page(May.DRAFT, "GET", "POST", scope=Scope.COMPANY, audit="regulations:draft:changed", rate="write")
def change(request: HttpRequest, pk: int, parameter: str) -> HttpResponse:
    """Change one parameter in a draft; `what` says which of its values, `change` which earlier change is changed again."""
    found = get_object_or_404(_drafts(request, May.DRAFT).select_related("base"), pk=pk)
    book, language = rulebook(found.base), formats.language()
    if parameter not in book.parameters:
        raise Http404
    asked, edited = parameter, book.parameters[parameter]
    earlier = _earlier(request, found, asked)
    form = ChangeForm(
        request.POST or None, parameter=edited, book=book, language=language, draft=found, change=earlier,
        what=_what(request, edited), clauses=facts.clause_choices(book, found.clauses, language),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        try:
            drafting.change(
                found, asked, form.how, fields["since"], form.value, "" if form.how == "remove" else fields["clause"],
                reason=fields["reason"] or "", kind=form.kind_of_change(), by=request.access, at=timezone.now(),
            )  # fmt: skip
        except Refusal as refusal:
            beside(form, refusal)
        else:
            return go("regulations:draft", pk)
    context = {
        "form": form, "draft": found, "label": edited.label[language], "note": edited.note[language] if edited.note else "",
        "time_line": facts.time_line(book, asked, language, timezone.localdate()), "crumbs": _crumbs(found),
    }  # fmt: skip
    return show(request, "regulations/change_form.html", context, status=422 if form.errors else 200)


def _earlier(request: HttpRequest, found: Draft, parameter: str) -> Change | None:
    asked = request.GET.get("change", "")
    rows = Change.objects.filter(draft=found, parameter=parameter)
    return rows.filter(pk=int(asked)).first() if asked.isdecimal() and len(asked) < 16 else None


def _what(request: HttpRequest, parameter: Any) -> str:
    asked = request.GET.get("what", "")
    known = {f"{how}:{value.since}" for value in parameter.values for how in ("correct", "remove")}
    return asked if asked in known else ""


@page(May.DRAFT, "POST", scope=Scope.COMPANY, audit=("regulations:draft:undone", ""), rate="write")
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a change out of a draft."""
    found = get_object_or_404(
        Change.objects.visible_to(request.access, May.DRAFT).select_related("draft"), pk=pk
    )
    drafting.undo(found, by=request.access, at=timezone.now())
    return go("regulations:draft", found.draft_id)


@page(May.DRAFT, "GET", "POST", scope=Scope.COMPANY, audit="regulations:draft:clause-added", rate="write")
def add_clause(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a clause of the company's own to a draft."""
    found = get_object_or_404(_drafts(request, May.DRAFT), pk=pk)
    form = ClauseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        try:
            texts = {"zh": fields["zh"] or "", "en": fields["en"] or ""}
            drafting.add_clause(found, fields["number"], texts, by=request.access, at=timezone.now())
        except Refusal as refusal:
            beside(form, refusal)
        else:
            return go("regulations:draft", pk)
    context = {"form": form, "draft": found, "crumbs": _crumbs(found)}
    return show(request, "regulations/clause_form.html", context, status=422 if form.errors else 200)


@page(
    May.DRAFT, "GET", "POST", scope=Scope.COMPANY, audit=("regulations:draft:example-added", ""), rate="write"
)
def add_example(request: HttpRequest, pk: int) -> HttpResponse:
    """Add an example of one's own: facts from a shipped example or a stored decision, changed as wished, and the expected answer."""
    found = get_object_or_404(_drafts(request, May.DRAFT).select_related("base"), pk=pk)
    language = formats.language()
    names = [
        (str(number), one.name[language]) for number, one in enumerate(rules.shipped_examples(found.book))
    ]
    source = _source(request, found)
    context: dict[str, Any] = {
        "draft": found, "names": names, "may_decisions": bool(DECISIONS), "crumbs": _crumbs(found), "form": None,
        "asked": request.GET.get("decision", "")[:16], "missing": bool(request.GET) and source is None,
    }  # fmt: skip
    if source is None:
        return show(request, "regulations/example_form.html", context)
    question, given = source
    answer = _answer(question, given, found)
    form = ExampleForm(request.POST or None, facts=given, answer=answer, labels=FACT_WORDS[language])
    if request.method == "POST" and form.is_valid():
        try:
            drafting.add_example(
                found, form.cleaned_data["name"], question, form.read_facts, form.read_answer, by=request.access, at=timezone.now()
            )  # fmt: skip
        except Refusal as refusal:
            beside(form, refusal)
        else:
            return go("regulations:draft", pk)
    context |= {"form": form, "question": _question(question)}
    return show(request, "regulations/example_form.html", context, status=422 if form.errors else 200)


def _question(question: str) -> Any:
    return QUESTION_WORDS[0](question) if QUESTION_WORDS else question


def _source(request: HttpRequest, found: Draft) -> tuple[str, dict[str, Any]] | None:
    """The question and facts to begin from: a shipped example by its place, or a decision by its number."""
    example, decision = request.GET.get("example", ""), request.GET.get("decision", "").strip().lstrip("#")
    if decision.isdecimal() and len(decision) < 16 and DECISIONS:
        told = DECISIONS[0](request.access, int(decision))
        return (told[0], from_json(told[1])) if told and told[0] in QUESTIONS else None
    shipped_ones = rules.shipped_examples(found.book)
    if example.isdecimal() and len(example) < 6 and int(example) < len(shipped_ones):
        return shipped_ones[int(example)].question, dict(shipped_ones[int(example)].facts)
    return None


def _answer(question: str, given: dict[str, Any], found: Draft) -> Any:
    """What the draft answers to the facts, to be confirmed or put right; amounts in yuan."""
    try:
        answer = rules.in_yuan(QUESTIONS[question](given, trying.books_under(found)))
        to_json(answer)
    except (LookupError, ValueError, TypeError):
        return {}
    return (
        {name: value for name, value in answer.items() if value not in (None, "", (), [], {})}
        if isinstance(answer, dict)
        else answer
    )


@page(May.DRAFT, "POST", scope=Scope.COMPANY, audit=("regulations:draft:example-dropped", ""), rate="write")
def drop_example(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an example of one's own out of a draft."""
    found = get_object_or_404(
        Example.objects.visible_to(request.access, May.DRAFT).select_related("draft"), pk=pk
    )
    drafting.drop_example(found, by=request.access, at=timezone.now())
    return go("regulations:draft", found.draft_id)


@page(May.DRAFT, "GET", "POST", scope=Scope.COMPANY, audit="regulations:draft:merged", rate="write")
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a draft upon the edition that was published meanwhile: what both changed is chosen parameter by parameter."""
    found = get_object_or_404(_drafts(request, May.DRAFT).select_related("base"), pk=pk)
    refusal = None
    if request.method == "POST":
        chosen = {
            name.removeprefix("choose-"): value
            for name, value in request.POST.items()
            if name.startswith("choose-")
        }
        try:
            publication.merge(found, chosen, by=request.access, at=timezone.now())
        except Refusal as refused:
            refusal = refused
        else:
            messages.success(
                request, gettext("The draft stands upon the newer edition now; submit it for review again.")
            )
            return go("regulations:draft", pk)
    language = formats.language()
    base, mine_book = rulebook(found.base), drafting.book_of(found)
    latest = publication.latest_edition(found.company_id, found.book)
    theirs_book = rulebook(latest)
    mine, theirs, clashes = publication.merging(found)
    context = {
        "draft": found, "latest": latest, "refusal": refusal, "crumbs": _crumbs(found),
        "outdated": publication.is_outdated(found), "editable": found.state == State.EDITING,
        "mine": [facts.told_difference(one, base, mine_book, language) for one in mine],
        "theirs": [facts.told_difference(one, base, theirs_book, language) for one in theirs],
        "clashes": [
            {
                "parameter": clash.parameter, "label": base.parameters[clash.parameter].label[language],
                "mine": [facts.told_difference(one, base, mine_book, language) for one in clash.mine],
                "theirs": [facts.told_difference(one, base, theirs_book, language) for one in clash.theirs],
            }
            for clash in clashes
        ],
    }  # fmt: skip
    return show(request, "regulations/merge.html", context, status=refusal.status if refusal else 200)


@page(May.SEE, scope=Scope.COMPANY, audit="regulations:edition:exported", rate="page")
def edition_toml(request: HttpRequest, pk: int) -> HttpResponse:
    """An edition as a TOML file, with the comments of the shipped one."""
    rows = Edition.objects.in_company(request.access.company_id)
    found = get_object_or_404(rows, pk=pk)
    return _file(request, found, rulebook(found))


@page(May.SEE, scope=Scope.COMPANY, audit="regulations:edition:exported", rate="page")
def draft_toml(request: HttpRequest, pk: int) -> HttpResponse:
    """What a draft says, as a TOML file."""
    found = get_object_or_404(_drafts(request).select_related("base", "result"), pk=pk)
    return _file(request, found, drafting.book_of(found))


def _file(request: HttpRequest, about_what: Any, book: Rulebook) -> HttpResponse:
    audit.handed_out(
        "regulations:edition:exported", about_what, request, book=book.name, edition=book.edition
    )
    response = HttpResponse(written(book), content_type="application/toml; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{book.name}-{book.edition}.toml"'
    return response
