"""Decisions are told in sentences, in Chinese and English, each with its clause."""

from datetime import date
from decimal import Decimal

import pytest

from sanbao_rules.decision import Decision, Reason
from sanbao_rules.explain import explain
from sanbao_rules.settlement import rate
from sanbao_rules.warranty import in_warranty
from tests.rules.make import BOOKS

RATE = rate(date(2026, 4, 1), date(2026, 5, 12), date(2026, 5, 12), BOOKS)


def test_ka_11_1_a_sentence_carries_its_clause_and_the_clauses_text():
    first = explain(RATE, BOOKS["settlement"])[0]
    assert first.text == "2026年4月记录单于2026年5月12日收齐，截止日为2026年5月11日，逾期1日，按90%结算"
    assert first.clause == "appliance KA-11.1"
    assert first.clause_text.startswith("网点当月保修期内")


def test_english_is_told_the_english_way():
    first = explain(RATE, BOOKS, "en")[0]
    assert (
        first.text
        == "the sheets of April 2026 were complete on 12 May 2026, the due day was 11 May 2026 (days late: 1): settled at 90%"
    )
    assert first.clause_text.startswith("The repair record sheets")


def test_parts_are_told_after_the_decision_and_nothing_twice():
    made = in_warranty(date(2026, 8, 3), "燃气灶", "", date(2026, 1, 10), book=BOOKS["warranty"])
    texts = [sentence.text for sentence in explain(made, BOOKS)]
    assert len(texts) == 3
    twice = Decision("x", 1, made.reasons, made.book, (made,))
    assert len(explain(twice, BOOKS)) == 3


def test_a_reason_without_a_book_is_told_by_its_decisions():
    plain = Decision("x", 1, (Reason("claimed_out"),), "settlement 2012.1")
    told = explain(plain, BOOKS)[0]
    assert (told.text, told.clause, told.clause_text) == ("单上注明保外，费用由用户承担，不予结算", "", "")


def test_shares_and_numbers_lose_their_idle_zeros():
    reason = Reason("reduced", {"gross": 100, "rate": Decimal("0.900"), "reduced": 90}, book="settlement")
    assert explain(reason, BOOKS)[0].text == "1.00元×90% = 0.90元"
    reason = Reason("reduced", {"gross": 100, "rate": Decimal("0.875"), "reduced": 88}, book="settlement")
    assert explain(reason, BOOKS, "en")[0].text == "1.00 yuan × 87.5% = 0.88 yuan"


def test_an_unknown_language_or_sentence_is_said():
    with pytest.raises(ValueError, match="zh and en"):
        explain(RATE, BOOKS, "fr")
    with pytest.raises(KeyError, match="no sentence for the reason 'lost'"):
        explain(Reason("lost", book="settlement"), BOOKS)
