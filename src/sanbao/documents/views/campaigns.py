"""Campaigns: prepared, followed and closed; and what each reader sees: what waits, the text to confirm, one's record."""

from typing import Any

from django.contrib import messages
from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Person
from sanbao.accounts.roles import ROLES
from sanbao.documents import differences, operations, queries
from sanbao.documents import record as records
from sanbao.documents.forms import CampaignForm, QuestionForm
from sanbao.documents.models import Campaign, Question, Reading, Version
from sanbao.documents.permissions import May
from sanbao.documents.reading_first import ACTIONS
from sanbao.documents.states import State
from sanbao.documents.views.documents import beside, crumbs
from sanbao.outlets.models import Certificate, Outlet, Posting
from sanbao.regulations import facts
from sanbao.regulations.models import Edition
from sanbao.regulations.queries import book_names, editions_in_force, rulebook
from sanbao.ui.formats import chinese, language
from sanbao.ui.lists import Choice, Column, Days, List, Tab
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal
from sanbao.ui.seen import held

TONES = {"draft": "secondary", "running": "blue", "closed": "green"}

CAMPAIGNS = List(
    "campaigns",
    columns=(
        Column("title", _("Campaign"), link=lambda c: reverse("documents:campaign", args=[c.pk])),
        Column("kind", _("Kind"), value="get_kind_display"),
        Column("due_on", _("Due"), kind="date", sort="due_on"),
        Column("asked", _("Asked to read"), kind="number"),
        Column("confirmed", _("Confirmed"), kind="number"),
        Column("state", _("State"), kind="badge", value="get_state_display", tone=lambda c: TONES[c.state]),
        Column("made_by", _("Made by"), value="made_by.name"),
    ),
    filters=(Choice("kind", _("Kind"), Campaign.Kind.choices), Days("due", _("Due"), field="due_on")),
    tabs=(
        Tab("running", _("Running"), Q(state=Campaign.State.RUNNING)),
        Tab("draft", _("Being prepared"), Q(state=Campaign.State.DRAFT)),
        Tab("closed", _("Closed"), Q(state=Campaign.State.CLOSED)),
        Tab("all", _("All")),
    ),
    order="-due_on",
)


@page(May.CAMPAIGNS, scope=Scope.COMPANY, audit="documents:campaigns:exported", rate="page")
def campaigns(request: HttpRequest) -> HttpResponse:
    """Who is asked to read what (BA-8)."""
    listing = CAMPAIGNS.of(request, queries.campaigns(request.access).select_related("made_by"))
    if listing.wants_export:
        return listing.export(gettext("Campaigns"))
    context = {"list": listing, "may_run": request.access.may(May.RUN), "crumbs": crumbs()}
    return show(request, "documents/campaigns.html", context, parts=["list"])


def _crumbs() -> list[tuple[str, str]]:
    return [*crumbs(), (gettext("Campaigns"), reverse("documents:campaigns"))]


def _about(request: HttpRequest) -> list[tuple[str, Any]]:
    """What can be read out: versions approved or in force, and the editions the company decides by."""
    rows = Version.objects.visible_to(request.access, May.SEE).filter(
        state__in=(State.APPROVED, State.IN_FORCE)
    )
    regulations = [
        (f"version:{one.pk}", f"{one.document.number} {one.title} {one.label}")
        for one in rows.select_related("document").order_by("document__number")
    ]
    editions = editions_in_force(request.access.company_id, *book_names())
    books = [
        (f"edition:{edition.pk}", f"{rulebook(edition).title[language()]} {edition.edition}") for edition in editions.values()
    ]  # fmt: skip
    found: list[tuple[str, Any]] = [("", "–")]
    if regulations:
        found.append((gettext("Regulations"), regulations))
    return [*found, (gettext("Rulebooks"), books)]


def _thing(request: HttpRequest, about: str) -> Version | Edition:
    kind, _colon, number = about.partition(":")
    if kind == "version":
        return get_object_or_404(Version.objects.visible_to(request.access, May.SEE), pk=int(number))
    return get_object_or_404(Edition.objects.in_company(request.access.company_id), pk=int(number))


