"""Blocks of arrays: so many elements from a place on along some axes, and arrays around a block.

The two are each other's transpose, and say how long a block is. A slice says where it ends, so that
its length is cut where the array ends; a block lies inside of it, as what was joined does:

>>> import kernelgraph as kg, kernelgraph.tensor as T
>>> x = T.lvector("x")
>>> f = kg.function([x], pad(x, (1, 2), constant_values=7), target="interpret")
>>> f([1, 2, 3]).tolist()
[7, 1, 2, 3, 7, 7]
"""

# The operands of a formula are symbols of any type, so the lambdas below have none to declare.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kernelgraph.access import From, Whole, Window
from kernelgraph.elementwise import elementwise
from kernelgraph.errors import ArgumentError, Operand, ShapeError
from kernelgraph.expect import came, expect_choice, expect_integer
from kernelgraph.graph import Apply, Constant, Variable, describe
from kernelgraph.mismatches import called, expect_same_integers, too_many_elements
from kernelgraph.op import Cotangents, Part, Scatter, Selection, as_variable
from kernelgraph.ops.bits import integers_only
from kernelgraph.ops.conversion import convert
from kernelgraph.ops.indexing import as_index
from kernelgraph.ops.moves import Resizes
from kernelgraph.ops.sources import constant_size, size
from kernelgraph.partials import Linear
from kernelgraph.templates import Helper
from kernelgraph.types import INTEGERS, TOO_MANY, Array, is_integer, listed

__all__ = ["pad"]


def _padded(n: Array, before: Array, after: Array) -> Array:
    """Wraps around at most once below 0, where it stays: both steps are looked at."""
    with np.errstate(over="ignore"):
        most = n + np.maximum(before, 0)
        total = np.where(most < 0, most, most + np.maximum(after, 0))
    return np.where(
        (n < 0) | (total < 0), TOO_MANY, np.where((before < 0) | (after < 0), -1, total)
    )


_PADDED = Helper(
    "padded",
    c="""\
/* How many elements there are with some before and after: -1 for less than none, and the least
   integer where they cannot be counted. */
static inline int64 padded(int64 n, int64 before, int64 after) {
    if (before < 0 || after < 0) return -1;
    if (n < 0 || __builtin_add_overflow(n, before, &n) || __builtin_add_overflow(n, after, &n))
        return INT64_MIN;
    return n;
}
""",
    cuda="""\
__device__ static inline int64 padded(int64 n, int64 before, int64 after) {
    if (before < 0 || after < 0) return -1;
    if (n < 0 || n > INT64_MAX - before || n + before > INT64_MAX - after) return INT64_MIN;
    return n + before + after;
}
""",
    python="""\
def padded(n, before, after):
    if before < 0 or after < 0:
        return -1
    total = int(n) + int(before) + int(after)
    return -(2**63) if n < 0 or total >= 2**63 else total
""",
)  # fmt: skip


def _counts(dtypes: Sequence[str]) -> tuple[Sequence[str], str]:
    """Integers of any dtype, as int64."""
    integers_only(dtypes)
    return ["int64"] * len(dtypes), "int64"


padded_size = elementwise(
    "padded_size", "How many elements there are with some before and after; -1 for less than none, "
    "the least integer for more than can be counted.",
    numpy=_padded, c="padded({x}, {y}, {z})", helpers=(_PADDED,), arity=3, public=False,
    signature=_counts,
    partials=lambda n, before, after, out: (None,) * 3,
)  # fmt: skip


class Block(Resizes, Selection, Part):
    """So many elements from a place on along some axes: operands are x, where the block starts
    along each of them, and how long it is. It lies inside of x.
    """

    __props__ = ("axes",)
    name = "block"
    linear = Linear(drops=True)

    def __init__(self, axes: Sequence[int]) -> None:
        self.axes = tuple(axes)

    def layout(self, node: Apply) -> Window:
        """Its operands are that of a write to the block, too."""
        starts = {axis: From(1 + k) for k, axis in enumerate(self.axes)}
        return Window([starts.get(axis, Whole()) for axis in range(1 + max(self.axes))])

    def index(self, starts: Sequence[Any], lengths: Sequence[Any]) -> tuple[slice, ...]:
        """The Python index of the block."""
        index = [slice(None)] * (1 + max(self.axes))
        for axis, start, length in zip(self.axes, map(int, starts), map(int, lengths), strict=True):
            index[axis] = slice(start, start + length)
        return tuple(index)

    def numpy_index(self, node: Apply, x: Any, where: Sequence[Any]) -> Any:
        count = len(self.axes)
        return self.index(where[:count], where[count:])

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        x, *ends = inputs
        return [np.asarray(x)[self.numpy_index(node, x, ends)]]

    def transposed(self, node: Apply, g: Variable) -> Variable:
        x, *ends = node.inputs
        around = [size(x, axis) for axis in self.axes]
        return Pad(self.axes)(g, *ends[: len(self.axes)], *around)


