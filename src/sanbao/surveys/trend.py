"""The satisfaction rate of the months as a picture drawn by the server; the table beside it says the same (ST-5, MO-3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

WIDE, HIGH, LEFT, TOP = 720.0, 200.0, 44.0, 14.0
LEVELS = (0, 25, 50, 75, 100)
MOST_NAMES = 12


@dataclass(frozen=True, slots=True)
class Point:
    """A month in units of the picture; `y` is None where the month has no answers, or too few to be shown."""

    x: float
    y: float | None
    label: str
    rate: Decimal | None
    named: bool


@dataclass(frozen=True, slots=True)
class Trend:
    """The months in their order, the line through neighbours, and the heights of the scale."""

    points: list[Point]
    lines: list[str]
    levels: list[tuple[int, float]]

    @property
    def shown(self) -> list[Point]:
        """The months that have a mark."""
        return [point for point in self.points if point.y is not None]


def trend(rows: Iterable[tuple[str, Decimal | None]]) -> Trend | None:
    """Months ("2026-05") with their rates as a picture; None where fewer than two can be shown: one point is no trend.

    A month between the first and the last that has no row keeps its place, and the line stops before it: nobody is to read
    across a month of which nothing is known.
    """
    rates = {_number(label): rate for label, rate in rows}
    if sum(rate is not None for rate in rates.values()) < 2:
        return None
    months = range(min(rates), max(rates) + 1)
    slot = (WIDE - LEFT) / len(months)
    every = -(-len(months) // MOST_NAMES)
    points = [
        Point(
            LEFT + slot * (place + 0.5), _height(rates.get(month)), _label(month), rates.get(month), place % every == 0
        )
        for place, month in enumerate(months)
    ]  # fmt: skip
    levels = [(level, TOP + HIGH * (100 - level) / 100) for level in LEVELS]
    return Trend(points, _lines(points), levels)


def _lines(points: Iterable[Point]) -> list[str]:
    """The unbroken stretches of two months or more."""
    stretches: list[list[str]] = [[]]
    for point in points:
        if point.y is None:
            stretches.append([])
        else:
            stretches[-1].append(f"{point.x:.1f},{point.y:.1f}")
    return [" ".join(stretch) for stretch in stretches if len(stretch) > 1]


def _height(rate: Decimal | None) -> float | None:
    return None if rate is None else TOP + HIGH * float(1 - rate)


def _number(label: str) -> int:
    year, month = label.split("-")
    return int(year) * 12 + int(month) - 1


def _label(number: int) -> str:
    return f"{number // 12}-{number % 12 + 1:02}"
