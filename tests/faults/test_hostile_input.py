"""Whatever a request holds, it is answered by a sentence in the reader's language, with every security header, and never by a 500."""

import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from sanbao.edge.headers import HEADERS
from sanbao.edge.hygiene import DEEPEST_JSON, LARGEST_JSON, LONGEST_URL, SENTENCES, Dirty, read_json

API = "/api/v1/settlements/findings"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def stranger(db: None) -> Client:
    """Nobody in particular; a fault of ours comes back as the 500 that a browser would see."""
    return Client(raise_request_exception=False)


def said(answer: HttpResponse, status: int, *, json_wanted: bool = False) -> None:
    """The answer has this status, our words and all headers."""
    assert answer.status_code == status
    for name, value in HEADERS.items():
        assert answer.headers.get(name) == value, name
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "no-store" in answer.headers["Cache-Control"]
    assert {"Cookie", "HX-Request"} <= {part.strip() for part in answer.headers["Vary"].split(",")}
    if json_wanted:
        assert set(answer.json()) >= {"code", "sentence"}
    else:
        assert 'class="error-code"' in answer.content.decode()


def bare(client: Client, method: str = "GET", path: str = "/", **environ: Any) -> HttpResponse:
    """A request with parts of its WSGI environment as a hostile program would send them."""
    return client.generic(method, path, environ.pop("data", b""), environ.pop("content_type", ""), **environ)


@pytest.mark.parametrize(
    "path", ["/outlets/%00", "/%ff", "/outlets/%ED%A0%80/", "/%0d%0aSet-Cookie:x", "/%C0%AE%C0%AE/"]
)
def test_a_path_of_broken_characters_is_refused(stranger: Client, path: str) -> None:
    """ASVS 1.1.1, 2.2.1: decoded once, into a canonical form, before anything is checked."""
    said(stranger.get(path), 400)


@pytest.mark.parametrize("query", ["q=%00", "q=%ff", "%00=1", "q=%ED%A0%80", "q=a%FFb&page=2", "q=\xff"])
def test_a_query_of_broken_characters_is_refused(stranger: Client, query: str) -> None:
    """ASVS 2.2.1."""
    said(bare(stranger, path="/sign-in/", QUERY_STRING=query), 400)


def test_rare_characters_and_emoji_in_a_query_are_let_through(stranger: Client) -> None:
    assert stranger.get("/sign-in/", {"next": "/𠮷野家/😀"}).status_code == 200


def test_too_many_parameters_are_refused(stranger: Client) -> None:
    """ASVS 15.3.7, 2.4.1: a flood of parameters is work for nobody."""
    said(stranger.get("/sign-in/?" + "&".join(f"a{n}=" for n in range(300))), 400)
    said(stranger.post("/sign-in/", {f"a{n}": "" for n in range(2500)}), 400)


def test_a_long_address_is_refused(stranger: Client) -> None:
    """ASVS 4.2.5."""
    said(stranger.get("/sign-in/?q=" + "a" * LONGEST_URL), 414)


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost:99999999", "a b", "", "localhost/../", "[::1", "local\x00host", "@localhost"],
)
def test_another_host_is_refused(stranger: Client, host: str) -> None:
    """ASVS 3.4.x, 4.1.x: links are made with the host's name, so a foreign one is never believed."""
    said(bare(stranger, path="/sign-in/", HTTP_HOST=host), 400) if host else None


@pytest.mark.parametrize("length", ["abc", "-5", "1e3", "٣", "5, 6"])
def test_a_length_that_is_no_number_is_refused(stranger: Client, length: str) -> None:
    """ASVS 4.2.1: the end of a message is never guessed."""
    said(bare(stranger, "POST", "/sign-in/", data=b"a=b", content_type=FORM, CONTENT_LENGTH=length), 400)


def test_a_body_without_a_length_is_refused(stranger: Client) -> None:
    """ASVS 4.2.1."""
    said(
        bare(
            stranger,
            "POST",
            "/sign-in/",
            content_type=FORM,
            CONTENT_LENGTH="",
            HTTP_TRANSFER_ENCODING="chunked",
        ),
        411,
    )


@pytest.mark.parametrize("method", ["BREW", "TRACE", "CONNECT", "PROPFIND"])
def test_an_unknown_method_is_refused(stranger: Client, method: str) -> None:
    """ASVS 4.1.4: only methods the program knows, also those of tracing, are let through."""
    answer = stranger.generic(method, "/sign-in/")
    said(answer, 405)
    assert "GET" in answer.headers["Allow"]


def test_a_method_the_page_does_not_know_gets_our_page_and_the_list_of_those_it_knows(
    stranger: Client,
) -> None:
    answer = stranger.get("/theme/")
    said(answer, 405)
    assert answer.headers["Allow"] == "POST"


