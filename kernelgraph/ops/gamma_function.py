"""The gamma function, which continues the factorial ((n - 1)! = Γ(n)), its logarithm, and the
derivatives of that: digamma (psi) and trigamma.

Large numbers go by Stirling's series, numbers near 1 and 2, where the logarithm is 0, by a power
series about 2, all others are shifted there: Γ(x + 1) = x Γ(x). Negative numbers are reflected:
Γ(x) Γ(1 - x) = π / sin(π x). Source of the formulas: NIST Digital Library of Mathematical
Functions, 5.5, 5.7, 5.11 and 5.15.
"""

# The operands of a formula are symbols of any type, so the lambdas below have none to declare.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false

from __future__ import annotations

import math

from kernelgraph.elementwise import elementwise, floating, public_ops
from kernelgraph.ops.scalar_functions import by_element, doubles, floor, horner, polynomial, power

_ZETA = (
    0.6449340668482264, 0.2020569031595943, 0.08232323371113819, 0.03692775514336993,
    0.01734306198444914, 0.008349277381922827, 0.00407735619794434, 0.0020083928260822143,
    0.0009945751278180853, 0.0004941886041194645, 0.0002460865533080483, 0.00012271334757848915,
    6.124813505870483e-05, 3.058823630702049e-05, 1.528225940865187e-05, 7.637197637899763e-06,
    3.81729326499984e-06, 1.908212716553939e-06, 9.539620338727962e-07, 4.769329867878064e-07,
    2.38450502727733e-07, 1.1921992596531106e-07, 5.960818905125948e-08, 2.980350351465228e-08,
    1.4901554828365043e-08, 7.45071178983543e-09, 3.725334024788457e-09, 1.862659723513049e-09,
)  # fmt: skip
"""ζ(k) - 1 for k = 2, 3, …: how far the sum of 1/n^k is from its first term."""

_EULER = 0.5772156649015329
_NEAR_TWO = tuple(
    reversed([0.0, 1 - _EULER, *((-1) ** k * zeta / k for k, zeta in enumerate(_ZETA, start=2))])
)
"""log Γ(2 + z) as a polynomial in z; for |z| <= 1/2 what is left out is below 1e-17 of it."""

_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)
"""The Bernoulli numbers B2, B4, …"""

_STIRLING = tuple(reversed([b / (2 * k * (2 * k - 1)) for k, b in enumerate(_BERNOULLI, start=1)]))
"""log Γ(x) - ((x - 1/2) log x - x + log(2π)/2), times x, as a polynomial in 1/x²."""

_PSI = tuple(reversed([b / (2 * k) for k, b in enumerate(_BERNOULLI, start=1)]))
"""log x - 1/(2x) - ψ(x), times x², as a polynomial in 1/x²."""

_TRIGAMMA = tuple(reversed([1.0, *_BERNOULLI]))
"""ψ'(x) - 1/(2x²), times x, as a polynomial in 1/x²."""

_EULER_MACLAURIN = tuple(b / math.factorial(2 * k) for k, b in enumerate(_BERNOULLI, start=1))
"""B2 / 2!, B4 / 4!, …"""

_HALF_LOG_TWO_PI = 0.9189385332046727

_ROOT = (1.4616321446374059, 3.309564688275257e-10, 9.016312093258695e-20)
"""Where ψ is 0, in three parts, of which the first two are short: x less them is exact."""

_PSI_ABOVE = (
    -0.0020713321167745952, -0.045251321448739056, -0.28919126444774784, -0.65031853770896507,
    -0.32555031186804491, 0.25479851061131551,
)  # fmt: skip
_PSI_BELOW = (
    -0.55789841321675513e-6, 0.0021284987017821144, 0.054151797245674225, 0.43593529692665969,
    1.4606242909763515, 2.0767117023730469, 1.0,
)  # fmt: skip
_PSI_START = 0.99558162689208984
"""ψ(x) / (x - root) for 1 <= x <= 2 is the last plus the ratio of the two polynomials in x - 1 (J.
Maddock, Boost.Math, digamma.hpp).
"""


def gamma_of(x: float) -> float:
    """Γ(x): NaN at its poles -1, -2, …, and an infinity of the sign of a zero."""
    if x == 0:
        return math.copysign(math.inf, x)
    if x < 0 and x == floor(x):
        return math.nan
    try:
        return math.gamma(x)
    except OverflowError:
        return math.copysign(math.inf, x)


