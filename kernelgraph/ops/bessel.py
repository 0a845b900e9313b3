"""Bessel functions of the first kind, J and the modified I, of any real order.

J solves x² y″ + x y′ + (x² - v²) y = 0 and swings like a cosine that fades; I solves the equation
with x² + v² and grows like exp(x). For small x both are power series, for large x Hankel's
expansions; between these, J goes by recurrence over its order, downwards from where it is next to
nothing (J. C. P. Miller, 1952), and is scaled by a sum that is known. Source of the formulas: NIST
Digital Library of Mathematical Functions, 10.2, 10.4, 10.6, 10.17, 10.23, 10.25, 10.40.
"""

# The operands of a formula are symbols of any type, so the lambdas below have none to declare.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false

from __future__ import annotations

import math

from kernelgraph.elementwise import elementwise, floating, public_ops
from kernelgraph.ops.gamma_function import GAMMA, LOG_GAMMA, gamma_of, log_gamma
from kernelgraph.ops.incomplete_gamma import POISSON, poisson_mass
from kernelgraph.ops.no_gradient import grad_not_implemented
from kernelgraph.ops.scalar_functions import by_element, doubles, exponential, floor, power

_EPSILON = 2.0**-53
_HIGHEST = 100_000
"""Orders beyond this have no value here: recurrences would take too long."""

_FAR = 25.0
"""From here on, Hankel's expansions of orders below 2 have all digits."""

_TOO_LARGE = 1e250
"""What a recurrence must not go beyond."""


def _hankel(v: float, x: float) -> float:
    """J for an order from 0 to 2 and x >= 25: 10.17.3. The angle x - (v/2 + 1/4) π is never formed,
    which would lose digits of x.
    """
    term, p, q = 1.0, 1.0, 0.0
    for k in range(1, 60):
        following = term * (4 * v * v - (2 * k - 1) * (2 * k - 1)) / (k * 8 * x)
        if abs(following) >= abs(term):
            break
        term = following
        if k % 2:
            q += term if k % 4 == 1 else -term
        else:
            p += term if k % 4 == 0 else -term
        if abs(term) < _EPSILON * 0.01:
            break
    angle = (v / 2 + 0.25) * math.pi
    cosine = math.cos(x) * math.cos(angle) + math.sin(x) * math.sin(angle)
    sine = math.sin(x) * math.cos(angle) - math.cos(x) * math.sin(angle)
    return math.sqrt(2 / math.pi) / math.sqrt(x) * (p * cosine - q * sine)


def _front(v: float, x: float) -> float:
    """(x/2)^v / Γ(v + 1), where it is no infinity."""
    half = x / 2 or x
    if v < -170:
        sign = 1.0 if math.fmod(floor(v), 2) != 0 else -1.0
        return sign * exponential(v * math.log(half) - log_gamma(v + 1))
    raised = power(half, v)
    if v < 170 and 1e-290 < raised < 1e300:
        return raised / (v * gamma_of(v) if v > 1 else gamma_of(v + 1))
    if v < 0:
        return math.copysign(raised, gamma_of(v + 1))
    return poisson_mass(v, half) * exponential(half / 2) * exponential(half / 2)


def _series(v: float, x: float, sign: float) -> float:
    """10.2.2 for sign -1, 10.25.2 for 1: a front times the sum of (± x²/4)^k / (k! (v+1)…(v+k))."""
    square = sign * (x / 2) * (x / 2)
    front = _front(v, x)
    term = total = front
    for k in range(1, _HIGHEST):
        term *= square / (k * (v + k))
        total += term
        if not abs(term) > _EPSILON / 8 * abs(total) and k + v > 0:
            break
    return total


def _at_zero(v: float) -> float:
    """(x/2)^v / Γ(v + 1) for x = 0."""
    if v >= 0:
        return 0.0 if v > 0 else 1.0
    return math.inf if math.fmod(floor(v), 2) != 0 else -math.inf


_SERIES = doubles("bessel_series", f"""\
/* (x/2)^v / gamma(v + 1). */
static inline float64 bessel_front(float64 v, float64 x) {{
    const float64 half = x / 2 > 0 ? x / 2 : x, raised = (pow)(half, v);
    if (v < -170) {{
        const float64 sign = (fmod)((floor)(v), 2.0) != 0 ? 1 : -1;
        return sign * (exp)(v * (log)(half) - wide_log_gamma(v + 1));
    }}
    if (v < 170 && raised > 1e-290 && raised < 1e300)
        return raised / (v > 1 ? v * wide_gamma(v) : wide_gamma(v + 1));
    if (v < 0) return (copysign)(raised, wide_gamma(v + 1));
    return poisson_mass(v, half) * (exp)(half / 2) * (exp)(half / 2);
}}
/* The same for x = 0. */
static inline float64 bessel_at_zero(float64 v) {{
    if (v >= 0) return v > 0 ? 0 : 1;
    return (fmod)((floor)(v), 2.0) != 0 ? INFINITY : -INFINITY;
}}
static inline float64 bessel_series(float64 v, float64 x, float64 sign) {{
    const float64 square = sign * (x / 2) * (x / 2);
    float64 term = bessel_front(v, x), total = term;
    for (float64 k = 1; k < {_HIGHEST}; k += 1) {{
        term *= square / (k * (v + k));
        total += term;
        if (!((fabs)(term) > {_EPSILON / 8!r} * (fabs)(total)) && k + v > 0) break;
    }}
    return total;
}}
""", needs=(POISSON, LOG_GAMMA, GAMMA))  # fmt: skip


