"""What every request is checked for before anybody looks at it (safety.md 1.8).

Texts with NUL, bytes that are no UTF-8, halves of surrogate pairs, too many parameters, bodies too large or cut short, odd lengths,
character sets, hosts and methods are answered here, with a page or JSON that says what to do. Behind it every view may rely on: each
text in the path, the query, the form, the names of files, the cookies and JSON is Unicode that PostgreSQL takes, and a JSON body has
at most a megabyte and 32 levels, no name twice, and only numbers that exist.

ASVS 5.0: 1.1.1, 1.2.x belong to the views; here are 2.2.1 (positive validation), 4.1.x, 4.2.x (message structure), 15.3.x.
"""

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

from django.core.exceptions import (
    DisallowedHost,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import HttpRequest, HttpResponse, RawPostDataException, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.http.request import split_domain_port
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from sanbao.edge import logs
from sanbao.edge.answers import answer, for_program, in_the_readers_language

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
WITH_BODY = frozenset(("POST", "PUT", "PATCH", "DELETE"))
LONGEST_URL = 4_000  # bytes of path and query as they were sent; a list with every filter filled has 2 500
LONGEST_HEADER = 8_000
MOST_PARAMETERS = 200
LARGEST_JSON = 1_000_000
LARGEST_BODY = 26 * 2**20  # a file of 20 MB or 25 pictures of a phone, and the form around it
DEEPEST_JSON = 32
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
# Django leaves bytes of a path that are no UTF-8 percent-encoded; a path encoded twice looks the same and is no better.
_NO_UTF8 = re.compile(r"%[89A-Fa-f][0-9A-Fa-f]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_BROKEN = re.compile(r"[\x00\ud800-\udfff]")


class Dirty(Exception):
    """A request nobody should look at: `code` for programs and for `SENTENCES`, `status` of the answer."""

    def __init__(self, code: str, status: int = 400):
        super().__init__(code)
        self.code, self.status = code, status


_UNREADABLE = gettext_noop("The request could not be read")
_TOO_LARGE = gettext_noop("This is too large")
SENTENCES: dict[str, tuple[str, str]] = {
    "characters": (_UNREADABLE, gettext_noop("The address, the form or a file's name holds characters that are no text. Go back, delete what was pasted and type it anew.")),
    "parameters": (_UNREADABLE, gettext_noop("The address has too many parts. Open the list from the menu and choose its filters anew.")),
    "fields": (_UNREADABLE, gettext_noop("The form has more fields or files than are accepted. Send it in several parts.")),
    "long_url": (gettext_noop("The address is too long"), gettext_noop("The address is longer than is accepted. Open the page from the menu and choose its filters anew.")),
    "header": (_UNREADABLE, gettext_noop("A header of the request is too long or holds control characters. Delete this site's cookies and sign in again.")),
    "host": (_UNREADABLE, gettext_noop("This address is not the one the program is known by. Ask your administrator for the right one (ALLOWED_HOSTS).")),
    "length": (_UNREADABLE, gettext_noop("The request does not say how long it is, or says it wrongly. Send it again.")),
    "cut_short": (_UNREADABLE, gettext_noop("The request came in only partly or in a wrong form. Go back and send it again.")),
    "charset": (_UNREADABLE, gettext_noop("The form is not written in UTF-8. Use a current browser.")),
    "too_large": (_TOO_LARGE, gettext_noop("What was sent is larger than is accepted (files up to 20 MB, other forms and JSON up to 1 MB). Send it in smaller parts.")),
    "method": (gettext_noop("This cannot be done here"), gettext_noop("The address does not know this kind of request. Open the page from the menu.")),
    "content_type": (_UNREADABLE, gettext_noop("The API reads application/json only; files are sent as multipart/form-data.")),
    "no_json": (_UNREADABLE, gettext_noop("The body is no JSON.")),
    "deep_json": (_UNREADABLE, gettext_noop("The JSON is nested more than 32 levels deep.")),
    "twice": (_UNREADABLE, gettext_noop("A name stands twice in an object of the JSON.")),
    "number": (_UNREADABLE, gettext_noop("The JSON holds a number that does not exist or is too large (NaN, Infinity).")),
}  # fmt: skip


class hygiene:
    """The middleware. It stands below the headers and above everything that reads the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            check(request)
        except Dirty as dirty:
            return refuse(request, dirty)
        response = self.get_response(request)
        if response.status_code == 405 and not response.streaming and not response.content:
            return _with_allow(refuse(request, Dirty("method", 405)), response.headers.get("Allow", ""))
        return response


def refuse(request: HttpRequest, dirty: Dirty) -> HttpResponse:
    """The answer to a request that is not looked at; a line in the log says so without what it held (ASVS 16.3.3)."""
    request.refused_for = dirty.code  # type: ignore[attr-defined]
    logs.warn("hygiene.refused", code=dirty.code, status=dirty.status)
    with in_the_readers_language(request):
        title, sentence = SENTENCES[dirty.code]
        response = answer(request, dirty.status, dirty.code, _(title), _(sentence))
    if dirty.status == 405:
        _with_allow(response, ", ".join(METHODS))
    return response


def _with_allow(response: HttpResponse, methods: str) -> HttpResponse:
    response.headers["Allow"] = methods
    return response


def check(request: HttpRequest) -> None:
    """Raise Dirty where the request is not fit to be read."""
    if request.method not in METHODS:
        raise Dirty("method", 405)
    environ = request.META
    _check_address(environ)
    _check_headers(environ)
    _check_host(request)
    _check_texts(request.COOKIES.values())
    if request.method in WITH_BODY:
        _check_body(request)


def _check_address(environ: Mapping[str, Any]) -> None:
    path, query = environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", "")
    if len(path) + len(query) > LONGEST_URL:
        raise Dirty("long_url", 414)
    if _CONTROL.search(path) or _NO_UTF8.search(path):
        raise Dirty("characters")
    if query.count("&") >= MOST_PARAMETERS:
        raise Dirty("parameters")
    _check_encoded(query.encode("latin-1", "replace"))


def _check_encoded(data: bytes) -> None:
    """Percent-encoded text: UTF-8 without NUL once decoded. "+" stands for a blank and need not be."""
    if b"%" in data:
        data = unquote_to_bytes(data)
    if b"\0" in data:
        raise Dirty("characters")
    if not data.isascii():
        _utf8(data)


def _utf8(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:  # halves of surrogate pairs are no UTF-8 either
        raise Dirty("characters") from None


def _check_headers(environ: Mapping[str, Any]) -> None:
    for name, value in environ.items():
        if name.startswith("HTTP_") and isinstance(value, str):
            if len(value) > LONGEST_HEADER:
                raise Dirty("header", 431)
            if not value.isprintable() and _CONTROL.search(value.replace("\t", " ")):
                raise Dirty("header")


def _check_host(request: HttpRequest) -> None:
    try:
        host = request.get_host()
    except DisallowedHost:
        raise Dirty("host") from None
    name, port = split_domain_port(host)
    if not name or (port and int(port) > 65_535):
        raise Dirty("host")


def _check_texts(texts: Iterable[str]) -> None:
    for text in texts:
        if _BROKEN.search(text):
            raise Dirty("characters")


# Bodies


def _check_body(request: HttpRequest) -> None:
    environ = request.META
    length = str(environ.get("CONTENT_LENGTH") or "")
    if environ.get("HTTP_TRANSFER_ENCODING") and not length:
        raise Dirty("length", 411)
    if length and not (length.isascii() and length.isdigit()):
        raise Dirty("length")
    if request.content_params and request.content_params.get("charset", "utf-8").strip('"').lower() not in (
        "utf-8",
        "utf8",
    ):
        raise Dirty("charset")  # fmt: skip
    size = int(length[:12] or 0)
    is_form = request.content_type in _FORMS
    if size > (LARGEST_BODY if request.content_type == "multipart/form-data" else LARGEST_JSON):
        raise Dirty("too_large", 413)
    if is_form:
        _check_form(request)
    elif for_program(request) and size:
        if request.content_type and not re.fullmatch(
            r"application/([a-z0-9.+-]+\+)?json", request.content_type
        ):
            raise Dirty("content_type", 415)
        request.json = read_json(_body(request))  # type: ignore[attr-defined]


def _body(request: HttpRequest) -> bytes:
    try:
        return request.body
    except RequestDataTooBig:
        raise Dirty("too_large", 413) from None
    except (UnreadablePostError, RawPostDataException):
        raise Dirty("cut_short") from None


def _check_form(request: HttpRequest) -> None:
    """A form's names, values and names of files. Django's own reader does the work; what it could not read stands in the texts."""
    if request.content_type != "multipart/form-data":
        _check_encoded(_body(request))
    try:
        form, files = request.POST, request.FILES
    except RequestDataTooBig:
        raise Dirty("too_large", 413) from None
    except (TooManyFieldsSent, TooManyFilesSent):
        raise Dirty("fields") from None
    except (MultiPartParserError, UnreadablePostError, ValueError, LookupError):
        raise Dirty("cut_short") from None
    if request.content_type != "multipart/form-data":
        return  # its bytes were looked at
    for name, values in form.lists():
        _check_part(name, *values)
    for name, uploads in files.lists():
        _check_part(name, *(upload.name or "" for upload in uploads))


def _check_part(*texts: str) -> None:
    """Texts of a multipart form. Its reader puts U+FFFD where the bytes were no UTF-8, so that sign is refused here."""
    for text in texts:
        if _BROKEN.search(text) or "\ufffd" in text:
            raise Dirty("characters")


# JSON


def read_json(data: bytes) -> Any:
    """JSON from outside, or Dirty: at most a megabyte and 32 levels, UTF-8, no name twice, no NaN, no half characters."""
    if len(data) > LARGEST_JSON:
        raise Dirty("too_large", 413)
    text = _utf8(data)
    try:
        found = json.loads(text, parse_constant=_no_number, parse_float=_finite, object_pairs_hook=_once_each)
    except RecursionError:
        raise Dirty("deep_json") from None
    except ValueError:  # also a whole number of thousands of digits
        raise Dirty("no_json") from None
    _check_tree(found)
    return found


def _no_number(_text: str) -> Any:
    raise Dirty("number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise Dirty("number")
    return number


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Dirty("twice")
    return found


def _check_tree(root: Any) -> None:
    """The depth and every text of a JSON value, without recursion."""
    level: list[Any] = [root]
    for _depth in range(DEEPEST_JSON):
        inner: list[Any] = []
        for value in level:
            if type(value) is str:
                if not value.isascii() or "\0" in value:
                    _check_texts((value,))
            elif type(value) is dict:
                inner.extend(value.keys())
                inner.extend(value.values())
            elif type(value) is list:
                inner.extend(value)
        if not inner:
            return
        level = inner
    if any(isinstance(value, dict | list) for value in level):
        raise Dirty("deep_json")
    _check_texts(value for value in level if isinstance(value, str))
