"""Incomplete gamma functions: which share of Γ(k) = ∫ t^(k-1) e^(-t) dt lies below x, and above.

They are the distribution functions of gamma, chi-squared and Poisson variables. Below k + 1 the
share below x is a series of positive terms, above it the share above x is a continued fraction; for
k of 100 000 and more both follow the normal distribution, with N. M. Temme's correction. What
stands in front is computed without logarithms of large numbers (C. Loader, 2000). Source of the
formulas: NIST Digital Library of Mathematical Functions, 8.7, 8.9, 8.12.
"""

# The operands of a formula are symbols of any type, so the lambdas below have none to declare.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false

from __future__ import annotations

import math
from typing import Any

from kernelgraph.elementwise import elementwise, floating, public_ops
from kernelgraph.graph import Variable
from kernelgraph.op import as_variable
from kernelgraph.ops.functions import exp, log
from kernelgraph.ops.gamma_function import (
    GAMMA,
    LOG_GAMMA,
    gamma,
    gamma_of,
    gammaln,
    log_gamma_above_one,
)
from kernelgraph.ops.no_gradient import grad_not_implemented
from kernelgraph.ops.scalar_functions import (
    by_element,
    doubles,
    exponential,
    horner,
    polynomial,
    power,
)

_EPSILON = 2.0**-53
_MOST_TERMS = 20_000
"""Below k = 100 000 no series is longer."""

_LARGE = 1e5
"""From this k on, both shares follow the normal distribution."""

_HUGE = 1e300
"""From this k on, the shares are 0 and 1: neighbouring floats are farther apart than the spread."""

_ROOT_TWO_PI = math.sqrt(2 * math.pi)

_STIRLING_ERROR = (-691 / 360360, 1 / 1188, -1 / 1680, 1 / 1260, -1 / 360, 1 / 12)
"""log(k!) less Stirling's formula, times k, as a polynomial in 1/k²."""

_TEMME = (
    (-1.7875514403292181e-4, 3.527336860670194e-4, 1.1574074074074074e-3, -1.4814814814814815e-2,
     8.3333333333333333e-2, -3.3333333333333333e-1),
    (2.0576131687242798e-4, -9.9022633744855967e-4, 2.6455026455026455e-3, -3.4722222222222222e-3,
     -1.8518518518518519e-3),
)  # fmt: skip
"""The correction is a polynomial in η plus another one over k: NIST 8.12.7, in powers of η."""


def deviance(k: float, x: float) -> float:
    """k log(k / x) + x - k, which is 0 for x = k, with all digits near there."""
    if abs(x - k) >= 0.4 * (x + k):
        return k * math.log(k / x) + x - k
    ratio = (k - x) / (k + x)
    square, term = ratio * ratio, 2 * k * ratio
    total = (k - x) * ratio
    for odd in range(3, 99, 2):
        term *= square
        total += term / odd
        if abs(term) < _EPSILON / 8 * abs(total):
            break
    return total


def poisson_mass(k: float, x: float) -> float:
    """x^k e^(-x) / Γ(k + 1), for k >= 0 and x > 0."""
    if (k < 15 and x < 700) or (k < 140 and x < 30):
        factorial = k * gamma_of(k) if k > 1 else gamma_of(k + 1)
        return power(x, k) * exponential(-x) / factorial
    if k < 15:
        return 0.0
    inverse = 1 / k
    error = polynomial(_STIRLING_ERROR, inverse * inverse) * inverse
    return exponential(-error - deviance(k, x)) / (_ROOT_TWO_PI * math.sqrt(k))


POISSON = doubles("poisson_mass", f"""\
/* k log(k / x) + x - k. */
static inline float64 deviance(float64 k, float64 x) {{
    if ((fabs)(x - k) >= 0.4 * (x + k)) return k * (log)(k / x) + x - k;
    const float64 ratio = (k - x) / (k + x), square = ratio * ratio;
    float64 term = 2 * k * ratio, total = (k - x) * ratio;
    for (float64 odd = 3; odd < 99; odd += 2) {{
        term *= square;
        total += term / odd;
        if ((fabs)(term) < {_EPSILON / 8!r} * (fabs)(total)) break;
    }}
    return total;
}}
/* x^k e^(-x) / gamma(k + 1), without numbers beyond the range on the way. */
static inline float64 poisson_mass(float64 k, float64 x) {{
    if ((k < 15 && x < 700) || (k < 140 && x < 30)) {{
        const float64 factorial = k > 1 ? k * wide_gamma(k) : wide_gamma(k + 1);
        return (pow)(x, k) * (exp)(-x) / factorial;
    }}
    if (k < 15) return 0;
    const float64 inverse = 1 / k, square = inverse * inverse;
    const float64 error = ({horner(_STIRLING_ERROR, "square")}) * inverse;
    return (exp)(-error - deviance(k, x)) / ({_ROOT_TWO_PI!r} * (sqrt)(k));
}}
""", needs=(GAMMA,))  # fmt: skip


