"""Every page of the product × hostile addresses: no 500, under 2 s, and the page itself wherever something was merely unreadable.

Generated from the URL tree: a page made tomorrow is asked the same questions. What a page understands is taken from the page: the names
of its fields and of the parts of its links' addresses. Each page is asked a part of the values, the next page the next part; all of them
with SANBAO_FAULTS=1. What is slow counts when it is slow twice: others are at work on the machine.
"""
# ruff: noqa: F401, F811 (a fixture of another file is asked for by its name)

import html
import os
import re
import time
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from sanbao.products import operations as products
from sanbao.ui.lists import PLACE
from tests.access.test_matrix import Thing, pages, reaches, things
from tests.cast import NOW, Cast
from tests.modules.regulations.make import keeper

LISTS = ("q", "sort", "size", "tab", "columns", "after", "before", "sum", "page", "month", "day", "state", "outlet", "made_from", "made_to", "next", "language", "number", "outcome")  # fmt: skip
HOSTILE = (
    "\x01", "'", '"><script>alert(1)</script>', "%", "_%_", "\\", "0", "-1", "9" * 19, "9" * 30, "9223372036854775808", "1e999", "NaN", "2026-13", "2026-13-45",
    "2026-02-30", "0000-00-00", "0000-01", "9999-12", "9999-12-31", "10000-01-01", "１２３", "²", "𠮷\U000323af", "\u202e\u200b", "e\u0301" * 40, "x" * 101,
    "a" * 150, "../../etc/passwd", "-pk", "password", "company__code", "-company__people__password", "{}", "[1,2]", "null", "None", "true", " ", "\ufffd", "\U0010ffff",
)  # fmt: skip
ALONE = ("\x01", "9" * 19, "2026-13-45", "0000-01", "-1", "password", "𠮷%_\\'")
OF_EXPORTS = ("\x01", "9" * 19, "x" * 101, "-password")
SECONDS = 2
FULL = os.environ.get("SANBAO_FAULTS") == "1"


def part(values: tuple[str, ...], at: int, size: int) -> tuple[str, ...]:
    """So many of the values, beginning with another one at each place; all of them in full size."""
    return values if FULL else tuple((values * 2)[at % len(values) :][:size])


@pytest.fixture
def doors(cast: Cast, things: dict[str, Thing]) -> list[tuple[str, str, Client]]:
    """Every page that answers a GET, with somebody who may open it."""
    keeper(cast)
    found = []
    for _path, name, mark in pages():
        if "GET" not in mark.methods:
            continue
        thing = things.get(name, Thing((), "everybody"))
        for who, person in cast.people.items():
            if not mark.permission or (
                cast.access(who).may(mark.permission)
                and reaches(cast.access(who), mark.permission, thing.place, cast)
            ):
                client = Client(raise_request_exception=False)
                client.force_login(person)
                found.append((name, reverse(name, args=thing.arguments), client))
                break
        else:
            pytest.fail(f"nobody may open {name}")
    return found


def is_text(answer: HttpResponse) -> bool:
    return not answer.streaming and answer.headers["Content-Type"].startswith("text/html")


def understood(text: str, path: str) -> set[str]:
    """What the page reads from its address, as its own fields and links show."""
    names = set(re.findall(r'<(?:input|select|textarea)\b[^>]*?\bname="([^"]+)"', text))
    for href in re.findall(r'href="([^"]*\?[^"]*)"', text):
        parts = urlsplit(html.unescape(href))
        if not parts.path or parts.path == path:
            names |= set(parse_qs(parts.query))
    return names - {"csrfmiddlewaretoken", "once", "export"}


