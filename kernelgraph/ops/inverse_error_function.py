"""Inverses of the error function and of what it leaves to 1: where a normal distribution has so
much of its weight.

Three ratios of polynomials give 16 digits, for middle numbers, tails, and far tails: M. J. Wichura,
Algorithm AS 241, Applied Statistics 37 (1988), 477-484. They are of the quantile z of the standard
normal distribution, whose share below z is (1 + erf(z/√2)) / 2.
"""

# The operands of a formula are symbols of any type, so the lambdas below have none to declare.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false

from __future__ import annotations

import math

from kernelgraph.elementwise import elementwise, floating, public_ops
from kernelgraph.ops.arithmetic import sqr
from kernelgraph.ops.functions import exp
from kernelgraph.ops.scalar_functions import by_element, doubles, horner, polynomial

_MIDDLE = (
    (2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
     13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608),
    (5226.495278852854561, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
     5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1.0),
)  # fmt: skip
_TAIL = (
    (7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177,
     1.27045825245236838258, 3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959,
     1.42343711074968357734),
    (1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966,
     0.14810397642748007459, 0.68976733498510000455, 1.6763848301838038494,
     2.05319162663775882187, 1.0),
)  # fmt: skip
_FAR_TAIL = (
    (2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.2426609473880784386e-3,
     0.026532189526576123093, 0.29656057182850489123, 1.7848265399172913358,
     5.4637849111641143699, 6.6579046435011037772),
    (2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5,
     7.868691311456132591e-4, 0.0148753612908506148525, 0.13692988092273580531,
     0.59983220655588793769, 1.0),
)  # fmt: skip

_ROOT_HALF = math.sqrt(0.5)
_HALF_ROOT_PI = math.sqrt(math.pi) / 2


def _ratio(polynomials: tuple[tuple[float, ...], tuple[float, ...]], r: float) -> float:
    above, below = polynomials
    return polynomial(above, r) / polynomial(below, r)


def _tail(share: float) -> float:
    """How far out, in √2 standard deviations, a tail of half of this share (up to 0.15) begins."""
    r = math.sqrt(math.log(2) - math.log(share))
    return (_ratio(_TAIL, r - 1.6) if r <= 5 else _ratio(_FAR_TAIL, r - 5)) * _ROOT_HALF


def _middle(q: float) -> float:
    """The quantile of the share 1/2 + q, in units of √2 standard deviations."""
    return q * _ratio(_MIDDLE, 0.180625 - q * q) * _ROOT_HALF


def _erfinv(x: float) -> float:
    if not abs(x) < 1:
        return math.copysign(math.inf, x) if abs(x) == 1 else math.nan
    return _middle(x / 2) if abs(x) <= 0.85 else math.copysign(_tail(1 - abs(x)), x)


def _erfcinv(x: float) -> float:
    if not 0 < x < 2:
        return math.inf if x == 0 else -math.inf if x == 2 else math.nan
    if abs(x - 1) <= 0.85:
        return _middle((1 - x) / 2)
    return _tail(x) if x < 1 else -_tail(2 - x)


def _text(polynomials: tuple[tuple[float, ...], tuple[float, ...]]) -> str:
    above, below = polynomials
    return f"({horner(above, 'r')}) / ({horner(below, 'r')})"


_QUANTILES = doubles("normal_quantiles", f"""\
/* Where a tail of half of this share begins, in units of root 2 standard deviations. */
static inline float64 normal_tail(float64 share) {{
    float64 r = (sqrt)({math.log(2)!r} - (log)(share));
    if (r <= 5) {{
        r -= 1.6;
        return {_text(_TAIL)} * {_ROOT_HALF!r};
    }}
    r -= 5;
    return {_text(_FAR_TAIL)} * {_ROOT_HALF!r};
}}
/* The quantile of the share 1/2 + q. */
static inline float64 normal_middle(float64 q) {{
    const float64 r = 0.180625 - q * q;
    return q * ({_text(_MIDDLE)}) * {_ROOT_HALF!r};
}}
""")  # fmt: skip

_ERFINV = doubles("wide_erfinv", """\
static inline float64 wide_erfinv(float64 x) {
    const float64 size = (fabs)(x);
    if (!(size < 1)) return size == 1 ? (copysign)((float64)INFINITY, x) : NAN;
    return size <= 0.85 ? normal_middle(x / 2) : (copysign)(normal_tail(1 - size), x);
}
""", needs=(_QUANTILES,))  # fmt: skip

_ERFCINV = doubles("wide_erfcinv", """\
static inline float64 wide_erfcinv(float64 x) {
    if (!(x > 0 && x < 2)) return x == 0 ? INFINITY : x == 2 ? -INFINITY : NAN;
    if ((fabs)(x - 1) <= 0.85) return normal_middle((1 - x) / 2);
    return x < 1 ? normal_tail(x) : -normal_tail(2 - x);
}
""", needs=(_QUANTILES,))  # fmt: skip

erfinv = elementwise(
    "erfinv", "The number whose error function is x, from -1 to 1.",
    numpy=by_element(_erfinv), c="wide_erfinv({x})", python="erfinv({x})", helpers=(_ERFINV,),
    latex=r"\operatorname{erf}^{-1}\left({x}\right)", signature=floating, cost=60, ulps=2,
    steep=True, partials=lambda x, out: (_HALF_ROOT_PI * exp(sqr(out)),),
)  # fmt: skip

erfcinv = elementwise(
    "erfcinv", "The number whose erfc is x, from 0 to 2, with all digits where x is small.",
    numpy=by_element(_erfcinv), c="wide_erfcinv({x})", python="erfcinv({x})",
    helpers=(_ERFCINV,), latex=r"\operatorname{erfc}^{-1}\left({x}\right)",
    signature=floating, cost=60, ulps=2, steep=True,
    partials=lambda x, out: (-_HALF_ROOT_PI * exp(sqr(out)),),
)  # fmt: skip

__all__ = list(public_ops(globals()))  # pyright: ignore[reportUnsupportedDunderAll]
