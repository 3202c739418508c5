"""Everybody reads everything they can reach, and meets no word and no number of those they have nothing to do with.

Two companies with three outlets each, every text and number marked (canaries.py). Each actor starts at home and follows every link,
form, fragment, tab, filter, sort, page, why, export, PDF and API answer, sends every form wrongly, and looks at errors, headers and
cookies (crawler.py). That the crawl has looked is shown by their own canaries, which it must meet in every kind of answer.

ASVS 8.2.2, 8.2.3, 8.4.1, 14.2.1 and 16.5.1.
"""

import json
import os
import shutil
from typing import Any

import pytest
from django.test import Client

from sanbao.accounts.models import Person, Token
from sanbao.ui.formats import masked_phone
from tests.access.canaries import BRANCHES, HEAD, MARKS, Birds, Marked, foreign_to
from tests.access.crawler import Crawler, Reading
from tests.access.guards import EVERY_FILTER, without
from tests.cast import NOW

ACTORS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "auditor of A": ("A", "auditor", (HEAD, *BRANCHES)),
    "clerk of A": ("A", "clerk", (HEAD, *BRANCHES)),
    "administrator of A": ("A", "admin", (HEAD, *BRANCHES)),
    "head of B": ("B", "head", (HEAD, *BRANCHES)),
    "manager of A's east": ("A", "east", (HEAD, "one", "two")),
    "manager of A's south": ("A", "south", (HEAD, "three")),
    "owner of A's first outlet": ("A", "owner-one", (HEAD, "one")),
    "owner of B's second outlet": ("B", "owner-two", (HEAD, "two")),
    "clerk of A's third outlet": ("A", "writer-three", (HEAD, "three")),
}  # fmt: skip
FULL = os.environ.get("SANBAO_FAULTS") == "1"
# Of every kind one, of two companies; all nine with SANBAO_FAULTS=1.
SIX = ("auditor of A", "head of B", "manager of A's east", "owner of A's first outlet", "owner of B's second outlet", "clerk of A's third outlet")  # fmt: skip
# Which kinds of answer must hold canaries of one's own.
SURFACES = {
    "clerk of A's third outlet": ("page", "fragment", "workbook", "pdf", "error"),
    "administrator of A": ("page", "fragment", "workbook", "error"),
}
EVERY_SURFACE = ("page", "fragment", "workbook", "pdf", "json", "error")


def read_all(person: Person | None, company: Any = None) -> Reading:
    """Everything the person's pages and the API lead to."""
    client = Client(raise_request_exception=False)
    if person:
        client.force_login(person)
    crawler = Crawler(client)
    reading = crawler.crawl()
    if company is not None:
        _token, secret = Token.make(person, company, "t", at=NOW, expires_at=NOW.replace(year=2028))
        read_api(crawler, {"Authorization": f"Bearer {secret}"})
    return reading


def read_api(crawler: Crawler, headers: dict[str, str]) -> None:
    """Every GET of the API's own description, with the ids its lists name."""
    client = Client(raise_request_exception=False, headers=headers)
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    listed = client.get("/api/v1/settlements/statements")
    ids = [row["id"] for row in listed.json().get("items", [])] if listed.status_code == 200 else []
    for path, operations in paths.items():
        if "get" not in operations:
            continue
        for pk in ids[:4] if "{pk}" in path else [0]:
            for query in ("", "?limit=1", "?language=en", "?outlet=QVAJZ", "?outlet=QVBIZ"):
                url = path.replace("{pk}", str(pk)) + query
                answer = client.get(url)
                crawler.reading.keep(
                    "json" if answer.status_code == 200 else "error", url, _yuan(answer.json()) + answer.text
                )


def _yuan(data: Any) -> str:
    """The amounts of an API's answer as yuan, for they are given in fen."""
    if isinstance(data, dict):
        return "".join(_yuan(value) for value in data.values())
    if isinstance(data, list):
        return "".join(_yuan(value) for value in data)
    if isinstance(data, int) and not isinstance(data, bool):
        return f"{abs(data) // 100}.{abs(data) % 100:02d} "
    return ""


@pytest.mark.parametrize("who", ACTORS if FULL else SIX)
def test_nobody_meets_a_foreign_canary_and_everybody_meets_their_own(
    companies: dict[str, Marked], birds: Birds, who: str, record_property: Any
) -> None:
    """ASVS 8.2.2, 8.2.3, 8.4.1: pages, fragments, files, headers, cookies, errors and the API of one person."""
    name, person, branches = ACTORS[who]
    marked = companies[name]
    reading = read_all(marked.people[person], marked.company)

    met = reading.met(foreign_to(name, branches, birds))
    record_property("foreign canaries met", len(met))
    assert not met, json.dumps({bird: where[:4] for bird, where in met.items()}, ensure_ascii=False, indent=1)

    own = set().union(*(birds[name, branch] for branch in branches))
    for surface in SURFACES.get(who, EVERY_SURFACE):
        if surface == "pdf" and not shutil.which("pdftotext"):
            continue  # "PDFs are not read here: pdftotext is not installed." The other surfaces are.
        assert reading.pages[surface], f"{who} has read no {surface}"
        assert reading.count(surface, own), f"no canary of one's own in any {surface}: has the crawl looked?"
    assert not reading.dead, (
        f"links that lead nowhere, to what the reader may not open, or break: {reading.dead}"
    )
    record_property("pages", dict(reading.pages))
    record_property("bytes", sum(reading.bytes.values()))
    record_property(
        "canaries",
        f"{len(reading.met(own))} own met of {len(own)}, 0 foreign of {len(foreign_to(name, branches, birds))}",
    )


@pytest.mark.parametrize("who", ["nobody", "without a post"])
def test_whoever_has_no_post_meets_no_canary_at_all(
    companies: dict[str, Marked], birds: Birds, who: str
) -> None:
    """Neither visitors nor people without a post learn so much as a company's name, where there is more than one. ASVS 8.2.2."""
    person = Person.objects.create_person("nobody", "无岗") if who == "without a post" else None
    reading = read_all(person)
    met = reading.met(set().union(*birds.values()))
    assert not met, met
    assert reading.pages["page"] >= 2


def test_control_with_the_filters_out_the_crawl_meets_the_neighbours(
    companies: dict[str, Marked], birds: Birds
) -> None:
    """The same crawl of an outlet's clerk without the lines of defence: it must turn red, or it is blind."""
    with without(*EVERY_FILTER):
        met = read_all(companies["A"].people["writer-three"]).met(foreign_to("A", (HEAD, "three"), birds))
    assert {masked_phone(MARKS["A"]["one"].phone), MARKS["B"]["one"].letter} <= set(met)
