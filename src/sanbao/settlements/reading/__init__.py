"""Reading what outlets send: spreadsheets of every kind into typed rows, with a sentence for every cell that needs mending.

Plain Python without Django or a database. Files are opened by `sanbao.files.tables`; what they say is understood here.
"""

from sanbao.files.tables import Heading, Unreadable, letters, open_table
from sanbao.settlements.reading.lists import (
    ListFile,
    read_findings,
    read_models,
    read_outlets,
    read_receipts,
    read_tariff,
)
from sanbao.settlements.reading.problems import Problem
from sanbao.settlements.reading.records import HEADINGS, REQUIRED, RecordFile, Row, read_record_sheets

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
