"""Work on what came from outside, done in a process of its own with limits on memory and time: whatever the file does, only the child dies.

The child is started without the environment (it needs no password), isolated from the surroundings' Python settings, gets bytes on standard
input and answers bytes. It imports one function of ours by name, which must not need Django.

python -I -c "…; main()" SRC module:function MEMORY CPU ARGUMENTS… < bytes > bytes
"""

import gc
import importlib
import subprocess
import sys
from pathlib import Path

_SOURCE = Path(__file__).resolve().parents[2]
_START = "import sys; sys.path.insert(0, sys.argv[1]); from sanbao.edge.children import main; main()"
_SLOW = (-24, -9)  # SIGXCPU, and SIGKILL after it
OUT_OF_MEMORY = 77


class Died(Exception):
    """The child gave no answer. `code` is slow (time ran out), memory, or broken (anything else)."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


def run(entry: str, data: bytes, *arguments: str, memory: int, cpu: int, wall: int) -> bytes:
    """What `module:function`, called with the bytes and the arguments, answers; Died where it does not.

    `memory` is in bytes of address space, `cpu` in seconds of processor time, `wall` in seconds of the clock.
    """
    try:
        done = subprocess.run(
            command(entry, *arguments, memory=memory, cpu=cpu), input=data, capture_output=True, timeout=wall, check=False, env={}
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Died("slow") from None
    except (OSError, ValueError):
        raise Died("broken") from None
    if done.returncode == 0:
        return done.stdout
    # A limit ended it, or our function failed.
    raise Died(
        "slow" if done.returncode in _SLOW else "memory" if done.returncode == OUT_OF_MEMORY else "broken"
    )


def command(entry: str, *arguments: str, memory: int, cpu: int) -> list[str]:
    """How the child is started."""
    return [
        sys.executable,
        *("-I", "-X", "utf8", "-c", _START),
        str(_SOURCE),
        entry,
        str(memory),
        str(cpu),
        *arguments,
    ]


def main() -> None:
    """The child's side: limit itself, read standard input, answer."""
    entry, memory, cpu, *arguments = sys.argv[2:]
    _limit(int(memory), int(cpu))
    gc.disable()  # it lives for a moment, and what it builds holds no circles
    module, _, function = entry.partition(":")
    try:
        answer = getattr(importlib.import_module(module), function)(sys.stdin.buffer.read(), *arguments)
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)
    sys.stdout.buffer.write(answer)


def _limit(memory: int, cpu: int) -> None:
    try:
        import resource
    except ImportError:  # not on this system; the wall clock still holds
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
