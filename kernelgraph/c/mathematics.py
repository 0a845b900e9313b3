"""exp, log and their family as C without branches: the compiler makes them vectors.

Each is within one unit of the last digit, for every number, at any optimisation level. The means
are those of W. J. Cody and W. Waite, Software Manual for the Elementary Functions (1980): reduce
the argument, exactly; a polynomial near zero; then put back what was taken out. What a sum rounds
away is computed too (T. J. Dekker, 1971) and goes in with the small terms.
"""

from __future__ import annotations

import re
from collections.abc import Collection

EXP_TAIL = {
    "float64": (
        0.5, 0.1666666666666667, 0.04166666666666667, 0.008333333333326136, 0.0013888888888883748,
        0.00019841269874820627, 2.4801587325547743e-05, 2.7557255400206422e-06,
        2.75572736431103e-07, 2.5105217004720745e-08, 2.0914686968086876e-09,
    ),
    "float32": (
        0.5, 0.16666667, 0.041666467, 0.0083333105, 0.001393365, 0.00019890991,
    ),
}  # fmt: skip
"""(e^r - 1 - r) / r² for |r| <= log(2)/2, as a polynomial in r; error below 4e-16 and 4e-8."""

LOG_TAIL = {
    "float64": (
        0.666666666666667, 0.39999999999899444, 0.2857142862600327, 0.22222211130259878,
        0.18182889455674947, 0.15331710618210773, 0.14616585424888623,
    ),
    "float32": (
        0.6666667, 0.40000123, 0.28550816, 0.23330583,
    ),
}  # fmt: skip
"""(log((1 + s) / (1 - s)) - 2 s) / s³ for |s| <= 0.1716, as a polynomial in s²; error below 4e-16
and 4e-8.
"""

_COMMON = """\
static inline $bits bits_of_$real($real x) {
    $bits bits;
    __builtin_memcpy(&bits, &x, sizeof bits);
    return bits;
}
static inline $real real_of_$real($bits bits) {
    $real x;
    __builtin_memcpy(&x, &bits, sizeof x);
    return x;
}
"""

_EXP_PARTS = """\
/* The nearest whole number, |x| < $most: digits after the point fall off the end. */
static inline $real whole_$real($real x) { return (x + $shift) - $shift; }
/* 2 to the power of a whole number, from $least to $last. */
static inline $real power_of_two_$real($real n) {
    return real_of_$real((bits_of_$real(n + $shift) << $digits) + $one);
}
/* exp(r) - 1 - r. */
static inline $real exp_tail_$real($real r) {
    const $real r2 = r * r$exp_powers;
    return r2 * ($exp_tail);
}
"""

_EXP = """\
static inline $real exp_$real($real x) {
    const $real near = x > $exp_top ? $exp_top : x < $exp_bottom ? $exp_bottom : x;
    const $real n = whole_$real(near * $log2_e);
    const $real r = near - n * $ln2, lost = n * $ln2_rest;
    const $real sum = 1 + r, rest = (1 - sum) + r + (exp_tail_$real(r - lost) - lost);
    const $real half = whole_$real(n * $half);
    return (sum + rest) * power_of_two_$real(half) * power_of_two_$real(n - half);
}
"""

_EXPM1_PARTS = """\
/* Half of exp(x) - 1, in two parts. */
typedef struct { $real sum, rest; } ${real}_parts;
static inline ${real}_parts expm1_parts_$real($real x) {
    const $real near = x > $exp_top ? $exp_top : x < $expm1_bottom ? $expm1_bottom : x;
    const $real n = whole_$real(near * $log2_e);
    const $real r = near - n * $ln2, lost = n * $ln2_rest;
    const $real scale = power_of_two_$real(n - 1), tail = exp_tail_$real(r - lost) - lost;
    const $real now = n > $many ? 0 : $half, late = n > $many ? $half : 0;
    const $real start = scale - now, sum = start + scale * r;
    return (${real}_parts){sum, (start - sum) + scale * r + scale * tail - late};
}
"""

_EXPM1 = """\
static inline $real expm1_$real($real x) {
    const ${real}_parts parts = expm1_parts_$real(x);
    return fabs(x) < $tiny ? x : 2 * (parts.sum + parts.rest);
}
"""

