"""Clauses recognised in plain text, and Word files read without harm."""

import io
import zipfile

import pytest

from sanbao.documents.reading import Unreadable, outline, plain, read_word
from sanbao.documents.reading import word as reader
from tests.modules.documents.make import docx, paragraph, table


def levels(text: str) -> list[tuple[int, str]]:
    return [(item.level, item.number) for item in outline(text).items]


def codes(text: str) -> list[tuple[str, str]]:
    return [(problem.severity, problem.code) for problem in outline(text).problems]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("第一章 总则\n第一条 甲\n第二条 乙\n第二章 范围\n第三条 丙", [(0, "第一章"), (1, "第一条"), (1, "第二条"), (0, "第二章"), (1, "第三条")]),
        ("一、甲\n（一）乙\n1. 丙\n2. 丁\n（二）戊\n二、己", [(0, "一、"), (1, "（一）"), (2, "1."), (2, "2."), (1, "（二）"), (0, "二、")]),
        ("1 ) 甲\n1.1 乙\n1.2 丙\n1.2.1 丁\n1.3 戊", [(0, ""), (0, "1.1"), (0, "1.2"), (1, "1.2.1"), (0, "1.3")]),
        ("4、3、1、退货\n(A)甲\n(B)乙\n4、3、2、换货\n(1)丙", [(0, "4、3、1、"), (1, "(A)"), (1, "(B)"), (0, "4、3、2、"), (1, "(1)")]),
        ("A、甲\nB、乙\n①丙\n②丁", [(0, "A、"), (0, "B、"), (1, "①"), (1, "②")]),
    ],
)  # fmt: skip
def test_numbers_of_every_kind_are_known_and_their_depth_is_learnt_from_the_text(text, found) -> None:
    """SX-1, RW-8: regulations number in many ways."""
    assert levels(text) == found


def test_several_clauses_in_one_line_are_divided_at_their_numbers_but_citations_are_not() -> None:
    found = outline(
        "第一章总则第一条为规范，制定本制度。第二条按第三条执行。\n第三条 分两步：先登记；再处理。"
    )
    assert [(item.number, item.text) for item in found.items] == [
        ("第一章", "总则"),
        ("第一条", "为规范，制定本制度。"),
        ("第二条", "按第三条执行。"),
        ("第三条", "分两步：先登记；再处理。"),
    ]


def test_what_only_looks_like_a_number_is_text() -> None:
    assert levels("1. 收费\n1.5元每公里为上限\n2012.1.14起执行\n2. 免费") == [(0, "1."), (0, "2.")]


def test_what_is_wrong_with_the_numbers_is_said_by_line() -> None:
    assert ("error", "twice") in codes("一、甲\n一、乙")
    assert ("warning", "gap") in codes("一、甲\n三、乙")
    assert ("warning", "back") in codes("一、甲\n二、乙\n一、丙")
    assert ("error", "no_clauses") in codes("没有编号的一段话")
    assert [problem.line for problem in outline("一、甲\n\n三、乙").problems] == [3]


def test_a_table_stays_a_table_through_the_plain_text_and_back() -> None:
    text = "一、标准\n| 项目 | 分值 |\n| 态度\\|仪表 | 5 |"
    [item] = outline(text).items
    assert item.table == [["项目", "分值"], ["态度|仪表", "5"]]
    assert plain([(item.number, item.text, item.table)]) == text


def test_the_numbers_word_counts_by_itself_are_written_out() -> None:
    """They stand nowhere in the file: a list, and a style that takes its list from another."""
    data = docx(
        paragraph("总则", list_="1"),
        paragraph("适用范围", list_="1", level=1),
        paragraph("职责", style="Sub"),
        paragraph("附则", style="Article"),
    )
    assert read_word(data, "a.docx").text == "第一条 总则\n1.1 适用范围\n1.2 职责\n第二条 附则"


def test_a_word_file_full_of_tables_is_read_with_its_tables_and_says_so() -> None:
    data = docx(
        table(("一、", "目的"), ("二、", "范围")),
        paragraph("一、正文"),
        table(("部门", "分值"), ("售后部", "10")),
        table(("只有一格的框",)),
    )
    read = read_word(data, "a.docx")
    assert (
        read.text
        == "| 一、 | 目的 |\n| 二、 | 范围 |\n一、正文\n| 部门 | 分值 |\n| 售后部 | 10 |\n只有一格的框"
    )
    assert any("2 张表格" in sentence for sentence in read.sentences("zh"))


def test_tracked_changes_are_read_as_accepted() -> None:
    data = docx(
        "<w:p><w:r><w:t>一、</w:t></w:r><w:del><w:r><w:delText>旧</w:delText></w:r></w:del><w:ins><w:r><w:t>新</w:t></w:r></w:ins></w:p>"
    )
    read = read_word(data, "a.docx")
    assert read.text == "一、新"
    assert [code for code, _words in read.notes] == ["revisions"]


def bomb() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"<w:p>" + b" " * 120 * 2**20)
    return made.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "a.docx", "empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old.doc", "old_word"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "renamed.docx", "old_word"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "locked.docx", "password"),
        (b"%PDF-1.7 ...", "a.docx", "not_what_it_says"),
        (b"%PDF-1.7 ...", "a.pdf", "not_word"),
        (docx(paragraph("一、甲"))[:200], "a.docx", "broken"),
        (docx(), "a.docx", "no_text"),
        (docx('<!DOCTYPE a [<!ENTITY b "c">]>'), "a.docx", "broken"),
        (bomb(), "a.docx", "too_large_inside"),
    ],
    ids=lambda each: each if isinstance(each, str) else None,
)  # fmt: skip
def test_a_hostile_or_wrong_file_is_refused_with_what_to_do(data: bytes, name: str, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        reader.read(data, name)
    assert refused.value.code == code
    assert refused.value.sentence("zh") and refused.value.sentence("en")


def test_the_child_reads_and_refuses_the_same() -> None:
    with pytest.raises(Unreadable) as refused:
        read_word(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old.doc")
    assert refused.value.code == "old_word"
