"""Pictures of every kind, good and hostile, made here; nothing of anybody else's."""

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image

PLACE = {1: "N", 2: (22.0, 32.0, 15.5), 3: "E", 4: (113.0, 20.0, 1.25)}


def photo(width: int = 400, height: int = 300, mode: str = "RGB") -> Image.Image:
    """A picture whose four corners differ: red, green, blue, white on grey."""
    image = Image.new("RGB", (width, height), (128, 128, 128))
    for at, colour in (
        ((0, 0), (220, 0, 0)),
        ((width // 2, 0), (0, 220, 0)),
        ((0, height // 2), (0, 0, 220)),
        ((width // 2, height // 2), (250, 250, 250)),
    ):
        image.paste(colour, (*at, at[0] + width // 2, at[1] + height // 2))
    return image.convert(mode)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def exif(
    turn: int = 1, *, taken: str = "2026:04:13 09:30:00", offset: str = "+08:00", place: Any = PLACE
) -> bytes:
    """What a phone writes beside a picture."""
    written = Image.Exif()
    written[0x0112] = turn
    written[0x010F] = "Phone of somebody"
    detail = written.get_ifd(0x8769)
    detail[0x9003] = taken
    if offset:
        detail[0x9011] = offset
    written.get_ifd(0x8825).update(place or {})
    return written.tobytes()


def jpeg(turn: int = 1, **said: Any) -> bytes:
    return saved(photo(), "JPEG", quality=95, exif=exif(turn, **said))


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(
    width: int, height: int, packed: bytes, *, depth: int = 8, colour: int = 0, more: bytes = b""
) -> bytes:
    """A PNG written by hand, whatever its header claims."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + more + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def zeros(count: int) -> bytes:
    """So many zeros, packed: a packed mebibyte again and again, which is quicker than packing a gigabyte."""
    packer = zlib.compressobj(9, wbits=-15)
    mebibyte = packer.compress(b"\0" * 2**20) + packer.flush(zlib.Z_FULL_FLUSH)
    rest = packer.compress(b"\0" * (count % 2**20)) + packer.flush()
    return b"\x78\xda" + mebibyte * (count // 2**20) + rest + struct.pack(">I", count % 65_521 << 16 | 1)


def bomb(width: int, height: int) -> bytes:
    """A PNG of zeros: some kilobytes that unpack to width × height."""
    return png_of(width, height, zeros((width + 1) * height))


def with_comment(data: bytes, comment: bytes) -> bytes:
    """A JPEG that says something more in its first comment."""
    return data[:2] + b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment + data[2:]


def moving(kind: str) -> bytes:
    frames = [photo(), photo().rotate(90), photo().rotate(180)]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)


def sof(width: int, height: int) -> bytes:
    """A good JPEG whose header claims another size."""
    data = bytearray(saved(photo(), "JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def heic() -> bytes:
    return b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\0" * 200


def many_pages(kind: str = "PNG") -> bytes:
    """A PNG with fifty thousand notes of text."""
    return png_of(
        1, 1, zlib.compress(b"\0\0"), more=b"".join(chunk(b"tEXt", b"a\0" + b"x" * 60) for _ in range(50_000))
    )


def text_bomb() -> bytes:
    """A PNG whose compressed note unpacks to a gigabyte."""
    return png_of(1, 1, zlib.compress(b"\0\0"), more=chunk(b"zTXt", b"a\0\0" + zeros(2**30)))


def colours_bomb() -> bytes:
    """The same as a colour profile."""
    return png_of(1, 1, zlib.compress(b"\0\0"), more=chunk(b"iCCP", b"a\0\0" + zeros(2**30)))


def scans(count: int = 400) -> bytes:
    """A progressive JPEG of six million pixels whose last scan stands in it again and again."""
    data = saved(Image.effect_noise((3000, 2000), 60).convert("RGB"), "JPEG", progressive=True, quality=30)
    last = data.rindex(b"\xff\xda")
    again = data[last:-2]
    return data[:last] + again * min(count, (19 * 2**20 - len(data)) // len(again)) + data[-2:]


# What must be refused, by its code; and what must be read.
REFUSED: dict[str, tuple[str, Any]] = {
    "bomb of 400 megapixels": ("picture_pixels", lambda: bomb(20_000, 20_000)),
    "header of two billion a side": ("picture_pixels", lambda: png_of(2**31 - 1, 2**31 - 1, zlib.compress(b"\0"))),
    "header of a long thin line": ("picture_pixels", lambda: png_of(2**31 - 1, 1, zlib.compress(b"\0"))),
    "JPEG that claims 65 500 a side": ("picture_pixels", lambda: sof(65_500, 65_500)),
    "WebP that claims 16 383 a side": ("picture_pixels", lambda: b"RIFF\x00\x10\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\xfe\x3f\x00\xfe\x3f\x00" + b"\0" * 4000),
    "no height": ("picture_broken", lambda: sof(400, 0)),
    "truncated JPEG": ("picture_broken", lambda: jpeg()[:4000]),
    "truncated PNG": ("picture_broken", lambda: saved(photo(), "PNG")[:400]),
    "truncated WebP": ("picture_broken", lambda: saved(photo(), "WEBP", lossless=True)[:80]),
    "first bytes only": ("picture_broken", lambda: b"\xff\xd8\xff"),
    "PNG without pixels": ("picture_broken", lambda: b"\x89PNG\r\n\x1a\n" + chunk(b"IEND", b"")),
    "PNG of nonsense": ("picture_broken", lambda: png_of(400, 300, b"nonsense" * 90, colour=2)),
    "moving PNG": ("picture_moves", lambda: moving("PNG")),
    "moving WebP": ("picture_moves", lambda: moving("WEBP")),
    "GIF": ("picture_kind", lambda: saved(photo(), "GIF")),
    "GIF that is a script too": ("picture_kind", lambda: b"GIF89a/*" + b"\0" * 50 + b"*/=1;alert(1)"),
    "TIFF": ("picture_kind", lambda: saved(photo(), "TIFF")),
    "BMP": ("picture_kind", lambda: saved(photo(), "BMP")),
    "SVG": ("picture_kind", lambda: b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
    "HTML called JPEG": ("picture_kind", lambda: b"<!doctype html><script>alert(1)</script>"),
    "PDF": ("picture_kind", lambda: b"%PDF-1.7\n%\xff\xd8\xff"),
    "PostScript": ("picture_kind", lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(%pipe%id) (w) file"),
    "empty": ("picture_kind", lambda: b""),
    "HEIC": ("picture_heic", heic),
    "AVIF": ("picture_kind", lambda: saved(photo(), "AVIF")),
    "bomb of text": ("picture_broken", text_bomb),
}  # fmt: skip
READ: dict[str, Any] = {
    "JPEG": jpeg,
    "progressive JPEG": lambda: saved(photo(), "JPEG", progressive=True),
    "grey JPEG": lambda: saved(photo(mode="L"), "JPEG"),
    "CMYK JPEG": lambda: saved(photo(mode="CMYK"), "JPEG"),
    "JPEG of 48 megapixels": lambda: saved(photo(8064, 6048), "JPEG"),
    "JPEG of 108 megapixels": lambda: saved(photo(12_000, 9_000), "JPEG"),
    "PNG": lambda: saved(photo(), "PNG"),
    "progressive JPEG of 48 megapixels": lambda: saved(photo(8064, 6048), "JPEG", progressive=True),
    "PNG of 24 megapixels": lambda: saved(photo(6000, 4000), "PNG", compress_level=1),
    "PNG of 12 megapixels with holes": lambda: saved(photo(4000, 3000, "RGBA"), "PNG", compress_level=1),
    "PNG of 12 megapixels of few colours": lambda: saved(photo(4000, 3000, "P"), "PNG", transparency=0, compress_level=1),
    "WebP of 10 megapixels": lambda: saved(photo(3600, 2700), "WEBP", method=0),
    "PNG with holes": lambda: saved(photo(mode="RGBA"), "PNG"),
    "PNG of few colours": lambda: saved(photo(mode="P"), "PNG", transparency=0),
    "PNG of two colours": lambda: saved(photo(mode="1"), "PNG"),
    "PNG of 16 bits": lambda: saved(Image.linear_gradient("L").convert("I").point(lambda value: value * 257).convert("I;16"), "PNG"),
    "PNG of 48 bits": lambda: png_of(2, 1, zlib.compress(b"\0" + b"\xff\xff\x00\x00\x00\x00" * 2), depth=16, colour=2),
    "long screenshot": lambda: saved(photo(1080, 20_000), "PNG", compress_level=1),
    "one pixel": lambda: saved(photo(1, 1), "PNG"),
    "WebP": lambda: saved(photo(), "WEBP"),
    "WebP with holes": lambda: saved(photo(mode="RGBA"), "WEBP", lossless=True),
    "script in a comment": lambda: with_comment(jpeg(), b"*/=1;alert(1)/*<script>alert(1)</script>"),
    "GIF and HTML behind the end": lambda: jpeg() + b"GIF89a<html><script>alert(1)</script>",
    "archive behind the end": lambda: saved(photo(), "PNG") + b"PK\x03\x04" + b"\0" * 500,
    "PHP in the metadata": lambda: saved(photo(), "JPEG", exif=exif(taken="<?php system('id') ?>")),
    "fifty thousand notes": many_pages,
    "colours that are a bomb": colours_bomb,
    "nonsense for colours": lambda: saved(photo(), "JPEG", icc_profile=b"nonsense" * 50),
    "nonsense beside it": lambda: saved(photo(), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\xff" * 300),
    "four hundred scans": scans,
}  # fmt: skip
