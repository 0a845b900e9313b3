"""Dataclasses as those of the standard library, made without compiling text.

Python 3.11 writes up to six methods of each dataclass as text and compiles every one by itself:
0.3 ms a class, which was a third of the time that importing this package took. Here the methods
are the same few functions for all classes, which read the list of fields. `field`, `fields` and
`replace` are the standard library's.

>>> @dataclass(frozen=True)
... class Point:
...     x: int
...     y: int = 0
>>> Point(1), Point(1) == Point(1, 0)
(Point(x=1, y=0), True)
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import MISSING, FrozenInstanceError, field, fields
from functools import partial
from inspect import signature
from operator import attrgetter
from reprlib import recursive_repr
from typing import Any, TypeVar, dataclass_transform, overload

Class = TypeVar("Class", bound=type)


@overload
def dataclass(made: Class, /) -> Class: ...
@overload
def dataclass(
    *, frozen: bool = False, eq: bool = True, repr: bool = True
) -> Callable[[Class], Class]: ...
@dataclass_transform(field_specifiers=(field,))
def dataclass(
    made: Any = None, /, *, frozen: bool = False, eq: bool = True, repr: bool = True
) -> Any:
    """Decorator: a class whose annotations are its fields, with the methods that follow from them.

    `frozen` fields cannot be assigned again; objects are compared field by field unless `eq` is
    False. A method that the class has itself stays.
    """
    if made is None:
        return partial(_with_methods, frozen=frozen, eq=eq, repr=repr)
    return _with_methods(made, frozen=frozen, eq=eq, repr=repr)


def _with_methods(made: Any, *, frozen: bool, eq: bool, repr: bool) -> Any:
    own: dict[str, Any] = dict(made.__dict__)
    dataclasses.dataclass(init=False, repr=False, eq=False)(made)
    made.__init__ = _initializer(made)
    made.__signature__ = _Signature(made.__init__)
    if repr and "__repr__" not in own:
        made.__repr__ = _repr
    if eq:
        equal, hashed = _comparison(made)
        if "__eq__" not in own:
            made.__eq__ = equal
        if own.get("__hash__") is None:
            made.__hash__ = hashed if frozen else None
    if frozen:
        made.__setattr__, made.__delattr__ = _refuse_to_assign, _refuse_to_delete
    return made


def _initializer(made: type) -> Callable[..., None]:
    """`__init__`: fields in the order in which they are declared, or by name."""
    listed = fields(made)
    known = {one.name for one in listed}
    needed = {one.name for one in listed if one.default is one.default_factory is MISSING}
    names = tuple(one.name for one in listed if not one.kw_only)
    start = {one.name: one.default for one in listed}
    makers = {o.name: o.default_factory for o in listed if o.default_factory is not MISSING}
    all_by_place = len(names) if len(names) == len(known) else -1
    finish = getattr(made, "__post_init__", None)

    def initialize(self: Any, /, *given: Any, **by_name: Any) -> None:
        state = self.__dict__
        if len(given) == all_by_place and not by_name:
            state.update(zip(names, given, strict=True))
        else:
            taken = {*names[: len(given)], *by_name}
            if len(taken) != len(given) + len(by_name) or not needed <= taken <= known:
                _standard(made).__init__(self, *given, **by_name)  # raises the error
            state.update(start)  # in the order of the fields
            state.update(zip(names, given, strict=False), **by_name)
            for name, make in makers.items():
                if name not in taken:
                    state[name] = make()
        if finish is not None:
            finish(self)

    return initialize


def _standard(made: type) -> Any:
    """The dataclass of the standard library that has these fields."""
    listed = [(one.name, one.type, one) for one in fields(made)]
    return dataclasses.make_dataclass(made.__name__, listed, repr=False, eq=False)


class _Signature:
    """`__signature__` of a class: what `help` shows is worked out when it is asked for."""

    def __init__(self, initializer: Callable[..., None]) -> None:
        self.initializer = initializer

    def __get__(self, instance: object, owner: Any) -> Any:
        if instance is not None or owner.__init__ is not self.initializer:
            raise AttributeError("__signature__")
        return signature(_standard(owner))


def _comparison(made: type) -> tuple[Callable[..., Any], Callable[..., int]]:
    """`__eq__` and `__hash__` over the fields that are compared."""
    names = [one.name for one in fields(made) if one.compare]
    key: Callable[[Any], Any] = attrgetter(*names) if len(names) > 1 else _few(names)

    def equal(self: Any, other: Any) -> Any:
        if self is other:
            return True
        return key(self) == key(other) if other.__class__ is self.__class__ else NotImplemented

    def hashed(self: Any) -> int:
        return hash(key(self))

    return equal, hashed


def _few(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    return lambda self: tuple([getattr(self, name) for name in names])


@recursive_repr()
def _repr(self: Any) -> str:
    shown = [f"{one.name}={getattr(self, one.name)!r}" for one in fields(self) if one.repr]
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _refuse_to_assign(self: Any, name: str, value: Any) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: Any, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")