def _shares(k: float, x: float) -> tuple[float, float]:
    """The shares below and above x; one of them is computed, the other is the rest."""
    if k != k or x != x or k < 0 or x < 0 or (k == x and (k == 0 or k == math.inf)):
        return math.nan, math.nan
    if x == 0 or k == math.inf:
        return 0.0, 1.0
    if k == 0 or x == math.inf:
        return 1.0, 0.0
    if k >= _LARGE:
        return _nearly_normal(k, x) if k < _HUGE else (float(x > k), float(x <= k))
    if _is_small(k, x):
        above = _above_small(k, x)
        return 1 - above, above
    if x < k + 1:
        below = _below(k, x)
        return below, 1 - below
    above = _above(k, x)
    return 1 - above, above


def _is_small(k: float, x: float) -> bool:
    """Whether the share above is the smaller one, and a series in x finds it."""
    return k < -0.4 / math.log(x) if x <= 0.5 else x <= 1.1 and k <= 1.1 * x


def _below(k: float, x: float) -> float:
    """The series of 8.7.1: its terms are positive."""
    term, total = 1.0, 1.0
    for n in range(1, _MOST_TERMS):
        term *= x / (k + n)
        total += term
        if term < _EPSILON * total:
            break
    return poisson_mass(k, x) * total


def _above(k: float, x: float) -> float:
    """The continued fraction of 8.9.2, from its front (W. J. Lentz, 1976)."""
    b = x + 1 - k
    c, d = 1e300, 1 / b
    fraction = d
    for n in range(1, _MOST_TERMS):
        a = n * (k - n)
        b += 2
        d, c = 1 / (a * d + b), b + a / c
        fraction *= c * d
        if abs(c * d - 1) <= 2 * _EPSILON:
            break
    return poisson_mass(k, x) * k * fraction


def _above_small(k: float, x: float) -> float:
    """One less the series of 8.7.3 for small x, where the share below is nearly 1 for small k."""
    term, total = 1.0, 0.0
    for n in range(1, 40):
        term *= -x / n
        total += term / (k + n)
    front = k * math.log(x) - log_gamma_above_one(k)
    return -math.expm1(front) - exponential(front) * k * total


def _nearly_normal(k: float, x: float) -> tuple[float, float]:
    """8.12.3 and 8.12.4, with the first two corrections."""
    away = deviance(k, x)
    eta = math.copysign(math.sqrt(2 * away / k), x - k)
    near = max(-1.0, min(1.0, eta))
    correction = polynomial(_TEMME[0], near) + polynomial(_TEMME[1], near) / k
    rest = exponential(-away) / (_ROOT_TWO_PI * math.sqrt(k)) * correction
    tail = eta * math.sqrt(k / 2)
    return math.erfc(-tail) / 2 - rest, math.erfc(tail) / 2 + rest


