"""The public help pages of a company: what is published and marked public, for anyone (ST-3, MO-1). Nothing else is in reach here."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone, translation

from sanbao.accounts import scope
from sanbao.accounts.models import Company
from sanbao.files import operations as files
from sanbao.knowledge import operations, queries
from sanbao.knowledge.forms import FeedbackForm
from sanbao.knowledge.models import Attachment, Kind
from sanbao.knowledge.states import State
from sanbao.ui.pages import go, page, show
from sanbao.ui.readers import values
from sanbao.ui.refusal import Refusal

A_PAGE = 30


def _company(code: str) -> Company:
    return get_object_or_404(Company, code=code)


@page.public(audit=None, rate="public")
def articles(request: HttpRequest, code: str) -> HttpResponse:
    """Ask, and read what fits. Public: a customer has no sign-in, and the articles are marked public by the company."""
    company = _company(code)
    words = values.text(request.GET.get("words", "").replace("\0", ""), 10**6)[:600]
    after = request.GET.get("after", "")
    with scope.opened(queries.visitor(company.pk)):
        rows = queries.public(company.pk).order_by("-id").defer("pairs", "words")
        if words:
            found = [one.article for one in queries.suggest_public(company.pk, words, most=A_PAGE)]
        else:
            asked = rows.filter(pk__lt=int(after)) if after.isdecimal() and len(after) < 18 else rows
            found = list(asked[: A_PAGE + 1])
        context = {
            "company": company,
            "words": words,
            "found": [(one, one.get_kind_display()) for one in found[:A_PAGE]],
            "after": found[A_PAGE - 1].pk if len(found) > A_PAGE else 0,
        }
        return show(request, "knowledge/help.html", context)


@page.public(audit=None, rate="public")
def article(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """One public article. Public: see above."""
    company = _company(code)
    with scope.opened(queries.visitor(company.pk)):
        return _shown(request, company, pk)


def _shown(request: HttpRequest, company: Company, pk: int, refusal: Refusal | None = None) -> HttpResponse:
    found = get_object_or_404(queries.public(company.pk).defer("pairs", "words"), pk=pk)
    revision = get_object_or_404(found.revisions, state=State.PUBLISHED)
    context: dict[str, Any] = {
        "company": company,
        "article": found,
        "kind": Kind(found.kind).label,
        "revision": revision,
        "models": queries.models_of(found),
        "attachments": list(revision.attachments.select_related("file").order_by("id")),
        "refusal": refusal,
        "thanks": request.GET.get("thanks") == "1",
    }
    return show(request, "knowledge/help_article.html", context, status=refusal.status if refusal else 200)


@page.public("POST", audit="knowledge:feedback:given", rate="public")
def feedback(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Whether it helped, from a reader. Public: see above; counted and braked, and a comment is only read by colleagues."""
    company = _company(code)
    visitor = queries.visitor(company.pk)
    form = FeedbackForm(request.POST)
    with scope.opened(visitor):
        found = get_object_or_404(queries.public(company.pk), pk=pk)
        try:
            if not form.is_valid():
                raise Refusal(translation.gettext("Say whether it helped."), field="helped")
            with transaction.atomic():
                operations.give_feedback(
                    found, form.cleaned_data["helped"] == "1", comment=form.cleaned_data["comment"], by=visitor, at=timezone.now()
                )  # fmt: skip
        except Refusal as refusal:
            return _shown(request, company, pk, refusal)
    return go(reverse("help:article", args=[code, pk]) + "?thanks=1")


@page.public(audit=None, rate="public")
def download(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """A file of a public article, as it is published. Public: see above."""
    company = _company(code)
    with scope.opened(queries.visitor(company.pk)):
        rows = Attachment.objects.filter(
            revision__state=State.PUBLISHED, revision__article__in=queries.public(company.pk)
        )
        return files.download(get_object_or_404(rows.select_related("file"), pk=pk).file)
