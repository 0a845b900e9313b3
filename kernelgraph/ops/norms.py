"""How long vectors are, along any axes: (|x0|ᵖ + … + |xn|ᵖ)^(1/p), and its limits.

Where the length is 0 there is no derivative: it is 0, as that of a magnitude is.
"""

from __future__ import annotations

import math
from typing import Any

from kernelgraph.errors import OptionError
from kernelgraph.expect import came
from kernelgraph.graph import Variable
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import abs_, cast, eq, switch
from kernelgraph.ops.functions import sqrt
from kernelgraph.ops.powers import pow_, sqr
from kernelgraph.ops.reductions import count_nonzero, max_, min_, sum_
from kernelgraph.types import is_complex, is_float

__all__ = ["vector_norm"]

_LARGEST = 1e300
"""No number above this, but for infinity, is the order of a norm: some integers are no float."""


def vector_norm(x: Any, ord: Any = 2, axis: Any = None, keepdims: bool = False) -> Variable:
    """The p-norm of all elements over `axis` (None: all; an int or several), p being `ord`: the
    root of the sum of squares for 2, the sum of magnitudes for 1, the largest magnitude for
    infinity and the smallest for minus infinity, the number of elements that are not 0 for 0.

    Integers give float64; complex numbers count by their magnitudes. Raises `OptionError` for an
    `ord` that is no number, `AxisError` (KG-S003) for an axis that is not there, and `ShapeError`
    (KG-S010) when called on nothing with an infinite `ord`.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> x = T.dvector("x")
    >>> f = kg.function([x], [T.vector_norm(x), x.norm(1), T.grad(x.norm(2), x)])
    >>> [found.tolist() for found in f([0.0, -4.0])]
    [4.0, 4.0, [0.0, -1.0]]
    """
    is_number = isinstance(ord, int | float) and not isinstance(ord, bool)
    if not is_number or not (abs(ord) <= _LARGEST or abs(ord) == math.inf):
        raise OptionError(f"the order of a norm must be a number, not {came(ord)}")
    x = as_variable(x)
    if is_complex(x.dtype):
        x = abs_(x)
    x = x if is_float(x.dtype) else cast(x, "float64")
    if ord == 2:
        return sqrt(sum_(sqr(x), axis, keepdims=keepdims))
    if ord == 0:
        return cast(count_nonzero(x, axis, keepdims), x.dtype)
    size = abs_(x)
    if math.isinf(ord):
        return (max_ if ord > 0 else min_)(size, axis, keepdims)
    if ord == 1:
        return sum_(size, axis, keepdims=keepdims)
    total = sum_(pow_(size, float(ord)), axis, keepdims=keepdims)
    nothing = eq(total, 0)
    found = switch(nothing, total, pow_(switch(nothing, 1, total), 1 / float(ord)))
    return cast(found, x.dtype)
