"""Powers with constant exponents: products in place of the function `pow`, which computes a
logarithm and an exponential.

Exponents from 2 to 16 take squares and products, each of which rounds once: a result that a float
has exactly is exact, and others are off by at most half a unit of the last digit for each product
(x**3: 1, x**10: 4.5 at the very worst, and mostly below 1). -1 and -2 divide first, so that nothing
overflows on the way. 0.5 is the square root, but for minus infinity. Integers wrap, whatever the
order of their products, so that any exponent up to 64 will do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from kernelgraph.elementwise import Elementwise
from kernelgraph.loops import ir
from kernelgraph.loops.expressions import operation
from kernelgraph.ops.arithmetic import add, mul, true_div
from kernelgraph.ops.functions import sqrt
from kernelgraph.ops.powers import pow_
from kernelgraph.templates import Template
from kernelgraph.types import is_float

_MOST = {True: 16, False: 64}
"""The largest exponent, of floats and of integers."""

_ROOT = Template(
    "root",
    "{x} == {low} ? {high} : {root}",
    "{high} if {x} == {low} else {root}",
)

Power = Iterator[tuple[str, ir.Expression]]
"""Names and what they stand for; the last is the power."""


def has_products(op: Elementwise, exponent: ir.Expression) -> bool:
    """Whether a power is one that products make."""
    if op != pow_ or not isinstance(exponent, ir.Number):
        return False
    number, floats = float(exponent.value), is_float(exponent.dtype)
    whole = number == int(number) if np.isfinite(number) else False
    return (whole and 2 <= number <= _MOST[floats]) or (floats and number in (-2, -1, 0.5))


def products(x: ir.Expression, exponent: ir.Number, fresh: Callable[[str], str]) -> Power:
    """The steps to a power of `x`, a name or a number."""
    number, dtype = float(exponent.value), x.dtype
    if number == 0.5:
        yield from _root(x, fresh)
        return
    if number < 0:
        one = ir.Number(np.dtype(dtype).type(1), dtype)
        name = fresh("reciprocal")
        yield name, operation(true_div, dtype, one, x)
        x, number = ir.Name(name, dtype), -number
    result: ir.Expression | None = None
    rest = int(number)
    while rest:
        if rest & 1 and result is not None:
            name = fresh("power")
            yield name, operation(mul, dtype, result, x)
            result = ir.Name(name, dtype)
        elif rest & 1:
            result = x
        rest >>= 1
        if rest:
            name = fresh("square")
            yield name, operation(mul, dtype, x, x)
            x = ir.Name(name, dtype)


def _root(x: ir.Expression, fresh: Callable[[str], str]) -> Power:
    """The square root, as `pow` has it: 0 of -0, and infinity of minus infinity."""
    low, high, zero = (ir.Number(n, x.dtype) for n in (-np.inf, np.inf, 0.0))
    positive, root, power = fresh("positive"), fresh("root"), fresh("power")
    yield positive, operation(add, x.dtype, x, zero)
    yield root, operation(sqrt, x.dtype, ir.Name(positive, x.dtype))
    chosen = {"x": x, "low": low, "high": high, "root": ir.Name(root, x.dtype)}
    yield power, ir.Operation(_ROOT, chosen, x.dtype)
