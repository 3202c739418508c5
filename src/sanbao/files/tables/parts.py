"""The parts of an Office file: a ZIP of XML, read in a stream and within a budget. For workbooks and for Word files."""

import zipfile
from collections.abc import Callable
from typing import Any
from xml.parsers import expat

from sanbao.files.tables.limits import Budget


def real(archive: zipfile.ZipFile, path: str) -> str:
    """A part's name as it is in the package: capitals don't count there."""
    if path in archive.NameToInfo:
        return path
    return next((name for name in archive.NameToInfo if name.lower() == path.lower()), path)


def parse(
    archive: zipfile.ZipFile,
    path: str,
    budget: Budget,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """One part through the parser. Document types are refused: no Office file has one, and entities can be bombs."""

    def refuse(*_: Any) -> None:
        raise budget.refusal("broken")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    if end:
        parser.EndElementHandler = end
    if text:
        parser.CharacterDataHandler = text
    with archive.open(real(archive, path)) as stream:
        while chunk := stream.read(1 << 18):
            budget.unpacked(len(chunk))
            parser.Parse(chunk, False)
    parser.Parse(b"", True)
