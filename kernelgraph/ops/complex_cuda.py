"""What functions of complex numbers are made of in CUDA, which, unlike C, has no library of them.

The functions themselves are in `complex_functions` and `complex_angles`. They follow annex G of
C99: infinities, NaN and the signs of zeros give what NumPy's functions give, which call C's
library. What is computed between uses algorithms that lose no digits by cancellation:

- W. Kahan, "Branch cuts for complex elementary functions, or Much ado about nothing's sign bit", in
  The State of the Art in Numerical Analysis (1987);
- T. E. Hull, T. F. Fairgrieve, P. T. P. Tang, "Implementing complex elementary functions using
  exception handling", ACM Transactions on Mathematical Software 20 (1994).

They give the right digits also where a compiler makes one rounding of the two in a * b + c.
"""

from __future__ import annotations

from kernelgraph.templates import Helper


def _of_floats(
    name: str, operands: str, body: str, *, wide: str = "", needs: tuple[Helper, ...] = ()
) -> Helper:
    """A function of CUDA for both floats, by its body (`wide`, where that of float64 is another
    one). In a body, REAL is the type, _F what C's functions of that type end with.
    """
    text = ""
    for real, suffix, own in (("float32", "f", body), ("float64", "", wide or body)):
        parameters = ", ".join(f"{real} {letter}" for letter in operands)
        made = f"__device__ static inline {real} {name}({parameters}) {{\n{own}}}\n"
        text += made.replace("REAL", real).replace("_F", suffix)
    return Helper(name, cuda=text, needs=needs)


def _limit(name: str, float32: str, float64: str) -> Helper:
    """A limit of both floats: a function whose operand only tells which one is meant."""
    return _of_floats(name, "x", f"    return {float32};\n", wide=f"    return {float64};\n")


EPSILON = _limit("epsilon_of", "1.1920928955078125e-07f", "2.2204460492503131e-16")
"""How far 1 is from the next float."""

LEAST = _limit("least_of", "1.17549435082228751e-38f", "2.2250738585072014e-308")
"""The least positive float with all its digits."""

LARGEST = _limit("largest_of", "3.40282346638528860e+38f", "1.7976931348623157e+308")
"""The largest finite float."""

HIGHEST_EXPONENT = _limit("highest_exponent_of", "88.0f", "709.0")
"""The largest whole number such that e to its power is finite."""

SQUARES_LESS_ONE = _of_floats(
    "squares_less_one", "xy", """\
    // The product of two numbers of float32 is exact in float64.
    const float64 wide_x = x, wide_y = y;
    return (float32)((wide_x - 1) * (wide_x + 1) + wide_y * wide_y);
""", wide="""\
    // A square is a rounded product and what rounding took, which fma gives exactly. Differences of
    // numbers within a factor of 2 of each other are exact; what rounding took of the sum is found
    // by subtracting from it what was added.
    const float64 x_square = __dmul_rn(x, x), y_square = __dmul_rn(y, y);
    const float64 x_rest = fma(x, x, -x_square), y_rest = fma(y, y, -y_square);
    const float64 one = y_square < 0.25 ? 1 : 0.5, first = x_square - one;
    const float64 second = y_square - (1 - one), sum = first + second;
    const float64 taken = sum - first, sum_rest = (first - (sum - taken)) + (second - taken);
    return sum + (sum_rest + (x_rest + y_rest));
""",
)  # fmt: skip
"""x² + y² - 1 with all digits, for 0 <= y <= x where x² + y² is between 1/2 and 1."""

