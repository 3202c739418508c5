"""Every figure the regulations fix is a value of a shipped book, resting on its clause; every unclear text is a choice.

The table is ours to keep: clause, book, parameter, the text's own value. Where a book keeps codes for words, the Chinese
words are compared. A book that is still to come is told by name and stops nothing else.
"""

from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal

import pytest

from tests.rules.make import BOOKS

SAID = "said"  # the words of the book's codes, in Chinese, are the text's
KINDS = ["机滤", "空滤", "燃油滤", "皮带", "雨刮器"]
NOT_BACK = ["底壳", "面壳", "烟管", "油网", "油杯", "灯管", "气源置换配件"]
DEPARTMENTS = ["销售部", "售后部", "用品部", "市场部", "财务部", "CRM部", "行政人事部"]
BANDS = [{"up_to": 2, "rate": 1}, {"up_to": 3, "rate": Decimal("0.8")}, {"up_to": 5, "rate": Decimal("0.5")}]
AWARDS = [
    {"code": "outstanding", "least": 90, "amount": 20000, "places": 3},
    {"code": "advanced", "least": 80, "amount": 10000, "places": 4},
    {"code": "active", "least": 80, "amount": 5000, "places": 5},
]

PARAMETERS = [
    ("OP-2", "custody", "exempt_kinds", KINDS, SAID),
    ("OP-3", "custody", "sheet_metal_transfer_days", 3),
    ("OP-5", "custody", "uncleaned_penalty", 50),
    ("OP-9", "custody", "custody_months", 1),
    ("OP-10", "custody", "waste_oil_cycle", "monthly"),
    ("RW-1", "returns", "warranty_years", 1),
    ("SR-10", "appraisal", "discipline_steps", ["警告", "记过", "停职", "辞退"], SAID),
    ("GN-3", "service", "response_hours", 24),
    ("GN-3", "service", "resolution_workdays", 3),
    ("PF-2", "property_fees", "multi_storey", {"least": 5, "most": 9}),
    ("PF-2", "property_fees", "high_rise", {"least": 6, "most": 12}),
    ("PF-3", "property_fees", "cleaning", 6),
    ("PF-3", "property_fees", "security", 9),
    ("PF-4", "property_fees", "lift_total", Decimal("0.55")),
    ("PF-4", "property_fees", "lift_owner", Decimal("0.15")),
    ("PF-4", "property_fees", "lift_fund", Decimal("0.40")),
    ("PF-8", "property_fees", "management_share_of_rent", Decimal("0.25")),
    ("PF-8", "property_fees", "cleaning_per_m2", {"least": Decimal("0.2"), "most": Decimal("0.5")}),
    ("RG-1", "calendar", "opening", time(8, 30)),
    ("RG-1", "calendar", "closing", time(17, 30)),
    ("PV-2", "complaints", "verification_workdays", 3),
    ("PV-5", "complaints", "answer_hours", 24),
    ("SX-1", "inspections", "document", "HCBM-CD-01-007/02"),
    ("SX-3", "inspections", "departments", DEPARTMENTS, SAID),
    ("KA-2.1", "parts_orders", "order_days", [5, 20]),
    ("KA-2.1", "parts_orders", "regular_per_month", 2),
    ("KA-2.1", "parts_orders", "urgent_per_month", 2),
    ("KA-3.1", "returns", "return_years", 3),
    ("KA-3.5", "returns", "not_returnable", NOT_BACK, SAID),
    ("KA-5.1", "warranty", "whole_years", 1),
    ("KA-5.1", "warranty", "hood_motor_years", 3),
    ("KA-5.1", "warranty", "water_heater_tank_years", 5),
    ("KA-5.1", "warranty", "replaced_part_months", 3),
    ("KA-6.2", "charges", "threshold", 100),
    ("KA-6.2", "charges", "markup_from_threshold", Decimal("0.40")),
    ("KA-6.2", "charges", "markup_below", Decimal("0.60")),
    ("KA-7.1", "returns", "broken_rate", Decimal("0.5")),
    ("KA-7.2", "returns", "form_return_days", 15),
    ("KA-7.3", "returns", "fine_multiple", 10),
    ("KA-8.2", "returns", "credit_bands", BANDS),
    ("KA-8.2", "returns", "non_quality_max", Decimal("0.5")),
    ("KA-8.4", "returns", "false_reason_fine", {"least": 100, "most": 1000}),
    ("KA-9.1", "callbacks", "installation_first", 3),
    ("KA-9.1", "callbacks", "installation_second", 3),
    ("KA-9.1", "callbacks", "installation_third", 6),
    ("KA-9.1", "callbacks", "repair_within", 7),
    ("KA-10.2", "appraisal", "awards", AWARDS),
    ("KA-10.2", "appraisal", "improve_at_most", 70),
    ("KA-10.2", "appraisal", "recheck_fine", 1000),
    ("KA-11.1", "settlement", "due_day", 10),
    ("KA-11.1", "settlement", "rate_in_time", 1),
    ("KA-11.1", "settlement", "rate_late", Decimal("0.9")),
    ("KA-11.1", "settlement", "rate_late_15", Decimal("0.7")),
    ("KA-11.1", "settlement", "rate_cross_month", Decimal("0.5")),
    ("KA-11.1", "settlement", "rate_no_electronic", 0),
    ("KA-11.2", "settlement", "void_sheet", 10),
    ("KA-11.2", "settlement", "late_service", 30),
    ("KA-11.2", "settlement", "unimproved", 50),
    ("KA-11.2", "settlement", "overcharge", 50),
    ("KA-11.2", "settlement", "forged_multiple", 10),
    ("KA-12.1", "parts_orders", "review_workdays", 2),
    ("KA-12.1", "parts_orders", "ship_days", 7),
    ("KA-12.2", "quality", "answer_days", 7),
    ("KA-12.3", "returns", "review_workdays", 1),
    ("KA-12.4", "returns", "answer_days", 3),
    ("KA-12.4", "returns", "head_over_units", 5),
    ("KA-12.4", "returns", "deputy_gm_over_units", 10),
    ("KA-12.4", "returns", "pickup_days", 7),
]

