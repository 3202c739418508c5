"""The one kind of failure the launcher reports by a sentence instead of a traceback."""


class Trouble(Exception):
    """Something the person at the keyboard can mend: one sentence in English, one in Chinese."""

    def __init__(self, english: str, chinese: str) -> None:
        super().__init__(english)
        self.english = english
        self.chinese = chinese

    def __str__(self) -> str:
        return f"{self.english}\n{self.chinese}"
