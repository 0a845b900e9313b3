"""Attributes that are computed when they are first asked for, without a lock.

`functools.cached_property` of Python 3.11 has one lock for all threads. A process that is forked
while a thread holds it inherits it held for ever, and its first function never compiles. The same
holds for modules that are imported when they are first needed: a fork waits until they are there.
"""

from __future__ import annotations

import importlib
import os
import sys
from _thread import get_ident
from collections.abc import Callable
from time import monotonic, sleep
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


_PATIENCE = 5.0
"""Seconds for which a fork waits for other threads."""


def _let_others_finish() -> None:
    """Before a fork: what another thread holds just now would be locked in the child for ever, as
    Python forgets no such lock: a module that is being imported (what compiles is imported when it
    is first needed), and the search for a folder for temporary files.
    """
    end = monotonic() + _PATIENCE
    while monotonic() < end:
        sleep(0)  # with a fresh share of time no other thread begins before the fork
        if not (_others_import() or _others_search()):
            break


def _others_import() -> bool:
    machinery = getattr(importlib, "_bootstrap", None)
    locks: dict[str, Any] = getattr(machinery, "_module_locks", {})
    held = [reference() for reference in list(locks.values())]
    return any(getattr(lock, "owner", None) not in (None, get_ident()) for lock in held)


def _others_search() -> bool:
    lock: Any = getattr(sys.modules.get("tempfile"), "_once_lock", None)
    return lock is not None and lock.locked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_let_others_finish)
