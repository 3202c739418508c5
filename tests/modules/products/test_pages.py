"""Models and parts, and the cap on prices out of warranty."""

import pytest
from django.urls import reverse

from sanbao.products import operations
from sanbao.products.models import Part
from tests.cast import NOW

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("supply", "cap"), [(10000, "140.00"), (9999, "159.98"), (0, "0.00")])
def test_the_list_of_parts_shows_the_highest_price_and_its_reasons(cast, sign_in, supply, cap):
    """KA-6.2: 40 % from 100 yuan on, 60 % below."""
    part = operations.keep_part("P1", "电机", supply, component="电机", by=cast.access("admin"), at=NOW)
    browser = sign_in("clerk")
    assert cap in browser.get(reverse("products:parts")).content.decode()
    why = browser.get(
        reverse("products:part-why", args=[part.pk]), headers={"HX-Request": "true"}
    ).content.decode()
    assert "KA-6.2" in why


def test_an_outlet_sees_the_company_s_models_but_does_not_change_them(sign_in):
    browser = sign_in("owner-GZ001")
    assert "CXW-260-A8" in browser.get(reverse("products:models")).content.decode()
    assert browser.get(reverse("products:add-model")).status_code == 403


def test_a_part_is_added_with_its_price_in_yuan(sign_in):
    fields = {"code": "p9", "name": "内胆", "supply_price": "268.50"}
    assert sign_in("admin").post(reverse("products:add-part"), fields).status_code == 303
    assert Part.objects.get(code="P9").supply_price_fen == 26850


def test_a_negative_price_is_refused_beside_its_field(sign_in):
    page = sign_in("admin").post(
        reverse("products:add-part"), {"code": "p9", "name": "内胆", "supply_price": "-1"}
    )
    assert page.status_code == 422
    assert page.context["form"].errors["supply_price"]
