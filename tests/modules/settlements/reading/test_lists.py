"""Findings, receipts, outlets, models and the tariff from files."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sanbao.settlements.reading import (
    ListFile,
    Unreadable,
    read_findings,
    read_models,
    read_outlets,
    read_receipts,
    read_tariff,
)
from tests.modules.settlements.corpus import Raw, csv, xlsx

SAMPLES = Path(__file__).parents[4].parent / "shared/samples/appliance"
needs_samples = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="The sample months (../shared/samples/appliance) are not here."
)
HEAD = ("单号", "问题", "说明", "备注")


def findings(*rows: Any) -> ListFile:
    return read_findings(xlsx([HEAD, *rows]), "a.xlsx", in_child=False)


def said(file: ListFile) -> list[tuple[str, str, str]]:
    for problem in file.problems:
        assert "{" not in problem.sentence("zh") + problem.sentence("en")
    return [(problem.severity, problem.code, problem.cell) for problem in file.problems]


@needs_samples
@pytest.mark.parametrize(
    ("name", "reader", "count"),
    [
        ("callback-findings", read_findings, 42), ("receipts", read_receipts, 6), ("outlets", read_outlets, 3), ("models", read_models, 8),
        ("tariff", read_tariff, 5),
    ],
)  # fmt: skip
def test_the_sample_lists_are_read_without_a_word(name: str, reader: Any, count: int) -> None:
    file = reader((SAMPLES / f"{name}.csv").read_bytes(), f"{name}.csv")
    assert (len(file.rows), file.problems) == (count, [])


@needs_samples
def test_the_sample_findings_are_of_the_expected_kinds() -> None:
    file = read_findings((SAMPLES / "callback-findings.csv").read_bytes(), "a.csv")
    kinds = [row["kind"] for _line, row in file.rows]
    expected = {"forged": 12, "overcharge": 6, "late_service": 12, "unimproved": 6, "improved": 6}
    assert {kind: kinds.count(kind) for kind in kinds} == expected
    assert {row["refund_fen"] for _line, row in file.rows if row["kind"] == "overcharge"} == {8000}


@pytest.mark.parametrize(
    ("words", "explanation", "note", "kind"),
    [
        ("伪造记录单", "用户称没有人上门", None, "forged"),
        ("维修不及时投诉属实", None, None, "late_service"),
        ("维修不及时投诉不属实", None, None, "late_unproven"),
        ("维修不及时投诉", "经核实不属实", None, "late_unproven"),
        ("服务态度差", "责令限期改正后仍未改正", "未改正", "unimproved"),
        ("服务态度差", None, "逾期没有改正", "unimproved"),
        ("维修质量差", "责令限期改正，已改正", "已改正", "improved"),
        ("维修质量差", None, "已整改", "improved"),
        ("维修质量差", "责令限期改正", None, "ordered"),
        ("乱收费", None, 80, "overcharge"),
        ("弄虚作假", None, "80", "overcharge"),
        ("Forged sheet", None, None, "forged"),
    ],
)
def test_a_finding_is_known_by_its_words(words: str, explanation: str | None, note: Any, kind: str) -> None:
    file = findings(["A", words, explanation, note])
    assert [row["kind"] for _line, row in file.rows] == [kind]
    assert file.problems == []


@pytest.mark.parametrize(
    ("note", "fen"),
    [(80, 8000), ("80元", 8000), ("退80元", 8000), ("应退用户80元", 8000), ("退款：¥80.50", 8050)],
)
def test_the_refund_is_read_from_the_note(note: Any, fen: int) -> None:
    ((_line, row),) = findings(["A", "乱收费", None, note]).rows
    assert (row["refund_fen"], row["suggested_fen"]) == (fen, None)


def test_a_refund_that_only_the_explanation_mentions_is_proposed_and_not_taken() -> None:
    file = findings(["A", "乱收费", "保内收费80元", None])
    assert (file.rows[0][1]["refund_fen"], file.rows[0][1]["suggested_fen"]) == (0, 8000)
    assert said(file) == [("warning", "no_refund", "D2")]


def test_a_note_that_is_no_amount_is_asked_about() -> None:
    assert said(findings(["A", "乱收费", None, "退一部分"])) == [("warning", "refund_unread", "D2")]
    assert said(findings(["A", "乱收费", None, -80])) == [("error", "negative_money", "D2")]


def test_an_unknown_finding_is_told_with_the_words_that_are_known() -> None:
    file = findings(["A", "心情不好", None, None])
    assert file.rows == []
    assert said(file) == [("error", "unknown_finding", "B2")]
    assert "伪造记录单" in file.problems[0].sentence("zh")


def test_a_finding_needs_its_sheet_and_an_unclear_outcome_is_told() -> None:
    assert said(findings([None, "乱收费", None, 80])) == [("error", "no_value", "A2")]
    assert said(findings(["A", "服务态度差", None, "再看看"])) == [("warning", "outcome_unread", "D2")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_receipts_are_read_in_any_order_and_encoding(encoding: str) -> None:
    rows = [
        ["文件", "电子版收到日期", "纸质收到日", "月份", "网点代码"],
        ["a.xlsx", "", "2026/5/11", "2026年4月", "gz001"],
    ]
    file = read_receipts(csv(rows, encoding), "a.csv", in_child=False)
    assert file.problems == []
    assert file.rows == [
        (
            2,
            {
                "outlet": "GZ001",
                "month": date(2026, 4, 1),
                "paper_on": date(2026, 5, 11),
                "electronic_on": None,
                "file": "a.xlsx",
            },
        )
    ]


@pytest.mark.parametrize(
    ("month", "read"),
    [
        ("2026-04", 4),
        ("2026/4", 4),
        (202604, 4),
        (date(2026, 4, 1), 4),
        ("2026年10月", 10),
        (2026.1, None),
        ("四月", None),
        ("2026-13", None),
    ],
)
def test_a_month_is_read_or_asked_about(month: Any, read: int | None) -> None:
    file = read_receipts(
        xlsx([["网点编码", "月份", "纸质收到日", "电子版收到日"], ["GZ001", month, None, None]]),
        "a.xlsx",
        in_child=False,
    )
    assert [row["month"].month for _line, row in file.rows] == ([read] if read else [])
    assert bool(file.problems) == (read is None)


def test_a_tariff_needs_amounts() -> None:
    file = read_tariff(
        xlsx([["产品类别", "换件维修", "检查调试"], ["燃气灶", 50, "三十"], ["消毒柜", "60元", 30]]),
        "a.xlsx",
        in_child=False,
    )
    assert file.rows == [(3, {"category": "消毒柜", "replace": 6000, "adjust": 3000})]
    assert said(file) == [("error", "no_number", "C2")]


def test_a_list_with_errors_in_cells_says_where() -> None:
    error = Raw('<c r="{at}" t="e"><v>#REF!</v></c>')
    file = read_models(xlsx([["产品型号", "产品类别"], ["CXW", error]]), "a.xlsx", in_child=False)
    assert said(file)[0] == ("error", "error_value", "B2")


def test_another_kind_of_table_is_refused_by_name() -> None:
    with pytest.raises(Unreadable) as refused:
        read_findings(xlsx([["a", "b"], [1, 2]]), "a.xlsx")
    assert (
        refused.value.sentence("zh")
        == "没有找到表头。表头一行至少要有单号、问题等栏目；前 30 行里没有这样的一行。"
    )
