"""The index of the mission's clauses (`clauses.toml`), and the rulebooks' parameters that rest on each."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from django.urls import reverse

from sanbao.regulations.queries import shipped_places

FILE = Path(__file__).with_name("clauses.toml")


@cache
def index() -> dict[str, dict[str, Any]]:
    """Groups by their letters: {"KA": {"title": {zh, en}, "clauses": {"KA-1.1": {zh, en}}}}."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def ids() -> list[str]:
    """Every clause's number, in the order of the regulations."""
    return [clause for group in index().values() for clause in group["clauses"]]


def groups(language: str) -> list[dict[str, Any]]:
    """For the page: groups with their clauses, each with the parameters that rest on it. `language` is "zh" or "en"."""
    places = shipped_places(language)
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
                }
                for clause, title in group["clauses"].items()
            ],
        }
        for letters, group in index().items()
    ]
