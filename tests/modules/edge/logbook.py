"""Reads the log as the machine writes it: every line of everybody, talkative, through the real formatter."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sanbao.edge.logs import Lines


class Book:
    """What was written while it was open."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    def of(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] == event]

    def one(self, event: str) -> dict[str, Any]:
        found = self.of(event)
        assert len(found) == 1, (event, self.lines)
        return found[0]


@contextmanager
def opened(level: int = logging.DEBUG, *, human: bool = False) -> Iterator[Book]:
    """Everything any logger says at `level` or above."""
    book = Book()
    handler = logging.StreamHandler(book.stream)
    handler.setFormatter(Lines(human=human))
    loggers = [logging.getLogger(), logging.getLogger("sanbao")]
    before = [logger.level for logger in loggers]
    loggers[0].addHandler(handler)
    for logger in loggers:
        logger.setLevel(level)
    try:
        yield book
    finally:
        loggers[0].removeHandler(handler)
        for logger, old in zip(loggers, before, strict=True):
            logger.setLevel(old)
