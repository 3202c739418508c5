"""Keeping models, parts and units."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.customers.models import Customer
from sanbao.products import covering
from sanbao.products.models import Model, Part, Unit
from sanbao.ui.refusal import Refusal


@transaction.atomic
def keep_model(code: str, category: str, *, name: str = "", by: Access, at: datetime) -> Model:
    """Add a model, or change its category and name. Settled months keep the category they were settled by."""
    by.require("products:product:manage")
    before = Model.objects.filter(company_id=by.company_id, code=code.strip().upper()).first()
    model, made = Model.objects.update_or_create(
        company_id=by.company_id, code=code.strip().upper(), defaults={"category": category, "name": name}
    )
    audit.record(
        "products:model:added" if made else "products:model:changed", model, by=by, at=at, category=category
    )
    if before and before.category != category:
        for unit in Unit.objects.filter(model=model).iterator(chunk_size=500):
            unit.model = model
            covering.decide(unit, by=by, at=at)
    return model


@transaction.atomic
def keep_part(
    code: str,
    name: str,
    supply_price_fen: int,
    *,
    component: str = "",
    fits: Iterable[Model] = (),
    by: Access,
    at: datetime,
) -> Part:
    """Add a part, or change its name, component, price (fen) and the models it fits."""
    by.require("products:product:manage")
    if supply_price_fen < 0:
        raise Refusal(_("A price can't be negative."), field="supply_price")
    part, made = Part.objects.update_or_create(
        company_id=by.company_id,
        code=code.strip().upper(),
        defaults={"name": name, "component": component, "supply_price_fen": supply_price_fen},
    )
    part.fits.set(fits)
    audit.record(
        "products:part:added" if made else "products:part:changed",
        part,
        by=by,
        at=at,
        supply_price_fen=supply_price_fen,
    )
    return part


BATCH = 1000
UNIT_FIELDS = (
    "model", "address", "produced_on", "purchased_on", "delivered_on", "installed_on", "source", "seller", "proof", "gas", "note",
)  # fmt: skip


@transaction.atomic
def register_unit(
    serial: str, model: Model, *, customer: Customer | None = None, by: Access, at: datetime, **known: Any
) -> Unit:
    """Write a unit down by its serial number; `known` are fields of UNIT_FIELDS. A serial there is already is refused."""
    by.require("products:unit:keep")
    return admit_unit(serial, model, customer=customer, by=by, at=at, **known)


@transaction.atomic
def admit_unit(
    serial: str, model: Model, *, customer: Customer | None = None, by: Access, at: datetime, **known: Any
) -> Unit:
    """As `register_unit`, for what came by a channel of the company's."""
    serial = serial.strip().upper()
    if not serial:
        raise Refusal(_("Write the serial number from the label."), field="serial", code="serial")
    unit = Unit(
        company_id=by.company_id,
        serial=serial,
        model=model,
        customer=customer,
        made_at=at,
        made_by_id=by.person_id,
    )
    _fill_unit(unit, known, at)
    if Unit.objects.filter(company_id=by.company_id, serial=serial).exists():
        raise Refusal(
            _("Serial number %(serial)s is registered already.") % {"serial": serial},
            field="serial",
            code="registered",
        )
    unit.save(force_insert=True)
    covering.decide(unit, by=by, at=at)
    audit.record("products:unit:registered", unit, by=by, at=at, customer=customer.pk if customer else None)
    return unit


@transaction.atomic
def register_units(
    units: Sequence[Unit], *, by: Access, at: datetime, step: Callable[[int], None] = lambda done: None
) -> None:
    """Write many new units down, all or none; each is sound as `check_unit` says and its serial not there yet."""
    by.require("products:unit:keep")
    for start in range(0, len(units), BATCH):
        step(start)
        batch = units[start : start + BATCH]
        Unit.objects.bulk_create(batch)
        covering.decide_new(batch, by=by, at=at)
        audit.record_all(
            "products:unit:registered",
            batch,
            by=by,
            at=at,
            details=lambda unit: {"customer": unit.customer_id},
        )


@transaction.atomic
def amend_unit(unit: Unit, changes: dict[str, Any], *, by: Access, at: datetime) -> Unit:
    """Change what is known of a unit. Its serial number stays: a wrong one is a wrong unit."""
    by.require("products:unit:keep")
    found = Unit.objects.visible_to(by, "products:unit:keep").select_for_update(of=("self",)).get(pk=unit.pk)
    said = {name: value for name, value in changes.items() if getattr(found, name) != value}
    _fill_unit(found, said, at)
    if said:
        found.save(update_fields=list(said))
        covering.decide(found, by=by, at=at)
        audit.record("products:unit:amended", found, by=by, at=at, fields=sorted(said))
    return found


@transaction.atomic
def hand_over_unit(unit: Unit, customer: Customer | None, *, by: Access, at: datetime) -> Unit:
    """The unit is another customer's from now on (sold on, moved out); the warranty stays the unit's."""
    by.require("products:unit:keep")
    found = Unit.objects.visible_to(by, "products:unit:keep").select_for_update(of=("self",)).get(pk=unit.pk)
    before = found.customer_id
    found.customer, found.address = customer, None
    found.save(update_fields=["customer", "address"])
    audit.record(
        "products:unit:handed-over",
        found,
        by=by,
        at=at,
        before=before,
        customer=customer.pk if customer else None,
    )
    return found


def _fill_unit(unit: Unit, known: dict[str, Any], at: datetime) -> None:
    unknown = set(known) - set(UNIT_FIELDS)
    if unknown:
        raise TypeError(f"a unit has no {', '.join(sorted(unknown))}")
    for name, value in known.items():
        setattr(unit, name, value)
    check_unit(unit, at)


def check_unit(unit: Unit, at: datetime) -> None:
    """What no unit may be: refused with the field and a sentence."""
    today = timezone.localdate(at)
    for name in ("produced_on", "purchased_on", "delivered_on", "installed_on"):
        day = getattr(unit, name)
        if day is not None and day > today:
            raise Refusal(_("This day has not come yet."), field=name, code="future")
        if day is not None and unit.produced_on is not None and day < unit.produced_on:
            raise Refusal(
                _("It was made on %(day)s and can't have been bought or delivered before.") % {"day": unit.produced_on.isoformat()},
                field=name, code="before_made",
            )  # fmt: skip
    if unit.address is not None and unit.address.customer_id != unit.customer_id:
        raise Refusal(_("This address is another customer's."), field="address", code="address")
