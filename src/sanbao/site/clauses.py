"""The index of the mission's clauses (`clauses.toml`), and where each acts: rulebooks, code, tests."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import reverse

from sanbao.regulations.queries import shipped_places

FILE = Path(__file__).with_name("clauses.toml")
_CITED = re.compile(r"\b[A-Z]{2}-\d+(?:\.\d+)?\b")
_SOURCES = (("code", "src", "*.py"), ("code", "src", "*.html"), ("tests", "tests", "*.py"))


@cache
def index() -> dict[str, dict[str, Any]]:
    """Groups by their letters: {"KA": {"title": {zh, en}, "clauses": {"KA-1.1": {zh, en}}}}."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def ids() -> list[str]:
    """Every clause's number, in the order of the regulations."""
    return [clause for group in index().values() for clause in group["clauses"]]


def groups(language: str) -> list[dict[str, Any]]:
    """For the page: groups with their clauses, each with the parameters that rest on it. `language` is "zh" or "en"."""
    places, traced = shipped_places(language), _traced_once()
    return [
        {
            "title": f"{letters} {group['title'][language]}",
            "clauses": [
                {
                    "id": clause,
                    "title": title[language],
                    "places": [
                        (label, f"{reverse('regulations:book', args=[book])}#{parameter}")
                        for book, parameter, label in places.get(clause, [])
                    ],
                    "code": _files(traced[clause]["code"]),
                    "tests": _files(traced[clause]["tests"]),
                }
                for clause, title in group["clauses"].items()
            ],
        }
        for letters, group in index().items()
    ]


def _files(places: list[str]) -> list[str]:
    """The files among "path:line", each once."""
    return list(dict.fromkeys(place.rpartition(":")[0] for place in places))


@cache
def _traced_once() -> dict[str, dict[str, list[str]]]:
    """For the page: the program's files don't change while it runs."""
    return trace()


def trace() -> dict[str, dict[str, list[str]]]:
    """For each clause: the rulebook parameters, the code and the tests ("path:line") that cite it."""
    found: dict[str, dict[str, list[str]]] = {
        clause: {"rulebooks": [], "code": [], "tests": []} for clause in ids()
    }
    for clause, places in shipped_places("en").items():
        if clause in found:
            found[clause]["rulebooks"] = [f"{book}.{parameter}" for book, parameter, _label in places]
    for kind, folder, pattern in _SOURCES:
        for clause, place in _citations(Path(settings.ROOT) / folder, pattern):
            if clause in found and place not in found[clause][kind]:
                found[clause][kind].append(place)
    return found


def _citations(folder: Path, pattern: str) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob(pattern)):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            for clause in _CITED.findall(line):
                yield clause, f"{path.relative_to(settings.ROOT)}:{number}"
