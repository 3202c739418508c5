"""Reading what outlets send: every shape is understood, every cell that is not has a sentence (KA-11.1, KA-11.2)."""

import json
import resource
import time
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanbao.settlements.reading import (
    Unreadable,
    read_findings,
    read_receipts,
    read_record_sheets,
    read_record_sheets_in_child,
    values,
)
from tests.modules.settlements import corpus
from tests.modules.settlements.corpus import HEADINGS, row, xlsx

SAMPLES = Path(__file__).parents[4] / "shared" / "samples" / "appliance"
TODAY = date(2026, 5, 20)


def problems(data: bytes, name: str = "month.xlsx") -> dict[str, str]:
    """Code to cell of what is wrong with a file."""
    return {found.code: found.cell for found in read_record_sheets(data, name, today=TODAY).problems}


@pytest.mark.skipif(
    not SAMPLES.exists(), reason="the sample months lie in ../shared/samples, which is not here"
)
def test_the_sample_months_are_read_whole() -> None:
    """KA-11.1: as many sheets and duplicates as expected.json says."""
    expected = json.loads((SAMPLES / "expected.json").read_text())
    for path in sorted(SAMPLES.glob("records-*.xlsx")):
        month, outlet = path.stem[8:15], path.stem[16:]
        read = read_record_sheets(path.read_bytes(), path.name, outlet_code=outlet, today=date(2026, 11, 1))
        wanted = expected[f"{outlet} {month}"]
        assert (len(read.rows), len(read.duplicates)) == (wanted["records"], wanted["duplicates"])
        assert [found for found in read.problems if found.severity == "error"] == []
        assert (read.outlet_code, f"{read.month:%Y-%m}") == (outlet, month)


def test_headings_are_recognised_in_any_order_and_wording() -> None:
    renamed = {
        "机身编码": "机身条码",
        "完成日期": "完工 日期",
        "单程公里": "里程（单程km）",
        "联系电话": "*用户电话：",
    }
    headings = [renamed.get(heading, heading) for heading in reversed(HEADINGS)]

    (read,) = read_record_sheets(xlsx([list(reversed(row()))], headings), "x.xlsx", today=TODAY).rows

    assert (read.serial, read.completed_on, read.km, read.phone) == (
        "SN1",
        date(2026, 4, 9),
        30,
        "13800005678",
    )


def test_headings_on_two_merged_lines_are_recognised() -> None:
    (read,) = read_record_sheets(corpus.merged(), "x.xlsx", today=TODAY).rows

    assert (read.number, read.customer, read.phone, read.address) == (
        "S1",
        "张三",
        "13800005678",
        "中山路1号",
    )


def test_the_sender_may_say_which_column_is_which() -> None:
    headings = ["备用1" if heading == "机身编码" else heading for heading in HEADINGS]
    data = xlsx([row()], headings)

    assert "no_column" in problems(data)
    read = read_record_sheets(
        data, "x.xlsx", heading_choice={"serial": HEADINGS.index("机身编码")}, today=TODAY
    )
    assert read.rows[0].serial == "SN1"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_is_read_in_the_encodings_of_chinese_offices(encoding: str) -> None:
    lines = [",".join(HEADINGS), ",".join(map(str, row(用户姓名="欧阳𠮷")))]

    (read,) = read_record_sheets("\r\n".join(lines).encode(encoding), "月报.csv", today=TODAY).rows

    assert read.customer == "欧阳𠮷"


@pytest.mark.parametrize(
    ("build", "code"),
    [
        (lambda: b"", "empty"),
        (lambda: b"%PDF-1.7 ...", "not_a_table"),
        (lambda: b"\x89PNG\r\n\x1a\n", "not_a_table"),
        (lambda: b"<html><table><tr><td>1</td></tr></table></html>", "web_page"),
        (corpus.word, "not_a_table"),
        (corpus.encrypted, "password"),
        (corpus.truncated, "broken"),
        (corpus.bomb, "too_large_inside"),
        (corpus.hidden_only, "only_hidden"),
        (corpus.wide, "too_wide"),
        (lambda: xlsx([], None), "empty_sheet"),
        (lambda: xlsx([["甲", "乙"], [1, 2]], None), "no_headings"),
        (lambda: b"PK\x03\x04" + b"\0" * 100, "broken"),
        (lambda: b"just one line of words", "no_columns"),
        (lambda: b"x" * (21 * 2**20), "too_large"),
    ],
)
def test_a_file_that_is_no_month_is_refused_with_a_sentence_quickly_and_in_little_memory(
    build, code: str
) -> None:
    data = build()
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, time.monotonic()

    with pytest.raises(Unreadable) as refused:
        read_record_sheets_in_child(data, "month.xlsx", today=TODAY)

    assert refused.value.code == code
    assert refused.value.sentence("zh") != refused.value.sentence("en")
    assert time.monotonic() - started < 5
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < max(before, 260_000)


def test_a_stray_cell_in_the_last_corner_is_named_and_the_month_is_read() -> None:
    read = read_record_sheets_in_child(corpus.stray(), "x.xlsx", today=TODAY)

    assert len(read.rows) == 1
    assert "XFD1048576" in {found.cell for found in read.problems if found.code == "stray"}


def test_a_formula_without_a_saved_value_is_named_by_its_cell() -> None:
    assert problems(corpus.formula_without_value())["unvalued"] == "O2"


def test_a_missing_required_field_makes_the_sheet_void_not_wrong() -> None:
    """KA-11.2 a: an incomplete sheet is handed in, and void."""
    read = read_record_sheets(xlsx([row(地址="", 机身编码=" ")]), "x.xlsx", today=TODAY)

    assert read.rows[0].missing == ("address", "serial")
    assert {found.severity for found in read.problems} == {"warning"}


