"""Files as they really come, and files made to do harm, built in code: nothing hostile lies in the repository.

`xlsx` and `xls` write workbooks byte by byte, so that a test can put anything into them. `hostile()` is the whole collection, each with
the code of the refusal it must meet, or None where it must be read.
"""

import io
import struct
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from xml.sax.saxutils import escape

HEADINGS = (
    "单号", "用户姓名", "联系电话", "地址", "产品型号", "机身编码", "购买日期", "安装日期", "报修日期", "完成日期", "故障现象", "处理措施",
    "更换件", "服务类型", "单程公里", "保修性质", "收费金额", "维修人员",
)  # fmt: skip
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def sheet_row(number: str = "GZ001-2604-0001", **changes: Any) -> list[Any]:
    """The cells of one good sheet, in the order of HEADINGS; `changes` replace cells by heading."""
    cells = {
        "单号": number, "用户姓名": "张三", "联系电话": "13800005678", "地址": "中山路1号", "产品型号": "CXW-260-A8",
        "机身编码": "CXW260A8260000001", "购买日期": "2026-01-10", "安装日期": "2026-01-12", "报修日期": "2026-04-08",
        "完成日期": "2026-04-09", "故障现象": "异响", "处理措施": "更换电机", "更换件": "电机", "服务类型": "换件维修", "单程公里": 30,
        "保修性质": "保内", "收费金额": 0, "维修人员": "小何",
    }  # fmt: skip
    cells.update(changes)
    return [cells[heading] for heading in HEADINGS]


def month(*rows: Sequence[Any], top: Iterable[Sequence[Any]] | None = None) -> list[Sequence[Any]]:
    """A month's table: title, outlet line, headings, rows. The first row of data is line 4."""
    above = (
        list(top)
        if top is not None
        else [["产品维修记录单汇总表（2026年4月）"], ["网点编码：GZ001", None, None, "填报日期：2026-05-08"]]
    )
    return [*above, list(HEADINGS), *rows]


@dataclass(frozen=True)
class Raw:
    """A cell's XML as it is, with {at} for its place."""

    xml: str


def letters(column: int) -> str:
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def rows_xml(rows: Iterable[Sequence[Any]]) -> str:
    lines = []
    for number, row in enumerate(rows, start=1):
        cells = "".join(_cell_xml(value, f"{letters(column)}{number}") for column, value in enumerate(row))
        lines.append(f'<row r="{number}">{cells}</row>')
    return "".join(lines)


def _cell_xml(value: Any, at: str) -> str:
    if value is None:
        return ""
    if isinstance(value, Raw):
        return value.xml.replace("{at}", at)
    if isinstance(value, date):
        return f'<c r="{at}" s="1"><v>{(value - date(1899, 12, 30)).days}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{at}"><v>{value}</v></c>'
    return f'<c r="{at}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def xlsx(
    sheets: Sequence[Sequence[Any]] | Mapping[str, Any],
    *,
    after: str = "",
    states: Mapping[str, str] | None = None,
    parts: Mapping[str, str | bytes] | None = None,
    book: str = "",
) -> bytes:
    """A workbook: rows of one sheet, or {name: rows or the XML of its rows}. `parts` adds or replaces parts of the package."""
    tables = sheets if isinstance(sheets, Mapping) else {"Sheet1": sheets}
    states = states or {}
    written: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{_OFFICE}">{book}<sheets>'
        + "".join(
            f'<sheet name="{escape(name)}" sheetId="{i}" state="{states.get(name, "visible")}" r:id="rId{i}"/>'
            for i, name in enumerate(tables, start=1)
        )
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        + "".join(
            f'<Relationship Id="rId{i}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{i}.xml"/>'
            for i in range(1, len(tables) + 1)
        )
        + f'<Relationship Id="rIdS" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
        f'<Relationship Id="rIdT" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts><numFmt numFmtId="200" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/></numFmts>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="200"/></cellXfs></styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"/>',
    }
    for i, rows in enumerate(tables.values(), start=1):
        body = rows if isinstance(rows, str) else rows_xml(rows)
        written[f"xl/worksheets/sheet{i}.xml"] = (
            f'<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData>{after}</worksheet>'
        )
    written.update(parts or {})
    return package(written)


