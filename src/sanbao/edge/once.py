"""Doing a thing once, however often it is sent: a key made by the sender, and the answer kept beside the change.

A form carries the key as the hidden field `once` (the tag {% csrf_token %} writes both), an API call as the header `Idempotency-Key`.
Same key, same contents: the answer of the first time. Same key, other contents: 422. The first still under way: 409.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.http import HttpRequest

from sanbao.edge.models import Answered

FIELD = "once"
HEADER = "Idempotency-Key"
KEPT = timedelta(days=7)
MOST_KEPT_CONTENT = 200_000

_KEY = re.compile(r"[\w.:-]{8,80}", re.ASCII)
_NOT_CONTENT = ("csrfmiddlewaretoken", FIELD)


class Unfit(Exception):
    """A caller sent a key that can't be one."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request under a key: who sent it, to which address, and the digest of what it says."""

    who: str
    key: str
    route: str
    digest: str


def key_in(request: HttpRequest) -> str:
    """The key the request carries; empty if it has none. Unfit if a caller's can't be one; a form's that was tampered with counts as none."""
    called = request.headers.get(HEADER, "")
    if called and not _KEY.fullmatch(called):
        raise Unfit
    key = called or request.POST.get(FIELD, "")
    return key if _KEY.fullmatch(key) else ""


def read(request: HttpRequest, who: str, key: str) -> Request:
    """What is asked, as the key stands for it."""
    return Request(who[:60], key, f"{request.method} {request.path}"[:200], _digest(request))


def _digest(request: HttpRequest) -> str:
    digest = hashlib.sha256(request.META.get("QUERY_STRING", "").encode("utf-8", "surrogatepass"))
    if request.content_type in ("multipart/form-data", "application/x-www-form-urlencoded"):
        for name, values in sorted(request.POST.lists()):
            if name not in _NOT_CONTENT:
                digest.update(repr((name, values)).encode("utf-8", "surrogatepass"))
        for name, files in sorted(request.FILES.lists()):
            for file in files:
                digest.update(repr((name, file.name, file.size)).encode("utf-8", "surrogatepass"))
                for chunk in file.chunks():
                    digest.update(chunk)
                file.seek(0)
    else:
        digest.update(request.body)
    return digest.hexdigest()


def take(asked: Request) -> Callable[[], tuple[bool, Answered | None]]:
    """Hold the key until the transaction ends. What is returned tells whether it was free, and the answer given under it before.

    Not free: another request under the same key is under way. The function looks for the answer after it has the key, and sees what was
    committed until then (migration 0006).
    """
    number = int.from_bytes(hashlib.sha256(f"{asked.who} {asked.key}".encode()).digest()[:8], signed=True)
    cursor = connection.cursor()
    cursor.execute("SELECT * FROM edge_take(%s, %s, %s)", [number, asked.who, asked.key])

    def told() -> tuple[bool, Answered | None]:
        with cursor:
            taken, route, digest, status, location, content = cursor.fetchone()
        if status is None:
            return taken, None
        return taken, Answered(
            who=asked.who, key=asked.key, route=route, digest=digest, status=status, location=location, content=content,
        )  # fmt: skip

    return told


def is_same(asked: Request, answered: Answered) -> bool:
    """Whether the key was used for the very same request."""
    return (asked.route, asked.digest) == (answered.route, answered.digest)


def keep(asked: Request, *, status: int, location: str = "", content: str = "", at: datetime) -> None:
    """Keep the answer, in the transaction of the change."""
    told = content if len(content) <= MOST_KEPT_CONTENT else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO edge_answered (who, key, route, digest, status, location, content, at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            [asked.who, asked.key, asked.route, asked.digest, status, location[:500], told, at],
        )


def forget(before: datetime) -> int:
    """Drop answers given before a moment; returns how many. The nightly job keeps a week."""
    count, _kinds = Answered.objects.filter(at__lt=before).delete()
    return count
