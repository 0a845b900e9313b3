"""All that LAPACK computes: NumPy's results in every way of running, without Python in compiled
functions; empty matrices, layouts, and what is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c import runtime_ctypes, target
from kernelgraph.errors import DecompositionError, KernelgraphError, ShapeError, SingularMatrixError
from kernelgraph.ops import contraction
from kernelgraph.types import listed
from tests.lines import symbols
from tests.support import LAYOUTS, TARGETS, Array, lay_out

N, S = T.nlinalg, T.slinalg

WORKS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "inverse": (N.inv, np.linalg.inv),
    "determinant": (N.det, np.linalg.det),
    "sign and logarithm": (N.slogdet, np.linalg.slogdet),
    "eigenvalues": (N.eigvalsh, np.linalg.eigvalsh),
    "eigenvectors": (lambda a: N.eigh(a, "U"), lambda a: np.linalg.eigh(a, "U")),
    "cholesky": (lambda a: S.cholesky(a @ a.T), lambda a: np.linalg.cholesky(a @ a.T)),
    "equations": (lambda a: S.solve(a, a.T), lambda a: np.linalg.solve(a, a.T)),
    "lower": (
        lambda a: S.solve_lower_triangular(a, a.T),
        lambda a: np.linalg.solve(np.tril(a), a.T),
    ),
    "upper": (
        lambda a: S.solve_upper_triangular(a, a[0]),
        lambda a: np.linalg.solve(np.triu(a), a[0]),
    ),
}
"""Of square matrices."""

RECTANGULAR: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "singular values": (
        lambda a: N.svd(a, compute_uv=False), lambda a: np.linalg.svd(a, compute_uv=False),
    ),
    "svd": (lambda a: N.svd(a, full_matrices=False), lambda a: np.linalg.svd(a, False)),
    "full svd": (N.svd, np.linalg.svd),
    "qr": (N.qr, np.linalg.qr),
    "complete qr": (lambda a: N.qr(a, "complete"), lambda a: np.linalg.qr(a, "complete")),
    "r": (lambda a: N.qr(a, "r"), lambda a: np.linalg.qr(a, "r")),
}  # fmt: skip


def everything(a: Any, wide: Any) -> list[Any]:
    """All results of a square matrix and of another one."""
    pairs = ((WORKS, a), (RECTANGULAR, wide))
    return [out for table, x in pairs for make, _ in table.values() for out in listed(make(x))]


def numpys(a: Array, wide: Array) -> list[Array]:
    found: list[Array] = []
    for table, x in ((WORKS, a), (RECTANGULAR, wide)):
        for _, numpy in table.values():
            results = numpy(x)
            found += [*results] if isinstance(results, tuple) else [results]
    return found


def matrices(dtype: str, m: int, n: int) -> tuple[Array, Array]:
    rng = np.random.default_rng(m)
    square = rng.normal(size=(m, m)) / m + np.eye(m)
    return square.astype(dtype), rng.normal(size=(m, n)).astype(dtype)


def compare(found: list[Array], a: Array, wide: Array) -> None:
    digits = 1e-10 if a.dtype == "float64" else 2e-5
    for result, right in zip(found, numpys(a, wide), strict=True):
        assert result.shape == right.shape
        assert result.dtype == a.dtype
        np.testing.assert_allclose(result, right, rtol=digits, atol=digits)


@pytest.fixture(scope="module")
def functions() -> dict[tuple[str, str], Any]:
    found: dict[tuple[str, str], Any] = {}
    for dtype in ("float32", "float64"):
        xs = symbols(matrices(dtype, 1, 1))
        for way in TARGETS:
            found[dtype, way] = kg.function(xs, everything(*xs), target=way)
    return found


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_results_are_numpys(functions: Any, dtype: str) -> None:
    for shape in ((1, 1), (3, 5), (5, 3), (4, 4), (40, 33)):
        a, wide = matrices(dtype, *shape)
        for way in TARGETS:
            compare(functions[dtype, way](a, wide), a, wide)


def test_however_matrices_lie(functions: Any) -> None:
    a, wide = matrices("float64", 4, 6)
    for layout in LAYOUTS:
        if layout != "repeated":
            given = lay_out(a, layout), lay_out(wide, layout)
            compare(functions["float64", "c"](*given), a, wide)


def test_matrices_without_elements(functions: Any) -> None:
    """The determinant of nothing is 1; most else is empty."""
    a = np.ones((0, 0))
    for way in TARGETS:
        for wide in (np.ones((0, 0)), np.ones((0, 3)), np.ones((3, 0))):
            xs = symbols([a])
            f = kg.function(xs, N.det(xs[0]), target="interpret")
            assert f(a) == 1
            g = kg.function(xs, [make(xs[0]) for make, _ in list(WORKS.values())[:1]], target=way)
            assert g(a)[0].shape == (0, 0)
            found = kg.function(xs, listed(N.qr(xs[0])) + listed(N.svd(xs[0])), target=way)(wide)
            shapes = [v.shape for v in (*np.linalg.qr(wide), *np.linalg.svd(wide))]
            assert [v.shape for v in found] == shapes
        assert functions["float64", way].target == way


def test_compiled_functions_do_without_python(functions: Any, monkeypatch: Any) -> None:
    def never(*_: Any) -> Any:
        raise AssertionError

    monkeypatch.setattr(target, "computed", never)
    a, wide = matrices("float64", 4, 3)
    compare(functions["float64", "c"](a, wide), a, wide)


@pytest.mark.parametrize("missing", ["library", "native runtime", "patience"])
def test_where_lapack_cannot_be_called_numpy_is(missing: str, monkeypatch: Any) -> None:
    if missing == "library":
        monkeypatch.setattr(target, "routines", lambda *limits: 0)
    elif missing == "patience":  # so that a Ctrl-C is heard
        monkeypatch.setattr(contraction, "LONG", 0)
    else:
        monkeypatch.setattr(target, "runtime", lambda: runtime_ctypes)
    asked: list[str] = []
    evaluate = target.computed
    monkeypatch.setattr(
        target, "computed", lambda node, xs: (asked.append(node.op.name), evaluate(node, xs))[1]
    )
    xs = symbols(matrices("float64", 1, 1))
    f = kg.function(xs, everything(*xs), target="c")
    a, wide = matrices("float64", 4, 3)
    asked.clear()
    compare(f(a, wide), a, wide)
    assert {"inverse", "det", "slogdet", "eigh", "cholesky", "solve_triangular"} <= set(asked)


@pytest.mark.parametrize(
    ("make", "value", "error"),
    [
        (N.inv, np.ones((3, 3)), SingularMatrixError),
        (S.cholesky, -np.eye(3), DecompositionError),
        (lambda a: S.solve_lower_triangular(a, a), np.zeros((2, 2)), SingularMatrixError),
        (lambda a: S.solve(a, a, assume_a="pos"), -np.eye(2), DecompositionError),
        (lambda a: T.grad(N.det(a), a), np.zeros((2, 2)), SingularMatrixError),
    ],
    ids=["inverse", "cholesky", "triangle", "positive", "derivative"],
)
def test_matrices_that_cannot_be_worked_with(
    make: Callable[..., Any], value: Array, error: type[Exception], monkeypatch: Any
) -> None:
    a = T.dmatrix("a")
    made = make(a)
    line = "(lambda" if make.__name__ == "<lambda>" else "made ="
    for way in (*TARGETS, "ctypes"):
        if way == "ctypes":
            monkeypatch.setattr(target, "runtime", lambda: runtime_ctypes)
        f = kg.function([a], made, target="c" if way == "ctypes" else way)
        with pytest.raises(error) as caught:
            f(value)
        assert isinstance(caught.value, KernelgraphError)
        assert caught.value.places[0].text.strip().startswith(line)
        assert isinstance(caught.value, np.linalg.LinAlgError)
        assert isinstance(caught.value, ValueError)
        assert np.isfinite(f(2 * np.eye(2))).all(), "and goes on"


@pytest.mark.parametrize("make", [N.inv, N.det, N.slogdet, S.cholesky, N.eigh, S.expm, S.solve])
def test_matrices_that_are_not_square(make: Callable[..., Any]) -> None:
    a = T.dmatrix("a")
    two = (np.ones(2),) if make is S.solve else ()
    made = listed(make(a, *two))  # this line
    for way in TARGETS if make is not S.expm else TARGETS[:1]:
        f = kg.function([a], made, target=way)
        with pytest.raises(ShapeError, match=r"KG-S002[\s\S]*2 rows and 3 columns[\s\S]*this line"):
            f(np.ones((2, 3)))
    with pytest.raises(ShapeError, match="square"):
        make(np.ones((2, 3)), *two)
    with pytest.raises(ShapeError, match="a matrix"):
        make(T.dvector("v"), *two)


def test_integers_are_doubles() -> None:
    a = T.tensor("int8", (None, None))
    value = np.array([[2, 1], [1, 3]], "int8")
    for make, numpy in list(WORKS.values())[:4]:
        (result,) = listed(kg.function([a], make(a), target="interpret")(value))[-1:]
        right = np.asarray(numpy(value)[-1] if make is N.slogdet else numpy(value))
        assert result.dtype == right.dtype == "float64"
        np.testing.assert_allclose(result, right)


def test_no_convergence_is_an_error() -> None:
    a = T.dmatrix("a")
    value = np.full((3, 3), np.nan)
    for make in (N.eigh, N.eigvalsh, N.svd):
        for way in TARGETS:
            f = kg.function([a], make(a), target=way)
            try:
                right = make.__name__ and getattr(np.linalg, make.__name__)(value)
            except np.linalg.LinAlgError:
                with pytest.raises(DecompositionError, match="did not converge"):
                    f(value)
            else:
                for one, other in zip(f(value), right, strict=True):
                    np.testing.assert_array_equal(one, other)
