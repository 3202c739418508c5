"""Where a thing's page is, by convention: a model "ledger.entry" has its page at "ledger:entry"."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.urls import NoReverseMatch, get_resolver, get_script_prefix, reverse

from sanbao.ui.pages import marks, walk


def page_of(thing: str, pk: int, access: Any) -> str:
    """The address of a thing's page; "" where it has none, or where the reader's post does not open it.

    Nobody is led to a 403: what stands in the event log or a list is readable for many who may not open the thing itself. Whether it
    lies in a place of the reader's is left to the page.
    """
    name = thing.replace(".", ":")
    try:
        url = reverse(name, args=[pk])
    except NoReverseMatch:
        return ""
    permission = _permissions().get(name, "")
    return url if not permission or (access is not None and access.may(permission)) else ""


@cache
def _permissions() -> dict[str, str]:
    """What each page asks of whoever opens it, by the URL's name. The tree does not change while we run."""
    return {
        name: mark.permission
        for _path, name, view in walk(get_resolver().url_patterns)
        for mark in marks(view)
        if "GET" in mark.methods
    }


def numbered(name: str) -> Callable[[Any], str]:
    """The address of each thing that has its page under a name: `reverse` asks the tree of URLs, which lists would do a hundred times."""
    pieces: dict[str, tuple[str, str]] = {}

    def address(pk: Any) -> str:
        prefix = get_script_prefix()
        if prefix not in pieces:
            before, _number, after = reverse(name, args=[_NO_THING]).rpartition(str(_NO_THING))
            pieces[prefix] = (before, after)
        before, after = pieces[prefix]
        return f"{before}{pk}{after}"

    return address


_NO_THING = 9_007_199_254_740_993
