"""Work that makes very many things and keeps them all: Python's collector would go through them again and again and find nothing."""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_working = 0
_stopped = False


@contextmanager
def uncollected() -> Iterator[None]:
    """Let the collector of cycles rest; what nothing points to goes at once as ever. For a few seconds: it rests for all threads."""
    global _working, _stopped
    with _lock:
        _working += 1
        if gc.isenabled():
            gc.disable()
            _stopped = True
    try:
        yield
    finally:
        with _lock:
            _working -= 1
            if not _working and _stopped:
                gc.enable()
                _stopped = False
