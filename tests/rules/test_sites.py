"""Where an appliance may be installed, and when it is too old to be repaired (KA-4.2, A-41)."""

from datetime import date

import pytest

from sanbao_rules.explain import explain
from sanbao_rules.sites import UnknownCheck, age, checks, site
from tests.rules.make import BOOKS, read

BOOK = BOOKS["workorder"]
LITERAL = read("workorder", declaration="literal")["workorder"]
DAY = date(2026, 11, 2)
HEATER = "燃气热水器"


def looked_at(category, *, bad=(), open_=()):
    """Everything in order but some."""
    codes = [check.code for check in checks(category, BOOK, DAY) if check.code not in open_]
    return {code: "bad" if code in bad else "ok" for code in codes}


def verdict(*bad, category=HEATER, book=BOOK, insists=False):
    return site(category, looked_at(category, bad=bad), book, DAY, insists=insists).answer


@pytest.mark.parametrize(
    ("category", "critical", "minor"),
    [
        ("燃气灶", "gas_type location ventilation hose valve leak", "space"),
        (HEATER, "gas_type location flue flueless ventilation hose valve leak co earth", "socket wall water space"),
        ("电热水器", "earth leakage", "socket wall water space"),
        ("吸油烟机", "earth", "socket wall duct space"),
    ],
)  # fmt: skip
def test_each_product_has_its_checks_and_gas_flue_and_earth_are_critical(category, critical, minor):
    """KA-4.2; A-41."""
    found = checks(category, BOOK, DAY)
    assert [check.code for check in found if check.critical] == critical.split()
    assert [check.code for check in found if not check.critical] == minor.split()
    assert all(check.label["zh"] != check.code and check.clause for check in found)


def test_a_site_in_order_is_fit():
    assert verdict()["verdict"] == "fit"


@pytest.mark.parametrize("insists", [False, True])
@pytest.mark.parametrize("failed", ["gas_type", "flue", "leak", "earth", "co"])
def test_a_failed_safety_check_is_refused_whatever_the_customer_declares(failed, insists):
    """KA-4.2 read with Civil Code 506 (A-41)."""
    made = verdict(failed, insists=insists)
    assert (made["verdict"], made["hard_stop"], made["critical"]) == ("unfit_refuse", True, [failed])


def test_insisting_on_an_unsafe_site_is_answered_with_the_law():
    made = site(HEATER, looked_at(HEATER, bad=("flue",)), BOOK, DAY, insists=True)
    told = explain(made, BOOK)
    assert told[-1].clause == "civil-code 506"
    assert "必须拒绝安装" in told[-2].text


def test_what_is_not_safety_needs_the_customers_insistence_and_declaration():
    assert verdict("wall")["verdict"] == "unfit_refuse"
    assert verdict("wall")["hard_stop"] is False
    assert verdict("wall", insists=True)["verdict"] == "with_declaration"


def test_the_literal_reading_lets_the_declaration_stand_and_warns_that_it_is_void():
    """KA-4.2: the text itself lets the user insist."""
    made = site(HEATER, looked_at(HEATER, bad=("flue", "wall")), LITERAL, DAY, insists=True)
    assert made.answer["verdict"] == "with_declaration"
    assert [reason.code for reason in made.reasons][-2:] == ["site_declaration", "void_waiver"]
    minor = site(HEATER, looked_at(HEATER, bad=("wall",)), LITERAL, DAY, insists=True)
    assert "void_waiver" not in [reason.code for reason in minor.reasons]
    assert site(HEATER, looked_at(HEATER, bad=("flue",)), LITERAL, DAY).answer["verdict"] == "unfit_refuse"


def test_nothing_is_fit_before_all_is_checked_but_a_failed_safety_check_refuses_at_once():
    made = site(HEATER, looked_at(HEATER, open_=("leak", "co")), BOOK, DAY).answer
    assert (made["verdict"], made["unchecked"]) == ("incomplete", ["leak", "co"])
    failed = site(HEATER, looked_at(HEATER, bad=("flue",), open_=("leak",)), BOOK, DAY).answer
    assert failed["verdict"] == "unfit_refuse"


def test_what_does_not_apply_counts_as_looked_at():
    results = looked_at(HEATER) | {"water": "none"}
    assert site(HEATER, results, BOOK, DAY).answer["verdict"] == "fit"


@pytest.mark.parametrize("results", [{"colour": "ok"}, {"flue": "good"}])
def test_an_unknown_check_or_result_is_refused(results):
    with pytest.raises(UnknownCheck, match="checks are gas_type"):
        site(HEATER, results, BOOK, DAY)


@pytest.mark.parametrize(
    ("category", "gas", "sold", "verdict", "years"),
    [
        (HEATER, "人工煤气", date(2020, 11, 2), "no_repair", 6),
        (HEATER, "人工煤气", date(2020, 11, 3), "repair", 6),
        (HEATER, "天然气", date(2018, 11, 2), "no_repair", 8),
        (HEATER, "液化石油气", date(2018, 11, 3), "repair", 8),
        (HEATER, "", date(2020, 11, 2), "no_repair", 6),
        ("燃气灶", "天然气", date(2018, 11, 2), "no_repair", 8),
        ("吸油烟机", "", date(2018, 11, 2), "advise", 8),
        ("吸油烟机", "", date(2018, 11, 3), "repair", 8),
        ("冰箱", "", date(2000, 1, 1), "repair", 0),
    ],
)
def test_a_gas_appliance_at_its_scrap_age_is_not_repaired_others_only_advised(
    category, gas, sold, verdict, years
):
    made = age(category, sold, BOOK, DAY, gas=gas).answer
    assert (made["verdict"], made["years"]) == (verdict, years)


def test_the_makers_own_years_hold_where_they_are_longer_never_where_shorter():
    sold = date(2018, 1, 1)
    assert age("燃气灶", sold, BOOK, DAY, stated_years=10).answer["verdict"] == "repair"
    assert age("燃气灶", sold, BOOK, DAY, stated_years=10).answer["limit_on"] == date(2028, 1, 1)
    assert age("燃气灶", date(2019, 1, 1), BOOK, DAY, stated_years=5).answer["limit_on"] == date(2027, 1, 1)


def test_an_early_ground_scraps_a_gas_appliance_at_any_age():
    made = age("燃气灶", date(2026, 1, 1), BOOK, DAY, early=["leaking"])
    assert made.answer["verdict"] == "no_repair"
    assert age("吸油烟机", date(2026, 1, 1), BOOK, DAY, early=["leaking"]).answer["verdict"] == "repair"
    with pytest.raises(UnknownCheck, match="known are co_over"):
        age("燃气灶", date(2026, 1, 1), BOOK, DAY, early=["ugly"])


def test_without_the_day_of_sale_the_age_is_not_judged_and_that_is_said():
    made = age("燃气灶", None, BOOK, DAY)
    assert (made.answer["verdict"], made.answer["limit_on"]) == ("repair", None)
    assert made.reasons[0].code == "sale_unknown"
