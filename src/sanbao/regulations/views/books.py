"""The rulebooks a company decides by: to read, to adopt, and the company's own tariff."""

from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.regulations import facts, operations
from sanbao.regulations.forms import TariffForm
from sanbao.regulations.models import Adoption, Draft, Edition, Proposal
from sanbao.regulations.permissions import May
from sanbao.regulations.queries import book_names, coming, edition_in_force, rulebook
from sanbao.regulations.states import State
from sanbao.regulations.subjects import by_subject
from sanbao.ui import formats
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal
from sanbao_rules.units import UNITS

SEE, ADOPT = "regulations:book:view", "regulations:edition:adopt"


def _editions(request: HttpRequest) -> QuerySet[Edition]:
    """The shipped editions and the company's own; another company's are not there."""
    return Edition.objects.filter(Q(company__isnull=True) | Q(company_id=request.access.company_id))


def _crumbs() -> list[tuple[str, str]]:
    return [(_("Rulebooks"), reverse("regulations:books"))]


@page(SEE, scope=Scope.COMPANY, audit=None, rate="page")
def books(request: HttpRequest) -> HttpResponse:
    """The books with the edition in force, since when it counts, who may change and who interprets it (GN-9)."""
    language = formats.language()
    rows = []
    for subject, name in by_subject(book_names()):
        edition = edition_in_force(request.access.company_id, name)
        read = rulebook(edition)
        rows.append(
            {
                "subject": subject,
                "edition": edition,
                "title": read.title[language],
                "name": name,
                "sources": facts.sources(read, language),
            }
        )
    context = {
        "rows": rows,
        "may_adopt": request.access.may(ADOPT),
        "may_draft": request.access.may(May.DRAFT),
    }
    return show(request, "regulations/books.html", context)


@page(SEE, scope=Scope.COMPANY, audit=None, rate="page")
def book(request: HttpRequest, name: str) -> HttpResponse:
    """The edition in force of one book, to read from top to bottom."""
    if name not in book_names():
        raise Http404
    return _book_page(request, edition_in_force(request.access.company_id, name))


@page(SEE, scope=Scope.COMPANY, audit=None, rate="page")
def parameter(request: HttpRequest, name: str, parameter: str) -> HttpResponse:
    """One parameter in plain words: unit, value, its history on a time line with the clauses' texts, the other readings."""
    if name not in book_names():
        raise Http404
    company, language, today = request.access.company_id, formats.language(), timezone.localdate()
    in_force = edition_in_force(company, name)
    read = rulebook(in_force)
    if parameter not in read.parameters:
        raise Http404
    found = read.parameters[parameter]
    unit = UNITS[found.unit]
    may_draft = request.access.may(May.DRAFT)
    open_drafts = Draft.objects.visible_to(request.access, SEE).filter(book=name, state=State.EDITING)
    to_come = [
        (one.from_day, told)
        for one in coming(company, name)
        for told in facts.told_differences(read, rulebook(one.edition), language)
        if told["parameter"] == parameter
    ]
    context = {
        "name": name,
        "parameter": parameter,
        "label": found.label[language],
        "note": found.note[language] if found.note else "",
        "unit": unit.zh if language == "zh" else unit.en,
        "own": found.own,
        "book_title": read.title[language],
        "edition": in_force,
        "time_line": facts.time_line(read, parameter, language, today),
        "readings": facts.readings(read, parameter, language, today),
        "coming": to_come,
        "drafts": open_drafts.order_by("-id")[:5] if may_draft else [],
        "may_propose": request.access.may(May.PROPOSE),
        "proposals": Proposal.objects.visible_to(request.access, SEE).filter(book=name, parameter=parameter).order_by("-id")[:20],
        "crumbs": [*_crumbs(), (read.title[language], reverse("regulations:book", args=[name]))],
    }  # fmt: skip
    return show(request, "regulations/parameter.html", context)


