"""Stacks of matrices: NumPy's results in every way of running, with broadcasting and for nothing at
all; derivatives; no Python in compiled functions; what does not fit.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c import target
from kernelgraph.config import config
from kernelgraph.errors import DecompositionError, ShapeError, SingularMatrixError
from kernelgraph.ops.stacks import Stacked
from kernelgraph.viz.text.latex import latex
from tests.support import LAYOUTS, TARGETS, Array, lay_out, same

N, S = T.nlinalg, T.slinalg
RNG = np.random.default_rng(4)


def turned(x: Any) -> Any:
    return np.swapaxes(x, -1, -2) if isinstance(x, np.ndarray) else x.swapaxes(-1, -2)


Works = dict[str, tuple[Callable[..., Any], Callable[..., Any]]]

SQUARE: Works = {
    "inv": (N.inv, np.linalg.inv),
    "det": (N.det, np.linalg.det),
    "slogdet": (N.slogdet, np.linalg.slogdet),
    "eigvalsh": (N.eigvalsh, np.linalg.eigvalsh),
    "eigh": (lambda a: N.eigh(a, "U"), lambda a: np.linalg.eigh(a, "U")),
    "eig": (N.eig, np.linalg.eig),
    "power": (lambda a: N.matrix_power(a, -3), lambda a: np.linalg.matrix_power(a, -3)),
    "solve": (lambda a: S.solve(a, turned(a)), lambda a: np.linalg.solve(a, turned(a))),
    "lower": (
        lambda a: S.solve_lower_triangular(a, a), lambda a: np.linalg.solve(np.tril(a), a),
    ),
    "upper": (
        lambda a: S.solve_triangular(a, a, trans=1),
        lambda a: np.linalg.solve(turned(np.triu(a)), a),
    ),
}  # fmt: skip
"""Of square matrices."""

WIDE: Works = {
    "svd": (lambda a: N.svd(a, full_matrices=False), lambda a: np.linalg.svd(a, False)),
    "full svd": (N.svd, np.linalg.svd),
    "values": (lambda a: N.svd(a, compute_uv=False), lambda a: np.linalg.svd(a, compute_uv=False)),
    "qr": (N.qr, np.linalg.qr),
    "complete qr": (lambda a: N.qr(a, "complete"), lambda a: np.linalg.qr(a, "complete")),
    "r": (lambda a: N.qr(a, "r"), lambda a: np.linalg.qr(a, "r")),
    "pinv": (N.pinv, np.linalg.pinv),
}


def drawn(dtype: str, *shape: int) -> Array:
    value: Any = RNG.normal(size=shape)
    return (value + 1j * RNG.normal(size=shape) if "c" in dtype else value).astype(dtype)


def results(works: Works, which: int, a: Any) -> list[Any]:
    """What ours (0) or NumPy's (1) make of a stack, one after the other."""
    found: list[Any] = []
    for each in works.values():
        made = each[which](a)
        found += [*made] if isinstance(made, list | tuple) else [made]
    return found


def close(found: Array, right: Array) -> None:
    assert found.dtype == right.dtype
    assert found.shape == right.shape
    rtol = 1e-4 if right.dtype in ("float32", "complex64") else 1e-9
    np.testing.assert_allclose(found, right, rtol=rtol, atol=rtol)


@pytest.fixture(scope="module")
def functions() -> dict[tuple[str, str, int], tuple[Any, Any]]:
    """A function of square matrices and one of others, for each way, dtype and rank."""
    found: dict[tuple[str, str, int], tuple[Any, Any]] = {}
    others = [("c", "float32", 4), ("c", "complex128", 3)]
    for way, dtype, rank in [*((w, "float64", 3) for w in TARGETS), *others]:
        a = T.tensor(dtype, (None,) * rank, "a")
        found[way, dtype, rank] = (
            kg.function([a], results(SQUARE, 0, a), target=way),
            kg.function([a], results(WIDE, 0, a), target=way),
        )
    return found


def test_results_are_numpys(functions: Any) -> None:
    for (_, dtype, rank), (square, wide) in functions.items():
        a, w = drawn(dtype, 2, 3, 4, 4) + 3 * np.eye(4, dtype=dtype), drawn(dtype, 3, 2, 2, 4)
        a, w = (a[0], w[0]) if rank == 3 else (a, w)
        for f, works, value in ((square, SQUARE, a), (wide, WIDE, w), (wide, WIDE, turned(w))):
            for found, right in zip(f(value), results(works, 1, value), strict=True):
                close(found, right)


