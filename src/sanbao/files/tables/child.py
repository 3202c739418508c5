"""Opening a file from outside in a process of its own (`edge.children`): whatever the file does, only the child dies."""

import json
from typing import Any

from sanbao.edge import children
from sanbao.files.tables import opening
from sanbao.files.tables.limits import CPU_SECONDS, MAX_BYTES, MEMORY, WALL_SECONDS, Unreadable

ENTRY = "sanbao.files.tables.child:opened"


def open_table(data: bytes, filename: str, *, in_child: bool = True) -> dict[str, Any]:
    """The file's sheets as plain rows (see `opening`), or Unreadable. Only files of our own may be read without the child."""
    if len(data) > MAX_BYTES:
        raise Unreadable("too_large", megabytes=MAX_BYTES // 2**20)
    name = "".join(character for character in filename[-100:] if character.isprintable())
    if not in_child:
        found: dict[str, Any] = json.loads(json.dumps(opening.read(data, name)))
        return found
    try:
        answer = children.run(ENTRY, data, name, memory=MEMORY, cpu=CPU_SECONDS, wall=WALL_SECONDS)
    except children.Died as died:
        codes = {"slow": "too_slow", "memory": "too_large_inside"}
        raise Unreadable(codes.get(died.code, "broken")) from None
    result: dict[str, Any] = json.loads(answer)
    if "unreadable" in result:
        raise Unreadable(result["unreadable"], **result["words"])
    return result


def command(name: str) -> list[str]:
    """How the child is started."""
    return children.command(ENTRY, name, memory=MEMORY, cpu=CPU_SECONDS)


def opened(data: bytes, name: str) -> bytes:
    """The child's side: the sheets, or why there are none, as JSON."""
    try:
        result = opening.read(data, name)
    except Unreadable as unreadable:
        result = {"unreadable": unreadable.code, "words": unreadable.words}
    return json.dumps(result).encode()
