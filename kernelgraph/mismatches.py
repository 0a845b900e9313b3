"""Mismatched operands, for errors that draw themselves: variables come in, operands go out.

Of `x + y` with 3 and 4 columns, `sized(y, 1, 4)` is the operand y whose axis 1 is at fault.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kernelgraph.access import Axis, Pair
from kernelgraph.dtypes import DTYPES
from kernelgraph.errors import (
    AxisError,
    DTypeError,
    NumberRangeError,
    Operand,
    Operands,
    Origins,
    ShapeError,
)
from kernelgraph.expect import text_of
from kernelgraph.graph import Apply, Constant, Variable, describe
from kernelgraph.names import listed_names
from kernelgraph.types import INTEGERS, LARGEST_SIZE, Array, TensorType, is_complex, upcast

REAL_PARTS = "take their .real, their .imag or abs(...) of them"
"""What to try where complex numbers do not go."""


def called(variable: Variable) -> str:
    """What errors call a variable, without its type."""
    return describe(variable).removesuffix(f" ({variable.type})")


def sized(variable: Variable, axis: int | None = None, size: int | None = None) -> Operand:
    """An operand of an error about sizes; `axis` is at fault, whose size was found to be `size`."""
    sizes = list(_sizes(variable))
    if axis is None or axis >= len(sizes):  # the axis of what the variable is to become
        return Operand(called(variable), tuple(sizes))
    sizes[axis] = size
    return Operand(called(variable), tuple(sizes), (axis,))


def seen(variable: Variable, axis: int) -> tuple[Variable, int]:
    """The array that a view without a name shows, and which of its axes `axis` is: of a vector that
    broadcasting made a row, the vector.
    """
    while not variable.name and variable.owner is not None and variable.owner.op.virtual:
        node = variable.owner
        source = node.op.sizes(node)[node.outputs.index(variable)][axis]
        if not isinstance(source, Axis):
            break
        variable, axis = node.inputs[source.operand], source.axis
    return variable, axis


def sizes_differ(node: Apply, pair: Pair, sizes: tuple[int, int]) -> ShapeError:
    """The error (KG-S001) for two axes of operands, one element of each for one of the other, whose
    sizes differ.
    """
    (left, a), (right, b) = (seen(node.inputs[end.operand], end.axis) for end in pair)
    return ShapeError(
        f"{node.op}: dimension {a} of {describe(left)} has size {sizes[0]}, "
        f"dimension {b} of {describe(right)} has size {sizes[1]}",
        code="KG-S001",
        origins=node.origins,
        because="sizes must be equal; only a dimension declared to have size 1 is repeated",
        hint=_equal_sizes((left, a), (right, b), sizes),
        operands=(sized(left, a, sizes[0]), sized(right, b, sizes[1])),
    )


def _equal_sizes(
    left: tuple[Variable, int], right: tuple[Variable, int], sizes: tuple[int, int]
) -> str:
    """What to try where two sizes differ, of which one may be 1, and one that of a vector."""
    if 1 in sizes:
        return "declare the repeated dimension: T.row, T.col, or x.dimshuffle(…, 'x')"
    x, y = left[0], right[0]
    if {x.ndim, y.ndim} == {1, 2}:
        vector = x if x.ndim == 1 else y
        return f"a vector meets the last dimension; {vector.name or 'v'}[:, None] the one before"
    longer, axis = left if sizes[0] > sizes[1] else right
    part = f"{longer.name or 'x'}[{':, ' * axis}:{min(sizes)}]"
    return f"a part that is as long as the other: {part}"


def no_axis(
    item: str,
    x: Variable,
    rank: int,
    what: str | None = None,
    least: int | None = None,
    kind: type[AxisError] = AxisError,
) -> AxisError:
    """The error for what is no axis of an array of so many dimensions: x, or what is made of x,
    which is called `what`. The smallest axis is `least` (None: -rank).
    """
    first = -rank if least is None else least
    axes = f"its axes go from {first} to {rank - 1}" if rank else "a scalar has no axes"
    return kind(
        f"{item} in {what or describe(x)}, which has {rank} dimension{'s' * (rank != 1)}",
        code="KG-S003",
        hint=axes,
        operands=(sized(x),),
    )


def expect_order(order: Sequence[int | str], x: Variable) -> None:
    """Raises `AxisError` (KG-S003) for an axis of x that is not there, or twice there, in an order
    that has "x" for new ones.
    """
    kept = [axis for axis in order if axis != "x"]
    for k, axis in enumerate(kept):
        if not isinstance(axis, int) or not 0 <= axis < x.ndim:
            what = f"dimshuffle{text_of(order)}: axis {axis} does not exist"
            raise no_axis(what, x, x.ndim, least=0)
        if axis in kept[:k]:
            what = f"dimshuffle{text_of(order)} names axis {axis} twice"
            raise no_axis(what, x, x.ndim, least=0)


def places(size: int) -> str:
    """What to try where an index lies outside an axis of this size."""
    return f"indices go from {-size} to {size - 1}" if size > 0 else "nothing is there to be named"


def expect_real(x: Variable, what: str) -> None:
    """Raises `DTypeError` (KG-D003) for complex numbers, where `what` has no meaning for them."""
    if is_complex(x.dtype):
        raise DTypeError(
            f"{what} is for real numbers, and {describe(x)} is complex",
            code="KG-D003",
            hint=REAL_PARTS,
            operands=(typed(x, [d for d in DTYPES if not is_complex(d)]),),
        )


def expect_fitting(v: Variable, array: Variable) -> None:
    """Raises `DTypeError` (KG-D003) for numbers that an array cannot hold, `NumberRangeError`
    (KG-D005) for an integer beyond its range.
    """
    dtype = array.dtype
    if isinstance(v.type, TensorType) and upcast(v.dtype, dtype) == dtype:
        return
    while not array.name and array.owner is not None and array.owner.inputs:
        array = array.owner.inputs[0]
    what = f"{describe(v)} does not fit into {describe(array)}, an array of {dtype}"
    operands = (typed(v, [dtype]), typed(array))
    if not isinstance(v.type, TensorType):
        raise DTypeError(what, code="KG-D003", operands=operands)
    if isinstance(v, Constant):
        expect_same_integers(v.data, dtype)
    hint = f"T.cast({v.name or '…'}, {dtype!r}), if it may lose what does not fit"
    raise DTypeError(what, code="KG-D003", hint=or_parts(v, dtype, hint), operands=operands)


def or_parts(v: Variable, dtype: str, cast: str) -> str:
    """What to try where `v` has another dtype than the wanted one: the advice to cast it, unless it
    is complex and the other is not.
    """
    return REAL_PARTS if is_complex(v.dtype) and not is_complex(dtype) else cast


def expect_same_integers(given: Array, dtype: str) -> None:
    """Raises `NumberRangeError` (KG-D005) for an integer that the dtype, if it has integers, has
    not.
    """
    if given.dtype.kind not in "iu" or dtype not in INTEGERS:
        return
    limits = np.iinfo(dtype)
    wrong = given[(given < limits.min) | (given > limits.max)]
    if wrong.size:
        raise NumberRangeError(
            f"{wrong.flat[0]} is no {dtype}, whose numbers are {limits.min} to {limits.max}",
            hint="T.cast(x, dtype) takes what is left over by its range",
        )


def unwidened(variable: Variable) -> Variable:
    """The array that broadcasting put new axes on, if it was that."""
    while not variable.name and variable.owner is not None and variable.owner.op.virtual:
        node = variable.owner
        sources = [size for size in node.op.sizes(node)[0] if isinstance(size, Axis)]
        if len(node.inputs) != 1 or [s.axis for s in sources] != list(range(node.inputs[0].ndim)):
            break
        variable = node.inputs[0]
    if isinstance(variable, Constant) and variable.data.size == 1 and variable.ndim:
        return Constant(TensorType(variable.dtype, ()), variable.data.reshape(()))
    return variable


def expect_rank(variable: Variable, rank: int, what: str) -> Variable:
    """The variable, if it is what `what` takes: a vector (rank 1) or a matrix (2).

    Raises `ShapeError` (KG-S008) otherwise.
    """
    if variable.ndim != rank:
        wanted = {1: "vectors", 2: "matrices"}[rank]
        message = f"{what} takes {wanted}, not {describe(variable)}"
        raise ShapeError(message, code="KG-S008", operands=(sized(variable),))
    return variable


def too_many_elements(done: str, origins: Origins, operands: Sequence[Variable] = ()) -> ShapeError:
    """The error for an axis that would be longer than an int64 counts, since operands are `done`:
    joined, say.
    """
    names = [describe(variable) for variable in operands]
    what = f"{listed_names(names)}, {done}," if names else f"what is {done}"
    return ShapeError(
        f"{what} would have more than {LARGEST_SIZE} elements along an axis",
        code="KG-S020",
        origins=origins,
        hint="check the numbers that the sizes are computed from",
        operands=tuple(map(sized, operands)),
    )


def indexed(variable: Variable, axis: int, size: int, index: int) -> Operands:
    """An array with an index that lies outside an axis of this size."""
    found = sized(variable, axis, size)
    return (Operand(found.name, found.sizes, found.axes, index=index),)


def typed(variable: Variable, allowed: Sequence[str] = ()) -> Operand:
    """An operand of an error about types; if it is at fault, `allowed` dtypes would have done."""
    dtype = variable.dtype if isinstance(variable.type, TensorType) else str(variable.type)
    return Operand(called(variable), _sizes(variable), dtype=dtype, allowed=tuple(allowed))


def mismatched(wanted: Variable, found: Variable) -> Operands:
    """Two variables that ought to have one type: their dtypes, if they differ, else sizes."""
    left, right = typed(wanted), typed(found)
    if left.dtype != right.dtype:
        return left, typed(found, (left.dtype,))
    if len(left.sizes) != len(right.sizes):
        return sized(wanted), sized(found)
    axes = tuple(k for k, size in enumerate(left.sizes) if size not in (None, right.sizes[k]))
    return tuple(Operand(one.name, one.sizes, axes) for one in (left, right))


def source_of_dtype(variable: Variable) -> Variable:
    """Where the dtype of a result comes from: the operand (of an operand …) that brought it, or
    the result of the node whose operands make it together.
    """
    while variable.owner is not None:
        same = (v for v in variable.owner.inputs if typed(v).dtype == typed(variable).dtype)
        found = next(same, None)
        if found is None:
            break
        variable = found
    return variable


def _sizes(variable: Variable) -> tuple[int | None, ...]:
    return variable.type.shape if isinstance(variable.type, TensorType) else ()
