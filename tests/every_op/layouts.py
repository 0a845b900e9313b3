"""The same case in memory of every kind, without elements, and without dimensions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from kernelgraph.elementwise import Elementwise
from kernelgraph.errors import KernelgraphError
from kernelgraph.graph import Graph
from kernelgraph.interpret import interpret
from kernelgraph.op import Op
from tests.every_op.cases import Case, case
from tests.support import LAYOUTS, Array, lay_out

EMPTY, NUMBER = "0-size", "0-d"
EVERY_LAYOUT = (*LAYOUTS, EMPTY, NUMBER)

Values = Sequence[Array]


def relaid(values: Values, layout: str) -> list[Array]:
    """Arrays in memory of another kind; numbers stay as they are."""
    return [lay_out(value, layout) if value.ndim else value for value in values]


REFUSALS = (
    KernelgraphError, ValueError, IndexError, TypeError, OverflowError,
    np.exceptions.ComplexWarning,
)  # fmt: skip
"""What NumPy and ops raise for operands that they do not take."""


def meaning(one: Case, values: Values) -> list[Array] | Exception:
    """What NumPy makes of values, node by node, or the error that they are."""
    copies = [np.array(value, dtype=value.dtype.newbyteorder("=")) for value in values]
    graph = Graph(tuple(one.inputs), tuple(one.outputs))
    try:
        with np.errstate(all="ignore"):
            return interpret(graph, copies)
    except REFUSALS as error:
        return error


def emptied(values: Values) -> Iterator[list[Array]]:
    """The same arrays without elements, in several ways; what is declared to have size 1 keeps it.

    All axes are emptied, then only the first or only the last of each, then those of one alone.
    """
    for axes in (slice(None), slice(0, 1), slice(-1, None)):
        yield [_without(value, axes) for value in values]
    for k in range(len(values)):
        yield [_without(v, slice(None)) if k == j else v for j, v in enumerate(values)]


def _without(value: Array, axes: slice) -> Array:
    chosen = range(value.ndim)[axes]
    index = [
        slice(0, 0) if axis in chosen and n != 1 else slice(None)
        for axis, n in enumerate(value.shape)
    ]
    return value[tuple(index)]


def without_dimensions(one: Case) -> Case | str:
    """The case with a number in the place of each array, or why it takes none."""
    op = one.make
    if isinstance(op, Op) and not isinstance(op, Elementwise) and getattr(op, "axes", None) != ():
        return "made for operands with dimensions"
    values = [np.array(v.flat[0] if v.size else 0, dtype=v.dtype) for v in one.values]
    try:
        made = case(f"{one.label}, 0-d", one.make, values, one.compare)
    except REFUSALS as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0]}"
    kinds = [type(node.op) for node in one.nodes()]
    same_kinds = set(kinds) & {type(node.op) for node in made.nodes()}
    return made if same_kinds else "for numbers it is another op"


def with_dtype(one: Case, old: str, new: str) -> Case | str:
    """The case with another dtype in the place of its own, or why the op does not take it."""
    with np.errstate(all="ignore"):
        values = [
            np.clip(np.nan_to_num(v.real), -100, 100).astype(new) if v.dtype == old else v
            for v in one.values
        ]
    sizes = [v.tensor_type.shape for v in one.inputs]
    try:
        made = case(f"{one.label} as {new}", one.make, values, one.compare, sizes)
    except REFUSALS as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0]}"
    found = meaning(made, values)
    if isinstance(found, Exception):
        return f"{type(found).__name__}: {str(found).splitlines()[0]}"
    fits = all(v.dtype.name == out.dtype for v, out in zip(found, made.outputs, strict=True))
    return made if fits else "functions convert what they give to the op"
