"""Powers and exponentials of matrices, and norms: NumPy's and SciPy's results, derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.linalg

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import ArgumentError, AxisError, ShapeError
from tests.lines import check_derivatives

N, S = T.nlinalg, T.slinalg
RNG = np.random.default_rng(0)
A = RNG.normal(size=(3, 3)) + 2 * np.eye(3)


def test_exponentials() -> None:
    a = T.dmatrix("a")
    values = [A, 9 * A, 1e-9 * A, np.zeros((2, 2)), np.diag([1e3, -1e3]), np.eye(2, k=1)]
    for way in ("interpret", "c"):
        f = kg.function([a], S.expm(a), target=way)
        for value in values:
            with np.errstate(over="ignore", invalid="ignore"):
                right = scipy.linalg.expm(value)
            if np.isfinite(right).all():
                np.testing.assert_allclose(
                    f(value), right, rtol=1e-11, atol=1e-13 * abs(right).max()
                )
        assert f(np.ones((0, 0))).shape == (0, 0)
        assert not np.isfinite(f(np.full((2, 2), np.inf))).any(), "and ends"
    check_derivatives(S.expm, A)


def test_exponentials_of_floats_have_all_their_digits() -> None:
    a = T.fmatrix("a")
    found = kg.function([a], S.expm(a), target="interpret")(A.astype("float32"))
    assert found.dtype == "float32"
    np.testing.assert_allclose(found, scipy.linalg.expm(A.astype("float32")), rtol=1e-6)


@pytest.mark.parametrize("n", [-3, -1, 0, 1, 2, 5])
def test_powers(n: int) -> None:
    a, k = T.dmatrix("a"), T.tensor("int64", (None, None))
    found = kg.function([a], N.matrix_power(a, n), target="interpret")(A)
    np.testing.assert_allclose(found, np.linalg.matrix_power(A, n), rtol=1e-12)
    if n >= 0:
        whole = np.array([[1, 2], [3, 4]])
        found = kg.function([k], N.matrix_power(k, n), target="interpret")(whole)
        np.testing.assert_array_equal(found, np.linalg.matrix_power(whole, n))
        assert found.dtype == "int64"
    if n:
        check_derivatives(lambda a: N.matrix_power(a, n), A, second=n == 2)
    with pytest.raises(ShapeError, match="KG-S002"):
        kg.function([a], N.matrix_power(a, n), target="interpret")(np.ones((2, 3)))


def test_powers_that_are_none() -> None:
    with pytest.raises(ArgumentError, match="exponent"):
        N.matrix_power(T.dmatrix("a"), 0.5)
    with pytest.raises(ShapeError, match="takes a matrix"):
        N.matrix_power(T.dvector("v"), 2)


VECTORS = [None, 0, 1, 2, 3, 0.5, -1, np.inf, -np.inf]
MATRICES = [None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf]


def test_norms() -> None:
    x, a, b = T.dvector("x"), T.dmatrix("a"), T.dtensor3("b")
    calls: list[tuple[int, dict[str, Any]]] = [(0, {"ord": o}) for o in VECTORS]
    calls += [(1, {"ord": o, "axis": -1, "keepdims": True}) for o in VECTORS]
    calls += [(1, {"ord": o}) for o in MATRICES]
    calls += [(1, {"ord": o, "axis": (1, 0), "keepdims": True}) for o in MATRICES]
    calls += [(2, {"ord": o, "axis": (2, 0)}) for o in (None, "fro", 1, -1, np.inf, -np.inf)]
    calls += [(2, {}), (2, {"keepdims": True}), (2, {"axis": [1], "ord": 1})]
    values = [RNG.normal(size=shape) for shape in ((4,), (4, 3), (2, 3, 4))]
    for way, some in (("interpret", calls), ("c", calls[::4])):
        outputs = [N.norm((x, a, b)[k], **options) for k, options in some]
        f = kg.function([x, a, b], outputs, target=way, on_unused_input="ignore")
        for result, (k, options) in zip(f(*values), some, strict=True):
            if isinstance(options.get("axis"), list):
                options = {**options, "axis": options["axis"][0]}
            right = np.linalg.norm(values[k], **options)
            assert result.shape == np.shape(right), options
            np.testing.assert_allclose(result, right, rtol=1e-12, err_msg=str(options))


def test_derivatives_of_norms() -> None:
    for order in VECTORS:
        if order != 0:
            check_derivatives(
                lambda x, o=order: N.norm(x, o), RNG.normal(size=4), second=order == 2
            )
    for order in MATRICES:
        check_derivatives(lambda x, o=order: N.norm(x, o), A, second=order == "nuc")


def test_the_derivative_of_a_norm_of_nothing_is_nothing() -> None:
    x = T.dvector("x")
    gradients = [T.grad(N.norm(x, order), x) for order in (None, 1, 2, 3, np.inf)]
    for way in ("interpret", "c"):
        for g in kg.function([x], gradients, target=way)(np.zeros(3)):
            np.testing.assert_array_equal(g, np.zeros(3))


def test_norms_that_are_none() -> None:
    a, b = T.dmatrix("a"), T.dtensor3("b")
    for order in ("fro", "nuc", [1], T.dscalar("p")):
        with pytest.raises(ArgumentError):
            N.norm(T.dvector("x"), order)
    for order in (3, "l2", [1]):
        with pytest.raises(ArgumentError):
            N.norm(a, order)
    with pytest.raises(ArgumentError, match="one or two axes"):
        N.norm(b, 2)
    with pytest.raises(AxisError):
        N.norm(a, axis=2)
