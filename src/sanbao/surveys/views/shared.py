"""What several pages of surveys use: menus, sentences, files, and refusals beside their field."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.http import content_disposition_header

from sanbao.outlets.queries import outlet_choices
from sanbao.products.facts import categories
from sanbao.regulations.queries import book_in_force
from sanbao.surveys import queries
from sanbao.surveys.models import (
    Version,
)
from sanbao.surveys.permissions import May
from sanbao.ui.formats import language
from sanbao.ui.refusal import Refusal
from sanbao_rules import surveys as rules


def product_choices(request: HttpRequest) -> list[tuple[str, str]]:
    return categories(request.access.company_id, timezone.localdate(), language())


def beside(form: Any, refusal: Refusal) -> None:
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)


def outlets(request: HttpRequest) -> list[tuple[int, str]]:
    return outlet_choices(request.access, May.SEE)


def as_file(content: bytes, name: str, kind: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def sentences(found: queries.Results, request: HttpRequest) -> list[Any]:
    """The arithmetic behind rate and margin, as the rulebook tells it."""
    from sanbao_rules.explain import explain_all

    book = book_in_force(request.access.company_id, rules.BOOK)
    return explain_all(found.decision.reasons, {rules.BOOK: book}, language())


def version_of(request: HttpRequest, pk: int, permission: str = May.SEE) -> Version:
    rows = Version.objects.visible_to(request.access, permission).select_related("questionnaire", "company")
    found: Version = get_object_or_404(rows, pk=pk)
    return found
