"""gunicorn's worker, with our headers on the few answers that gunicorn gives itself: what is no HTTP never reaches the application."""

import ctypes
from typing import Any

from gunicorn import util  # type: ignore[import-untyped]
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

_ARENA_MAX = -8  # malloc.h: M_ARENA_MAX


def answer(status: int, reason: str) -> bytes:
    """The bare answer, in both languages because nobody's is known, without a word of what was asked."""
    # Django comes with them, and gunicorn reads this file before anything else: site/wsgi.py loads Django, its way.
    from sanbao.edge.headers import HEADERS, PRIVATE

    closed = {
        **HEADERS,
        "Cache-Control": PRIVATE,
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        "Content-Type": "text/plain; charset=utf-8",
        "Connection": "close",
    }
    body = f"{status} {reason}. 请求格式有误，无法处理。\n".encode()
    head = {**closed, "Content-Length": str(len(body))}
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in head.items())]
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + body


def write_error(sock: Any, status_int: int, reason: str, mesg: str) -> None:
    """In the place of gunicorn's own, which quotes the request in a page without headers."""
    util.write_nonblock(sock, answer(status_int, reason))


def one_heap() -> None:
    """All threads take memory from one heap. glibc would give each of the eight its own, that none hands back; Python lets one run at a time."""
    if (
        mallopt := getattr(ctypes.CDLL(None), "mallopt", None)
    ) is not None:  # another library than glibc, or another system, has none
        mallopt(_ARENA_MAX, 1)


class Worker(ThreadWorker):
    """gthread, as `./dev run` and deploy/ use it."""

    def init_process(self) -> None:
        util.write_error = write_error
        one_heap()
        super().init_process()
