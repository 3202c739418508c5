"""How large a text may be, and the refusal of a file that can't be read."""

import time
from typing import Any

from sanbao.documents.reading.sentences import say

MAX_BYTES = 20 * 2**20
MAX_UNPACKED, MAX_MEMBERS = 100 * 2**20, 5_000
MAX_CLAUSES, MAX_CHARACTERS, LONGEST_CLAUSE = 2_000, 500_000, 20_000
MAX_ROWS, MAX_COLUMNS = 500, 30
MEMORY, CPU_SECONDS, WALL_SECONDS = 2**30, 10, 20
WORK_SECONDS = 6.0


class Unreadable(Exception):
    """The whole file can't be read; `code` and `words` make the sentence that says what to do."""

    def __init__(self, code: str, **words: Any):
        super().__init__(code)
        self.code, self.words = code, words

    def sentence(self, language: str) -> str:
        return say(self.code, language, **self.words)


class Budget:
    """What reading one file may use: unpacked bytes, characters and processor time."""

    def __init__(self) -> None:
        self.bytes = self.characters = 0
        self.until = time.process_time() + WORK_SECONDS

    def unpacked(self, count: int) -> None:
        self.bytes += count
        if self.bytes > MAX_UNPACKED:
            raise Unreadable("too_large_inside")
        if time.process_time() > self.until:
            raise Unreadable("too_slow")

    def text(self, count: int) -> None:
        self.characters += count
        if self.characters > MAX_CHARACTERS:
            raise Unreadable("too_long_text", most=MAX_CHARACTERS)
