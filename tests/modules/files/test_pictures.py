"""A photograph is kept as its pixels only, upright, and what the camera wrote beside it comes back as data."""

from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from PIL import Image

from sanbao.files import operations as files
from sanbao.files.forms import PictureField
from sanbao.files.models import StoredFile
from sanbao.files.redrawing import _TURNS
from sanbao.ui.refusal import Refusal
from tests.cast import NOW, Cast
from tests.modules.files import corpus


@pytest.fixture
def keep(cast: Cast, settings, tmp_path):
    """`keep(data)`: the clerk keeps a picture."""
    settings.MEDIA_ROOT = tmp_path
    return lambda data, name="IMG_0001.jpg": files.keep_image(data, name, by=cast.access("clerk"), at=NOW)


def opened(stored: StoredFile) -> Image.Image:
    return Image.open(BytesIO(files.content(stored)))


@pytest.mark.parametrize("turn", range(1, 9))
def test_every_turn_of_the_camera_is_done(keep, turn: int) -> None:
    """EXIF orientations 1–8: red is always at the upper left for whoever looks."""
    undo = {2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6}
    held = corpus.photo()
    if turn > 1:
        held = held.transpose(_TURNS[undo[turn]])
    kept = keep(corpus.saved(held, "JPEG", quality=95, exif=corpus.exif(turn)))

    image = opened(kept.file)
    assert image.size == (kept.width, kept.height) == (400, 300)
    red, green, blue = image.getpixel((20, 20)), image.getpixel((380, 20)), image.getpixel((20, 280))
    assert red[0] > 180 > 60 > red[1] and green[1] > 180 and blue[2] > 180


def test_time_and_place_are_read_and_nothing_of_them_stays(keep) -> None:
    """ASVS 14.2.8: metadata that says who and where is taken off; safety.md 1.9."""
    kept = keep(corpus.jpeg())

    assert kept.taken_at == datetime(2026, 4, 13, 1, 30, tzinfo=UTC)
    assert (kept.latitude, kept.longitude) == (Decimal("22.537639"), Decimal("113.333681"))
    for stored in (kept.file, kept.thumbnail):
        image = opened(stored)
        assert dict(image.getexif()) == {}
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert b"Phone" not in files.content(stored)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"place": {1: "S", 2: (33.0, 0.0, 0.0), 3: "W", 4: (70.0, 30.0, 0.0)}}, ("-33.0", "-70.5")),
        ({"place": {}}, (None, None)),
        ({"place": {1: "N", 2: (91.0, 0.0, 0.0), 3: "E", 4: (181.0, 0.0, 0.0)}}, (None, None)),
        ({"place": {1: "N", 2: (22.0,), 3: "E"}}, (None, None)),
    ],
)
def test_a_place_that_cannot_be_is_not_said(keep, said, found) -> None:
    kept = keep(corpus.jpeg(**said))
    assert tuple(None if each is None else str(each) for each in (kept.latitude, kept.longitude)) == found


@pytest.mark.parametrize(
    "taken", ["0000:00:00 00:00:00", "2026-04-13", "1899:01:01 00:00:00", "", "9999:99:99 99:99:99"]
)
def test_a_time_that_cannot_be_is_not_said(keep, taken: str) -> None:
    assert keep(corpus.jpeg(taken=taken)).taken_at is None


def test_a_time_without_a_zone_is_the_companys(keep) -> None:
    assert keep(corpus.jpeg(offset="")).taken_at == datetime(2026, 4, 13, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "name",
    ["script in a comment", "GIF and HTML behind the end", "archive behind the end", "PHP in the metadata"],
)
def test_a_file_that_is_two_things_becomes_one(keep, name: str) -> None:
    """ASVS 5.2.2, 5.3.1: what else was in it is gone."""
    kept = keep(corpus.READ[name]())
    for stored in (kept.file, kept.thumbnail):
        data = files.content(stored)
        assert not any(trace in data for trace in (b"<script", b"alert", b"GIF89a", b"PK\x03\x04", b"<?php"))


