"""Keeping models and parts."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.products.models import Model, Part
from sanbao.ui.refusal import Refusal


@transaction.atomic
def keep_model(code: str, category: str, *, name: str = "", by: Access, at: datetime) -> Model:
    """Add a model, or change its category and name. Settled months keep the category they were settled by."""
    by.require("products:product:manage")
    model, made = Model.objects.update_or_create(
        company_id=by.company_id, code=code.strip().upper(), defaults={"category": category, "name": name}
    )
    audit.record(
        "products:model:added" if made else "products:model:changed", model, by=by, at=at, category=category
    )
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
