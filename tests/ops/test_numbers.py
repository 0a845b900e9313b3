"""Which dtype a number gets: Python's take that of what they meet, NumPy's keep their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import DTypeError, GraphError
from tests.support import DTYPES, is_complex

Compiled = Callable[..., Any]

SCALARS = [np.dtype(dtype).type(1) for dtype in DTYPES]


# ------------------------------------------------------------------------------- scalars of NumPy


@pytest.mark.parametrize("scalar", SCALARS, ids=lambda v: v.dtype.name)
def test_a_scalar_of_numpy_keeps_its_dtype(scalar: Any) -> None:
    dtype, x = scalar.dtype.name, T.fscalar("x")
    both = np.result_type(dtype, "float32").name
    assert T.constant(scalar).dtype == dtype
    assert kg.shared(scalar).dtype == dtype
    assert (x + scalar).dtype == both
    assert (scalar * x).dtype == both
    assert T.switch(x > 0, scalar, x).dtype == both
    assert T.stack([x, scalar]).dtype == both
    if not is_complex(dtype):  # complex numbers have no order
        assert T.maximum(x, scalar).dtype == both
        assert (scalar < x).dtype == "bool"


def test_the_root_of_two_has_all_its_digits() -> None:
    for value, root in [
        (np.float64(2.0), np.sqrt(np.float64(2.0))),
        (np.float32(2.0), np.sqrt(np.float32(2.0))),
        (np.int64(2), np.sqrt(np.float64(2.0))),
    ]:
        found = kg.function([], T.sqrt(value))()
        assert (found, found.dtype) == (root, root.dtype)


def test_numbers_of_python_are_as_they_were() -> None:
    x = T.fscalar("x")
    assert [(x * v).dtype for v in (2, 2.0, 0.5, True)] == ["float32"] * 4
    assert (x * 0.1).dtype == "float64"
    assert T.constant(2.0).dtype == "float32"


def test_an_update_by_a_scalar_of_another_dtype() -> None:
    state = kg.shared(np.float32(1))
    kg.function([], [], updates=[(state, 0.5)])()
    assert state.get_value() == 0.5
    with pytest.raises(DTypeError, match=r"KG-D008.*float64"):
        kg.function([], [], updates=[(state, np.float64(0.5))])


# --------------------------------------------------------------------------- first values of states

STARTS: list[tuple[Any, str, str]] = [
    (0.0, "float64", "float64"),
    (0, "float64", "float64"),
    (True, "float64", "float64"),
    (0.1, "float64", "float64"),
    (0.0, "float32", "float32"),
    (0, "float32", "float32"),
    (0.1, "float32", "float64"),
    (2**24 + 1, "float32", "float64"),
    (0, "int8", "int64"),
    (300, "int8", "int64"),
    (0.5, "int32", "float64"),
    (np.float32(0), "float64", "float64"),
    (np.float64(0), "float32", "float64"),
    (np.int64(0), "float64", "float64"),
    (np.int32(0), "int32", "int32"),
    (T.constant(0.0), "float64", "float64"),
    (np.array(0.25), "float32", "float64"),
    (float("inf"), "float64", "float64"),
]


@pytest.mark.parametrize(("start", "dtype", "result"), STARTS, ids=lambda v: str(v)[:20])
def test_sums_from_any_number(start: Any, dtype: str, result: str) -> None:
    x = T.tensor(dtype, (None,), "x")
    total = kg.scan(lambda item, total: total + item, sequences=x, outputs_info=start)[0]
    assert total.dtype == result
    f = kg.function([x], total, target="python")
    value = start.data if isinstance(start, kg.graph.Constant) else start
    np.testing.assert_allclose(
        f(np.array([1, 2, 3], dtype)), np.cumsum([1.0, 2.0, 3.0]) + value, rtol=1e-12
    )


def test_several_states_that_are_numbers(compiled: Compiled) -> None:
    x = T.dvector("x")
    total, count, last = kg.scan(
        lambda item, a, n, b: [a + item, n + (item > 0), item],
        sequences=x,
        outputs_info=[0, 0, 1.0],
    )[0]
    assert [v.dtype for v in (total, count, last)] == ["float64", "int64", "float64"]
    f = compiled([x], [total, count, last])
    np.testing.assert_array_equal(f([1.0, -2.0, 3.0]), [[1, -1, 2], [1, 1, 2], [1, -2, 3]])


def test_a_count_does_not_wrap(compiled: Compiled) -> None:
    count = kg.scan(lambda n: n + 1, outputs_info=0, n_steps=300)[0]
    assert (count.dtype, compiled([], count[-1])()) == ("int64", 300)


def test_numbers_alone_are_floatx() -> None:
    path = kg.scan(lambda a: a * 0.5 + 1, outputs_info=0, n_steps=60)[0]
    assert (path.dtype, kg.function([], path[-1])()) == ("float64", 2.0)
    with kg.config.change_flags(floatX="float32"):
        assert kg.scan(lambda a: a * 0.5 + 1, outputs_info=0, n_steps=6)[0].dtype == "float32"


def test_a_list_is_the_first_value_of_a_vector(compiled: Compiled) -> None:
    m = T.dmatrix("m")
    total = kg.scan(lambda row, total: total + row, sequences=m, outputs_info=[[0, 0]])[0]
    np.testing.assert_array_equal(compiled([m], total)([[1.0, 2.0], [3.0, 4.0]]), [[1, 2], [4, 6]])


def test_loops_and_choices_inside_follow_the_new_dtype(compiled: Compiled) -> None:
    x, c = T.dvector("x"), T.lscalar("c")

    def step(item: Any, total: Any) -> Any:
        inner = kg.scan(lambda v, a: a + v * item, sequences=x, outputs_info=total * 1)[0]
        return kg.ifelse(c, inner[-1], total + item)

    for start in (0.0, 0):
        f = compiled([x, c], kg.scan(step, sequences=x, outputs_info=start)[0])
        np.testing.assert_array_equal(f([1.0, 0.1], 0), [1.0, 1.1])
        np.testing.assert_allclose(f([1.0, 0.1], 1), [1.1, 1.21], rtol=1e-15)


def test_an_integer_may_be_an_index() -> None:
    x = T.dvector("x")
    path = kg.scan(lambda k, total: [k + 1, total + x[k]], outputs_info=[0, 0.0], n_steps=3)[0]
    np.testing.assert_array_equal(kg.function([x], path[1])([1.0, 2.0, 4.0]), [1.0, 3.0, 7.0])
    with pytest.raises(kg.errors.KernelgraphError, match="no such thing"):
        kg.scan(lambda k: k.shape["no such thing"], outputs_info=0, n_steps=3)


# ----------------------------------------------------------------------------------------- branches

BRANCHES: list[tuple[str, Any, str]] = [
    ("float64", 0.5, "float64"),
    ("float64", 0, "float64"),
    ("float64", True, "float64"),
    ("float64", np.float32(0.5), "float64"),
    ("float64", 2**40, "float64"),
    ("float32", 0.5, "float32"),
    ("float32", 0.1, "float64"),
    ("float32", 2**24 + 1, "float64"),
    ("int32", 1, "int32"),
    ("int32", 0.0, "float64"),
    ("int32", 0.5, "float64"),
    ("int8", 300, "int16"),
    ("bool", 0, "int8"),
    ("bool", True, "bool"),
    ("int32", np.int8(3), "int32"),
]


@pytest.mark.parametrize(("dtype", "number", "result"), BRANCHES, ids=repr)
def test_a_branch_may_be_any_number(dtype: str, number: Any, result: str) -> None:
    x, c = T.tensor(dtype, (), "x"), T.lscalar("c")
    choices = [kg.ifelse(c, x, number), kg.ifelse(c, number, x)]
    assert [choice.dtype for choice in choices] == [result, result]
    f = kg.function([c, x], choices, target="python")
    one = np.array(1, dtype)
    assert f(1, one) == [1, number]
    assert f(0, one) == [number, 1]


def test_two_numbers_have_the_dtype_of_an_expression() -> None:
    c = T.lscalar("c")
    assert kg.ifelse(c, 1, 0.5).dtype == T.switch(c, 1, 0.5).dtype == "float32"
    assert [v.dtype for v in kg.ifelse(c, [1, True], [300, 0.1])] == ["int16", "float64"]


def test_a_list_beside_an_array_is_an_array(compiled: Compiled) -> None:
    c, v = T.lscalar("c"), T.fvector("v")
    f = compiled([c, v], [kg.ifelse(c, v, [0.5, 2]), kg.ifelse(c, [1, 2], v)])
    for found, expected in zip(f(0, [3.0, 4.0]), ([0.5, 2], [3, 4]), strict=True):
        assert found.dtype == "float32"
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("scalar", [np.float64(0.5), T.constant(0.1)], ids=["scalar", "constant"])
def test_what_has_a_dtype_does_not_lose_it(scalar: Any) -> None:
    with pytest.raises(GraphError, match=r"KG-G031.*must have one type"):
        kg.ifelse(T.lscalar("c"), T.fscalar("x"), scalar)
