"""Cells of what outlets send, in any shape that people type: the general readers (`ui.readers`), and those of settlements alone."""

from decimal import Decimal
from typing import Any

from sanbao.ui.readers.values import (
    NOTHING,
    Bad,
    code,
    day,
    half_width,
    harmful,
    is_empty,
    month,
    number,
    phone,
    text,
)
from sanbao.ui.readers.values import money as _money

__all__ = [
    "Bad", "code", "day", "fen", "half_width", "harmful", "is_empty", "kilometres", "month", "number", "phone", "text",
]  # fmt: skip


def kilometres(cell: Any) -> Decimal:
    """Kilometres one way; an empty cell is none."""
    found = number(cell, "公里/单程|公里|千米|km|里程")
    if found is None:
        return Decimal(0)
    if found < 0:
        raise Bad("negative_km", value=f"{found:f}")
    if found > 5000:
        raise Bad("too_far", value=f"{found:f}")
    return found.quantize(Decimal("0.01")).normalize() + Decimal(0)


_FREE = NOTHING | {"免费", "免收", "未收", "未收费", "不收费", "free"}


def fen(cell: Any) -> int:
    """Money in yuan as fen; an empty cell, and one that says it was free, is none."""
    found = _money(cell, _FREE)
    return 0 if found is None else int(found * 100)
