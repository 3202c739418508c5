"""Values as people read them (GN-8: phones and names are masked)."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import translation

from sanbao.ui import cells, formats


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (123450, "1,234.50"),
        (0, "0.00"),
        (5, "0.05"),
        (-80, "−0.80"),
        (-123456789, "−1,234,567.89"),
        (None, ""),
        ("", ""),
    ],
)
def test_fen_are_written_as_yuan_with_separators(fen, text):
    assert formats.yuan(fen) == text


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        (Decimal("0.9"), "90%"),
        (Decimal("0.925"), "92.5%"),
        (1, "100%"),
        (Decimal("-0.05"), "−5%"),
        (None, ""),
    ],
)
def test_a_rate_is_written_as_per_cent(rate, text):
    assert formats.percent(rate) == text


def test_months_and_days_are_written_in_the_readers_language():
    with translation.override("zh-hans"):
        assert formats.month(date(2026, 4, 1)) == "2026年4月"
        assert formats.civil_date(date(2026, 4, 3)) == "2026年4月3日"
    with translation.override("en"):
        assert formats.month(date(2026, 4, 1)) == "April 2026"
        assert formats.civil_date(date(2026, 4, 3)) == "3 April 2026"


def test_a_moment_is_shown_on_the_companys_clock():
    assert formats.short_date(datetime(2026, 4, 2, 16, 30, tzinfo=UTC)) == "2026-04-03 00:30"


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812345678", "138****5678"),
        ("0571-8888 1234", "057****1234"),
        ("8888123", "****23"),
        ("123", "****"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_phone_is_masked(phone, shown):
    assert formats.masked_phone(phone) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [("王小明", "王*"), ("欧阳修", "欧阳*"), ("欧阳", "欧*"), ("Smith", "S*"), (" ", ""), (None, "")],
)
def test_a_name_is_masked(name, shown):
    assert formats.masked_name(name) == shown


def test_a_negative_amount_has_its_sign_its_colour_and_a_word():
    html = cells.amount(-12050, word="网点欠")
    assert "−120.50" in html and "amount-negative" in html and "网点欠" in html
    assert "visually-hidden" in cells.amount(-1)
    assert "amount-negative" not in cells.amount(1)


def test_a_state_is_escaped_and_an_unknown_tone_is_grey():
    assert cells.badge("<b>", "x") == '<span class="tone tone-secondary">&lt;b&gt;</span>'
