"""Printing without a module: templates, fonts, languages, hostile texts."""

import shutil
import subprocess
import threading
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sanbao.ui import printing
from sanbao.ui.printing import (
    CannotPrint,
    ControlledForm,
    Signature,
    figures,
    form_language,
    moment,
    month_words,
    pdf,
)

FORM = ControlledForm("SB-QR-05", "A/0", date(2026, 1, 1), Signature("李娜", date(2026, 5, 12)))
NOTHING = {
    "company": "三宝厨卫电器股份有限公司",
    "hotline": "400-800-3000",
    "form": FORM.as_words(),
    "outlet": "GZ001",
    "month": "2026年4月",
    "running": "GZ001",
    "void_clause": "KA-11.2",
    "sheets": [],
    "masked": True,
    "printed_at": "2026-05-12 09:30",
    "printed_by": "李娜",
}


def text_of(document: bytes, tmp_path: Path) -> str:
    """The words of a PDF, without the blanks the layout puts between them."""
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is not installed (apt-get install poppler-utils)")
    path = tmp_path / "form.pdf"
    path.write_bytes(document)
    run = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True)
    return run.stdout.decode().replace(" ", "")


@pytest.fixture(autouse=True)
def chinese_font():
    if not printing._font()[1]:
        pytest.skip(printing._NO_FONT["en"])


def test_a_form_is_a_pdf_and_the_same_data_give_the_same_bytes():
    first, second = pdf("record-sheet-list", NOTHING, "zh"), pdf("record-sheet-list", NOTHING, "zh")
    assert first.startswith(b"%PDF-")
    assert first == second


def test_every_form_carries_number_version_issue_date_page_and_people_as_rw_8_asks(tmp_path):
    text = text_of(pdf("record-sheet-list", NOTHING, "zh"), tmp_path)
    for said in (
        "编号：SB-QR-05",
        "版本：A/0",
        "发行日期：2026-01-01",
        "第1页共1页",
        "编制：李娜2026-05-12",
        "审核：",
        "批准：",
    ):
        assert said in text


def test_every_form_shows_the_nationwide_hotline_as_ka_5_2_asks(tmp_path):
    assert "全国服务热线：400-800-3000" in text_of(pdf("record-sheet-list", NOTHING, "zh"), tmp_path)


def test_the_english_form_is_english(tmp_path):
    text = text_of(pdf("record-sheet-list", NOTHING, "en"), tmp_path)
    assert "Form:SB-QR-05" in text
    assert "Page1of1" in text
    assert "Norecordsheetsthismonth." in text


def test_both_languages_of_a_form_have_the_same_words():
    for template in ("settlement-statement", "record-sheet"):
        chinese, english = printing.words(template, "zh"), printing.words(template, "en")
        assert keys_of(chinese) == keys_of(english)


def keys_of(table: dict) -> set[str]:
    inner = {f"{name}.{key}" for name, value in table.items() if isinstance(value, dict) for key in value}
    return set(table) | inner


def test_texts_are_printed_as_they_are_never_as_markup(tmp_path):
    hostile = '#panic("x") *bold* $x$ @ref <b> \\ "quoted"'
    text = text_of(pdf("record-sheet-list", NOTHING | {"outlet": hostile}, "zh"), tmp_path)
    assert hostile.replace(" ", "") in text


def test_control_characters_and_half_characters_do_not_break_a_form():
    assert pdf("record-sheet-list", NOTHING | {"outlet": "a\x00b\ud800c\x1b"}, "zh").startswith(b"%PDF-")


def test_an_unknown_form_is_refused_with_a_sentence():
    for name in ("no-such-form", "../base", "base.typ", ""):
        with pytest.raises(CannotPrint, match="forms"):
            pdf(name, NOTHING, "en")


def test_a_machine_without_a_chinese_font_says_what_to_install(monkeypatch):
    monkeypatch.setattr(printing, "_FAMILIES", ("No Such Font",))
    monkeypatch.setattr(printing, "_NPM_FONT", Path("/nowhere"))
    printing._system_family.cache_clear()
    with pytest.raises(CannotPrint, match="fonts-noto-cjk") as refused:
        pdf("record-sheet-list", NOTHING, "zh")
    assert refused.value.status == 503
    assert "无法打印" in refused.value.sentence


def test_the_font_installed_with_the_front_end_comes_first(monkeypatch, tmp_path):
    for weight in printing._NPM_WEIGHTS:
        (tmp_path / weight).mkdir()
        (tmp_path / weight / "NotoSansSC.ttf").touch()
    monkeypatch.setattr(printing, "_NPM_FONT", tmp_path)
    folders, family = printing._font()
    assert family == "Noto Sans SC"
    assert folders == tuple(tmp_path / weight for weight in printing._NPM_WEIGHTS)


def test_several_threads_print_at_once():
    printed: list[bytes] = []
    threads = [
        threading.Thread(
            target=lambda at=at: printed.append(pdf("record-sheet-list", NOTHING | {"outlet": str(at)}, "zh"))
        )
        for at in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(printed) == 8
    assert len(set(printed)) == 8


def test_no_form_imports_a_package_from_the_network():
    for template in printing.FORMS.glob("*.typ"):
        assert "@preview" not in template.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("fen", "said"),
    [
        (0, "0.00"),
        (5, "0.05"),
        (152400, "1,524.00"),
        (-13820, "-138.20"),
        (-5, "-0.05"),
        (123456789012, "1,234,567,890.12"),
    ],
)
def test_fen_are_said_in_figures(fen, said):
    assert figures(fen) == said


def test_days_and_moments_are_said_in_the_reader_s_way():
    assert month_words(date(2026, 4, 1), "zh-hans") == "2026年4月"
    assert month_words(date(2026, 4, 1), "en") == "April 2026"
    assert moment(datetime(2026, 5, 12, 1, 30, tzinfo=UTC)) == "2026-05-12 09:30"
    assert moment(None) == ""
    assert [form_language(code) for code in ("zh-hans", "zh", "en-gb", "fr", "")] == [
        "zh",
        "zh",
        "en",
        "zh",
        "zh",
    ]
