"""Functions of `kernelgraph.tensor` that NumPy has by the same name, called with every dtype: where
NumPy computes, they compute the same in the same dtype; where it refuses, they do, by an error that
is NumPy's as well. What differs on purpose stands in one table, with the reason.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import KernelgraphError
from kernelgraph.graph import Variable
from kernelgraph.types import COMPLEX, DTYPES, FLOATS, INTEGERS
from tests.support import Array, specials, tame

Call = Callable[[Any, Any, Any], Any]
"""A function, and two vectors of six numbers."""

CHOICE = np.array([True, False, True, True, False, True])
PLACES = np.array([0, 2, 1, 5, 0, 3])

PAIRS = (
    "add", "allclose", "append", "arctan2", "array_equal", "atan2", "bitwise_and", "bitwise_or",
    "bitwise_xor", "convolve", "copysign", "correlate", "divide", "divmod", "dot", "equal",
    "floor_divide", "greater", "greater_equal", "hypot", "inner", "intersect1d", "isclose", "isin",
    "kron", "less", "less_equal", "logaddexp", "logical_and", "logical_or", "logical_xor", "matmul",
    "maximum", "minimum", "mod", "multiply", "nextafter", "not_equal", "outer", "polyval",
    "remainder", "setdiff1d", "setxor1d", "subtract", "true_divide", "union1d", "vdot",
)  # fmt: skip
"""Functions of two arrays."""

LISTS = ("column_stack", "concat", "concatenate", "dstack", "hstack", "stack", "vstack")
"""Functions of a list of arrays."""

MATRICES = (
    "diagonal", "fliplr", "flipud", "matrix_transpose", "rot90", "trace", "transpose", "tril",
    "triu", "unstack",
)  # fmt: skip
"""Functions of a matrix."""

CALLS: dict[str, Call] = {
    "argsort": lambda f, x, y: f(x, kind="stable"),
    "bincount": lambda f, x, y: f(abs(x)),
    "array_split": lambda f, x, y: f(x, 4),
    "bitwise_left_shift": lambda f, x, y: f(x, PLACES.astype("uint8")),
    "bitwise_right_shift": lambda f, x, y: f(x, PLACES.astype("uint8")),
    "broadcast_arrays": lambda f, x, y: f(x, y),
    "broadcast_to": lambda f, x, y: f(x, (2, 6)),
    "choose": lambda f, x, y: f(PLACES % 2, [x, y]),
    "clip": lambda f, x, y: f(x, y, y[::-1]),
    "compress": lambda f, x, y: f(CHOICE, x),
    "diff": lambda f, x, y: f(x),
    "einsum": lambda f, x, y: f("i,i->", x, y),
    "expand_dims": lambda f, x, y: f(x, 0),
    "full": lambda f, x, y: f((2,), x[0]),
    "left_shift": lambda f, x, y: f(x, PLACES.astype("uint8")),
    "linspace": lambda f, x, y: f(x[0], y[0], 5),
    "arange": lambda f, x, y: f(x[0]),
    "cross": lambda f, x, y: f(x[:3], y[:3]),
    "dsplit": lambda f, x, y: f(x.reshape((1, 1, 6)), 2),
    "hsplit": lambda f, x, y: f(x, 2),
    "vsplit": lambda f, x, y: f(x.reshape((2, 3)), 2),
    "percentile": lambda f, x, y: f(x, 30),
    "quantile": lambda f, x, y: f(x, 0.3),
    "moveaxis": lambda f, x, y: f(x, 0, 0),
    "pad": lambda f, x, y: f(x, 1),
    "pow": lambda f, x, y: f(x, abs(y)),
    "permute_dims": lambda f, x, y: f(x.reshape((2, 3)), (1, 0)),
    "power": lambda f, x, y: f(x, abs(y)),
    "repeat": lambda f, x, y: f(x, 2),
    "reshape": lambda f, x, y: f(x, (2, 3)),
    "right_shift": lambda f, x, y: f(x, PLACES.astype("uint8")),
    "roll": lambda f, x, y: f(x, 2),
    "rollaxis": lambda f, x, y: f(x.reshape((2, 3)), 1),
    "searchsorted": lambda f, x, y: f(x[:1], y),
    "squeeze": lambda f, x, y: f(x.reshape((1, 6))),
    "swapaxes": lambda f, x, y: f(x.reshape((2, 3)), 0, 1),
    "take": lambda f, x, y: f(x, PLACES),
    "take_along_axis": lambda f, x, y: f(x, PLACES, 0),
    "tensordot": lambda f, x, y: f(x, y, 1),
    "tile": lambda f, x, y: f(x, 2),
    "where": lambda f, x, y: f(CHOICE, x, y),
    **dict.fromkeys(PAIRS, lambda f, x, y: f(x, y)),
    **dict.fromkeys(LISTS, lambda f, x, y: f([x, y])),
    **dict.fromkeys(MATRICES, lambda f, x, y: f(x.reshape((2, 3)))),
}
"""How a function is called; one that is not here gets x alone."""

NOT_OF_ARRAYS = (
    "atleast_1d", "atleast_2d", "atleast_3d", "bartlett", "blackman", "diag_indices",
    "diag_indices_from", "digitize", "empty", "empty_like", "eye", "fill_diagonal", "full_like",
    "geomspace", "hamming", "hanning", "histogram", "identity", "indices", "interp", "ix_",
    "kaiser", "logspace", "matrix", "meshgrid", "ones", "piecewise", "ravel_multi_index", "select",
    "shape", "split", "tri", "tril_indices", "tril_indices_from", "triu_indices",
    "triu_indices_from", "unravel_index", "vander", "zeros",
)  # fmt: skip
"""Names of something else, or of functions whose results depend on no dtype of an operand; those
that NumPy has with other arguments are compared beside them.
"""

Table = dict[str, tuple[Sequence[str], str]]
"""dtypes for which a function differs from NumPy's, and why."""

