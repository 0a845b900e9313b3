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
from kernelgraph.op import OPS
from kernelgraph.ops.arithmetic import mul, pow_, true_div
from kernelgraph.types import is_float

_MOST = {True: 16, False: 64}
"""The largest exponent, of floats and of integers."""

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
        yield name, _formula(true_div, dtype, x=one, y=x)
        x, number = ir.Name(name, dtype), -number
    result: ir.Expression | None = None
    rest = int(number)
    while rest:
        if rest & 1 and result is not None:
            name = fresh("power")
            yield name, _formula(mul, dtype, x=result, y=x)
            result = ir.Name(name, dtype)
        elif rest & 1:
            result = x
        rest >>= 1
        if rest:
            name = fresh("square")
            yield name, _formula(mul, dtype, x=x, y=x)
            x = ir.Name(name, dtype)


def _root(x: ir.Expression, fresh: Callable[[str], str]) -> Power:
    """The square root, as `pow` has it: 0 of -0, and infinity of minus infinity."""
    root_of = OPS["sqrt"]
    assert isinstance(root_of, Elementwise)
    low, high, zero = (ir.Number(n, x.dtype) for n in (-np.inf, np.inf, 0.0))
    positive, root, power = fresh("positive"), fresh("root"), fresh("power")
    plus: dict[str, str] = dict.fromkeys(("c", "cuda", "python"), "{x} + {y}")
    yield positive, ir.Formula(plus, {"x": x, "y": zero}, x.dtype)
    yield root, _formula(root_of, x.dtype, x=ir.Name(positive, x.dtype))
    choice = {"x": x, "low": low, "high": high, "root": ir.Name(root, x.dtype)}
    text = "{x} == {low} ? {high} : {root}"
    python = "{high} if {x} == {low} else {root}"
    yield power, ir.Formula({"c": text, "cuda": text, "python": python}, choice, x.dtype)


def _formula(op: Elementwise, dtype: str, **operands: ir.Expression) -> ir.Formula:
    return ir.Formula({"c": op.c, "cuda": op.cuda, "python": op.python}, operands, dtype)
