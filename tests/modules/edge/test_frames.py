"""Frames have room: no depth at which a loop of calls asks the system for memory with every call."""

import resource
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from sanbao.edge.frames import roomy

DEEPEST = 400  # frames; a page needs some hundred and fifty
CALLS = 300


def _leaf(x: int) -> int:
    return x


_leaf.__code__ = _leaf.__code__.replace(
    co_stacksize=100
)  # a frame wider than a step of _deep: some depth does stand on the edge


def _loop() -> int:
    """How many pages of memory the system had to give for so many calls."""
    before = resource.getrusage(resource.RUSAGE_THREAD).ru_minflt
    for number in range(CALLS):
        _leaf(number)
    return resource.getrusage(resource.RUSAGE_THREAD).ru_minflt - before


def _deep(depth: int) -> int:
    return _loop() if depth == 0 else _deep(depth - 1)


def _worst() -> int:
    return max(_deep(depth) for depth in range(DEEPEST))


def _in_a_thread(work: Callable[[], int]) -> int:
    """In a thread of its own, as a web server's: its frames begin with a fresh chunk, whatever runs the tests."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def test_arguments_and_answers_pass_through() -> None:
    assert roomy(lambda *given: given)(1, "x") == (1, "x")


def test_no_depth_stands_on_an_edge() -> None:
    """Control: without the room, at some depth every single call is given memory anew."""
    assert _in_a_thread(_worst) >= CALLS
    assert _in_a_thread(roomy(_worst)) < CALLS / 2
