"""Products that C gives to BLAS by address have NumPy's bits, however the operands lie."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c import blas, runtime_ctypes, target
from kernelgraph.dtypes import COMPLEX, FLOATS
from kernelgraph.errors import OutOfMemoryError
from kernelgraph.function import Function
from kernelgraph.graph import Apply
from kernelgraph.ops import contraction
from tests.support import LAYOUTS, cases, draw, lay_out, same

DTYPES = (*FLOATS, *COMPLEX)
Flips = tuple[bool, bool]
FLIPS: list[Flips] = [(left, right) for left in (False, True) for right in (False, True)]
SIZES = (0, 1, 2, 3, 8, 33)


def compiled(dtype: str, flips: Flips, target: str = "c") -> Function:
    """The product of two matrices, each transposed or not."""
    x, y = T.matrix("x", dtype), T.matrix("y", dtype)
    return kg.function([x, y], T.dot(x.T if flips[0] else x, y.T if flips[1] else y), target=target)


NUMPY = {(dtype, flips): compiled(dtype, flips, "interpret") for dtype in DTYPES for flips in FLIPS}
Compiled = dict[tuple[str, Flips], Function]


@pytest.fixture(scope="module", params=["native", "ctypes", "native without BLAS"])
def functions(request: pytest.FixtureRequest) -> Compiled:
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "ctypes":
            patch.setattr(target, "runtime", lambda: runtime_ctypes)
        if request.param == "native without BLAS":
            patch.setattr(target, "routines", lambda *limits: 0)
        return {(dtype, flips): compiled(dtype, flips) for dtype in DTYPES for flips in FLIPS}


@pytest.fixture
def python_calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ops that compiled functions call in Python from here on."""
    found: list[str] = []
    evaluate = target.computed

    def counting(node: Apply, operands: Any) -> Any:
        found.append(node.op.name)
        return evaluate(node, operands)

    monkeypatch.setattr(target, "computed", counting)
    return found


