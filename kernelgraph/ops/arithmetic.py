"""Arithmetic, comparison and choice, element by element."""

# The operands of a formula are symbols of any type, so the lambdas below have none to declare.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kernelgraph.config import config
from kernelgraph.elementwise import (
    Elementwise,
    OverComplex,
    comparison,
    elementwise,
    magnitude,
    numeric,
    public_ops,
)
from kernelgraph.errors import DTypeError
from kernelgraph.graph import Constant, Variable
from kernelgraph.op import as_variable
from kernelgraph.ops import complex_order
from kernelgraph.ops.complex_text import MODULUS, OVER, TIMES, modulus, product, square
from kernelgraph.ops.complexes import imag, real, times_i
from kernelgraph.ops.conversion import conversion, convert
from kernelgraph.ops.kinks import has_zeros, is_mask
from kernelgraph.ops.noticing import by_no_size, float_to_integer, integers_by_zero
from kernelgraph.partials import Only, RealLinear
from kernelgraph.templates import Helper
from kernelgraph.types import (
    check_dtype,
    computing,
    is_complex,
    is_inexact,
    upcast,
)


def as_factor(y: Variable) -> Variable | Only:
    """A factor as the derivative of what it multiplies: a 0 of a mask, or a constant, cuts off."""
    if y.dtype == "bool":
        return Only(y)
    return Only(neq(y, 0), y) if is_mask(y) or has_zeros(y) else y


_AS_IT_IS = OverComplex()
"""Complex numbers have the same formula."""

add = elementwise(
    "add", "Sum of two numbers; of two truth values, whether either holds.",
    numpy=np.add, c="{x} + {y}", latex="{x} + {y}", arity=2, commutative=True,
    variadic=True, partials=lambda x, y, out: (1, 1), over_complex=_AS_IT_IS,
)  # fmt: skip

sub = elementwise(
    "sub", "Difference of two numbers.",
    numpy=np.subtract, c="{x} - {y}", latex="{x} - {y}", arity=2, signature=numeric,
    partials=lambda x, y, out: (1, -1), over_complex=_AS_IT_IS,
)  # fmt: skip


mul = elementwise(
    "mul", "Product of two numbers; of two truth values, whether both hold.",
    numpy=np.multiply, c="{x} * {y}", latex=r"{x} \cdot {y}", arity=2, commutative=True,
    variadic=True, partials=lambda x, y, out: (as_factor(y), as_factor(x)),
    over_complex=OverComplex("complex_times({x}, {y})", (TIMES,), product),
)  # fmt: skip


def _division(dtypes: Sequence[str]) -> tuple[Sequence[str], str]:
    common = upcast(*dtypes)
    common = common if is_inexact(common) else config.floatX
    return [common] * len(dtypes), common


DIVIDE = Helper("divide", python="divide = np.true_divide")
"""Python raises an error where IEEE 754 has an infinity or NaN."""

true_div = elementwise(
    "true_div", "Quotient of two numbers; two integers give a float of dtype floatX.",
    numpy=np.true_divide, c="{x} / {y}", python="divide({x}, {y})", helpers=(DIVIDE,),
    latex=r"\frac{{x}}{{y}}", arity=2,
    signature=_division, cost=4, steep=True,
    partials=lambda x, y, out: (1 / y, -(out / y)),
    over_complex=OverComplex("complex_over({x}, {y})", (OVER,)), notice=by_no_size,
)  # fmt: skip


def _whole(dtypes: Sequence[str]) -> tuple[Sequence[str], str]:
    common = upcast(*dtypes)
    common = "int8" if common == "bool" else common
    return [common] * len(dtypes), common


def _for_floats(body: str, before: str, names: str) -> str:
    """A function of C for both floats: REAL is the dtype, F what functions of float32 end with."""
    text = f"{before}static inline REAL {names}(REAL x, REAL y) {{\n{body}}}\n"
    return "".join(text.replace("REAL", real).replace("_F", f) for real, f in _SUFFIXES)


_SUFFIXES = (("float64", ""), ("float32", "f"))

_QUOTIENT_OF_FLOATS = """\
    if (y == 0) return x / y;
    const REAL rest = fmod_F(x, y), whole = (x - rest) / y;
    const REAL quotient = rest != 0 && (y < 0) != (rest < 0) ? whole - 1 : whole;
    const REAL down = floor_F(quotient);
    return quotient == 0 ? copysign_F(0.0_F, x / y) : quotient - down > 0.5_F ? down + 1 : down;
"""