SMALL, WIDE = ("bool", "int8", "uint8"), ("int64", "float64", "complex128")

_IN_FLOAT32 = "functions of small integers are float32, as in Theano: float16 is for memory"
_NO_HALVES = "the next float16 would be computed by float32, whose neighbours are nearer"
_WHOLE = "whole numbers are rounded already, and keep their dtype"
_KEPT = "floats keep their dtype, and are added up in 64 bits"
_AS_NUMBERS = "truth values count as 0 and 1 where numbers are wanted"
_POLYNOMIAL = "a polynomial of numbers of 64 bits, which do not overflow as early"
_COUNTS = "arange counts with real numbers, and integers are counted in int64"

DIFFERENT: Table = {
    **dict.fromkeys(
        [
            "angle", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh",
            "cbrt", "copysign", "cos", "cosh", "deg2rad", "exp", "exp2", "expm1", "hypot",
            "log", "log10", "log1p", "log2", "logaddexp", "rad2deg", "sin", "sinh", "sqrt", "tan",
            "tanh",
        ],
        (SMALL, _IN_FLOAT32),
    ),
    "i0": ((*SMALL, "int16", "uint16"), _IN_FLOAT32),
    "nextafter": ((*SMALL, "float16"), f"{_IN_FLOAT32}; {_NO_HALVES}"),
    "arange": (("uint64", *COMPLEX), _COUNTS),
    **dict.fromkeys(["rint", "round_half_to_even"], (("bool", *INTEGERS), _WHOLE)),
    "inv": (("bool", *INTEGERS), "1 / x of whole numbers is a quotient of them, a float"),
    **dict.fromkeys(["corrcoef", "cov"], (("float16", "float32", "complex64"), _KEPT)),
    **dict.fromkeys(["gradient", "trapezoid"], (("bool", "float16"), f"{_KEPT}; {_AS_NUMBERS}")),
    **dict.fromkeys(["ediff1d", "percentile", "quantile"], (("bool",), _AS_NUMBERS)),
    "polyval": ([d for d in DTYPES if d not in WIDE], _POLYNOMIAL),
    "round": (("bool",), _WHOLE),
    "conj": (("bool",), "a truth value is its own conjugate, and stays one"),
    "sqr": (("bool",), "truth values have no arithmetic but logic: x * x is one"),
    "pow": (("bool",), "truth values have no arithmetic but logic"),
}  # fmt: skip
"""Dtypes for which a function differs on purpose, and why."""

NAMES = [
    name
    for name in T.__all__
    if callable(getattr(T, name)) and hasattr(np, name) and name not in NOT_OF_ARRAYS
]

LOOSE = {"float16": 4e-3, "float32": 3e-6, "float64": 1e-14}
"""How far results may be apart, for their size: sums may be added in another order."""

_FORMULA = "a product is what its formula says, and 0 times infinity is no number"

DIFFERENT_BEYOND: Table = {
    **dict.fromkeys(
        ["cumprod", "einsum", "kron", "mul", "nancumprod", "outer", "sqr"], (COMPLEX, _FORMULA)
    ),
    "convolve": ((*FLOATS, *COMPLEX), f"{_FORMULA}, also beyond the ends, where there is a 0"),
    **dict.fromkeys(
        ["std", "var"], (DTYPES, "what rounding takes is kept beside a sum, and NaN of an overflow")
    ),
    "nanprod": ((*FLOATS, *COMPLEX), f"{_FORMULA}; floats are multiplied in 64 bits"),
    "prod": ((*FLOATS, *COMPLEX), f"{_FORMULA}; floats are multiplied in 64 bits"),
    "clip": (COMPLEX, "a bound that is NaN in one part is NaN, as in maximum"),
    "i0": (FLOATS, "of infinity NumPy makes NaN, and the limit is infinity"),
    "arange": (FLOATS, "too many numbers are an error of the call"),
}
"""The same for infinities, NaN and the ends of the range."""


