"""Which variables a shared object has, and where: read from its table of symbols.

Bytes of an ELF file for a 64-bit little-endian machine come in (what Linux has on x86-64 and Arm).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

_SECTION = struct.Struct("<IIQQQQIIQQ")
_SYMBOL = struct.Struct("<IBBHQQ")
_SEGMENT = struct.Struct("<IIQQQQQQ")
_SYMBOLS, _WRITABLE = 2, 1
_OBJECT, _THREAD_LOCAL = 1, 6
_LOADED, _OF_THREADS = 1, 7


@dataclass(frozen=True)
class Variable:
    """A variable: its name, the bytes it has, and whether each thread of the processor has one.

    `offset` is from the beginning of the image, or of the thread's memory.
    """

    name: str
    offset: int
    size: int
    of_threads: bool
    symbol: str


@dataclass(frozen=True)
class Image:
    """What a shared object has in memory: variables, and how many bytes for itself and threads."""

    variables: tuple[Variable, ...]
    size: int
    thread_size: int
    offsets: dict[str, int]
    """Where every named function and variable is."""
    sizes: dict[str, int]
    """How many bytes each has."""


def read(data: bytes) -> Image:
    """The image that a shared object becomes when it is loaded."""
    sections: list[tuple[int, ...]] = list(_table(data, 0x28, 0x3A, _SECTION))
    variables: list[Variable] = []
    offsets: dict[str, int] = {}
    sizes: dict[str, int] = {}
    for section in sections:
        if section[1] != _SYMBOLS:
            continue
        names = sections[section[6]][4]
        for start in range(section[4], section[4] + section[5], _SYMBOL.size):
            entry: tuple[int, ...] = _SYMBOL.unpack_from(data, start)
            name_at, info, _, where, value, size = entry
            if where == 0 or where >= len(sections):
                continue
            end = data.index(b"\0", names + name_at)
            symbol = data[names + name_at : end].decode("ascii", "replace")
            offsets[symbol], sizes[symbol] = value, size
            kind = info & 15
            writable = bool(sections[where][2] & _WRITABLE)
            if size and (kind == _THREAD_LOCAL or (kind == _OBJECT and writable)):
                of_threads = kind == _THREAD_LOCAL
                variables.append(Variable(plain_name(symbol), value, size, of_threads, symbol))
    variables.sort(key=lambda variable: variable.offset)
    segments = list(_table(data, 0x20, 0x36, _SEGMENT))
    size = max(segment[3] + segment[6] for segment in segments if segment[0] == _LOADED)
    thread_size = max((s[6] for s in segments if s[0] == _OF_THREADS), default=0)
    return Image(tuple(variables), size, thread_size, offsets, sizes)


def _table(
    data: bytes, offset_at: int, count_at: int, entry: struct.Struct
) -> Iterator[tuple[int, ...]]:
    (offset,) = struct.unpack_from("<Q", data, offset_at)
    step, count = struct.unpack_from("<HH", data, count_at)
    for number in range(count):
        yield entry.unpack_from(data, offset + number * step)


def plain_name(symbol: str) -> str:
    """The last part of a name as C++ compilers write it for linkers.

    >>> plain_name("_ZZ4raceE4tile"), plain_name("_ZL5scale"), plain_name("table")
    ('tile', 'scale', 'table')
    """
    if not symbol.startswith("_Z"):
        return symbol
    found = symbol
    position = 0
    while match := re.compile(r"\d+").search(symbol, position):
        length = int(match.group())
        word = symbol[match.end() : match.end() + length]
        if len(word) == length and re.fullmatch(r"[A-Za-z_]\w*", word):
            found = word
            position = match.end() + length
        else:
            position = match.end()
    return found
