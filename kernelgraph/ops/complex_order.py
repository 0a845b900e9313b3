"""Questions about complex numbers for C and CUDA: which one comes first, which are finite, where
they point.

The order is that of dictionaries, as in NumPy: by real parts, and of equal ones by imaginary parts.

    1 + 9i < 2 - 3i < 2 + 1i

Nothing that holds NaN is before or behind anything. Sorting puts NaN last: numbers whose imaginary
part alone is NaN, then those whose real part is, then those that have neither.
"""

from __future__ import annotations

from kernelgraph.formats import complex_helper
from kernelgraph.ops.complex_text import MODULUS, PARTS
from kernelgraph.templates import Helper
from kernelgraph.types import Array

_FOUR = PARTS + "    const REAL c = re_part(y), d = im_part(y);\n"


def _order(name: str, sign: str, strict: str) -> Helper:
    """Whether x is before or behind y. Real parts decide only between numbers without NaN."""
    body = f"    return ({{0}} {strict} {{1}} && b == b && d == d) || (a == c && b {sign} d);\n"
    return complex_helper(name, 2, _FOUR + body.format("a", "c"), result="bool8")


LESS = _order("complex_less", "<", "<")
AT_MOST = _order("complex_at_most", "<=", "<")
MORE = _order("complex_more", ">", ">")
AT_LEAST = _order("complex_at_least", ">=", ">")


def _chosen(name: str, keeps: Helper) -> Helper:
    """The first of two if it holds NaN or is not beyond the second, else that."""
    body = f"    return a != a || b != b || {keeps.name}_$(x, y) ? x : y;\n"
    return complex_helper(name, 2, PARTS + body, needs=(keeps,))


LARGER = _chosen("complex_larger", AT_LEAST)
SMALLER = _chosen("complex_smaller", AT_MOST)

BEFORE = complex_helper(
    "complex_before", 2, _FOUR + """\
    if (a < c) return b == b || d != d;
    if (a > c) return d != d && b == b;
    if (a == c || (a != a && c != c)) return b < d || (d != d && b == b);
    return c != c;
""", result="bool8",
)  # fmt: skip
"""Whether x is before y in a sorted array, where every number has a place."""


def comes_before(x: Array, y: Array) -> Array:
    """What `BEFORE` means to NumPy."""
    a, b, c, d = x.real, x.imag, y.real, y.imag
    only_second = (d != d) & (b == b)
    less: Array = (a < c) & ((b == b) | (d != d))
    more: Array = (a > c) & only_second
    level: Array = ((a == c) | ((a != a) & (c != c))) & ((b < d) | only_second)
    return less | more | level | ((a == a) & (c != c))


def _question(name: str, test: str) -> Helper:
    return complex_helper(name, 1, f"{PARTS}    return {test};\n", result="bool8")


IS_NAN = _question("complex_is_nan", "a != a || b != b")
IS_FINITE = _question("complex_is_finite", "a - a == 0 && b - b == 0")
IS_INFINITE = _question("complex_is_infinite", "(a == a && a - a != 0) || (b == b && b - b != 0)")

ROUND = complex_helper("complex_rounded", 1, PARTS + "    return $_of(rint_F(a), rint_F(b));\n")

DIRECTION = complex_helper(
    "complex_direction", 1, PARTS + """\
    const REAL size = complex_modulus_$(x);
    if (size != size) return $_of(size, size);
    if (size - size == 0) return size == 0 ? $_of(0, 0) : $_of(a / size, b / size);
    const REAL a_size = fabs_F(a), b_size = fabs_F(b);
    if (a_size == b_size && a_size - a_size != 0) return $_of((REAL)NAN, (REAL)NAN);
    return a_size - a_size != 0 && a == a ? $_of(a > 0 ? 1 : -1, 0) : $_of(0, b > 0 ? 1 : -1);
""", needs=(MODULUS,),
)  # fmt: skip

"""x / |x|, and 0 of 0; of a number with one infinite part, the direction of that part, and, as in
NumPy, of one whose magnitude alone is beyond all floats that of the imaginary part.
"""