_LOG_PARTS = """\
/* log(2^k (1 + f)) + more, where more is next to nothing. */
static inline $real log_sum_$real($real k, $real f, $real more) {
    const $real s = f / (2 + f), z = s * s, z2 = z * z$log_powers, square = $half * f * f;
    const $real tail = s * (square + z * ($log_tail)) + (k * $ln2_rest + more);
    const $real sum = k * $ln2 + f, rest = (k * $ln2 - sum) + f;
    return sum + (rest - (square - tail));
}
/* The k for which x / 2^k lies between the roots of 1/2 and 2, for normal x > 0. */
static inline $real exponent_$real($real x) {
    const $bits biased = (bits_of_$real(x) + ($one - $root)) >> $digits;
    return real_of_$real(biased | bits_of_$real($whole)) - $whole_and_bias;
}
static inline $real fraction_$real($real x) {
    return real_of_$real(((bits_of_$real(x) + ($one - $root)) & $mask) + $root);
}
"""

_LOG = """\
static inline $real log_$real($real x) {
    const $real normal = x < $smallest ? x * $up : x;
    const $real k = exponent_$real(normal) - (x < $smallest ? $ups : 0);
    const $real result = log_sum_$real(k, fraction_$real(normal) - 1, 0);
    const $real special = x == 0 ? -INFINITY : x < 0 ? NAN : x;
    return x > 0 && x < INFINITY ? result : special;
}
"""

_LOG1P = """\
static inline $real log1p_$real($real x) {
    const $real u = 1 + x, lost = x > 1 ? 1 - (u - x) : x - (u - 1);
    const $real k = exponent_$real(u);
    const $real f = k == 0 ? x : fraction_$real(u) - 1, more = k == 0 ? 0 : lost / u;
    const $real result = log_sum_$real(k, f, more);
    const $real special = x == -1 ? -INFINITY : x < -1 ? NAN : x;
    return x > -1 && x < INFINITY && x != 0 ? result : special;
}
"""

_TANH = """\
/* What x * y loses when it is rounded to `product`. */
static inline $real lost_by_product_$real($real x, $real y, $real product) {
    const $real x_high = real_of_$real(bits_of_$real(x) & $upper), x_low = x - x_high;
    const $real y_high = real_of_$real(bits_of_$real(y) & $upper), y_low = y - y_high;
    return ((x_high * y_high - product) + x_high * y_low + x_low * y_high) + x_low * y_low;
}
/* With h = (exp(2|x|) - 1) / 2, this is h / (h + 1). */
static inline $real tanh_$real($real x) {
    const $real near = fabs(x) > $tanh_top ? $tanh_top : fabs(x);
    const ${real}_parts parts = expm1_parts_$real(2 * near);
    const $real h = parts.sum + parts.rest, h_rest = (parts.sum - h) + parts.rest;
    const $real below = h + 1, below_rest = (h > 1 ? (h - below) + 1 : (1 - below) + h) + h_rest;
    const $real ratio = h / below, product = ratio * below;
    const $real above = (h - product) - lost_by_product_$real(ratio, below, product);
    const $real result = ratio + (above + h_rest - ratio * below_rest) / below;
    return fabs(x) < $tiny || x != x ? x : copysign(result, x);
}
"""

_PARTS = {
    "exp": (_COMMON, _EXP_PARTS, _EXP),
    "expm1": (_COMMON, _EXP_PARTS, _EXPM1_PARTS, _EXPM1),
    "tanh": (_COMMON, _EXP_PARTS, _EXPM1_PARTS, _TANH),
    "log": (_COMMON, _LOG_PARTS, _LOG),
    "log1p": (_COMMON, _LOG_PARTS, _LOG1P),
}

NAMES = tuple(_PARTS)
"""The functions that are printed into a program."""

