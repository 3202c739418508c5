"""The customer's page of a survey: the questions, and thanks. Public: the invitation's signed link is the key; nothing else is in reach.

It shows no name, telephone or address: what is asked about is said by product and day.
"""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from sanbao.accounts import scope
from sanbao.accounts.models import Company
from sanbao.edge import rates
from sanbao.surveys import links, operations
from sanbao.surveys.forms import AnswerForm
from sanbao.surveys.models import Invitation, Response
from sanbao.surveys.operations import Told
from sanbao.surveys.operations.answering import refuse_closed, shown_answers
from sanbao.surveys.operations.inviting import Basis
from sanbao.ui import guard
from sanbao.ui.pages import go, page, show
from sanbao.ui.refusal import Refusal, TooMany
from sanbao_rules import surveys as rules


@never_cache
@page.public("GET", "POST", audit=("surveys:response:*", ""), rate="public")
def answer(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """The questions, or what was answered. Public: a customer has no sign-in; the link was sent to this customer alone."""
    company = get_object_or_404(Company, code=code)
    with scope.opened(operations.door(company)):
        found = _read(company, token)
        given = Response.objects.filter(invitation=found).first()
        if request.method != "POST":
            return _shown(request, company, found, given, token)
        return _taken(request, company, found, given, token)


def _read(company: Company, token: str) -> Invitation:
    try:
        return links.read(company, token)
    except Invitation.DoesNotExist:
        raise Http404 from None


def _may_correct(invitation: Invitation, given: Response | None) -> bool:
    if given is None:
        return False
    day = timezone.localdate()
    return bool(
        rules.correction(
            timezone.localdate(given.answered_at), day, Basis.of(invitation.company_id).book
        ).answer
    )


def _shown(
    request: HttpRequest, company: Company, found: Invitation, given: Response | None, token: str, *,
    form: AnswerForm | None = None, refusal: Refusal | None = None,
) -> HttpResponse:  # fmt: skip
    may_correct = _may_correct(found, given)
    closed = refusal
    if given is None and closed is None:
        try:
            refuse_closed(found, timezone.now())
        except Refusal as refused:
            closed = refused
    asks = given is None and not (closed and closed.code in ("twice", "expired", "closed"))
    context: dict[str, Any] = {
        "company": company,
        "token": token,
        "invitation": found,
        "version": found.version,
        "order": found.order,
        "given": given,
        "is_answered": found.state == Invitation.State.ANSWERED,
        "may_correct": may_correct,
        "closed": None if given is not None and refusal is None else closed,
        "form": form or (AnswerForm(found.version, initial=_initial(given), anonymity=given is None) if asks or may_correct else None),
    }  # fmt: skip
    status = refusal.status if refusal else 422 if form is not None and form.errors else 200
    return show(request, "surveys/answer.html", context, status=status)


def _initial(given: Response | None) -> dict[str, Any]:
    """What was answered before, to be put right."""
    if given is None:
        return {}
    initial: dict[str, Any] = {"words": given.words, "call_back": given.call_back}
    for said in shown_answers(given):
        several = said.question.kind == "several"
        initial[f"q-{said.question.code}"] = said.stars or (said.chosen if several else "".join(said.chosen[:1])) or said.words  # fmt: skip
    return initial


def _taken(
    request: HttpRequest, company: Company, found: Invitation, given: Response | None, token: str
) -> HttpResponse:
    """One answer, or a correction of it: done once, whoever sends it twice."""
    form = AnswerForm(found.version, request.POST, anonymity=given is None)
    if not form.is_valid():
        return _shown(request, company, found, given, token, form=form)
    if seconds := rates.wait("ask", f"survey:{found.pk}"):
        raise TooMany(seconds)
    deed = operations.answer if given is None else operations.correct

    def carried() -> HttpResponse:
        deed(found, Told(**form.told()), by=operations.door(company), at=timezone.now())
        messages.success(request, _("Thank you. Your answer helps us to serve you better."))
        return go(links.path(company, found))

    try:
        done: HttpResponse = guard.carry_out(request, carried)
    except Refusal as refusal:
        name = refusal.field if refusal.field in form.fields else f"q-{refusal.field}"
        if name in form.fields:
            form.add_error(name, str(refusal))
            return _shown(request, company, found, given, token, form=form)
        found.refresh_from_db()
        given = Response.objects.filter(invitation=found).first()
        return _shown(request, company, found, given, token, refusal=refusal)
    return done
