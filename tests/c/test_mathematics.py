"""exp, log and their family: within one unit of the last digit, and right at the ends."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c import mathematics
from kernelgraph.elementwise import OPS
from kernelgraph.types import Array
from tests.support import takes

mp: Any = mpmath.mp.clone()
mp.dps = 50

DTYPES = ("float64", "float32")
MATRIX = {"float64": T.dvector, "float32": T.fvector}
LARGEST = {"float64": 709.0, "float32": 88.0}
SMALLEST = {"float64": 745.0, "float32": 103.0}


def compiled(name: str, dtype: str) -> Any:
    x = MATRIX[dtype]("x")
    return kg.function([x], getattr(T, name)(x), target="c")


def arguments(name: str, dtype: str) -> Array:
    """Numbers of every size for which the function has something to say, most where it bends."""
    rng = np.random.default_rng(0)
    count, top, bottom = 400, LARGEST[dtype], SMALLEST[dtype]
    tiny = 2.0 ** rng.uniform(-60, 0, count)
    wide = rng.uniform(-bottom, top, count)
    positive = np.exp(rng.uniform(2 - bottom, top, count))
    bend = rng.uniform(-2, 2, count)
    choices = {
        "exp": [wide, bend, tiny, -tiny],
        "expm1": [wide, bend, tiny, -tiny, rng.uniform(10, 60, count), rng.uniform(-45, 0, count)],
        "tanh": [bend, tiny, -tiny, rng.uniform(-20, 20, count)],
        "log": [positive, np.abs(bend), 1 + tiny, 1 - tiny / 2],
        "log1p": [positive, bend[bend > -1], tiny, -tiny / 2, tiny - 1],
    }
    return np.concatenate(choices[name]).astype(dtype)


def units_off(name: str, x: Array, found: Array) -> Array:
    """Distance to the true value, in units of the last digit of it."""
    digits = np.finfo(found.dtype).nmant
    least = int(np.finfo(found.dtype).minexp) - digits
    off: list[float] = []
    for argument, value in zip(x.tolist(), found.tolist(), strict=True):
        true = getattr(mp, name)(mp.mpf(argument))
        exponent = max(int(mp.floor(mp.log(abs(true), 2))) - digits, least) if true else least
        off.append(float(abs(mp.mpf(value) - true) / mp.mpf(2) ** exponent))
    return np.array(off)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", mathematics.NAMES)
def test_within_one_unit_of_the_last_digit(name: str, dtype: str) -> None:
    x = arguments(name, dtype)
    with np.errstate(all="ignore"):
        x = x[np.isfinite(x) & np.isfinite(getattr(np, name)(x))]
    off = units_off(name, x, compiled(name, dtype)(x))
    assert off.max() < 1, f"{name}({x[off.argmax()]!r}) is off by {off.max()} units"


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", mathematics.NAMES)
def test_special_values_are_those_of_numpy(name: str, dtype: str) -> None:
    info = np.finfo(dtype)
    ends = [0.0, np.inf, np.nan, 1.0, 2.0, info.smallest_subnormal, info.tiny, info.max, 1e-30]
    large = [LARGEST[dtype] + 2, SMALLEST[dtype] + 2, LARGEST[dtype], SMALLEST[dtype] - 1]
    x = np.array([*ends, *large], dtype=dtype)
    x = np.concatenate([x, -x])
    with np.errstate(all="ignore"):
        expected = getattr(np, name)(x)
    found = compiled(name, dtype)(x)
    known = ~np.isnan(expected)
    assert np.isnan(found[~known]).all()
    assert np.array_equal(np.signbit(found[known]), np.signbit(expected[known]))
    finite = np.isfinite(expected)
    assert np.array_equal(found[known & ~finite], expected[known & ~finite])
    off = np.abs(found[finite] - expected[finite])
    assert (off <= 3 * np.spacing(np.abs(expected[finite]))).all()  # NumPy itself is off by two


@pytest.mark.parametrize("name", mathematics.NAMES)
def test_a_vector_and_a_number_agree_to_the_last_bit(name: str) -> None:
    x = arguments(name, "float64")[:77]
    number = T.dscalar("x")
    alone = kg.function([number], getattr(T, name)(number), target="c")
    together = compiled(name, "float64")(x)
    assert np.array_equal(np.array([alone(value) for value in x]), together, equal_nan=True)


def polynomial(coefficients: tuple[float, ...], x: Any) -> Any:
    return sum(mp.mpf(c) * x**power for power, c in enumerate(coefficients))


@pytest.mark.parametrize("dtype", DTYPES)
def test_tables_are_as_good_as_they_say(dtype: str) -> None:
    bound = {"float64": 4e-16, "float32": 4e-8}[dtype]
    for k in range(-50, 51):
        r = mp.log(2) / 2 * k / 50
        true = (mp.expm1(r) - r) / r**2 if r else mp.mpf(1) / 2
        assert abs(polynomial(mathematics.EXP_TAIL[dtype], r) - true) < bound
    for k in range(1, 51):
        s = mp.mpf("0.1716") * k / 50
        true = (mp.log((1 + s) / (1 - s)) - 2 * s) / s**3
        assert abs(polynomial(mathematics.LOG_TAIL[dtype], s * s) - true) < bound


def test_only_what_a_program_uses_is_printed() -> None:
    text = mathematics.mathematics(["log"], ["float64"])
    assert "log_float64" in text
    assert "float32" not in text
    assert "exp_float64" not in text
    assert mathematics.mathematics([], ["float64"]) == ""


@pytest.mark.parametrize("dtype", DTYPES)
def test_all_functions_of_one_dtype_in_one_program(dtype: str) -> None:
    """A program has its own exp for the dtypes that it has; helpers of functions, such as erfcx's,
    may compute with others.
    """
    x = T.tensor(dtype, (None,), "x")
    outputs = [
        op(*[x] * op.arity)
        for name, op in OPS.items()
        if name not in ("slice_length", "exact_div") and takes(op, dtype)
    ]
    values = np.array([0.25, 0.5, 1.5, 2.0, 3.75], dtype)
    f = kg.function([x], outputs, target="c", rules=())
    assert dtype == "float64" or "float64" not in f.stages.source.body
    expected = kg.function([x], outputs, target="interpret", rules=())(values)
    for out, one, other in zip(outputs, expected, f(values), strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-5, err_msg=str(out))


def test_helpers_in_doubles_beside_functions_of_float32() -> None:
    """Functions of complex64 are computed in doubles, by the library where no other is there."""
    z = T.tensor("complex64", (None,), "z")
    outputs = [T.log(T.abs(z)), T.exp(T.abs(z)), T.log1p(z), T.expm1(z)]
    values = np.array([1 + 2j, -3.5j, 0], "complex64")
    with np.errstate(divide="ignore"):
        meant = kg.function([z], outputs, target="interpret")(values)
    for found, wanted in zip(kg.function([z], outputs, target="c")(values), meant, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-6)
