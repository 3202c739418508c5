"""What is wrong with a file of settlements, said in the settlements' own words."""

from collections.abc import Mapping, Sequence
from typing import Any

from sanbao.files import tables
from sanbao.files.tables import Table
from sanbao.settlements.reading.sentences import FIELDS, say


class Problem(tables.Problem):
    """Something to mend, to check or to know in a file of record sheets, findings or receipts."""

    saying = say
    labels = FIELDS


def find_table(raw: Mapping[str, Any], words: Mapping[str, Sequence[str]], **options: Any) -> Table:
    """The table of a file (see `files.tables.find_table`), whose problems speak of settlements."""
    return tables.find_table(raw, words, problem=Problem, **options)
