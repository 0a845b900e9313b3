"""Arrays of one number, of sizes that are numbers or symbols, and symbols for what Python has.

>>> import kernelgraph as kg, kernelgraph.tensor as T
>>> n, x = T.lscalar("n"), T.dmatrix("x")
>>> f = kg.function([n, x], [zeros((2, n)), fill(x, 7.0)], target="interpret")
>>> [v.tolist() for v in f(3, [[1, 2]])]
[[[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]], [[7.0, 7.0]]]
"""

from __future__ import annotations

from typing import Any

from kernelgraph.config import config
from kernelgraph.elementwise import dimshuffle
from kernelgraph.errors import ArgumentError, ShapeError
from kernelgraph.expect import came, expect_integer
from kernelgraph.graph import Variable, describe
from kernelgraph.mismatches import expect_same_integers, sized
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import cast, identity
from kernelgraph.ops.broadcasting import broadcast_like, full_like
from kernelgraph.ops.joining import stack
from kernelgraph.ops.patterns import repeated_to, sizes_of
from kernelgraph.types import MOST_DIMENSIONS, check_dtype, listed
from kernelgraph.walks import nested_items

__all__ = [
    "alloc", "as_tensor_variable", "constant", "empty", "empty_like", "fill", "full", "full_like",
    "ones", "second", "stacklists", "tensor_copy", "zeros",
]  # fmt: skip


def alloc(value: Any, *shape: Any) -> Variable:
    """`value` repeated to the sizes in `shape`, numbers or int scalars, given one by one or as a
    list or a vector of known length: new axes in front, and axes declared to have size 1.

    Raises `ShapeError`: KG-S008 for fewer sizes than `value` has, KG-S009 for a negative size,
    KG-S014 where another axis has another size.
    """
    x, sizes = as_variable(value), sizes_of(shape[0] if len(shape) == 1 else list(shape))
    if len(sizes) < x.ndim or None in sizes:
        what = f"{describe(x)} cannot be repeated to the {len(sizes)} sizes {came(shape)}"
        raise ShapeError(what, code="KG-S008", operands=(sized(x),))
    return repeated_to(x, sizes)


def full(shape: Any, fill_value: Any, dtype: Any = None) -> Variable:
    """An array of the sizes in `shape` (see `alloc`), filled with a number, a scalar, or an array
    that is repeated. The dtype is that of `fill_value`, unless given. Raises `NumberRangeError`
    (KG-D005) for an integer that the dtype has not.
    """
    value = as_variable(fill_value)
    if dtype is None:
        return alloc(value, shape)
    if not isinstance(fill_value, Variable):
        expect_same_integers(value.data, check_dtype(dtype))
    return alloc(cast(value, dtype), shape)


def zeros(shape: Any, dtype: Any = None) -> Variable:
    """Zeros of the sizes in `shape` (see `alloc`), of dtype floatX unless given."""
    return full(shape, 0, config.floatX if dtype is None else dtype)


def ones(shape: Any, dtype: Any = None) -> Variable:
    """Ones of the sizes in `shape` (see `alloc`), of dtype floatX unless given."""
    return full(shape, 1, config.floatX if dtype is None else dtype)


def empty(shape: Any, dtype: Any = None) -> Variable:
    """An array of the sizes in `shape` (see `alloc`) whose numbers do not matter: they are 0."""
    return zeros(shape, dtype)


def empty_like(x: Any, dtype: Any = None) -> Variable:
    """An array of the shape of `x` whose numbers do not matter: they are 0."""
    return full_like(x, 0, dtype)


def fill(x: Any, value: Any) -> Variable:
    """`value` in its own dtype, wherever `x` has an element: axes that it lacks or that are
    declared to have size 1 are repeated.

    Raises `ShapeError` (KG-S008) for a value of more dimensions than `x`, and KG-S014 where it has
    another size.
    """
    x, number = as_variable(x), as_variable(value)
    if number.ndim > x.ndim:
        what = f"{describe(number)} has more dimensions than {describe(x)}, which it is to fill"
        raise ShapeError(what, code="KG-S008", operands=(sized(number), sized(x)))
    wider = dimshuffle(number, ["x"] * (x.ndim - number.ndim) + list(range(number.ndim)))
    if all(wider.broadcastable):
        return broadcast_like(wider, x, derived=True)
    return repeated_to(number, sizes_of(x.shape))


def second(x: Any, value: Any) -> Variable:
    """`fill`, as Theano calls it in formulas."""
    return fill(x, value)


def tensor_copy(x: Any) -> Variable:
    """The same numbers in memory of their own."""
    return identity(as_variable(x))


def stacklists(arg: Any) -> Variable:
    """Nested lists of variables and numbers as one array, an axis for each level of lists.

    Raises `ShapeError` (KG-S008) where lists on one level have different ranks or lengths, and for
    more levels than an array has dimensions.
    """
    return _stacked(arg, MOST_DIMENSIONS)


def _stacked(arg: Any, levels: int) -> Variable:
    if not isinstance(arg, list | tuple):
        return as_variable(arg)
    if not levels:
        message = f"lists more than {MOST_DIMENSIONS} deep: an array has no more dimensions"
        raise ShapeError(message, code="KG-S008")
    return stack([_stacked(item, levels - 1) for item in listed(arg)])


def as_tensor_variable(x: Any, name: str | None = None, ndim: Any = None) -> Variable:
    """A symbol for `x`: variables stay themselves, numbers and arrays become constants, lists with
    variables in them are stacked.

    `ndim` is the number of dimensions wanted: new ones are put in front, and those in front dropped
    that are declared to have size 1. Raises `DTypeError` for what is none of these, `ShapeError`
    (KG-S008) for more dimensions than wanted.
    """
    found: Variable = (
        stacklists(x)
        if any(isinstance(v, Variable) for v in nested_items(x))
        else as_variable(x, name)
    )
    if ndim is None:
        return found
    wanted = expect_integer(ndim, "ndim", 0, MOST_DIMENSIONS)
    extra = found.ndim - wanted
    if extra <= 0:
        return dimshuffle(found, ["x"] * -extra + list(range(found.ndim)))
    if not all(found.broadcastable[:extra]):
        what = f"{describe(found)} has more than the {wanted} dimensions that are wanted"
        raise ShapeError(what, code="KG-S008", operands=(sized(found),))
    return dimshuffle(found, list(range(extra, found.ndim)))


def constant(x: Any, name: str | None = None, ndim: Any = None, dtype: Any = None) -> Variable:
    """A constant: a number or an array (which is copied) as a symbol; a size of 1 is declared.

    `ndim` is the number of dimensions wanted (see `as_tensor_variable`), `dtype` another dtype.
    Raises `ArgumentError` for a symbol with a dtype to be changed, `DTypeError` for what is no
    array, `NumberRangeError` (KG-D005, an OverflowError) for an integer that the dtype has not.
    """
    if dtype is not None:
        if isinstance(x, Variable):
            raise ArgumentError(f"{describe(x)} is a symbol: x.astype(dtype) changes its dtype")
        value = as_variable(x)
        x = cast(value, dtype).owner
        x = value.data if x is None else x.op.evaluate(x, [value.data])[0]
        expect_same_integers(value.data, check_dtype(dtype))
    return as_tensor_variable(x, name, ndim)
