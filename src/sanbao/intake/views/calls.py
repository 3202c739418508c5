"""The hotline's page: a number typed or popped up, the customer with units and open requests beside it, the request written down.

All of it works with the keyboard alone: the number, Enter; the digit of the customer; Tab through the form; Enter. What is chosen stands
in the address, so a telephone system opens `/intake/call/?q=13800005678`.
"""

import re
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as __

from sanbao.audit import operations as audit
from sanbao.customers import operations as customers
from sanbao.customers import queries as customer_queries
from sanbao.customers.models import Customer
from sanbao.intake import operations, queries
from sanbao.intake.forms import RequestForm
from sanbao.intake.permissions import May
from sanbao.products import queries as products
from sanbao.products.models import Unit
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.readers import values
from sanbao.ui.refusal import Refusal

_EVENTS = (
    "intake:request:registered",
    "customers:customer:registered",
    "customers:customer:served",
    "intake:customer:called-up",
    "",
)


@page(May.REGISTER, "GET", "POST", scope=Scope.PLACES, audit=_EVENTS, rate="write")
def call(request: HttpRequest) -> HttpResponse:
    """Who calls, what about; one page, one second."""
    today = timezone.localdate()
    if request.method != "POST":
        who = Who(request)
        form = RequestForm(request.access, today, initial=who.initial())
        if who.customer is not None:
            form.fields["category"].widget.attrs["autofocus"] = True
            _say_shown(request, who)
        elif who.words and len(who.hits) < 2:
            form.fields["contact"].widget.attrs["autofocus"] = True
        return show(request, "intake/call.html", {"form": form, "who": who}, parts=["who"])
    form = RequestForm(request.access, today, request.POST)
    if form.is_valid():
        try:
            made = _register(request, form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, __("Request %(number)s is registered.") % {"number": made})
            if "next" in request.POST:
                return go("intake:call")
            return go("intake:request", made.pk)
    who = Who(request)
    who.choose(form)
    return show(request, "intake/call.html", {"form": form, "who": who}, status=422)


def _say_shown(request: HttpRequest, who: "Who") -> None:
    """The customer's data stand in full before the agent: the call is the reason, and it is written down (GN-8)."""
    audit.handed_out("intake:customer:called-up", who.customer, request, reason=who.words[-4:])


def _register(request: HttpRequest, data: dict[str, Any]) -> Any:
    by, at = request.access, timezone.now()
    customer = data["customer"]
    if customer is None and data["keep"]:
        customer = customers.register(
            data["contact"],
            phone=data["phone"],
            email=data["email"],
            address=data["address"],
            outlet=data["outlet"],
            by=by,
            at=at,
        )
    told = {name: value for name, value in data.items() if name not in ("customer", "keep")}
    return operations.register(operations.Ask(customer=customer, **told), by=by, at=at)


class Who:
    """Who was found, and who is chosen, by what the address says. `page` is the page it stands on: complaints are registered so, too."""

    page = "intake:call"

    def __init__(self, request: HttpRequest):
        self.access = request.access
        self.words = " ".join(values.half_width(request.GET.get("q", "").replace("\0", "")).split())[:60]
        self.hits = customer_queries.find(self.access, self.words, most=9) if self.words else []
        self.units_found = (
            products.find_units(self.access, self.words) if self.words and not self.hits else []
        )
        self.unit = self._one(products.units(self.access), request.GET.get("unit", ""))
        self.customer = self._one(customer_queries.customers(self.access), request.GET.get("customer", ""))
        if self.customer is None and len(self.hits) == 1 and "none" not in request.GET:
            self.customer = self.hits[0].customer
        if self.unit is None and self.customer is None and len(self.units_found) == 1:
            self.unit = self.units_found[0]
        if self.unit is not None and self.customer is None and self.unit.customer_id:
            self.customer = customer_queries.customers(self.access).filter(pk=self.unit.customer_id).first()
        self._tell()

    def _one(self, rows: Any, typed: str) -> Any:
        return (
            rows.filter(pk=int(typed)).first()
            if typed.isascii() and typed.isdigit() and len(typed) < 19
            else None
        )

    def _tell(self) -> None:
        """What stands beside the form."""
        customer: Customer | None = self.customer
        self.contacts = (
            list(customer.contacts.filter(ended_at__isnull=True).order_by("-preferred", "id")[:5])
            if customer
            else []
        )
        self.addresses = (
            list(customer.addresses.filter(ended_at__isnull=True).order_by("-preferred", "id")[:5])
            if customer
            else []
        )
        self.units = (
            list(products.units(self.access).filter(customer=customer).order_by("-id")[:8])
            if customer
            else []
        )
        if self.unit is None and len(self.units) == 1:
            self.unit = self.units[0]
        unit: Unit | None = self.unit
        self.open = queries.open_of(
            self.access,
            customer_id=customer.pk if customer else None,
            unit_id=unit.pk if unit and not customer else None,
        )

    def choose(self, form: RequestForm) -> None:
        """After a form that came back: what it had chosen."""
        data = getattr(form, "cleaned_data", {})
        self.customer, self.unit = data.get("customer"), data.get("unit")
        self._tell()

    def initial(self) -> dict[str, Any]:
        """What the form begins with."""
        called = self._called()
        customer, unit = self.customer, self.unit
        contact = self.contacts[0] if self.contacts else None
        return {
            "customer": customer.pk if customer else None,
            "unit": unit.pk if unit else None,
            "contact": customer.name if customer else self._named(),
            "phone": called or (contact.phone if contact else ""),
            "email": contact.email if contact else "",
            "address": str(self.addresses[0]) if self.addresses else "",
            "model": unit.model.code if unit else "",
            "serial": unit.serial if unit else self._labelled(),
            "keep": customer is None and bool(called),
        }

    def _called(self) -> str:
        """The number that was typed, if it is a whole one."""
        try:
            return values.telephone(self.words) if len(self.words) >= 7 else ""
        except values.Bad:
            return ""

    def _named(self) -> str:
        """The name that was typed, if nobody has it: whoever calls is asked once."""
        return self.words if self._nobody and not any(map(str.isascii, self.words.replace(" ", ""))) else ""

    def _labelled(self) -> str:
        """The serial number that was typed, if no unit has it."""
        mixed = re.fullmatch(r"(?=.*\d)(?=.*[A-Za-z])[\w\-]{6,}", self.words, re.ASCII)
        return self.words.upper() if self._nobody and mixed else ""

    @property
    def _nobody(self) -> bool:
        return not self.hits and not self.units_found and self.customer is None and self.unit is None

    def choices(self) -> list[tuple[int, Any, str]]:
        """The customers found: digit to press, hit, address."""
        return [
            (
                digit,
                hit,
                f"{reverse(self.page)}?{urlencode({'q': self.words, 'customer': hit.customer.pk})}",
            )
            for digit, hit in enumerate(self.hits, 1)
        ]

    def unit_links(self) -> list[tuple[Unit, str, bool]]:
        """The customer's units, or those found by their serial: unit, address, whether it is the chosen one."""
        chosen = self.customer.pk if self.customer else ""
        return [
            (
                unit,
                f"{reverse(self.page)}?{urlencode({'q': self.words, 'customer': chosen, 'unit': unit.pk})}",
                unit == self.unit,
            )
            for unit in self.units or self.units_found
        ]

    @property
    def somebody_new(self) -> str:
        """The address of the page with nobody chosen."""
        return f"{reverse(self.page)}?{urlencode({'q': self.words, 'none': 1})}"
