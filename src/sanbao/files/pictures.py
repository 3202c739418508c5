"""What is taken as a picture: its limits, and what it is by its first bytes. The drawing anew is redrawing.py, in a child process."""

import re

MAX_BYTES = 20 * 2**20
MEMORY, CPU_SECONDS, WALL_SECONDS = 700 * 2**20, 4, 10
ENTRY = "sanbao.files.redrawing:redraw"

_KINDS = (
    (rb"\xff\xd8\xff", "JPEG"), (rb"\x89PNG\r\n\x1a\n", "PNG"), (rb"RIFF....WEBP", "WEBP"), (rb"GIF8", "GIF"), (rb"BM", "BMP"),
    (rb"II\*\x00|MM\x00\*", "TIFF"), (rb"%PDF", "PDF"), (rb"PK\x03\x04", "ZIP"), (rb"MZ", "EXE"), (rb"\s*<(?:svg|\?xml)", "SVG"), (rb"\s*<", "HTML"),
    (rb"....ftyp(?:heic|heix|heim|heis|hevc|hevx|mif1|msf1)", "HEIC"), (rb"....ftypavi[fs]", "AVIF"), (rb"....ftyp", "MP4"),
)  # fmt: skip


def kind_of(data: bytes) -> str:
    """What the content is by its first bytes, whatever its name says; "?" for none that is known."""
    head = data[:64]
    return next((kind for pattern, kind in _KINDS if re.match(pattern, head, re.S)), "?")
