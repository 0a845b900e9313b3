"""Logarithms of sums and differences of exponentials, and their slopes, far out and near 0."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Graph
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.modes import FAST_RUN, STABILIZE
from kernelgraph.rewrite.proof.comparison import coarsest
from kernelgraph.rewrite.proof.truth import error_in_digits, true_values
from kernelgraph.rewrite.rules.order import DEFAULT

Formula = Callable[..., Any]

X = np.array([1000.0, -1000.0, 1e-10, -1e-9, 3.0, 0.2, 50.0, 0.0])
Y = np.array([999.0, -1001.0, 1e-12, -3e-9, -2.0, 0.1, -50.0, -40.0])
ROWS = np.array([[800.0, 0.0, -80.0], [-900.0, -901.0, -902.0], [1.0, 2.0, 3.0]])


def errors(formula: Formula, *values: Any, rules: Any = FAST_RUN.rules) -> list[float]:
    """How far the rewritten formula is from its exact value, in units of the last digit."""
    arrays = [np.asarray(one) for one in values]
    types = [T.TensorType(str(one.dtype), (None,) * one.ndim) for one in arrays]
    variables = [kind(name) for kind, name in zip(types, "xyz", strict=False)]
    graph = Graph(tuple(variables), (formula(*variables),))
    with np.errstate(all="ignore"):
        (found,) = kg.interpret(rewrite(graph, rules).graph, arrays)
    exact, unit = true_values(graph, arrays), coarsest(graph)
    places = [k for k in np.ndindex(found.shape) if exact[k] == exact[k]]
    return [error_in_digits(found[k], exact[k], unit) for k in places]


def slope(cost: Formula, k: int = 0) -> Formula:
    """The gradient of a sum of costs by one of its operands."""
    return lambda *given: T.grad(cost(*given).sum(), given[k])


e, log = T.exp, T.log

SUMS: dict[str, Formula] = {
    "difference": lambda x, y: log(e(x) - e(y)),
    "weights that add up to 1": lambda x, y: log(0.3 * e(x) + 0.7 * e(y)),
    "halves": lambda x, y: log(e(x) / 2 + e(y) / 2),
    "a constant": lambda x, y: log(2 + e(x)),
    "a small constant": lambda x, y: log(e(x) + 1e-8),
    "1 and two": lambda x, y: log(1 + e(x) + e(y)),
    "three": lambda x, y: log(e(x) + e(y) + e(x + y)),
    "four and a number": lambda x, y: log(e(x) + 2 * e(y) + e(x + y) / 3 + e(2 * y) + 0.5),
    "log1p": lambda x, y: T.log1p(e(x) + e(y)),
    "log1p of one": lambda x, y: T.log1p(2 * e(x)),
    "base 10": lambda x, y: log(2 + e(x)) / np.log(10.0),
    "a reciprocal": lambda x, y: -log(1 / (2 + e(x) + e(y))),
    "a negative weight": lambda x, y: log(2 * e(x) - e(y)),
    "products": lambda x, y: log(e(x) * e(y) + e(x) * 3),
    "a bracket": lambda x, y: log(0.25 * (e(x) + e(y)) + 0.5),
    "cosh": lambda x, y: log((e(x) + e(-x)) / 2),
    "sinh": lambda x, y: log((e(x) - e(-x)) / 2),
    "a root": lambda x, y: log(T.sqrt(e(x) + 2 * e(y))),
    "what cancels": lambda x, y: log(e(x) + 1 + e(y) - 1),
    "like terms": lambda x, y: log(e(x) / 2 + e(x) / 2),
}


@pytest.mark.parametrize("name", SUMS)
def test_its_logarithm_is_right_far_out_and_near_0(name: str) -> None:
    assert max(errors(SUMS[name], X, Y)) <= 2.5
    stabilized = errors(SUMS[name], X, Y, rules=STABILIZE.rules)
    assert max(stabilized) <= 2.5


@pytest.mark.parametrize("name", [n for n in SUMS if n not in ("cosh", "base 10", "a root")])
def test_so_is_its_slope(name: str) -> None:
    assert max(errors(slope(SUMS[name]), X, Y)) <= 4


def test_float32() -> None:
    x, y = (0.1 * X).astype("float32"), (0.1 * Y).astype("float32")
    for name in ("difference", "weights that add up to 1", "a small constant", "1 and two"):
        assert max(errors(SUMS[name], x, y)) <= 4
        if name != "a small constant":  # exp(-100) has few digits in float32
            assert max(errors(slope(SUMS[name]), x, y)) <= 4


def test_weights_that_are_variables() -> None:
    weights = np.array([1.0, 1.0, 1.0, 0.5, 0.3, 0.0, 0.0, 1.0])

    def mixture(x: Any, y: Any, z: Any) -> Any:
        return log(z * e(x) + (1 - z) * e(y))

    assert max(errors(mixture, X, Y, weights)) <= 2.5
    assert max(errors(slope(mixture), X, Y, weights)) <= 4
    assert max(errors(lambda x, y, z: log(z * e(x) + e(y) + 2), X, Y, weights)) <= 2.5
    assert max(errors(lambda x, z: log(e(x) + z), X, weights)) <= 2.5


def test_a_total_beside_others() -> None:
    y = np.array([799.0, -901.0, 3.0])
    assert max(errors(lambda x, y: log(e(x).sum(axis=1) + e(y)), ROWS, y)) <= 2.5
    assert max(errors(lambda x: log(e(x).sum(axis=1) - 1), ROWS[::2])) <= 2.5
    assert max(errors(lambda x, y: log(e(x).sum(axis=1, keepdims=True) + 2), ROWS, y)) <= 2.5
    # Between exponents near -900, digits are lost as they are in the exponents' own last ones.
    assert max(errors(slope(lambda x, y: log(e(x).sum(axis=1) + e(y))), ROWS, y)) <= 500


def test_the_sample_values() -> None:
    x, y = T.dvectors("x", "y")
    graph = rewrite(Graph((x, y), (log(e(x) - e(y)),)), DEFAULT).graph
    (found,) = kg.interpret(graph, [np.array([1000.0, 999.0]), np.array([999.0, 1000.0])])
    assert found[0] == pytest.approx(999.5413248546129, rel=1e-15)
    assert np.isnan(found[1])


def test_a_nan_and_infinities_show() -> None:
    x, y = T.dvectors("x", "y")
    graph = rewrite(Graph((x, y), (log(0.3 * e(x) + 0.7 * e(y)),)), DEFAULT).graph
    inf, nan = np.inf, np.nan
    values = [np.array([nan, 1.0, inf, -inf, -inf, inf]), np.array([1.0, nan, 1.0, 1.0, -inf, inf])]
    (found,) = kg.interpret(graph, values)
    expected = [nan, nan, inf, 1 + np.log(0.7), -inf, inf]
    np.testing.assert_allclose(found, expected, rtol=1e-15)


def test_what_is_cut_off_is_no_power() -> None:
    x = T.dvector("x")
    graph = rewrite(Graph((x,), (log(T.switch(x > 0, 0.25 * e(x), 0.0)),)), DEFAULT).graph
    (found,) = kg.interpret(graph, [np.array([-1.0, 2.0])])
    np.testing.assert_allclose(found, [-np.inf, 2 + np.log(0.25)])


# ------------------------------------------------------------------------------------ probabilities


def test_the_likelihood_of_labels() -> None:
    x = np.array([800.0, -800.0, 800.0, -800.0, 30.0, -30.0, 1e-5, 2.0])
    y = np.array([1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.3, 0.0])

    def cost(x: Any, y: Any) -> Any:
        p = 1 / (1 + e(-x))
        return -log(y * p + (1 - y) * (1 - p))

    assert max(errors(cost, x, y)) <= 4
    assert max(errors(slope(cost), x, y)) <= 4


def test_probabilities() -> None:
    formulas: list[Formula] = [
        lambda x, y: log(T.sigmoid(x) * T.sigmoid(y)),
        lambda x, y: log(T.sigmoid(x) ** 2),
        lambda x, y: T.log1p(-T.sigmoid(x)),
        lambda x, y: log(T.sqrt(1 / (1 + e(-x)))),
        lambda x, y: 2 * T.sigmoid(x) - 1,
    ]
    for formula in formulas:
        assert max(errors(formula, 0.4 * X, 0.4 * Y)) <= 2.5


def test_the_other_classes() -> None:
    assert max(errors(lambda x: log(1 - T.softmax(x)), ROWS)) <= 2.5
    assert max(errors(lambda x: log(1 - T.softmax(x, axis=0)), ROWS)) <= 2.5


def test_softmax_of_all() -> None:
    for axes in (None, (0, 1)):
        formulas: list[Formula] = [
            lambda x, a=axes: e(x) / e(x).sum(axis=a, keepdims=True),
            lambda x, a=axes: T.grad(log(e(x).sum(axis=a)), x),
            lambda x, a=axes: log(e(x) / e(x).sum(axis=a)),
        ]
        for formula in formulas:
            assert max(errors(formula, ROWS)) <= 2.5
    assert max(errors(lambda x: e(x) / e(x).sum(), ROWS / 1.5)) <= 2.5


def test_rare_events() -> None:
    x = np.array([-400.0, -50.0, -1.0, -1e-8, 0.0, 0.5])
    assert max(errors(lambda x: log(1 - e(-e(x))), x)) <= 2.5
    assert max(errors(slope(lambda x: log(1 - e(-e(x)))), x)) <= 2.5


# ------------------------------------------------------------------------------------- hyperbolic


def test_hyperbolic_functions() -> None:
    formulas: list[Formula] = [
        lambda x: (e(x) - e(-x)) / (e(x) + e(-x)),
        lambda x: (e(x) + e(-x)) / (e(x) - e(-x)),
        lambda x: ((e(x) - e(-x)) / 2) / ((e(x) + e(-x)) / 2),
        lambda x: (e(2 * x) - 1) / (e(2 * x) + 1),
        lambda x: 3 * (e(x) - e(-x)) / (e(-x) + e(x)),
        lambda x: log(1 - T.tanh(x) ** 2),
        slope(lambda x: log(1 - T.tanh(x) ** 2)),
    ]
    x = np.array([-450.0, -20.0, -1.0, -1e-9, 1e-17, 0.3, 2.0, 40.0, 450.0])
    for formula in formulas:
        assert max(errors(formula, x)) <= 2.5


# ---------------------------------------------------------------------------------------- lengths


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_lengths_far_out(dtype: str) -> None:
    scale = np.array([[1e300], [1e-300], [1e200], [1.0]] if dtype == "float64" else
                     [[1e37], [1e-37], [1e25], [1.0]])  # fmt: skip
    x = (np.array([[3.0, 4.0, 0.5]]) * scale).astype(dtype)
    formulas: list[Formula] = [
        lambda x: T.sqrt((x**2).sum(axis=1)),
        lambda x: T.sqrt(T.sqr(x).sum()),
        lambda x: x / T.sqrt((x * x).sum(axis=1, keepdims=True)),
        lambda x: T.sqrt(x[:, 0] ** 2 + x[:, 1] ** 2),
        lambda x: T.grad(T.sqrt((x**2).sum(axis=1)).sum(), x),
        lambda x: T.sqrt((x**2).sum(axis=0)),
        lambda x: T.sqrt(T.sqr(x).sum(axis=(0, 1), keepdims=True)),
        lambda x: T.sqrt(((-2 * x) ** 2).sum(axis=1)),
        lambda x: T.sqrt(((x - 3) ** 2).sum(axis=1)) + T.sqrt((x**2).sum(axis=1)),
    ]
    for formula in formulas:
        assert max(errors(formula, x)) <= 2.5


def test_lengths_of_nothing_and_of_infinity() -> None:
    x = T.dmatrix("x")
    graph = rewrite(Graph((x,), (T.sqrt((x**2).sum(axis=1)),)), DEFAULT).graph
    rows = np.array([[0.0, 0.0], [np.inf, 1.0], [np.nan, 1.0], [-np.inf, np.inf]])
    np.testing.assert_array_equal(kg.interpret(graph, [rows])[0], [0, np.inf, np.nan, np.inf])


@pytest.mark.parametrize("target", ["c", "python"])
def test_lengths_are_computed_anew_only_where_they_must(target: str) -> None:
    """In range the bits are those of the plain sum; also in a loop, and of no numbers."""
    x, rows = T.dvector("x"), T.dmatrix("rows")
    steps, _ = kg.scan(lambda row: T.sqrt((row**2).sum()), sequences=rows)
    outputs = [T.sqrt((x**2).sum()), T.sqrt((rows**2).sum(axis=1)), steps]
    f = kg.function([x, rows], outputs, target=target)
    near = np.array([[3.0, 4.0], [5.0, 12.0]])
    for value, matrix, lengths in (
        ([1.0, 2.0, 2.0], near, [5, 13]),
        ([], near * 2.0**800, [5 * 2.0**800, 13 * 2.0**800]),
        ([2.0**-800], near * [[2.0**-900], [1.0]], [5 * 2.0**-900, 13]),
        ([0.0], np.zeros((0, 2)), []),
    ):
        one, all_at_once, in_turn = f(value, matrix)
        assert one == np.sqrt(np.sum(np.square(value))) or one == value[0]
        np.testing.assert_array_equal(all_at_once, lengths)
        np.testing.assert_array_equal(in_turn, lengths)


# --------------------------------------------------------------------------------------- integers


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "int64", "uint8", "uint32", "bool"])
@pytest.mark.parametrize("mode", [FAST_RUN, STABILIZE], ids=str)
def test_integers_behave_as_the_same_floats(dtype: str, mode: Any) -> None:
    formulas: list[Formula] = [
        lambda i: log(1 + e(i)),
        lambda i: log(T.sigmoid(i)),
        lambda i: e(i) / (1 + e(i)),
        lambda i: log(1 - T.sigmoid(i)),
        lambda i: 3 / (1 + e(i)),
        lambda i: log(2 + e(i)),
        lambda i: log(3 * e(i) + 1),
        lambda i: e(i) - 1,
    ]
    far = {"int8": 100, "uint8": 200, "bool": 1}.get(dtype, 1000)
    signs = [0, 1] if dtype.startswith("u") or dtype == "bool" else [-1, 0, 1]
    values = np.array([far * sign for sign in signs]).astype(dtype)
    for formula in formulas[: 7 if far > 128 else 8]:
        assert max(errors(formula, values, rules=mode.rules)) <= 2.5


def test_integers_in_compiled_code() -> None:
    i = T.ivector("i")
    f = kg.function([i], [log(1 + e(i)), log(T.sigmoid(i)), e(i) / (1 + e(i))], target="python")
    softplus, logs, shares = f([1000, -1000])
    np.testing.assert_array_equal(softplus, [1000, 0])
    np.testing.assert_array_equal(logs, [0, -1000])
    np.testing.assert_array_equal(shares, [1, 0])
