"""Linear equations: the same on every way of running, with NumPy's bits, gradients, and errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c import target
from kernelgraph.errors import ShapeError, SingularMatrixError
from kernelgraph.ops import contraction
from kernelgraph.tensor.slinalg import solve
from kernelgraph.types import FLOATS
from tests.support import LAYOUTS, TARGETS, WAYS, builder, cases, lay_out, same


@pytest.fixture(params=WAYS)
def build(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    return builder(request.param, monkeypatch)


def compiled(dtype: str, rank: int, way: str) -> Any:
    a, b = T.matrix("A", dtype), T.tensor(dtype, (None,) * rank, "b")
    return kg.function([a, b], solve(a, b), target=way)


FUNCTIONS = {
    (dtype, rank, way): compiled(dtype, rank, way)
    for dtype in FLOATS
    for rank in (1, 2)
    for way in TARGETS
}


@cases(80, 5_000)
@given(
    st.sampled_from(("float32", "float64")),
    st.integers(1, 2),
    st.sampled_from((0, 1, 2, 5, 17)),
    st.sampled_from((0, 1, 3)),
    st.tuples(*[st.sampled_from([each for each in LAYOUTS if each != "repeated"])] * 2),
)
def test_bits_are_numpys(
    dtype: str, rank: int, n: int, columns: int, layouts: tuple[str, str]
) -> None:
    rng = np.random.default_rng(n)
    a = lay_out(rng.normal(size=(n, n)).astype(dtype), layouts[0])
    b = lay_out(rng.normal(size=(n, columns)[:rank]).astype(dtype), layouts[1])
    right = np.linalg.solve(np.array(a, dtype), np.array(b, dtype))
    for way in TARGETS:
        assert same(FUNCTIONS[dtype, rank, way](a, b), right)


def test_no_python_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    f = FUNCTIONS["float64", 1, "c"]

    def never(*_: Any) -> Any:
        raise AssertionError

    monkeypatch.setattr(target, "computed", never)
    assert f(2 * np.eye(2), np.ones(2)).tolist() == [0.5, 0.5]


@pytest.mark.parametrize("blas", [True, False], ids=["LAPACK", "NumPy"])
def test_a_singular_matrix_is_an_error_at_the_users_line(
    build: Callable[..., Any], blas: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not blas:
        monkeypatch.setattr(target, "routines", lambda *limits: 0)
    a, b = T.dmatrix("A"), T.dvector("b")
    x = solve(a + 0, b)  # this line
    f = build([a, b], x.sum())
    with pytest.raises(SingularMatrixError, match=r"KG-N002[\s\S]*# this line"):
        f(np.ones((2, 2)), np.ones(2))
    with pytest.raises(np.linalg.LinAlgError):
        f(np.zeros((3, 3)), np.ones(3))
    assert f(np.eye(2), np.ones(2)) == 2  # and goes on


def test_gradients(build: Callable[..., Any]) -> None:
    a, b, c = T.dmatrix("A"), T.dvector("b"), T.dmatrix("C")
    cost = (solve(a, b) ** 2).sum() + (solve(a, c) ** 3).sum()
    f = build([a, b, c], [cost, *T.grad(cost, [a, b, c])])
    rng = np.random.default_rng(0)
    values = [rng.normal(size=shape) for shape in ((3, 3), (3,), (3, 2))]
    values[0] += 3 * np.eye(3)
    _, *derivatives = f(*values)
    for k, derivative in enumerate(derivatives):
        for place in np.ndindex(*values[k].shape):
            ends = []
            for step in (1e-6, -1e-6):
                moved = [value.copy() for value in values]
                moved[k][place] += step
                ends.append(f(*moved)[0])
            np.testing.assert_allclose(derivative[place], (ends[0] - ends[1]) / 2e-6, rtol=1e-5)


def test_forward_and_reverse_mode_agree() -> None:
    a, b = T.dmatrix("A"), T.dvector("b")
    da, db = T.dmatrix("dA"), T.dvector("db")
    x = solve(a, b)
    forward = T.Rop(x, [a, b], [da, db]).sum()
    ga, gb = T.grad(x.sum(), [a, b])
    f = kg.function([a, b, da, db], [forward, (ga * da).sum() + (gb * db).sum()])
    rng = np.random.default_rng(1)
    one, other = f(rng.normal(size=(4, 4)), *(rng.normal(size=s) for s in ((4,), (4, 4), (4,))))
    np.testing.assert_allclose(one, other, rtol=1e-9)


def test_between_kernels_and_in_loops(build: Callable[..., Any]) -> None:
    a, b = T.imatrix("A"), T.dvector("b")
    steps = kg.scan(lambda h: solve(a.T, h) + 1, outputs_info=[b], n_steps=2)[0]
    f = build([a, b], [steps, solve(T.exp(b)[::-1].dimshuffle(0, "x") * a, b * 2)])
    values = np.array([[2, 1], [0, 1]], "int32"), np.array([1.0, 3.0])
    first = np.linalg.solve(values[0].T, values[1]) + 1
    right = np.array([first, np.linalg.solve(values[0].T, first) + 1])
    found = f(*values)
    np.testing.assert_allclose(found[0], right, rtol=1e-15)
    scaled = np.exp(values[1])[::-1, None] * values[0]
    np.testing.assert_allclose(found[1], np.linalg.solve(scaled, values[1] * 2), rtol=1e-14)


def test_sizes_that_do_not_fit(build: Callable[..., Any]) -> None:
    a, b = T.dmatrix("A"), T.dvector("b")
    f = build([a, b], solve(a, b))
    with pytest.raises(ShapeError, match=r"A \(.*\) has 2 rows and 3 columns"):
        f(np.ones((2, 3)), np.ones(2))
    with pytest.raises(ShapeError, match=r"has 2 rows and b \(.*\) has 3"):
        f(np.eye(2), np.ones(3))


def test_what_is_known_to_be_wrong_is_refused_at_once() -> None:
    with pytest.raises(ShapeError, match="solve takes a matrix, not v"):
        solve(T.dvector("v"), T.dvector("b"))
    with pytest.raises(ShapeError, match="square"):
        solve(np.ones((2, 3)), T.dvector("b"))


def test_long_work_is_left_to_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contraction, "LONG", 0)
    f = compiled("float64", 1, "c")
    called: list[Any] = []
    solved = np.linalg.solve
    monkeypatch.setattr(np.linalg, "solve", lambda a, b: (called.append(a), solved(a, b))[1])
    assert f(np.eye(2), np.ones(2)).tolist() == [1, 1]
    assert len(called) == 1
    with pytest.raises(SingularMatrixError):
        f(np.zeros((2, 2)), np.ones(2))