_CONSTANTS = {
    "float64": {
        "real": "float64", "bits": "uint64", "digits": "52", "half": "0.5", "most": "2^51",
        "shift": "0x1.8p52", "whole": "0x1p52", "whole_and_bias": "(0x1p52 + 1023)",
        "one": "0x3ff0000000000000", "mask": "0x000fffffffffffff", "root": "0x3fe6a09e667f3bcd",
        "least": "-1022", "last": "1023", "smallest": "0x1p-1022", "up": "0x1p54", "ups": "54",
        "log2_e": "1.4426950408889634",
        "ln2": "0x1.62e42feep-1", "ln2_rest": "0x1.a39ef35793c76p-33",
        "exp_top": "710", "exp_bottom": "-746", "expm1_bottom": "-38", "many": "20",
        "tiny": "0x1p-54", "tanh_top": "22", "upper": "0xfffffffff8000000",
    },
    "float32": {
        "real": "float32", "bits": "uint32", "digits": "23", "half": "0.5f", "most": "2^22",
        "shift": "0x1.8p23f", "whole": "0x1p23f", "whole_and_bias": "(0x1p23f + 127)",
        "one": "0x3f800000", "mask": "0x007fffff", "root": "0x3f3504f3",
        "least": "-126", "last": "127", "smallest": "0x1p-126f", "up": "0x1p25f", "ups": "25",
        "log2_e": "1.442695f", "ln2": "0x1.62e4p-1f", "ln2_rest": "0x1.7f7d1cp-20f",
        "exp_top": "89", "exp_bottom": "-104", "expm1_bottom": "-18", "many": "10",
        "tiny": "0x1p-25f", "tanh_top": "10", "upper": "0xfffff000",
    },
}  # fmt: skip


def _polynomial(coefficients: tuple[float, ...], x: str, suffix: str) -> tuple[str, str]:
    """Text of a polynomial, and of the powers it needs beyond x².

    Neighbours go in pairs, pairs in pairs (G. Estrin, 1960): the processor need not wait for one
    term before it starts the next.
    """
    terms, power, powers = [f"{c}{suffix}" for c in coefficients], x, ""
    count = 1
    while len(terms) > 1:
        last = [terms[-1]] if len(terms) % 2 else []
        pairs = zip(terms[::2], terms[1::2], strict=False)
        terms = [f"({low} + {high} * {power})" for low, high in pairs] + last
        if count > 2:
            powers += f", {power} = {x}{count // 2} * {x}{count // 2}"
        count *= 2
        power = f"{x}{count}"
    return terms[0].removeprefix("(").removesuffix(")"), powers


def _constants(dtype: str) -> dict[str, str]:
    suffix = "f" if dtype == "float32" else ""
    exp_tail, exp_powers = _polynomial(EXP_TAIL[dtype], "r", suffix)
    log_tail, log_powers = _polynomial(LOG_TAIL[dtype], "z", suffix)
    return _CONSTANTS[dtype] | {
        "exp_tail": exp_tail, "exp_powers": exp_powers,
        "log_tail": log_tail, "log_powers": log_powers,
    }  # fmt: skip


def mathematics(functions: Collection[str], of: Collection[str], others: str = "") -> str:
    """Some of the functions, for operands of some dtypes. Where none of them is float64, `others`,
    text of helpers that may call them with doubles, has the library's.
    """
    used = [name for name in NAMES if name in functions]
    dtypes = [dtype for dtype in _CONSTANTS if dtype in of]
    parts = list(dict.fromkeys(part for name in used for part in _PARTS[name]))
    blocks = [_filled(part, each) for each in map(_constants, dtypes) for part in parts]
    return "".join([*blocks, *(_by_type(name, dtypes, others) for name in used)])


def _filled(text: str, constants: dict[str, str]) -> str:
    """The text with constants for `$name` and `${name}`."""
    return re.sub(r"\$(?:(\w+)|{(\w+)})", lambda found: constants[found[1] or found[2]], text)


def _by_type(name: str, dtypes: list[str], others: str) -> str:
    """The function's usual name, for an operand of any of the dtypes."""
    choices = ", ".join(f"{dtype}: {name}_{dtype}" for dtype in dtypes)
    if "float64" not in dtypes and re.search(rf"\b{name}\(", others):
        choices += f", default: {name}"
    return f"#undef {name}\n#define {name}(x) _Generic((x), {choices})(x)\n"
