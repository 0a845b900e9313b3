"""Mismatched operands, for errors that draw themselves: variables come in, operands go out.

Of `x + y` with 3 and 4 columns, `sized(y, 1, 4)` is the operand y whose axis 1 is at fault.
"""

from __future__ import annotations

from collections.abc import Sequence

from kernelgraph.errors import Operand, Operands, Origins, ShapeError
from kernelgraph.graph import Variable, describe
from kernelgraph.names import listed_names
from kernelgraph.types import LARGEST_SIZE, TensorType


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
