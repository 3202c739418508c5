"""How large a text may be, and the refusal of a file that can't be read."""

from sanbao.documents.reading.sentences import say
from sanbao.files.tables import limits

MAX_BYTES = 20 * 2**20
MAX_UNPACKED, MAX_MEMBERS = 100 * 2**20, 5_000
MAX_CLAUSES, MAX_CHARACTERS, LONGEST_CLAUSE = 2_000, 500_000, 20_000
MAX_ROWS, MAX_COLUMNS = 500, 30
MEMORY, CPU_SECONDS, WALL_SECONDS = 2**30, 10, 20
WORK_SECONDS = 6.0


class Unreadable(limits.Unreadable):
    """The whole file can't be read; `code` and `words` make the sentence that says what to do."""

    def sentence(self, language: str) -> str:
        return say(self.code, language, **self.words)


class Budget(limits.Budget):
    """What reading one file may use: unpacked bytes, characters and processor time."""

    refusal = Unreadable
    most_unpacked, seconds = MAX_UNPACKED, WORK_SECONDS

    def text(self, characters: int) -> None:
        self.characters += characters
        if self.characters > MAX_CHARACTERS:
            raise Unreadable("too_long_text", most=MAX_CHARACTERS)
