"""Drawing a picture anew: what came in is decoded and encoded again, so that only the pixels stay. Runs in a child process, without Django.

The answer is a line of JSON (`code` where it is refused, else sizes, time and place) and after it the bytes of the picture and of its
thumbnail. ASVS 5.0: 5.2.2 (content, not name), 5.2.6 (pixels), 5.3.x, 14.2.8 (metadata).
"""

import json
import math
import re
import warnings
from datetime import datetime
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms, ImageFile, UnidentifiedImageError

from sanbao.files.pictures import kind_of

# To be decoded in 200 MB: a pixel takes 4 bytes, twice that with holes, four times in WebP's decoder.
MOST_PIXELS, MOST_PIXELS_WITH_HOLES, MOST_WEBP_PIXELS = 25_000_000, 12_000_000, 10_000_000
MOST_JPEG_PIXELS = (
    210_000_000  # a JPEG is decoded smaller than it is, so that the largest phones' pictures are read too
)
MOST_PROGRESSIVE_PIXELS = 50_000_000  # its coefficients are all in memory at once
LONGEST_SIDE = 30_000
KEPT_PIXELS = 6_000_000
LARGEST_PNG = 3_000_000
THUMBNAIL = 320

Image.MAX_IMAGE_PIXELS = None  # our own limits are asked before anything is decoded
ImageFile.LOAD_TRUNCATED_IMAGES = False


class NoPicture(Exception):
    """Not a picture that is kept; `code` says why, `words` go into the sentence."""

    def __init__(self, code: str, **words: Any):
        super().__init__(code)
        self.code, self.words = code, words


def redraw(data: bytes) -> bytes:
    """The child's work. Whatever the decoder raises is a picture that cannot be read."""
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        return _redraw(data)
    except NoPicture as refused:
        return json.dumps({"code": refused.code, "words": refused.words}).encode()
    except MemoryError:
        return json.dumps({"code": "picture_too_large", "words": {}}).encode()
    except Exception:  # a decoder of foreign bytes raises anything; only this process sees it
        return json.dumps({"code": "picture_broken", "words": {}}).encode()


def _redraw(data: bytes) -> bytes:
    kind = kind_of(data)
    if kind not in ("JPEG", "PNG", "WEBP"):
        raise NoPicture("picture_heic" if kind == "HEIC" else "picture_kind", kind=kind)
    if kind == "WEBP" and (size := _webp_size(data)) and size[0] * size[1] > MOST_WEBP_PIXELS:
        raise NoPicture(
            "picture_pixels", width=size[0], height=size[1]
        )  # its decoder takes the memory when it opens
    try:
        image = Image.open(BytesIO(data), formats=[kind])
    except UnidentifiedImageError:
        raise NoPicture("picture_broken") from None
    if image.format != "MPO" and getattr(image, "n_frames", 1) > 1:
        raise NoPicture("picture_moves")
    _check_size(image, _most(kind, image))
    if kind != "JPEG":
        image.load()  # first of all: a second reading after one that failed would give a black picture
    told = _told(image)
    side = math.sqrt(KEPT_PIXELS / (image.width * image.height))
    if kind == "JPEG" and side < 1:
        image.draft("RGB", (math.ceil(image.width * side), math.ceil(image.height * side)))
        _check_size(image, MOST_PIXELS)
    image.load()
    colours = image.info.get("icc_profile")
    turn = image.getexif().get(0x0112, 1)
    picture = _plain(_smaller(image, KEPT_PIXELS), colours)
    picture = _turned(picture, turn)
    encoded, ending = _encoded(picture, lossless=kind == "PNG")
    thumbnail = picture.copy()
    thumbnail.thumbnail((THUMBNAIL, THUMBNAIL))
    small = BytesIO()
    thumbnail.save(small, "JPEG", quality=80)
    head = {
        "width": picture.width, "height": picture.height, "ending": ending, "bytes": len(encoded),
        "came_width": told.pop("width"), "came_height": told.pop("height"), **told,
    }  # fmt: skip
    return json.dumps(head).encode() + b"\n" + encoded + small.getvalue()


def _most(kind: str, image: Image.Image) -> int:
    """How many pixels may be decoded without taking too much memory."""
    if kind == "JPEG":
        return MOST_PROGRESSIVE_PIXELS if image.info.get("progressive") else MOST_JPEG_PIXELS
    return MOST_PIXELS_WITH_HOLES if image.mode in ("RGBA", "LA", "P", "PA") else MOST_PIXELS


