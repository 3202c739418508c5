"""The complaint handling sheet as a controlled form: filled, in full for a reason, or blank (RW-8)."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header

from sanbao.accounts.models import Company
from sanbao.audit import operations as audit
from sanbao.audit import unmasking
from sanbao.complaints.models import Complaint
from sanbao.complaints.permissions import May
from sanbao.complaints.views.record import found_complaint, shown
from sanbao.ui.formats import language
from sanbao.ui.pages import Scope, page
from sanbao.ui.refusal import Refusal


@page(May.SEE, scope=Scope.PLACES, audit="complaints:sheet:printed", rate="export")
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet with masked customer data."""
    found = found_complaint(request, pk)
    response = _printed(request, found, unmasked=False)
    audit.handed_out("complaints:sheet:printed", found, request)
    return response


@page(May.UNMASK, "POST", scope=Scope.PLACES, audit="complaints:sheet:unmasked", rate="export")
def sheet_full(request: HttpRequest, pk: int) -> HttpResponse:
    """The same with the customer in full, for a reason that is kept."""
    found = found_complaint(request, pk, May.UNMASK)
    try:
        unmasking.unmasked(request, found, "complaints:sheet:unmasked")
    except Refusal as refusal:
        return shown(request, found, refusal=refusal)
    return _printed(request, found, unmasked=True)


@page(May.SEE, scope=Scope.COMPANY, audit=None, rate="export")
def blank(request: HttpRequest) -> HttpResponse:
    """The same with lines to write in."""
    from sanbao.complaints import printing  # with the forms of work orders: loaded by who prints

    company = Company.objects.get(pk=request.access.company_id)
    made = printing.sheet_pdf(company, None, request.access, timezone.now(), language())
    return _file(made, "complaint.pdf")


def _printed(request: HttpRequest, found: Complaint, *, unmasked: bool) -> HttpResponse:
    from sanbao.complaints import printing

    path = reverse("complaints:complaint", args=[found.pk])
    link = f"{settings.SITE_URL}{path}" if settings.SITE_URL else request.build_absolute_uri(path)
    made = printing.sheet_pdf(
        found.company, found, request.access, timezone.now(), language(), link=link, unmasked=unmasked
    )
    return _file(made, f"{found.number}.pdf")


def _file(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