@page(May.RUN, "GET", "POST", scope=Scope.COMPANY, audit="documents:campaign:prepared", rate="write")
def add(request: HttpRequest) -> HttpResponse:
    """Prepare a campaign; `about` in the address chooses what is to be read."""
    about = _about(request)
    asked = request.GET.get("about", "")
    known = {code for _label, group in about if isinstance(group, list) for code, _name in group}
    initial = {"about": asked} if asked in known else {}
    form = CampaignForm(
        request.POST or None, initial=initial, company_id=request.access.company_id, about=about
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = operations.prepare_campaign(
                _thing(request, form.cleaned_data["about"]), form.campaign_fields(), by=request.access, at=timezone.now()
            )  # fmt: skip
        except Refusal as refusal:
            beside(form, refusal)
        else:
            return go("documents:campaign", made.pk)
    return show(
        request, "documents/campaign_form.html", {"form": form, "crumbs": _crumbs()}, status=form.status
    )


@page(May.RUN, "GET", "POST", scope=Scope.COMPANY, audit="documents:campaign:changed", rate="write")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a campaign; once it runs, only its days and what rests."""
    found = get_object_or_404(held(Campaign.objects.visible_to(request.access, May.RUN), request), pk=pk)
    initial: dict[str, Any] = {
        name: getattr(found, name)
        for name in (
            "kind",
            "title",
            "message",
            "posts",
            "due_on",
            "remind_days",
            "late_days",
            "stops",
            "repeats",
        )
    }
    initial["about"] = f"version:{found.version_id}" if found.version_id else f"edition:{found.edition_id}"
    initial["outlets"] = list(Outlet.objects.filter(company_id=found.company_id, pk__in=found.outlets))
    form = CampaignForm(
        request.POST or None, initial=initial, company_id=request.access.company_id, about=[(initial["about"], str(found))],
        running=found.state != Campaign.State.DRAFT,
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            operations.amend_campaign(found, form.campaign_fields(), by=request.access, at=timezone.now())
        except Refusal as refusal:
            beside(form, refusal)
        else:
            return go("documents:campaign", pk)
    return show(
        request, "documents/campaign_form.html", {"form": form, "campaign": found, "crumbs": _crumbs()}, status=form.status
    )  # fmt: skip


def _reading_list() -> List:
    return List(
        "readings",
        columns=(
            Column("person", _("Person"), value="person.name", link=lambda r: reverse("documents:record", args=[r.person_id])),
            Column("role", _("Post"), value=lambda r: ROLES[r.role].title if r.role in ROLES else r.role),
            Column("outlet", _("Place"), value=lambda r: str(r.outlet) if r.outlet_id else str(r.region) if r.region_id else gettext("headquarters")),
            Column("asked_on", _("Told on"), kind="date"),
            Column("due_on", _("Due"), kind="date", sort="due_on"),
            Column("confirmed_at", _("Confirmed"), kind="date"),
            Column("tries", _("Times answered"), kind="number"),
        ),
        tabs=(
            Tab("waiting", _("Not yet"), Q(confirmed_at__isnull=True, left_on__isnull=True)),
            Tab("late", _("Past due"), Q(confirmed_at__isnull=True, left_on__isnull=True, due_on__lt=timezone.localdate())),
            Tab("confirmed", _("Confirmed"), Q(confirmed_at__isnull=False)),
            Tab("left", _("No longer asked"), Q(left_on__isnull=False, confirmed_at__isnull=True)),
            Tab("all", _("All")),
        ),
        order="due_on",
    )  # fmt: skip


@page(May.CAMPAIGNS, scope=Scope.PLACES, audit="documents:readings:exported", rate="page")
def campaign(request: HttpRequest, pk: int) -> HttpResponse:
    """One campaign: how far each outlet is, and who has not read yet."""
    return _campaign_page(request, get_object_or_404(_campaigns(request), pk=pk))


def _campaigns(request: HttpRequest) -> Any:
    return queries.campaigns(request.access).select_related(
        "version__document", "edition", "made_by", "follows"
    )


def _campaign_page(
    request: HttpRequest, found: Campaign, *, refusal: Refusal | None = None, form: QuestionForm | None = None
) -> HttpResponse:
    rows = Reading.objects.visible_to(request.access, May.CAMPAIGNS).filter(campaign=found)
    listing = _reading_list().of(request, rows.select_related("person", "outlet", "region"))
    if listing.wants_export:
        return listing.export(found.title)
    progress = queries.progress(request.access, found)
    asked, done = sum(row["asked"] for row in progress), sum(row["done"] for row in progress)
    context = {
        "campaign": found,
        "tone": TONES[found.state],
        "list": listing,
        "progress": progress,
        "asked": asked,
        "done": done,
        "share": 100 * done // asked if asked else 0,
        "posts_asked": [ROLES[code].title for code in found.posts if code in ROLES],
        "outlets": list(
            Outlet.objects.filter(company_id=found.company_id, pk__in=found.outlets).order_by("code")
        ),
        "stops": [ACTIONS[code] for code in found.stops if code in ACTIONS],
        "questions": list(found.questions.order_by("pk")),
        "may_run": request.access.may(May.RUN),
        "subject": _subject(found),
        "form": form or QuestionForm(),
        "refusal": refusal,
        "crumbs": _crumbs(),
    }
    status = refusal.status if refusal else 422 if form is not None and form.errors else 200
    return show(request, "documents/campaign.html", context, status=status, parts=["list"])


def _subject(found: Campaign) -> tuple[str, str]:
    """What is to be read, and where it stands."""
    if found.version is not None:
        document = found.version.document
        url = f"{reverse('documents:document', args=[document.pk])}?version={found.version.no}"
        return f"{document.number} {found.version.title} {found.version.label}", url
    book = rulebook(found.edition)
    return f"{book.title[language()]} {found.edition.edition}", reverse(
        "regulations:edition", args=[found.edition_id]
    )


@page(May.RUN, "POST", scope=Scope.COMPANY, audit="documents:campaign:changed", rate="write")
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a question to a campaign that is being prepared."""
    found = get_object_or_404(_campaigns(request), pk=pk)
    form = QuestionForm(request.POST)
    if form.is_valid():
        options = [line.strip() for line in form.cleaned_data["options"].splitlines() if line.strip()]
        try:
            operations.add_question(
                found,
                form.cleaned_data["text"],
                *_mixed(options, found.pk),
                by=request.access,
                at=timezone.now(),
            )
        except Refusal as refusal:
            beside(form, refusal)
        else:
            return go("documents:campaign", pk)
    return _campaign_page(request, found, form=form)


def _mixed(options: list[str], seed: int) -> tuple[list[str], int]:
    """The answers in an order that does not give the right one, typed first, away; and where it stands now."""
    if not options:
        return [], 0
    turn = (seed + sum(map(len, options))) % len(options)
    return [*options[turn:], *options[:turn]], (len(options) - turn) % len(options)


@page(May.RUN, "POST", scope=Scope.COMPANY, audit="documents:campaign:changed", rate="write")
def drop_question(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a question out of a campaign that is being prepared."""
    question = get_object_or_404(
        Question.objects.visible_to(request.access, May.RUN).select_related("campaign"), pk=pk
    )
    try:
        operations.remove_question(question, by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _campaign_page(
            request, get_object_or_404(_campaigns(request), pk=question.campaign_id), refusal=refusal
        )
    return go("documents:campaign", question.campaign_id)


@page(May.RUN, "POST", scope=Scope.COMPANY, audit="documents:campaign:begun", rate="write")
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask everybody who is meant."""
    found = get_object_or_404(_campaigns(request), pk=pk)
    try:
        begun = operations.begin_campaign(found, by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _campaign_page(request, get_object_or_404(_campaigns(request), pk=pk), refusal=refusal)
    messages.success(request, gettext("%(count)d people were asked.") % {"count": begun.asked})
    return go("documents:campaign", pk)


@page(May.RUN, "POST", scope=Scope.COMPANY, audit="documents:campaign:closed", rate="write")
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """End a campaign."""
    found = get_object_or_404(_campaigns(request), pk=pk)
    try:
        operations.close_campaign(found, by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _campaign_page(request, found, refusal=refusal)
    messages.success(request, gettext("The campaign is closed."))
    return go("documents:campaign", pk)


# What a reader sees


@page(May.SEE, scope=Scope.OWN, audit=None, rate="page")
def mine(request: HttpRequest) -> HttpResponse:
    """What waits for me to be read, and my own record (BA-6)."""
    me = get_object_or_404(Person, pk=request.access.person_id)
    return _record(request, me, "documents/mine.html")


@page(May.RECORDS, scope=Scope.COMPANY, audit=None, rate="page")
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """One employee's record: working times, readings, trainings, the pledge of confidentiality, certificates (BA-6)."""
    posted = Posting.objects.visible_to(request.access, May.RECORDS).values("person_id")
    return _record(request, get_object_or_404(Person, pk=pk, pk__in=posted), "documents/record.html")


def _record(request: HttpRequest, person: Person, template: str) -> HttpResponse:
    rows = (
        Reading.objects.filter(company_id=request.access.company_id, person=person)
        .exclude(campaign__state=Campaign.State.DRAFT)
        .select_related("campaign")
        .order_by(F("confirmed_at").desc(nulls_first=True), "due_on", "pk")
    )
    told = list(rows[:500])
    groups = [
        (Campaign.Kind(kind).label, [one for one in told if one.campaign.kind == kind])
        for kind in (Campaign.Kind.READING, Campaign.Kind.TRAINING, Campaign.Kind.PLEDGE)
    ]
    posts = Posting.objects.filter(company_id=request.access.company_id, person=person, ended_on__isnull=True)
    certificates = Certificate.objects.filter(company_id=request.access.company_id, person=person).order_by(
        "-issued_on"
    )
    today = timezone.localdate()
    parts = [ask(request.access, person, today) for ask in records.PARTS]
    context = {
        "person": person,
        "parts": parts,
        "file": records.file_of(request.access.company_id, told, parts, today, language()),
        "waiting": [one for one in told if one.confirmed_at is None and one.left_on is None and one.campaign.state == Campaign.State.RUNNING],
        "groups": [(label, found) for label, found in groups if found],
        "held": [(ROLES[one.role].title, one.outlet or one.region or gettext("headquarters")) for one in posts.select_related("outlet", "region")],
        "certificates": list(certificates[:100]),
        "today": today,
        "crumbs": crumbs(),
    }  # fmt: skip
    return show(request, template, context)


@page(
    May.SEE, "GET", "POST", scope=Scope.OWN, audit=("documents:reading:confirmed", "documents:reading:tried", ""), rate="write"
)  # fmt: skip
def reading(request: HttpRequest, pk: int) -> HttpResponse:
    """The text with what is new in it, the questions, and the confirmation at its end."""
    own = get_object_or_404(
        queries.own_readings(request.access).select_related(
            "campaign__version__document", "campaign__edition"
        ),
        campaign_id=pk,
    )
    if request.method != "POST":
        return _reading_page(request, own)
    try:
        outcome = operations.confirm(
            own.campaign, _answers(request), read=request.POST.get("read") == "1", by=request.access, at=timezone.now()
        )  # fmt: skip
    except Refusal as refusal:
        return _reading_page(request, own, refusal=refusal)
    if not outcome.confirmed:
        return _reading_page(request, own, wrong=outcome.wrong, status=422)
    messages.success(request, gettext("Thank you. Your confirmation is on record."))
    return go("documents:mine")


def _answers(request: HttpRequest) -> dict[int, int]:
    found = {}
    for name, value in request.POST.items():
        number = name.removeprefix("question-")
        if (
            number != name
            and number.isdecimal()
            and len(number) < 18
            and value.isdecimal()
            and len(value) < 3
        ):
            found[int(number)] = int(value)
    return found


def _reading_page(
    request: HttpRequest,
    own: Reading,
    *,
    refusal: Refusal | None = None,
    wrong: tuple[int, ...] = (),
    status: int = 200,
) -> HttpResponse:
    found = own.campaign
    given = _answers(request) if request.method == "POST" else {}
    context: dict[str, Any] = {
        "own": own,
        "campaign": found,
        "subject": _subject(found),
        "questions": [
            (question, given.get(question.pk, -1), question.pk in wrong) for question in found.questions.order_by("pk")
        ],
        "wrong": len(wrong),
        "was_read": request.method == "POST" and request.POST.get("read") == "1",
        "stops": [ACTIONS[code] for code in found.stops if code in ACTIONS],
        "late": own.confirmed_at is None and own.due_on < timezone.localdate(),
        "english": not chinese(),
        "refusal": refusal,
        "crumbs": [(gettext("To read"), reverse("documents:mine"))],
    }  # fmt: skip
    if found.version is not None:
        before = queries.before(found.version)
        told = differences.differences(before, found.version) if before else []
        context |= {
            "version": found.version, "clauses": list(found.version.clauses.all()), "before": before, "differences": told,
            "in_words": differences.in_words(told) if before else "",
        }  # fmt: skip
    else:
        context |= _of_edition(found.edition)
    return show(request, "documents/reading.html", context, status=refusal.status if refusal else status)


def _of_edition(edition: Edition) -> dict[str, Any]:
    """A rulebook's edition in words: what it says differently, and all its values today."""
    book, told = rulebook(edition), language()
    parent = Edition.objects.filter(pk=edition.derived_from_id).first()
    return {
        "edition": edition,
        "changes": facts.changed_parameters(rulebook(parent), book, told) if parent else [],
        "parameters": facts.parameters(book, told, timezone.localdate()),
        "book_clauses": facts.clauses(book, told),
    }
