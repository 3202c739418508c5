"""Whether an appliance may be installed where it is to stand (KA-4.2, A-41)."""

from datetime import timedelta

import pytest

from sanbao.products import operations as products
from sanbao.products.models import Model
from sanbao.ui.refusal import Refusal
from sanbao.workorders import operations
from sanbao.workorders.models import Order
from tests.cast import NOW, Cast
from tests.modules.workorders import crew

HERE = NOW + timedelta(hours=2)
HOB = ("gas_type", "location", "ventilation", "hose", "valve", "leak", "space")


def installing(cast: Cast, gas: str = "12T") -> Order:
    """A gas hob to be installed, its engineer there, the name plate photographed."""
    model = Model.objects.get(company=cast.company, code="JZT-B52")
    hob = products.register_unit("JZTB520000009", model, by=cast.access("agent"), at=NOW, gas=gas)
    made = crew.order(cast, kind="installation", fault="安装燃气灶", unit=hob)
    made = crew.dispatched(cast, made, crew.engineer(cast))
    by = crew.own(cast)
    made = operations.arrive(made, by=by, at=HERE)
    crew.photo(cast, made, "plate", by, HERE)
    return made


def found(**bad: str) -> dict[str, str]:
    return dict.fromkeys(HOB, "ok") | bad


def test_a_site_that_suits_lets_the_installation_go_on(cast: Cast) -> None:
    made = operations.check_site(installing(cast), found(), gas="12T", by=crew.own(cast), at=HERE)
    assert (made.site, made.step) == ("fit", "installing")
    assert made.checks.get(code="site").passed


def test_what_was_not_looked_at_is_not_in_order(cast: Cast) -> None:
    made = operations.check_site(installing(cast), {"hose": "ok"}, by=crew.own(cast), at=HERE)
    assert (made.site, made.step) == ("incomplete", "site_check")
    assert not made.checks.get(code="site").passed


def test_a_gas_that_is_not_the_one_of_the_name_plate_fails_whatever_was_ticked(cast: Cast) -> None:
    made = operations.check_site(installing(cast), found(), gas="20Y", by=crew.own(cast), at=HERE)
    assert made.site == "unfit_refuse"
    assert made.site_decision.answer["critical"] == ["gas_type"]


def test_where_safety_fails_not_even_a_signed_declaration_helps(cast: Cast) -> None:
    """A-41: a waiver of injury is void; the signature is kept as evidence of the refusal, and the step can't be left out."""
    made = installing(cast)
    by = crew.own(cast)
    made = operations.check_site(
        made, found(hose="bad"), insists=True, words="我坚持要装", name="张三丰", drawn=crew.SCRAWL, by=by, at=HERE
    )  # fmt: skip
    assert (made.site, made.site_decision.answer["hard_stop"]) == ("unfit_refuse", True)
    assert made.signatures.filter(purpose="declaration").count() == 1
    with pytest.raises(Refusal) as told:
        operations.skip(made, "site_check", "用户坚持", by=cast.access("supervisor"), at=HERE)
    assert told.value.code == "site"
    with pytest.raises(Refusal):
        operations.complete(made, action="装好", by=by, at=HERE)


def test_a_minor_fault_needs_the_customers_signed_declaration(cast: Cast) -> None:
    """KA-4.2: if the user insists, a declaration is written and signed."""
    made = installing(cast)
    by = crew.own(cast)
    assert operations.check_site(made, found(space="bad"), by=by, at=HERE).site == "unfit_refuse"
    with pytest.raises(Refusal) as told:
        operations.check_site(made, found(space="bad"), insists=True, words="以后自己改", by=by, at=HERE)
    assert told.value.code == "unsigned"
    made = operations.check_site(
        made, found(space="bad"), insists=True, words="以后自己改", name="张三丰", drawn=crew.SCRAWL, by=by, at=HERE
    )  # fmt: skip
    assert (made.site, made.step) == ("with_declaration", "installing")


def test_a_refused_installation_ends_and_nothing_follows_it(cast: Cast) -> None:
    made = installing(cast)
    by = crew.own(cast)
    with pytest.raises(Refusal):
        operations.refuse_site(made, "换软管", danger="漏气", by=by, at=HERE)
    made = operations.check_site(made, found(hose="bad"), by=by, at=HERE)
    with pytest.raises(Refusal) as told:
        operations.refuse_site(made, " ", danger="软管老化漏气，可能引起火灾", by=by, at=HERE)
    assert told.value.field == "measures"
    with pytest.raises(Refusal) as told:
        operations.refuse_site(made, "更换软管", danger=" ", by=by, at=HERE)
    assert told.value.field == "danger"  # the customer reads on the refusal what may happen
    made = operations.refuse_site(
        made, "更换不锈钢波纹软管，不超过2米", danger="软管老化漏气，可能引起火灾", by=by, at=HERE
    )
    assert (made.state, made.followups.count()) == ("incomplete", 0)
    assert made.checks.get(code="site:measures").value.startswith("更换不锈钢")
    assert made.checks.get(code="site:danger").value.startswith("软管老化")
