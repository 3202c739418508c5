"""Reading what outlets send: spreadsheets of every kind into typed rows, with a sentence for every cell that needs mending.

Plain Python without Django or a database. Files are opened in a child process with memory and time limits, because they come
from outside; what they say is understood here.
"""

from sanbao.settlements.reading.lists import (
    ListFile,
    read_findings,
    read_models,
    read_outlets,
    read_receipts,
    read_tariff,
)
from sanbao.settlements.reading.records import HEADINGS, REQUIRED, RecordFile, Row, read_record_sheets
from sanbao.settlements.reading.tabular import Heading, Problem, Unreadable, letters, open_table

# Files come from outside, so reading in the child is what every reader does unless told otherwise.
read_record_sheets_in_child = read_record_sheets

__all__ = [
    "HEADINGS",
    "REQUIRED",
    "Heading",
    "ListFile",
    "Problem",
    "RecordFile",
    "Row",
    "Unreadable",
    "letters",
    "open_table",
    "read_findings",
    "read_models",
    "read_outlets",
    "read_receipts",
    "read_record_sheets",
    "read_record_sheets_in_child",
    "read_tariff",
]