_QUOTIENT = Helper(
    "floor_quotient",
    c=_for_floats(_QUOTIENT_OF_FLOATS, "", "floor_quotient_REAL") + """\
static inline int64 floor_quotient_int64(int64 x, int64 y) {
    if (y == 0) return 0;
    if (y == -1) return -x;  // the processor would trap on the least number
    return x / y - (x % y != 0 && (x < 0) != (y < 0));
}
static inline uint64 floor_quotient_uint64(uint64 x, uint64 y) { return y == 0 ? 0 : x / y; }
#define floor_quotient(x, y) \\
    _Generic((x), float: floor_quotient_float32, double: floor_quotient_float64, \\
             uint64_t: floor_quotient_uint64, default: floor_quotient_int64)(x, y)
""",
    cuda=_for_floats(_QUOTIENT_OF_FLOATS, "__device__ ", "floor_quotient") + """\
template <class T> __device__ static inline T floor_quotient(T x, T y) {
    if (y == 0) return 0;
    if (y + 1 == 0 && y < 0) return -x;
    return x / y - (x % y != 0 && (x < 0) != (y < 0));
}
""",
    python="floor_quotient = np.floor_divide",
)  # fmt: skip

int_div = elementwise(
    "int_div", "Quotient rounded down. Among integers, x // 0 is 0.",
    numpy=np.floor_divide, c="floor_quotient({x}, {y})", helpers=(_QUOTIENT,),
    latex=r"\left\lfloor\frac{{x}}{{y}}\right\rfloor",
    arity=2, signature=_whole, cost=8, steep=True,
    partials=lambda x, y, out: (None, None), notice=integers_by_zero,
)  # fmt: skip

_REMAINDER_OF_FLOATS = """\
    const REAL rest = fmod_F(x, y);
    if (rest == 0) return copysign_F(0.0_F, y);
    return (y < 0) != (rest < 0) ? rest + y : rest;
"""

_REMAINDER = Helper(
    "floor_remainder",
    c=_for_floats(_REMAINDER_OF_FLOATS, "", "floor_remainder_REAL") + """\
static inline int64 floor_remainder_int64(int64 x, int64 y) {
    if (y == 0 || y == -1) return 0;
    const int64 rest = x % y;
    return rest != 0 && (x < 0) != (y < 0) ? rest + y : rest;
}
static inline uint64 floor_remainder_uint64(uint64 x, uint64 y) { return y == 0 ? 0 : x % y; }
#define floor_remainder(x, y) \\
    _Generic((x), float: floor_remainder_float32, double: floor_remainder_float64, \\
             uint64_t: floor_remainder_uint64, default: floor_remainder_int64)(x, y)
""",
    cuda=_for_floats(_REMAINDER_OF_FLOATS, "__device__ ", "floor_remainder") + """\
template <class T> __device__ static inline T floor_remainder(T x, T y) {
    if (y == 0 || (y + 1 == 0 && y < 0)) return 0;
    const T rest = x % y;
    return rest != 0 && (x < 0) != (y < 0) ? rest + y : rest;
}
""",
    python="floor_remainder = np.remainder",
)  # fmt: skip

mod = elementwise(
    "mod", "What division rounded down leaves, of the sign of y. Among integers, x % 0 is 0.",
    numpy=np.remainder, c="floor_remainder({x}, {y})", helpers=(_REMAINDER,),
    latex=r"{x} \bmod {y}", arity=2, signature=_whole, cost=8, steep=True,
    partials=lambda x, y, out: (1, -int_div(x, y)), notice=integers_by_zero,
)  # fmt: skip

neg = elementwise(
    "neg", "The number with the other sign.",
    numpy=np.negative, c="-{x}", latex="-{x}", signature=numeric,
    partials=lambda x, out: (-1,), over_complex=_AS_IT_IS,
)  # fmt: skip

MAGNITUDE = Helper(
    "magnitude",
    c="""\
static inline int64 magnitude_integer(int64 x) { return x < 0 ? -x : x; }
static inline uint64 magnitude_unsigned(uint64 x) { return x; }
#define magnitude(x) _Generic((x), float: fabsf, double: fabs, uint64_t: magnitude_unsigned, \\
                              default: magnitude_integer)(x)
""",
    cuda="""\
__device__ static inline float64 magnitude(float64 x) { return fabs(x); }
__device__ static inline float32 magnitude(float32 x) { return fabsf(x); }
template <class T> __device__ static inline T magnitude(T x) { return x < 0 ? -x : x; }
""",
    python="magnitude = np.abs",
)


