"""`./dev faults` cannot be content with nothing: a row without tests, with a failed one or without its figure is not met."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from tests.faults.figures import ROWS, Found, Row, covered, judge, written

FAULTS = Path(__file__).parents[1] / "faults"
ROW = Row("x", "1", ("tests/faults/test_x.py",), lambda found: found.total("rounds") >= 3)
CASE = '<testcase classname="tests.faults.test_x" name="test_y" time="1.5">{}</testcase>'


def cases(*inner: str) -> list[ElementTree.Element]:
    return [ElementTree.fromstring(CASE.format(each)) for each in inner]


def rounds(value: object) -> str:
    return f'<properties><property name="rounds" value="{value}"/></properties>'


@pytest.mark.parametrize(("inner", "met"), [
    ((), False),
    (("",), False),  # passed, but nothing was recorded
    ((rounds(2),), False),
    ((rounds(3),), True),
    ((rounds(1), rounds(2)), True),
    ((rounds(3), "<failure/>"), False),
    ((rounds("many"),), False),
    (("<skipped/>",), False),
])  # fmt: skip
def test_a_row_is_met_by_what_its_tests_recorded_only(inner: tuple[str, ...], met: bool) -> None:
    assert judge(ROW, cases(*inner))[2] is met


def test_other_files_figures_do_not_count() -> None:
    stranger = ElementTree.fromstring(CASE.format(rounds(3)).replace("test_x", "test_z"))

    assert judge(ROW, [stranger])[2] is False


def test_coverage_that_was_not_measured_is_not_met(tmp_path) -> None:
    assert [line[3] for line in covered(tmp_path / "none.json")] == [False]


def test_no_row_holds_for_nothing() -> None:
    """Thresholds compare with what is not a number where a figure is missing."""
    thresholds = [
        row
        for row in ROWS
        if row.what.startswith(("authorization", "canary", "side", "fuzz", "ledger", "a statement", "kill"))
    ]

    assert len(thresholds) == 7
    assert not any(row.holds(Found(passed=1)) for row in thresholds)


def test_the_written_table_says_where_it_was_measured_and_what_is_not_met() -> None:
    table = written(
        [("races", "one winner", "3 tests | 2 rounds", True, "4 s"), ("fuzz", "0", "not run", False, "")]
    )

    head, _, *lines = table.splitlines()
    assert head.startswith("Commit ")
    assert "cores" in head
    assert lines[2:] == [
        "| races | one winner | yes | 3 tests / 2 rounds 4 s |",
        "| fuzz | 0 | **no** | not run |",
    ]


def test_every_test_of_faults_stands_in_a_row() -> None:
    """A new file that no row rests on would run without its figure being asked for."""
    named = {test for row in ROWS for test in row.tests}
    files = {f"tests/faults/{path.name}" for path in FAULTS.glob("test_*.py")}

    assert files
    assert files <= named
