"""The regulations a company shows its customers, with version and date (MO-1). Nothing else is in reach here."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from sanbao.accounts import scope
from sanbao.accounts.models import Company
from sanbao.documents import queries
from sanbao.documents.states import State
from sanbao.ui.formats import chinese
from sanbao.ui.pages import page, show


@page.public(audit=None, rate="public")
def documents(request: HttpRequest, code: str) -> HttpResponse:
    """Which regulations may be read. Public: the company chose to publish them."""
    company = get_object_or_404(Company, code=code)
    with scope.opened(queries.visitor(company)):
        context = {
            "company": company,
            "documents": list(queries.published(company.pk)),
            "english": not chinese(),
        }
        return show(request, "documents/published.html", context)


@page.public(audit=None, rate="public")
def document(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """One published regulation as it is in force. Public: see above."""
    company = get_object_or_404(Company, code=code)
    with scope.opened(queries.visitor(company)):
        found = get_object_or_404(queries.published(company.pk), pk=pk)
        version = get_object_or_404(found.versions.filter(state=State.IN_FORCE))
        context = {
            "company": company, "document": found, "version": version, "clauses": list(version.clauses.all()), "english": not chinese(),
        }  # fmt: skip
        return show(request, "documents/published_text.html", context)
