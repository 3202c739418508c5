"""Asking a provider over HTTP: what may have reached it, and what its answer says."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sanbao.notices.failures import Permanent, Temporary, Unsure

if TYPE_CHECKING:
    from sanbao.edge.fetch import Fetched

SECONDS = 5.0  # for one call; a message takes at most four, and a lease lasts 60 seconds
LARGEST = 100_000


def ask(
    url: str,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    sends: bool = True,
    largest: int = LARGEST,
) -> "Fetched":
    """One call, POST where there is a body.

    Temporary where the call never reached the provider, Unsure where it may have (`sends=False`: for a call that sends nothing, as one
    for a token, Temporary always).
    """
    from sanbao.edge.fetch import Unfetchable, safe_fetch  # httpx with it: for who calls, which no page does

    try:
        return safe_fetch(
            url,
            method="GET" if body is None else "POST",
            body=body,
            headers=headers,
            timeout=SECONDS,
            max_bytes=largest,
        )
    except Unfetchable as failure:
        if failure.began and sends:
            raise Unsure("broke-off", failure.code) from None
        raise Temporary("unreachable", failure.code) from None


def read(answer: "Fetched", *, sends: bool = True) -> dict[str, Any]:
    """The JSON object of an answer. What can't be read may come after the provider has accepted: Unsure."""
    failure = Unsure if sends else Temporary
    if answer.status >= 500:
        raise failure("broke-off" if sends else "answered", answer.status)
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise failure("nonsense", answer.status)
    return found


def refuse_by_status(status: int) -> None:
    """Raise what an HTTP status between 300 and 499 means: nothing was accepted."""
    if status in (401, 403):
        raise Temporary("login", status)  # an administrator can mend it while the message waits
    if status in (408, 425, 429):
        raise Temporary("busy", status)
    if status in (400, 410, 413, 422):
        raise Permanent("refused", status)
    if not 200 <= status < 300:
        raise Temporary("answered", status)


def as_json(found: object) -> bytes:
    """Compact JSON in UTF-8."""
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()
