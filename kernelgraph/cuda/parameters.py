"""The parameters of kernels, read from their CUDA text, and arguments as a kernel takes them.

>>> kernel = parameters('extern "C" __global__ void f(int64 n, const float32 *x, bool8 b) {')["f"]
>>> [dtype.name for dtype in kernel]
['int64', 'uint64', 'bool']
>>> data = laid_out("f", kernel, [3, 0x7f00, True])
>>> len(data.data), data.offsets
(17, (0, 8, 16))
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kernelgraph.dtypes import DTYPES
from kernelgraph.errors import ArgumentError
from kernelgraph.types import Array

_KERNEL = re.compile(
    r"__global__\s+void\s+(?:__launch_bounds__\s*\([^)]*\)\s*)?(\w+)\s*\(([^)]*)\)"
)
_WORDS = {
    **{dtype: dtype for dtype in DTYPES},
    "bool8": "bool",
    "char": "int8",
    "signed char": "int8",
    "unsigned char": "uint8",
    "short": "int16",
    "unsigned short": "uint16",
    "int": "int32",
    "unsigned": "uint32",
    "unsigned int": "uint32",
    "long long": "int64",
    "unsigned long long": "uint64",
    "size_t": "uint64",
    "float": "float32",
    "double": "float64",
}
"""The dtypes of C's types, and of the names that generated programs give them."""

Kernel = tuple[np.dtype[Any], ...]
"""The dtypes of a kernel's parameters; pointers are uint64."""


def parameters(text: str) -> dict[str, Kernel]:
    """The parameters of each kernel of a CUDA text.

    Raises `ArgumentError` (KG-X011) for a parameter of a type that no NumPy dtype is.
    """
    return {
        name: tuple(_dtype(name, item) for item in items.split(",") if item.strip())
        for name, items in _KERNEL.findall(text)
    }


@dataclass(frozen=True)
class Pointer:
    """A parameter that points to numbers: its text, and their dtype (None: not one of NumPy's)."""

    text: str
    dtype: np.dtype[Any] | None


_QUALIFIERS = frozenset({"const", "volatile", "__restrict__", "__restrict", "struct"})


def pointers(text: str) -> dict[str, dict[int, Pointer]]:
    """The parameters of each kernel of a CUDA text that are pointers, by their positions.

    >>> pointers("__global__ void f(int n, const float *__restrict__ x, float4 *y) {")["f"]
    {1: Pointer(text='const float *__restrict__ x', dtype=dtype('float32')),
     2: Pointer(text='float4 *y', dtype=None)}
    """
    return {
        name: {k: _pointer(item) for k, item in enumerate(items.split(",")) if item.count("*") == 1}
        for name, items in _KERNEL.findall(text)
    }


def _pointer(item: str) -> Pointer:
    words = [word for word in re.findall(r"\w+", item) if word not in _QUALIFIERS]
    known = _WORDS.get(" ".join(words[:-1]))
    return Pointer(" ".join(item.split()), None if known is None else np.dtype(known))


def _dtype(kernel: str, item: str) -> np.dtype[Any]:
    if "*" in item:
        return np.dtype(np.uint64)
    words = " ".join(word for word in item.split()[:-1] if word != "const")
    if words not in _WORDS:
        raise ArgumentError(f"{kernel} has a parameter of the type {words!r}", code="KG-X011")
    return np.dtype(_WORDS[words])


def require_named(what: str, name: str, known: Iterable[str], module: str) -> None:
    """Raise `ArgumentError` (KG-X011) where a module has no kernel or variable of a name."""
    names = list(known)
    if name not in names:
        words = f"{module} has no {what} {name!r}; its {what}s are: {', '.join(names) or 'none'}"
        raise ArgumentError(words, code="KG-X011")


def require_contiguous(data: Array) -> None:
    """Raise `ArgumentError` (KG-X011) for an array that cannot be copied in one piece."""
    if not data.flags.c_contiguous:
        raise ArgumentError("an array must be C-contiguous to be copied", code="KG-X011")


@dataclass(frozen=True)
class Arguments:
    """The bytes of a launch's arguments, and where each begins."""

    data: bytes
    offsets: tuple[int, ...]


def laid_out(name: str, kernel: Kernel, arguments: Sequence[Any]) -> Arguments:
    """Arguments converted to the kernel's types and put one behind the other, each at a multiple of
    its alignment, as a struct of C has them.

    Raises `ArgumentError` (KG-X011) where these do not fit.
    """
    if len(arguments) != len(kernel):
        words = f"{name} has {len(kernel)} parameters and was given {len(arguments)} arguments"
        raise ArgumentError(words, code="KG-X011")
    data, offsets = bytearray(), list[int]()
    for number, (dtype, value) in enumerate(zip(kernel, arguments, strict=True)):
        try:
            piece = np.asarray(value, dtype).tobytes()
        except (TypeError, ValueError, OverflowError) as error:
            words = f"argument {number} of {name} is no {dtype}: {value!r}"
            raise ArgumentError(words, code="KG-X011") from error
        data += bytes(-len(data) % _alignment(dtype))
        offsets.append(len(data))
        data += piece
    return Arguments(bytes(data), tuple(offsets))


def _alignment(dtype: np.dtype[Any]) -> int:
    """A complex number is a struct of two floats and lies where a float may."""
    return dtype.itemsize // 2 if dtype.kind == "c" else dtype.itemsize