def package(parts: Mapping[str, str | bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return packed.getvalue()


def csv(rows: Iterable[Sequence[Any]], encoding: str = "utf-8-sig", delimiter: str = ",") -> bytes:
    text = "\r\n".join(delimiter.join("" if cell is None else str(cell) for cell in row) for row in rows)
    return text.encode(encoding)


# Excel 97–2003


def xls(
    rows: Iterable[Sequence[Any]], *, state: int = 0, password: bool = False, extra: bytes = b""
) -> bytes:
    """A BIFF8 workbook of one sheet in an OLE container; `extra` are further records of the sheet."""
    cells = b"".join(
        _biff_cell(row, column, value)
        for row, line in enumerate(rows)
        for column, value in enumerate(line)
        if value is not None
    )
    name = "表1".encode("utf-16-le")
    secret = _record(0x2F, b"\0" * 6) if password else b""
    head = (
        _record(0x0809, struct.pack("<HHHHII", 0x0600, 5, 0, 0, 0, 0))
        + secret
        + _record(0x42, struct.pack("<H", 1200))
    )
    bound = struct.calcsize("<HHIBBBB") + len(name)
    offset = len(head) + bound + 4
    head += _record(0x85, struct.pack("<IBBBB", offset, state, 0, len(name) // 2, 1) + name) + _record(
        0x0A, b""
    )
    sheet = (
        _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x10, 0, 0, 0, 0)) + cells + extra + _record(0x0A, b"")
    )
    return ole({"Workbook": head + sheet})


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def biff_error(row: int, column: int, code: int = 42) -> bytes:
    return _record(0x0205, struct.pack("<HHHBB", row, column, 0, code, 1))


def _biff_cell(row: int, column: int, value: Any) -> bytes:
    if isinstance(value, int | float):
        return _record(0x0203, struct.pack("<HHHd", row, column, 0, value))
    text = str(value)
    return _record(0x0204, struct.pack("<HHHHB", row, column, 0, len(text), 1) + text.encode("utf-16-le"))


def biff_number(row: int, column: int, value: float) -> bytes:
    return _biff_cell(row, column, value)


def ole(streams: Mapping[str, bytes]) -> bytes:
    """A compound file with these streams, each long enough to stand in ordinary sectors."""
    padded = {
        name: content.ljust(max(4096, -(-len(content) // 512) * 512), b"\0")
        for name, content in streams.items()
    }
    directory_sectors = -(-(len(padded) + 1) // 4)
    total = directory_sectors + sum(len(content) // 512 for content in padded.values())
    fat_sectors = -(-(total + 8) // 127)
    fat = [0xFFFFFFFD] * fat_sectors
    start = fat_sectors
    fat += [start + i + 1 for i in range(directory_sectors - 1)] + [0xFFFFFFFE]
    directory_at = start
    start += directory_sectors
    entries = _entry("Root Entry", 5, 0xFFFFFFFE, 0, child=1)
    for position, (name, content) in enumerate(padded.items(), start=1):
        count = len(content) // 512
        following = position + 1 if position < len(padded) else 0xFFFFFFFF
        entries += _entry(name, 2, start, len(content), right=following)
        fat += [start + i + 1 for i in range(count - 1)] + [0xFFFFFFFE]
        start += count
    entries = entries.ljust(directory_sectors * 512, b"\0")
    fat += [0xFFFFFFFF] * (fat_sectors * 128 - len(fat))
    difat = list(range(fat_sectors)) + [0xFFFFFFFF] * (109 - fat_sectors)
    header = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + b"\0" * 16
        + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
        + b"\0" * 6
    )
    header += struct.pack("<IIIIIIIII", 0, fat_sectors, directory_at, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    return (
        header
        + struct.pack("<109I", *difat)
        + struct.pack(f"<{len(fat)}I", *fat)
        + entries
        + b"".join(padded.values())
    )


def _entry(
    name: str, kind: int, start: int, size: int, *, child: int = 0xFFFFFFFF, right: int = 0xFFFFFFFF
) -> bytes:
    words = name.encode("utf-16-le") + b"\0\0"
    return (
        words.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(words), kind, 1, 0xFFFFFFFF, right, child)
        + b"\0" * 36
        + struct.pack("<IQ", start, size)
    )


# Files made to do harm


@dataclass(frozen=True)
class Hostile:
    """A file, what it is called, and the code of the refusal it must meet (None: it must be read)."""

    name: str
    make: Callable[[], bytes]
    refusal: str | None


def _good() -> bytes:
    return xlsx(month(sheet_row()))


def _with(row: str) -> bytes:
    return xlsx({"Sheet1": rows_xml(month(sheet_row())) + row})


def _truncated(share: float) -> bytes:
    data = xlsx(month(*[sheet_row(f"GZ001-{i}") for i in range(200)]))
    return data[: int(len(data) * share)]


def _flipped() -> bytes:
    data = bytearray(_good())
    for at in range(60, data.find(b"PK\x01\x02"), 37):
        data[at] ^= 0x55
    return bytes(data)


def _bomb(megabytes: int) -> bytes:
    return xlsx(month(sheet_row()), parts={"xl/worksheets/sheet1.xml": b" " * (megabytes << 20)})


def _lying_bomb() -> bytes:
    """Its directory says a hundred bytes where 150 MB come out."""
    data = xlsx(month(sheet_row()), parts={"xl/sharedStrings.xml": b"<sst><si><t>" + b"A" * (150 << 20)})
    return data.replace(struct.pack("<I", (150 << 20) + 12), struct.pack("<I", 100))


def _many_members() -> bytes:
    return xlsx(month(sheet_row()), parts={f"xl/media/{i}.txt": "" for i in range(6000)})


def _entities() -> bytes:
    levels = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
    bomb = f'<!DOCTYPE sst [<!ENTITY a0 "ha">{levels}]><sst><si><t>&a9;</t></si></sst>'
    return xlsx(month(sheet_row()), parts={"xl/sharedStrings.xml": bomb})


def _outside_entity() -> bytes:
    bomb = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1" t="str"><v>&e;</v></c></row></sheetData></worksheet>'
    return xlsx(month(sheet_row()), parts={"xl/worksheets/sheet1.xml": bomb})


def _shared_text_bomb() -> bytes:
    texts = "".join(f"<si><t>{i:012}</t></si>" for i in range(4_000_000))
    return xlsx(month(sheet_row()), parts={"xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{texts}</sst>'})


def _one_huge_text() -> bytes:
    return xlsx(
        {"Sheet1": f'<row r="1"><c r="A1" t="inlineStr"><is><t>{"长" * 30_000_000}</t></is></c></row>'}
    )


def _styled_emptiness() -> bytes:
    """Every cell of a large area has a style and nothing in it, as when whole columns were painted."""
    row = "".join('<c s="1"/>' for _ in range(150))
    empty = "".join(f'<row r="{i}">{row}</row>' for i in range(10, 15_000))
    return xlsx({"Sheet1": rows_xml(month(sheet_row())) + empty})


def _ten_thousand_columns() -> bytes:
    return xlsx([[*HEADINGS, *[f"栏{i}" for i in range(10_000)]], sheet_row()])


def _endless_rows() -> bytes:
    return xlsx(
        {
            "Sheet1": rows_xml(month(sheet_row()))
            + "".join(f'<row r="{i}"><c r="A{i}"><v>1</v></c></row>' for i in range(30, 120_000))
        }
    )


def _dense() -> bytes:
    line = "".join("<c><v>1</v></c>" for _ in range(200))
    return xlsx({"Sheet1": "".join(f"<row>{line}</row>" for _ in range(19_000))})


def _many_sheets() -> bytes:
    return xlsx({"记录": month(sheet_row()), **{f"s{i}": [["x"]] for i in range(1500)}})


def _html() -> bytes:
    return (
        "<html><table>" + "".join(f"<tr><td>{h}</td></tr>" for h in HEADINGS) + "</table></html>"
    ).encode()


def _looping_ole() -> bytes:
    data = bytearray(xls(month(sheet_row())))
    for at in range(512, 1024, 4):
        data[at : at + 4] = struct.pack("<I", 1)
    return bytes(data)


def _locked_member() -> bytes:
    data = bytearray(_good())
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        data[at + 8] |= 1
        at = data.find(b"PK\x01\x02", at + 1)
    return bytes(data)


def hostile() -> list[Hostile]:
    """Everything that has ever been uploaded by mistake or malice, as far as we could think of it."""
    png = b"\x89PNG\r\n\x1a\n" + b"\0" * 2000
    docx = package({"[Content_Types].xml": "<Types/>", "word/document.xml": "<w:document/>"})
    return [
        Hostile("empty.xlsx", lambda: b"", "empty"),
        Hostile("blank.csv", lambda: b" \r\n\r\n \t", "empty"),
        Hostile("zeros.xls", lambda: b"\0" * 100_000, "empty"),
        Hostile("form.xlsx", lambda: b"%PDF-1.7\n" + b"x" * 5000, "not_what_it_says"),
        Hostile("polyglot.xlsx", lambda: b"%PDF-1.7\n" + _good(), "not_what_it_says"),
        Hostile("photo.xlsx", lambda: png, "not_what_it_says"),
        Hostile("photo.xls", lambda: b"\xff\xd8\xff\xe0" + b"\1" * 900, "not_what_it_says"),
        Hostile("program.csv", lambda: b"MZ\x90\0\3\0" + b"\0\xff" * 900, "not_what_it_says"),
        Hostile("letter.xlsx", lambda: docx, "not_what_it_says"),
        Hostile("slides.xlsx", lambda: package({"ppt/presentation.xml": "<p/>"}), "not_what_it_says"),
        Hostile("table.ods", lambda: package({"content.xml": "<office/>"}), "not_what_it_says"),
        Hostile("archive.xlsx", lambda: package({"readme.txt": "hello"}), "zip"),
        Hostile("archive of months.xlsx", lambda: package({"4月.xlsx": _good()}), "zip"),
        Hostile("archive.rar", lambda: b"Rar!\x1a\x07\0" + b"\1" * 100, "not_what_it_says"),
        Hostile("binary.xlsb", lambda: package({"xl/workbook.bin": b"\0"}), "binary_workbook"),
        Hostile("page.xls", _html, "web_page"),
        Hostile("page.mht.xls", lambda: b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n", "web_page"),
        Hostile("2003.xml.xls", lambda: b'<?xml version="1.0"?><Workbook/>', "web_page"),
        Hostile("letter.xls", lambda: ole({"WordDocument": b"x"}), "not_what_it_says"),
        Hostile("locked.xlsx", lambda: ole({"EncryptionInfo": b"x", "EncryptedPackage": b"y" * 9000}), "password"),
        Hostile("locked.xls", lambda: xls(month(sheet_row()), password=True), "password"),
        Hostile("locked members.xlsx", _locked_member, "password"),
        Hostile("half.xlsx", lambda: _truncated(0.5), "broken"),
        Hostile("nearly whole.xlsx", lambda: _truncated(0.98), "broken"),
        Hostile("first bytes.xlsx", lambda: _good()[:4], "broken"),
        Hostile("flipped.xlsx", _flipped, "broken"),
        Hostile("half.xls", lambda: xls(month(sheet_row()))[:1200], "broken"),
        Hostile("looping.xls", _looping_ole, "broken"),
        Hostile("only a header.xls", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 600, "broken"),
        Hostile("bomb.xlsx", lambda: _bomb(300), "too_large_inside"),
        Hostile("smaller bomb.xlsx", lambda: _bomb(150), "broken"),
        Hostile("lying bomb.xlsx", _lying_bomb, "broken"),
        Hostile("members.xlsx", _many_members, "too_large_inside"),
        Hostile("entities.xlsx", _entities, "broken"),
        Hostile("outside entity.xlsx", _outside_entity, "broken"),
        Hostile("texts.xlsx", _shared_text_bomb, "too_large_inside"),
        Hostile("one text.xlsx", _one_huge_text, "no_headings"),
        Hostile("deep.xlsx", lambda: _with("<a>" * 200_000 + "</a>" * 200_000), None),
        Hostile("dense.xlsx", _dense, "too_large_inside"),
        Hostile("painted.xlsx", _styled_emptiness, None),
        Hostile("last corner.xlsx", lambda: _with('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), None),
        Hostile("last corner without a name.xlsx", lambda: _with('<row r="1048576"><c><v>1</v></c></row>'), None),
        Hostile("beyond the grid.xlsx", lambda: _with('<row r="99999999999"><c r="ZZZZZZ99999999999"><v>1</v></c></row>'), None),
        Hostile("line nought.xlsx", lambda: _with('<row r="0"><c r="A0"><v>1</v></c></row>'), None),
        Hostile("line x.xlsx", lambda: _with('<row r="x"><c><v>1</v></c></row>'), "broken"),
        Hostile("no such text.xlsx", lambda: _with('<row r="9"><c r="A9" t="s"><v>7</v></c></row>'), "broken"),
        Hostile("columns.xlsx", _ten_thousand_columns, "too_wide"),
        Hostile("rows.xlsx", _endless_rows, "too_long"),
        Hostile("sheets.xlsx", _many_sheets, None),
        Hostile("nothing.xlsx", lambda: xlsx([]), "empty_sheet"),
        Hostile("only hidden.xlsx", lambda: xlsx({"草稿": month(sheet_row())}, states={"草稿": "veryHidden"}), "only_hidden"),
        Hostile("macros.xlsm", lambda: xlsx(month(sheet_row()), parts={"xl/vbaProject.bin": b"\0" * 50}), None),
        Hostile("far.xls", lambda: xls(month(sheet_row()), extra=biff_number(65_535, 255, 1)), "far_cell"),
        Hostile("hidden.xls", lambda: xls(month(sheet_row()), state=1), "only_hidden"),
        Hostile("good.xls", lambda: xls(month(sheet_row())), None),
        Hostile("other headings.xlsx", lambda: xlsx([["a", "b"], [1, 2]]), "no_headings"),
        Hostile("letter.txt", lambda: "本月维修情况如下\r\n请查收".encode(), "no_columns"),
        Hostile("binary.csv", lambda: bytes(range(1, 255)) * 40, "encoding"),
        Hostile("quotes.csv", lambda: csv(month(sheet_row())) + '\r\n"开了没关,x'.encode() + b"\r\na,b" * 3000, "quotes"),
        Hostile("long line.csv", lambda: b"a," * 3_000_000, "too_wide"),
        Hostile("wide.csv", lambda: csv([[*HEADINGS, *range(1000)]]), "too_wide"),
        Hostile("long.csv", lambda: csv(month(*[sheet_row(f"GZ001-{i}") for i in range(20_100)])), "too_long"),
        Hostile("heavy.csv", lambda: b"x" * (21 << 20), "too_large"),
        Hostile("utf16.csv", lambda: csv(month(sheet_row()), "utf-16"), None),
        Hostile("gbk.csv", lambda: csv(month(sheet_row()), "gb18030"), None),
    ]  # fmt: skip
