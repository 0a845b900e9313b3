"""The arguments of a launch, as bytes that a kernel reads its parameters from."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np

from kernelgraph.errors import ArgumentError

Parameters = Sequence[tuple[str, int]]
"""For each parameter a letter (p pointer, i, u integer, f float, b bool, s struct), and bytes."""

_WORDS = {"p": "a pointer", "b": "a bool", "s": "a struct"}
_SIZES = (4, 8)  # of floats
_WHOLE: tuple[type[Any], ...] = (int, np.integer, np.bool_)
_REAL: tuple[type[Any], ...] = (*_WHOLE, float, np.floating)


def packed(
    kernel: str, parameters: Parameters, offsets: Sequence[int], arguments: Sequence[Any]
) -> bytes:
    """All arguments, each at its offset. Raises `ArgumentError` (KG-X011)."""
    if len(arguments) != len(parameters):
        words = ", ".join(_words(*parameter) for parameter in parameters)
        what = f"the kernel {kernel} takes {len(parameters)} arguments ({words})"
        raise ArgumentError(f"{what}, not {len(arguments)}", code="KG-X011")
    data = bytearray(offsets[-1] + parameters[-1][1] if parameters else 0)
    for number, argument in enumerate(arguments):
        letter, size = parameters[number]
        found = _bytes(letter, size, argument)
        if found is None:
            what = f"argument {number + 1} of the kernel {kernel} is {_words(letter, size)}"
            raise ArgumentError(f"{what}, not {argument!r}", code="KG-X011")
        data[offsets[number] : offsets[number] + size] = found
    return bytes(data)


def _words(letter: str, size: int) -> str:
    if letter in _WORDS:
        return _WORDS[letter] + (f" of {size} bytes" if letter == "s" else "")
    return {"i": "an int", "u": "an unsigned int", "f": "a float"}[letter] + f" of {8 * size} bits"


def _bytes(letter: str, size: int, argument: Any) -> bytes | None:
    """An argument in the form of a parameter; None where it does not fit."""
    if letter == "s":  # such as a float16, or a complex number
        is_right = isinstance(argument, np.generic) and argument.nbytes == size
        return bytes(argument.data) if is_right else None
    if letter == "f":
        if size not in _SIZES or not isinstance(argument, _REAL):
            return None
        with np.errstate(over="ignore"):
            number = np.float32(argument) if size == 4 else np.float64(argument)
        return number.tobytes()
    if not isinstance(argument, _WHOLE):
        return None
    return _integer(letter, size, int(argument))


def _integer(letter: str, size: int, number: int) -> bytes | None:
    if letter == "b":
        return struct.pack("<?", number) if number in (0, 1) else None
    try:
        return number.to_bytes(size, "little", signed=letter == "i")
    except OverflowError:
        return None
