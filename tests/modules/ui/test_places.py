"""Coordinates in the shapes people have them: typed, copied from a map, a geo: link, a map's link; and sentences for what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sanbao.ui.formats import masked
from sanbao.ui.readers.places import coordinates
from sanbao.ui.readers.sentences import say
from sanbao.ui.readers.values import Bad

CANTON = "23.12911,113.26436"


@pytest.mark.parametrize(
    "typed",
    [
        CANTON, "23.12911，113.26436", " 23.12911, 113.26436 ", "(23.12911 113.26436)", "２３．１２９１１，１１３．２６４３６", "纬度23.12911 经度113.26436",
        "经度：113.26436，纬度：23.12911", "N23.12911 E113.26436", "23.12911N, 113.26436E", "北纬23°07'44.8\" 东经113°15'51.7\"",
        "geo:23.12911,113.26436?z=16", "geo:0,0?q=23.12911,113.26436(家)", "https://map.example/@23.12911,113.26436,17z",
        "https://map.example/?mlat=23.12911&mlon=113.26436#map=15/23.1/113.2", "https://map.example/#map=15/23.12911/113.26436",
        "https://map.example/marker?position=113.26436,23.12911&name=x", "https://map.example/?marker=coord:23.12911,113.26436;title:x",
    ],
)  # fmt: skip
def test_a_place_is_read_in_any_shape(typed: str) -> None:
    assert coordinates(typed) == CANTON


def test_the_other_order_is_taken_where_only_it_can_be_meant() -> None:
    """Chinese maps copy the longitude first; no latitude is over ninety degrees."""
    assert coordinates("113.26436,23.12911") == CANTON
    assert coordinates("33.45678S 70.64827W") == "-33.45678,-70.64827"


def test_as_exact_as_it_came_but_never_more_than_a_metre() -> None:
    assert coordinates("23.129,113.264") == "23.129,113.264"
    assert coordinates("23.1234567,113.2") == "23.12346,113.2"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("abc", "no_coordinates"), ("0,0", "no_coordinates"), ("95.123,195.123", "no_coordinates"), ("23.1,113.2", "coarse_coordinates"),
        ("https://map.example/abc", "no_coordinates_in_link"), ("geo:here", "no_coordinates"), ("9" * 1001, "too_long_text"),
    ],
)  # fmt: skip
def test_what_is_no_place_is_refused_with_what_to_do(typed: str, code: str) -> None:
    with pytest.raises(Bad) as told:
        coordinates(typed)
    assert told.value.code == code
    assert all("{" not in say(code, language, **told.value.words) for language in ("zh", "en"))


@pytest.mark.parametrize("empty", ["", " ", "无", None])
def test_nothing_is_nothing(empty: str | None) -> None:
    assert coordinates(empty) == ""


@given(
    some.text(alphabet="0123456789.,-+ NSEWnsew°'\"纬经度geo:?q=&/@#mapl", max_size=60)
    | some.text(max_size=60)
)
def test_whatever_is_typed_is_read_or_refused(typed: str) -> None:
    try:
        read = coordinates(typed)
    except Bad:
        return
    assert read == "" or coordinates(read) == read


def test_coordinates_show_the_town_only() -> None:
    assert masked("coordinates", CANTON) == "23.1**,113.2**"
    assert masked("coordinates", "") == ""