GAMMA = doubles("wide_gamma", """\
static inline float64 wide_gamma(float64 x) { return (tgamma)(x); }
""")  # fmt: skip

gamma = elementwise(
    "gamma", "Gamma function: (n - 1)! for whole n > 0; NaN at its poles, -1, -2 and so on.",
    numpy=by_element(gamma_of), c="wide_gamma({x})", python="gamma({x})", helpers=(GAMMA,),
    latex=r"\Gamma\left({x}\right)", signature=floating, cost=120, ulps=10, steep=True,
    partials=lambda x, out: (out * psi(x),),
)  # fmt: skip


def log_gamma(x: float) -> float:
    """log |Γ(x)|."""
    if x != x or math.isinf(x):
        return abs(x)
    if x == floor(x) and x <= 0:
        return math.inf
    if abs(x) < 0.5:
        return polynomial(_NEAR_TWO, x) - math.log1p(x) - math.log(abs(x))
    if x < 0:
        sine = math.sin(math.pi * (x - floor(x + 0.5)))
        return math.log(math.pi / abs(x * sine)) - log_gamma(-x)
    if x < 1.5:
        return polynomial(_NEAR_TWO, x - 1) - math.log(x)
    if x < 10:
        product = 1.0
        while x > 2.5:
            x -= 1
            product *= x
        return math.log(product) + polynomial(_NEAR_TWO, x - 2)
    inverse = 1 / x
    series = polynomial(_STIRLING, inverse * inverse) * inverse
    return (x - 0.5) * (math.log(x) - 1) + (_HALF_LOG_TWO_PI - 0.5) + series


def log_gamma_above_one(x: float) -> float:
    """log Γ(1 + x) for x >= 0, of which 1 + x would lose digits."""
    return polynomial(_NEAR_TWO, x) - math.log1p(x) if x < 0.5 else log_gamma(1 + x)


LOG_GAMMA = doubles("wide_log_gamma", f"""\
/* log(gamma(2 + z)) for |z| <= 1/2. */
static inline float64 log_gamma_near_two(float64 x) {{
    return {horner(_NEAR_TWO, "x")};
}}
static inline float64 log_gamma_positive(float64 x) {{
    if (x < 1.5) return log_gamma_near_two(x - 1) - (log)(x);
    if (x < 10) {{
        float64 product = 1;
        for (; x > 2.5; product *= x) x -= 1;
        return (log)(product) + log_gamma_near_two(x - 2);
    }}
    const float64 inverse = 1 / x, square = inverse * inverse;
    const float64 series = ({horner(_STIRLING, "square")}) * inverse;
    return (x - 0.5) * ((log)(x) - 1) + {_HALF_LOG_TWO_PI - 0.5!r} + series;
}}
/* log |gamma(x)|; what is negative is reflected. */
static inline float64 wide_log_gamma(float64 x) {{
    if (x != x || x - x != 0) return (fabs)(x);
    if (x <= 0 && x == (floor)(x)) return INFINITY;
    if ((fabs)(x) < 0.5) return log_gamma_near_two(x) - (log1p)(x) - (log)((fabs)(x));
    if (x > 0) return log_gamma_positive(x);
    const float64 sine = (sin)({math.pi!r} * (x - (floor)(x + 0.5)));
    return (log)({math.pi!r} / (fabs)(x * sine)) - log_gamma_positive(-x);
}}
/* log(gamma(1 + x)) for x >= 0. */
static inline float64 log_gamma_above_one(float64 x) {{
    return x < 0.5 ? log_gamma_near_two(x) - (log1p)(x) : log_gamma_positive(1 + x);
}}
""")  # fmt: skip

gammaln = elementwise(
    "gammaln", "Logarithm of the magnitude of the gamma function, with all digits near 1 and 2 (5 "
    "units of the last one for x > 0).",
    numpy=by_element(log_gamma), c="wide_log_gamma({x})", python="gammaln({x})",
    helpers=(LOG_GAMMA,), latex=r"\log\left|\Gamma\left({x}\right)\right|",
    signature=floating, cost=80, ulps=2, steep=True,
    partials=lambda x, out: (psi(x),),
)  # fmt: skip


