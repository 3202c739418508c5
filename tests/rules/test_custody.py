"""OP-1 to OP-12: what becomes of old parts, by when they move, what a sale needs."""

from datetime import date

import pytest

from sanbao_rules import custody
from sanbao_rules.explain import explain
from sanbao_rules.needs import UnknownStep, gate
from sanbao_rules.rulebook import Rulebook
from sanbao_rules.worktime import Calendar
from tests.rules.make import BOOKS, read

BOOK, CALENDAR = BOOKS["custody"], Calendar(BOOKS["calendar"], provisional=True)
DAY = date(2026, 4, 8)


@pytest.mark.parametrize("kind", BOOK.value("kinds", DAY).value)
@pytest.mark.parametrize("cases", [(), ("warranty",), ("insurance",), ("owner_wants",)])
def test_every_kind_of_part_has_a_fate_in_every_case(kind, cases):
    """OP-1, OP-2: nothing is left lying about."""
    made = custody.fate(kind, DAY, book=BOOK, cases=cases)
    assert {made.answer["fate"], made.answer["place"]} <= BOOK.names.keys()


def test_only_parts_are_cleaned_and_not_the_exempt_ones():
    """OP-2, A-05."""
    cleaned = [
        kind for kind in BOOK.value("kinds", DAY).value if custody.fate(kind, DAY, book=BOOK).answer["clean"]
    ]
    assert cleaned == ["sheet_metal", "mechanical"]


def test_an_owner_gets_no_waste_oil_and_no_warranty_part():
    """OP-4, OP-10: the earlier rows of the book decide."""
    assert custody.fate("waste_oil", DAY, book=BOOK, cases=["owner_wants"]).answer["fate"] == "sell_oil"
    both = custody.fate("mechanical", DAY, book=BOOK, cases=["owner_wants", "warranty"])
    assert both.answer["fate"] == "to_keeper"


def test_words_the_book_has_no_rule_for_are_refused_with_those_it_knows():
    with pytest.raises(custody.UnknownPart, match="known are waste_oil, oil_filter"):
        custody.fate("battery", DAY, book=BOOK)
    with pytest.raises(custody.UnknownPart, match="known are waste_oil, old_parts"):
        custody.clearing("paint", DAY, DAY, book=BOOK)
    with pytest.raises(UnknownStep, match="known are tag, hand_to_owner"):
        gate("sale", DAY, book=BOOK)


def test_a_kind_a_companys_edition_forgot_is_said_to_be_forgotten():
    kinds = [(date(2012, 1, 1), ["battery"], "old-parts OP-1")]
    own = BOOK.with_values("own", {"kinds": kinds})
    with pytest.raises(custody.UnknownPart, match="says nothing of what becomes of 'battery'"):
        custody.fate("battery", DAY, book=own)


def test_a_part_moved_late_is_late_by_so_many_days():
    """OP-3, A-08."""
    made = custody.transfer(date(2026, 4, 8), DAY, book=BOOK, calendar=CALENDAR, moved_on=date(2026, 4, 15))
    assert made.answer == {"due": date(2026, 4, 13), "state": "done_late"}
    assert [sentence.text for sentence in explain(made, BOOK)] == [
        "车辆2026年4月8日完工，3日内（至2026年4月13日）转存废油旧件室",
        "2026年4月11日是休息日，顺延至2026年4月13日",
        "2026年4月15日完成，逾期2日",
    ]


def test_insurance_parts_are_kept_collected_or_wait_for_a_notice():
    """OP-9, OP-11, A-07."""
    done = date(2026, 4, 15)

    def asked(book: Rulebook = BOOK, **facts):
        return custody.insurance(done, date(2026, 5, 20), book=book, calendar=CALENDAR, **facts)

    assert asked(collected_on=date(2026, 5, 1)).answer["state"] == "collected"
    assert custody.insurance(done, date(2026, 5, 15), book=BOOK, calendar=CALENDAR).answer["state"] == "kept"
    from_notice = read("custody", custody_start="first_notice")["custody"]
    assert asked(from_notice).answer == {"until": None, "state": "notice_missing"}
    assert "尚无通知记录" in explain(asked(from_notice), from_notice)[0].text


def test_a_clean_part_costs_nothing_and_an_uncleaned_one_fifty_yuan():
    """OP-5, A-10."""
    assert custody.penalty(DAY, book=BOOK, oily=True, cleaned=True).answer == 0
    assert custody.penalty(DAY, book=BOOK, oily=False, cleaned=False).answer == 0
    made = custody.penalty(DAY, book=BOOK, oily=True, cleaned=False)
    assert made.answer == 5000
    assert "不直接扣工资" in explain(made, BOOK)[0].text


@pytest.mark.parametrize(
    ("stored", "state"),
    [
        (date(2026, 4, 1), "ok"),
        (date(2025, 6, 12), "warn"),
        (date(2025, 4, 8), "warn"),
        (date(2025, 4, 7), "over"),
    ],
)
def test_hazardous_waste_is_warned_about_and_not_kept_over_a_year(stored, state):
    assert custody.storage(stored, DAY, book=BOOK).answer["state"] == state


def test_waste_oil_needs_a_licence_and_a_manifest_since_the_law_asks_for_them():
    """OP-10, A-11: before 1 September 2020 the regulation alone counted."""
    there = ["finance_witness", "income_to_finance"]
    assert gate("oil_sale", date(2020, 8, 31), book=BOOK, present=there).answer["done"]
    made = gate("oil_sale", date(2020, 9, 1), book=BOOK, present=there)
    assert made.answer["missing"] == ["licence_valid", "manifest"]
    assert {sentence.clause for sentence in explain(made, BOOK)} == {"solid-waste 80"}
    assert gate("close_job", DAY, book=BOOK).answer["missing"] == ["warranty_parts_received"]
