"""SR-9, RG-5, GN-9, RW-3, RW-4, A-32, A-71: who approves what."""

from datetime import date

import pytest

from sanbao_rules.approvals import UnknownSubject, who
from tests.rules.make import BOOKS

BOOK, ON = BOOKS["approvals"], date(2026, 4, 1)


def test_an_exception_is_allowed_with_a_reason_and_by_somebody_else():
    assert who("goodwill", ON, book=BOOK, reason="刚过保三天").answer["allowed"]
    assert not who("goodwill", ON, book=BOOK, reason=" ").answer["allowed"]
    assert not who("goodwill", ON, book=BOOK, reason="刚过保三天", same_person=True).answer["allowed"]


def test_what_needs_no_reason_is_allowed_without_one():
    assert who("damage_rework", ON, book=BOOK).answer == {"approver": "deputy_gm_production", "allowed": True}


def test_a_subject_nobody_is_named_for_is_refused_with_those_known_on_that_day():
    with pytest.raises(
        UnknownSubject, match="known are special_order_exception, wrong_type_exchange, damage_rework$"
    ):
        who("goodwill", date(2020, 1, 1), book=BOOK)
