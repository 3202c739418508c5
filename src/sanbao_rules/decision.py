"""A decision: the answer to a question, with the reasons that led to it and the clause behind each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
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


def to_json(x: Any) -> Any:
    """Plain JSON that `from_json` reads back without loss. What JSON has no word for becomes {"$kind": …}."""
    if x is None or isinstance(x, (bool, int, str)):
        return x
    if isinstance(x, Decimal):
        return {"$decimal": str(x)}
    if isinstance(x, datetime):
        return {"$datetime": x.isoformat()}
    if isinstance(x, date):
        return {"$date": x.isoformat()}
    if isinstance(x, time):
        return {"$time": x.isoformat()}
    if isinstance(x, Reason):
        return {"$reason": [x.code, to_json(dict(x.args)), x.parameter, x.clause, x.book]}
    if isinstance(x, Decision):
        return {"$decision": [x.question, to_json(x.answer), to_json(x.reasons), x.book, to_json(x.parts)]}
    if isinstance(x, Mapping):
        return _mapping(x)
    if isinstance(x, tuple):
        return {"$tuple": [to_json(item) for item in x]}
    if isinstance(x, list):
        return [to_json(item) for item in x]
    raise TypeError(f"a decision can't hold a {type(x).__name__}: {x!r}")


def _mapping(x: Mapping[Any, Any]) -> dict[str, Any]:
    for key in x:
        if not isinstance(key, str) or key.startswith("$"):
            raise TypeError(f"keys in a decision are words that don't start with $, not {key!r}")
    return {key: to_json(value) for key, value in x.items()}


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