def _direction(x: Variable, out: Variable) -> Sequence[Any]:
    """The sign; of a complex number, x / |x| is where the magnitude grows."""
    if not is_complex(x.dtype):
        return (sign(x),)
    direction = x / out
    a, b = real(direction), imag(direction)
    return (RealLinear(lambda t: a * real(t) + b * imag(t), lambda g: direction * g, neq(out, 0)),)


abs_ = elementwise(
    "abs", "Magnitude, of a complex number too. The derivative at 0 is 0.",
    numpy=np.abs, c="magnitude({x})", helpers=(MAGNITUDE,), latex=r"\left|{x}\right|",
    partials=_direction, signature=magnitude,
    over_complex=OverComplex("complex_modulus({x})", (MODULUS,), modulus),
)  # fmt: skip


def _turn(x: Variable, out: Variable) -> Sequence[Any]:
    """None; of a complex number, what crosses its direction turns that, the slower the longer it
    is.
    """
    if not is_complex(x.dtype):
        return (None,)
    across, length = times_i(out), abs_(x)

    def turned(t: Variable) -> Variable:
        return across * ((real(across) * real(t) + imag(across) * imag(t)) / length)

    return (RealLinear(turned, turned, neq(length, 0)),)


sign = elementwise(
    "sign", "-1, 0 or 1, and x / |x| of complex numbers; NaN stays NaN.",
    numpy=np.sign, c="{x} != {x} ? {x} : ({x} > 0) - ({x} < 0)", python="sign({x})",
    latex=r"\operatorname{sign}\left({x}\right)", signature=numeric,
    partials=_turn,
    over_complex=OverComplex("complex_direction({x})", (complex_order.DIRECTION,)),
)  # fmt: skip

sqr = elementwise(
    "sqr", "Square.",
    numpy=np.square, c="{x} * {x}", latex="{x}^{2}",
    partials=lambda x, out: (2 * x,),
    over_complex=OverComplex("complex_times({x}, {x})", (TIMES,), square),
)  # fmt: skip


def _shares(x: Variable, y: Variable, first: Variable, second: Variable) -> tuple[Only, Only]:
    """The derivatives of the larger or smaller of two, `first` and `second` say where each is
    chosen: 1 for the chosen one, half for both at a tie.
    """
    share = switch(eq(x, y), 0.5, 1)
    return Only(first, share), Only(second, share)


maximum = elementwise(
    "maximum", "The larger of two, NaN if either is. At a tie both have half of the derivative.",
    numpy=np.maximum, c="{x} > {y} || {x} != {x} ? {x} : {y}",
    python="{x} if {x} > {y} or {x} != {x} else {y}", latex=r"\max\left({x}, {y}\right)", arity=2,
    partials=lambda x, y, out: _shares(x, y, ge(x, y), le(x, y)),
    over_complex=OverComplex("complex_larger({x}, {y})", (complex_order.LARGER,)),
)  # fmt: skip

minimum = elementwise(
    "minimum", "The smaller of two, NaN if either is. At a tie both have half of the derivative.",
    numpy=np.minimum, c="{x} < {y} || {x} != {x} ? {x} : {y}",
    python="{x} if {x} < {y} or {x} != {x} else {y}", latex=r"\min\left({x}, {y}\right)", arity=2,
    partials=lambda x, y, out: _shares(x, y, le(x, y), ge(x, y)),
    over_complex=OverComplex("complex_smaller({x}, {y})", (complex_order.SMALLER,)),
)  # fmt: skip


def _comparison(name: str, doc: str, function: Any, sign_text: str, latex: str) -> Elementwise:
    return elementwise(
        name, doc, numpy=function, c=f"{{x}} {sign_text} {{y}}", latex=f"{{x}} {latex} {{y}}",
        arity=2, signature=comparison, partials=lambda x, y, out: (None, None),
        over_complex=_ORDER.get(sign_text, _AS_IT_IS),
    )  # fmt: skip


_ORDER = {
    sign: OverComplex(f"{helper.name}({{x}}, {{y}})", (helper,))
    for sign, helper in (
        ("<", complex_order.LESS), ("<=", complex_order.AT_MOST),
        (">", complex_order.MORE), (">=", complex_order.AT_LEAST),
    )
}  # fmt: skip
"""Complex numbers are ordered by their real parts, equal ones by their imaginary parts."""


lt = _comparison("lt", "Whether x is less than y.", np.less, "<", "<")
le = _comparison("le", "Whether x is at most y.", np.less_equal, "<=", r"\le")
gt = _comparison("gt", "Whether x is greater than y.", np.greater, ">", ">")
ge = _comparison("ge", "Whether x is at least y.", np.greater_equal, ">=", r"\ge")
eq = _comparison("eq", "Whether x equals y (NaN equals nothing).", np.equal, "==", "=")
neq = _comparison("neq", "Whether x differs from y.", np.not_equal, "!=", r"\ne")