def test_a_large_picture_is_kept_smaller_and_has_a_thumbnail(keep) -> None:
    kept = keep(corpus.READ["JPEG of 48 megapixels"]())
    assert 5_900_000 < kept.width * kept.height <= 6_010_000
    assert abs(kept.width / kept.height - 8064 / 6048) < 0.01
    assert max(opened(kept.thumbnail).size) == 320


def test_a_screenshot_stays_a_png_and_a_photo_a_jpeg(keep) -> None:
    assert keep(corpus.saved(corpus.photo(), "PNG"), "屏幕截图.PNG").file.name == "屏幕截图.png"
    assert keep(corpus.saved(corpus.photo(), "WEBP"), "微信图片.webp").file.name == "微信图片.jpg"
    assert keep(corpus.jpeg(), "../../etc/pass\u202egpj.exe").file.name == "passgpj.jpg"


def test_colours_are_kept_through_cmyk_16_bits_and_holes(keep) -> None:
    red = opened(keep(corpus.READ["CMYK JPEG"]()).file).getpixel((20, 20))
    assert red[0] > 180 and red[1] < 60
    deep = opened(keep(corpus.READ["PNG of 16 bits"]()).file)
    assert deep.getextrema() == (0, 255)
    hole = Image.new("RGBA", (10, 10), (0, 0, 0, 0))
    assert opened(keep(corpus.saved(hole, "PNG")).file).getpixel((5, 5)) == (255, 255, 255)


def test_an_iphones_heic_is_refused_with_what_to_do(keep) -> None:
    with translation.override("zh-hans"), pytest.raises(Refusal) as refused:
        keep(corpus.heic())
    assert (refused.value.code, refused.value.field) == ("picture_heic", "file")
    assert "兼容性最佳" in str(refused.value)


def test_a_picture_is_shown_inline_and_nothing_else_is(cast: Cast, keep) -> None:
    """ASVS 3.2.1, 5.4.x: own type, sandbox, no sniffing; a page that calls itself a picture is a download."""
    shown = files.show(keep(corpus.jpeg()).file)
    assert shown.headers["Content-Type"] == "image/jpeg"
    assert shown.headers["Content-Disposition"].startswith("inline")
    page = files.show(files.keep(b"<html>", "a.jpg", by=cast.access("clerk"), at=NOW))
    assert page.headers["Content-Type"] == "application/octet-stream"
    for answer in (shown, page, files.download(keep(corpus.jpeg()).file)):
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("name", "label"),
    [("a/b\\c.xlsx", "c.xlsx"), ("..", "file"), ("\u202ecod.exe", "cod.exe"), ("表\u200b格\x00.csv", "表格.csv"), ("x" * 300 + ".csv", "x" * 196 + ".csv"),
     ("𠮷\U000323af.jpg", "𠮷\U000323af.jpg"), ("", "file"), ("\n", "file")],
)  # fmt: skip
def test_a_files_name_is_only_a_label(cast: Cast, settings, tmp_path, name: str, label: str) -> None:
    """ASVS 5.3.2: the place in the storage is made of the hash alone."""
    settings.MEDIA_ROOT = tmp_path
    stored = files.keep(b"x", name, by=cast.access("clerk"), at=NOW)
    assert stored.name == label
    assert stored.path == f"{cast.company.pk}/{stored.sha256[:2]}/{stored.sha256}"


def test_the_field_refuses_by_content_before_anything_is_decoded() -> None:
    field = PictureField()
    assert field.clean(SimpleUploadedFile("a.txt", corpus.jpeg()))
    for data in (corpus.heic(), b"<html>", b"GIF89a", b"MZ"):
        with pytest.raises(Exception, match=r"\w"):
            field.clean(SimpleUploadedFile("a.jpg", data))