# Every reading that must be switchable, and the parameter that switches it.
READINGS = [
    ("A-07", "custody", "custody_start"),
    ("A-07", "custody", "custody_notice"),
    ("A-09", "custody", "warranty_hand_over"),
    ("A-21", "service", "response_counting"),
    ("A-22", "service", "resolution_counting"),
    ("A-34", "property_fees", "high_rise_reading"),
    ("A-38", "inspections", "seasons"),
    ("A-39", "inspections", "frequency"),
    ("A-41", "workorder", "declaration"),
    ("A-42", "warranty", "start"),
    ("A-43", "warranty", "tank_labour"),
    ("A-46", "parts_orders", "order_day_rest"),
    ("A-48", "returns", "older_part"),
    ("A-49", "returns", "in_warranty_from"),
    ("A-56", "returns", "forgery_steps"),
    ("A-60", "appraisal", "active_band"),
    ("A-63", "settlement", "lateness"),
    ("A-65", "settlement", "roll"),
]

COMING = {"callbacks", "complaints"} - BOOKS.keys()


@pytest.mark.parametrize(
    ("clause", "name", "parameter", "value", "said"),
    [(*row, "")[:5] for row in PARAMETERS if row[1] not in COMING],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_every_figure_of_a_clause_is_in_a_book_and_rests_on_it(clause, name, parameter, value, said):
    book = BOOKS[name]
    first = book.history(parameter)[0]
    shipped = [book.word(code, "zh") for code in first.value] if said else first.value
    assert _plain(shipped) == _plain(value)
    assert first.clause.partition(" ")[2] == clause
    assert book.clause_text(first.clause, "zh") and book.clause_text(first.clause, "en")


def _plain(value):
    """Tables and lists as they are read, whatever holds them."""
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, (list, tuple)) else value


@pytest.mark.parametrize(("reading", "name", "parameter"), READINGS)
def test_every_unclear_text_is_a_choice_with_other_readings_in_both_languages(reading, name, parameter):
    choices = BOOKS[name].parameters[parameter].choices
    assert len(choices) >= 2
    assert all(label["zh"] and label["en"] for label in choices.values())
    assert BOOKS[name].history(parameter)[0].value in choices


def test_the_days_a_controlled_document_names_are_those_of_its_source():
    """SX-1, RW-8, HK-1."""
    effective = {
        ("inspections", "six-s"): date(2012, 8, 8),
        ("returns", "rework"): date(2012, 1, 14),
        ("subsidy", "hongkou"): date(2012, 5, 1),
    }
    for (name, source), day in effective.items():
        assert BOOKS[name].sources[source].effective == day


@pytest.mark.parametrize(
    ("season", "sex", "worn"),
    [
        ("spring_winter", "man", "白衬衫 黑西服 西裤 黑皮鞋 黑色袜子 紫色领带"),
        ("spring_winter", "woman", "白衬衫 黑西服 西裤 黑皮鞋 肉色丝袜 蓝色丝巾"),
        ("summer_autumn", "man", "白衬衫 西裤 黑色袜子 黑色领带"),
        ("summer_autumn", "woman", "短袖上衣 西裙 黑皮鞋 肉色丝袜 灰色丝巾"),
    ],
)
def test_the_showrooms_dress_is_the_documents(season, sex, worn):
    """SX-4."""
    book = BOOKS["inspections"]
    rows = book.history("dress_code")[0].value
    row = next(r for r in rows if (r["post"], r["season"], r["sex"]) == ("showroom", season, sex))
    assert [book.word(item, "zh") for item in row["items"]] == worn.split()
