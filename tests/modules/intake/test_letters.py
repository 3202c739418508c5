"""Mails as thousands of programs write them: read, never lost, never a fault."""

import base64
import random

import pytest

from sanbao.intake import letters


def mail(
    body: bytes = "油烟机响".encode(), *, head: str = "", kind: str = "text/plain; charset=utf-8", coding: str = "8bit", sender: str = "张三 <zhang@example.com>", subject: str = "报修"
) -> bytes:  # fmt: skip
    """A mail with one part."""
    lines = f"From: {sender}\r\nSubject: {subject}\r\nMessage-ID: <1@example.com>\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: {coding}\r\n{head}\r\n"
    return lines.encode("utf-8") + body


def several(*parts: tuple[str, bytes], kind: str = "mixed") -> bytes:
    """A mail of several parts: (their headers, their bytes)."""
    pieces = b"".join(b"--b\r\n" + head.encode() + b"\r\n\r\n" + body + b"\r\n" for head, body in parts)
    return mail(pieces + b"--b--\r\n", kind=f'multipart/{kind}; boundary="b"')


def test_who_what_and_the_words_are_read() -> None:
    letter = letters.read(mail())
    assert (letter.sender, letter.name, letter.subject, letter.text) == (
        "zhang@example.com",
        "张三",
        "报修",
        "油烟机响",
    )
    assert (letter.number, letter.answers, letter.automatic) == ("1@example.com", (), False)


@pytest.mark.parametrize(
    "charset", ["utf-8", "gb2312", "gbk", "gb18030", "big5", "utf-16", "no-such-charset", ""]
)
def test_chinese_comes_through_in_every_charset(charset: str) -> None:
    data = "油煙機響" if charset == "big5" else "油烟机响"
    known = charset if charset not in ("no-such-charset", "") else "gb18030"
    letter = letters.read(
        mail(data.encode(known), kind=f"text/plain; charset={charset}" if charset else "text/plain")
    )
    assert letter.text == data


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("=?utf-8?B?" + base64.b64encode("油烟机".encode()).decode() + "?=", "油烟机"),
        ("=?gb2312?B?" + base64.b64encode("油烟机".encode("gb2312")).decode() + "?=", "油烟机"),
        ("=?utf-8?Q?=E6=B2=B9?= =?utf-8?Q?=E7=83=9F?=", "油烟"),
        ("=?nonsense?B?!!!?=", "=?nonsense?B?!!!?="),
        ("two\r\n lines", "two lines"),
    ],
)
def test_headings_are_decoded_and_broken_ones_shown_as_they_stand(written: str, read: str) -> None:
    assert letters.read(mail(subject=written)).subject == read


def test_a_page_gives_its_words_only() -> None:
    page = "<head><style>p{}</style></head><p>油烟机<br>响</p><script>alert(1)</script><div>&lt;急&gt;</div>"
    assert letters.read(mail(page.encode(), kind="text/html; charset=utf-8")).text == "油烟机\n响\n\n<急>"


def test_of_text_and_page_the_text_is_taken() -> None:
    raw = several(
        ("Content-Type: text/plain; charset=utf-8", "文字".encode()),
        ("Content-Type: text/html; charset=utf-8", "<p>网页</p>".encode()),
        kind="alternative",
    )
    assert letters.read(raw).text == "文字"


def test_files_keep_their_chinese_names_and_what_could_run_is_kept_out() -> None:
    name = "=?utf-8?B?" + base64.b64encode("铭牌.jpg".encode()).decode() + "?="
    raw = several(
        ("Content-Type: text/plain", b"see"),
        (f'Content-Type: image/jpeg\r\nContent-Disposition: attachment; filename="{name}"\r\nContent-Transfer-Encoding: base64', base64.b64encode(b"picture")),
        ('Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="bill.pdf.exe"', b"MZ"),
        ("Content-Type: application/pdf\r\nContent-Disposition: attachment; filename*=utf-8''%E5%8F%91%E7%A5%A8.pdf", b"%PDF"),
        ('Content-Type: text/plain\r\nContent-Disposition: attachment; filename="../../etc/passwd"', b"x"),
    )  # fmt: skip
    letter = letters.read(raw)
    assert letter.files == (("铭牌.jpg", b"picture"), ("发票.pdf", b"%PDF"), (".._.._etc_passwd", b"x"))
    assert letter.kept_out == ("bill.pdf.exe",)


def test_what_it_answers_is_named_nearest_first() -> None:
    head = "References: <a@x> <b@x>\r\nIn-Reply-To: <c@x>\r\n"
    assert letters.read(mail(head=head)).answers == ("c@x", "b@x", "a@x")


@pytest.mark.parametrize(
    "head",
    ["Auto-Submitted: auto-replied\r\n", "Precedence: bulk\r\n", "List-Id: <news.example.com>\r\n", "Return-Path: <>\r\n", "X-Auto-Response-Suppress: All\r\n"],
)  # fmt: skip
def test_machines_are_known_by_their_headers(head: str) -> None:
    """RFC 3834."""
    assert letters.read(mail(head=head)).automatic


@pytest.mark.parametrize(
    "sender", ["MAILER-DAEMON@example.com", "no-reply@example.com", "postmaster@x.cn", "not an address", ""]
)
def test_and_by_their_names(sender: str) -> None:
    assert letters.read(mail(sender=sender)).automatic


def test_control_a_person_is_no_machine() -> None:
    assert not letters.read(mail(head="Auto-Submitted: no\r\n")).automatic


@pytest.mark.parametrize(
    "below",
    ["-----原始邮件-----\n旧", "On Mon, 1 Jan 2026 at 10:00, x wrote:\n> 旧", "在 2026年5月1日，客服写道：\n旧", "发件人: 客服 <a@b.cn>\n旧", "> 旧\n> 旧"],
)  # fmt: skip
def test_the_letter_that_is_answered_is_cut_off(below: str) -> None:
    assert letters.without_quotation(f"还是响\n\n{below}") == "还是响"


def test_a_letter_of_nothing_but_quotation_is_left_whole() -> None:
    assert letters.without_quotation("> 旧") == "> 旧"


def test_a_thousand_spoiled_mails_are_read_without_a_fault() -> None:
    """Bytes turned, cut, doubled and mixed: something is read of each of them."""
    dice = random.Random(20261124)
    good = [
        mail(), several(("Content-Type: text/plain; charset=gb2312", "油烟机".encode("gb2312")), ('Content-Type: image/png\r\nContent-Disposition: attachment; filename="a.png"\r\nContent-Transfer-Encoding: base64', b"AAAA")),
        mail("<p>x</p>".encode("utf-16"), kind="text/html; charset=utf-16", coding="quoted-printable"), b"", b"\r\n\r\n", b"Content-Type: multipart/mixed\r\n\r\nx",
    ]  # fmt: skip
    for _round in range(1_000):
        raw = bytearray(dice.choice(good))
        for _hit in range(dice.randint(1, 12)):
            place = dice.randint(0, len(raw))
            match dice.randint(0, 3):
                case 0:
                    raw[place : place + 1] = bytes([dice.randint(0, 255)])
                case 1:
                    del raw[place : place + dice.randint(1, 30)]
                case 2:
                    raw[place:place] = dice.choice(
                        [b"=?utf-8?B?", b"--b", b"\r\n", b"\0", b"<", b"%", b"charset=", b";;"]
                    )
                case _:
                    raw[place:place] = raw[: dice.randint(0, 60)]
        letter = letters.read(bytes(raw))
        assert letter.number and "\0" not in letter.text + letter.subject + letter.name
