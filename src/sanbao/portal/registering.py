"""Registering an appliance by the code on its label. Public: nothing is shown but the model of a label, and what was typed."""

from datetime import timedelta
from typing import Any

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.cache import never_cache

from sanbao.accounts import scope
from sanbao.accounts.models import Company
from sanbao.decisions.queries import whys
from sanbao.portal import operations, visitors
from sanbao.portal.forms import RegisterForm
from sanbao.portal.policy import kept
from sanbao.portal.views import serial_of
from sanbao.products import queries as products
from sanbao.products.models import Registration
from sanbao.products.registering import Told, foreseen
from sanbao.ui import guard
from sanbao.ui.formats import language
from sanbao.ui.pages import go, page, show
from sanbao.ui.refusal import Refusal

_SALT = "sanbao.portal.registration"
VALID = timedelta(days=366)


@page.public(
    "GET", "POST", audit=("products:registration:made", "intake:request:registered", ""), rate="public"
)
def register(request: HttpRequest, code: str) -> HttpResponse:
    """Register an appliance. Public: whoever holds it may; braked by address and by telephone."""
    company, at = visitors.company_of(code), timezone.now()
    with scope.opened(operations.door(company)):
        who = visitors.visitor(request, company)
        serial = serial_of(request.GET.get("serial", ""))
        form = RegisterForm(request.POST or None, request.FILES or None, initial={"serial": serial}, who=who)
        if request.method == "POST" and form.is_valid():
            visitors.brake("ask", visitors.address_of(request))
            visitors.brake("ask", f"{company.pk}:{form.cleaned_data['phone']}")
            confirmed = who is not None
            try:
                return guard.carry_out(
                    request, lambda: _registered(company, form.cleaned_data, confirmed=confirmed, at=at)
                )
            except Refusal as refusal:
                if refusal.status != 422:
                    raise
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        unit = products.unit_of_serial(company.pk, serial) if serial else None
        years, clause = kept(company.pk, language(), timezone.localdate(at))
        context = {
            "company": company, "form": form, "serial": serial, "model_of_label": unit.model if unit else None, "who": who,
            "can_send": visitors.can_send(), "kept": years, "clause": clause,
        }  # fmt: skip
        wrong = form.is_bound and bool(form.errors)
        return show(request, "portal/register.html", context, status=422 if wrong else 200)


def _registered(company: Company, data: dict[str, Any], *, confirmed: bool, at: Any) -> HttpResponse:
    told = Told(
        serial=data["serial"], purchased_on=data["purchased_on"], source=data["source"], seller=data["seller"], name=data["name"],
        phone=data["phone"], confirmed=confirmed, address=data["address"], model=data["model"], marketing=data["marketing"],
    )  # fmt: skip
    photo = (data["proof"].read(), data["proof"].name) if data["proof"] else None
    made = operations.register(company, told, photo=photo, at=at)
    token = signing.TimestampSigner(sep="~", salt=_SALT).sign(str(made.pk))
    return go("portal:registration", company.code, token)


@never_cache
@page.public(audit=None, rate="public")
def registration(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """What was registered, where it stands, and the warranty with its why. Public: the signed link is the key; names are masked."""
    company = visitors.company_of(code)
    try:
        pk = int(signing.TimestampSigner(sep="~", salt=_SALT).unsign(token, max_age=VALID))
    except (signing.BadSignature, ValueError):
        raise Http404 from None
    by = operations.door(company)
    with scope.opened(by):
        rows = Registration.objects.filter(company_id=company.pk, erased_at__isnull=True)
        found = get_object_or_404(rows.select_related("model", "unit"), pk=pk)
        accepted = found.state == Registration.State.ACCEPTED and found.unit is not None
        covers = list(found.unit.covers.select_related("decision").order_by("id")) if accepted else []
        today = timezone.localdate()
        told = whys([cover.decision for cover in covers], language(), by)
        doubts = {Registration.Doubt.SERIAL, Registration.Doubt.PHONE, Registration.Doubt.PROOF}
        context = {
            "company": company,
            "registration": found,
            "waits": found.state == Registration.State.WAITING,
            # What others have on record is not told: neither that it is somebody's, nor since when.
            "doubts": [Registration.Doubt(each).label for each in found.doubts if each in doubts],
            "covers": [
                (cover, why, cover.last_day >= today) for cover, why in zip(covers, told, strict=True)
            ],
            "foreseen": foreseen(found, language()),
        }
        return show(request, "portal/registration.html", context)
