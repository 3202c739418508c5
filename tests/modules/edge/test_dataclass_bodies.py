"""The shared bodies do what the standard library's do: the same classes, made with them and without, are compared."""

import dataclasses
import sys
from dataclasses import FrozenInstanceError
from functools import partial
from typing import Any

import pytest

from sanbao.edge.dataclass_bodies import BODIES, share_bodies

pytestmark = pytest.mark.skipif(sys.version_info >= (3, 13), reason="3.13 is left as it is")


def classes() -> dict[str, type]:
    made: dict[str, type] = {}
    for slots in (False, True):
        for names in ((), ("a",), ("a", "b"), ("a", "b", "c")):
            fields: list[Any] = [(name, Any) for name in names]
            fields += [("hidden", Any, dataclasses.field(default=0, repr=False, compare=False))]
            made[f"{slots}{names}"] = dataclasses.make_dataclass("Thing", fields, frozen=True, slots=slots)

    made["ordered"] = dataclasses.make_dataclass("Thing", [("a", Any), ("b", Any)], order=True)
    made["open"] = dataclasses.make_dataclass("Thing", [("a", Any), ("b", Any)])

    @dataclasses.dataclass(frozen=True)
    class Parent:
        a: int = 1

    class Child(Parent):
        pass

    return made | {"child": Child}


@pytest.fixture
def both(monkeypatch) -> dict[str, tuple[type, type]]:
    plain = classes()
    for name in BODIES:
        monkeypatch.setattr(dataclasses, name, getattr(dataclasses, name))
    share_bodies()
    shared = classes()
    return {name: (plain[name], shared[name]) for name in plain}


def told(cls: type) -> list[Any]:
    """What one does with an instance, and what comes of it."""
    count = len([field for field in dataclasses.fields(cls) if field.compare])
    thing, other, itself = cls(*range(count)), cls(*range(1, count + 1)), cls(*[[]] * count)
    if count:
        itself.__getattribute__("a").append(itself)
    seen: list[Any] = [repr(thing), repr(itself), thing == cls(*range(count)), thing == other, thing == 5]
    seen += [dataclasses.replace(thing) == thing, cls.__repr__.__name__, cls.__eq__.__qualname__]
    for ask in (
        lambda: hash(thing), lambda: hash(cls(*[[]] * count)), lambda: thing < other, lambda: itself == cls(*[[]] * count),
        *(partial(setattr, thing, name, 5) for name in ("a", "hidden", "unknown")), *(partial(delattr, thing, name) for name in ("a", "unknown")),
    ):  # fmt: skip
        try:
            seen.append(ask())
        except Exception as error:  # whatever it is, it must be the same
            seen.append((type(error), str(error)))
    return seen


def test_they_do_what_the_librarys_do(both) -> None:
    for name, (plain, shared) in both.items():
        assert told(shared) == told(plain), name


def test_a_field_cannot_be_assigned(both) -> None:
    _plain, shared = both["True('a', 'b')"]
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'a'"):
        shared(1, 2).a = 3


def test_control_they_are_in_use(both) -> None:
    plain, shared = both["False('a', 'b')"]
    assert plain.__hash__.__code__.co_filename != shared.__hash__.__code__.co_filename
