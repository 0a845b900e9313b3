"""Arrays made of sizes: NumPy's numbers, for known and for symbolic sizes, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import ArgumentError, DTypeError, ShapeError
from tests.ops.tables import Rows, both_modes_agree, compare
from tests.support import same

SYMBOLS = [T.dmatrix("q"), T.dvector("v"), T.dscalar("a"), T.lscalar("n")]
VALUES = [
    np.arange(20.0).reshape(4, 5) - 7,
    np.array([1.5, -2, 0, 4, 5]),
    np.array(0.7),
    np.array(3),
]


def filled(matrix: Any, number: Any, k: int) -> Any:
    return np.where(np.eye(len(matrix), len(matrix.T), k), number, matrix)


SIZED: Rows = [
    (lambda q, v, a, n: T.zeros((n, 5)), lambda q, v, a, n: np.zeros((3, 5))),
    (lambda q, v, a, n: T.zeros(q.shape[1:]), lambda q, v, a, n: np.zeros(5)),
    (lambda q, v, a, n: T.zeros([]), lambda q, v, a, n: np.zeros(())),
    (lambda q, v, a, n: T.ones(n, "int32"), lambda q, v, a, n: np.ones(3, "int32")),
    (lambda q, v, a, n: T.full((n, 2), a), lambda q, v, a, n: np.full((3, 2), a)),
    (lambda q, v, a, n: T.full((2, n + 2), v), lambda q, v, a, n: np.full((2, 5), v)),
    (lambda q, v, a, n: T.empty((n,)), lambda q, v, a, n: np.zeros(3)),
    (lambda q, v, a, n: T.alloc(v, n, 5), lambda q, v, a, n: np.tile(v, (3, 1))),
    (lambda q, v, a, n: T.alloc(a), lambda q, v, a, n: a),
    (lambda q, v, a, n: T.fill(q, a), lambda q, v, a, n: np.full(q.shape, a)),
    (lambda q, v, a, n: q.fill(v), lambda q, v, a, n: np.tile(v, (4, 1))),
    (lambda q, v, a, n: T.second(q, 2), lambda q, v, a, n: np.full(q.shape, 2)),
    (lambda q, v, a, n: T.full_like(v, 3.5), lambda q, v, a, n: np.full_like(v, 3.5)),
    (lambda q, v, a, n: T.empty_like(v), lambda q, v, a, n: np.zeros(5)),
    (lambda q, v, a, n: q.zeros_like(), lambda q, v, a, n: np.zeros_like(q)),
    (lambda q, v, a, n: T.tensor_copy(v), lambda q, v, a, n: v),
    (lambda q, v, a, n: v.copy(), lambda q, v, a, n: v),
    (
        lambda q, v, a, n: T.stacklists([[a, 1], [v[0], 2]]),
        lambda q, v, a, n: np.array([[a, 1], [v[0], 2]]),
    ),
    (lambda q, v, a, n: T.as_tensor_variable([v, v]), lambda q, v, a, n: np.stack([v, v])),
]

TRIANGLES: Rows = [
    (lambda q, v, a, n: T.eye(n), lambda q, v, a, n: np.eye(3)),
    (lambda q, v, a, n: T.eye(n, 5, 1), lambda q, v, a, n: np.eye(3, 5, 1)),
    (lambda q, v, a, n: T.eye(5, n, 1 - n, "int8"), lambda q, v, a, n: np.eye(5, 3, -2, "int8")),
    (lambda q, v, a, n: T.identity(2), lambda q, v, a, n: np.identity(2)),
    (lambda q, v, a, n: T.identity_like(q), lambda q, v, a, n: np.eye(4, 5)),
    (lambda q, v, a, n: T.tri(n, 5, 1), lambda q, v, a, n: np.tri(3, 5, 1)),
    (lambda q, v, a, n: T.tril(q, -1), lambda q, v, a, n: np.tril(q, -1)),
    (
        lambda q, v, a, n: T.triu(q * T.ones((2, 1, 1))),
        lambda q, v, a, n: np.triu(np.stack([q, q])),
    ),
    (lambda q, v, a, n: T.triu(q, n - 2), lambda q, v, a, n: np.triu(q, 1)),
    *[
        (lambda q, v, a, n, k=k: T.diag(v, k), lambda q, v, a, n, k=k: np.diag(v, k))
        for k in (0, 2, -1)
    ],
    (lambda q, v, a, n: T.diag(q, 1), lambda q, v, a, n: np.diag(q, 1)),
    (lambda q, v, a, n: T.alloc_diag(v, -1), lambda q, v, a, n: np.diag(v, -1)),
    (lambda q, v, a, n: T.extract_diag(q, 1), lambda q, v, a, n: np.diag(q, 1)),
    (lambda q, v, a, n: T.fill_diagonal(q, a), lambda q, v, a, n: filled(q, a, 0)),
    (lambda q, v, a, n: T.fill_diagonal_offset(q, 7, 1 - n), lambda q, v, a, n: filled(q, 7, -2)),
]

GRIDS: Rows = [
    (lambda q, v, a, n: T.linspace(0, 1, n), lambda q, v, a, n: np.linspace(0, 1, 3)),
    (lambda q, v, a, n: T.linspace(a, 5, 7), lambda q, v, a, n: np.linspace(a, 5, 7)),
    (
        lambda q, v, a, n: T.linspace(a, 5, n, endpoint=False),
        lambda q, v, a, n: np.linspace(a, 5, 3, endpoint=False),
    ),
    *[
        (lambda q, v, a, n, m=m: T.linspace(2, 3, m), lambda q, v, a, n, m=m: np.linspace(2, 3, m))
        for m in (0, 1, 33)
    ],
    (lambda q, v, a, n: T.linspace(1, 1, 4, dtype="int64"), lambda q, v, a, n: np.ones(4)),
    (lambda q, v, a, n: T.mgrid[0:5, 1:n], lambda q, v, a, n: list(np.mgrid[0:5, 1:3])),
    (lambda q, v, a, n: T.ogrid[0:5, 0:n], lambda q, v, a, n: list(np.ogrid[0:5, 0:3])),
    (lambda q, v, a, n: T.mgrid[0:9:n], lambda q, v, a, n: np.mgrid[0:9:3]),
    (lambda q, v, a, n: T.ogrid[0:1:5j, 0:2], lambda q, v, a, n: list(np.ogrid[0:1:5j, 0:2])),
    (lambda q, v, a, n: T.meshgrid(v, q[0]), lambda q, v, a, n: np.meshgrid(v, q[0])),
    (
        lambda q, v, a, n: T.meshgrid(v, a, q[0], indexing="ij", sparse=True),
        lambda q, v, a, n: np.meshgrid(v, a, q[0], indexing="ij", sparse=True),
    ),
    (lambda q, v, a, n: T.arange(0, a, 0.1), lambda q, v, a, n: np.arange(0, a, 0.1)),
]


def test_arrays_of_sizes_are_numpys() -> None:
    compare(SYMBOLS, VALUES, SIZED)


def test_triangles_are_numpys() -> None:
    compare(SYMBOLS, VALUES, TRIANGLES)


def test_grids_are_numpys() -> None:
    compare(SYMBOLS, VALUES, GRIDS)


def test_derivatives_of_both_modes_agree() -> None:
    both_modes_agree(SYMBOLS, VALUES, [*SIZED, *TRIANGLES, *GRIDS])


@pytest.mark.parametrize("target", ["interpret", "python", "c"])
def test_a_diagonal_beyond_the_corners_may_have_any_number(target: str) -> None:
    """A row number plus k does not leave int64."""
    k, one = T.lscalar("k"), np.ones((2, 3))

    def triangles(offset: Any) -> list[Any]:
        return [T.tril(one, offset), T.triu(one, offset), T.eye(2, 3, offset), T.tri(2, 3, offset)]

    f = kg.function([k], triangles(k), target=target)
    for offset in (2**63 - 1, -(2**63), 2**63 - 3, 2**62, 3, 2, -1, -2, -3):
        near = max(-9, min(9, offset))
        wanted = [np.tril(one, near), np.triu(one, near), np.eye(2, 3, near), np.tri(2, 3, near)]
        constant = kg.function([], triangles(offset), target="interpret")
        for found in (f(offset), constant()):
            for array, expected in zip(found, wanted, strict=True):
                np.testing.assert_array_equal(array, expected)


def test_what_a_triangle_leaves_out_does_not_count() -> None:
    """NaN above the diagonal is no NaN in the triangle, nor in its derivative."""
    q = T.dmatrix("q")
    f = kg.function([q], T.grad(T.sum(T.sqrt(T.tril(q))), q), target="interpret")
    assert f([[4.0, -1.0], [1.0, 1.0]]).tolist() == [[0.25, 0], [0.5, 0.5]]


@pytest.mark.parametrize("target", ["interpret", "python", "c"])
def test_a_negative_size_is_an_error_at_the_line(target: str) -> None:
    n = T.lscalar("n")
    for make in (lambda: T.zeros((2, n)), lambda: T.eye(n), lambda: T.linspace(0, 1, n)):
        y = make()  # the line
        with pytest.raises(ShapeError, match="KG-S009"):
            kg.function([n], y, target=target)(-2)


def test_symbols_for_what_python_has() -> None:
    v = T.dvector("v")
    assert T.as_tensor_variable(v) is v
    assert T.as_tensor_variable(v, ndim=3).broadcastable == (True, True, False)
    assert T.as_tensor_variable(np.ones((1, 2)), ndim=1).tensor_type.shape == (2,)
    assert T.constant(3, "three", dtype="float32").name == "three"
    assert T.constant([1, 2], ndim=2).tensor_type.shape == (1, 2)
    array = np.ones(2)
    made = T.constant(array)
    array[0] = 5
    assert made.data.tolist() == [1, 1]


q, v = SYMBOLS[:2]
WRONG: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "more dimensions than sizes": (lambda: T.alloc(q, 3), ShapeError, "KG-S008"),
    "more dimensions than to fill": (lambda: T.fill(v, q), ShapeError, "KG-S008"),
    "more dimensions than wanted": (lambda: T.as_tensor_variable(q, ndim=1), ShapeError, "KG-S008"),
    "a size that is none": (lambda: T.zeros((2.5,)), ArgumentError, "a size must be an integer"),
    "a size of any rank": (lambda: T.zeros(q), ArgumentError, "a size must be an integer"),
    "a triangle of a vector": (lambda: T.tril(v), ShapeError, "two dimensions are needed"),
    "a diagonal of a number": (lambda: T.diag(1.0), ShapeError, "a vector or a matrix"),
    "a diagonal in between": (lambda: T.diag(v, 0.5), ArgumentError, "an integer"),
    "no number": (lambda: T.fill_diagonal(q, v), ShapeError, "one number"),
    "a fraction among integers": (
        lambda: T.fill_diagonal(T.lmatrix("m"), 0.5), DTypeError, "does not fit"
    ),
    "a matrix on a diagonal": (lambda: T.alloc_diag(q), ShapeError, "a vector goes"),
    "no matrix": (lambda: T.identity_like(v), ShapeError, "takes a matrix"),
    "a grid without end": (lambda: T.mgrid[0:], ArgumentError, "slices with an end"),
    "a grid of numbers": (lambda: T.mgrid[3, 4], ArgumentError, "slices with an end"),
    "from a vector": (lambda: T.linspace(v, 1, 3), ShapeError, "from one number"),
    "a grid of matrices": (lambda: T.meshgrid(q), ShapeError, "takes vectors"),
    "a symbol as constant": (lambda: T.constant(v, dtype="int8"), ArgumentError, "is a symbol"),
    "no array": (lambda: T.as_tensor_variable("abc"), DTypeError, "KG-D00"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_wrong_calls_are_clear_errors(name: str) -> None:
    make, kind, text = WRONG[name]
    with pytest.raises(kind, match=text):
        make()


def test_dtypes_of_numbers_that_are_counted() -> None:
    """Those of the ends, as in NumPy: numbers of Python are float64 or complex128."""
    x = T.dvector("x")
    for dtype in ("float16", "float32", "float64", "int8", "complex64", "complex128"):
        end, a = T.tensor(dtype, (), "end"), np.dtype(dtype).type(5)
        outputs = [T.linspace(end, end * 2, 5), T.linspace(0, end, 4)]
        wanted: list[Any] = [np.linspace(a, a * 2, 5), np.linspace(0, a, 4)]
        if not dtype.startswith("c"):
            outputs += [T.arange(end), T.full_like(x, end)]
            wanted += [
                np.arange(float(a)) if "f" in dtype else np.arange(5),
                np.full_like(np.ones(2), 5),
            ]
        f = kg.function([end, x], outputs, target="interpret", on_unused_input="ignore")
        for found, meant in zip(f(a, np.ones(2)), wanted, strict=True):
            assert same(found, np.asarray(meant)), dtype
    assert T.linspace(0.0, 1j, 3).dtype == "complex128"
