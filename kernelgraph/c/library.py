"""A shared object in this process: loaded from its bytes, unloaded when nobody has it any more.

A process can map only so many files, so a program whose functions are gone must go too. What keeps
it is the `Library`, which every executable holds, and thereby every function, copy and running
call. At the end of the process nothing is unloaded: another thread may still run.
"""

from __future__ import annotations

import _ctypes
import ctypes
import os
import weakref
from dataclasses import field

from kernelgraph.dataclasses import dataclass


class _Handle:
    """What the system's loader knows a library by; the library is unloaded together with it."""

    def __init__(self, number: int) -> None:
        self._unload = weakref.finalize(self, _ctypes.dlclose, number)
        self._unload.atexit = False


@dataclass(frozen=True)
class Library:
    """A compiled program: its key, its file in the cache, the addresses of its function and of its
    table of times (0 where it keeps none), whether it passed a trial, and the flags that this took.
    """

    key: str
    path: str
    symbol: str
    address: int
    clock: int
    tried: bool = False
    care: tuple[str, ...] = ()
    _handle: object = field(default=None, repr=False, compare=False)


def load_library(path: str, key: str, entry: str, symbol: str) -> Library:
    """Load the shared object at a path; `entry` is its file in the cache.

    Raises OSError when it cannot be loaded, or has no such function.
    """
    library = ctypes.CDLL(path, os.RTLD_NOW | os.RTLD_LOCAL)
    handle = _Handle(library._handle)
    try:
        function = library[symbol]
    except AttributeError as error:
        raise OSError(str(error)) from None
    address = ctypes.cast(function, ctypes.c_void_p).value
    assert address is not None
    try:
        clock = ctypes.addressof(ctypes.c_char.in_dll(library, f"{symbol}_clock"))
    except ValueError:
        clock = 0
    return Library(key, entry, symbol, address, clock, _handle=handle)