_LOG_OF_SIZE = """\
    const REAL x = fmax_F(fabs_F(a), fabs_F(b)), y = fmin_F(fabs_F(a), fabs_F(b));
    const REAL log_of_two = (REAL)0.693147180559945309417232121458176568;
    if (!isfinite(a) || !isfinite(b)) return log_F(hypot_F(a, b));
    // The magnitude would overflow, or have few digits.
    if (x > largest_of(x) / 2) return log_F(hypot_F(x / 2, y / 2)) + log_of_two;
    if (x < least_of(x)) {
        const REAL scale = 2 / epsilon_of(x);
        const int places = sizeof x == 4 ? 24 : 53;  // so many binary places it moves
        return log_F(hypot_F(x * scale, y * scale)) - places * log_of_two;
    }
    // Near a magnitude of 1, a logarithm is about the difference from 1.
    const bool below = x >= (REAL)0.5 && x < 1, slim = y < epsilon_of(x) / 2;
    if (x == 1 || (x > 1 && x < 2 && y < 1) || (below && slim))
        return log1p_F((x - 1) * (x + 1) + y * y) / 2;
    if (below && x * x + y * y >= (REAL)0.5) return log1p_F(squares_less_one(x, y)) / 2;
    return log_F(hypot_F(x, y));
"""

LOG_OF_SIZE = _of_floats(
    "logarithm_of_size", "ab", _LOG_OF_SIZE, needs=(EPSILON, LEAST, LARGEST, SQUARES_LESS_ONE)
)  # fmt: skip
"""log|a + bi|, after Hull, Fairgrieve and Tang."""

_ONE_LESS_SQUARES = """\
    const REAL x = fmax_F(fabs_F(a), fabs_F(b)), y = fmin_F(fabs_F(a), fabs_F(b));
    const bool far = x >= 1 || (x < (REAL)0.75 && y < (REAL)0.5);
    return far ? (1 - x) * (1 + x) - y * y : -squares_less_one(x, y);
"""

ONE_LESS_SQUARES = _of_floats(
    "one_less_squares", "ab", _ONE_LESS_SQUARES, needs=(SQUARES_LESS_ONE,)
)
"""1 - a² - b² with all digits."""

HALF_EXP = """\
    const REAL highest = highest_exponent_of(a), factor = exp_F(highest);
    REAL left = a - highest, cosine = cos_F(b) * (factor / 2), sine = sin_F(b) * (factor / 2);
    if (left > highest) left -= highest, cosine *= factor, sine *= factor;
    return $_of(cosine * exp_F(left), sine * exp_F(left));
"""
"""Half of an exponential whose magnitude may overflow, while its product with a sine does not: made
of two or three factors. The least positive sine times four of them overflows anyway.
"""

EXP = """\
    // An infinity times the zero of a sine would be NaN, and so would 0 times the sine of infinity.
    if (b == 0) return $_of(exp_F(a), b);
    if (isinf(a) && !isfinite(b)) return a < 0 ? $_of(0, copysign_F((REAL)0, b)) : $_of(a, b - b);
    if (a > highest_exponent_of(a)) {
        const $ half = complex_half_exponential_$(x);
        return $_of(2 * re_part(half), 2 * im_part(half));
    }
    return $_of(exp_F(a) * cos_F(b), exp_F(a) * sin_F(b));
"""

SQRT = """\
    // An infinite part decides, whatever the other one is: NaN too, beside an imaginary one.
    if (isinf(b)) return $_of(fabs_F(b), b);
    if (isinf(a)) {
        const REAL rest = isnan(b) ? b : 0;
        return a > 0 ? $_of(a, copysign_F(rest, b)) : $_of(rest, copysign_F(a, b));
    }
    if (isnan(a) || isnan(b)) return $_of(a + b, a + b);
    const REAL a_size = fabs_F(a), b_size = fabs_F(b), least = least_of(a);
    const REAL larger = fmax_F(a_size, b_size);
    // On an axis, or a diagonal of the result, parts are exactly zero or equal.
    if (b == 0) {
        const REAL root = sqrt_F(a_size);
        return a < 0 ? $_of(0, copysign_F(root, b)) : $_of(root, b);
    }
    if (a == 0) {
        const REAL root = b_size >= 2 * least ? sqrt_F(b_size / 2) : sqrt_F(2 * b_size) / 2;
        return $_of(root, copysign_F(root, b));
    }
    // A number that is very large or small is scaled by a power of 4, its root by one of 2.
    const int places = larger > largest_of(a) / 4 ? 1 : larger >= 2 * least ? 0
                                                  : sizeof a == 4 ? -12 : -27;
    // Beside a very large imaginary part, a real part that would lose digits is nothing.
    const REAL c = places == 1 && a_size < 4 * least ? 0 : ldexp_F(a_size, -2 * places);
    const REAL d = ldexp_F(b_size, -2 * places);
    const REAL root = sqrt_F((hypot_F(c, d) + c) / 2);
    // The product of the parts of the root is half of the imaginary part.
    const REAL longer = ldexp_F(root, places), other = ldexp_F(d / root, places - 1);
    return a > 0 && c > 0 ? $_of(longer, copysign_F(other, b)) : $_of(other, copysign_F(longer, b));
"""
"""The sum of the magnitude and a positive number loses no digits; the difference would."""

