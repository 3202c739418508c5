"""The readable pages of the books are current (GN-9, RW-8: edition, effective date, who changes, who interprets)."""

from pathlib import Path

import pytest

from sanbao_rules.document import pages, write
from tests.rules.make import BOOKS

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


def test_pages_are_written_into_a_folder(tmp_path):
    write(tmp_path / "rules")
    assert {path.name for path in (tmp_path / "rules").iterdir()} == pages().keys()
