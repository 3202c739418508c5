"""Rules of assignment that ask for a certificate or a contract."""

from datetime import date, timedelta

import pytest

from sanbao.customers import operations as customers
from sanbao.intake import operations
from sanbao.intake.models import Category, Request, Team
from sanbao.outlets import operations as outlets
from sanbao.ui.refusal import Refusal
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def rule(cast: Cast):
    """Gas goes to whoever of technical support may work on gas."""
    admin = cast.access("admin")
    team = Team.objects.get(company=cast.company, code="support")
    for name in ("support", "agent"):
        operations.keep_member(team, cast.people[name], by=admin, at=NOW)
    gas = Category.objects.get(company=cast.company, code="repair-gas")
    told = {
        "name": "燃气",
        "position": 1,
        "category": gas,
        "team": team,
        "mode": "least_loaded",
        "certificate": "gas",
    }
    return operations.keep_rule(None, told, by=admin, at=NOW)


def certify(cast: Cast, who: str, until: date | None = None) -> None:
    outlets.keep_certificate(
        cast.people[who], "gas", f"G-{who}", issued_on=date(2025, 1, 1), valid_until=until, by=cast.access("admin"), at=NOW
    )  # fmt: skip


def gas(cast: Cast) -> Request:
    return cast.request("repair-gas", severity="danger")


def test_it_goes_to_a_member_who_holds_the_certificate_that_day(cast: Cast, rule) -> None:
    """EN-1, GN-6."""
    certify(cast, "support")
    certify(cast, "agent", until=NOW.date() - timedelta(days=1))
    assert gas(cast).assignee == cast.people["support"]


def test_where_nobody_holds_it_the_rule_does_not_fit(cast: Cast, rule) -> None:
    """KA-4.1: nothing is put off because a certificate is missing."""
    made = gas(cast)
    assert made.assignee is None
    assert (
        made.team == Category.objects.get(code="repair-gas", company=cast.company).team
        or made.team is not None
    )


def test_somebody_without_it_is_neither_given_it_nor_takes_it(cast: Cast, rule) -> None:
    certify(cast, "support")
    made = gas(cast)
    with pytest.raises(Refusal) as refused:
        operations.assign(
            made, person=cast.people["agent"], version=None, by=cast.access("supervisor"), at=NOW
        )
    assert refused.value.code == "certificate"
    with pytest.raises(Refusal):
        operations.take(made, version=None, by=cast.access("agent"), at=NOW)


def test_an_outlet_needs_somebody_who_holds_it(cast: Cast) -> None:
    noise = Category.objects.get(company=cast.company, code="repair-noise")
    told = {
        "name": "网点",
        "position": 1,
        "category": noise,
        "outlet": cast.outlets["GZ001"],
        "certificate": "gas",
    }
    operations.keep_rule(None, told, by=cast.access("admin"), at=NOW)
    assert cast.request().outlet is None
    certify(cast, "owner-GZ001")
    assert cast.request().outlet == cast.outlets["GZ001"]


def test_a_rule_for_contracts_fits_customers_who_have_one_that_holds(cast: Cast) -> None:
    admin = cast.access("admin")
    team = Team.objects.get(company=cast.company, code="hotline")
    operations.keep_rule(
        None, {"name": "签约", "position": 1, "team": team, "contract": True}, by=admin, at=NOW
    )
    known = customers.register("李四", phone="13600001111", by=cast.access("agent"), at=NOW)
    other = customers.register("王五", phone="13600002222", by=cast.access("agent"), at=NOW)
    today = NOW.date()
    pledge = {
        "source": "合同1",
        "promise": "resolution",
        "length": 9,
        "unit": "hours",
        "since": today,
        "customer": known,
    }
    operations.keep_pledge(pledge, by=admin, at=NOW)
    operations.keep_pledge(
        {**pledge, "customer": other, "since": today - timedelta(days=9), "until": today - timedelta(days=1)},
        by=admin,
        at=NOW,
    )
    operations.keep_pledge({**pledge, "customer": None}, by=admin, at=NOW)
    assert cast.request(customer=known).team == team
    assert cast.request(customer=other).team != team
    assert cast.request().team != team