_SHARES = doubles("shares_of_gamma", f"""\
static inline float64 share_below(float64 k, float64 x) {{
    float64 term = 1, total = 1;
    for (float64 n = 1; n < {_MOST_TERMS}; n += 1) {{
        term *= x / (k + n);
        total += term;
        if (term < {_EPSILON!r} * total) break;
    }}
    return poisson_mass(k, x) * total;
}}
static inline float64 share_above(float64 k, float64 x) {{
    float64 b = x + 1 - k, c = 1e300, d = 1 / b, fraction = d;
    for (float64 n = 1; n < {_MOST_TERMS}; n += 1) {{
        const float64 a = n * (k - n);
        b += 2;
        d = 1 / (a * d + b);
        c = b + a / c;
        fraction *= c * d;
        if ((fabs)(c * d - 1) <= {2 * _EPSILON!r}) break;
    }}
    return poisson_mass(k, x) * k * fraction;
}}
static inline float64 share_above_small(float64 k, float64 x) {{
    float64 term = 1, total = 0;
    for (float64 n = 1; n < 40; n += 1) {{
        term *= -x / n;
        total += term / (k + n);
    }}
    const float64 front = k * (log)(x) - log_gamma_above_one(k);
    return -(expm1)(front) - (exp)(front) * k * total;
}}
static inline float64 nearly_normal(float64 k, float64 x, float64 side) {{
    const float64 away = deviance(k, x), eta = (copysign)((sqrt)(2 * away / k), x - k);
    const float64 z = eta < -1 ? -1 : eta > 1 ? 1 : eta;
    const float64 correction = {horner(_TEMME[0], "z")} + ({horner(_TEMME[1], "z")}) / k;
    const float64 rest = (exp)(-away) / ({_ROOT_TWO_PI!r} * (sqrt)(k)) * correction;
    return (erfc)(side * (eta * (sqrt)(k / 2))) / 2 + side * rest;
}}
/* The share of gamma(k) below x for a side of -1, above x for 1. */
static inline float64 shares_of_gamma(float64 k, float64 x, float64 side) {{
    if (k != k || x != x || k < 0 || x < 0 || (k == x && (k == 0 || k == INFINITY))) return NAN;
    if (x == 0 || k == INFINITY) return side < 0 ? 0 : 1;
    if (k == 0 || x == INFINITY) return side < 0 ? 1 : 0;
    if (k >= {_HUGE!r}) return (side < 0) == (x > k);
    if (k >= {_LARGE!r}) return nearly_normal(k, x, side);
    const int32 small = x <= 0.5 ? k < -0.4 / (log)(x) : x <= 1.1 && k <= 1.1 * x;
    const int32 low = !small && x < k + 1;
    const float64 share = small ? share_above_small(k, x)
                        : low ? share_below(k, x) : share_above(k, x);
    return (low ? side < 0 : side > 0) ? share : 1 - share;
}}
""", needs=(POISSON, LOG_GAMMA))  # fmt: skip


def _density(k: Variable, x: Variable) -> Variable:
    """x^(k-1) e^(-x) / Γ(k)."""
    return exp((k - 1) * log(x) - x - gammaln(k))


gammainc = elementwise(
    "gammainc", "The share of Γ(k) that lies below x (k is the first operand), from 0 to 1. There "
    "is no derivative by k.",
    numpy=by_element(lambda k, x: _shares(k, x)[0]), c="shares_of_gamma({x}, {y}, -1)",
    python="gammainc({x}, {y})", helpers=(_SHARES,), latex=r"P\left({x}, {y}\right)", arity=2,
    signature=floating, cost=300, ulps=8, steep=True,
    partials=lambda k, x, out: (grad_not_implemented("gammainc", 0, k), _density(k, x)),
)  # fmt: skip

gammaincc = elementwise(
    "gammaincc", "The share of Γ(k) that lies above x (k is the first operand), with all digits "
    "where it is small. There is no derivative by k.",
    numpy=by_element(lambda k, x: _shares(k, x)[1]), c="shares_of_gamma({x}, {y}, 1)",
    python="gammaincc({x}, {y})", helpers=(_SHARES,), latex=r"Q\left({x}, {y}\right)", arity=2,
    signature=floating, cost=300, steep=True,
    ulps=16,  # where it is what the share below leaves of 1, that one's roundings weigh more
    partials=lambda k, x, out: (grad_not_implemented("gammaincc", 0, k), -_density(k, x)),
)  # fmt: skip


def chi2sf(x: Any, k: Any) -> Variable:
    """How likely a chi-squared variable with k degrees of freedom is above x: 1 less its
    distribution function. There is no derivative by k.
    """
    return gammaincc(as_variable(k) / 2, as_variable(x) / 2)


def gammal(k: Any, x: Any) -> Variable:
    """∫ t^(k-1) e^(-t) dt from 0 to x: `gammainc` times Γ(k)."""
    return gammainc(k, x) * gamma(k)


def gammau(k: Any, x: Any) -> Variable:
    """∫ t^(k-1) e^(-t) dt from x to infinity: `gammaincc` times Γ(k)."""
    return gammaincc(k, x) * gamma(k)


__all__ = list(public_ops(globals(), "chi2sf", "gammal", "gammau"))  # pyright: ignore[reportUnsupportedDunderAll]
