"""Units by API: found by serial, read with their warranty component by component and its why, registered and changed."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from sanbao.accounts.access import Access
from sanbao.customers import queries as customers
from sanbao.customers.models import Customer
from sanbao.decisions.queries import whys
from sanbao.products import operations, queries
from sanbao.products.models import Model, Unit
from sanbao.ui.endpoints import endpoint
from sanbao.ui.pages import Scope
from sanbao.ui.readers import types
from sanbao.ui.refusal import Refusal

router = Router(tags=["units"])

SEE, KEEP = "products:unit:view", "products:unit:keep"
Code = Annotated[str, types.code(40)]
Serial = Annotated[str, types.code(60)]
Line = Annotated[str, types.text(200)]
Id = Annotated[int, Field(ge=1, le=2**62)]
Source = Literal["", "store", "dealer", "online", "project", "other"]
Gas = Literal["", "12T", "20Y", "5R"]


def _by(request: HttpRequest) -> Access:
    access: Access = request.access  # type: ignore[attr-defined]
    return access


def _shown(row: Unit, numbers: dict[int, str]) -> dict[str, Any]:
    """`numbers` are those of the customers the reader may see: of another's unit nobody learns whose it is."""
    today = timezone.localdate()
    until = getattr(row, "covered_until", None)
    return {
        "id": row.pk, "serial": row.serial, "model": row.model.code, "category": row.model.category,
        "customer": numbers.get(row.customer_id or 0), "produced_on": row.produced_on, "purchased_on": row.purchased_on,
        "delivered_on": row.delivered_on, "installed_on": row.installed_on, "source": row.source, "seller": row.seller, "gas": row.gas,
        "note": row.note, "covered_until": until, "in_warranty": None if until is None else until >= today,
    }  # fmt: skip


def _numbers(by: Access, rows: list[Unit]) -> dict[int, str]:
    if not by.may("customers:customer:view"):
        return {}
    owners = {row.customer_id for row in rows if row.customer_id}
    return dict(customers.customers(by).filter(pk__in=owners).values_list("pk", "number"))


def _one(request: HttpRequest, pk: int) -> dict[str, Any]:
    found = queries.units(_by(request)).get(pk=pk)
    return _shown(found, _numbers(_by(request), [found]))


@router.get("", summary="Units, newest first")
@endpoint(SEE, scope=Scope.COMPANY, audit=None)
def list_units(
    request: HttpRequest,
    words: Line | None = None,
    serial: Serial | None = None,
    model: Code | None = None,
    customer: Code | None = None,
    before: Id | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """A page of at most `limit`; ask on with `before` = the last id. `words`: beginning or end of the serial, four characters or more; `customer`: a number."""
    by = _by(request)
    rows = queries.units(by).order_by("-id")
    if words:
        rows = rows.filter(pk__in=queries.found_units(by, words))
    if serial:
        rows = rows.filter(serial=serial.upper())
    if model:
        rows = rows.filter(model__code=model.upper())
    if customer:
        rows = rows.filter(customer__in=customers.customers(by).filter(number=customer.upper()))
    if before:
        rows = rows.filter(pk__lt=before)
    page = list(rows[: limit + 1])
    numbers = _numbers(by, page[:limit])
    return {"items": [_shown(row, numbers) for row in page[:limit]], "more": len(page) > limit}


class UnitIn(Schema):
    """`model` is a model's code, `customer` a customer's number."""

    serial: Serial
    model: Code
    customer: Code = ""
    produced_on: types.Day | None = None
    purchased_on: types.Day | None = None
    delivered_on: types.Day | None = None
    installed_on: types.Day | None = None
    source: Source = ""
    seller: Annotated[str, types.text(80)] = ""
    gas: Gas = ""
    note: Annotated[str, Field(max_length=300)] = ""


@router.post("", summary="Register a unit; give an Idempotency-Key and it is registered once")
@endpoint(KEEP, scope=Scope.COMPANY, audit="products:unit:registered")
def create_unit(request: HttpRequest, body: UnitIn) -> dict[str, Any]:
    by, data = _by(request), body.dict()
    model, owner = _model(by, data.pop("model")), _customer(by, data.pop("customer"))
    made = operations.register_unit(
        data.pop("serial"), model, customer=owner, **data, by=by, at=timezone.now()
    )
    return _one(request, made.pk)


def _model(by: Access, code: str) -> Model:
    found: Model | None = Model.objects.filter(company_id=by.company_id, code=code.upper()).first()
    if found is None:
        raise Refusal(_("There is no model with this code."), field="model", code="model")
    return found


def _customer(by: Access, number: str) -> Customer | None:
    if not number:
        return None
    found: Customer | None = customers.customers(by).filter(number=number.upper()).first()
    if found is None:
        raise Refusal(
            _("There is no customer %(number)s among those you see.") % {"number": number},
            field="customer",
            code="customer",
        )
    return found


@router.get("/{pk}", summary="One unit with its warranty by component, and why")
@endpoint(SEE, scope=Scope.COMPANY, audit=None)
def read_unit(request: HttpRequest, pk: Id, language: Literal["zh", "en"] = "zh") -> dict[str, Any]:
    """`covers`: until when the appliance (`component` empty) and components with a cover of their own are repaired free (KA-5.1)."""
    by = _by(request)
    found = queries.units(by).get(pk=pk)
    covers = list(found.covers.select_related("decision").order_by("id"))
    told = whys([cover.decision for cover in covers], language, by)
    today = timezone.localdate()
    return {
        **_shown(found, _numbers(by, [found])),
        "covers": [
            {"component": cover.component, "last_day": cover.last_day, "in_warranty": cover.last_day >= today, "why": _sentences(why)}
            for cover, why in zip(covers, told, strict=True)
        ],
    }  # fmt: skip


def _sentences(why: Any) -> list[dict[str, str]]:
    return [{"text": sentence.text, "clause": sentence.clause} for sentence in why.sentences]


class UnitAmendmentIn(Schema):
    """What is left out stays as it is; a day is taken away with null said in `emptied`. With another `customer` the unit is handed over."""

    model: Code | None = None
    customer: Code | None = None
    produced_on: types.Day | None = None
    purchased_on: types.Day | None = None
    delivered_on: types.Day | None = None
    installed_on: types.Day | None = None
    source: Source | None = None
    seller: Annotated[str, types.text(80)] | None = None
    gas: Gas | None = None
    note: Annotated[str, Field(max_length=300)] | None = None
    emptied: list[Literal["produced_on", "purchased_on", "delivered_on", "installed_on"]] = []


@router.post("/{pk}/amendment", summary="Change what is known of a unit; other days make another warranty")
@endpoint(
    KEEP, scope=Scope.COMPANY, audit=("products:unit:amended", "products:unit:handed-over", ""), rate="write"
)
def amend_unit(request: HttpRequest, pk: Id, body: UnitAmendmentIn) -> dict[str, Any]:
    by, at, data = _by(request), timezone.now(), body.dict()
    found: Unit = Unit.objects.visible_to(by, KEEP).select_related("model").get(pk=pk)
    number, emptied = data.pop("customer"), data.pop("emptied")
    owner = _customer(by, number) if number is not None else None
    changes: dict[str, Any] = {name: value for name, value in data.items() if value is not None}
    changes |= dict.fromkeys(emptied)
    if "model" in changes:
        changes["model"] = _model(by, changes["model"])
    operations.amend_unit(found, changes, by=by, at=at)
    if number is not None:
        operations.hand_over_unit(found, owner, by=by, at=at)
    return _one(request, pk)
