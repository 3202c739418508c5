"""The desk's page for a complaint: the customer found beside it as during a call, or a request that is a complaint (RG-2, PV-1)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as __

from sanbao.audit import operations as audit
from sanbao.complaints import operations
from sanbao.complaints.forms import ComplaintForm
from sanbao.complaints.models import Complaint
from sanbao.complaints.permissions import May
from sanbao.complaints.sources import Source, source
from sanbao.complaints.states import Channel, Origin
from sanbao.customers import operations as customers
from sanbao.customers.permissions import May as Customers
from sanbao.intake.models import Request
from sanbao.intake.permissions import May as Desk
from sanbao.intake.views.calls import Who
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal

_EVENTS = (
    "complaints:complaint:registered", "customers:customer:registered", "customers:customer:served", "intake:customer:called-up", "",
)  # fmt: skip
MOST_BEFORE = 5


class _Who(Who):
    page = "complaints:new"


@page(May.REGISTER, "GET", "POST", scope=Scope.PLACES, audit=_EVENTS, rate="write")
def new(request: HttpRequest) -> HttpResponse:
    """Who complains, of what, what is wanted; the customer with units, orders and earlier complaints beside it."""
    born, source = _born(request), _source(request)
    if request.method != "POST":
        who = _Who(request)
        if born is not None and born.customer_id and who.customer is None:
            who.customer, who.unit = born.customer, born.unit
            who._tell()
        form = ComplaintForm(
            request.access, initial=_initial(who, born, source), customer=who.customer, unit=who.unit
        )
        if who.customer is not None:
            audit.handed_out("intake:customer:called-up", who.customer, request, reason=who.words[-4:])
        return show(request, "complaints/new.html", _context(request, form, who, born, source), parts=["who"])
    who = _Who(request)
    posted = ComplaintForm(request.access, request.POST)
    posted.is_valid()
    customer, unit = posted.cleaned_data.get("customer"), posted.cleaned_data.get("unit")
    form = ComplaintForm(request.access, request.POST, customer=customer, unit=unit)
    if form.is_valid():
        try:
            made = _register(request, form, source)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, __("Complaint %(number)s is registered.") % {"number": made})
            return go("complaints:complaint", made.pk)
    who.choose(form)
    return show(request, "complaints/new.html", _context(request, form, who, born, source), status=422)


def _born(request: HttpRequest) -> Request | None:
    """The request it is born of, by what the address or the form says."""
    typed = request.POST.get("request", "") or request.GET.get("request", "")
    if not (typed.isascii() and typed.isdigit() and len(typed) < 19):
        return None
    rows = Request.objects.visible_to(request.access, Desk.SEE).select_related(
        "customer", "unit__model", "category"
    )
    return rows.filter(pk=int(typed)).first()


def _source(request: HttpRequest) -> Source | None:
    """What it was taken down at (a callback), by what the address or the form says."""
    asked = request.POST or request.GET
    return source(request.access, asked.get("origin", ""), asked.get("source", ""))


def _initial(who: _Who, born: Request | None, at: Source | None) -> dict[str, Any]:
    initial = who.initial()
    if at is not None:
        initial |= {name: value for name, value in at.known.items() if value and not initial.get(name)}
    if born is not None:
        initial |= {
            "request": born.pk, "customer": born.customer_id, "unit": born.unit_id, "contact": born.contact, "phone": born.phone, "email": born.email,
            "address": born.address, "model": born.model, "serial": born.serial, "subject": born.subject, "description": born.description,
            "channel": born.channel if born.channel in Channel.values else Channel.PHONE, "keep": False,
        }  # fmt: skip
    return initial


def _context(
    request: HttpRequest, form: ComplaintForm, who: _Who, born: Request | None, at: Source | None
) -> dict[str, Any]:
    rows = Complaint.objects.visible_to(request.access, May.SEE)
    before = rows.filter(customer=who.customer).order_by("-id")[:MOST_BEFORE] if who.customer else []
    return {
        "form": form,
        "who": who,
        "born": born,
        "source": at,
        "origin": (request.POST or request.GET).get("origin", "") if at else "",
        "before": before,
        "may_keep": request.access.may(Customers.KEEP),
    }


def _register(request: HttpRequest, form: ComplaintForm, at_source: Source | None) -> Complaint:
    by, at, data = request.access, timezone.now(), form.cleaned_data
    if at_source is not None:
        data |= {name: data[name] or getattr(at_source, name) for name in ("contact", "phone", "address")}
    customer = data["customer"]
    if customer is None and data["keep"]:
        customer = customers.register(
            data["contact"], phone=data["phone"], email=data["email"], address=data["address"], by=by, at=at
        )  # fmt: skip
    names = ("kind", "harm", "subject", "flags", "description", "wish", "contact", "phone", "email", "address", "unit", "model", "serial", "outlet", "channel", "received_at", "answered")  # fmt: skip
    told = operations.Told(
        customer=customer, orders=form.all_orders(), source=at_source,
        origin=request.POST["origin"] if at_source else Origin.DIRECT, **{name: data[name] for name in names},
    )  # fmt: skip
    if data["request"] is not None:
        return operations.from_request(data["request"], told, by=by, at=at)
    return operations.register(told, by=by, at=at)