def _psi_of(x: float) -> float:
    if x == 0:
        return -math.copysign(math.inf, x)
    if x < 0 and x == floor(x):
        return math.nan
    found = 0.0
    if x < 0:
        found = -math.pi / math.tan(math.pi * (x - floor(x + 0.5)))
        x = 1 - x
    if x < 1:
        found -= 1 / x
        x += 1
    while 2 < x < 10:
        x -= 1
        found += 1 / x
    if x <= 2:
        ratio = polynomial(_PSI_ABOVE, x - 1) / polynomial(_PSI_BELOW, x - 1)
        return found + (x - _ROOT[0] - _ROOT[1] - _ROOT[2]) * (_PSI_START + ratio)
    if x == math.inf:
        return found + x
    inverse = 1 / x
    square = inverse * inverse
    return found + (math.log(x) - 0.5 * inverse - polynomial(_PSI, square) * square)


_PSI_HELPER = doubles("wide_psi", f"""\
static inline float64 wide_psi(float64 x) {{
    if (x == 0) return -(copysign)((float64)INFINITY, x);
    if (x < 0 && x == (floor)(x)) return NAN;
    float64 found = 0;
    if (x < 0) {{
        found = -{math.pi!r} / (tan)({math.pi!r} * (x - (floor)(x + 0.5)));
        x = 1 - x;
    }}
    if (x < 1) {{
        found -= 1 / x;
        x += 1;
    }}
    for (; x > 2 && x < 10; found += 1 / x) x -= 1;
    if (x <= 2) {{
        const float64 z = x - 1;
        const float64 ratio = ({horner(_PSI_ABOVE, "z")}) / ({horner(_PSI_BELOW, "z")});
        return found + (x - {_ROOT[0]!r} - {_ROOT[1]!r} - {_ROOT[2]!r}) * ({_PSI_START!r} + ratio);
    }}
    const float64 inverse = 1 / x, square = inverse * inverse;
    const float64 series = ({horner(_PSI, "square")}) * square;
    return found + ((log)(x) - 0.5 * inverse - series);
}}
""")  # fmt: skip

psi = elementwise(
    "psi", "Digamma function: the derivative of log Γ.",
    numpy=by_element(_psi_of), c="wide_psi({x})", python="psi({x})", helpers=(_PSI_HELPER,),
    latex=r"\psi\left({x}\right)", signature=floating, cost=80, ulps=2, steep=True,
    partials=lambda x, out: (tri_gamma(x),),
)  # fmt: skip


def _trigamma_of(x: float) -> float:
    if x != x or x == math.inf:
        return 0.0 if x == x else x
    if x <= 0 and x == floor(x):
        return math.nan if x == -math.inf else math.inf
    found, sign = 0.0, 1.0
    if x < 0:
        sine = math.sin(math.pi * (x - floor(x + 0.5)))
        found, sign = (math.pi / sine) * (math.pi / sine), -1.0
        x = 1 - x
    rest = 0.0
    while x < 10:
        rest += (1 / x) * (1 / x)
        x += 1
    inverse = 1 / x
    square = inverse * inverse
    return found + sign * (rest + (polynomial(_TRIGAMMA, square) * inverse + 0.5 * square))


_TRIGAMMA_HELPER = doubles("wide_trigamma", f"""\
static inline float64 wide_trigamma(float64 x) {{
    if (x != x || x == INFINITY) return x == x ? 0 : x;
    if (x <= 0 && x == (floor)(x)) return x - x != 0 ? NAN : INFINITY;
    float64 found = 0, sign = 1, rest = 0;
    if (x < 0) {{
        const float64 sine = (sin)({math.pi!r} * (x - (floor)(x + 0.5)));
        found = ({math.pi!r} / sine) * ({math.pi!r} / sine);
        sign = -1;
        x = 1 - x;
    }}
    for (; x < 10; x += 1) rest += (1 / x) * (1 / x);
    const float64 inverse = 1 / x, square = inverse * inverse;
    return found + sign * (rest + (({horner(_TRIGAMMA, "square")}) * inverse + 0.5 * square));
}}
""")  # fmt: skip