def test_a_header_of_control_characters_or_great_length_is_refused(stranger: Client) -> None:
    """ASVS 4.2.4, 4.2.5."""
    said(bare(stranger, path="/sign-in/", HTTP_REFERER="http://x/\x00"), 400)
    said(bare(stranger, path="/sign-in/", HTTP_USER_AGENT="x" * 10_000), 431)


def test_a_cookie_that_hides_nul_in_quotes_is_refused(stranger: Client) -> None:
    """Python reads `"\\000"` in a cookie as NUL, and PostgreSQL would then refuse the session's key with an error."""
    for name in ("session", "language", "theme", "csrf"):
        said(bare(stranger, path="/sign-in/", HTTP_COOKIE=f'{name}="a\\000b"'), 400)


# Forms


@pytest.mark.parametrize(
    "body", [b"username=%00", b"username=\x00", b"username=%ff", b"username=\xff", b"%ED%BF%BF=1"]
)
def test_a_form_of_broken_characters_is_refused(stranger: Client, body: bytes) -> None:
    """ASVS 2.2.1."""
    said(bare(stranger, "POST", "/sign-in/", data=body, content_type=FORM), 400)


def part(head: bytes, value: bytes, boundary: bytes = b"b") -> bytes:
    return (
        b"--"
        + boundary
        + b"\r\nContent-Disposition: form-data; "
        + head
        + b"\r\n\r\n"
        + value
        + b"\r\n--"
        + boundary
        + b"--\r\n"
    )


@pytest.mark.parametrize(
    "body",
    [
        part(b'name="username"', b"\x00"),
        part(b'name="username"', b"\xff\xfe"),
        part(b"name*=utf-8''%FF", b"a"),
        part(b"name=\"f\"; filename*=UTF-8''%ED%A0%80.xlsx", b"a"),
    ],
)
def test_a_multipart_form_of_broken_characters_is_refused(stranger: Client, body: bytes) -> None:
    """ASVS 2.2.1, 5.3.2: also in the names of files."""
    said(bare(stranger, "POST", "/sign-in/", data=body, content_type="multipart/form-data; boundary=b"), 400)


@pytest.mark.parametrize(
    "kind",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=" + "x" * 300,
        "multipart/form-data; boundary=\xff",
        "multipart/form-data; boundary=b; charset=base64",
        "multipart/form-data; boundary=b; charset=utf-16",
        FORM + "; charset=utf-7",
        FORM + "; charset=nonsense",
    ],
)
def test_odd_boundaries_and_character_sets_are_refused(stranger: Client, kind: str) -> None:
    """ASVS 4.1.1, 1.5.x: one reading of a message only."""
    body = part(b'name="username"', b"a")
    said(bare(stranger, "POST", "/sign-in/", data=body, content_type=kind), 400)


@pytest.mark.parametrize(
    "body",
    [
        b"--b\r\nContent-Disposition: form-data",
        b"--b\r\n" + b"X: y\r\n" * 20_000 + b"\r\n\r\n--b--",
        part(b'name="a"\r\nContent-Transfer-Encoding: base64', b"!!!"),
        part(b'name="f"; filename="a.xlsx"\r\nContent-Transfer-Encoding: base64', b"!!!!!"),
        b"",
        b"\x00" * 500,
        part(b'name="user\xffname"', b"a"),  # a part whose head cannot be read is left out
        part(b'name="f"; filename="\xff.xlsx"', b"a"),
        b"--b--b--b\r\n\r\n\r\n--b--",
    ],
)
def test_a_multipart_form_that_is_none_is_no_fault_of_ours(stranger: Client, body: bytes) -> None:
    answer = bare(stranger, "POST", "/sign-in/", data=body, content_type="multipart/form-data; boundary=b")
    assert answer.status_code < 500


def test_many_files_and_many_fields_are_refused(stranger: Client) -> None:
    """ASVS 5.1.1, 5.2.x."""
    files = (
        b"".join(part(b'name="f"; filename="%d.txt"' % n, b"a")[:-7] + b"\r\n" for n in range(200))
        + b"--b--\r\n"
    )
    fields = b"".join(part(b'name="f%d"' % n, b"a")[:-7] + b"\r\n" for n in range(3_000)) + b"--b--\r\n"
    for body in (files, fields):
        said(
            bare(stranger, "POST", "/sign-in/", data=body, content_type="multipart/form-data; boundary=b"),
            400,
        )


@pytest.mark.parametrize(
    ("kind", "size"),
    [
        (FORM, 1_000_001),
        ("multipart/form-data; boundary=b", 30 * 2**20),
        ("multipart/form-data; boundary=b", 10**30),
        ("text/plain", 2_000_000),
    ],
)
def test_a_body_that_is_too_large_is_refused_before_it_is_read(
    stranger: Client, kind: str, size: int
) -> None:
    """ASVS 5.2.1, 4.2.5."""
    said(bare(stranger, "POST", "/sign-in/", data=b"a", content_type=kind, CONTENT_LENGTH=str(size)), 413)


