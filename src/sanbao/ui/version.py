"""Which version of the product this is, for the foot of every page."""

from functools import cache
from importlib import metadata


@cache
def version() -> str:
    """The installed version; "development" where the product runs from a bare folder."""
    try:
        return metadata.version("sanbao")
    except metadata.PackageNotFoundError:
        return "development"
