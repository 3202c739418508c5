"""No secret, no phone, no row of a customer stands in a log, whatever text it hides in; and nobody writes lines of their own."""

import pytest

from sanbao.edge import masking


@pytest.mark.parametrize("text", [
    "call 13812345678 now", "+86 138 1234 5678", "０１３８１２３４５６７８", "010-8765-4321", "400 800 1234",
    "440106199001011234", "44010619900101123X", "6222 0212 3456 7890 123", "tel13812345678x", "code 123456",
])  # fmt: skip
def test_numbers_of_people_are_masked_however_they_are_written(text: str) -> None:
    """ASVS 16.2.5."""
    found = masking.text(text)
    assert "[number]" in found
    assert sum(letter.isdigit() for letter in found) == 0


@pytest.mark.parametrize(("text", "secret"), [
    ("password=Hunter2!x", "Hunter2!x"), ("{'password': 'Hunter2 with blanks'}", "Hunter2"), ('"new_password": "Hunter2"', "Hunter2"),
    ("密码：Hunter2", "Hunter2"), ("Authorization: Bearer abc.def", "abc.def"), ("Cookie: session=abc; csrf=def", "abc"),
    ("Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"), ("sb_Q1w2e3", "Q1w2e3"), ("eyJhbGciOi.eyJzdWIi.c2ln", "c2ln"),
    ("postgresql://sanbao:Hunter2@db/x", "Hunter2"), ("/password/link/abc-DEF_1/", "abc-DEF_1"), ("/?q=Hunter2&page=2", "Hunter2"),
    ("key Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MA-_x went", "Zm9vYmFy"), ("session 0k3j5h2g8f7d6s9a0k3j5h2g8f7d6s9a", "0k3j5h2g"),
    ("mail wang.xiaoming+x@example.com.cn", "wang"), ("plate 粤A·12345 and 粤AD12345", "12345"), ("京Ａ", "不"),
])  # fmt: skip
def test_secrets_and_addresses_are_masked_in_any_text(text: str, secret: str) -> None:
    """ASVS 16.2.5, 14.2.1."""
    assert secret not in masking.text(text)


@pytest.mark.parametrize(
    "text",
    ["2026-11-24", "2026-11-24 03:16", "statement 12 of GZ001", "sanbao/edge/logs.py:120 in tell", "3.11.2"],
)
def test_what_is_no_secret_stays_readable(text: str) -> None:
    assert masking.text(text) == text


@pytest.mark.parametrize("name", ["password", "new_password1", "csrfmiddlewaretoken", "api_key", "Authorization", "sessionid", "totp"])  # fmt: skip
@pytest.mark.parametrize("value", ["Hunter2", 123456, ["Hunter2"], {"a": "Hunter2"}])
def test_fields_with_a_secret_name_are_never_written(name: str, value: object) -> None:
    """ASVS 16.2.5."""
    found = masking.masked(None, "", {"form": {name: value}, name: value})
    assert found == {"form": {name: masking.HIDDEN}, name: masking.HIDDEN}


def test_what_was_brought_is_taken_out_of_an_exceptions_text_word_for_word() -> None:
    token = masking.brought.set(lambda: ["correct horse", "ab", "correct horse battery"])
    try:
        assert masking.told("no correct horse battery, no correct horse, ab: 王小明 lives") == (
            "no [input], no [input], ab: [text] lives"
        )
    finally:
        masking.brought.reset(token)


def test_asking_for_what_was_brought_may_fail() -> None:
    def fails() -> list[str]:
        raise OSError

    token = masking.brought.set(fails)
    try:
        assert masking.told("as it was") == "as it was"
    finally:
        masking.brought.reset(token)


@pytest.mark.parametrize(
    "control", ["\n", "\r", "\x1b[31m", "\x00", "\x85", "\u2028", "\u202e", "\ud800", "\x7f"]
)
def test_nobody_writes_a_line_of_their_own(control: str) -> None:
    """ASVS 16.4.1: newlines, terminal's controls and turned text become escapes, in names as in values."""
    found = masking.plain(None, "", {"a" + control: "x" + control, "b": [{"c": control}]})
    assert all(letter.isprintable() for letter in str(found))
    assert control not in str(found).replace("\\\\", "")


def test_a_megabyte_of_text_is_cut_and_costs_little() -> None:
    from time import process_time

    for hostile in (
        "1 " * 500_000,
        "a" * 1_000_000,
        "password" * 100_000,
        "A1a-" * 250_000,
        "/?a=" * 250_000,
    ):
        begun = process_time()
        assert len(masking.told(hostile)) <= masking.LONGEST * 4
        assert process_time() - begun < 0.2
