"""What the modules put on the home page, in order: each gives its panels for a person's access."""

from collections.abc import Callable
from typing import Any

from sanbao.accounts.access import Access
from sanbao.settlements.queries import panels as settlements

PANELS: tuple[Callable[[Access], list[Any]], ...] = (settlements,)


def panels(access: Access) -> list[Any]:
    """Everything that waits for this person."""
    return [panel for source in PANELS for panel in source(access)]
