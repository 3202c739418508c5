"""What must never stand in a log, taken out of every line before it is written (ASVS 16.2.5, 16.4.1).

Three nets, one behind the other:

1. By name: the value of a field called password, token, cookie … is never written, wherever it lies.
2. By shape: phones, ID-card numbers, bank accounts, plates, mail addresses, codes, keys, one-use links, values of queries.
3. By origin: in the texts of exceptions, and of libraries, whatever the request or the job at hand brought with it (forms, JSON,
   cookies, headers, arguments) is taken out word for word, and so is Chinese text: names and addresses have no shape.

Control characters are written as escapes, so that nobody can write a line of their own into the log (ASVS 16.4.1).
"""

import re
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from contextvars import ContextVar
from typing import Any

HIDDEN = "[hidden]"
LONGEST = 2_000  # characters of one text
MOST = 60  # entries of a list or names of an object
SHORTEST_INPUT = 3  # a shorter input stands in every sentence by chance

# What the request or the job at hand brought with it; asked for only when an exception is written down.
brought: ContextVar[Callable[[], Iterable[str]] | None] = ContextVar("brought", default=None)

# Fields we make ourselves, of numbers, names in the code and identifiers: never looked at.
OURS = frozenset(("at", "level", "event", "logger", "request", "route", "method", "task", "address", "frames", "type", "sqlstate", "constraint", "way", "permission", "action", "thing", "code"))  # fmt: skip

_HUSHED = (
    r"passw(?:or)?d|passphrase|passwd|pwd|secret|token|api[_-]?key|authorization|cookie|session(?:id|_?key)?|csrf|credential"
    r"|otp|totp|signature|recovery|密码|口令|密钥|令牌|验证码"
)
_HUSHED_NAME = re.compile(_HUSHED, re.IGNORECASE)
_DIGITS = r"\+?\d(?:[ \-.()（）]{0,2}\d){5,}[xXＸ]?"
_DATE = re.compile(r"(?:19|20)\d\d-[01]\d-[0-3]\d(?: [0-2]\d)?")
_SHAPES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(\w://)[^/\s@]+@"), rf"\1{HIDDEN}@"),
    (re.compile(r"(/link/)[^/\s]+"), rf"\1{HIDDEN}"),
    (re.compile(r"([?&][\w.\[\]-]{1,60}=)[^&\s\"'<>]+"), rf"\1{HIDDEN}"),
    (
        re.compile(
            rf"((?:{_HUSHED})[\w-]{{0,40}}[\"'\]]?\s{{0,4}}(?:[=:：]|=>|\bis\b|是|为)\s{{0,4}})"
            r"(?:\"[^\"]*\"|'[^']*'|(?:Bearer\s{1,4}|Basic\s{1,4}|Token\s{1,4})?[^\s,;&)}\]]+)",
            re.IGNORECASE,
        ),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"\b(Bearer|Basic)\s+\S+", re.IGNORECASE), rf"\1 {HIDDEN}"),
    (re.compile(r"\bsb_\w+|\beyJ[\w-]+(?:\.[\w-]*){1,2}"), HIDDEN),
    (re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}"), "[mail]"),
    (
        re.compile(
            r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使]\s?[A-Za-z]\s?[·•.\- ]?\s?[A-HJ-NP-Za-hj-np-z0-9]{5,6}[学警挂港澳领]?"
        ),
        "[plate]",
    ),
    (
        re.compile(
            r"(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Z])(?=[\w-]*[a-z])[A-Za-z0-9_-]{24,}(?![\w-])"
            r"|(?<![A-Za-z0-9])(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{28,}"
        ),
        HIDDEN,
    ),
)
_NUMBER = re.compile(_DIGITS)
_CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]+")
# C0 and C1, line and paragraph separators, marks that turn the direction of writing, halves of surrogate pairs.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def masked(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
    """structlog's processor: the event without secrets and without people's data."""
    return {
        name: value if name in OURS and type(value) is str else _value(name, value)
        for name, value in event.items()
    }


def plain(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
    """structlog's processor: texts in one line, control characters as escapes, whichever field they stand in."""
    return {_one_line(name): _plain(value) for name, value in event.items()}


def text(value: str) -> str:
    """A text without what has the shape of a secret or of a person's data."""
    found = value[:LONGEST]
    for pattern, instead in _SHAPES:
        found = pattern.sub(instead, found)
    return _NUMBER.sub(_number, found)


def told(value: str) -> str:
    """The text of an exception or of a library, in which anything may stand: also without what was brought, and without Chinese."""
    source = brought.get()
    found = value[:LONGEST]
    if source is not None:
        for each in sorted(set(_safely(source)), key=len, reverse=True):
            if len(each) >= SHORTEST_INPUT and each in found:
                found = found.replace(each, "[input]")
    return _CHINESE.sub("[text]", text(found))


def _safely(source: Callable[[], Iterable[str]]) -> Iterable[str]:
    """What was brought; a request so broken that it cannot be asked has been refused, and brought nothing."""
    try:
        return [each for whole in source() for each in (whole, whole.strip())]
    except Exception:
        return ()


def _number(match: re.Match[str]) -> str:
    return match[0] if _DATE.fullmatch(match[0]) else "[number]"


def _value(name: str, value: Any) -> Any:
    if value is None or type(value) is bool:
        return value
    if _HUSHED_NAME.search(name):
        return HIDDEN
    if type(value) is str:
        return text(value)
    if type(value) in (int, float):
        return value
    if isinstance(value, Mapping):
        return {str(inner): value[inner] if inner in OURS and type(value[inner]) is not dict else _value(str(inner), value[inner]) for inner in list(value)[:MOST]}  # fmt: skip
    if isinstance(value, list | tuple | set | frozenset):
        return [_value("", each) for each in list(value)[:MOST]]
    return text(str(value))


def _plain(value: Any) -> Any:
    if type(value) is str:
        return _one_line(value)
    if type(value) is dict:
        return {_one_line(str(name)): _plain(inner) for name, inner in value.items()}
    if type(value) is list:
        return [_plain(each) for each in value]
    return value


def _one_line(value: str) -> str:
    return _CONTROL.sub(_escape, value) if not value.isprintable() else value


def _escape(match: re.Match[str]) -> str:
    number = ord(match[0])
    return f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}"


def texts_in(value: Any, depth: int = 0) -> Iterable[str]:
    """Every text and number in plain data, as texts: what a form, a JSON body or a job's arguments brought."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, bool) or value is None or depth > 32:
        return
    elif isinstance(value, int | float):
        yield str(value)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from texts_in(name, depth + 1)
            yield from texts_in(inner, depth + 1)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from texts_in(each, depth + 1)
