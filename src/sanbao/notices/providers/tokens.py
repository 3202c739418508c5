"""Access tokens of WeCom and WeChat: fetched once, kept in the process until shortly before they end, fetched anew when refused."""

import threading
import time
from collections.abc import Callable

EARLY = 300  # seconds before its end a token is no longer used

_kept: dict[tuple[str, str], tuple[str, float]] = {}
_one_at_a_time = threading.Lock()


def token(key: tuple[str, str], fetch: Callable[[], tuple[str, int]], *, refused: str = "") -> str:
    """The token kept under the key, else the one `fetch` gives with its seconds. `refused` is one that no longer holds.

    Many threads of which each was refused the same token fetch one new token.
    """
    with _one_at_a_time:
        found, until = _kept.get(key, ("", 0.0))
        if found and found != refused and time.monotonic() < until:
            return found
        found, seconds = fetch()
        _kept[key] = (found, time.monotonic() + max(seconds - EARLY, 0))
        return found


def forget() -> None:
    """Forget every token: for tests, and where a secret has changed."""
    with _one_at_a_time:
        _kept.clear()
