"""What a repair costs the customer: free, goodwill, charged or refused, line by line."""

from datetime import date
from decimal import Decimal

import pytest

from sanbao_rules.explain import explain
from sanbao_rules.quotation import Case, FaultyLine, Line, facts_of, from_facts, quote
from tests.rules.make import BOOKS, read

DAY = date(2026, 11, 2)
HOOD = Case("吸油烟机", date(2026, 11, 1), date(2025, 1, 10))  # in the second year: only the motor is covered
TANK = Case("电热水器", date(2026, 11, 1), date(2022, 1, 10))  # in the fifth year: only the tank is
NEW = Case("燃气灶", date(2026, 11, 1), date(2026, 1, 10))
OLD = Case("燃气灶", date(2026, 11, 1), date(2024, 1, 10))


def quoted(*lines, case=OLD, books=BOOKS):
    return quote(lines, case, books, DAY)


def outcome(line, case=OLD, books=BOOKS):
    return quoted(line, case=case, books=books).parts[0].answer["outcome"]


def codes(made):
    return [reason.code for part in made.parts for reason in part.reasons]


def part(price, supply, **more):
    return Line("part", component="面板", price=Decimal(price), supply_price=Decimal(supply), **more)


def test_the_totals_are_the_lines_sums_and_each_line_has_a_decision_of_its_own():
    """KA-5.1: the motor and its labour are covered in the second year, the lamp board is not."""
    made = quoted(
        Line("labour", "replace", "电机"),
        Line("part", component="电机", price=Decimal(120), supply_price=Decimal(90)),
        Line("part", component="灯板", quantity=2, price=Decimal("15.50"), supply_price=Decimal(10)),
        Line("travel", km=Decimal(48)),
        case=HOOD,
    )
    assert [part.answer["outcome"] for part in made.parts] == made.answer["lines"]
    assert made.answer["lines"] == ["free", "free", "charged", "free"]
    assert (made.answer["free"], made.answer["charged"]) == (6000 + 12000 + 5600, 3100)
    assert [part.answer["amount"] for part in made.parts] == [6000, 12000, 3100, 5600]
    assert explain(made, BOOKS)[0].text == "免费236.00元，优惠免收0.00元，应收31.00元"


@pytest.mark.parametrize(
    ("price", "supply", "charged"),
    [
        ("160.00", "100.00", None), ("140.00", "100.00", 14000), ("140.01", "100.00", None),
        ("159.98", "99.99", 15998), ("159.99", "99.99", None), ("16.00", "10.00", 1600), ("16.01", "10.00", None),
    ],
)  # fmt: skip
def test_a_part_may_cost_up_to_its_cap_and_not_a_fen_more(price, supply, charged):
    """KA-6.2: exactly 100 yuan takes 40 % (A-45)."""
    made = quoted(part(price, supply))
    assert made.answer["charged"] == (charged or 0)
    assert made.answer["refused"] == (charged is None)


def test_a_price_over_the_cap_is_refused_with_the_arithmetic():
    """KA-6.2."""
    made = quoted(part("150.00", "100.00"))
    told = [sentence.text for sentence in explain(made, BOOKS)]
    assert "配件面板收费150.00元，超过最高140.00元，多出10.00元，不能报价" in told
    assert "供货价100.00元，最多上浮40%，最高收费140.00元" in told
    assert "有1项不能报价，改正前不得发给客户" in told


def test_in_warranty_a_price_over_the_cap_is_nobodys_loss():
    assert outcome(part("150.00", "100.00"), NEW) == "free"


def test_a_part_without_supply_price_or_price_cannot_be_charged():
    assert outcome(Line("part", component="面板", price=Decimal(10))) == "refused"
    assert outcome(Line("part", component="面板", supply_price=Decimal(10))) == "refused"
    assert outcome(Line("part", component="面板"), NEW) == "free"


