"""Which version of the product this is, for the foot of every page."""

import tomllib
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3] / "pyproject.toml"


@cache
def version() -> str:
    """The version pyproject.toml names: the product runs from its checkout and is not an installed package."""
    with PROJECT.open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])
