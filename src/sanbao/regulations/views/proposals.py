"""Proposals to change a rule (CO-8): the list, one of them, making, deciding, what came of it."""

from typing import Any

from django import forms
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
from sanbao.regulations import proposals as operations
from sanbao.regulations.models import Proposal
from sanbao.regulations.permissions import May
from sanbao.regulations.queries import book_names
from sanbao.regulations.states import ANSWERS, STANDING_TONES, Standing
from sanbao.regulations.views.drafts import beside
from sanbao.ui import formats
from sanbao.ui.lists import Choice, Column, List, Search, Tab
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.readers.fields import CodeField, ParagraphsField, TextField
from sanbao.ui.refusal import Refusal
from sanbao_rules.rulebook import shipped


class ProposalForm(forms.Form):
    """What should change, at which clause or parameter, and why."""

    title = TextField(label=_("What should change"), max_length=120)
    words = ParagraphsField(label=_("Why"), max_length=2000, widget=forms.Textarea({"rows": 5}))
    clause = CodeField(
        label=_("Clause"),
        max_length=80,
        required=False,
        help_text=_("Its number, such as KA-11.1; or a parameter below."),
    )
    about = forms.ChoiceField(label=_("Parameter"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["about"].choices = [("", "–"), *_parameters()]


class EffectForm(forms.Form):
    effect = ParagraphsField(
        label=_("What came of the proposal"), max_length=1000, widget=forms.Textarea({"rows": 3})
    )


def _parameters() -> list[tuple[str, list[tuple[str, str]]]]:
    """The shipped books' parameters, book by book."""
    language = formats.language()
    return [
        (shipped(name).title[language], [(f"{name}.{one.name}", one.label[language]) for one in shipped(name).parameters.values()])
        for name in book_names()
    ]  # fmt: skip


def about_what(proposal: Proposal) -> str:
    """The clause or the parameter a proposal is about, in words."""
    return " · ".join(part for part in (proposal.clause, _parameter(proposal)) if part)


def _parameter(proposal: Proposal) -> str:
    if proposal.book not in book_names():
        return str(proposal.parameter)
    found = shipped(proposal.book).parameters.get(proposal.parameter)
    return found.label[formats.language()] if found else str(proposal.parameter)


PROPOSALS = List(
    "proposals",
    columns=(
        Column("title", _("What should change"), link=lambda p: reverse("regulations:proposal", args=[p.pk])),
        Column("clause", _("About"), value=about_what),
        Column("state", _("State"), kind="badge", value="get_state_display", tone=lambda p: STANDING_TONES[Standing(p.state)]),
        Column("open_by", _("Proposed by"), value="open_by"),
        Column("open_at", _("Proposed on"), kind="date"),
    ),
    filters=(
        Search("q", _("Search"), fields=("title__icontains", "words__icontains", "clause__icontains")),
        Choice("book", _("Rulebook"), lambda request: [(name, shipped(name).title[formats.language()]) for name in book_names()]),
    ),
    tabs=(
        Tab("open", _("Waiting for a decision"), Q(state=Standing.OPEN)), Tab("accepted", _("Taken up"), Q(state=Standing.ACCEPTED)),
        Tab("all", _("All")),
    ),
)  # fmt: skip


def _rows(request: HttpRequest, permission: str = May.SEE) -> Any:
    return Proposal.objects.visible_to(request.access, permission)


def _crumbs() -> list[tuple[str, str]]:
    return [
        (gettext("Rulebooks"), reverse("regulations:books")),
        (gettext("Proposals"), reverse("regulations:proposals")),
    ]


@page(May.SEE, scope=Scope.COMPANY, audit="regulations:proposals:exported", rate="page")
def proposals(request: HttpRequest) -> HttpResponse:
    """What people propose to change of the rules."""
    listing = PROPOSALS.of(request, _rows(request).select_related("open_by"))
    if listing.wants_export:
        return listing.export(gettext("Proposals"))
    context = {"list": listing, "may_propose": request.access.may(May.PROPOSE)}
    return show(request, "regulations/proposals.html", context, parts=["list"])


@page(May.SEE, scope=Scope.COMPANY, audit=None, rate="page")
def proposal(request: HttpRequest, pk: int) -> HttpResponse:
    """One proposal with its decision and what came of it."""
    return _shown(request, pk)


def _shown(
    request: HttpRequest, pk: int, refusal: Refusal | None = None, form: EffectForm | None = None
) -> HttpResponse:
    people = ("open_by", "accepted_by", "declined_by", "effect_by", "draft")
    found = get_object_or_404(_rows(request).select_related(*people), pk=pk)
    decides = request.access.may(May.DECIDE)
    own = found.open_by_id == request.access.person_id
    context = {
        "proposal": found,
        "about": about_what(found),
        "parameter": _parameter(found),
        "tone": STANDING_TONES[Standing(found.state)],
        "moves": [move for move in ANSWERS.values() if decides and not own and found.state in move.sources],
        "own": own and decides and found.state == Standing.OPEN,
        "may_draft": request.access.may(May.DRAFT) and found.state == Standing.ACCEPTED and found.draft_id is None,
        "form": (form or EffectForm(initial={"effect": found.effect})) if decides and found.state == Standing.ACCEPTED else None,
        "events": [
            {"what": word(event.action), "who": event.by.name if event.by else "", "at": event.at, "text": event.details.get("reason") or ""}
            for event in about(found)[:20]
        ],
        "refusal": refusal,
        "crumbs": _crumbs(),
    }  # fmt: skip
    status = refusal.status if refusal else 422 if form is not None and form.errors else 200
    return show(request, "regulations/proposal.html", context, status=status)


@page(May.PROPOSE, "GET", "POST", scope=Scope.COMPANY, audit="regulations:proposal:made", rate="write")
def propose(request: HttpRequest) -> HttpResponse:
    """Propose a change at a clause or a parameter."""
    asked = f"{request.GET.get('book', '')}.{request.GET.get('parameter', '')}"[:101]
    initial = {
        "clause": request.GET.get("clause", "").replace("\0", "")[:80],
        "about": asked if asked != "." else "",
    }
    form = ProposalForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        book, _dot, parameter = fields["about"].partition(".")
        try:
            made = operations.propose(
                fields["title"], fields["words"], clause=fields["clause"] or "", book=book, parameter=parameter,
                by=request.access, at=timezone.now(),
            )  # fmt: skip
        except Refusal as refusal:
            beside(form, refusal)
        else:
            messages.success(
                request,
                gettext("Your proposal is with those who keep the rules; you are told of the decision."),
            )
            return go("regulations:proposal", made.pk)
    context = {"form": form, "crumbs": _crumbs()}
    return show(request, "regulations/proposal_form.html", context, status=422 if form.errors else 200)


def _version(request: HttpRequest) -> int:
    typed = request.POST.get("version", "")
    return int(typed) if typed.isdecimal() and len(typed) < 9 else -1


@page(May.DECIDE, "POST", scope=Scope.COMPANY, audit="regulations:proposal:*", rate="write")
def decide(request: HttpRequest, pk: int, noun: str) -> HttpResponse:
    """Accept or decline a proposal, with words."""
    if noun not in ANSWERS:
        raise Http404
    found = get_object_or_404(_rows(request, May.DECIDE), pk=pk)
    try:
        operations.decide(
            found, noun, version=_version(request), reason=request.POST.get("reason", ""), by=request.access, at=timezone.now()
        )  # fmt: skip
    except Refusal as refusal:
        return _shown(request, pk, refusal)
    messages.success(request, gettext("Done."))
    return go("regulations:proposal", pk)


@page(May.DECIDE, "POST", scope=Scope.COMPANY, audit="regulations:proposal:effect", rate="write")
def note_effect(request: HttpRequest, pk: int) -> HttpResponse:
    """Note what came of a proposal."""
    found = get_object_or_404(_rows(request, May.DECIDE), pk=pk)
    form = EffectForm(request.POST)
    if not form.is_valid():
        return _shown(request, pk, form=form)
    try:
        operations.note_effect(found, form.cleaned_data["effect"], by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _shown(request, pk, refusal)
    return go("regulations:proposal", pk)
