"""The page of ASVS is as the tests and its table say, and neither claims what is not there."""

import pytest

from tests import standards


def test_the_page_is_up_to_date() -> None:
    assert standards.PAGE.read_text("utf-8") == standards.page(), "run: python -m tests.standards"


def test_every_number_cited_in_a_docstring_is_a_number_of_the_standard() -> None:
    known = {*standards.table()["requirements"], *standards.table()["levels"]["three"]}
    assert sorted(set(standards.cited()) - known) == []


def test_what_is_settled_by_a_file_has_the_file() -> None:
    assert [
        path for path in standards.table()["settled"].values() if not (standards.ROOT / path).exists()
    ] == []


def test_every_number_of_the_table_stands_in_it_once_and_with_a_reason() -> None:
    known = standards.table()
    named = [number for group in known["not_applicable"] for number in group["numbers"]] + list(
        known["settled"]
    )
    assert len(named) == len(set(named))
    assert set(named) | set(known["open"]) | set(known["levels"]["one"]) <= set(known["requirements"])
    assert all(group["reason"] for group in known["not_applicable"])


def test_what_no_test_proves_does_not_count_as_covered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: without its docstrings a requirement is open, settled or not applicable, never covered."""
    before = {each.number for each in standards.standings() if each.how == "tests"}
    assert "8.2.2" in before
    monkeypatch.setattr(standards, "cited", dict)
    assert not [each for each in standards.standings() if each.how == "tests"]
    assert next(each for each in standards.standings() if each.number == "8.2.2").how == "open"
