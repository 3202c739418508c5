"""The rules at work on every core: processes that live as long as one back-test, and end with the process that asked for them.

They are started anew, not forked: they know no database, no settings and no secrets.
"""

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sanbao.backtests import editions
from sanbao.backtests.deciding import Asked, Judge, Result
from sanbao_rules.rulebook import Rulebook

if TYPE_CHECKING:
    from concurrent.futures import Future

Stored = Sequence[tuple[tuple[str, ...], Mapping[str, Any]]]
Piece = tuple[int, list[Asked]]
_NICE = 10  # people at their pages come first

_judge: Judge | None = None


def here(
    stored: Mapping[int, Mapping[str, Any]], book: str, steps: Stored
) -> Callable[[list[Asked]], Result]:
    """A judge in this process, for what is too little to start others for."""
    return _made(stored, book, steps).decide


def results(
    pieces: Iterable[Piece],
    stored: Mapping[int, Mapping[str, Any]],
    book: str,
    steps: Stored,
    *,
    processes: int,
) -> Iterator[tuple[int, Result]]:
    """Each piece's number with its result, in their order. At most two pieces a process are read ahead."""
    if processes < 2:
        decide = here(stored, book, steps)
        for number, asked in pieces:
            yield number, decide(asked)
        return
    from concurrent.futures import (
        ProcessPoolExecutor,
    )  # multiprocessing with them: for the worker, no page starts processes
    from multiprocessing import get_context

    waiting: deque[tuple[int, Future[Result]]] = deque()
    with ProcessPoolExecutor(
        processes, mp_context=get_context("spawn"), initializer=_begin, initargs=(stored, book, steps)
    ) as pool:
        try:
            for number, asked in pieces:
                waiting.append((number, pool.submit(_decide, asked)))
                if len(waiting) > 2 * processes:
                    first, future = waiting.popleft()
                    yield first, future.result()
            while waiting:
                first, future = waiting.popleft()
                yield first, future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def cores() -> int:
    """How many processes may decide at once."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on this system
        return os.cpu_count() or 1


def _made(stored: Mapping[int, Mapping[str, Any]], book: str, steps: Stored) -> Judge:
    books = {pk: Rulebook.from_json(content) for pk, content in stored.items()}
    return Judge(books, book, editions.from_json(steps))


# In the other process


def _begin(stored: Mapping[int, Mapping[str, Any]], book: str, steps: Stored) -> None:
    global _judge
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(_NICE)
    _judge = _made(stored, book, steps)


def _end_with_parent() -> None:
    """A worker that is killed leaves nobody behind: its processes would wait for work for ever."""
    from multiprocessing import parent_process
    from multiprocessing.connection import wait

    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _decide(asked: list[Asked]) -> Result:
    assert _judge is not None  # the process began with it
    return _judge.decide(asked)