@pytest.mark.parametrize("shape", [(0, 3, 3), (2, 0, 0), (0, 0, 0)])
def test_nothing(functions: Any, shape: tuple[int, ...]) -> None:
    for way in TARGETS:
        square, wide = functions[way, "float64", 3]
        for f, works in ((square, SQUARE), (wide, WIDE)):
            rights = results(works, 1, np.ones(shape))
            for found, right in zip(f(np.ones(shape)), rights, strict=True):
                close(found, right.astype(found.dtype))  # NumPy's eig of nothing is real


@pytest.mark.parametrize("layout", [each for each in LAYOUTS if each != "repeated"])
def test_layouts(functions: Any, layout: str) -> None:
    value = RNG.normal(size=(3, 4, 4)) + 3 * np.eye(4)
    square, _ = functions["c", "float64", 3]
    for found, right in zip(square(lay_out(value, layout)), square(value), strict=True):
        assert same(found, right)


@pytest.mark.parametrize("way", TARGETS)
def test_axes_in_front_are_repeated(way: str) -> None:
    a, b = T.tensor("float64", (None, 1, None, None)), T.tensor("float64", (None, None, None))
    m, v = T.dmatrix("m"), T.dvector("v")
    A, B = RNG.normal(size=(2, 1, 3, 3)) + 3 * np.eye(3), RNG.normal(size=(4, 3, 2))
    outs = [S.solve(a, b), S.solve(m, b), S.solve(a, v), S.solve(a, b[0])]
    outs += [S.solve_upper_triangular(a, b), S.solve(a, b, transposed=True)]
    found = kg.function([a, b, m, v], outs, target=way)(A, B, A[0, 0], B[0, :, 0])
    close(found[0], np.linalg.solve(A, B))
    close(found[1], np.linalg.solve(A[0, 0], B))
    close(found[2], np.linalg.solve(A, B[0, :, 0]))
    close(found[3], np.linalg.solve(A, B[0]))
    close(found[4], np.linalg.solve(np.triu(A), B))
    close(found[5], np.linalg.solve(turned(A), B))


def test_no_python_runs(monkeypatch: pytest.MonkeyPatch, functions: Any) -> None:
    def refuse(*_: Any) -> Any:
        raise AssertionError("Python was asked")

    monkeypatch.setattr(target, "computed", refuse)
    square, wide = functions["c", "float64", 3]
    assert len(square(RNG.normal(size=(5, 3, 3)))) == len(results(SQUARE, 1, np.ones((1, 1, 1))))
    assert wide(RNG.normal(size=(5, 3, 2)))


def spread(a: Any) -> Any:
    return a @ turned(a) + 0.1 * np.eye(3)


DERIVED: dict[str, Callable[[Any, Any, Any], Any]] = {
    "inv": lambda a, b, m: N.inv(a), "det": lambda a, b, m: N.det(a),
    "slogdet": lambda a, b, m: N.slogdet(a)[1], "eigvalsh": lambda a, b, m: N.eigvalsh(a),
    "eigh": lambda a, b, m: (N.eigh(a, "U")[1] ** 2) * N.eigh(a, "U")[0][:, None, :],
    "svd": lambda a, b, m: N.svd(b, full_matrices=False)[0] @ N.svd(b, full_matrices=False)[2],
    "values": lambda a, b, m: N.svd(a)[1], "qr": lambda a, b, m: N.qr(b)[0] @ turned(N.qr(b)[1]),
    "cholesky": lambda a, b, m: S.cholesky(spread(a)),
    "upper": lambda a, b, m: S.cholesky(spread(a), lower=False),
    "solve": lambda a, b, m: S.solve(a, b), "one matrix": lambda a, b, m: S.solve(m, b),
    "one right side": lambda a, b, m: S.solve(a, m[:, :2]),
    "a vector": lambda a, b, m: S.solve_triangular(a, m[0], lower=True),
    "every pair": lambda a, b, m: S.solve(T.shape_padaxis(a, 1), T.shape_padaxis(b, 0)),
    "positive": lambda a, b, m: S.solve(spread(a), b, assume_a="pos"),
    "pinv": lambda a, b, m: N.pinv(b), "expm": lambda a, b, m: S.expm(a * 0.3),
    "power": lambda a, b, m: N.matrix_power(a, -2), "nuc": lambda a, b, m: N.norm(a, "nuc", (0, 2)),
    "pairs": lambda a, b, m: S.eigvalsh(a, spread(a)),
}  # fmt: skip


