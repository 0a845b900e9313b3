"""Ops with C of the user's own: what they mean in Python, and text that does the same in compiled
functions, without a call of Python. An example is at `kg.as_op`, which makes one of a function.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from kernelgraph.errors import ArgumentError, ShapeError
from kernelgraph.graph import Apply
from kernelgraph.names import quoted
from kernelgraph.op import Axis, Opaque, Size
from kernelgraph.ops.functions import FUNCTIONS
from kernelgraph.routines import OwnC
from kernelgraph.templates import OPERANDS
from kernelgraph.types import TensorType

Sizes = tuple[str | int, ...]

_ARRAY = r"\([\w\s,]*\)"
_SIGNATURE = rf"\s*({_ARRAY}(?:\s*,\s*{_ARRAY})*)\s*->\s*({_ARRAY}(?:\s*,\s*{_ARRAY})*)\s*"


@dataclass(frozen=True)
class ArraySignature:
    """The sizes of operands and results, each a name or a number."""

    operands: tuple[Sizes, ...]
    results: tuple[Sizes, ...]

    @property
    def names(self) -> dict[str, Axis]:
        """The names of sizes, each with an axis that has it."""
        found: dict[str, Axis] = {}
        for k, sizes in enumerate(self.operands):
            for axis, size in enumerate(sizes):
                if isinstance(size, str):
                    found.setdefault(size, Axis(k, axis))
        return found


@lru_cache
def read_signature(text: str) -> ArraySignature:
    """A signature as NumPy writes them.

    Raises `ArgumentError` for anything else, and for a size of a result that no operand has.

    >>> read_signature("(m,n),(n)->(m)").results
    (('m',),)
    """
    match = re.fullmatch(_SIGNATURE, text)
    if match is None:
        raise ArgumentError(
            f"{quoted(text)} is no signature",
            hint='sizes in brackets, results behind the arrow: signature="(m,n),(n)->(m)"',
        )
    parts = (tuple(map(_sizes, re.findall(_ARRAY, side))) for side in match.groups())
    found = ArraySignature(*parts)
    for size in {size for sizes in found.results for size in sizes if isinstance(size, str)}:
        if size not in found.names:
            raise ArgumentError(
                f"the signature {quoted(text)} does not say what {size} is",
                hint="the size of a result is a number or one that an operand has",
            )
    return found


def _sizes(brackets: str) -> Sizes:
    words = [word.strip() for word in brackets[1:-1].split(",") if word.strip()]
    return tuple(int(word) if word.isdigit() else word for word in words)


class CodedOp(Opaque):
    """An op with C of its own: a subclass has `make_node`, `perform` and, if need be, `grad` as any
    op, and beside them the C in `c` and what it works on in `signature`.

    The C is the body of a function. It finds an array of numbers without gaps under the name of
    each operand (`operands`; a number itself, where there are no dimensions), the sizes of the
    signature as `int64`, and room for the results at `out` (several: `out0`, `out1` …). It must
    compute what `perform` does: a compiled program is tried on a few inputs and refused if the
    two differ. It must not write to its operands, and a Ctrl-C has to wait for it.
    """

    signature = ""
    c = ""
    operands: tuple[str, ...] = tuple(OPERANDS)

    def routine(self, node: Apply) -> OwnC:
        """Its C, and the functions that this calls by a name that compiled functions have their
        own C for.
        """
        signature = read_signature(self.signature)
        count = len(signature.results)
        helpers = tuple(h for h in FUNCTIONS if re.search(rf"\b{h.name}\(", self.c))
        results = ["out"] if count == 1 else [f"out{k}" for k in range(count)]
        return OwnC(self.c, signature.names, self.operands, results, helpers)

    def equal_sizes(self, node: Apply) -> Iterable[tuple[Axis, Axis]]:
        """Sizes of one name."""
        signature = read_signature(self.signature)
        for k, sizes in enumerate(signature.operands):
            for axis, size in enumerate(sizes):
                if isinstance(size, str) and signature.names[size] != Axis(k, axis):
                    yield signature.names[size], Axis(k, axis)

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        """Those of the signature. Raises `ShapeError` (KG-S011) where it has other ranks."""
        signature = read_signature(self.signature)
        found = signature.operands, signature.results
        for variables, sides in zip((node.inputs, node.outputs), found, strict=True):
            ranks = [v.ndim if isinstance(v.type, TensorType) else None for v in variables]
            if ranks != [len(sizes) for sizes in sides]:
                raise self._other_shape(node, f"ranks are {ranks}")
        return [
            [size if isinstance(size, int) else signature.names[size] for size in sizes]
            for sizes in signature.results
        ]

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        """What `perform` says. Raises `ShapeError` (KG-S011) for sizes not of the signature."""
        results = super().evaluate(node, inputs)
        for found, sizes in zip(results, self.sizes(node), strict=True):
            expected = tuple(
                np.shape(inputs[size.operand])[size.axis] if isinstance(size, Axis) else size
                for size in sizes
            )
            if np.shape(found) != expected:
                raise self._other_shape(node, f"a result has shape {np.shape(found)}")
        return results

    def _other_shape(self, node: Apply, what: str) -> ShapeError:
        return ShapeError(
            f"{self}: {what}, which is not what its signature says: {self.signature}",
            code="KG-S011",
            origins=node.origins,
        )
