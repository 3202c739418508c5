"""The readable pages of the books are current (GN-9, RW-8: edition, effective date, who changes, who interprets)."""

import runpy
import sys
from functools import cache
from pathlib import Path

import pytest

from sanbao_rules import document
from sanbao_rules.explain import explain
from tests.rules.make import BOOKS
from tests.rules.test_settlement_month import LATE, SMALL_MONTH, settle

pages = cache(document.pages)
FOLDER = Path(__file__).parents[2] / "docs" / "rules"


def test_the_pages_are_those_of_the_books():
    on_disk = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    stale = {name for name in on_disk.keys() | pages().keys() if on_disk.get(name) != pages().get(name)}
    assert not stale, "run: PYTHONPATH=src python -m sanbao_rules.document docs/rules"


@pytest.mark.parametrize("book", BOOKS.values(), ids=str)
def test_a_page_shows_every_clause_parameter_reason_and_source(book):
    for language, ending in (("zh", ".zh.md"), ("en", ".md")):
        page = pages()[book.name + ending]
        assert all(clause in page and book.clause_text(clause, language) in page for clause in book.clauses)
        assert all(f"`{name}`" in page for name in [*book.parameters, *book.reasons, *book.sources])
        assert book.edition in page


def test_pages_are_written_into_a_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["document", str(tmp_path / "rules")])
    monkeypatch.delitem(sys.modules, "sanbao_rules.document")
    runpy.run_module("sanbao_rules.document", run_name="__main__")
    assert {path.name for path in (tmp_path / "rules").iterdir()} == pages().keys()


@pytest.mark.parametrize(("language", "ending"), [("en", ".md"), ("zh", ".zh.md")])
def test_the_worked_example_of_the_settlement_page_is_what_the_program_says(language, ending):
    """KA-11.1, KA-11.2."""
    page = (FOLDER.parent / "algorithms" / f"settlement{ending}").read_text(encoding="utf-8")
    made = settle(SMALL_MONTH, *LATE)
    assert all(sentence.text in page for sentence in explain(made.decision, BOOKS, language))
    if language == "en":
        assert made.outcomes[0].why in page
