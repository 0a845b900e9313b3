"""A shared object in this process: loaded from its bytes, unloaded when nobody has it any more.

A process can map only so many files, so a program whose functions are gone must go too. What keeps
it is the `Library`, which every executable holds, and thereby every function, copy and running
call. At the end of the process nothing is unloaded: another thread may still run.
"""

from __future__ import annotations

import _ctypes
import ctypes
import itertools
import os
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from kernelgraph.c.files import private_folder, write_durably

Loaded = TypeVar("Loaded")

_serial = itertools.count(1)


def load_image(body: bytes, name: str, loader: Callable[[str], Loaded]) -> Loaded:
    """What `loader` makes of a path at which it finds `body`; `name` is for debuggers.

    The system's loader wants a path. A file in memory has one; nobody can change it between the
    check of the bytes and their use, it needs no room on any disk, and it works where the home
    folder forbids running programs. Raises OSError or ImportError when the loader does, for
    instance for code of another processor.
    """
    try:
        file = os.memfd_create(name)
    except (AttributeError, OSError):  # not Linux, or forbidden
        return _load_file(body, name, loader)
    try:
        with open(file, "wb", closefd=False) as stream:
            stream.write(body)
        return loader(_path(file))
    finally:
        os.close(file)


def _path(file: int) -> str:
    """A path to an open file, never the same twice.

    The loader takes a path it has seen before for the same library, even when the descriptor now
    means another file. "/." and "/" are the digits of a serial number that the kernel passes over.
    """
    digits = "".join("/." if digit == "1" else "/" for digit in f"{next(_serial):b}")
    return f"/proc/self/fd{digits}/{file}"


def _load_file(body: bytes, name: str, loader: Callable[[str], Loaded]) -> Loaded:
    """The same through a file with a name, which may be removed as soon as it is loaded."""
    with private_folder() as folder:
        path = os.path.join(folder, f"{name}.so")
        write_durably(path, body)
        return loader(path)


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
