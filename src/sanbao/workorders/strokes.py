"""A signature as it is drawn: strokes of points, read strictly, and made into a picture here, so that no picture from outside is trusted.

M12,30 L14,33 L20,41 M50,20 L52,22          (in a frame of 600 × 240, as the page's pad writes it)
"""

import re
import struct
import zlib

from django.utils.translation import gettext as _

from sanbao.ui.refusal import Refusal

WIDTH, HEIGHT, PEN = 600, 240, 2
LONGEST = 60_000  # characters
FEWEST_POINTS, SHORTEST = 8, 80.0  # less is a dot or a slip of the finger
_POINT = re.compile(r"([ML])(\d{1,4}),(\d{1,4})")

Stroke = list[tuple[int, int]]


def read(drawn: str) -> list[Stroke]:
    """The strokes; a Refusal where it is none, or too little to be anybody's signature."""
    if len(drawn) > LONGEST or re.sub(r"[ML]\d{1,4},\d{1,4}\s*", "", drawn.strip()):
        raise _no_signature()
    strokes: list[Stroke] = []
    for letter, x, y in _POINT.findall(drawn):
        point = (min(int(x), WIDTH - 1), min(int(y), HEIGHT - 1))
        if letter == "M" or not strokes:
            strokes.append([point])
        else:
            strokes[-1].append(point)
    if sum(map(len, strokes)) < FEWEST_POINTS or sum(map(_length, strokes)) < SHORTEST:
        raise _no_signature()
    return strokes


def _no_signature() -> Refusal:
    return Refusal(
        _("That is too little for a signature. Sign once more with the whole name."),
        field="drawn",
        code="signature",
    )


def _length(stroke: Stroke) -> float:
    return sum(
        ((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) ** 0.5 for a, b in zip(stroke, stroke[1:], strict=False)
    )


def picture(strokes: list[Stroke]) -> bytes:
    """Black on white as PNG, made of the strokes alone."""
    rows = [bytearray(b"\xff" * WIDTH) for _row in range(HEIGHT)]
    for stroke in strokes:
        for first, last in zip(stroke, stroke[1:] or stroke, strict=False):
            _draw(rows, first, last)
    raw = b"".join(b"\0" + bytes(row) for row in rows)
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + _chunk(b"IDAT", zlib.compress(raw, 9))
        + _chunk(b"IEND", b"")
    )


def _draw(rows: list[bytearray], first: tuple[int, int], last: tuple[int, int]) -> None:
    steps = max(abs(last[0] - first[0]), abs(last[1] - first[1]), 1)
    for step in range(steps + 1):
        x = first[0] + (last[0] - first[0]) * step // steps
        y = first[1] + (last[1] - first[1]) * step // steps
        for row in rows[max(0, y - PEN) : y + PEN + 1]:
            left, right = max(0, x - PEN), min(WIDTH, x + PEN + 1)
            row[left:right] = b"\0" * (right - left)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
