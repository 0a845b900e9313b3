"""From the bytes of a shared object to code in this process.

The system's loader wants a path. A file in memory has one; nobody can change it between the check
of the bytes and their use, it needs no room on any disk, and it works where the home folder forbids
running programs.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from typing import TypeVar

from kernelgraph.c.files import private_folder, write_durably

Loaded = TypeVar("Loaded")

_serial = itertools.count(1)


def load_image(body: bytes, name: str, loader: Callable[[str], Loaded]) -> Loaded:
    """What `loader` makes of a path at which it finds `body`; `name` is for debuggers.

    Raises OSError or ImportError when the loader does, for instance for code of another processor.
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
