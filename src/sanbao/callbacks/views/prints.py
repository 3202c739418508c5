"""The callback record as paper: filled from what was answered, or blank (KA-9.2, RW-8)."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header

from sanbao.accounts.models import Company
from sanbao.audit import operations as audit
from sanbao.audit import unmasking
from sanbao.callbacks.models import Callback
from sanbao.callbacks.permissions import May
from sanbao.callbacks.views.calls import found, shown
from sanbao.ui.formats import language
from sanbao.ui.pages import Scope, page
from sanbao.ui.refusal import Refusal


def _file(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _printed(request: HttpRequest, row: Callback, *, unmasked: bool) -> HttpResponse:
    from sanbao.callbacks import printing  # with the forms of work orders: loaded by who prints
    from sanbao.workorders.printing import frame_of

    link = request.build_absolute_uri(reverse("callbacks:callback", args=[row.pk]))
    frame = frame_of(row.company, request.access, timezone.now(), link=link, unmasked=unmasked)
    return _file(printing.record_pdf(printing.printed(row), frame, language()), f"{row.number}.pdf")


@page(May.SEE, scope=Scope.PLACES, audit="callbacks:paper:printed", rate="export")
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The record with masked customer data."""
    row = found(request, pk)
    response = _printed(request, row, unmasked=False)
    audit.handed_out("callbacks:paper:printed", row, request)
    return response


@page(May.UNMASK, "POST", scope=Scope.PLACES, audit="callbacks:paper:unmasked", rate="export")
def paper_full(request: HttpRequest, pk: int) -> HttpResponse:
    """The same in full, for a reason that is kept."""
    row = found(request, pk, May.UNMASK)
    try:
        unmasking.unmasked(request, row, "callbacks:paper:unmasked")
    except Refusal as refusal:
        return shown(request, row, refusal=refusal)
    return unmasking.once(_printed(request, row, unmasked=True), reverse("callbacks:callback", args=[pk]))


@page(May.SEE, scope=Scope.COMPANY, audit=None, rate="export")
def form_blank(request: HttpRequest, kind: str) -> HttpResponse:
    """A blank record of repair or installation: it names nobody."""
    from sanbao.callbacks import printing
    from sanbao.workorders.printing import frame_of

    if kind not in ("repair", "installation"):
        raise Http404
    company = Company.objects.get(pk=request.access.company_id)
    frame = frame_of(company, request.access, timezone.now())
    return _file(printing.record_pdf(printing.Printed(kind=kind), frame, language()), f"callback-{kind}.pdf")
