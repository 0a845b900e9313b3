"""Attributes that are computed when they are first asked for, without a lock.

`functools.cached_property` of Python 3.11 has one lock for all threads. A process that is forked
while a thread holds it inherits it held for ever, and its first function never compiles.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

Value = TypeVar("Value")


class cached_property(Generic[Value]):  # noqa: N801 - what it is called in `functools`
    """A property that is computed once for each object and then kept.

    Two threads that ask at the same time may both compute it; the value that is there first is the
    one that both get, and all who ask later.
    """

    def __init__(self, compute: Callable[[Any], Value]) -> None:
        self.compute = compute
        self.name = compute.__name__
        self.__doc__ = compute.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type | None = None) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type | None = None) -> Value: ...
    def __get__(self, instance: object | None, owner: type | None = None) -> Self | Value:
        if instance is None:
            return self
        return vars(instance).setdefault(self.name, self.compute(instance))