class Pad(Resizes, Scatter):
    """Equal numbers, `fill`, around a block: operands are the block, where it starts along each of
    `axes`, and the sizes of the result along them.
    """

    __props__ = ("axes", "fill")
    name = "pad"
    latex = r"\operatorname{pad}\left({x}\right)"
    linear = Linear(pads=True)

    def __init__(self, axes: Sequence[int], fill: Any = 0) -> None:
        self.axes = tuple(axes)
        self.fill = fill
        self.forward = Block(axes)

    def layout(self, node: Apply) -> Window:
        return self.forward.layout(node)

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        block, *ends = inputs
        count = len(self.axes)
        shape = list(np.shape(block))
        for axis, length in zip(self.axes, map(int, ends[count:]), strict=True):
            if length < 0:
                raise self.negative_size(node, length)
            shape[axis] = length
        out = np.full(shape, self.fill, node.out.dtype)
        lengths = [np.shape(block)[axis] for axis in self.axes]
        out[self.forward.index(ends[:count], lengths)] = block
        return [out]

    def negative_size(self, node: Apply, size: int) -> ShapeError:
        """Only less than no numbers around an array make it so short, or more than there can be."""
        if size == TOO_MANY:
            return too_many_elements("padded", node.origins, node.inputs[:1])
        return ShapeError(
            f"{describe(node.inputs[0])} cannot be padded by less than no elements",
            code="KG-S009",
            origins=node.origins,
            operands=(Operand(called(node.inputs[0]), node.inputs[0].tensor_type.shape),),
            hint="a part of an array is a slice: x[1:-1]",
        )

    def transposed(self, node: Apply, g: Variable) -> Variable:
        x, *ends = node.inputs
        lengths = [size(x, axis) for axis in self.axes]
        return self.forward(g, *ends[: len(self.axes)], *lengths)

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        rest = node.inputs[1:]
        return [None if tangents[0] is None else Pad(self.axes)(tangents[0], *rest)]


def plus(*sizes: Variable) -> Variable:
    """The sum of sizes; those that are known are added up here and now."""
    known = sum(int(n.data) for n in sizes if isinstance(n, Constant))
    symbols = [n for n in sizes if not isinstance(n, Constant)]
    if not symbols:
        return constant_size(known)
    return sum(symbols[1:], symbols[0]) + known if known else sum(symbols[1:], symbols[0])


def joined_size(*sizes: Variable) -> Variable:
    """The sum of the sizes of several arrays, which is below 0 where it cannot be counted: of two
    it is that by itself, and of more, sums of three are looked at.
    """
    total = plus(*sizes)
    symbols = [n for n in sizes if not isinstance(n, Constant)]
    if len(symbols) + (len(symbols) < len(sizes)) < 3:
        return total  # it wraps around once at most
    known = [n for n in sizes if isinstance(n, Constant)]
    first, *others = [*symbols, plus(*known)] if known else symbols
    if len(others) % 2:
        others.append(constant_size(0))
    for two in zip(others[::2], others[1::2], strict=True):
        first = padded_size(first, *two)
    return first


def minus(n: Variable, other: Variable) -> Variable:
    """The difference of two sizes; of known ones, here and now."""
    if isinstance(n, Constant) and isinstance(other, Constant):
        return constant_size(int(n.data) - int(other.data))
    return n - other


def pad(x: Any, pad_width: Any, mode: str = "constant", constant_values: Any = 0) -> Variable:
    """`x` with `constant_values`, a number, around it, as NumPy's `pad`.

    `pad_width` is how many before and after: one number, a pair for all axes, or a pair for each
    axis; numbers of at least 0, or int scalars. Raises `ArgumentError` for other widths and values,
    `OptionError` for another mode, `NumberRangeError` (KG-D005) for an integer that the dtype has
    not, and `ShapeError` (KG-S009) where a width turns out to be
    negative.
    """
    x = as_variable(x)
    expect_choice(mode, "mode", ("constant",))
    value = as_variable(constant_values)
    if not isinstance(value, Constant) or value.ndim:
        raise ArgumentError(f"constant_values must be a number, not {came(constant_values)}")
    expect_same_integers(value.data, x.dtype)
    widths = _widths(pad_width, x)
    axes = [axis for axis, pair in enumerate(widths) if not all(map(_is_none, pair))]
    if not axes:
        return x
    around: list[Variable] = []
    for axis in axes:
        parts = (size(x, axis), *widths[axis])
        known = all(isinstance(n, Constant) for n in parts)
        around.append(plus(*parts) if known else padded_size(*parts))
    fill = convert(value.data, x.dtype)[()]
    return Pad(axes, fill)(x, *(widths[axis][0] for axis in axes), *around)


def _is_none(width: Variable) -> bool:
    return isinstance(width, Constant) and int(width.data) == 0


def _widths(given: Any, x: Variable) -> list[list[Variable]]:
    """A pair for each axis."""

    def items_of(value: Any) -> list[Any]:
        return listed(value) if isinstance(value, list | tuple) else [value]

    items = items_of(given)
    pairs = [items_of(item) for item in items]
    if len(items) == 2 and all(len(pair) == 1 for pair in pairs):
        pairs = [[pairs[0][0], pairs[1][0]]]
    pairs = pairs * x.ndim if len(pairs) == 1 else pairs
    if len(pairs) != x.ndim or not all(0 < len(pair) < 3 for pair in pairs):
        raise ArgumentError(
            f"a width, or a pair of widths, for each of the {x.ndim} axes of {describe(x)} is "
            f"needed, not {came(given)}",
        )
    return [[count_of(width, "a width", 0) for width in (pair[0], pair[-1])] for pair in pairs]


def count_of(value: Any, what: str, least: int | None = None) -> Variable:
    """A whole number, of at least `least`, or an int scalar. Raises `ArgumentError`."""
    if is_integer(value):
        return constant_size(expect_integer(value, what, least))
    scalar = as_variable(value) if isinstance(value, Variable | np.ndarray) else None
    if scalar is None or scalar.ndim or scalar.dtype not in INTEGERS:
        raise ArgumentError(f"{what} must be an integer or an int scalar, not {came(value)}")
    return as_index(scalar)
