"""A line on the home page: what waits for the reader, how many, and where."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Panel:
    """How many wait, and where; without any it is named among what is done."""

    title: Any
    count: int
    url: str
    icon: str
    tone: str