@pytest.mark.parametrize(
    ("changes", "code", "cell"),
    [
        ({"单程公里": -5}, "negative_km", "O2"),
        ({"单程公里": "很远"}, "no_number", "O2"),
        ({"购买日期": "1900-01-05"}, "unlikely_year", "G2"),
        ({"购买日期": 5}, "unlikely_year", "G2"),
        ({"完成日期": "2100-01-01"}, "unlikely_year", "J2"),
        ({"完成日期": "2026-02-30"}, "no_such_day", "J2"),
        ({"完成日期": "03/04/2026"}, "ambiguous_date", "J2"),
        ({"完成日期": "2026-05-21"}, "future", "J2"),
        ({"完成日期": "2026-04-07"}, "completed_first", "J2"),
        ({"购买日期": "2026-04-10"}, "bought_later", "G2"),
        ({"服务类型": "聊天"}, "unknown_work", "N2"),
        ({"收费金额": "-1"}, "negative_money", "Q2"),
        ({"用户姓名": "长" * 61}, "too_long_text", "B2"),
        ({"故障现象": "#N/A"}, "error_value", "K2"),
        ({"联系电话": "没有"}, "odd_phone", "C2"),
    ],
)
def test_a_bad_cell_is_named_with_a_sentence(changes: dict, code: str, cell: str) -> None:
    found = read_record_sheets(xlsx([row(**changes)]), "x.xlsx", today=TODAY).problems

    assert (code, cell) in {(problem.code, problem.cell) for problem in found}
    assert all(problem.sentence("zh") and problem.sentence("en") for problem in found)


@pytest.mark.parametrize(
    "written",
    [
        "2026-04-09",
        "2026/4/9",
        "2026.4.9",
        "2026年4月9日",
        "20260409",
        "２０２６－０４－０９",
        46121,
        "46121",
        "2026-04-09 10:30",
    ],
)
def test_a_day_is_read_in_any_shape(written: object) -> None:
    assert values.day(written) == date(2026, 4, 9)


@pytest.mark.parametrize(
    "written",
    [
        "13800005678",
        13800005678.0,
        "138 0000 5678",
        "138-0000-5678",
        "１３８００００５６７８",
        "+86 13800005678",
    ],
)
def test_a_phone_is_read_in_any_shape(written: object) -> None:
    assert values.phone(written) == ("13800005678", True)


@pytest.mark.parametrize("written", [48, 48.0, "48", "４８", "48公里", "48 km", "0,048"])
def test_kilometres_are_read_in_any_shape(written: object) -> None:
    assert values.kilometres(written) == Decimal(48)


@given(
    st.one_of(st.text(), st.floats(), st.integers(), st.booleans(), st.none(), st.builds(lambda t: {"d": t}, st.text()), st.builds(lambda t: {"e": t}, st.text()))
)  # fmt: skip
def test_no_cell_breaks_a_reader(cell: object) -> None:
    for reader in (values.text, values.code, values.day, values.phone, values.kilometres, values.fen):
        try:
            reader(cell)
        except values.Bad as bad:
            assert bad.code


def test_a_sheet_entered_twice_counts_once_and_one_entered_differently_is_an_error() -> None:
    read = read_record_sheets(
        xlsx([row(), row(), row(单号="S2"), row(单号="S2", 地址="别处")]), "x.xlsx", today=TODAY
    )

    assert len(read.duplicates) == 1
    assert [(found.code, found.cell) for found in read.problems if found.severity == "error"] == [
        ("twice_different", "A5")
    ]


def test_the_total_line_is_compared_with_what_was_read() -> None:
    total = ["合计", "", "共9单", *[""] * 15]

    assert "total_differs" in problems(xlsx([row(), total]))
    assert "total_differs" not in problems(xlsx([row(), ["合计", "", "共1单", *[""] * 15]]))


def test_control_characters_are_dropped_and_formula_looking_text_stays_text() -> None:
    (read,) = read_record_sheets(xlsx([row(用户姓名="=1+1", 地址="a\x07b")]), "x.xlsx", today=TODAY).rows

    assert (read.customer, read.address) == ("=1+1", "ab")


def test_findings_are_read_by_their_words() -> None:
    """KA-11.2: what each finding means is decided by the words of the callback form."""
    text = (
        "单号,问题,说明,备注\nA1,伪造记录单,,\nA2,乱收费,收费80元,80\nA3,维修不及时投诉属实,,\nA4,维修不及时投诉不属实,,\n"
        "A5,服务态度差,,未改正\nA6,维修质量差,,已改正\nA7,服务态度差,,\nA8,天气不好,,\n"
    )

    read = read_findings(text.encode("gb18030"), "f.csv")

    kinds = {found["number"]: found["kind"] for _line, found in read.rows}
    assert kinds == {
        "A1": "forged", "A2": "overcharge", "A3": "late_service", "A4": "late_unproven",
        "A5": "unimproved", "A6": "improved", "A7": "ordered",
    }  # fmt: skip
    assert dict(read.rows)[3]["refund_fen"] == 8000
    assert [(found.code, found.cell) for found in read.problems] == [("unknown_finding", "B9")]


def test_receipts_leave_a_date_empty_that_has_not_come_yet() -> None:
    read = read_receipts("网点编码,月份,纸质收到日,电子版收到日\ngz001,2026-04,,2026.5.9\n".encode(), "r.csv")

    ((_line, found),) = read.rows
    assert (found["outlet"], found["month"]) == ("GZ001", date(2026, 4, 1))
    assert (found["paper_on"], found["electronic_on"]) == (None, date(2026, 5, 9))
