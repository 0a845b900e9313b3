"""Operands made ready for an op: dtypes promoted by the standard, numbers of Python taken as the
array's dtype, axes of size 1 known as such.

The tensor language knows from types which axes are repeated. An array whose size along an axis
turns out to be 1 is therefore looked at once more (`with_ones`): sizes are known when operations
run one by one, and in a traced function the sizes 1 of its inputs are part of its signature.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kernelgraph import tensor as T
from kernelgraph.array_api.array import Array
from kernelgraph.array_api.dtypes import DType, promoted, weak_dtype, weak_value
from kernelgraph.array_api.scalars import Scalar
from kernelgraph.array_api.values import constant_of, size_of
from kernelgraph.errors import DTypeError
from kernelgraph.expect import came
from kernelgraph.graph import Variable

NUMBERS = (bool, int, float, complex)


def is_number(value: Any) -> bool:
    """Whether a value is a number of Python (none of NumPy's, which have a dtype), or a size."""
    return type(value) in NUMBERS or isinstance(value, Scalar)


def kind_of(number: Any) -> type:
    """The type of Python that a number is, or a size will be."""
    if isinstance(number, Scalar):
        return number.kind
    return next(kind for kind in NUMBERS if type(number) is kind)


def common_dtype(values: Sequence[Any], what: str) -> DType:
    """The dtype that arrays, dtypes and numbers of Python make together.

    Raises `DTypeError` for other values, for numbers alone, and for dtypes of different kinds.
    """
    dtypes: list[DType] = []
    for value in values:
        if isinstance(value, Array):
            dtypes.append(value.dtype)
        elif isinstance(value, DType):
            dtypes.append(value)
        elif not is_number(value):
            raise DTypeError(
                f"{what} takes arrays and numbers, not {came(value)}",
                code="KG-D002",
                hint="xp.asarray(value) makes an array",
            )
    if not dtypes:
        raise DTypeError(f"{what} needs an array: numbers have no dtype", code="KG-D002")
    found = dtypes[0]
    for dtype in dtypes[1:]:
        found = promoted(found, dtype)
    for value in values:
        if is_number(value):
            found = promoted(found, weak_dtype(kind_of(value), found))
    return found


def as_operand(value: Any, dtype: DType) -> Variable:
    """An array or a number of Python as a symbol of a dtype."""
    if isinstance(value, Array):
        return T.cast(value.variable, dtype.name)
    if isinstance(value, Scalar):
        return T.cast(value.variable, dtype.name)
    return constant_of(weak_value(value, dtype))


def operands(what: str, *values: Any) -> tuple[DType, list[Variable]]:
    """The common dtype of some arrays and numbers, and all of them in it, ready to be broadcast."""
    dtype = common_dtype(values, what)
    return dtype, with_ones([as_operand(value, dtype) for value in values])


def expect_dtype(dtype: DType, allowed: Sequence[str], what: str) -> None:
    """A dtype that a function takes. Raises `DTypeError` (KG-D003)."""
    if dtype.name not in allowed:
        raise DTypeError(
            f"{what} is not defined for {dtype}",
            code="KG-D003",
            because=f"it takes: {', '.join(allowed)}",
            hint="xp.astype(x, dtype) converts",
        )


def with_ones(variables: Sequence[Variable]) -> list[Variable]:
    """The same arrays, with each axis that has size 1 known to have it, if this matters."""
    shapes = [v.tensor_type.shape for v in variables]
    if not any(None in shape for shape in shapes) or len(variables) < 2:
        return list(variables)
    return [_with_ones(v) if None in v.tensor_type.shape else v for v in variables]


def _with_ones(x: Variable) -> Variable:
    for axis, size in enumerate(x.tensor_type.shape):
        if size is None and size_of(x, axis) == 1:
            x = known_one(x, axis)
    return x


def known_one(x: Variable, axis: int) -> Variable:
    """An array that has size 1 along an axis, as its type then says."""
    index = [slice(None)] * x.ndim
    return x[(*index[:axis], 0, None, *index[axis + 1 :])]


def array(variable: Variable, dtype: DType) -> Array:
    """An array of a dtype from a symbol of perhaps another."""
    return Array(T.cast(variable, dtype.name))
