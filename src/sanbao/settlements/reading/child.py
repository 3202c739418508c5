"""Opening a file from outside in a process of its own, with limits on memory and time: whatever the file does, only the child dies.

python -I -c "…; main()" SRC FILENAME < file > rows.json
"""

import gc
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from sanbao.settlements.reading import tables
from sanbao.settlements.reading.limits import CPU_SECONDS, MAX_BYTES, MEMORY, WALL_SECONDS, Unreadable

_SOURCE = Path(__file__).resolve().parents[3]
_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); from sanbao.settlements.reading.child import main; main()"
)


def open_table(data: bytes, filename: str, *, in_child: bool = True) -> dict[str, Any]:
    """The file's sheets as plain rows (see `tables`), or Unreadable. Only files of our own may be read without the child."""
    if len(data) > MAX_BYTES:
        raise Unreadable("too_large", megabytes=MAX_BYTES // 2**20)
    name = "".join(character for character in filename[-100:] if character.isprintable())
    if not in_child:
        opened: dict[str, Any] = json.loads(json.dumps(tables.read(data, name)))
        return opened
    try:
        # No environment: the child needs no password of the database.
        done = subprocess.run(
            command(name), input=data, capture_output=True, timeout=WALL_SECONDS, check=False, env={},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Unreadable("too_slow") from None
    except (OSError, ValueError):
        raise Unreadable("broken") from None
    try:
        result: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        # A limit ended it: SIGXCPU or SIGKILL for time, an abort for memory.
        raise Unreadable("too_slow" if done.returncode in (-24, -9) else "broken") from None
    if "unreadable" in result:
        raise Unreadable(result["unreadable"], **result["words"])
    return result


def command(name: str) -> list[str]:
    """How the child is started: isolated from the surroundings' Python settings and folders."""
    return [sys.executable, "-I", "-X", "utf8", "-c", _START, str(_SOURCE), name]


def main() -> None:
    """The child's side: limit itself, read standard input, answer in JSON."""
    _limit()
    gc.disable()  # it lives for a moment, and what it builds holds no circles
    name = sys.argv[2] if len(sys.argv) > 2 else ""
    try:
        result = tables.read(sys.stdin.buffer.read(MAX_BYTES + 1), name)
    except Unreadable as unreadable:
        result = {"unreadable": unreadable.code, "words": unreadable.words}
    except MemoryError:
        result = {"unreadable": "too_large_inside", "words": {}}
    sys.stdout.write(json.dumps(result))


def _limit() -> None:
    try:
        import resource
    except ImportError:  # not on this system; the wall clock still holds
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