def test_a_field_that_is_too_large_in_a_multipart_form_is_refused(stranger: Client) -> None:
    body = part(b'name="username"', b"a" * 3_000_000)
    said(bare(stranger, "POST", "/sign-in/", data=body, content_type="multipart/form-data; boundary=b"), 413)


# JSON


def deep(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


HOSTILE_JSON = {
    "nul": (b'{"a": "\\u0000"}', "characters"),
    "nul in a name": (b'{"\\u0000": 1}', "characters"),
    "half a pair": (b'["\\ud800"]', "characters"),
    "half a pair in a name": (b'[{"\\udfff": 1}]', "characters"),
    "no UTF-8": (b'["\xff"]', "characters"),
    "a written half": (b'["\xed\xa0\x80"]', "characters"),
    "NaN": (b"[NaN]", "number"),
    "Infinity": (b'{"a": -Infinity}', "number"),
    "too large for a float": (b"[1e999]", "number"),
    "thousands of digits": (b"[" + b"9" * 5_000 + b"]", "no_json"),
    "twice": (b'{"a": 1, "a": 2}', "twice"),
    "twice below": (b'[{"b": {"a": 1, "a": 1}}]', "twice"),
    "twice by escape": (b'{"a": 1, "\\u0061": 2}', "twice"),
    "33 levels": (deep(DEEPEST_JSON + 1), "deep_json"),
    "33 levels of objects": (b'{"a":' * 33 + b"1" + b"}" * 33, "deep_json"),
    "a hundred thousand levels": (deep(100_000), "deep_json"),
    "unclosed": (b"[" * 400_000, "deep_json"),
    "a text": (b"hello", "no_json"),
    "a mark before it": (b"\xef\xbb\xbf[]", "no_json"),
    "a comma too many": (b"[1,]", "no_json"),
    "two values": (b"[] []", "no_json"),
    "UTF-16": ("[1]".encode("utf-16"), "characters"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE_JSON)
def test_json_of_the_hostile_kinds_is_refused_by_name(name: str) -> None:
    """ASVS 1.5.3, 2.2.1, 15.3.x: one strict reader for every body, whichever endpoint asks."""
    data, code = HOSTILE_JSON[name]
    with pytest.raises(Dirty) as refused:
        read_json(data)
    assert refused.value.code == code


@pytest.mark.parametrize("name", HOSTILE_JSON)
def test_the_api_answers_hostile_json_with_a_sentence(sign_in: Any, name: str) -> None:
    """ASVS 4.1.1, 16.5.1."""
    client = sign_in("callbacks")
    client.raise_request_exception = False
    answer = client.post(API, HOSTILE_JSON[name][0], content_type="application/json")
    said(answer, 400, json_wanted=True)
    assert answer.json()["code"] == HOSTILE_JSON[name][1]


def test_json_of_32_levels_and_rare_characters_is_read() -> None:
    assert read_json(deep(DEEPEST_JSON)) == json.loads(deep(DEEPEST_JSON))
    assert read_json('{"name": "𠮷\\ud842\\udfb7", "n": [1, 2.5, null, true]}'.encode())["name"] == "𠮷𠮷"


def test_large_json_is_refused(stranger: Client) -> None:
    """ASVS 4.2.5."""
    said(
        stranger.post(API, b"[" + b" " * LARGEST_JSON + b"]", content_type="application/json"),
        413,
        json_wanted=True,
    )
    with pytest.raises(Dirty):
        read_json(b" " * (LARGEST_JSON + 1))


def test_an_empty_body_and_another_kind_of_body_are_refused_by_the_api(sign_in: Any) -> None:
    """ASVS 4.1.1: the type of content is checked."""
    client = sign_in("callbacks")
    said(client.post(API, b"", content_type="application/json"), 422, json_wanted=True)
    said(client.post(API, b"<a/>", content_type="application/xml"), 415, json_wanted=True)
    said(client.post(API, {"number": "1"}), 415, json_wanted=True)
    said(client.post(API, "number=1", content_type=FORM), 400, json_wanted=True)


def test_an_address_the_api_does_not_have_answers_json(stranger: Client) -> None:
    said(stranger.get("/api/v1/nothing"), 404, json_wanted=True)
    said(stranger.generic("BREW", API), 405, json_wanted=True)
    said(stranger.get("/api/v1/%00"), 400, json_wanted=True)


# The words


@pytest.mark.parametrize(("language", "words"), [("en", "could not be read"), ("zh-hans", "请求")])
def test_the_refusal_speaks_the_readers_language(stranger: Client, language: str, words: str) -> None:
    answer = stranger.get("/%00", headers={"Accept-Language": language})
    assert words in answer.content.decode()


def test_every_refusal_has_its_chinese() -> None:
    from django.utils import translation

    with translation.override("zh-hans"):
        for pair in SENTENCES.values():
            for words in pair:
                assert translation.gettext(words) != words
