"""Customers by API: found, read, registered and changed by the same operations, with the same visibility as on the pages.

People's data are masked; one customer is shown in clear to whoever may (and whose token may) and says what for (GN-8).
"""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.customers import operations, queries
from sanbao.customers.models import Customer
from sanbao.customers.permissions import May
from sanbao.edge.search import among
from sanbao.outlets.models import Outlet
from sanbao.ui import formats
from sanbao.ui.endpoints import endpoint
from sanbao.ui.pages import Scope
from sanbao.ui.readers import types
from sanbao.ui.refusal import Refusal

router = Router(tags=["customers"])

Code = Annotated[str, types.code(40)]
Line = Annotated[str, types.text(200)]
Name = Annotated[str, types.name(80)]
Email = Annotated[str, Field(max_length=254, pattern=r"^$|^[^@\s]+@[^@\s]+$")]
Id = Annotated[int, Field(ge=1, le=2**62)]
Tag = Annotated[str, types.text(20)]


def _by(request: HttpRequest) -> Access:
    access: Access = request.access  # type: ignore[attr-defined]
    return access


def _found(request: HttpRequest, pk: int, permission: str = May.SEE) -> Customer:
    found: Customer = Customer.objects.visible_to(_by(request), permission).get(pk=pk)
    return found


def _brief(row: Customer, *, full: bool = False) -> dict[str, Any]:
    return {
        "id": row.pk, "number": row.number, "kind": row.kind, "name": row.name if full else formats.masked("name", row.name),
        "vip": row.vip, "tags": row.tags, "reach_by": row.reach_by, "language": row.language, "do_not_call": row.do_not_call,
        "no_marketing": row.no_marketing, "merged_into": row.merged_into_id, "registered_at": timezone.localtime(row.made_at).isoformat(timespec="seconds"),
    }  # fmt: skip


def _whole(row: Customer, *, full: bool = False) -> dict[str, Any]:
    def personal(kind: str, value: str) -> str:
        return value if full else formats.masked(kind, value)

    contacts = row.contacts.filter(ended_at__isnull=True).order_by("-preferred", "id")
    addresses = row.addresses.filter(ended_at__isnull=True).order_by("-preferred", "id")
    consents = row.consents.filter(withdrawn_at__isnull=True).order_by("id")
    return {
        **_brief(row, full=full),
        "contacts": [
            {"id": c.pk, "name": personal("name", c.name), "role": c.role, "phone": personal("phone", c.phone), "email": personal("email", c.email), "preferred": c.preferred}
            for c in contacts
        ],
        "addresses": [
            {"id": a.pk, "label": a.label, "address": personal("address", str(a)), "coordinates": personal("coordinates", a.coordinates), "preferred": a.preferred}
            for a in addresses
        ],
        "consents": [
            {"purpose": c.purpose, "how": c.how, "given_at": timezone.localtime(c.given_at).isoformat(timespec="seconds")} for c in consents
        ],
        "plan": row.plan,
        "note": row.note,
    }  # fmt: skip


@router.get("", summary="Customers, newest first")
@endpoint(May.SEE, scope=Scope.PLACES, audit=None)
def list_customers(
    request: HttpRequest,
    words: Line | None = None,
    vip: bool | None = None,
    before: Id | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """A page of at most `limit`; ask on with `before` = the last id. `words`: telephone or its last four digits and more, name, pinyin initials, number."""
    rows = queries.customers(_by(request)).order_by("-id")
    if words:
        rows = rows.filter(among(queries.found(_by(request), words)))
    if vip is not None:
        rows = rows.filter(vip=vip)
    if before:
        rows = rows.filter(pk__lt=before)
    page = list(rows[: limit + 1])
    return {"items": [_brief(row) for row in page[:limit]], "more": len(page) > limit}


class CustomerIn(Schema):
    """`outlet` is the code of the outlet that serves the customer; somebody of one outlet leaves it out."""

    name: Name
    kind: Literal["person", "organisation"] = "person"
    phone: types.Phone = ""
    email: Email = ""
    address: Line = ""
    outlet: Code = ""
    vip: bool = False
    note: Annotated[str, Field(max_length=500)] = ""


@router.post("", summary="Register a customer; give an Idempotency-Key and it is registered once")
@endpoint(May.KEEP, scope=Scope.PLACES, audit="customers:customer:registered")
def create_customer(request: HttpRequest, body: CustomerIn) -> dict[str, Any]:
    """`same` lists customers with the same telephone: two may share one, so it is told and not refused."""
    by, data = _by(request), body.dict()
    code = data.pop("outlet")
    outlet = Outlet.objects.visible_to(by, May.KEEP).filter(code=code.upper()).first() if code else None
    if code and outlet is None:
        raise Refusal(
            _("There is no outlet with this code among those you see."), field="outlet", code="outlet"
        )
    same = queries.customers(by).filter(
        pk__in=[row.pk for row in queries.by_contact(by.company_id or 0, phone=data["phone"])]
    )
    numbers = list(same.values_list("number", flat=True))
    made = operations.register(data.pop("name"), outlet=outlet, **data, by=by, at=timezone.now())
    return {**_brief(made), "same": numbers}


@router.get("/{pk}", summary="One customer with contacts, addresses and consents")
@endpoint(May.SEE, scope=Scope.PLACES, audit=("customers:customer:unmasked", ""))
def read_customer(request: HttpRequest, pk: Id, reason: Line | None = None) -> dict[str, Any]:
    """With `reason` (and the permission for it) the customer's data are in clear; who asked and why is kept."""
    found = _found(request, pk)
    if reason:
        _by(request).require(May.UNMASK)
        audit.handed_out("customers:customer:unmasked", found, request, reason=reason)
    return _whole(found, full=bool(reason))


class AmendmentIn(Schema):
    """What is left out stays as it is."""

    name: Name | None = None
    kind: Literal["person", "organisation"] | None = None
    vip: bool | None = None
    tags: Annotated[list[Tag], Field(max_length=10)] | None = None
    reach_by: Literal["", "phone", "sms", "email", "wechat"] | None = None
    language: Literal["", "zh-hans", "en"] | None = None
    do_not_call: bool | None = None
    no_marketing: bool | None = None
    plan: Annotated[str, Field(max_length=2000)] | None = None
    note: Annotated[str, Field(max_length=500)] | None = None


@router.post("/{pk}/amendment", summary="Change what is known about a customer")
@endpoint(May.KEEP, scope=Scope.PLACES, audit=("customers:customer:amended", ""), rate="write")
def amend_customer(request: HttpRequest, pk: Id, body: AmendmentIn) -> dict[str, Any]:
    changes = {name: value for name, value in body.dict().items() if value is not None}
    return _brief(
        operations.amend(_found(request, pk, May.KEEP), changes, by=_by(request), at=timezone.now())
    )


class ContactIn(Schema):
    """One more way to reach a customer: a telephone number, an e-mail address, or both."""

    name: Annotated[str, types.name()] = ""
    role: Annotated[str, types.text(40)] = ""
    phone: types.Phone = ""
    email: Email = ""
    preferred: bool = False


@router.post("/{pk}/contacts", summary="One more way to reach a customer")
@endpoint(May.KEEP, scope=Scope.PLACES, audit="customers:contact:added", rate="write")
def add_contact(request: HttpRequest, pk: Id, body: ContactIn) -> dict[str, Any]:
    made = operations.add_contact(
        _found(request, pk, May.KEEP), **body.dict(), by=_by(request), at=timezone.now()
    )
    return {"id": made.pk, "preferred": made.preferred}
