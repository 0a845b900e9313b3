"""What printing for C, CUDA and Python has in common: ops with their operands, from templates."""

from __future__ import annotations

import re
from collections.abc import Callable

from kernelgraph.loops import ir

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


def is_atom(text: str) -> bool:
    """Whether the text needs no brackets inside another formula."""
    return _ATOM.fullmatch(text) is not None