def _miller(v: float, x: float) -> float:
    """J for x < 25 and order v >= 0, where the series would lose digits: downwards from an order at
    which J is next to nothing. The scale is 10.23.15: (x/2)^f = Σ (f + 2k) Γ(f + k) / k! J(f + 2k).
    """
    steps = int(v)
    fraction = v - steps
    half = (max(steps, int(x)) + 50) // 2
    weight = gamma_of(fraction + 1)  # (f + k) Γ(f + k) / k! for k = 0
    for k in range(1, half + 1):
        weight *= (fraction + k) / k
    above, here, total, found = 0.0, 1e-280, 0.0, 0.0
    for n in range(2 * half, -1, -1):
        if n % 2 == 0:
            k = n // 2
            total += here * weight * ((fraction + n) / (fraction + k) if n else 1.0)
            weight *= k / (fraction + k) if k else 1.0
        if n == steps:
            found = here
        above, here = here, 2 * (fraction + n) / x * here - above
    return found / total * power(x / 2, fraction)


def _down(v: float, x: float) -> float:
    """J for x >= 25 and order v > x: downwards to orders below 2, which are known."""
    steps = int(v)
    fraction = v - steps
    above, here, found = 0.0, 1e-280, 0.0
    for n in range(steps + 20 + int(10 * math.cbrt(v)), 0, -1):
        if n == steps:
            found = here
        above, here = here, 2 * (fraction + n) / x * here - above
        if abs(here) > _TOO_LARGE:
            above, here, found = above / _TOO_LARGE, here / _TOO_LARGE, found / _TOO_LARGE
    if abs(here) > abs(above):
        return found / here * _hankel(fraction, x)
    return found / above * _hankel(fraction + 1, x)


def _positive_order(v: float, x: float) -> float:
    """J for order v >= 0 and x > 0."""
    if x == math.inf:
        return 0.0
    if (x / 2) * (x / 2) < v + 1:
        return _series(v, x, -1.0)
    if x < _FAR:
        return _miller(v, x)
    if v > x:
        return _down(v, x)
    steps = int(v)
    fraction = v - steps
    below = _hankel(fraction, x)
    if steps == 0:
        return below
    here = _hankel(fraction + 1, x)
    for n in range(1, steps):
        below, here = here, 2 * (fraction + n) / x * here - below
    return here


def bessel_j(v: float, x: float) -> float:
    """J of order v at x; NaN for x < 0 unless v is whole."""
    if v != v or x != x or not abs(v) <= _HIGHEST:
        return math.nan
    is_whole = v == floor(v)
    sign = -1.0 if is_whole and math.fmod(v, 2) != 0 and (x < 0) != (v < 0) else 1.0
    if is_whole:
        v, x = abs(v), abs(x)
    if x < 0:
        return math.nan
    if x == 0:
        return sign * _at_zero(v)
    if v >= 0:
        return sign * _positive_order(v, x)
    order = v - floor(v)
    here, above = _positive_order(order, x), _positive_order(order + 1, x)
    for _ in range(int(-floor(v))):
        more = above if math.isfinite(above) else 0.0
        above, here = here, 2 * order / x * here - more
        order -= 1
    return here


def _i_of_positive(v: float, x: float) -> float:
    """I for x > 0; for large x by 10.40.1."""
    if x < 30 or x < v * v / 2:
        return _series(v, x, 1.0)
    if x > 800:
        return math.inf
    term, total = 1.0, 1.0
    for k in range(1, 100):
        term *= -(4 * v * v - (2 * k - 1) * (2 * k - 1)) / (k * 8 * x)
        total += term
        if abs(term) < _EPSILON / 8 * abs(total):
            break
    return exponential(x / 2) / math.sqrt(2 * math.pi * x) * total * exponential(x / 2)


