"""Functions of the standard that go element by element: `xp.exp(x)`, `xp.add(x1, x2)`.

Each line names the op of the tensor language that a function is, and the dtypes that it takes. The
result has the dtype that the operands make together, or bool where the function asks a question.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kernelgraph import tensor as T
from kernelgraph.array_api import dtypes as kinds
from kernelgraph.array_api.array import Array, expect_array
from kernelgraph.array_api.dtypes import OBJECTS, DType
from kernelgraph.array_api.promotion import array, expect_dtype, operands
from kernelgraph.graph import Variable

One = Callable[[Array], Array]
Two = Callable[[Any, Any], Array]
Takes = Sequence[str]


def _named(function: Any, name: str, doc: str, takes: Takes) -> Any:
    function.__name__ = function.__qualname__ = name
    listed = ", ".join(takes)
    function.__doc__ = (
        f"{doc}\n\nElement by element. Takes {listed}; raises `DTypeError` for others."
    )
    return function


def _given(gives: str | None, dtype: DType) -> DType:
    """The dtype of a result: that of the operands, a certain one, or that of their real part."""
    if gives == "real":
        return OBJECTS[_PARTS.get(dtype.name, dtype.name)]
    return OBJECTS[gives] if gives else dtype


_PARTS = {"complex64": "float32", "complex128": "float64"}


def _one(name: str, doc: str, op: Any, takes: Takes, gives: str | None = None) -> One:
    def function(x: Array, /) -> Array:
        expect_dtype(expect_array(x, f"the operand of {name}").dtype, takes, name)
        return array(op(x.variable), _given(gives, x.dtype))

    return _named(function, name, doc, takes)


def _two(name: str, doc: str, op: Any, takes: Takes, gives: str | None = None) -> Two:
    def function(x1: Any, x2: Any, /) -> Array:
        dtype, pair = operands(name, x1, x2)
        expect_dtype(dtype, takes, name)
        return array(op(*pair), _given(gives, dtype))

    return _named(function, name, doc, takes)


def _same(x: Variable) -> Variable:
    return x


def _whole(op: Callable[[Variable], Variable]) -> Callable[[Variable], Variable]:
    """Rounding, of which integers have no need."""
    return lambda x: op(x) if x.dtype in FLOATING else x


def _number(op: Callable[[Variable], Variable], otherwise: bool) -> Callable[[Variable], Variable]:
    """A question that has one answer for all integers."""
    return lambda x: op(x) if x.dtype in kinds.FLOATING else T.zeros_like(x, "bool") | otherwise


ALL, NUMERIC, REAL, BOOL = kinds.ALL, kinds.NUMERIC, kinds.REAL, kinds.BOOL
INTEGRAL, FLOATING, REAL_FLOATING = kinds.INTEGRAL, kinds.FLOATING, kinds.REAL_FLOATING
BITS = BOOL + INTEGRAL

# ---------------------------------------------------------------------------- arithmetic
add = _two("add", "Sum of two numbers.", T.add, NUMERIC)
subtract = _two("subtract", "Difference of two numbers.", T.sub, NUMERIC)
multiply = _two("multiply", "Product of two numbers.", T.mul, NUMERIC)
divide = _two("divide", "Quotient of two numbers.", T.true_div, FLOATING)
floor_divide = _two("floor_divide", "Quotient rounded down.", T.int_div, REAL)
remainder = _two("remainder", "What division rounded down leaves.", T.mod, REAL)
pow = _two("pow", "x1 to the power of x2.", T.pow, NUMERIC)
negative = _one("negative", "The number with the other sign.", T.neg, NUMERIC)
positive = _one("positive", "The number itself.", _same, NUMERIC)
abs = _one("abs", "Magnitude.", T.abs, NUMERIC, "real")
sign = _one("sign", "-1, 0 or 1; x / |x|.", T.sign, NUMERIC)
conj = _one("conj", "The conjugate.", T.conj, NUMERIC)
real = _one("real", "The real part.", T.real, NUMERIC, "real")
imag = _one("imag", "The imaginary part.", T.imag, kinds.COMPLEX_FLOATING, "real")
square = _one("square", "Square.", T.sqr, NUMERIC)
sqrt = _one("sqrt", "Square root.", T.sqrt, FLOATING)
reciprocal = _one("reciprocal", "1 / x.", T.inv, FLOATING)
maximum = _two("maximum", "The larger one; NaN if one is NaN.", T.maximum, REAL)
minimum = _two("minimum", "The smaller one; NaN if one is NaN.", T.minimum, REAL)

# ---------------------------------------------------------------------------- comparisons
equal = _two("equal", "Whether both are the same number.", T.eq, ALL, "bool")
not_equal = _two("not_equal", "Whether they are different numbers.", T.neq, ALL, "bool")
less = _two("less", "Whether the first is smaller.", T.lt, REAL, "bool")
less_equal = _two("less_equal", "Whether the first is not larger.", T.le, REAL, "bool")
greater = _two("greater", "Whether the first is larger.", T.gt, REAL, "bool")
greater_equal = _two("greater_equal", "Whether the first is not smaller.", T.ge, REAL, "bool")
isnan = _one("isnan", "Whether it is NaN.", _number(T.isnan, False), NUMERIC, "bool")
isinf = _one("isinf", "Whether it is an infinity.", _number(T.isinf, False), NUMERIC, "bool")
isfinite = _one(
    "isfinite",
    "Whether it is a number, and no infinity.",
    _number(T.isfinite, True),
    NUMERIC,
    "bool",
)

# ---------------------------------------------------------------------------- truth and bits
logical_and = _two("logical_and", "Whether both hold.", T.and_, BOOL)
logical_or = _two("logical_or", "Whether one holds.", T.or_, BOOL)
logical_xor = _two("logical_xor", "Whether just one holds.", T.xor, BOOL)
logical_not = _one("logical_not", "Whether it does not hold.", T.invert, BOOL)
bitwise_and = _two("bitwise_and", "The bits that both have.", T.and_, BITS)
bitwise_or = _two("bitwise_or", "The bits that one has.", T.or_, BITS)
bitwise_xor = _two("bitwise_xor", "The bits that just one has.", T.xor, BITS)
bitwise_invert = _one("bitwise_invert", "The bits that it has not.", T.invert, BITS)
bitwise_left_shift = _two(
    "bitwise_left_shift", "The bits moved up by x2 places.", T.left_shift, INTEGRAL
)
bitwise_right_shift = _two(
    "bitwise_right_shift", "The bits moved down by x2 places.", T.right_shift, INTEGRAL
)

# ---------------------------------------------------------------------------- rounding
_ROUND = _whole(T.rint)
floor = _one("floor", "The next whole number below.", _whole(T.floor), REAL)
ceil = _one("ceil", "The next whole number above.", _whole(T.ceil), REAL)
trunc = _one("trunc", "The number without its fraction.", _whole(T.trunc), REAL)
round = _one("round", "The nearest whole number, of two the even one.", _ROUND, NUMERIC)

# ---------------------------------------------------------------------------- exp, log, angles
exp = _one("exp", "e to the power of x.", T.exp, FLOATING)
expm1 = _one("expm1", "exp(x) - 1, also for small x.", T.expm1, FLOATING)
log = _one("log", "Natural logarithm.", T.log, FLOATING)
log1p = _one("log1p", "log(1 + x), also for small x.", T.log1p, FLOATING)
log2 = _one("log2", "Logarithm to base 2.", T.log2, FLOATING)
log10 = _one("log10", "Logarithm to base 10.", T.log10, FLOATING)
sin = _one("sin", "Sine.", T.sin, FLOATING)
cos = _one("cos", "Cosine.", T.cos, FLOATING)
tan = _one("tan", "Tangent.", T.tan, FLOATING)
asin = _one("asin", "Angle whose sine is x.", T.arcsin, FLOATING)
acos = _one("acos", "Angle whose cosine is x.", T.arccos, FLOATING)
atan = _one("atan", "Angle whose tangent is x.", T.arctan, FLOATING)
sinh = _one("sinh", "Hyperbolic sine.", T.sinh, FLOATING)
cosh = _one("cosh", "Hyperbolic cosine.", T.cosh, FLOATING)
tanh = _one("tanh", "Hyperbolic tangent.", T.tanh, FLOATING)
asinh = _one("asinh", "Number whose hyperbolic sine is x.", T.arcsinh, FLOATING)
acosh = _one("acosh", "Number whose hyperbolic cosine is x.", T.arccosh, FLOATING)
atanh = _one("atanh", "Number whose hyperbolic tangent is x.", T.arctanh, FLOATING)
atan2 = _two("atan2", "Angle of the point (x2, x1).", T.arctan2, REAL_FLOATING)
hypot = _two("hypot", "The long side of a right triangle.", T.hypot, REAL_FLOATING)
logaddexp = _two("logaddexp", "log(exp(x1) + exp(x2)).", T.logaddexp, REAL_FLOATING)

# ---------------------------------------------------------------------------- signs and neighbours
signbit = _one("signbit", "Whether the sign is a minus.", T.signbit, REAL_FLOATING, "bool")
copysign = _two("copysign", "The magnitude of x1 with the sign of x2.", T.copysign, REAL_FLOATING)
nextafter = _two("nextafter", "The float next to x1 towards x2.", T.nextafter, REAL_FLOATING)

__all__ = [
    "abs", "acos", "acosh", "add", "asin", "asinh", "atan", "atan2", "atanh", "bitwise_and",
    "bitwise_invert", "bitwise_left_shift", "bitwise_or", "bitwise_right_shift", "bitwise_xor",
    "ceil", "conj", "copysign", "cos", "cosh", "divide", "equal", "exp", "expm1", "floor",
    "floor_divide", "greater", "greater_equal", "hypot", "imag", "isfinite", "isinf", "isnan",
    "less", "less_equal", "log", "log1p", "log2", "log10", "logaddexp", "logical_and",
    "logical_not", "logical_or", "logical_xor", "maximum", "minimum", "multiply", "negative",
    "nextafter", "not_equal", "positive", "pow", "real", "reciprocal", "remainder", "round",
    "sign", "signbit", "sin", "sinh", "sqrt", "square", "subtract", "tan", "tanh", "trunc",
]  # fmt: skip