def _choice(dtypes: Sequence[str]) -> tuple[Sequence[str], str]:
    common = upcast(*dtypes[1:])
    return ["bool", common, common], common


def _holds(condition: Variable) -> Variable:
    """A condition as a truth value: any number but 0 holds, NaN too."""
    return condition if condition.dtype == "bool" else neq(condition, 0)


switch = elementwise(
    "switch", "Where the condition holds, x, else y. Both are computed; `ifelse` computes one.",
    numpy=np.where, c="{x} ? {y} : {z}", python="{y} if {x} else {z}", arity=3, signature=_choice,
    latex=r"\begin{cases}{y} & {x} \\ {z} & \text{otherwise}\end{cases}",
    partials=lambda c, x, y, out: (None, Only(_holds(c)), Only(eq(c, np.False_))),
    over_complex=_AS_IT_IS,
)  # fmt: skip


def clip(x: Any, low: Any, high: Any) -> Variable:
    """`x`, or the end beyond which it lies; NaN if one of the three is NaN. At an end and beyond,
    the derivative by x is 0.
    """
    above = switch(_is_past(le, x, low), low, x)
    return switch(_is_past(ge, above, high), high, above)


def _is_past(beyond: Elementwise, x: Any, end: Any) -> Variable:
    """Whether x is at an end or beyond it, or the end is NaN."""
    end = as_variable(end)
    if not is_inexact(end.dtype) or isinstance(end, Constant):
        return beyond(x, end)
    return beyond(x, end) + neq(end, end)


identity = elementwise(
    "copy", "The same numbers in memory of their own.",
    numpy=np.copy, c="{x}", latex="{x}", public=False, partials=lambda x, out: (1,),
    over_complex=_AS_IT_IS,
)  # fmt: skip


class Cast(Elementwise):
    """Conversion to another dtype.

    Between floats it rounds; from a float to an integer see `cast`.
    """

    def __init__(self, dtype: str) -> None:
        super().__init__(
            "cast", "Conversion to another dtype.",
            numpy=lambda x: convert(x, dtype), c=f"to_{dtype}({{x}})",
            helpers=(conversion(dtype),), latex=rf"\mathrm{{{dtype}}}\left({{x}}\right)",
            partials=lambda x, out: (1,), parameters=(dtype,),
            signature=self._from, over_complex=_AS_IT_IS, notice=float_to_integer,
        )  # fmt: skip
        self.dtype = dtype

    def _from(self, dtypes: Sequence[str]) -> tuple[Sequence[str], str]:
        (dtype,) = dtypes
        if is_complex(dtype) and self.dtype != "bool" and not is_complex(self.dtype):
            raise DTypeError(
                f"a complex number is no {self.dtype}",
                code="KG-D003",
                hint="take its .real, its .imag or abs(...) of it, or compare it: neq(z, 0)",
            )
        return dtypes, self.dtype

    def computes(self, dtypes: Sequence[str]) -> tuple[Sequence[str], str]:
        """It reads a float16 as a float32, and makes one itself: a number is rounded once."""
        return [computing(dtype) for dtype in dtypes], self.dtype

    def __reduce_ex__(self, protocol: Any) -> Any:
        return Cast, (self.dtype,)


def cast(x: Any, dtype: Any) -> Variable:
    """`x` converted to `dtype` (a name, a NumPy dtype, or "floatX"); `x` itself if it has that
    dtype.

    Into an integer dtype a float is cut towards zero: what fits an int64 (for uint64, a uint64 or
    an int64) wraps around as NumPy's casts do, through int64 (300.0 is the uint8 44, -1.0 the uint8
    255, 70000.0 the int16 4464); NaN is 0, and what is beyond is the nearest end of the dtype (1e20
    is the int8 127). Of NaN and of what is beyond, a call warns (`RuntimeWarning`, once).

    Raises `DTypeError` for dtypes that are not supported, and for a complex number that is to be a
    real one.

    >>> cast([-1.0, 300.0, 1.9], "uint8").eval().tolist()
    [255, 44, 1]
    """
    x = as_variable(x)
    dtype = check_dtype(dtype)
    if is_complex(x.dtype) and dtype == "bool":
        return neq(x, 0)
    return x if x.dtype == dtype else Cast(dtype)(x)


__all__ = list(public_ops(globals(), "cast", "clip"))  # pyright: ignore[reportUnsupportedDunderAll]
