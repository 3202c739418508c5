"""Places in standard phrases, such as {customer} or {客户}: which there are, and filling them in."""

import re
from collections.abc import Mapping

# Either word may stand in a phrase.
PLACES = {
    "customer": "客户",
    "product": "产品",
    "request": "单号",
    "due": "时限",
    "agent": "客服",
    "company": "公司",
    "hotline": "热线",
    "article": "知识",
}
_CODES = {**{code: code for code in PLACES}, **{word: code for code, word in PLACES.items()}}
_PLACE = re.compile(r"\{([^{}]*)\}")


def places(text: str) -> list[str]:
    """The places of a phrase by their codes, each once; unknown ones as they are written."""
    return list(dict.fromkeys(_CODES.get(place.strip(), place.strip()) for place in _PLACE.findall(text)))


def unknown_places(text: str) -> list[str]:
    return [place for place in places(text) if place not in PLACES]


def fill(text: str, values: Mapping[str, str]) -> tuple[str, list[str]]:
    """The phrase with its places filled in, and the places nothing was given for: they stay to be seen, and are written by hand."""
    missing = [place for place in places(text) if not values.get(place)]

    def put(found: re.Match[str]) -> str:
        return values.get(_CODES.get(found[1].strip(), "")) or found[0]

    return _PLACE.sub(put, text), missing
