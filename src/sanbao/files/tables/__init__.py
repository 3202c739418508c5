"""Reading spreadsheets that come from outside: any file into sheets of plain cells, a table found in them by its headings.

Plain Python without Django or a database. A file is opened in a child process with limits on memory and time; what its columns mean is
said by whoever asks (`find_table`), and what its cells mean by the readers of `sanbao.ui.readers`.
"""

from sanbao.files.tables.child import open_table
from sanbao.files.tables.limits import Unreadable, letters
from sanbao.files.tables.tabular import Heading, Problem, Table, find_table, month_in, plain

__all__ = [
    "Heading",
    "Problem",
    "Table",
    "Unreadable",
    "find_table",
    "letters",
    "month_in",
    "open_table",
    "plain",
]