tri_gamma = elementwise(
    "tri_gamma", "Trigamma function: the second derivative of log Γ.",
    numpy=by_element(_trigamma_of), c="wide_trigamma({x})", python="tri_gamma({x})",
    helpers=(_TRIGAMMA_HELPER,), latex=r"\psi_{1}\left({x}\right)",
    signature=floating, cost=80, ulps=2, steep=True,
    partials=lambda x, out: (polygamma(2, x),),
)  # fmt: skip


def _zeta(s: float, a: float) -> float:
    """Hurwitz's ζ(s, a) = Σ 1/(a + k)^s for s > 1 and a > 0: some terms, and the rest by the
    formula of Euler and Maclaurin (25.11.28 there).
    """
    total = 0.0
    while a < 10 + 1.5 * s:
        total += power(a, -s)
        a += 1
    term, rest = s * power(a, -s - 1), 0.0
    for k, factor in enumerate(_EULER_MACLAURIN):
        rest += factor * term
        term *= (s + 2 * k + 1) * (s + 2 * k + 2) / (a * a)
    return total + power(a, 1 - s) / (s - 1) + power(a, -s) / 2 + rest


def _polygamma_of(n: float, x: float) -> float:
    if not (0 <= n <= 150 and n == floor(n)) or x != x or x == -math.inf:
        return math.nan
    if n < 2:
        return _trigamma_of(x) if n else _psi_of(x)
    if x <= 0 and x == floor(x):
        return math.inf if math.fmod(n, 2) else math.nan
    if x == math.inf:
        return 0.0
    sign = 1.0 if math.fmod(n, 2) else -1.0
    front = sign * gamma_of(n + 1)
    if x > 0:
        return front * _zeta(n + 1, x)
    part, rest = x - floor(x), floor(x) + 1 - x  # poles below x, and those above, up to 0
    return front * (_zeta(n + 1, part) + sign * (_zeta(n + 1, rest) - _zeta(n + 1, 1 - x)))


_POLYGAMMA = doubles("wide_polygamma", f"""\
/* Hurwitz's zeta: the sum of 1/(a + k)^s. */
static inline float64 hurwitz_zeta(float64 s, float64 a) {{
    const float64 factors[] = {{{", ".join(map(repr, _EULER_MACLAURIN))}}};
    float64 total = 0;
    for (; a < 10 + 1.5 * s; a += 1) total += (pow)(a, -s);
    float64 term = s * (pow)(a, -s - 1), rest = 0;
    for (int32 k = 0; k < {len(_EULER_MACLAURIN)}; k++) {{
        rest += factors[k] * term;
        term *= (s + 2 * k + 1) * (s + 2 * k + 2) / (a * a);
    }}
    return total + (pow)(a, 1 - s) / (s - 1) + (pow)(a, -s) / 2 + rest;
}}
static inline float64 wide_polygamma(float64 n, float64 x) {{
    if (!(n >= 0 && n <= 150 && n == (floor)(n)) || x != x || x == -INFINITY) return NAN;
    if (n < 2) return n != 0 ? wide_trigamma(x) : wide_psi(x);
    if (x <= 0 && x == (floor)(x)) return (fmod)(n, 2.0) != 0 ? INFINITY : NAN;
    if (x == INFINITY) return 0;
    const float64 sign = (fmod)(n, 2.0) != 0 ? 1 : -1, front = sign * wide_gamma(n + 1);
    if (x > 0) return front * hurwitz_zeta(n + 1, x);
    const float64 part = x - (floor)(x), rest = (floor)(x) + 1 - x;
    const float64 above = hurwitz_zeta(n + 1, rest) - hurwitz_zeta(n + 1, 1 - x);
    return front * (hurwitz_zeta(n + 1, part) + sign * above);
}}
""", needs=(GAMMA, _PSI_HELPER, _TRIGAMMA_HELPER))  # fmt: skip

polygamma = elementwise(
    "polygamma", "The n-th derivative of psi; n, the first operand, is whole and at most 150, else "
    "this is NaN.",
    numpy=by_element(_polygamma_of), c="wide_polygamma({x}, {y})",
    python="polygamma({x}, {y})", helpers=(_POLYGAMMA,), latex=r"\psi^{({x})}\left({y}\right)",
    arity=2, signature=floating, cost=200, ulps=16, steep=True,
    partials=lambda n, x, out: (None, polygamma(n + 1, x)),
)  # fmt: skip

__all__ = list(public_ops(globals()))  # pyright: ignore[reportUnsupportedDunderAll]