@pytest.mark.parametrize("case", [NEW, OLD])
def test_another_makers_part_is_refused_free_or_not(case):
    """KA-6.1."""
    assert outcome(part("10", "10", makers_own=False), case) == "refused"
    assert (
        outcome(part("10", "10", makers_own=False), case, read("workorder", other_makers_parts="allowed"))
        != "refused"
    )


@pytest.mark.parametrize("why", ["misuse", "opened", "no_voucher", "altered_voucher", "force_majeure"])
def test_damage_that_is_not_covered_is_charged_with_its_ground(why):
    made = quoted(part("140", "100", excluded=why), case=NEW)
    assert made.answer["charged"] == 14000
    told = {sentence.text: sentence.clause for sentence in explain(made, BOOKS)}
    assert any(clause == "three-guarantees exclusions" for clause in told.values())


def test_out_of_warranty_the_ground_no_longer_matters():
    assert codes(quoted(part("140", "100", excluded="misuse"))) == ["line_expired", "line_charged"]


def test_the_tanks_labour_is_free_with_the_tank_or_by_the_other_reading_with_the_year():
    """A-43."""
    labour = Line("labour", "replace", "内胆")
    assert outcome(labour, TANK) == "free"
    assert outcome(labour, TANK, read("warranty", tank_labour="as_the_whole")) == "charged"


def test_goodwill_needs_its_approval_and_a_company_that_grants_it():
    """ST-7, A-32: free repair of quality faults without a limit in the text; beyond the warranty by approval."""
    made = quoted(Line("labour", "replace", "电磁阀", goodwill="G-7"))
    assert made.answer == {"free": 0, "goodwill": 5000, "charged": 0, "refused": 0, "lines": ["goodwill"]}
    assert outcome(Line("labour", "replace", "电磁阀", goodwill="G-7"), NEW) == "free"
    assert (
        outcome(Line("labour", "replace", "电磁阀", goodwill="G-7"), OLD, read("workorder", goodwill="none"))
        == "charged"
    )


@pytest.mark.parametrize(("case", "category_labour"), [(OLD, 5000), (OLD._replace(category="壁挂炉"), 20000)])
def test_labour_out_of_warranty_is_the_customers_tariff(case, category_labour):
    """KA-4.3."""
    assert quoted(Line("labour", "replace"), case=case).answer["charged"] == category_labour


def test_less_than_the_tariff_may_be_asked_and_more_is_refused():
    """KA-4.3: no overcharging."""
    assert quoted(Line("labour", "replace", price=Decimal(40))).answer["charged"] == 4000
    made = quoted(Line("labour", "replace", price=Decimal("50.01")))
    assert made.answer["refused"] == 1
    assert made.parts[0].reasons[-1].args == {"line": "labour", "price": 5001, "tariff": 5000, "over": 1}
    assert quoted(Line("travel", km=Decimal(48), price=Decimal(57))).answer["refused"] == 1


def test_work_the_tariff_does_not_know_is_refused_out_of_warranty_and_free_in_it():
    assert (
        codes(quoted(Line("labour", "carry_in"), case=OLD._replace(category="集成灶")))[-1] == "unknown_work"
    )
    assert outcome(Line("labour", "carry_in"), NEW._replace(category="集成灶")) == "free"
    assert outcome(Line("labour", "replace"), OLD._replace(category="冰箱")) == "refused"


def test_an_edition_without_a_tariff_for_customers_has_the_labour_tariff():
    document = dict(BOOKS["charges"].document)
    document["parameters"] = {n: p for n, p in document["parameters"].items() if n != "customer_labour"}
    old = type(BOOKS["charges"])(document, "old", known=False)
    made = quoted(Line("labour", "replace"), books=BOOKS | {"charges": old})
    assert made.answer["charged"] == 5000
    assert made.parts[0].parts[0].question == "charges.labour"


