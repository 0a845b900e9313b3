"""Where something is cut off, its derivative is 0, whatever stands behind it: one by one, both
ways.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.types import DTYPES
from tests.support import TARGETS, Array

AT = np.array([0.0, -1.0, 4.0, 2.0])
ROOTS = [0, 0, 0.25, 0.5 / np.sqrt(2)]
"""The derivatives of a root where something lets it through."""

INVERSES = [0, 0, 0.25, 0.5]
"""Those of a logarithm."""

MASK = T.constant(np.array([False, False, True, True]))

SAMPLES: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "root": (lambda x: T.switch(x > 0, T.sqrt(x), 0).sum(), ROOTS),
    "root and more": (
        lambda x: T.switch(x > 0, T.sqrt(x) * 2 + 1, 0).sum(), np.multiply(2, ROOTS),
    ),
    "1/x": (lambda x: T.switch(x > 0, 1 / x, 0).sum(), [0, 0, -0.0625, -0.25]),
    "1/x squared": (lambda x: T.sum(T.switch(x > 0, 1 / x, 0) ** 2), [0, 0, -0.03125, -0.25]),
    "x log x": (lambda x: T.switch(x > 0, x * T.log(x), 0).sum(), [0, 0, *(1 + np.log([4, 2]))]),
    "sin x/x": (
        lambda x: T.switch(T.eq(x, 0), 1, T.sin(x) / x).sum(),
        [0, *((v * np.cos(v) - np.sin(v)) / v**2 for v in (-1, 4, 2))],
    ),
    "exp log x": (lambda x: T.switch(x > 0, T.exp(T.log(x) * 2), 0).sum(), [0, 0, 8, 4]),
    "the other way": (lambda x: T.switch(x <= 0, 0, T.log(x)).sum(), INVERSES),
    "mask": (lambda x: ((x > 0) * T.sqrt(x)).sum(), ROOTS),
    "mask of numbers": (lambda x: (T.sqrt(x) * T.cast(x > 0, "float32")).sum(), ROOTS),
    "1 - mask": (lambda x: ((1 - T.le(x, 0)) * T.log(x)).sum(), INVERSES),
    "mask made by a switch": (lambda x: (T.switch(x > 0, 1.0, 0.0) * T.log(x)).sum(), INVERSES),
    "two masks": (lambda x: ((x > 0) * (x < 3) * T.log(x)).sum(), [0, 0, 0, 0.5]),
    "constant mask": (lambda x: (T.constant(np.array([0.0, 0, 1, 3])) * T.log(x)).sum(),
                      [0, 0, 0.25, 1.5]),
    "constants": (lambda x: ((1 - T.constant(np.eye(4)[:2].sum(0))) * T.log(x)).sum(), INVERSES),
    "whole numbers": (lambda x: (T.cast(T.sign(x) > 0, "int8") * T.log(x)).sum(), INVERSES),
    "maximum": (lambda x: T.maximum(T.sqrt(x), 0.1).sum(), ROOTS),
    "minimum": (lambda x: T.minimum(-T.sqrt(x), -0.1).sum(), np.negative(ROOTS)),
    "clip": (lambda x: T.clip(T.log(abs(x)), 0, 1).sum(), [0, 0, 0, 0.5]),
    "relu": (lambda x: T.nnet.relu(T.sqrt(x)).sum(), ROOTS),
    "largest": (lambda x: T.max(T.switch(x > 0, T.sqrt(x), 0)), [0, 0, 0.25, 0]),
    "argmax": (lambda x: T.log(x)[2:][T.argmax(x[2:])], [0, 0, 0.25, 0]),
    "item": (lambda x: T.sqrt(x)[2], [0, 0, 0.25, 0]),
    "part": (lambda x: T.log(x)[2:].sum(), INVERSES),
    "part of a product": (lambda x: (x / x)[2:].sum(), [0, 0, 0, 0]),
    "rows": (lambda x: T.log(x)[np.array([2, 3, 2])].sum(), [0, 0, 0.5, 0.5]),
    "item of a matrix": (lambda x: T.sqrt(x).reshape((2, 2))[1, 1], [0, 0, 0, ROOTS[3]]),
    "masked column": (
        lambda x: T.switch(MASK.dimshuffle(0, "x"), T.outer(T.log(x), T.ones_like(x)), 0).sum(),
        np.multiply(4, INVERSES),
    ),
    "masked row": (
        lambda x: T.switch(MASK.dimshuffle("x", 0), T.outer(T.ones_like(x), T.log(x)), 0).sum(),
        np.multiply(4, INVERSES),
    ),
    "matrix times vector": (
        lambda x: T.dot(T.log(x).dimshuffle(0, "x"), T.ones_like(x)[:1])[2:].sum(), INVERSES,
    ),
    "rows of a product": (
        lambda x: T.dot(T.log(x).dimshuffle(0, "x"), T.ones_like(x).dimshuffle("x", 0))[2:].sum(),
        np.multiply(4, INVERSES),
    ),
    "dot with a mask": (lambda x: T.dot(x > 0, T.log(x)), INVERSES),
    "matrix times mask": (
        lambda x: T.dot(T.outer(T.ones_like(x)[:2], T.log(x)), T.cast(x > 0, "float64")).sum(),
        np.multiply(2, INVERSES),
    ),
    "vector times masked matrix": (
        lambda x: T.dot(T.ones_like(x), T.switch(MASK.dimshuffle(0, "x"), T.outer(T.log(x), x), 0))
        [2], np.array([0, 0, np.log(4) + np.log(2) + 1, 2]),
    ),
    "row of softmax": (
        lambda x: T.switch(MASK.dimshuffle(0, "x"), T.log_softmax(
            T.outer(T.log(x), np.array([0.0, 1.0]))), 0)[:, 0].sum(),
        [0, 0, -0.8 * 0.25, -2 / 3 * 0.5],
    ),
    "loop": (lambda x: kg.scan(T.log, [x])[0][2:].sum(), INVERSES),
    "inside of a loop": (
        lambda x: kg.scan(lambda v: T.switch(v > 0, T.log(v), 0), [x])[0].sum(), INVERSES
    ),
    "outside of a loop": (
        lambda x: kg.scan(lambda v, u: T.switch(v > 0, u, 0), [x, T.log(x)])[0].sum(), INVERSES
    ),
    "states after the last that counts": (
        lambda x: kg.scan(lambda v, s: s + T.sqrt(v), [x[::-1]], [T.zeros_like(x[0])])[0][1],
        ROOTS,
    ),
    "branch": (lambda x: kg.ifelse(T.sqrt(x)[0] > 0, T.sqrt(x), x)[2:].sum(), [0, 0, 1, 1]),
    "outside of a branch": (
        lambda x: _chosen(T.log(x), x), [0, 0, 0, 1]
    ),
}  # fmt: skip
"""What is differentiated, and the gradient at `AT`."""


def _chosen(logs: Any, x: Any) -> Any:
    """A choice between what is computed outside of it, for the condition needs both."""
    return kg.ifelse(logs[0] + x[3] > 0, logs.sum(), x[3])


LOOPS = ("loop", "inside of a loop", "outside of a loop", "states after the last that counts")
BRANCHES = ("branch", "outside of a branch")


@pytest.fixture(scope="module", params=TARGETS)
def found(request: pytest.FixtureRequest) -> dict[str, Array]:
    """All gradients, and derivatives forwards where graphs have them, on one target."""
    x = T.dvector("x")
    outputs: dict[str, Any] = {}
    for name, (make, _) in SAMPLES.items():
        cost = make(x)
        outputs[name] = T.grad(cost, x)
        if name not in (*LOOPS, *BRANCHES):
            outputs[f"{name}, forwards"] = T.Rop(cost, x, T.ones_like(x))
        if name not in LOOPS:
            outputs[f"{name}, twice"] = T.grad(outputs[name].sum(), x, disconnected_inputs="ignore")
    f = kg.function([x], list(outputs.values()), target=request.param)
    return dict(zip(outputs, f(AT), strict=True))


@pytest.mark.parametrize("name", SAMPLES)
def test_the_derivative_of_what_is_cut_off_is_zero(name: str, found: dict[str, Array]) -> None:
    _, derivatives = SAMPLES[name]
    np.testing.assert_allclose(found[name], derivatives, rtol=1e-12, atol=1e-15)
    if name not in (*LOOPS, *BRANCHES):
        np.testing.assert_allclose(found[f"{name}, forwards"], np.sum(derivatives), atol=1e-12)
    if name not in LOOPS:
        twice = found[f"{name}, twice"]
        assert np.isfinite(twice).all()
        assert not twice[np.equal(derivatives, 0)].any()


def test_a_power_by_its_exponent() -> None:
    x, p = T.dvector("x"), T.dscalar("p")
    cost = T.switch(x > 0, x**p, 0).sum()
    for target in TARGETS:
        f = kg.function([x, p], T.grad(cost, [x, p]), target=target)
        by_base, by_exponent = f(AT, 1.5)
        np.testing.assert_allclose(by_base, [0, 0, 3, 1.5 * np.sqrt(2)], rtol=1e-14)
        np.testing.assert_allclose(by_exponent, 8 * np.log(4) + 2**1.5 * np.log(2), rtol=1e-14)


def test_labels_are_masks_and_cross_entropy_stays_stable() -> None:
    x, y = T.dvector("x"), T.bvector("y")
    p = T.sigmoid(x)
    costs = [(y * T.log(x)).sum(), -(y * T.log(p) + (1 - y) * T.log(1 - p)).sum()]
    for target in TARGETS[1:]:
        f = kg.function([x, y], [T.grad(cost, x) for cost in costs], target=target)
        at, labels = np.array([0.0, -1000.0, 4.0, 1000.0]), np.array([0, 0, 1, 0], "int8")
        masked, entropy = f(at, labels)
        np.testing.assert_array_equal(masked, [0, 0, 0.25, 0])
        np.testing.assert_allclose(entropy, [0.5, 0, 1 / (1 + np.exp(-4)) - 1, 1], rtol=1e-12)


def test_missing_rows_of_data_have_no_part_in_a_regression() -> None:
    x, y, w, there = T.dmatrix("x"), T.dvector("y"), T.dvector("w"), T.TensorType("bool", (None,))()
    cost = T.switch(there, (T.dot(x, w) - y) ** 2, 0).sum()
    gradient = T.grad(cost, w)
    data = np.array([[1.0, 2.0], [np.nan, 0.0], [3.0, -1.0], [np.inf, 1.0]])
    for target in TARGETS:
        f = kg.function([x, y, w, there], gradient, target=target)
        got = f(data, np.array([1.0, 1.0, np.nan, 1.0]), [1.0, 1.0], [True, False, False, False])
        np.testing.assert_array_equal(got, [4.0, 8.0])


def test_rows_of_a_product_of_matrices() -> None:
    x, w, there = T.dmatrix("x"), T.dmatrix("w"), T.TensorType("bool", (None, 1))()
    gradient = T.grad(T.switch(there, T.dot(x, w), 0).sum(), w)
    data = np.array([[1.0, 2.0], [np.nan, np.inf]])
    for target in TARGETS:
        f = kg.function([x, w, there], gradient, target=target)
        np.testing.assert_array_equal(f(data, np.ones((2, 2)), [[True], [False]]), [[1, 1], [2, 2]])


# -------------------------------------------------------------------------------------- conditions


def values(dtype: str) -> Array:
    """Numbers of a dtype that are 0, and some that are not."""
    if dtype.startswith("float"):
        return np.array([0.0, -0.0, np.nan, 0.5, 1e-30, np.inf], dtype)
    if dtype == "bool":
        return np.array([0, 1, 1, 0, 1, 0], dtype)
    return np.array([0, 1, 2, -1, -128, 4]).astype(dtype)


@pytest.mark.parametrize("target", TARGETS)
def test_a_condition_holds_where_it_is_not_zero(target: str) -> None:
    x, y = T.dvectors("xy")
    arrays = [T.tensor(dtype, (None,), f"m_{dtype}") for dtype in DTYPES]
    numbers = [T.tensor(dtype, (), f"s_{dtype}") for dtype in DTYPES]
    outputs: list[Any] = []
    for m, s in zip(arrays, numbers, strict=True):
        chosen, either = T.switch(m, 3 * x, x * y), T.ifelse(s, 3 * x, x * y)
        outputs += [chosen, *T.grad(chosen.sum(), [x, y]), T.Rop(chosen, x, T.ones_like(x))]
        outputs += [T.grad(T.grad(T.switch(m, x**3, x * y).sum(), x).sum(), x)]
        outputs += [either, *T.grad(either.sum(), [x, y])]
    f = kg.function([*arrays, *numbers, x, y], outputs, target=target)
    at, other = np.arange(1.0, 7.0), np.arange(5.0, 11.0)
    for k in range(6):
        masks = [values(dtype) for dtype in DTYPES]
        found = iter(f(*masks, *(mask[k] for mask in masks), at, other))
        for mask in masks:
            array, number = mask != 0, np.full(6, mask[k] != 0)
            for holds in (array, number):
                _check(next(found), np.where(holds, 3 * at, at * other))
                _check(next(found), np.where(holds, 3, other))
                _check(next(found), np.where(holds, 0, at))
                if holds is array:
                    _check(next(found), np.where(holds, 3, other))
                    _check(next(found), np.where(holds, 6 * at, 0))


def _check(found: Array, expected: Array) -> None:
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("condition", [2, -1, 0.5, np.nan, True, 0, 0.0, False])
def test_a_constant_condition(condition: Any) -> None:
    x = T.dvector("x")
    chosen = T.switch(T.constant(condition), 3 * x, x)
    both = [T.grad(chosen.sum(), x), T.grad(T.ifelse(T.constant(condition), 3 * x, x).sum(), x)]
    for target in TARGETS:
        for got in kg.function([x], both, target=target)(AT):
            np.testing.assert_array_equal(got, np.full(4, 3.0 if condition != 0 else 1.0))