def _webp_size(data: bytes) -> tuple[int, int] | None:
    """Width and height as a WebP's header states them."""
    part, at = data[12:16], data[20:30]
    if len(at) < 10:
        return None
    if part == b"VP8X":
        return int.from_bytes(at[4:7], "little") + 1, int.from_bytes(at[7:10], "little") + 1
    if part == b"VP8L":
        bits = int.from_bytes(at[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return int.from_bytes(at[6:8], "little") & 0x3FFF, int.from_bytes(at[8:10], "little") & 0x3FFF


def _check_size(image: Image.Image, most: int) -> None:
    """The size as the header states it, before a single pixel is decoded."""
    if image.width * image.height > most or max(image.size) > LONGEST_SIDE or min(image.size) < 1:
        raise NoPicture("picture_pixels", width=image.width, height=image.height)


def _smaller(image: Image.Image, most: int) -> Image.Image:
    """No more pixels than are kept, in the same shape."""
    side = math.sqrt(most / (image.width * image.height))
    if side >= 1:
        return image
    if image.mode == "P":
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    size = max(1, round(image.width * side)), max(1, round(image.height * side))
    return image.resize(size, Image.Resampling.NEAREST if image.mode in ("1", "I;16", "I;16B") else Image.Resampling.LANCZOS)  # fmt: skip


def _plain(image: Image.Image, colours: bytes | None) -> Image.Image:
    """RGB or grey on white with eight bits, in the colours of screens (sRGB)."""
    if image.mode.startswith("I") or image.mode == "F":
        highest: Any = image.getextrema()[1]
        scale = 255 / (65_535 if highest > 255 else 255)
        image = image.convert("I").point(lambda value: value * scale).convert("L")
    if image.mode == "P":
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La"):
        image = image.convert("RGBA")
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=image.getchannel("A"))
        image = white
    if colours and len(colours) < 2_000_000 and image.mode in ("RGB", "CMYK"):
        try:
            own = ImageCms.ImageCmsProfile(BytesIO(colours))
            made = ImageCms.profileToProfile(image, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
            image = made or image
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # its colours stay as they are
    if image.mode not in ("RGB", "L"):
        image = image.convert("RGB")
    clean = Image.new(image.mode, image.size)
    clean.paste(image)  # pixels only: nothing of what was written beside them
    return clean


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_90,
}  # fmt: skip


def _turned(image: Image.Image, turn: Any) -> Image.Image:
    """The picture as it was held: EXIF's orientation done."""
    method = _TURNS.get(turn) if isinstance(turn, int) else None
    return image.transpose(method) if method is not None else image


def _encoded(image: Image.Image, *, lossless: bool) -> tuple[bytes, str]:
    if lossless:
        out = BytesIO()
        image.save(out, "PNG", compress_level=4)
        if out.tell() <= LARGEST_PNG:
            return out.getvalue(), "png"
    out = BytesIO()
    image.save(out, "JPEG", quality=85, optimize=True)
    return out.getvalue(), "jpg"


# Time and place


def _told(image: Image.Image) -> dict[str, Any]:
    """Size as it came, when it was taken and where; None for what is not said or cannot be."""
    told: dict[str, Any] = {"width": image.width, "height": image.height}
    try:
        exif = image.getexif()
        detail, place = exif.get_ifd(0x8769), exif.get_ifd(0x8825)
        if exif.get(0x0112, 1) in (5, 6, 7, 8):
            told = {"width": image.height, "height": image.width}
    except Exception:  # what cannot be read is not said
        exif, detail, place = {}, {}, {}  # type: ignore[assignment]
    return told | {
        "taken_at": _moment(detail.get(0x9003) or exif.get(0x0132), detail.get(0x9011)),
        "latitude": _degrees(place.get(2), place.get(1), "S", 90),
        "longitude": _degrees(place.get(4), place.get(3), "W", 180),
    }


def _moment(stated: Any, offset: Any) -> str | None:
    """2026:04:13 09:30:00 as ISO, with its offset from UTC where the camera says it; its own clock otherwise."""
    if not isinstance(stated, str):
        return None
    try:
        taken = datetime.strptime(stated.strip("\0 ")[:19], "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007
    except ValueError:
        return None
    if not 1990 <= taken.year <= 2100:
        return None
    zone = offset.strip("\0 ") if isinstance(offset, str) else ""
    return taken.isoformat() + (zone if re.fullmatch(r"[+-](?:0\d|1[0-4]):[0-5]\d", zone) else "")


def _degrees(parts: Any, side: Any, negative: str, most: int) -> float | None:
    """Degrees, minutes and seconds as degrees with six decimals (a decimetre)."""
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
        found = degrees + minutes / 60 + seconds / 3600
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    if isinstance(side, bytes):
        side = side.decode("ascii", "replace")
    if str(side or "").strip("\0 ").upper() == negative:
        found = -found
    return round(found, 6) if math.isfinite(found) and abs(found) <= most else None
