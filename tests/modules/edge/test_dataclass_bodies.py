"""The shared bodies do what the standard library's do: the same classes, made with them and without, are compared."""

import dataclasses
import sys
from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from sanbao.edge.dataclass_bodies import share_bodies

BODIES = ("_frozen_get_del_attr", "_repr_fn", "_hash_fn")
pytestmark = pytest.mark.skipif(sys.version_info >= (3, 13), reason="3.13 is left as it is")


def classes() -> dict[str, type]:
    made: dict[str, type] = {}
    for slots in (False, True):
        for names in ((), ("a",), ("a", "b"), ("a", "b", "c")):
            fields: list[Any] = [(name, Any) for name in names]
            fields += [("hidden", Any, dataclasses.field(default=0, repr=False, compare=False))]
            made[f"{slots}{names}"] = dataclasses.make_dataclass("Thing", fields, frozen=True, slots=slots)

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
    seen: list[Any] = [repr(thing), repr(itself), hash(thing), thing == cls(*range(count)), thing == other]
    seen += [dataclasses.replace(thing) == thing, cls.__repr__.__name__, cls.__hash__.__name__]
    for name in ("a", "hidden", "unknown"):
        for change in (lambda thing, name: setattr(thing, name, 5), delattr, lambda thing, _name: hash(cls(*[[]] * count))):  # fmt: skip
            try:
                seen.append(change(thing, name))
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