@cases(150, 20_000)
@given(
    dtype=st.sampled_from(DTYPES),
    flips=st.sampled_from(FLIPS),
    sizes=st.tuples(*[st.sampled_from(SIZES)] * 3),
    layouts=st.tuples(*[st.sampled_from(LAYOUTS)] * 2),
    seed=st.integers(0, 99),
)
def test_bits_are_numpys(
    functions: Compiled,
    dtype: str,
    flips: Flips,
    sizes: tuple[int, int, int],
    layouts: tuple[str, str],
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    m, k, n = sizes
    shapes = ((k, m) if flips[0] else (m, k)), ((n, k) if flips[1] else (k, n))
    a, b = (
        lay_out(draw(rng, dtype, shape), layout)
        for shape, layout in zip(shapes, layouts, strict=True)
    )
    right = NUMPY[dtype, flips](a, b)
    found = functions[dtype, flips](a, b)
    assert same(found, right)
    assert found.flags.c_contiguous
    assert found.flags.owndata


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("flips", [(False, True), (True, False)])
def test_a_matrix_times_its_transpose(functions: Compiled, dtype: str, flips: Flips) -> None:
    rng = np.random.default_rng(1)
    times = 1 + 2j if dtype in COMPLEX else 1
    for shape, layout in (((7, 5), "C"), ((40, 90), "C"), ((40, 90), "F"), ((9, 9), "part")):
        a = lay_out((times * rng.normal(size=shape)).astype(dtype), layout)
        right = np.matmul(a.T if flips[0] else a, a.T if flips[1] else a)
        assert same(functions[dtype, flips](a, a), right)


def test_a_matrix_times_itself(functions: Compiled) -> None:
    a = np.random.default_rng(2).normal(size=(30, 30))
    for flips in FLIPS:
        x, y = (a.T if flip else a for flip in flips)
        assert same(functions["float64", flips](a, a), np.matmul(x, y))
    part = a[3:20, 3:20]  # lies inside of the other operand
    assert same(functions["float64", (False, False)](part, a[5:22, 5:22]), part @ a[5:22, 5:22])


def test_an_ordinary_product_needs_no_python(python_calls: list[str]) -> None:
    assert blas.routines(1e6, 1e9), "NumPy of the tests brings OpenBLAS"
    f = compiled("float64", (False, True))
    a, b = np.ones((5, 4)), np.ones((3, 4))
    for x, y in ((a, b), (a[:1], b), (a, b[:1]), (a[:1], b[:1]), (a[:, :1], b[:, :1]), (a[::2], b)):
        assert same(f(x, y), x @ y.T)
    assert not python_calls
    f(a[:, ::-1], b)
    f(a[:, :0], b[:, :0])
    assert python_calls == ["library_dot"] * 2


def test_a_field_of_records(functions: Compiled) -> None:
    """Its steps are no whole number of elements."""
    rows = np.zeros((4, 4), [("z", "complex128"), ("w", "float64")])
    rows["z"] = np.arange(16).reshape(4, 4) + 1j
    for flips in FLIPS:
        x, y = (rows["z"].T if flip else rows["z"] for flip in flips)
        assert same(functions["complex128", flips](rows["z"], rows["z"]), np.matmul(x, y))


def test_operands_of_other_dtypes_are_converted_by_the_plan(python_calls: list[str]) -> None:
    x, y = T.imatrix("x"), T.dmatrix("y")
    f = kg.function([x, y], T.dot(x, y.T), target="c")
    a, b = np.arange(6, dtype="int32").reshape(2, 3), np.random.default_rng(3).normal(size=(4, 3))
    assert same(f(a, b), a @ b.T)
    assert not python_calls


def test_threads_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Others run while a product is computed, each with its own numbers."""
    monkeypatch.setattr(target, "NOTICED", 0.0)
    x, y = T.dmatrix("x"), T.dmatrix("y")
    f = kg.function([x, y], T.dot(T.dot(x, y) + 1, y.T), target="c")
    total = kg.shared(np.zeros((20, 20)), "total")
    add = kg.function([x], updates=[(total, total + T.dot(x, x.T))], target="c")
    wrong: list[int] = []

    def work(k: int) -> None:
        a, b = np.random.default_rng(k).normal(size=(2, 20, 20))
        right = (a @ b + 1) @ b.T
        for _ in range(50):
            if not same(f(a, b), right):
                wrong.append(k)
            add(np.full((20, 20), float(k)))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    np.testing.assert_array_equal(total.get_value(), 20.0 * 50 * (1 + 4 + 9))


def test_a_long_product_is_heard_of_by_python(
    python_calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contraction, "LONG", 100)
    f = compiled("float64", (False, False))
    f(np.ones((4, 4)), np.ones((4, 4)))
    assert not python_calls
    f(np.ones((5, 5)), np.ones((5, 5)))
    assert python_calls == ["library_dot"]


def test_no_room_for_a_product(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contraction, "LONG", 1e300)
    x, y = T.dmatrix("x"), T.dmatrix("y")
    wide = T.dot(x, y)
    wide.name = "wide"
    f = kg.function([x, y], wide, target="c")
    row = np.broadcast_to(np.ones((1, 1)), (2**23, 1))
    with pytest.raises(OutOfMemoryError, match="no memory for wide"):
        f(row, row.T)


def test_in_a_loop_and_a_choice() -> None:
    x, h, n = T.dmatrix("x"), T.dmatrix("h"), T.lscalar("n")
    powers = kg.scan(lambda p: T.dot(p, x), outputs_info=[h], n_steps=n)[0]
    last = kg.ifelse(T.gt(n, 1), T.dot(powers[-1], x.T), x)
    f = kg.function([x, h, n], [powers, last], target="c")
    a, b = np.random.default_rng(4).normal(size=(2, 3, 3))
    for found, right in zip(
        f(a, b, 2), [np.array([b @ a, b @ a @ a]), b @ a @ a @ a.T], strict=True
    ):
        assert same(found, right)


def test_without_blas(monkeypatch: pytest.MonkeyPatch, python_calls: list[str]) -> None:
    """The other builds of NumPy: no table, and Python is asked."""
    monkeypatch.setattr(blas, "_PREFIXES", ("no_such_",))
    blas.routines.cache_clear()
    try:
        assert blas.routines(1e6, 1e9) == 0
        f = compiled("float32", (False, False))
        a = np.ones((3, 3), "float32")
        assert same(f(a, a), a @ a)
        assert python_calls == ["library_dot"]
    finally:
        blas.routines.cache_clear()