@dataclass
class Outcome:
    """The results of a call, as they are or to be computed, or its error."""

    results: list[Any]
    error: Exception | None = None


def outcome(space: Any, name: str, x: Any, y: Any) -> Outcome:
    """What a function of NumPy or of `kernelgraph.tensor` makes of two vectors."""
    call = CALLS.get(name, lambda f, x, y: f(x))
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            made = call(getattr(space, name), x, y)
    except Exception as error:
        return Outcome([], error)
    return Outcome(list(made) if isinstance(made, list | tuple) else [made])


def numbers(dtype: str, special: bool) -> list[Array]:
    """Two vectors of six numbers."""
    rng = np.random.default_rng(len(dtype) + special)
    if not special:
        return [tame(rng, dtype, (6,)) for _ in "xy"]
    return [rng.choice(specials(dtype), size=6) for _ in "xy"]


def differs(table: Table, name: str, dtype: str) -> bool:
    """Whether a table has a function, by this name or another of the same, for a dtype."""
    same = (dtypes for other, (dtypes, _) in table.items() if getattr(T, other) is getattr(T, name))
    return any(dtype in dtypes for dtypes in same)


def check(
    names: Sequence[str],
    dtype: str,
    target: str = "interpret",
    *,
    special: bool = False,
    but_for: Sequence[Table] = (DIFFERENT,),
) -> None:
    """Compare all functions, in one program, but for what stands in some tables."""
    values = numbers(dtype, special)
    x, y = (T.tensor(dtype, (None,), name) for name in "xy")
    ours: list[tuple[str, Variable]] = []
    wanted: list[Any] = []
    for name in names:
        if any(differs(table, name, dtype) for table in but_for):
            continue
        made, meant = outcome(T, name, x, y), outcome(np, name, *values)
        if meant.error is not None:
            if "required positional argument" in str(meant.error):
                continue  # it takes more than is in the table of calls
            assert isinstance(made.error, KernelgraphError), (name, dtype, meant.error)
            assert isinstance(made.error, (TypeError, ValueError)), (name, dtype)
            continue
        assert made.error is None, (name, dtype, made.error)
        assert len(made.results) == len(meant.results), (name, dtype)
        ours += [(name, result) for result in made.results]
        wanted += meant.results
    outputs = [T.as_tensor_variable(result) for _, result in ours]
    f = kg.function([x, y], outputs, target=target, on_unused_input="ignore")
    with warnings.catch_warnings():  # of divisions by 0
        warnings.simplefilter("ignore")
        results = f(*values)
    for (name, _), found, meant in zip(ours, results, wanted, strict=True):
        assert_alike(f"{name} of {dtype} on {target}", found, np.asarray(meant))


def assert_alike(label: str, found: Array, wanted: Array) -> None:
    """The same dtype, sizes and numbers, but for rounding."""
    assert (found.dtype, found.shape) == (wanted.dtype, wanted.shape), label
    if wanted.dtype.kind not in "fc":
        assert np.array_equal(found, wanted), (label, found, wanted)
        return
    rtol = LOOSE[wanted.real.dtype.name]
    np.testing.assert_allclose(found, wanted, rtol=rtol, atol=rtol, err_msg=label)


EVERYTHING = (DIFFERENT, DIFFERENT_BEYOND)


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype(dtype: str) -> None:
    check(NAMES, dtype)


@pytest.mark.parametrize("dtype", [*FLOATS, *COMPLEX])
def test_infinities_and_nan(dtype: str) -> None:
    check(NAMES, dtype, special=True, but_for=EVERYTHING)


@pytest.mark.parametrize("dtype", ["float16", "complex64"])
def test_in_python(dtype: str) -> None:
    check(NAMES, dtype, "python", special=True, but_for=EVERYTHING)


@pytest.mark.parametrize(("dtype", "every"), [("complex128", 2), ("float16", 5)])
def test_in_c(dtype: str, every: int) -> None:
    """A sample: every op is compared on every target in `test_every_op.py`."""
    check(NAMES[::every], dtype, "c", special=True, but_for=EVERYTHING)


@pytest.mark.parametrize("name", DIFFERENT)
def test_a_difference_is_there_and_has_a_reason(name: str) -> None:
    dtypes, reason = DIFFERENT[name]
    assert len(reason.split()) > 3
    for dtype in dtypes:
        with pytest.raises(AssertionError):
            check([name], dtype, but_for=())
