"""The methods of dataclasses that differ only in the names of fields, from one body instead of one compiled for each class.

`dataclasses` writes each method of each class as text and compiles it; Sanbao has two hundred and fifty of them, and a sixth of a second of
every start of the web went there (Python 3.11, 3.12; 3.13 compiles a class's methods together and is left as it is). What the methods do
does not change: tests/modules/edge/test_dataclass_bodies.py compares them with the standard library's.
"""

import dataclasses
import sys
from collections.abc import Callable, Sequence
from dataclasses import Field, FrozenInstanceError
from operator import attrgetter
from reprlib import recursive_repr
from typing import Any

Fields = Sequence[Field[Any]]


def share_bodies() -> None:
    """Called once, before the modules that declare dataclasses are loaded."""
    if sys.version_info < (3, 13):
        for name, made in BODIES.items():
            getattr(dataclasses, name)  # a library that keeps it elsewhere is noticed at the start
            setattr(dataclasses, name, made)


def _frozen(cls: type, fields: Fields, _globals: Any) -> tuple[Callable[..., None], Callable[..., None]]:
    names = frozenset(field.name for field in fields)

    def __setattr__(self: Any, name: str, value: Any) -> None:
        if type(self) is cls or name in names:
            raise FrozenInstanceError(f"cannot assign to field {name!r}")
        super(cls, self).__setattr__(name, value)

    def __delattr__(self: Any, name: str) -> None:
        if type(self) is cls or name in names:
            raise FrozenInstanceError(f"cannot delete field {name!r}")
        super(cls, self).__delattr__(name)

    return __setattr__, __delattr__


def _repr(fields: Fields, _globals: Any) -> Callable[[Any], str]:
    names = tuple(field.name for field in fields)

    @recursive_repr()
    def __repr__(self: Any) -> str:
        told = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{self.__class__.__qualname__}({told})"

    return __repr__


def _hash(fields: Fields, _globals: Any) -> Callable[[Any], int]:
    values = _values([field.name for field in fields])

    def __hash__(self: Any) -> int:
        return hash(values(self))

    return __hash__


def _compare(name: str, op: str, own: str, others: str, globals: Any) -> Callable[[Any, Any], Any]:
    """`own` is text: "(self.a,self.b,)"."""
    if name != "__eq__":
        return _librarys(name, op, own, others, globals=globals)
    values = _values([each.removeprefix("self.") for each in own.strip("()").split(",") if each])

    def __eq__(self: Any, other: Any) -> Any:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    return __eq__


def _values(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    """The fields' values of an instance."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda thing: tuple(getattr(thing, name) for name in names)  # of one, attrgetter gives no tuple


_librarys: Any = getattr(dataclasses, "_cmp_fn", None)
BODIES = {"_frozen_get_del_attr": _frozen, "_repr_fn": _repr, "_hash_fn": _hash, "_cmp_fn": _compare}