@page(SEE, scope=Scope.COMPANY, audit=None, rate="page")
def edition(request: HttpRequest, pk: int) -> HttpResponse:
    """One edition, in force or not, with its digest and where it came from."""
    return _book_page(
        request, get_object_or_404(_editions(request).select_related("derived_from", "made_by"), pk=pk)
    )


def _book_page(request: HttpRequest, found: Edition) -> HttpResponse:
    language = formats.language()
    read = rulebook(found)
    company = request.access.company_id
    in_force = edition_in_force(company, found.book)
    others = {name: rulebook(edition_in_force(company, name)) for name in book_names()} | {found.book: read}
    context: dict[str, Any] = {
        "edition": found,
        "title": read.title[language],
        "in_force": in_force.pk == found.pk,
        "sources": facts.sources(read, language),
        "clauses": facts.clauses(read, language),
        "parameters": facts.parameters(read, language, timezone.localdate()),
        "reasons": facts.reasons(read, language),
        "examples": facts.examples(others, found.book, language),
        "changes": facts.changed_parameters(rulebook(found.derived_from), read, language) if found.derived_from else [],
        "editions": _editions(request).filter(book=found.book).order_by("-id"),
        "adoptions": Adoption.objects.filter(company_id=company, book=found.book)
        .select_related("edition", "adopted_by").order_by("-id"),
        "coming": coming(company, found.book),
        "may_adopt": request.access.may(ADOPT),
        "may_draft": request.access.may(May.DRAFT),
        "has_tariff": found.book == "charges",
        "crumbs": _crumbs(),
    }  # fmt: skip
    return show(request, "regulations/book.html", context)


@page(ADOPT, "POST", scope=Scope.COMPANY, audit="regulations:edition:adopted", rate="write")
def adopt(request: HttpRequest, pk: int) -> HttpResponse:
    """The company decides by this edition from now on."""
    found = get_object_or_404(_editions(request), pk=pk)
    operations.adopt(found, by=request.access, at=timezone.now())
    messages.success(
        request, _("The company decides by %(edition)s from now on.") % {"edition": found.edition}
    )
    return go("regulations:book", found.book)


@page(ADOPT, "GET", "POST", scope=Scope.COMPANY, audit="regulations:edition:adopted", rate="write")
def tariff(request: HttpRequest) -> HttpResponse:
    """The company's own labour fees and travel values, as an edition of its own (SR-9, RG-5)."""
    today = timezone.localdate()
    in_force = edition_in_force(request.access.company_id, "charges")
    read = rulebook(in_force)
    works, rows = facts.tariff_table(read, today, formats.language())
    form = TariffForm(
        request.POST or None, works=works, rows=rows, travel=facts.travel_values(read, today),
        initial={"since": today.replace(day=1), "edition": _next_edition(request, in_force)},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        changes = facts.tariff_changes(
            fields["since"], form.labour(), fields["free_km"], fields["yuan_per_km"]
        )
        if _editions(request).filter(book="charges", edition=fields["edition"]).exists():
            form.add_error("edition", _("There is already an edition of this name; choose another."))
        else:
            try:
                operations.set_own_values(
                    "charges", changes, edition=fields["edition"], by=request.access, at=timezone.now()
                )
            except Refusal as refusal:
                form.add_error(None, refusal.sentence)
            else:
                messages.success(request, _("The company's own tariff is in force."))
                return go("regulations:book", "charges")
    context = {
        "form": form, "works": works,
        "crumbs": [*_crumbs(), (read.title[formats.language()], reverse("regulations:book", args=["charges"]))],
    }  # fmt: skip
    return show(request, "regulations/tariff.html", context, status=422 if form.errors else 200)


def _next_edition(request: HttpRequest, in_force: Edition) -> str:
    """A name that is free: the year and the number of the company's editions in it."""
    number = Edition.objects.filter(company_id=request.access.company_id, book=in_force.book).count() + 1
    return f"{timezone.localdate().year}.{number}"
