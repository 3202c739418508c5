"""A regulation of the maker, moved on as far as a story needs; and Word files made by hand."""

import io
import zipfile
from datetime import date
from typing import Any

from sanbao.documents import operations
from sanbao.documents.models import Campaign, Version
from tests.cast import NOW, Cast

TODAY = NOW.date()
TEXT = "一、总则\n1. 本制度适用于全体人员。\n2. 记录单于次月10日前寄达。\n二、附则\n1. 由售后部解释。"
HEAD: dict[str, Any] = {
    "number": "SB-01", "source": "", "label": "A/0", "kind": "regulation", "title": "售后管理制度", "english": "After-sales regulation",
    "department": "售后部", "changed_by": "售后部提出，公司领导批准", "interpreted_by": "售后部", "issued_on": TODAY, "effective_on": TODAY,
    "review_on": None, "changes": "", "taken_over": False,
}  # fmt: skip
_WAY = (("review", "draft", "supervisor"), ("approval", "reviewed", "head"))


def regulation(
    cast: Cast,
    upto: str = "in_force",
    text: str = TEXT,
    repeals: tuple[int, ...] = (),
    at: Any = NOW,
    **head: Any,
) -> Version:
    """A regulation; `head` replaces what stands in its head."""
    admin = cast.access("admin")
    version = operations.draft(HEAD | head, repeals=repeals, by=admin, at=at)
    operations.take_text(version, text, seen=None, by=admin, at=at)
    return moved(cast, version, upto, at)


def moved(cast: Cast, version: Version, upto: str, at: Any = NOW) -> Version:
    """The version moved on by the people whose posts it takes."""
    version.refresh_from_db()
    for noun, source, who in _WAY:
        if version.state == upto:
            break
        if version.state != source:
            continue
        version = operations.move(version, noun, version_seen=None, by=cast.access(who), at=at)
    assert version.state == upto
    return version


def campaign(cast: Cast, version: Version, begun: bool = True, at: Any = NOW, **fields: Any) -> Campaign:
    """A campaign for the outlets' people, due in ten days."""
    told = {
        "kind": "reading", "title": "新制度宣贯", "message": "", "posts": ["outlet-owner", "outlet-clerk"], "outlets": [],
        "due_on": date(2026, 5, 30), "remind_days": 3, "late_days": 7, "stops": [],
    } | fields  # fmt: skip
    made = operations.prepare_campaign(version, told, by=cast.access("admin"), at=at)
    return operations.begin_campaign(made, by=cast.access("admin"), at=at) if begun else made


# Word files

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def paragraph(words: str, *, list_: str = "", level: int = 0, style: str = "") -> str:
    numbered = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list_}"/></w:numPr>' if list_ else ""
    styled = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{styled}{numbered}</w:pPr><w:r><w:t>{words}</w:t></w:r></w:p>"


def table(*rows: tuple[str, ...]) -> str:
    cells = "".join(
        "<w:tr>" + "".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) + "</w:tr>" for row in rows
    )
    return f"<w:tbl>{cells}</w:tbl>"


NUMBERING = (
    f'<w:numbering {_W}><w:abstractNum w:abstractNumId="0">'
    '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="第%1条"/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1.%2"/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
)
STYLES = (
    f'<w:styles {_W}><w:style w:styleId="Article"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    '<w:style w:styleId="Sub"><w:basedOn w:val="Article"/><w:pPr><w:numPr><w:ilvl w:val="1"/></w:numPr></w:pPr></w:style></w:styles>'
)


def docx(*body: str, parts: dict[str, str | bytes] | None = None) -> bytes:
    """A Word file with these paragraphs and tables."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "word/document.xml", f"<w:document {_W}><w:body>{''.join(body)}</w:body></w:document>"
        )
        archive.writestr("word/numbering.xml", NUMBERING)
        archive.writestr("word/styles.xml", STYLES)
        for name, content in (parts or {}).items():
            archive.writestr(name, content)
    return made.getvalue()
