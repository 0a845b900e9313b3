"""Functions of logarithms that are finite at their limits: x log x at 0, and what would lose digits
beside 0 or 1 if it were written out.

>>> import kernelgraph as kg, kernelgraph.tensor as T
>>> x = T.dvector("x")
>>> kg.function([x], [xlogx(x), logit(x)], target="interpret")([0.0, 0.5])
[array([ 0.        , -0.34657359]), array([-inf,   0.])]
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kernelgraph.graph import Variable
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import cast, eq, switch
from kernelgraph.ops.functions import exp, expm1, log, log1p
from kernelgraph.ops.gamma_function import gammaln
from kernelgraph.types import is_inexact

__all__ = ["betaln", "log1mexp", "logit", "xlogx", "xlogy0"]


def _as_floats(x: Any) -> Variable:
    x = as_variable(x)
    return x if is_inexact(x.dtype) else cast(x, "float64")


def xlogx(x: Any) -> Variable:
    """x log x, and 0 at 0, where its derivative counts as 0."""
    return xlogy0(x, x)


def xlogy0(x: Any, y: Any) -> Variable:
    """x log y, and 0 where x is 0, whatever y is; its derivatives there count as 0."""
    x, y = _as_floats(x), _as_floats(y)
    none = eq(x, np.zeros((), x.dtype))
    found = x * log(y)
    return switch(none, np.zeros((), found.dtype), found)


def log1mexp(x: Any) -> Variable:
    """log(1 - exp(x)) of negative numbers, with all digits beside 0 and far below it.

    Source: M. Mächler, Accurately computing log(1 - exp(-|a|)), R package Rmpfr (2012).
    """
    x = _as_floats(x)
    return switch(x > -np.log(2).astype("float32"), log(-expm1(x)), log1p(-exp(x)))


def logit(x: Any) -> Variable:
    """log(x / (1 - x)) of numbers from 0 to 1: what `sigmoid` undoes."""
    x = _as_floats(x)
    return log(x / (1 - x))


def betaln(a: Any, b: Any) -> Variable:
    """The logarithm of the beta function, log(Γ(a) Γ(b) / Γ(a + b)), of positive numbers."""
    a, b = _as_floats(a), _as_floats(b)
    return gammaln(a) + gammaln(b) - gammaln(a + b)
