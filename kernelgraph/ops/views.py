"""Views: another way to look at the same numbers, and their derivatives."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from kernelgraph.access import Need, Reordered
from kernelgraph.elementwise import dimshuffle
from kernelgraph.errors import AxisError, AxisTypeError, Operand, Operands, ShapeError
from kernelgraph.expect import came, expect_integer
from kernelgraph.graph import Apply, Constant, Variable, describe
from kernelgraph.mismatches import called, no_axis, sized
from kernelgraph.op import Part, Size, as_variable
from kernelgraph.ops.arithmetic import cast
from kernelgraph.ops.moves import Moves
from kernelgraph.ops.sources import constant_size, exact_div, own_size, size
from kernelgraph.partials import Linear
from kernelgraph.types import (
    LARGEST_SIZE,
    MOST_DIMENSIONS,
    TOO_MANY,
    TensorType,
    is_array,
    is_inexact,
    is_integer,
    listed,
)

_LONGEST_FORMULA = 20

__all__ = ["flatten", "ravel", "reshape", "transpose"]


class Reshape(Moves, Part):
    """The same numbers in row-major order under other sizes: inputs are `x` and an int64 scalar for
    each new dimension.

    One size that is a number (not a symbol) may be -1: it is worked out from the others.
    """

    __props__ = ("ndim",)
    name = "reshape"
    linear = Linear()

    def __init__(self, ndim: int) -> None:
        self.ndim = ndim

    def make_node(self, *inputs: Any) -> Apply:
        x, *sizes = inputs
        shape = [int(s.data) if isinstance(s, Constant) else None for s in sizes]
        if shape.count(-1) > 1 or any(s is not None and s < -1 for s in shape):
            raise ShapeError(
                f"reshape of {describe(x)} to {tuple(shape)}: "
                "one size at most may be -1, none smaller",
                code="KG-S004",
                hint="a size may be a number, a scalar of integers, or y.shape[0]",
                operands=(sized(x), Operand("the new shape", tuple(shape))),
            )
        known = x.tensor_type.shape
        if None not in known and None not in shape:
            sizes_known = [s for s in known if s is not None]
            wanted = [s for s in shape if s is not None]
            shape = [*self.resolve(sizes_known, wanted, node=None, x=x)]
        static = tuple(None if s == -1 else s for s in shape)
        return Apply(self, [x, *sizes], [Variable(TensorType(x.dtype, static))])

    def resolve(
        self, old: Sequence[int], new: Sequence[int], node: Apply | None, x: Variable
    ) -> list[int]:
        """The new sizes with -1 worked out. Raises `ShapeError` (KG-S004) with the arithmetic."""
        total = math.prod(old)
        rest = math.prod(s for s in new if s != -1)
        fits = rest != 0 and total % rest == 0 if -1 in new else rest == total
        if not fits or any(s < -1 for s in new) or list(new).count(-1) > 1:
            if rest == 0 and node is not None and -1 in new:
                raise self.negative_size(node, -1)
            raise self.reshape_error(old, new, (total, math.prod(new)), node, x)
        return [total // rest if s == -1 else s for s in new]

    def reshape_error(
        self,
        old: Sequence[int | None],
        new: Sequence[int | None],
        counts: tuple[int, int],
        node: Apply | None,
        x: Variable,
    ) -> ShapeError:
        """The error for sizes that ask for another number of elements: `counts` has how many there
        are, and how many are asked for.
        """
        names = [_size_name(given) for given in node.inputs[1:]] if node else []
        asked = [str(size) if size is not None else names[k] for k, size in enumerate(new)]
        return ShapeError(
            f"cannot reshape {describe(x)}{_of_shape(old)} to {_listed(asked)}",
            code="KG-S020" if TOO_MANY in counts or max(counts) > LARGEST_SIZE else "KG-S004",
            origins=() if node is None else node.origins,
            because=f"{_counted(old, counts[0])}, {_wanted(new, asked, counts[1])}",
            hint=f"the sizes beside -1 must divide {counts[0]}" if -1 in new else _WORKED_OUT,
            operands=reshaped(x, old, new, max(counts[0], 0)),
        )

    def elements_error(self, node: Apply, old: Sequence[int], new: Sequence[int]) -> ShapeError:
        x = node.inputs[0]
        given = [a if b is None else b for a, b in zip(new, _given(node), strict=True)]
        numbers = [size for size in given if size != -1]
        if any(size < 0 for size in numbers) or (-1 in given and 0 in numbers):
            return self.negative_size(node, min(given))
        own = len(old) == x.ndim and _not_reshaped(x) is x
        counts = math.prod(old), math.prod(new)
        return self.reshape_error(old if own else x.tensor_type.shape, given, counts, node, x)

    def counted_error(self, node: Apply, counts: tuple[int, int]) -> ShapeError:
        """The error where only the numbers of elements are known that there are, and that are asked
        for.
        """
        x, given = node.inputs[0], _given(node)
        rest = math.prod(size for size in given if size is not None)
        if given.count(None) == 1 and rest > 0 and counts[1] != TOO_MANY:
            given = [counts[1] // rest if size is None else size for size in given]
        return self.reshape_error(x.tensor_type.shape, given, counts, node, x)

    def negative_size(self, node: Apply, size: int) -> ShapeError:
        x, given = node.inputs[0], _given(node)
        if -1 in given:
            what = f" to {_listed(map(_size_name, node.inputs[1:]))}: {_ANY_SIZE}"
        else:
            what = f": no dimension can have size {size}"
        return ShapeError(
            f"cannot reshape {describe(x)}{what}",
            code="KG-S004",
            origins=node.origins,
            hint=_WORKED_OUT,
            operands=(sized(x), Operand("the new size", (size,), (0,))),
        )

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        x, *sizes = inputs
        wanted = [int(s) for s in sizes]
        for number, given in zip(wanted, node.inputs[1:], strict=True):
            if number < 0 and not isinstance(given, Constant):
                raise self.negative_size(node, number)
        return [np.reshape(x, self.resolve(np.shape(x), wanted, node, node.inputs[0]))]

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        x, *sizes = node.inputs
        known = node.out.tensor_type.shape
        out: list[Size] = []
        for axis, new in enumerate(sizes):
            negative = isinstance(new, Constant) and int(new.data) == -1
            out.append(
                known[axis]
                if known[axis] is not None
                else _remaining(x, sizes, axis)
                if negative
                else new
            )
        return [out]

    def counts(self, node: Apply) -> Sequence[Size]:
        return node.inputs[1:]

    def kept_elements(self, node: Apply) -> tuple[Sequence[Size], Sequence[Size]] | None:
        """All of them: only a single -1 takes any number."""
        x, *sizes = node.inputs
        if [int(s.data) if isinstance(s, Constant) else None for s in sizes] == [-1]:
            return None
        base = _not_reshaped(x)
        return [own_size(base, axis) for axis in range(base.ndim)], self.sizes(node)[0]

    def layout(self, node: Apply) -> Reordered:
        return Reordered()

    def needs(self, node: Apply) -> Sequence[Need]:
        """In row-major order, an array without gaps has its numbers where the result has them."""
        return [Need.PACKED, *[Need.NUMBER] * self.ndim]

    def transposed(self, node: Apply, g: Variable) -> Variable:
        x = node.inputs[0]
        return Reshape(x.ndim)(g, *(size(x, axis) for axis in range(x.ndim)))


_WORKED_OUT = "one size may be the number -1: it is worked out from the others"
_ANY_SIZE = "the other sizes have the product 0, so -1 may be any size"


def _given(node: Apply) -> list[int | None]:
    """The sizes that a reshape has as numbers; None for symbols."""
    return [int(size.data) if isinstance(size, Constant) else None for size in node.inputs[1:]]


def _size_name(size: Variable) -> str:
    """A size as errors show it: a number, a name or a short formula."""
    text = str(size)
    if len(text) > _LONGEST_FORMULA:
        return called(size)
    return f"({text})" if " " in text else text


def _listed(sizes: Iterable[str]) -> str:
    """A shape as Python writes it."""
    texts = list(sizes)
    return f"({texts[0]},)" if len(texts) == 1 else f"({', '.join(texts)})"


def _of_shape(old: Sequence[int | None]) -> str:
    return "" if None in old else f" of shape {tuple(old)}"


def _amount(count: int) -> str:
    return f"more than {LARGEST_SIZE}" if count == TOO_MANY else str(count)


def _counted(old: Sequence[int | None], total: int) -> str:
    """How many elements there are, as a product if their sizes are known."""
    if None in old or len(old) < 2:
        return f"it has {_amount(total)} elements"
    return f"{' × '.join(map(str, old))} = {_amount(total)} elements"


def _wanted(new: Sequence[int | None], asked: Sequence[str], count: int) -> str:
    """What is asked for, as a product."""
    if list(new).count(-1) > 1:
        return "one size at most may be -1"
    if -1 not in new:
        return f"{' × '.join(asked) or '1'} asks for {_amount(count)}"
    others = [text for size, text in zip(new, asked, strict=True) if size != -1]
    return _ANY_SIZE if 0 in new else f"which is no multiple of {' × '.join(others)}"


def reshaped(
    x: Variable, old: Sequence[int | None], new: Sequence[int | None], elements: int
) -> Operands:
    """An array of so many elements, and the shape into which they do not go."""
    wanted = math.prod(size for size in new if size not in (None, -1))
    return (
        Operand(called(x), tuple(old), elements=elements),
        Operand("the new shape", tuple(new), elements=None if None in new else wanted),
    )


def _not_reshaped(x: Variable) -> Variable:
    """An array of as many elements as `x`, before it was put under other sizes."""
    while x.owner is not None and isinstance(x.owner.op, Reshape):
        x = x.owner.inputs[0]
    return x


def _remaining(x: Variable, sizes: Sequence[Variable], axis: int) -> Variable:
    """The size that -1 stands for: all elements of `x` over the product of the other sizes."""
    base = _not_reshaped(x)
    total = _product([own_size(base, k) for k in range(base.ndim)])
    others = [other for k, other in enumerate(sizes) if k != axis]
    return exact_div(total, _product(others)) if others else total


def _product(sizes: Sequence[Variable]) -> Variable:
    numbers = math.prod(int(size.data) for size in sizes if isinstance(size, Constant))
    symbols = [size for size in sizes if not isinstance(size, Constant)]
    first, *others = symbols if numbers == 1 and symbols else [constant_size(numbers), *symbols]
    return math.prod(others, start=first)


def reshape(x: Any, shape: Any, ndim: int | None = None) -> Variable:
    """`x` under other sizes, in row-major order.

    `shape`: numbers or scalars, of the numbers one may be -1; or a vector variable together with
    `ndim`.
    Raises `ShapeError` (KG-S004) when the number of elements differs, or a size is no whole number.
    """
    x = as_variable(x)
    if isinstance(shape, Variable) and shape.ndim == 1:
        length = ndim if ndim is not None else shape.tensor_type.shape[0]
        if length is None:
            what = "reshape to a vector of unknown length: how many dimensions?"
            raise ShapeError(what, code="KG-S004", hint="x.reshape(shape, ndim=2)")
        length = expect_integer(length, "ndim", 0, MOST_DIMENSIONS)
        sizes = [shape[k] for k in range(length)]
    else:
        items: list[Any] = listed(shape.tolist() if is_array(shape) else shape)
        sizes = [_size(item) for item in items]
    for item in sizes:
        if item.ndim or is_inexact(item.dtype):
            message = f"reshape of {describe(x)}: a size is a whole number, not {describe(item)}"
            raise ShapeError(message, code="KG-S004")
    return Reshape(len(sizes))(x, *(cast(s, "int64") for s in sizes))


def _size(value: Any) -> Variable:
    if is_integer(value):
        return constant_size(expect_integer(value, "a size", most=LARGEST_SIZE))
    return as_variable(value)


def flatten(x: Any, ndim: Any = 1, outdim: Any = None) -> Variable:
    """`x` with `ndim` axes (or `outdim`, another name for it): the first ones as they are, all
    others as one, in row-major order. By default a vector of all elements.

    Raises `ArgumentError` for less than one axis, or for more than `x` has.
    """
    x = as_variable(x)
    count = expect_integer(ndim if outdim is None else outdim, "ndim", 1, max(x.ndim, 1))
    if count == x.ndim:
        return x
    return reshape(x, [size(x, axis) for axis in range(count - 1)] + [-1 if x.ndim else 1])


def ravel(x: Any) -> Variable:
    """All elements in row-major order, as a vector."""
    return flatten(x)


def transpose(x: Any, axes: Sequence[int] | None = None) -> Variable:
    """The dimensions in the given order, by default reversed; a vector is its own transpose.

    Raises `AxisError` (KG-S003) for an order that does not name each of them once.
    """
    x = as_variable(x)
    order = tuple(reversed(range(x.ndim))) if axes is None else normalize_axes(axes, x)
    if len(order) != x.ndim:
        raise AxisError(
            f"transpose of {describe(x)}: {tuple(order)} does not name all of its dimensions",
            operands=(sized(x),),
            hint="x.dimshuffle(…) drops dimensions of size 1",
        )
    return dimshuffle(x, order)


def shuffle(x: Any, *order: Any) -> Variable:
    """Dimensions reordered, dropped and inserted: `x.dimshuffle(0, "x", 1)`."""
    x, entries = as_variable(x), listed(order[0]) if len(order) == 1 else order
    for entry in entries:
        is_new = isinstance(entry, str) and entry == "x"
        if not is_new and (isinstance(entry, bool) or not is_integer(entry)):
            raise ShapeError(
                "dimshuffle takes the numbers of dimensions, and 'x' for new ones, "
                f"not {came(entry)}: {describe(x)}",
                code="KG-S003",
                hint='x.dimshuffle(0, "x") makes a column of a vector',
            )
    return dimshuffle(x, entries)


def normalize_axes(axis: Any, x: Variable) -> tuple[int, ...]:
    """`axis` (None: all; an int; several) as non-negative ints in order.

    Raises `AxisError` (KG-S003) for one that is out of range, twice there, or not an integer.
    """
    if axis is None:
        return tuple(range(x.ndim))
    return counted_axes(axis, x, x.ndim)


def counted_axes(axis: Any, x: Variable, rank: int, what: str | None = None) -> tuple[int, ...]:
    """An axis, or several, as non-negative ints in order, of an array that has `rank` of them: x,
    or what is made of x, which errors call `what`.

    Raises `AxisError` (KG-S003) for one that is out of range or twice there, `AxisTypeError` for
    one that is no integer.
    """
    axes: list[int] = []
    for item in listed(axis):
        if not is_integer(item) or isinstance(item, bool):
            item = f"an axis is an integer, not {came(item)},"
            raise no_axis(item, x, rank, what, kind=AxisTypeError)
        if not -rank <= item < rank:
            raise no_axis(f"axis {came(item)} does not exist", x, rank, what)
        if int(item) % rank in axes:
            raise no_axis(f"{came(axis)} names axis {int(item) % rank} twice", x, rank, what)
        axes.append(int(item) % rank)
    return tuple(axes)
