"""Coordinates as people have them: typed, copied from a map, a geo: link, a map's own link. No map is asked: a link is only read.

Kept as "latitude,longitude" in degrees, as exact as they came but never more than five decimals (a metre).
"""

import re
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any
from urllib.parse import parse_qs, unquote

from sanbao.ui.readers.values import NOTHING, Bad, half_width, text

PATTERN = r"^-?[0-9]{1,2}(\.[0-9]{1,5})?,-?[0-9]{1,3}(\.[0-9]{1,5})?$"
LONGEST_LINK = 1000
FEWEST_DECIMALS, MOST_DECIMALS = 3, 5  # fewer than three decimals are further off than the next town
_DEGREES = r"[-+]?\d{1,3}(?:\.\d{1,20})?"
_PAIR = re.compile(rf"({_DEGREES})\s*[,;/\s、]\s*({_DEGREES})")
_BOTH = re.compile(rf"{_PAIR.pattern}(?![\d.])")
_GEO = re.compile(rf"geo:({_DEGREES}),({_DEGREES})(?:,{_DEGREES})?(?:;[^?]*)?(?:\?(.*))?", re.IGNORECASE)
# How maps name a place in their links: two values in one parameter, or one in each. A few put the longitude first.
_PAIRS = ("q", "query", "ll", "sll", "latlng", "location", "center", "c", "coord", "coordinate", "marker", "markers", "destination", "daddr", "to")  # fmt: skip
_PAIRS_EAST_FIRST = ("position", "lnglat", "dest", "navi")
_SINGLES = (("mlat", "mlon"), ("lat", "lon"), ("lat", "lng"), ("latitude", "longitude"))
# Marked: the word before the number (北纬23.1, N23.1, lat: 23.1), or the letter after it (23.1N).
_BEFORE = (
    re.compile(
        rf"(?P<side>[NS]|北纬|南纬|纬度|纬|latitude|lat)\s*[:=]?\s*(?P<value>{_DEGREES})", re.IGNORECASE
    ),
    re.compile(
        rf"(?P<side>[EW]|东经|西经|经度|经|longitude|lon|lng)\s*[:=]?\s*(?P<value>{_DEGREES})", re.IGNORECASE
    ),
)
_AFTER = (
    re.compile(rf"(?P<value>{_DEGREES})\s*(?P<side>[NS])(?![A-Z])", re.IGNORECASE),
    re.compile(rf"(?P<value>{_DEGREES})\s*(?P<side>[EW])(?![A-Z])", re.IGNORECASE),
)
_MINUTES = re.compile(
    r"(\d{1,3})\s*[°度]\s*(\d{1,2})\s*['′分]\s*(?:(\d{1,2}(?:\.\d{1,6})?)\s*(?:\"|″|秒|'')\s*)?"
)


def coordinates(cell: Any) -> str:
    """ "latitude,longitude", or "" for an empty cell. Unmarked numbers stand latitude first, as maps write them; where only the other order can be meant, it is."""
    typed = half_width(text(cell, LONGEST_LINK)).strip()
    if typed.lower() in NOTHING:
        return ""
    if typed.lower().startswith("geo:"):
        found = _of_geo(typed)
    elif "://" in typed:
        found = _of_link(typed)
    else:
        found = _of_words(typed)
    if found is None:
        raise Bad("no_coordinates_in_link" if ":/" in typed else "no_coordinates", value=typed[:60])
    return _written(*found, typed)


def _written(north: str, east: str, typed: str) -> str:
    latitude, longitude = Decimal(north), Decimal(east)
    if abs(latitude) > 90 or abs(longitude) > 180 or not (latitude or longitude):
        raise Bad("no_coordinates", value=typed[:60])
    if max(_decimals(latitude), _decimals(longitude)) < FEWEST_DECIMALS:
        raise Bad("coarse_coordinates", value=typed[:60], decimals=FEWEST_DECIMALS)
    return f"{_plain(latitude)},{_plain(longitude)}"


def _decimals(degrees: Decimal) -> int:
    return -int(degrees.as_tuple().exponent)


def _plain(degrees: Decimal) -> str:
    shorter = min(_decimals(degrees), MOST_DECIMALS)
    rounded = degrees.quantize(Decimal(1).scaleb(-shorter), ROUND_HALF_EVEN)
    return f"{rounded + 0:f}"  # no -0


def _ordered(first: str, second: str) -> tuple[str, str]:
    """Two unmarked numbers, latitude first; the other way round where the first can't be a latitude."""
    return (second, first) if abs(Decimal(first)) > 90 >= abs(Decimal(second)) else (first, second)


def _of_geo(typed: str) -> tuple[str, str] | None:
    """geo:23.1291,113.2644?z=16, or geo:0,0?q=23.1291,113.2644(a label)."""
    found = _GEO.fullmatch(typed)
    if found is None:
        return None
    north, east, asked = found.groups()
    if not (Decimal(north) or Decimal(east)) and (
        pair := _BOTH.match(parse_qs(asked or "").get("q", [""])[0])
    ):
        return _ordered(*pair.groups())
    return north, east


def _of_link(typed: str) -> tuple[str, str] | None:
    address, _hash, fragment = typed.partition("#")
    path, _mark, query = address.partition("?")
    asked = parse_qs(query, max_num_fields=60) if query.count("&") < 60 else {}
    for north, east in _SINGLES:
        if north in asked and east in asked and re.fullmatch(_DEGREES, asked[north][0]) and re.fullmatch(_DEGREES, asked[east][0]):  # fmt: skip
            return asked[north][0], asked[east][0]
    for name in _PAIRS_EAST_FIRST:
        if pair := _BOTH.search(asked.get(name, [""])[0]):
            return pair[2], pair[1]
    for name in _PAIRS:
        if pair := _BOTH.search(asked.get(name, [""])[0]):
            return _ordered(*pair.groups())
    if pair := re.search(rf"[@/]({_DEGREES}),\s*({_DEGREES})(?![\d.])", unquote(path)):
        return _ordered(*pair.groups())
    if pair := re.search(rf"map=\d+(?:\.\d+)?/({_DEGREES})/({_DEGREES})", fragment):
        return pair[1], pair[2]
    return None


def _of_words(typed: str) -> tuple[str, str] | None:
    typed = _MINUTES.sub(_as_degrees, typed).replace("°", " ").replace("度", " ")
    for marks in (_BEFORE, _AFTER):
        north, east = (mark.search(typed) for mark in marks)
        if north and east:
            return _marked(north), _marked(east)
    pair = _BOTH.fullmatch(typed.strip(" ()[]"))
    return _ordered(*pair.groups()) if pair else None


def _as_degrees(found: re.Match[str]) -> str:
    """23°08'06" as 23.13500."""
    whole, minutes, seconds = found.groups()
    degrees = Decimal(whole) + Decimal(minutes) / 60 + Decimal(seconds or 0) / 3600
    return f"{degrees.quantize(Decimal('0.00001'))} "


def _marked(found: re.Match[str]) -> str:
    value = found["value"]
    return f"-{value.lstrip('+-')}" if found["side"].upper() in ("S", "南纬", "W", "西经") else value