def bessel_i(v: float, x: float) -> float:
    """I of order v at x; NaN for x < 0 unless v is whole."""
    if v != v or x != x or not abs(v) <= _HIGHEST:
        return math.nan
    is_whole = v == floor(v)
    sign = -1.0 if is_whole and math.fmod(v, 2) != 0 and x < 0 else 1.0
    if is_whole:
        v, x = abs(v), abs(x)
    if x < 0:
        return math.nan
    return _at_zero(v) if x == 0 else sign * _i_of_positive(v, x)


_BESSEL_J = doubles("bessel_j", f"""\
/* J for an order from 0 to 2 and x >= 25: Hankel's expansion. */
static inline float64 bessel_hankel(float64 v, float64 x) {{
    float64 term = 1, sums[2] = {{1, 0}};
    for (int32 k = 1; k < 60; k++) {{
        const float64 odd = 2 * k - 1;
        const float64 following = term * (4 * v * v - odd * odd) / (k * 8 * x);
        if ((fabs)(following) >= (fabs)(term)) break;
        term = following;
        sums[k % 2] += k % 4 < 2 ? term : -term;
        if ((fabs)(term) < {_EPSILON * 0.01!r}) break;
    }}
    const float64 angle = (v / 2 + 0.25) * {math.pi!r};
    const float64 cosine = (cos)(x) * (cos)(angle) + (sin)(x) * (sin)(angle);
    const float64 sine = (sin)(x) * (cos)(angle) - (cos)(x) * (sin)(angle);
    return {math.sqrt(2 / math.pi)!r} / (sqrt)(x) * (sums[0] * cosine - sums[1] * sine);
}}
/* For x < 25: downwards from where J is next to nothing, scaled by a sum that is known. */
static inline float64 bessel_miller(float64 v, float64 x) {{
    const float64 fraction = v - (floor)(v);
    const int32 steps = (int32)v, least = (int32)x;
    const int32 half = ((steps > least ? steps : least) + 50) / 2;
    float64 weight = wide_gamma(fraction + 1);
    for (int32 k = 1; k <= half; k++) weight *= (fraction + k) / k;
    float64 above = 0, here = 1e-280, total = 0, found = 0;
    for (int32 n = 2 * half; n >= 0; n--) {{
        if (n % 2 == 0) {{
            const int32 k = n / 2;
            total += here * weight * (n ? (fraction + n) / (fraction + k) : 1);
            weight *= k ? k / (fraction + k) : 1;
        }}
        if (n == steps) found = here;
        const float64 below = 2 * (fraction + n) / x * here - above;
        above = here;
        here = below;
    }}
    return found / total * (pow)(x / 2, fraction);
}}
/* For order v > x >= 25: downwards to orders below 2, which are known. */
static inline float64 bessel_down(float64 v, float64 x) {{
    const float64 fraction = v - (floor)(v);
    const int32 steps = (int32)v;
    float64 above = 0, here = 1e-280, found = 0;
    for (int32 n = steps + 20 + (int32)(10 * (cbrt)(v)); n > 0; n--) {{
        if (n == steps) found = here;
        const float64 below = 2 * (fraction + n) / x * here - above;
        above = here;
        here = below;
        if ((fabs)(here) > {_TOO_LARGE!r}) {{
            above /= {_TOO_LARGE!r};
            here /= {_TOO_LARGE!r};
            found /= {_TOO_LARGE!r};
        }}
    }}
    if ((fabs)(here) > (fabs)(above)) return found / here * bessel_hankel(fraction, x);
    return found / above * bessel_hankel(fraction + 1, x);
}}
static inline float64 bessel_j_positive(float64 v, float64 x) {{
    if (x == INFINITY) return 0;
    if ((x / 2) * (x / 2) < v + 1) return bessel_series(v, x, -1);
    if (x < {_FAR!r}) return bessel_miller(v, x);
    if (v > x) return bessel_down(v, x);
    const float64 fraction = v - (floor)(v);
    const int32 steps = (int32)v;
    float64 below = bessel_hankel(fraction, x);
    if (steps == 0) return below;
    float64 here = bessel_hankel(fraction + 1, x);
    for (int32 n = 1; n < steps; n++) {{
        const float64 next = 2 * (fraction + n) / x * here - below;
        below = here;
        here = next;
    }}
    return here;
}}
static inline float64 bessel_j(float64 v, float64 x) {{
    if (v != v || x != x || !((fabs)(v) <= {_HIGHEST})) return NAN;
    const int32 whole = v == (floor)(v);
    const float64 sign = whole && (fmod)(v, 2.0) != 0 && (x < 0) != (v < 0) ? -1 : 1;
    if (whole) v = (fabs)(v), x = (fabs)(x);
    if (x < 0) return NAN;
    if (x == 0) return sign * bessel_at_zero(v);
    if (v >= 0) return sign * bessel_j_positive(v, x);
    float64 order = v - (floor)(v);
    float64 here = bessel_j_positive(order, x), above = bessel_j_positive(order + 1, x);
    for (int32 n = (int32)-(floor)(v); n > 0; n--) {{
        const float64 below = 2 * order / x * here - (above - above == 0 ? above : 0);
        above = here;
        here = below;
        order -= 1;
    }}
    return here;
}}
""", needs=(_SERIES,))  # fmt: skip

