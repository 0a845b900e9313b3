"""What a call accepts and returns, and what shared variables go through: the same on every back
end.
"""

from __future__ import annotations

import copy
import inspect
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import (
    ArgumentError,
    DTypeError,
    GraphError,
    ShapeError,
    UnusedInputError,
)
from kernelgraph.graph import Variable
from kernelgraph.locations import resolve
from kernelgraph.types import ObjectType, SparseType
from tests.support import WAYS, builder

pytestmark = pytest.mark.usefixtures("cache_of_this_run")


@pytest.fixture(params=WAYS)
def compiled(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """`kg.function` for one way of running."""
    return builder(request.param, monkeypatch)


# --------------------------------------------------------------------------------- what comes in


def test_arguments_by_position_and_by_name(compiled: Callable[..., Any]) -> None:
    x, y = T.dvector("x"), T.dscalar("y")
    f = compiled([x, y], x * y)
    for result in (f([1.0, 2.0], 3.0), f([1.0, 2.0], y=3.0), f(y=3.0, x=[1.0, 2.0])):
        np.testing.assert_array_equal(result, [3.0, 6.0])


def test_defaults_come_back_after_every_call(compiled: Callable[..., Any]) -> None:
    x, y = T.dscalar("x"), T.dvector("y")
    step = np.ones(2)
    f = compiled([kg.In(x, value=2.0), kg.In(y, value=step, name="step")], x * y)
    np.testing.assert_array_equal(f(), [2.0, 2.0])
    np.testing.assert_array_equal(f(5.0), [5.0, 5.0])
    np.testing.assert_array_equal(f(step=[1.0, 3.0]), [2.0, 6.0])
    np.testing.assert_array_equal(f(), [2.0, 2.0])
    assert str(f.convention) == "f(x: float64 = 2.0, step: float64[?] = [1. 1.])"
    with pytest.raises(ArgumentError, match="unknown input 'y'"):
        f(y=[1.0])


def test_values_that_lose_nothing_are_converted(compiled: Callable[..., Any]) -> None:
    x, n, single = T.dvector("x"), T.iscalar("n"), T.fscalar("single")
    f = compiled([x, n, single], [x * 2, n, single])
    for value in ([1, 2], (1, 2), np.array([1, 2], "int8"), np.array([1, 2], ">f8"), range(1, 3)):
        np.testing.assert_array_equal(f(value, 1, 0.5)[0], [2.0, 4.0])
    assert f([1.0], 7, 1)[1] == 7
    for wrong in (2**31, 0.5, np.array(3), "3", np.array([1], "int32")):
        with pytest.raises(TypeError, match=r"\[KG-(D004|D002|D001|S006)\] argument 1 'n'"):
            f([1.0], wrong, 0.5)
    with pytest.raises(DTypeError, match=r"KG-D004.*without risking loss of precision"):
        f([1.0], 1, np.float64(0.1))
    with pytest.raises(DTypeError, match="KG-D004"):
        f([1.0], 1, 0.1)


def test_downcasts_are_asked_for(compiled: Callable[..., Any]) -> None:
    x, n = T.fvector("x"), T.bscalar("n")
    f = compiled([x, n], [x + n], allow_input_downcast=True)
    expected = np.array([0.1, 2.0], "float32") + 44
    np.testing.assert_array_equal(f(np.array([0.1, 2.0]), 300)[0], expected)
    with kg.config.change_flags(floatX="float32"):
        g = compiled([T.scalar("s"), x], x * 2, on_unused_input="ignore")
        assert g(0.1, [1.0]).dtype == np.float32, "a Python float becomes floatX"
    h = compiled([x], x * 2, allow_input_downcast=False)
    with pytest.raises(DTypeError, match="KG-D004"):
        h(np.array([0.5]))


def test_inputs_stay_as_they_are(compiled: Callable[..., Any]) -> None:
    x = T.dvector("x")
    f = compiled([x], [x[::-1] * 2, x])
    value = np.arange(3.0)
    doubled, copy = f(value)
    np.testing.assert_array_equal(doubled, [4.0, 2.0, 0.0])
    copy[:] = -1
    np.testing.assert_array_equal(value, [0.0, 1.0, 2.0])


@pytest.mark.parametrize("wrong", ["x", [1], [None], 3, None])
def test_inputs_must_be_a_list_of_symbols(wrong: Any) -> None:
    with pytest.raises(ArgumentError, match="KG-G005"):
        kg.function(wrong, T.dscalar())


def test_constants_and_shared_variables_are_no_inputs() -> None:
    for wrong, words in ((T.constant(1.0), "a constant"), (kg.shared(1.0), "a shared variable")):
        with pytest.raises(ArgumentError, match=f"KG-G005.*{words}"):
            kg.function([wrong], wrong * 2)


# --------------------------------------------------------------------------------- what comes out


def test_the_form_of_the_outputs(compiled: Callable[..., Any]) -> None:
    x = T.dvector("x")
    value = np.array([1.0, 2.0])
    assert isinstance(compiled([x], x * 2)(value), np.ndarray)
    assert [type(v) for v in compiled([x], [x * 2])(value)] == [np.ndarray]
    assert compiled([x], [], on_unused_input="ignore")(value) == []
    assert compiled([x], None, on_unused_input="ignore")(value) == []
    assert compiled([x], {}, on_unused_input="ignore")(value) == {}
    found = compiled([x], {"double": x * 2, "a sum": x.sum()})(value)
    assert list(found) == ["a sum", "double"]
    assert found["a sum"] == 3.0
    assert compiled([], 5)() == 5
    assert [v.item() for v in compiled([], [1, 2.5])()] == [1, 2.5]


def test_outputs_may_be_lent(compiled: Callable[..., Any]) -> None:
    x = T.dvector("x")
    f = compiled([x], [kg.Out(x * 2, borrow=True), kg.Out(x)])
    first = f([1.0])[0]
    f([5.0])
    assert first == 2
    assert compiled([x], {"a": kg.Out(x + 1)})([1.0])["a"] == 2
    assert repr(kg.Out(x)) == "Out(x (float64[?]))"


def test_numbers_are_arrays_without_dimensions(compiled: Callable[..., Any]) -> None:
    x, n = T.dscalar("x"), T.iscalar("n")
    f = compiled([x, n], [x, x + 1, n, T.eq(n, 3), x.dimshuffle("x").sum(), T.stack(n, n)[0]])
    found = f(0.5, 3)
    assert [type(v) for v in found] == [np.ndarray] * 6
    assert [(v.shape, v.dtype.name) for v in found] == [
        ((), "float64"), ((), "float64"), ((), "int32"),
        ((), "bool"), ((), "float64"), ((), "int32"),
    ]  # fmt: skip
    assert repr(f(2, 3)[1]) == "array(3.)"


def test_every_output_has_memory_of_its_own(compiled: Callable[..., Any]) -> None:
    x, w = T.dmatrix("x"), kg.shared(np.ones(2), "w")
    y = x + 1
    constant = T.constant(np.arange(2.0))
    f = compiled([x], [x, x, y, y, x.T, y.T, y[0], y.flatten(), w, w, constant, constant])
    value = np.zeros((2, 2))
    found = f(value)
    for k, result in enumerate(found):
        assert result.flags.writeable
        assert result.flags.owndata or result.base is None or not np.shares_memory(result, value)
        for other in [*found[:k], value, w.get_value(borrow=True), constant.data]:
            assert not np.shares_memory(result, other)
        result[...] = -7
    again = f(value)
    np.testing.assert_array_equal(again[2], np.ones((2, 2)))
    np.testing.assert_array_equal(again[8], np.ones(2))
    np.testing.assert_array_equal(again[10], np.arange(2.0))


def test_results_outlive_the_next_call(compiled: Callable[..., Any]) -> None:
    x = T.dvector("x")
    f = compiled([x], [x * 2, x.sum()])
    first = f(np.ones(3))
    f(np.zeros(3))
    np.testing.assert_array_equal(first[0], [2.0, 2.0, 2.0])
    assert first[1] == 3.0


def test_sizes_change_from_call_to_call(compiled: Callable[..., Any]) -> None:
    x = T.dmatrix("x")
    f = compiled([x], [x.T + x.sum(), x.sum(axis=0)])
    for shape in ((2, 3), (33, 17), (1, 1), (0, 4), (100, 3)):
        value = np.random.default_rng(0).normal(size=shape)
        np.testing.assert_allclose(f(value)[0], value.T + value.sum(), rtol=1e-12)
        np.testing.assert_allclose(f(value)[1], value.sum(axis=0), rtol=1e-12)


# ----------------------------------------------------------------------------- shared variables


def test_updates_as_pairs_or_table(compiled: Callable[..., Any]) -> None:
    a, b, x = kg.shared(1.0, "a"), kg.shared(2.0, "b"), T.dscalar("x")
    for updates in ([(a, a + x), (b, b * 2)], {a: a + x, b: b * 2}, ((a, a + x), [b, b * 2])):
        a.set_value(1.0)
        b.set_value(2.0)
        f = compiled([x], a + b, updates=updates)
        assert f(10.0) == 3.0, "outputs are computed from the old values"
        assert (a.get_value(), b.get_value()) == (11.0, 4.0)


def test_updates_happen_together(compiled: Callable[..., Any]) -> None:
    a, b, c = (kg.shared(np.arange(3.0) + k, name) for k, name in enumerate("abc"))
    rotate = compiled([], [a, b, c], updates={a: b, b: c, c: a})
    old = rotate()
    np.testing.assert_array_equal(old, [np.arange(3.0) + k for k in range(3)])
    np.testing.assert_array_equal(
        [v.get_value() for v in (a, b, c)], [np.arange(3.0) + k for k in (1, 2, 0)]
    )
    a.container[0][:] = 50
    assert not np.array_equal(b.get_value(), a.get_value()), "two variables in one memory"


def test_a_swap_with_arithmetic(compiled: Callable[..., Any]) -> None:
    a, b = kg.shared(1.0), kg.shared(1.0)
    fibonacci = compiled([], a, updates=[(a, b), (b, a + b)])
    assert [float(fibonacci()) for _ in range(8)] == [1, 1, 2, 3, 5, 8, 13, 21]


def test_one_value_for_two_variables(compiled: Callable[..., Any]) -> None:
    x, a, b = T.dvector("x"), kg.shared(np.zeros(2)), kg.shared(np.zeros(2))
    y = x * 2
    f = compiled([x], y, updates=[(a, y), (b, y)])
    result = f([1.0, 2.0])
    memories = [result, a.get_value(borrow=True), b.get_value(borrow=True)]
    for k, one in enumerate(memories):
        np.testing.assert_array_equal(one, [2.0, 4.0])
        assert not any(np.shares_memory(one, other) for other in memories[:k])


def test_an_argument_becomes_a_value(compiled: Callable[..., Any]) -> None:
    x, a = T.dvector("x"), kg.shared(np.zeros(2))
    f = compiled([x], updates=[(a, x)])
    value = np.array([1.0, 2.0])
    f(value)
    value[:] = 9
    np.testing.assert_array_equal(a.get_value(), [1.0, 2.0])


def test_updates_may_change_lengths(compiled: Callable[..., Any]) -> None:
    a = kg.shared(np.arange(5.0), "a")
    shorter = compiled([], a.sum(), updates=[(a, a[1:])])
    assert [float(shorter()) for _ in range(6)] == [10, 10, 9, 7, 4, 0]
    assert a.get_value().shape == (0,)
    a.set_value(np.ones(7))
    assert shorter() == 7.0


def test_an_update_of_numbers(compiled: Callable[..., Any]) -> None:
    n, x, tiny = kg.shared(3, "n"), kg.shared(0.5, "x"), kg.shared(np.int8(1), "tiny")
    compiled([], updates=[(n, 7), (x, 2), (tiny, -128)])()
    assert (n.get_value(), x.get_value(), tiny.get_value()) == (7, 2.0, -128)
    assert (n.get_value().dtype, tiny.get_value().dtype) == (np.int64, np.int8)
    for variable, wrong in ((n, 0.5), (tiny, 1000), (n, 2**63)):
        with pytest.raises(DTypeError, match="KG-D00"):
            compiled([], updates=[(variable, wrong)])


def test_updates_that_are_refused() -> None:
    a, x, m = kg.shared(np.zeros(2), "a"), T.dvector("x"), T.dmatrix("m")
    with pytest.raises(DTypeError, match=r"KG-D008.*a \(float64\[\?\]\) cannot become m"):
        kg.function([m], updates=[(a, m)])
    with pytest.raises(DTypeError, match="KG-D008"):
        kg.function([x], updates=[(a, x.astype("float32"))])
    with pytest.raises(GraphError, match=r"KG-G006.*a .* has two updates"):
        kg.function([x], updates=[(a, x), (a, x * 2)])
    with pytest.raises(ArgumentError, match=r"KG-G006.*only shared variables"):
        kg.function([x], updates=[(x, x * 2)])
    triples: list[Any] = [(a, x, x)]
    with pytest.raises(GraphError, match=r"KG-G006.*pairs"):
        kg.function([x], updates=triples)
    no_pairs: list[Any] = [a, x]
    with pytest.raises(GraphError, match="KG-G006"):
        kg.function([x], updates=no_pairs)


def test_a_failing_call_changes_nothing(compiled: Callable[..., Any]) -> None:
    @kg.as_op(itypes=[T.dscalar], otypes=[T.dscalar])
    def fragile(x: Any) -> Any:
        if x > 1:
            raise RuntimeError("too large")
        return x

    a, b, x = kg.shared(0.0, "a"), kg.shared(np.zeros(2), "b"), T.dscalar("x")
    f = compiled([x], updates=[(a, a + 1), (b, b + fragile(x))])
    f(1.0)
    with pytest.raises(RuntimeError, match="too large"):
        f(2.0)
    assert a.get_value() == 1.0
    np.testing.assert_array_equal(b.get_value(), [1.0, 1.0])
    f(0.5)
    assert a.get_value() == 2.0


def test_values_are_copied_on_the_way_in_and_out() -> None:
    value = np.arange(3.0)
    s = kg.shared(value, "s")
    value[0] = 99
    got = s.get_value()
    got[1] = 99
    s.set_value(got)
    got[2] = 99
    np.testing.assert_array_equal(s.get_value(), [0.0, 99.0, 2.0])
    borrowed = kg.shared(value, borrow=True)
    assert borrowed.get_value(borrow=True) is value
    other = np.zeros(2)
    borrowed.set_value(other, borrow=True)
    assert borrowed.container[0] is other


def test_the_type_of_a_shared_variable() -> None:
    assert [kg.shared(v).dtype for v in (1, 1.5, True, np.float32(1), np.uint8(3))] == [
        "int64", "float64", "bool", "float32", "uint8",
    ]  # fmt: skip
    unfixed = T.TensorType("float64", (None, None))
    assert kg.shared(np.zeros((1, 3))).type == unfixed, "no size is fixed"
    assert kg.shared([[1, 2], [3, 4]]).type == T.TensorType("int64", (None, None))
    with kg.config.change_flags(floatX="float32"):
        assert kg.shared(1.5).dtype == "float64"
    with pytest.raises(DTypeError, match=r"KG-D002.*not the symbol x"):
        kg.shared(T.dvector("x"))


def test_sizes_of_a_shared_variable_may_be_declared(compiled: Callable[..., Any]) -> None:
    w = kg.shared(np.zeros((5, 3)), "w", shape=(None, 3))
    assert w.type == T.TensorType("float64", (None, 3))
    w.set_value(np.ones((4, 3)))
    x = T.dmatrix("x")
    f = compiled([x], T.dot(x, w), updates=[(w, w * 2)])
    np.testing.assert_array_equal(f(np.ones((2, 4))), np.full((2, 3), 4.0))
    np.testing.assert_array_equal(w.get_value(), np.full((4, 3), 2.0))
    for wrong, shape in ((np.zeros((4, 2)), (None, 3)), (np.zeros(3), (None, 3))):
        with pytest.raises(ShapeError, match=r"KG-S00[56]"):
            w.set_value(wrong)
        with pytest.raises(ShapeError, match=r"KG-S00[56]"):
            kg.shared(wrong, shape=shape)
    with pytest.raises(
        DTypeError, match=r"KG-D008.*w \(float64\[\?, 3\]\) cannot become x"
    ) as caught:
        compiled([x], updates=[(w, x)])
    assert "declare for w" in str(caught.value)


def test_set_value_keeps_dtype_and_rank() -> None:
    s = kg.shared(np.zeros(3), "s")
    s.set_value([1, 2])
    assert s.get_value().dtype == np.float64
    with pytest.raises(TypeError, match=r"KG-S006.*expected 1, got 2"):
        s.set_value(np.zeros((2, 2)))
    with pytest.raises(DTypeError, match=r"KG-D004.*cannot store complex numbers"):
        s.set_value(np.array([1j]))
    n = kg.shared(np.zeros(3, "int32"), "n")
    with pytest.raises(DTypeError, match=r"KG-D004.*int32 cannot store"):
        n.set_value(np.array([0.5]))
    np.testing.assert_array_equal(s.get_value(), [1.0, 2.0])


def test_functions_share_their_variables(compiled: Callable[..., Any]) -> None:
    w, x = kg.shared(np.ones(2), "w"), T.dvector("x")
    read, write = compiled([x], (w * x).sum(), name="read"), compiled([x], updates=[(w, w + x)])
    write([1.0, 2.0])
    assert read([1.0, 1.0]) == 5.0
    w.set_value([0.0, 0.0, 1.0])
    assert read([1.0, 1.0, 7.0]) == 7.0
    assert w.clone().container is w.container


# ------------------------------------------------------------------------------------- replacing


def test_givens_put_something_in_a_place(compiled: Callable[..., Any]) -> None:
    x, y, k, n = T.dvector("x"), T.dvector("y"), T.dscalar("k"), T.lscalar("n")
    total = (x * k).sum()
    data = kg.shared(np.arange(3.0), "data")
    assert compiled([y], total, givens={x: y * 2, k: 3})([1.0, 2.0]) == 18.0
    assert compiled([k], total, givens=[(x, data)])(2.0) == 6.0
    assert compiled([k], total, givens=[(x, np.ones(4))])(2.0) == 8.0
    with pytest.raises(GraphError, match=r"KG-G007.*x .* is an input"):
        compiled([x, k], total, givens={x: y})
    with pytest.raises(GraphError, match=r"KG-G030.*another type"):
        compiled([k], total, givens={x: T.fvector()})
    with pytest.raises(DTypeError, match="KG-D004"):
        compiled([x], (x * n).sum(), givens={n: 0.5})


def test_givens_reach_updates(compiled: Callable[..., Any]) -> None:
    x, w = T.dvector("x"), kg.shared(np.zeros(2), "w")
    step = compiled([], updates=[(w, w + x)], givens={x: np.array([1.0, 2.0])})
    step()
    step()
    np.testing.assert_array_equal(w.get_value(), [2.0, 4.0])


# ------------------------------------------------------------------------------ other values


def test_python_objects_pass_through(compiled: Callable[..., Any]) -> None:
    kind = ObjectType()

    @kg.as_op(itypes=[kind, T.dscalar], otypes=[T.dscalar, kind])
    def look_up(table: Any, key: Any) -> Any:
        return table[float(key)], {**table, float(key): 0.0}

    table, key = Variable(kind, "table"), T.dscalar("key")
    found, changed = look_up(table, key)
    state = kg.shared({1.0: 5.0}, "state")
    f = compiled([table, key], [found * 2, changed, table])
    doubled, new, same = f({2.0: 7.0}, 2.0)
    assert doubled == 14.0
    assert new == {2.0: 0.0}
    assert same == {2.0: 7.0}
    from_state, updated = look_up(state, key)
    g = compiled([key], from_state, updates=[(state, updated)])
    assert g(1.0) == 5.0
    assert state.get_value() == {1.0: 0.0}
    state.get_value()[1.0] = 99
    assert g(1.0) == 0.0, "get_value gives a copy"


def test_sparse_matrices_pass_through(compiled: Callable[..., Any]) -> None:
    sparse = pytest.importorskip("scipy.sparse")
    kind = SparseType("csr", "float64")

    @kg.as_op(itypes=[kind, T.dvector], otypes=[T.dvector, kind])
    def step(a: Any, x: Any) -> Any:
        return a @ x, a * 2

    a, x = Variable(kind, "a"), T.dvector("x")
    product, doubled = step(a, x)
    matrix = sparse.random(4, 3, density=0.5, format="csr", random_state=0)
    f = compiled([a, x], [product.sum(), doubled, a])
    total, twice, same = f(matrix, np.ones(3))
    np.testing.assert_allclose(total, matrix.sum())
    np.testing.assert_allclose(twice.toarray(), 2 * matrix.toarray())
    np.testing.assert_allclose(same.toarray(), matrix.toarray())
    with pytest.raises(DTypeError, match=r"KG-D002.*expected a csr\[float64\]"):
        f(matrix.tocsc(), np.ones(3))
    kept = kg.shared(matrix, "kept")
    assert kept.type == kind
    product, doubled = step(kept, x)
    g = compiled([x], product, updates=[(kept, doubled)])
    for factor in (1, 2, 4):
        np.testing.assert_allclose(g(np.ones(3)), factor * matrix.sum(axis=1).A1)
    kept.get_value().data[:] = 0
    assert kept.get_value().sum() == 8 * matrix.sum()


def test_calls_inside_calls(compiled: Callable[..., Any]) -> None:
    """A Python op may call a compiled function, even the very one that is running."""
    x = T.dscalar("x")
    made: list[Any] = []

    @kg.as_op(itypes=[T.dscalar], otypes=[T.dscalar])
    def smaller(x: Any) -> Any:
        return made[0](x - 1) if x > 0 else np.array(1.0)

    f = compiled([x], smaller(x) * T.maximum(x, 1))
    made.append(f)
    assert f(5.0) == 120.0


# ------------------------------------------------------------------------------ what is not there


def test_targets_and_settings() -> None:
    x = T.dvector("x")
    with pytest.raises(
        GraphError, match=r"KG-G008.*no target named 'fortran'.*c, python, .*cuda-check, interpret"
    ):
        kg.function([x], x * 2, target="fortran")
    with kg.config.change_flags(target="python"):
        assert kg.function([x], x * 2).target == "python"
    assert kg.function([x], x * 2).target == "c"
    with kg.config.change_flags(on_unused_input="ignore"):
        kg.function([x, T.dvector()], x * 2, target="interpret")
    with pytest.raises(UnusedInputError):
        kg.function([x, T.dvector()], x * 2, target="interpret")


def test_text() -> None:
    x = T.dvector("x")
    f = kg.function([x, kg.In(T.dscalar("k"), value=1.0)], x * 2, name="twice", target="interpret",
                    on_unused_input="ignore")  # fmt: skip
    assert repr(f) == "<function twice(x: float64[?], k: float64 = 1.0) on interpret>"
    assert "rewriting" in repr(f.stages)


def test_the_symbols_of_a_function_by_name() -> None:
    x, w = T.dvector("x"), kg.shared(2.0, name="w")
    z = x * w
    z.name = "z"
    cost = z.sum()
    cost.name = "cost"
    unnamed = cost + 1
    f = kg.function([x], unnamed, updates=[(w, cost)], target="interpret")
    assert f.symbols == {"x": x, "w": w, "z": z, "cost": cost}


def test_of_symbols_with_one_name_the_last_made_is_meant() -> None:
    x = T.dscalar("x")
    again = x + 1
    again.name = "x"
    assert kg.function([x], again * 2, target="interpret").symbols == {"x": again}


def test_help_shows_inputs_by_name() -> None:
    x, y = T.dscalar("x"), T.dscalar("y")
    f = kg.function([x, kg.In(y, value=2.0)], x * y, target="interpret")
    assert str(inspect.signature(f)) == "(x, y=array(2.))"
    g = kg.function([T.dscalar("no name"), x], x, on_unused_input="ignore", target="interpret")
    assert str(inspect.signature(g)) == "(input_0, /, x)"
    assert inspect.signature(type(f)) is not None
    assert not hasattr(f, "nothing")


def test_the_package_offers_what_people_use() -> None:
    names = dir(kg)
    assert {"show", "explain", "explore", "backprop", "debugprint", "rule", "function"} <= set(
        names
    )
    assert not {"annotations", "import_module", "Any", "TYPE_CHECKING"} & set(names)
    assert all(getattr(kg, name) is not None for name in names)


def test_a_function_is_called_by_its_results_or_by_the_line_that_made_it() -> None:
    x = T.dscalar("x")
    cost, err = x * 2, x + 1
    cost.name, err.name = "cost", "err"
    made = {
        "cost": kg.function([x], cost, target="interpret"),
        "cost, err": kg.function([x], [cost, err], target="interpret"),
        "a, b": kg.function([x], {"a": x + 3, "b": cost}, target="interpret"),
        "g": kg.function([x], cost, name="g", target="interpret"),
    }
    for name, named in made.items():
        assert repr(named) == f"<function {name}(x: float64) on interpret>"
        assert named.name in ("f", "g")  # what generated symbols are called
        with pytest.raises(
            ArgumentError, match=f"too many arguments: 2 given, {name}\\(x"
        ) as caught:
            named(1.0, 2.0)
        assert "was made at" not in str(caught.value)
    unnamed = kg.function([x], [cost, x + 5], target="interpret")
    (place,) = map(resolve, unnamed.convention.origins)
    line = place.line
    assert place.text.strip().startswith("unnamed = kg.function")
    for one in (unnamed, copy.copy(unnamed), pickle.loads(pickle.dumps(unnamed))):
        assert f"on interpret, made at tests/test_function.py, line {line}, in test_a_f" in repr(
            one
        )
        with pytest.raises(ArgumentError) as caught:
            one(1.0, 2.0)
        assert f"f was made at tests/test_function.py, line {line}, in" in str(caught.value)
    assert repr(unnamed.copy(name="h")) == "<function h(x: float64) on interpret>"
    assert "made at" in repr(kg.function([x], x, target="interpret"))
