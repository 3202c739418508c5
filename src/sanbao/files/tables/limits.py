"""How large a file may be, and the refusal of a file that can't be read."""

import time
from typing import Any

from sanbao.files.tables.sentences import say

MAX_BYTES = 20 * 2**20
MAX_UNPACKED, MAX_MEMBERS = 200 * 2**20, 5_000
MAX_ROWS, MAX_COLUMNS = 20_000, 200
# A full month of twenty thousand sheets in thirty columns still fits; more is no record of a month.
MAX_CELLS, MAX_CHARACTERS = 600_000, 30_000_000
LONGEST_TEXT = 5_000
# So many cells outside the table are a slip of the hand; more are a table that is too large.
MAX_STRAYS = 100
MEMORY, CPU_SECONDS, WALL_SECONDS = 2**30, 10, 20
WORK_SECONDS = 4.0


class Unreadable(Exception):
    """The whole file can't be read; `code` and `words` make the sentence that says what to do."""

    def __init__(self, code: str, **words: Any):
        super().__init__(code)
        self.code, self.words = code, words

    def sentence(self, language: str) -> str:
        return say(self.code, language, **self.words)


class Budget:
    """What reading one file may use: unpacked bytes, filled cells, characters and processor time, over all its parts.

    `refusal` is what is raised where it does not suffice; readers of other kinds of files have their own limits and sentences.
    """

    refusal: type[Unreadable] = Unreadable
    most_unpacked, seconds = MAX_UNPACKED, WORK_SECONDS

    def __init__(self) -> None:
        self.bytes = self.cells = self.characters = 0
        self.until = time.process_time() + self.seconds

    def unpacked(self, count: int) -> None:
        self.bytes += count
        if self.bytes > self.most_unpacked:
            raise self.refusal("too_large_inside")
        if time.process_time() > self.until:
            raise self.refusal("too_slow")

    def text(self, characters: int) -> None:
        self.characters += characters
        if self.characters > MAX_CHARACTERS:
            raise Unreadable("too_large_inside")

    def check_cells(self) -> None:
        """Asked once a row, for it is asked often; a row has no more cells than there are columns."""
        if self.cells > MAX_CELLS:
            raise Unreadable("too_large_inside")


def letters(column: int) -> str:
    """0 → A, 26 → AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name