@pytest.mark.parametrize("name", DERIVED)
def test_derivatives_both_ways(name: str) -> None:
    """Along a direction: forwards, backwards, and by differences."""
    inputs = [T.dtensor3("a"), T.dtensor3("b"), T.dmatrix("m")]
    A = RNG.normal(size=(2, 3, 3)) + 3 * np.eye(3)
    values = [A, RNG.normal(size=(2, 3, 2)), A[0].T.copy()]
    out = DERIVED[name](*inputs)
    cost = (out.flatten() * T.cos(T.arange(out.size) * 1.0)).sum()
    slopes = T.grad(cost, inputs, disconnected_inputs="ignore")
    ways = [v.clone() for v in inputs]
    forward = T.Rop(cost, inputs, ways)
    f = kg.function(inputs, [cost, *slopes], target="interpret", on_unused_input="ignore")
    _, *back = f(*values)
    along = [RNG.normal(size=v.shape) for v in values]
    both = kg.function([*inputs, *ways], forward, target="interpret", on_unused_input="ignore")
    found = both(*values, *along)
    up, down = (
        f(*(v + h * d for v, d in zip(values, along, strict=True)))[0] for h in (1e-6, -1e-6)
    )
    np.testing.assert_allclose(found, (up - down) / 2e-6, rtol=1e-5, atol=1e-5)
    total = sum((g * d).sum() for g, d in zip(back, along, strict=True))
    np.testing.assert_allclose(total, found, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("way", ["interpret", "c"])
def test_exponentials_of_small_and_large_matrices_side_by_side(way: str) -> None:
    """Each needs another number of squarings."""
    a, m = T.dtensor3("a"), T.dmatrix("m")
    value = RNG.normal(size=(3, 3, 3)) * np.array([0.1, 30, 1])[:, None, None]
    one = kg.function([m], [S.expm(m), T.grad(S.expm(m).sum(), m)], target="interpret")
    f = kg.function([a], [S.expm(a), T.grad(S.expm(a).sum(), a)], target=way)
    for found, rights in zip(f(value), zip(*map(one, value), strict=True), strict=True):
        np.testing.assert_allclose(found, np.stack(rights), rtol=1e-9)


def test_second_derivatives() -> None:
    a, p = T.dtensor3("a"), T.dtensor3("p")
    A, P = RNG.normal(size=(2, 3, 3)) + 3 * np.eye(3), RNG.normal(size=(2, 3, 3))
    slope = T.grad((N.inv(a) ** 2).sum() + N.det(a).sum(), a)
    f = kg.function([a], slope)
    twice = kg.function([a, p], T.grad((slope * p).sum(), a))(A, P)
    right = (f(A + 1e-6 * P) - f(A - 1e-6 * P)) / 2e-6
    np.testing.assert_allclose(twice, right, rtol=1e-5, atol=1e-5)


def test_a_jacobian_and_many_values_have_no_loop() -> None:
    m, v, vs = T.dmatrix("m"), T.dvector("v"), T.dmatrix("vs")
    jacobian = kg.jacobian(S.solve(m, v), v)
    many = kg.vectorize_graph([S.solve(N.inv(m) + 1, v), N.pinv(m)], {m: T.dtensor3("ms")})
    for made in (jacobian, *many, kg.vectorize_graph(S.solve(m, v), {v: vs})):
        assert "scan" not in str(kg.debugprint(made, file="str"))
    value = RNG.normal(size=(3, 3)) + 3 * np.eye(3)
    close(kg.function([m, v], jacobian)(value, value[0]), np.linalg.inv(value))


def test_equal_singular_values_leave_the_derivative_of_pinv_alone() -> None:
    """It has a derivative of its own, which those of its parts are not."""
    m, ms = T.dmatrix("m"), T.dtensor3("ms")
    g = T.grad(kg.vectorize_graph(N.pinv(m), {m: ms}).sum(), ms)
    np.testing.assert_allclose(kg.function([ms], g)(np.eye(3)[None]), -np.ones((1, 3, 3)))


def test_numpys_functions_take_stacks() -> None:
    a: Any = T.dtensor3("a")
    made: list[Any] = [
        np.linalg.inv(a),
        np.linalg.solve(a, a),
        *np.linalg.eigh(a),
        *np.linalg.svd(a),
    ]
    assert [v.ndim for v in made] == [3, 3, 2, 3, 3, 2, 3]
    length: Any = np.linalg.norm(a, 2, axis=(1, 2))
    assert length.ndim == 1


def test_what_is_known_of_sizes() -> None:
    a = T.tensor("float64", (7, 1, 4, 3))
    b = T.tensor("float64", (None, 5, 4, 2))
    u, s, vt = N.svd(a)
    assert [v.tensor_type.shape for v in (u, s, vt)] == [(7, 1, 4, 4), (7, 1, 3), (7, 1, 3, 3)]
    assert S.solve(b @ turned(b), b).tensor_type.shape == (None, 5, 4, 2)
    assert S.solve(a @ turned(a), b).tensor_type.shape == (7, 5, 4, 2)
    assert N.qr(b, "r").tensor_type.shape == (None, 5, 2, 2)


@pytest.mark.parametrize("way", TARGETS)
def test_what_does_not_fit(way: str) -> None:
    a, b = T.dtensor3("a"), T.dtensor3("b")
    with pytest.raises(ShapeError, match=r"a matrix of wide .* has 3 rows and 2 columns"):
        N.inv(T.tensor("float64", (5, 3, 2), "wide"))
    with pytest.raises(ShapeError, match="KG-S001"):
        S.solve(T.tensor("float64", (5, 3, 3)), T.tensor("float64", (4, 3, 3)))
    with pytest.raises(ShapeError, match="takes a matrix"):
        N.inv(T.dvector("v"))
    f = kg.function([a, b], S.solve(a, b), target=way)
    with pytest.raises(ShapeError, match=r"a matrix of a .* has 3 rows and 2 columns"):
        f(np.ones((5, 3, 2)), np.ones((5, 3, 2)))
    with pytest.raises(ShapeError, match=r"dimension 0 of a .* has size 5, dimension 0 of b .* 4"):
        f(np.ones((5, 3, 3)), np.ones((4, 3, 3)))
    with pytest.raises(SingularMatrixError, match=r"\] a\[1\] .* is singular"):
        f(np.stack([np.eye(3), np.ones((3, 3))]), np.ones((2, 3, 1)))
    for power in (0, 1, 2):
        p = kg.function([a], N.matrix_power(a, power), target=way)
        with pytest.raises(ShapeError, match="KG-S002"):
            p(np.ones((5, 3, 2)))
        assert same(p(np.ones((2, 2, 2))), np.linalg.matrix_power(np.ones((2, 2, 2)), power))
    g = kg.function([a], S.cholesky(a), target=way)
    with pytest.raises(DecompositionError, match=r"a\[1\] .* is not positive definite"):
        g(np.stack([np.eye(3), -np.eye(3)]))


@pytest.mark.parametrize("way", TARGETS)
def test_an_error_says_which_matrix_it_is(way: str) -> None:
    a, b = T.tensor("float64", (None, 1, None, None), "a"), T.dtensor3("b")
    A, B = np.stack([np.eye(2)] * 6).reshape(3, 2, 2, 2), np.ones((4, 2, 1))
    A[2, 1] = A[2, 0] = 1
    f = kg.function([a, b], S.solve(a, b), target=way)
    with pytest.raises(SingularMatrixError, match=r"\] a\[2, 0\] \(float64"):
        f(A[:, :1], B)
    square: Any = b
    g = kg.function([a, b], S.solve_triangular(square[:, :1] @ square, T.matmul(a, a)), target=way)
    with pytest.raises(SingularMatrixError, match=r"matrix \[3\] of the result of "):
        g(np.ones((1, 1, 1, 1)), np.array([1.0, 2, 3, 0])[:, None, None])
    many = T.tensor("float64", (None,) * 7, "many")
    h = kg.function([many], N.inv(many), target=way)
    with pytest.raises(SingularMatrixError, match=r"of many |many\[0, 0, 0, 0, 0\]"):
        h(np.ones((1, 1, 1, 1, 2, 3, 3)))


def test_example_values() -> None:
    a = T.dtensor3("a")
    a.tag.test_value = np.stack([np.eye(2) * 2, np.eye(2)])
    with config.change_flags(compute_test_value="raise"):
        made = N.matrix_power(N.inv(a), 2) + 1
    np.testing.assert_array_equal(made.tag.test_value[0], np.eye(2) / 4 + 1)


def test_a_stack_of_an_op_is_pickled_and_printed() -> None:
    a = T.dtensor3("a")
    made = N.det(N.pinv(a))
    copy = pickle.loads(pickle.dumps(made))
    assert copy.owner.op == made.owner.op == Stacked(made.owner.op.op, [2])
    assert str(copy.owner.op) == "det"
    text = str(kg.debugprint(N.qr(a)[1], file="str"))
    assert text.startswith("qr{False}")
    assert latex(N.inv(a)) == "a^{-1}"
