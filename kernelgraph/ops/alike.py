"""Whether arrays are alike: close to each other but for rounding, or the same."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np

from kernelgraph.expect import expect_flag, expect_number
from kernelgraph.graph import Variable
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import abs_, cast, eq, le
from kernelgraph.ops.choice import ifelse
from kernelgraph.ops.logic import both, either
from kernelgraph.ops.reductions import all_
from kernelgraph.ops.sources import derived_size
from kernelgraph.ops.special_values import isfinite, isnan
from kernelgraph.types import to_float, upcast

__all__ = ["allclose", "array_equal", "isclose"]


def isclose(
    a: Any, b: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> Variable:
    """Whether a and b are equal but for rounding, element by element: |a - b| ≤ atol + rtol |b|.

    Infinities are close to themselves only. NaN is close to nothing, or with `equal_nan` to NaN.
    Integers are compared as floats. The result is of dtype bool. As `numpy.isclose` has it, the
    tolerance is one of b: the two are not alike.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> x = T.dvector("x")
    >>> kg.function([x], T.isclose(x, 1.0))([1.0, 1.000001, 1.1]).tolist()
    [True, True, False]
    """
    rtol, atol = expect_number(rtol, "rtol"), expect_number(atol, "atol")
    expect_flag(equal_nan, "equal_nan")
    a, b = as_variable(a), as_variable(b)
    dtype = to_float(upcast(a.dtype, b.dtype))
    a, b = cast(a, dtype), cast(b, dtype)
    near = le(abs_(a - b), atol + rtol * abs_(b))
    close = either(both(near, isfinite(b)), eq(a, b))
    return either(close, both(isnan(a), isnan(b))) if equal_nan else close


def allclose(
    a: Any, b: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> Variable:
    """Whether all elements of a and b are equal but for rounding (see `isclose`): one bool; of no
    elements, true.
    """
    return all_(isclose(a, b, rtol, atol, equal_nan))


def array_equal(a1: Any, a2: Any, equal_nan: bool = False) -> Variable:
    """Whether two arrays have the same sizes and the same elements: one bool. Sizes that differ are
    no error. NaN equals nothing, or with `equal_nan` NaN.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> x = T.dvector("x")
    >>> f = kg.function([x], T.array_equal(x, [1.0, 2.0]))
    >>> bool(f([1.0, 2.0])), bool(f([1.0, 2.0, 3.0]))
    (True, False)
    """
    a, b = as_variable(a1), as_variable(a2)
    sizes = zip(a.tensor_type.shape, b.tensor_type.shape, strict=False)
    known = all(m == n for m, n in sizes if m is not None and n is not None)
    if a.ndim != b.ndim or not known:
        return as_variable(np.False_)
    alike = eq(a, b)
    if expect_flag(equal_nan, "equal_nan"):
        alike = either(alike, both(isnan(a), isnan(b)))
    same = [eq(derived_size(a, axis), derived_size(b, axis)) for axis in range(a.ndim)]
    return ifelse(reduce(both, same), all_(alike), np.False_) if same else alike
