"""Expressions of the loop language as text of the C family: what C and CUDA share."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from kernelgraph.loops import ir
from kernelgraph.loops.printer import is_atom, operation, size
from kernelgraph.types import COMPLEX, FLOATS, INTEGERS, real_part_of


def c_type(dtype: str) -> str:
    """The name of a dtype in generated text."""
    return "bool8" if dtype == "bool" else dtype


def number(value: Any, dtype: str) -> str:
    """A constant of C that has exactly these bits."""
    if dtype == "bool":
        return "1" if value else "0"
    if dtype in COMPLEX:
        part = real_part_of(dtype)
        return f"{dtype}_of({number(value.real, part)}, {number(value.imag, part)})"
    if dtype == "float16":
        return f"half_bits(0x{np.float16(value).view(np.uint16):04x})"
    if dtype not in FLOATS:
        return _integer(int(value), dtype)
    if np.isnan(value):
        return f"({c_type(dtype)})NAN"
    text = str(np.float32(abs(value))) + "f" if dtype == "float32" else repr(abs(float(value)))
    if np.isinf(value):
        text = f"({c_type(dtype)})INFINITY"
    return f"(-{text})" if np.signbit(value) else text


def _integer(value: int, dtype: str) -> str:
    if value == -(2**63):
        return "INT64_MIN"
    suffix = (
        "ULL"
        if dtype == "uint64"
        else "LL"
        if abs(value) >= 2**31
        else "U"
        if dtype == "uint32"
        else ""
    )
    return f"({value}{suffix})" if value < 0 else f"{value}{suffix}"


def expression(value: ir.Expression, language: str = "c") -> str:
    """An expression as text; `language` says which of an op's templates is taken."""
    match value:
        case ir.Number():
            return number(value.value, value.dtype)
        case ir.Name():
            return value.name
        case ir.Load():
            return element(value.buffer, value.index, language)
        case ir.SlotSize():
            return f"values[{value.slot}].shape[{value.axis}]"
        case ir.Operation():
            overloaded = language == "cuda" and _CALL.search(value.op.text(language))
            write = _typed if overloaded else expression
            return operation(value, language, lambda operand: write(operand, language))


_CALL = re.compile(r"\w\(")


def _typed(value: ir.Expression, language: str) -> str:
    """An operand of a call: where functions have one name for several types, a constant says its
    own, since the number 3 alone is an int.
    """
    text = expression(value, language)
    if not isinstance(value, ir.Number) or value.dtype not in _LITERALS:
        return text
    if value.dtype == "bool":
        return "true" if value.value else "false"
    return f"{value.dtype}({text.removeprefix('(').removesuffix(')')})"


_LITERALS = {"bool", *INTEGERS} - {"int32"}
"""dtypes whose constants C writes as numbers of another type."""


def atom(value: ir.Expression, language: str = "c") -> str:
    """An expression in brackets if it needs them."""
    text = expression(value, language)
    return text if is_atom(text) else f"({text})"


def bracketed(value: ir.Expression) -> str:
    """A side of a comparison: what a template gave may hold any operator."""
    text = expression(value)
    return f"({text})" if isinstance(value, ir.Operation) else text


def element(buffer: ir.Buffer, index: Sequence[ir.Expression], language: str = "c") -> str:
    """One element of a buffer."""
    if not index:
        return f"{buffer.name}[0]"
    if buffer.scope != "memory":
        return buffer.name + "".join(f"[{expression(entry, language)}]" for entry in index)
    return f"{buffer.name}[{offset(buffer, index, language)}]"


def offset(buffer: ir.Buffer, index: Sequence[ir.Expression], language: str = "c") -> str:
    """How many elements past the first."""
    if buffer.packed:
        return _packed_offset(buffer, index, language)
    terms: list[str] = []
    names = [f" * {stride}" for stride in strides(buffer)]
    for entry, stride in zip(index, [*names, ""], strict=False):
        whole = expression(entry, language)
        if whole != "0":
            terms.append(f"{atom(entry, language)}{stride}" if stride else whole)
    return " + ".join(terms) or "0"


def _packed_offset(buffer: ir.Buffer, index: Sequence[ir.Expression], language: str) -> str:
    text = ""
    for dim, entry in zip(buffer.dims, index, strict=True):
        at = atom(entry, language)
        if text:
            outer = f"({text})" if " + " in text else text
            text = f"{outer} * {size(dim)}" + ("" if at == "0" else f" + {at}")
        elif at != "0":
            text = expression(entry, language)
    return text or "0"


def strides(buffer: ir.Buffer) -> list[str]:
    """Names of the strides of a buffer, as far as it may have gaps."""
    counts = {"none": 0, "between rows": len(buffer.dims) - 1, "anywhere": len(buffer.dims)}
    return [f"{buffer.name}_s{axis}" for axis in range(counts[buffer.gaps])]
