"""Nobody overwrites another's change unseen: the form comes back with the other's value beside the own input (ASVS 2.3.3)."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django import forms
from django.test import Client
from django.urls import reverse

from sanbao.outlets.models import Outlet
from sanbao.products import operations as products
from sanbao.products.models import Part
from sanbao.ui import seen
from tests.cast import NOW, Cast

FIELDS = {
    "code": "GZ001",
    "name": "赣州服务网点",
    "contact": "",
    "phone": "",
    "address": "",
    "contract_from": "",
    "contract_until": "",
}


def shown_by(page: str) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', page)
    assert found
    return found.group(1).replace("&quot;", '"')


def test_a_change_of_somebody_else_is_shown_and_not_overwritten(
    cast: Cast, sign_in: Callable[[str], Client]
) -> None:
    outlet = cast.outlets["GZ001"]
    address = reverse("outlets:edit", args=[outlet.pk])
    mine = sign_in("admin")
    seen_then = shown_by(mine.get(address).content.decode())
    Outlet.objects.filter(pk=outlet.pk).update(contact="王五")  # somebody else saves first
    body = {**FIELDS, "region": outlet.region_id, "contact": "赵六", "seen": seen_then}

    first = mine.post(address, body)
    outlet.refresh_from_db()
    assert (first.status_code, outlet.contact) == (409, "王五")
    page = first.content.decode()
    assert "他人已将此项改为“王*”" in page  # masked, as everywhere (GN-8)
    assert 'value="赵六"' in page  # nothing of mine is lost

    again = mine.post(address, {**body, "seen": shown_by(page)})
    outlet.refresh_from_db()
    assert (again.status_code, outlet.contact) == (303, "赵六")


def test_unchanged_things_are_saved_at_once(cast: Cast, sign_in: Callable[[str], Client]) -> None:
    outlet = cast.outlets["GZ001"]
    address = reverse("outlets:edit", args=[outlet.pk])
    mine = sign_in("admin")
    body = {
        **FIELDS,
        "region": outlet.region_id,
        "contact": "赵六",
        "seen": shown_by(mine.get(address).content.decode()),
    }

    assert mine.post(address, body).status_code == 303


def test_a_price_and_the_models_a_part_fits_are_compared_too(
    cast: Cast, sign_in: Callable[[str], Client]
) -> None:
    part = products.keep_part("P-1", "电机", 9900, by=cast.access("admin"), at=NOW)
    address = reverse("products:part", args=[part.pk])
    mine = sign_in("admin")
    seen_then = shown_by(mine.get(address).content.decode())
    model = products.Model.objects.filter(company=cast.company).first()
    products.keep_part("P-1", "电机", 12000, fits=[model], by=cast.access("admin"), at=NOW)

    answer = mine.post(address, {"code": "P-1", "name": "电机", "supply_price": "88", "seen": seen_then})

    assert answer.status_code == 409
    assert "改为“120.00”" in answer.content.decode()
    assert f"改为“{model}”" in answer.content.decode()
    assert Part.objects.get().supply_price_fen == 12000


@pytest.mark.parametrize("text", ["", "not json", "[1]", "{}", '{"other": "x"}'])
def test_what_cannot_be_read_as_seen_guards_nothing_and_breaks_nothing(
    cast: Cast, sign_in: Callable[[str], Client], text: str
) -> None:
    outlet = cast.outlets["GZ001"]
    body = {**FIELDS, "region": outlet.region_id, "contact": "赵六", "seen": text}

    assert sign_in("admin").post(reverse("outlets:edit", args=[outlet.pk]), body).status_code == 303


def test_control_without_the_comparison_the_other_is_overwritten(cast: Cast, sign_in: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    """The guard off: the first test can fail."""
    monkeypatch.setattr(seen, "_read", lambda text: {})
    outlet = cast.outlets["GZ001"]
    address = reverse("outlets:edit", args=[outlet.pk])
    mine = sign_in("admin")
    seen_then = shown_by(mine.get(address).content.decode())
    Outlet.objects.filter(pk=outlet.pk).update(contact="王五")

    mine.post(address, {**FIELDS, "region": outlet.region_id, "contact": "赵六", "seen": seen_then})

    outlet.refresh_from_db()
    assert outlet.contact == "赵六"


class _Dropping(seen.Seen, forms.Form):
    """As the form that mends an order: who does it is not mended there."""

    name = forms.CharField()
    outlet = forms.CharField(required=False)

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        del self.fields["outlet"]


def test_what_a_form_has_dropped_is_not_compared() -> None:
    """Found by the fuzz: a mangled `seen` that names it was a fault."""
    form = _Dropping({"name": "a", "seen": '{"outlet": "0000000000"}'}, initial={"name": "a", "outlet": "b"})
    assert form.is_valid()
    assert form.changed_meanwhile == ()
