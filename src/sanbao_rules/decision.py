"""A decision: the answer to a question, with the reasons that led to it and the clause behind each."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from json.encoder import encode_basestring as _quoted
from typing import Any

RULES_VERSION = "2026.11.1"


@dataclass(frozen=True, slots=True)
class Reason:
    """One step of a decision. `code` names a sentence of `book`; `parameter` and `clause` say what it rests on."""

    code: str
    args: Mapping[str, Any] = field(default_factory=dict)
    parameter: str = ""
    clause: str = ""
    book: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """`book` is name and edition of the rulebook that decided; `parts` are the decisions it was made of."""

    question: str
    answer: Any
    reasons: tuple[Reason, ...]
    book: str
    parts: tuple["Decision", ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """A part that is in JSON already, because several decisions hold the same: the facts of a request's three promises."""

    json: Any


def written(parts: Mapping[str, Any], way: Callable[[Any], Any] | None = None) -> dict[str, Written]:
    """The parts, each put into JSON once for all the decisions that hold it; `way` is `to_json` or, for decisions in text, `to_text`."""
    return {name: Written((way or to_json)(part)) for name, part in parts.items()}


def to_json(x: Any) -> Any:
    """Plain JSON that `from_json` reads back without loss. What JSON has no word for becomes {"$kind": …}."""
    kind = type(x)
    if kind in _PLAIN:
        return x
    way = _WAYS.get(kind)
    if way is None:
        way = next((_WAYS[base] for base in (*kind.__mro__[1:], Mapping) if base in _WAYS and isinstance(x, base)), None)  # fmt: skip
    if way is None:
        raise TypeError(f"a decision can't hold a {kind.__name__}: {x!r}")
    return way(x)


def _items(x: Iterable[Any]) -> list[Any]:
    return [item if type(item) in _PLAIN else to_json(item) for item in x]


def _mapping(x: Mapping[Any, Any]) -> dict[str, Any]:
    for key in x:
        if not isinstance(key, str) or key.startswith("$"):
            raise TypeError(f"keys in a decision are words that don't start with $, not {key!r}")
    return {key: value if type(value) in _PLAIN else to_json(value) for key, value in x.items()}


def _reason(x: Reason) -> dict[str, Any]:
    return {"$reason": [x.code, _mapping(x.args), x.parameter, x.clause, x.book]}


def _decision(x: Decision) -> dict[str, Any]:
    return {"$decision": [x.question, to_json(x.answer), to_json(x.reasons), x.book, to_json(x.parts)]}


# A decision holds hundreds of values, so each is looked up by its kind instead of being asked what it is, one kind after the other.
# A kind that is made of another (an enumeration's word, a named tuple) goes that one's way.
_PLAIN = frozenset((type(None), bool, int, str))
_WAYS: dict[Any, Callable[[Any], Any]] = {
    **dict.fromkeys(_PLAIN, lambda x: x),
    Decimal: lambda x: {"$decimal": str(x)},
    datetime: lambda x: {"$datetime": x.isoformat()},
    date: lambda x: {"$date": x.isoformat()},
    time: lambda x: {"$time": x.isoformat()},
    Reason: _reason,
    Decision: _decision,
    Written: lambda x: x.json,
    tuple: lambda x: {"$tuple": _items(x)},
    list: _items,
    dict: _mapping,
    Mapping: _mapping,
}


def to_text(x: Any) -> str:
    """The JSON of `to_json` as text, in a third of the time: for those who store decisions by the ten thousand."""
    way = _TEXTS.get(type(x))
    if way is None:
        kind = type(x)
        way = next((_TEXTS[base] for base in (*kind.__mro__[1:], Mapping) if base in _TEXTS and isinstance(x, base)), None)  # fmt: skip
        if way is None:
            raise TypeError(f"a decision can't hold a {kind.__name__}: {x!r}")
    return way(x)


def _items_text(x: Iterable[Any]) -> str:
    return f"[{','.join([to_text(item) for item in x])}]"


def _mapping_text(x: Mapping[Any, Any]) -> str:
    known, told = _TEXTS.get, []
    for key, value in x.items():
        way = known(type(value))
        told.append(_named(key) + (to_text(value) if way is None else way(value)))
    return f"{{{','.join(told)}}}"


@lru_cache(4096)
def _named(key: Any) -> str:
    _mapping({key: None})  # which refuses what is no name
    return f"{_quoted(key)}:"


def _reason_text(x: Reason) -> str:
    return f'{{"$reason":[{_quoted(x.code)},{_mapping_text(x.args)},{_rest(x.parameter, x.clause, x.book)}]}}'


@lru_cache(4096)
def _rest(parameter: str, clause: str, book: str) -> str:
    return f"{_quoted(parameter)},{_quoted(clause)},{_quoted(book)}"


def _decision_text(x: Decision) -> str:
    return f'{{"$decision":[{_quoted(x.question)},{to_text(x.answer)},{to_text(x.reasons)},{_quoted(x.book)},{to_text(x.parts)}]}}'


_TEXTS: dict[Any, Callable[[Any], str]] = {
    type(None): lambda x: "null",
    bool: lambda x: "true" if x else "false",
    int: int.__repr__,
    str: _quoted,
    Decimal: lambda x: f'{{"$decimal":"{x}"}}',
    datetime: lambda x: f'{{"$datetime":"{x.isoformat()}"}}',
    date: lambda x: f'{{"$date":"{x.isoformat()}"}}',
    time: lambda x: f'{{"$time":"{x.isoformat()}"}}',
    Reason: _reason_text,
    Decision: _decision_text,
    Written: lambda x: x.json,
    tuple: lambda x: f'{{"$tuple":{_items_text(x)}}}',
    list: _items_text,
    dict: _mapping_text,
    Mapping: _mapping_text,
}


def from_json(x: Any) -> Any:
    """What `to_json` was given. A named tuple comes back as a tuple."""
    if isinstance(x, list):
        return [from_json(item) for item in x]
    if not isinstance(x, dict):
        return x
    if len(x) == 1:
        ((kind, content),) = x.items()
        if kind.startswith("$"):
            return _tagged(kind, content)
    return {key: from_json(value) for key, value in x.items()}


def _tagged(kind: str, content: Any) -> Any:
    match kind:
        case "$decimal":
            return Decimal(content)
        case "$date":
            return date.fromisoformat(content)
        case "$datetime":
            return datetime.fromisoformat(content)
        case "$time":
            return time.fromisoformat(content)
        case "$tuple":
            return tuple(from_json(item) for item in content)
        case "$reason":
            return Reason(*(from_json(item) for item in content))
        case "$decision":
            return Decision(*(from_json(item) for item in content))
    raise ValueError(f"unknown kind of value in a stored decision: {kind}")
