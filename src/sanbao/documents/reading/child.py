"""Opening a Word file in a process of its own (`edge.children`): whatever the file does, only the child dies."""

import json
from dataclasses import dataclass, field
from typing import Any

from sanbao.documents.reading import word
from sanbao.documents.reading.limits import CPU_SECONDS, MAX_BYTES, MEMORY, WALL_SECONDS, Unreadable
from sanbao.documents.reading.sentences import say
from sanbao.edge import children

ENTRY = "sanbao.documents.reading.child:opened"


@dataclass(frozen=True, slots=True)
class Words:
    """The text of a Word file as plain lines, and what there is to say about it."""

    text: str
    notes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def sentences(self, language: str) -> list[str]:
        return [say(code, language, **words) for code, words in self.notes]


def read_word(data: bytes, filename: str) -> Words:
    """The file's text, or Unreadable."""
    if len(data) > MAX_BYTES:
        raise Unreadable("too_large", megabytes=MAX_BYTES // 2**20)
    name = "".join(character for character in filename[-100:] if character.isprintable())
    try:
        answer = children.run(ENTRY, data, name, memory=MEMORY, cpu=CPU_SECONDS, wall=WALL_SECONDS)
    except children.Died as died:
        codes = {"slow": "too_slow", "memory": "too_large_inside"}
        raise Unreadable(codes.get(died.code, "broken")) from None
    result: dict[str, Any] = json.loads(answer)
    if "unreadable" in result:
        raise Unreadable(result["unreadable"], **result["words"])
    return Words(result["text"], [(code, words) for code, words in result["notes"]])


def opened(data: bytes, name: str) -> bytes:
    """The child's side: the text, or why there is none, as JSON."""
    try:
        text, notes = word.read(data, name)
        result: dict[str, Any] = {"text": text, "notes": notes}
    except Unreadable as unreadable:
        result = {"unreadable": unreadable.code, "words": unreadable.words}
    return json.dumps(result).encode()