def test_no_address_of_any_page_makes_a_fault(doors: list[tuple[str, str, Client]]) -> None:
    """ASVS 2.2.1, 1.2.4, 1.2.5, 15.2.2: every query is typed; unreadable parts are told beside their filter, the list is shown without them."""
    wrong, asked, slowest = [], 0, 0.0
    for at, (name, path, client) in enumerate(doors):
        plain = client.get(path)
        if plain.status_code != 200:
            continue  # it sends elsewhere, or hands out a file
        is_page = is_text(plain)
        names = sorted(understood(plain.text, path) | set(LISTS)) if is_page else list(LISTS)
        # A page without a list reads little of its address, and a PDF takes its time: a few values do.
        is_list = is_page and 'id="list"' in plain.text
        for value in part(HOSTILE, at * 13, 13) if is_list else part(HOSTILE[:4], at, 2):
            query = urlencode([(key, value) for key in names])[:3900].rpartition("&")[0]
            for _try in range(2):
                began = time.monotonic()
                answer = client.get(f"{path}?{query}")
                took = time.monotonic() - began
                if took <= SECONDS:
                    break
            asked, slowest = asked + 1, max(slowest, took)
            if answer.status_code not in (200, 302, 303, 404) or took > SECONDS:
                wrong.append((name, value, answer.status_code, round(took, 2)))
            elif is_page and "<script>alert" in answer.text:
                wrong.append((name, value, "not escaped", 0))
    print(f"{asked} requests, the slowest {slowest:.2f} s")
    assert wrong == []
    assert asked > 500


def test_each_part_of_a_lists_address_alone_makes_no_fault(doors: list[tuple[str, str, Client]]) -> None:
    """One part at a time, so that one unreadable part does not hide what another would have done; fragments too.

    A part that only asks for other columns leads to the list's short address; that is followed, and may lead nowhere else.
    """
    wrong = []
    for name, path, client in doors:
        plain = client.get(path)
        if plain.status_code != 200 or not is_text(plain) or 'id="list"' not in plain.text:
            continue
        keys = sorted(understood(plain.text, path))
        # A list of twenty columns has twenty places, all read by the same line: one of them does.
        keys = [key for key in keys if not key.startswith(PLACE)] + [
            key for key in keys if key.startswith(PLACE)
        ][:1]
        fragment = {"HX-Request": "true", "HX-Target": "list"}
        for at, key in enumerate(keys):
            # As a page and as a fragment in turn.
            for turn, value in enumerate(part(ALONE, at * 2, 2), start=at):
                answer = client.get(path, {key: value}, headers=fragment if turn % 2 else {}, follow=True)
                if answer.status_code != 200 or answer.request["PATH_INFO"] != path:
                    wrong.append((name, key, value, answer.status_code, answer.request["PATH_INFO"]))
    assert wrong == []


def test_an_export_of_a_hostile_cut_is_no_fault(doors: list[tuple[str, str, Client]]) -> None:
    """The export reads the same address."""
    wrong = []
    for at, (name, path, client) in enumerate(doors):
        plain = client.get(path)
        if (
            plain.status_code != 200
            or not is_text(plain)
            or not re.search(r'export=xlsx|name="export"', plain.text)
        ):
            continue
        for value in part(OF_EXPORTS, at, 1):
            status = client.get(
                path, {"export": "xlsx", "q": value, "sort": value, "after": value, "size": value}
            ).status_code
            if status not in (200, 422):
                wrong.append((name, value, status))
    assert wrong == []


def test_wildcards_are_searched_for_as_they_stand(cast: Cast, sign_in) -> None:
    """ASVS 1.2.4: % and _ are letters in a search, not wildcards."""
    for code in ("A%1", "B_2"):
        products.keep_model(code, "吸油烟机", by=cast.access("admin"), at=NOW)
    page = sign_in("admin").get(reverse("products:models"), {"q": "%"}).text
    assert "A%1" in page and "B_2" not in page
    page = sign_in("admin").get(reverse("products:models"), {"q": "_"}).text
    assert "B_2" in page and "A%1" not in page


def test_what_is_unreadable_is_told_and_the_list_is_shown_without_it(cast: Cast, sign_in) -> None:
    cast.sheet(number="A1")
    page = sign_in("clerk").get(reverse("settlements:sheets"), {"q": "x" * 101}).text
    assert "A1" in page
    assert "100" in page
