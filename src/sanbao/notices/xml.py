"""The XML of WeCom and WeChat as plain values: no document type, so no entities; few elements, not deep (ASVS 1.5.1)."""

from typing import Any
from xml.parsers import expat

MOST_ELEMENTS, DEEPEST = 500, 8


class BadXml(ValueError):
    """No XML that is read here."""


def read(data: bytes) -> dict[str, Any]:
    """The root's elements by name: texts, or tables of their own; a name that stands twice keeps its last. BadXml for anything else."""
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _refuse
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise BadXml(str(error)) from None
    if not reader.found:
        raise BadXml("no elements")
    return reader.found


def _refuse(*_declaration: object) -> None:
    raise BadXml("a document type")


class _Reader:
    """Gathers what the parser meets."""

    def __init__(self) -> None:
        self.stack: list[tuple[str, dict[str, Any], list[str]]] = []
        self.count = 0
        self.found: dict[str, Any] = {}

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self.count += 1
        if self.count > MOST_ELEMENTS or len(self.stack) >= DEEPEST:
            raise BadXml("too many elements")
        self.stack.append((name, {}, []))

    def text(self, words: str) -> None:
        if self.stack:
            self.stack[-1][2].append(words)

    def end(self, _name: str) -> None:
        name, inner, words = self.stack.pop()
        value: Any = inner or "".join(words)
        if self.stack:
            self.stack[-1][1][name] = value
        else:
            self.found = inner