SINH = """\
    // A zero part stays one, and an infinite one infinite, beside a part that is no number.
    if (b == 0) return $_of(sinh_F(a), b);
    if (!isfinite(b) && a == 0) return $_of(a, b - b);
    if (!isfinite(b) && isinf(a)) return $_of(fabs_F(a), b - b);
    if (fabs_F(a) > highest_exponent_of(a)) {  // both sinh and cosh are half of an exponential
        const $ half = complex_half_exponential_$($_of(fabs_F(a), b));
        return $_of(copysign_F((REAL)1, a) * re_part(half), im_part(half));
    }
    return $_of(sinh_F(a) * cos_F(b), cosh_F(a) * sin_F(b));
"""

COSH = """\
    // A zero part stays one, and an infinite one infinite, beside a part that is no number.
    if (b == 0) return $_of(cosh_F(a), isnan(a) ? b : copysign_F((REAL)1, a) * b);
    if (!isfinite(b) && a == 0) return $_of(b - b, 0);
    if (!isfinite(b) && isinf(a)) return $_of(fabs_F(a), b - b);
    if (fabs_F(a) > highest_exponent_of(a)) {  // both sinh and cosh are half of an exponential
        const $ half = complex_half_exponential_$($_of(fabs_F(a), b));
        return $_of(re_part(half), copysign_F((REAL)1, a) * im_part(half));
    }
    return $_of(cosh_F(a) * cos_F(b), sinh_F(a) * sin_F(b));
"""

TANH = """\
    // A zero part stays one; the limit at an infinity is 1 in all directions.
    if (isnan(a) && b == 0) return x;
    if (!isfinite(b)) return isinf(a) ? $_of(copysign_F((REAL)1, a), copysign_F((REAL)0, b))
                                      : $_of(a == 0 ? a : b - b, b - b);
    const REAL sine = sin_F(b), cosine = cos_F(b), one = copysign_F((REAL)1, a), a_size = fabs_F(a);
    // The square of cosh would overflow; it is a quarter of an exponential.
    if (2 * a_size > highest_exponent_of(a))
        return $_of(one, 4 * sine * cosine * exp_F(-2 * a_size));
    const REAL grows = sinh_F(a), below = grows * grows + cosine * cosine;
    return $_of(grows * cosh_F(a) / below, sine * cosine / below);
"""

ROOTS = """\
    const $ below = complex_root_$($_of(1 - a, -b)), above = complex_root_$($_of(1 + a, b));
    const REAL c = re_part(below), d = im_part(below), e = re_part(above), f = im_part(above);
"""
"""The roots c + di of 1 - x and e + fi of 1 + x, after Kahan."""

ARCSIN = f"""\
    if (isnan(a) || isnan(b)) {{  // a zero stays one, the magnitude of an infinity infinite
        if (a == 0) return x;
        const bool infinite = isinf(a) || isinf(b);
        return $_of(a + b, infinite ? copysign_F((REAL)INFINITY, b) : a + b);
    }}
    if (fmax_F(fabs_F(a), fabs_F(b)) > 1 / epsilon_of(a)) {{  // 1 is nothing beside x
        const REAL size = logarithm_of_size(a, b) + (REAL)0.693147180559945309417232121458176568;
        return $_of(atan2_F(a, fabs_F(b)), copysign_F(size, b));
    }}
{ROOTS}    return $_of(atan2_F(a, c * e - d * f), asinh_F(c * f - d * e));
"""