def test_the_trip_goes_with_the_work():
    free, paid = Line("labour", "replace"), Line("labour", "replace", excluded="misuse")
    trip = Line("travel", km=Decimal(48))
    assert quoted(trip, free, case=NEW).answer["lines"] == ["free", "free"]
    assert quoted(trip, paid, case=NEW).answer["lines"] == ["charged", "charged"]
    waived = Line("labour", "replace", goodwill="G-7")
    assert quoted(trip, waived).answer["lines"] == ["goodwill", "goodwill"]
    assert quoted(trip, case=NEW).answer["lines"] == ["free"]
    assert quoted(trip).answer["charged"] == 5600
    assert quoted(Line("travel", km=Decimal(20))).answer["charged"] == 0


def test_by_the_other_reading_the_trip_goes_by_the_whole_appliance():
    books = read("workorder", travel_follows="whole")
    lines = (Line("labour", "replace", "电机"), Line("travel", km=Decimal(48)))
    assert quoted(*lines, case=HOOD).answer["lines"] == ["free", "free"]
    assert quoted(*lines, case=HOOD, books=books).answer["lines"] == ["free", "charged"]
    waived = (Line("labour", "replace", goodwill="G"), Line("travel", km=Decimal(48)))
    assert quoted(*waived, books=books).answer["lines"] == ["goodwill", "charged"]


def test_a_repeat_brings_no_second_labour_fee_unless_the_customer_broke_it():
    """The company's repeats: the labour is free and the trip with it; the part, and what use has broken, are charged as ever."""
    again = OLD._replace(repeat_of="W260401-0001")
    made = quoted(Line("labour", "replace"), part("140", "100"), Line("travel", km=Decimal(48)), case=again)
    assert made.answer["lines"] == ["free", "charged", "free"]
    assert "repeat_no_labour" in codes(made)
    assert outcome(Line("labour", "replace", excluded="misuse"), case=again) == "charged"
    assert from_facts(facts_of([], again, DAY))[1] == again


def test_a_part_fitted_less_than_three_months_ago_is_free_again():
    """KA-5.1: a replaced part three months (A-44)."""
    assert outcome(part("10", "10", replaced_on=date(2026, 8, 1))) == "free"
    assert outcome(part("10", "10", replaced_on=date(2026, 7, 31))) == "charged"


def test_only_listed_fees_may_be_charged():
    made = quoted(Line("other", "drilling", quantity=2), Line("other", "rush", price=Decimal(30)))
    assert made.answer["charged"] == 10000
    assert made.answer["lines"] == ["charged", "refused"]
    assert quoted(Line("other", "drilling", price=Decimal(51))).answer["refused"] == 1
    assert outcome(Line("other", "drilling", goodwill="G-7")) == "goodwill"


def test_without_a_day_of_purchase_or_before_the_rules_nothing_is_free():
    unknown = OLD._replace(purchased_on=None)
    assert codes(quoted(Line("labour", "replace"), case=unknown)) == ["purchase_unknown", "line_charged"]
    early = OLD._replace(purchased_on=date(1999, 5, 1))
    assert codes(quoted(Line("labour", "replace"), case=early)) == ["before_warranty", "line_charged"]


@pytest.mark.parametrize(
    "line", [Line("gift"), Line("labour", "replace", quantity=0), part("10", "10", excluded="bad luck")]
)
def test_a_line_that_makes_no_sense_is_refused(line):
    with pytest.raises(FaultyLine):
        quoted(line, case=NEW)


def test_a_quotation_without_lines_costs_nothing():
    assert quoted().answer == {"free": 0, "goodwill": 0, "charged": 0, "refused": 0, "lines": []}


def test_facts_give_lines_and_case_back():
    lines = [part("10", "8.5", goodwill="G"), Line("travel", km=Decimal("3.5"))]
    assert from_facts(facts_of(lines, NEW, DAY)) == (lines, NEW)
    assert facts_of([Line("labour", "replace")], OLD, DAY)["lines"] == [{"kind": "labour", "code": "replace"}]
