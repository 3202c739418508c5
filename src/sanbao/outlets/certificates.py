"""The register of certificates: who may do what, and until when (EN-1, KA-4.2)."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Person
from sanbao.audit import operations as audit
from sanbao.files import operations as files
from sanbao.outlets import operations, queries
from sanbao.outlets.forms import CertificateForm, dress_refusal
from sanbao.outlets.models import Certificate
from sanbao.outlets.operations import ENDS_SOON
from sanbao.outlets.operations import KEEP_CERTIFICATES as KEEP
from sanbao.outlets.operations import SEE_CERTIFICATES as SEE
from sanbao.ui.lists import Choice, Column, Days, List, Search, Tab
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal


def standing(certificate: Certificate) -> tuple[str, str]:
    """Where a certificate stands today, in words and with its colour."""
    today = timezone.localdate()
    if certificate.ended_on is not None and certificate.ended_on <= today:
        return gettext("ended"), "secondary"
    if certificate.valid_until is None:
        return gettext("valid"), "green"
    if certificate.valid_until < today:
        return gettext("run out"), "red"
    if certificate.valid_until <= today + ENDS_SOON:
        return gettext("ends soon"), "orange"
    return gettext("valid"), "green"


def _valid(request: HttpRequest) -> Q:
    return queries.counts_on(timezone.localdate())


def _expiring(request: HttpRequest) -> Q:
    today = timezone.localdate()
    return Q(ended_on__isnull=True, valid_until__gte=today, valid_until__lte=today + ENDS_SOON)


def _run_out(request: HttpRequest) -> Q:
    return Q(ended_on__isnull=True, valid_until__lt=timezone.localdate())


CERTIFICATES = List(
    "certificates",
    columns=(
        Column("person", _("Person"), value="person.name", sort="person__name"),
        Column("kind", _("For"), value="get_kind_display", sort="kind"),
        Column("name", _("Name on it")),
        Column("number", _("Number"), kind="contact"),
        Column("issuer", _("Issued by"), shown=False),
        Column("issued_on", _("Issued on"), kind="date", sort="issued_on", shown=False),
        Column("valid_until", _("Valid until"), kind="date", sort="valid_until"),
        Column("standing", _("State"), kind="badge", value=lambda row: standing(row)[0], tone=lambda row: standing(row)[1]),
        Column(
            "file", _("File"), value=lambda row: gettext("open") if row.file_id else "",
            link=lambda row: reverse("outlets:certificate-file", args=[row.pk]) if row.file_id else "",
        ),
    ),
    filters=(
        Search("q", _("Name"), ("person__name__icontains", "name__icontains")),
        Choice("kind", _("For"), Certificate.Kind.choices),
        Days("until", _("Valid until"), "valid_until"),
    ),
    tabs=(
        Tab("valid", _("Valid"), _valid),
        Tab("expiring", _("Expiring"), _expiring),
        Tab("run-out", _("Run out"), _run_out),
        Tab("all", _("All")),
    ),
    order="valid_until",
)  # fmt: skip


@page(SEE, scope=Scope.PLACES, audit="outlets:certificates:exported", rate="page")
def certificates(request: HttpRequest) -> HttpResponse:
    """Everybody's certificates that one may see; "expiring" are those of the next thirty days."""
    listing = CERTIFICATES.of(request, queries.certificates(request.access))
    if listing.wants_export:
        return listing.export(gettext("Certificates"))
    return show(
        request,
        "outlets/certificates.html",
        {"list": listing, "may_keep": request.access.may(KEEP)},
        parts=["list"],
    )


@page(KEEP, "GET", "POST", scope=Scope.COMPANY, audit=("outlets:certificate:kept", ""), rate="upload")
def add(request: HttpRequest) -> HttpResponse:
    """Write down a certificate; the same number again renews it."""
    somebody = request.GET.get("person", "")
    form = CertificateForm(
        request.POST or None, request.FILES or None, access=request.access,
        initial={"person": somebody} if somebody.isdecimal() and len(somebody) < 19 else None,
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        data, by, at = dict(form.cleaned_data), request.access, timezone.now()
        upload = data.pop("file")
        try:
            kept = files.keep(upload.read(), upload.name, by=by, at=at) if upload else None
            operations.keep_certificate(
                data.pop("person"), data.pop("kind"), data.pop("number"), **data, file=kept, by=by, at=at
            )
        except Refusal as refusal:
            dress_refusal(form, refusal)
        else:
            return go("outlets:certificates")
    context = {"form": form, "crumbs": [(gettext("Certificates"), reverse("outlets:certificates"))]}
    return show(request, "outlets/certificate_form.html", context, status=422 if form.errors else 200)


@page(SEE, scope=Scope.PLACES, audit="outlets:certificate:taken", rate="page")
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """The scan or photograph of a certificate."""
    found = get_object_or_404(queries.certificates(request.access).select_related("file"), pk=pk)
    if found.file is None:
        raise Http404
    audit.handed_out("outlets:certificate:taken", found, request, file=found.file.name)
    return files.download(found.file)


@page(KEEP, "POST", scope=Scope.PLACES, audit="outlets:certificate:ended", rate="write")
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """A certificate no longer counts."""
    found = get_object_or_404(queries.certificates(request.access), pk=pk)
    operations.end_certificate(
        found, reason=request.POST.get("reason", ""), by=request.access, at=timezone.now()
    )
    if request.access.may("accounts:person:view"):
        return go("accounts:person", found.person_id)
    return go("outlets:certificates")


def of_person(request: HttpRequest, person: Person) -> list[dict[str, Any]]:
    """Somebody's certificates for their page: those that count first, then the ended."""
    if not request.access.may(SEE):
        return []
    rows: QuerySet[Certificate] = queries.certificates(request.access).filter(person=person)
    return [
        {"row": row, "words": standing(row)[0], "tone": standing(row)[1]}
        for row in rows.order_by("-ended_on", "kind", "-id")[:100]
    ]