_BESSEL_I = doubles("bessel_i", f"""\
static inline float64 bessel_i_positive(float64 v, float64 x) {{
    if (x < 30 || x < v * v / 2) return bessel_series(v, x, 1);
    if (x > 800) return INFINITY;
    float64 term = 1, total = 1;
    for (int32 k = 1; k < 100; k++) {{
        const float64 odd = 2 * k - 1;
        term *= -(4 * v * v - odd * odd) / (k * 8 * x);
        total += term;
        if ((fabs)(term) < {_EPSILON / 8!r} * (fabs)(total)) break;
    }}
    return (exp)(x / 2) / (sqrt)({2 * math.pi!r} * x) * total * (exp)(x / 2);
}}
static inline float64 bessel_i(float64 v, float64 x) {{
    if (v != v || x != x || !((fabs)(v) <= {_HIGHEST})) return NAN;
    const int32 whole = v == (floor)(v);
    const float64 sign = whole && (fmod)(v, 2.0) != 0 && x < 0 ? -1 : 1;
    if (whole) v = (fabs)(v), x = (fabs)(x);
    if (x < 0) return NAN;
    return x == 0 ? bessel_at_zero(v) : sign * bessel_i_positive(v, x);
}}
""", needs=(_SERIES,))  # fmt: skip

jv = elementwise(
    "jv", "Bessel function of the first kind of order v (the first operand) at x. Orders are real, "
    "up to 100 000; there is no derivative by v.",
    numpy=by_element(bessel_j), c="bessel_j({x}, {y})", python="jv({x}, {y})",
    helpers=(_BESSEL_J,), latex=r"J_{{x}}\left({y}\right)", arity=2,
    signature=floating, cost=400, ulps=64, steep=True,
    partials=lambda v, x, out: (
        grad_not_implemented("jv", 0, v), 0.5 * (jv(v - 1, x) - jv(v + 1, x)),
    ),
)  # fmt: skip

iv = elementwise(
    "iv", "Modified Bessel function of the first kind of order v (the first operand) at x. Orders "
    "are real, up to 100 000; there is no derivative by v.",
    numpy=by_element(bessel_i), c="bessel_i({x}, {y})", python="iv({x}, {y})",
    helpers=(_BESSEL_I,), latex=r"I_{{x}}\left({y}\right)", arity=2,
    signature=floating, cost=400, ulps=64, steep=True,
    partials=lambda v, x, out: (
        grad_not_implemented("iv", 0, v), 0.5 * (iv(v - 1, x) + iv(v + 1, x)),
    ),
)  # fmt: skip

j0 = elementwise(
    "j0", "Bessel function of the first kind of order 0.",
    numpy=by_element(lambda x: bessel_j(0.0, x)), c="bessel_j(0, {x})", python="j0({x})",
    helpers=(_BESSEL_J,), latex=r"J_{0}\left({x}\right)", signature=floating, cost=300, ulps=64,
    partials=lambda x, out: (-j1(x),),
)  # fmt: skip

j1 = elementwise(
    "j1", "Bessel function of the first kind of order 1.",
    numpy=by_element(lambda x: bessel_j(1.0, x)), c="bessel_j(1, {x})", python="j1({x})",
    helpers=(_BESSEL_J,), latex=r"J_{1}\left({x}\right)", signature=floating, cost=300, ulps=64,
    partials=lambda x, out: (0.5 * (j0(x) - jv(2, x)),),
)  # fmt: skip

i0 = elementwise(
    "i0", "Modified Bessel function of the first kind of order 0.",
    numpy=by_element(lambda x: bessel_i(0.0, x)), c="bessel_i(0, {x})", python="i0({x})",
    helpers=(_BESSEL_I,), latex=r"I_{0}\left({x}\right)", signature=floating, cost=300, ulps=64,
    steep=True, partials=lambda x, out: (i1(x),),
)  # fmt: skip

i1 = elementwise(
    "i1", "Modified Bessel function of the first kind of order 1.",
    numpy=by_element(lambda x: bessel_i(1.0, x)), c="bessel_i(1, {x})", python="i1({x})",
    helpers=(_BESSEL_I,), latex=r"I_{1}\left({x}\right)", signature=floating, cost=300, ulps=64,
    steep=True, partials=lambda x, out: (0.5 * (i0(x) + iv(2, x)),),
)  # fmt: skip

__all__ = list(public_ops(globals()))  # pyright: ignore[reportUnsupportedDunderAll]