ARCCOS = f"""\
    if (isnan(a) || isnan(b) || fmax_F(fabs_F(a), fabs_F(b)) > 1 / epsilon_of(a)) {{
        const REAL size = -im_part(complex_arcsine_$(x));
        if (isnan(a) || isnan(b)) return $_of(a == 0 ? (REAL)1.5707963267948966192 : a + b, size);
        return $_of(atan2_F(fabs_F(b), a), size);
    }}
{ROOTS}    return $_of(2 * atan2_F(c, e), asinh_F(d * e - c * f));
"""

ARCCOSH = """\
    const $ found = complex_arccosine_$(x);
    const REAL angle = re_part(found);
    return $_of(fabs_F(im_part(found)), isnan(b) ? angle : copysign_F(angle, b));
"""
"""The arc cosine turned by a right angle, to where its real part is positive."""

ARCTANH = """\
    const REAL right_angle = (REAL)1.5707963267948966192, epsilon = epsilon_of(a);
    const REAL a_size = fabs_F(a), b_size = fabs_F(b);
    // The limit at an infinity is a right angle, in all directions.
    if (isinf(a) || isinf(b))
        return $_of(copysign_F((REAL)0, a), isnan(b) ? b : copysign_F(right_angle, b));
    if (isnan(a) || isnan(b)) return $_of(a == 0 ? a : a + b, a + b);
    if (fmax_F(a_size, b_size) > 16 / epsilon) {
        // It is about the reciprocal, turned by a right angle.
        const REAL half = hypot_F(a / 2, b / 2);
        const REAL size = b_size <= 1 ? 1 / a : a_size <= 1 ? a / b / b : a / half / half / 4;
        return $_of(size, copysign_F(right_angle, b));
    }
    const REAL sum = 1 + a, difference = 1 - a;
    const REAL above = b * b + sum * sum, below = b * b + difference * difference;
    REAL size;
    if (a_size == 1 && b_size < epsilon * epsilon) {  // the square of b has too few digits
        const REAL log_of_two = (REAL)0.693147180559945309417232121458176568;
        size = copysign_F((log_of_two - log_F(b_size)) / 2, a);
    } else {
        size = (above < below / 2 ? log_F(above / below) : log1p_F(4 * a / below)) / 4;
    }
    return $_of(size, atan2_F(2 * b, one_less_squares(a, b)) / 2);
"""
"""The real part is log |(1 + x) / (1 - x)| / 2; a quotient near 1 is 1 + 4a / |1 - x|²."""

OF_SIZE_ONE = _of_floats(
    "of_size_one", "x", "    return copysign_F(isinf(x) ? (REAL)1 : (REAL)0, x);\n"
)  # fmt: skip
"""1 of an infinity, 0 of any other number, with the sign."""

OF_NO_SIZE = _of_floats("of_no_size", "x", "    return isnan(x) ? copysign_F((REAL)0, x) : x;\n")
"""0 of NaN."""

TIMES_INFINITY = """\
    const $ plain = complex_times_$(x, y);
    if (!isnan(re_part(plain)) || !isnan(im_part(plain))) return plain;
    REAL a = re_part(x), b = im_part(x), c = re_part(y), d = im_part(y);
    const bool first = isinf(a) || isinf(b), second = isinf(c) || isinf(d);
    const bool overflow = isinf(a * c) || isinf(b * d) || isinf(a * d) || isinf(b * c);
    if (!first && !second && !overflow) return plain;
    if (first) a = of_size_one(a), b = of_size_one(b);
    if (second) c = of_size_one(c), d = of_size_one(d);
    a = of_no_size(a), b = of_no_size(b), c = of_no_size(c), d = of_no_size(d);
    return $_of((REAL)INFINITY * (a * c - b * d), (REAL)INFINITY * (a * d + b * c));
"""
"""The product of annex G: what has an infinite part times what is not 0 is infinite, where the
formula gives NaN for both parts. `complex_times` is without, C's own product has it.
"""
