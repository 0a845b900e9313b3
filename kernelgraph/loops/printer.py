"""What printing for C, CUDA and Python has in common: ops with their operands, from templates, and
the helpers that these call.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from kernelgraph.loops import host, ir
from kernelgraph.loops.walks import parts
from kernelgraph.schedule.dims import Dim
from kernelgraph.templates import Helper
from kernelgraph.types import FLOATS

_ATOM = re.compile(r"\w+\([^()]*\)|\([^()]*\)|\w+(\[[^\[\]]*\])*|[\d.]+")
"""A call, something in brackets, a name or an element of an array, a number."""


def operation(value: ir.Operation, language: str, write: Callable[[ir.Expression], str]) -> str:
    """An op with its operands, which are put in brackets unless they are names or calls."""
    text = value.op.text(language)
    for name in value.operands:
        text = text.replace(f"{{{name}}}", f"\0{name}\0")
    for name, operand in value.operands.items():
        marker = f"\0{name}\0"
        if marker in text:
            written = write(operand)
            text = text.replace(marker, written if is_atom(written) else f"({written})")
    return text


def helpers(program: Iterable[ir.Part]) -> dict[Helper, set[str]]:
    """The helpers that the ops of a program name, and the dtypes of the numbers that they get."""
    found: dict[Helper, set[str]] = {}
    for part in parts(program):
        match part:
            case ir.Operation():
                op, dtypes = part.op, {operand.dtype for operand in part.operands.values()}
            case ir.Reduce():
                op, dtypes = part.op, {part.start.dtype, part.element.dtype}
            case host.OwnC(code=op):
                dtypes = set(FLOATS)  # its text may have numbers of its own
            case _:
                continue
        for helper in op.helpers:
            found.setdefault(helper, set()).update(dtypes)
    return found


def dtypes_of(program: Iterable[ir.Part]) -> set[str]:
    """The dtypes of all numbers of a program."""
    return {getattr(part, "dtype", "") for part in parts(program)}


def size(dim: Dim) -> str:
    """The size of a dimension."""
    return dim.name if dim.size is None else str(dim.size)


def is_atom(text: str) -> bool:
    """Whether the text needs no brackets inside another formula."""
    return _ATOM.fullmatch(text) is not None
