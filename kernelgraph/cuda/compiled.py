"""What a compiler of CUDA made of a program: code for one architecture, what each kernel needs.

The code is a cubin, which a driver loads as it is; the PTX is what it was made from, for readers.
The assembler's report says how many registers and how much shared memory each kernel takes, which
decides how many threads can be on a multiprocessor at once (`occupancy.py`).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from kernelgraph.c.entry import DamagedEntryError, read_json
from kernelgraph.lazy import cached_property

_ENTRY = re.compile(r"Compiling entry function '([^']+)' for '[^']+'")
_NUMBERS = {
    "registers": re.compile(r"Used ([0-9]+) registers"),
    "spill_stores": re.compile(r"([0-9]+) bytes spill stores"),
    "spill_loads": re.compile(r"([0-9]+) bytes spill loads"),
    "stack": re.compile(r"([0-9]+) bytes stack frame"),
    "shared": re.compile(r"([0-9]+) bytes smem"),
    "barriers": re.compile(r"used ([0-9]+) barriers"),
}
"""How the assembler words each number of `Resources`; what it leaves out is 0."""


@dataclass(frozen=True)
class Resources:
    """What a thread or a block of a kernel takes, as the assembler tells.

    `registers` are of 32 bits, for each thread; `spill_stores` and `spill_loads` bytes that go to
    memory for want of registers; `stack` and `shared` bytes of a thread and of a block;
    `barriers` how many a block uses.
    """

    registers: int
    spill_stores: int
    spill_loads: int
    stack: int
    shared: int
    barriers: int

    def __str__(self) -> str:
        spilled = (
            f", {self.spill_stores} bytes spilled and {self.spill_loads} loaded again"
            if self.spill_stores or self.spill_loads
            else ""
        )
        return f"{self.registers} registers, {self.shared} bytes shared{spilled}"


@dataclass(frozen=True)
class Compiled:
    """A compiled program: `cubin` for the architecture `arch` ("sm_90"), and `log`, all that
    the compiler said; `compiler` names it.
    """

    arch: str
    cubin: bytes
    ptx: str
    log: str
    compiler: str

    def __repr__(self) -> str:
        kernels = "\n".join(f"  {name}: {needs}" for name, needs in self.resources.items())
        size = f"{len(self.cubin):,} bytes for {self.arch}, by {self.compiler}"
        return f"<{size}>\n{kernels}" if kernels else f"<{size}>"

    @cached_property
    def resources(self) -> Mapping[str, Resources]:
        """What each kernel takes, by its name."""
        return resources(self.log)


def resources(log: str) -> dict[str, Resources]:
    """The numbers in the report of the assembler (`--ptxas-options=-v`), for each kernel.

    >>> print(resources('''
    ... ptxas info    : Compiling entry function 'kernel_0' for 'sm_90'
    ... ptxas info    : Function properties for kernel_0
    ...     8 bytes stack frame, 4 bytes spill stores, 12 bytes spill loads
    ... ptxas info    : Used 31 registers, used 1 barriers, 4096 bytes smem''')["kernel_0"])
    31 registers, 4096 bytes shared, 4 bytes spilled and 12 loaded again
    """
    parts = _ENTRY.split(log)[1:]
    return {
        name: Resources(**{number: _number(found, text) for number, found in _NUMBERS.items()})
        for name, text in zip(parts[::2], parts[1::2], strict=True)
    }


def _number(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.search(text)
    return int(found.group(1)) if found else 0


def packed(made: Compiled) -> bytes:
    """Bytes for a file, of which `unpacked` makes the same again."""
    table = {**vars(made), "cubin": base64.b64encode(made.cubin).decode("ascii")}
    return json.dumps({name: table[name] for name in _FIELDS}).encode("ascii")


_FIELDS = ("arch", "cubin", "ptx", "log", "compiler")


def unpacked(kept: bytes) -> Compiled:
    """What was packed; raises DamagedEntryError for anything else."""
    table = read_json(kept)
    texts = cast("dict[str, Any]", table) if isinstance(table, dict) else {}
    if texts.keys() != {*_FIELDS} or not all(isinstance(text, str) for text in texts.values()):
        raise DamagedEntryError("it is no compiled CUDA program")
    try:
        cubin = base64.b64decode(texts["cubin"], validate=True)
    except (binascii.Error, ValueError):
        raise DamagedEntryError("its code is not readable") from None
    return Compiled(texts["arch"], cubin, texts["ptx"], texts["log"], texts["compiler"])
