"""From a Word file or a pasted text to numbered clauses. Plain Python without Django or a database.

`word` turns a .docx into plain lines (a table as lines between bars); `outline` recognises the clauses in plain lines. Between the two
stands a text a person can see and mend, so what is taken over is what was looked at.
"""

from sanbao.documents.reading.child import read_word
from sanbao.documents.reading.limits import Unreadable
from sanbao.documents.reading.outline import Found, Problem, outline, plain

__all__ = ["Found", "Problem", "Unreadable", "outline", "plain", "read_word"]
