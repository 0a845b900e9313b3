"""What a function may be asked to be: inputs with states, updates, givens, copies."""

from __future__ import annotations

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
    KernelgraphError,
    ReplacementError,
)

Compiled = Callable[..., Any]


@pytest.fixture(params=["c", "interpret"])
def compiled(request: pytest.FixtureRequest) -> Compiled:
    def function(*arguments: Any, **options: Any) -> Any:
        return kg.function(*arguments, target=request.param, **options)

    return function


# ------------------------------------------------------------------------------------------ inputs


def test_defaults_are_given_by_place_or_by_name(compiled: Compiled) -> None:
    x, y, w = T.dscalars("x", "y", "w")
    f = compiled([x, kg.In(y, value=1), kg.In(w, value=2, name="scale")], (x + y) * w)
    assert [f(33), f(33, 2), f(33, 0, 1), f(33, scale=1), f(33, scale=1, y=0)] == [
        68, 70, 33, 34, 33,
    ]  # fmt: skip


def test_a_default_is_there_again_after_the_call(compiled: Compiled) -> None:
    x = T.dvector("x")
    f = compiled([kg.In(x, value=[1.0, 2.0])], x * 2)
    f([5.0])
    assert f().tolist() == [2.0, 4.0]


def test_an_input_with_an_update_keeps_a_state(compiled: Compiled) -> None:
    step, total = T.dscalars("step", "total")
    f = compiled([step, kg.In(total, value=0.0, update=total + step)], total * 1)
    assert [f(1), f(2), f(3)] == [0, 1, 3]
    assert f[total] == f["total"] == 6


def test_a_state_can_be_set(compiled: Compiled) -> None:
    step, total = T.dscalars("step", "total")
    f = compiled([step, kg.In(total, value=0.0, update=total + step)], total * 1)
    f["total"] = 100
    assert f(1) == 100
    with pytest.raises(DTypeError):
        f["total"] = "much"
    with pytest.raises(ArgumentError, match="nothing with a value is called 'sum'"):
        f["sum"]


@pytest.mark.parametrize("value", [np.float32(1), np.array(1, dtype="int64")])
def test_a_strict_input_takes_its_own_dtype_only(value: Any, compiled: Compiled) -> None:
    x = T.dscalar("x")
    f = compiled([kg.In(x, strict=True)], x + 1)
    assert f(np.float64(1)) == 2
    with pytest.raises(DTypeError, match="argument 0 'x' of f: strict"):
        f(value)


def test_one_input_may_lose_digits(compiled: Compiled) -> None:
    x, y = T.fscalars("x", "y")
    f = compiled([kg.In(x, allow_downcast=True), y], x + y)
    assert f(np.float64(1), np.float32(1)) == 2
    with pytest.raises(DTypeError, match="argument 1 'y'"):
        f(np.float32(1), np.float64(0.1))


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda x, y: [kg.In(x, value=1.0), y], "input y .*follows x"),
        (lambda x, y: [kg.In(x, update=x + 1), y], "x .*needs a value to start from"),
        (lambda x, y: {x, y}, "must be a list"),
        (lambda x, y: [x, y, x], "at positions 0 and 2"),
    ],
)
def test_inputs_that_cannot_be(make: Any, text: str) -> None:
    x, y = T.dscalars("x", "y")
    with pytest.raises(KernelgraphError, match=text):
        kg.function(make(x, y), x + y)


# ----------------------------------------------------------------------------------------- outputs


def test_some_outputs_of_several(compiled: Compiled) -> None:
    x = T.dscalar("x")
    table = compiled([x], {"next": x + 1, "double": x * 2})
    assert table(3) == {"double": 6, "next": 4}
    assert table(3, output_subset=["next"]) == {"next": 4}
    assert compiled([x], [x + 1, x * 2])(3, output_subset=[1]) == [6]


# ----------------------------------------------------------------------------------------- updates


def counter() -> Any:
    count = kg.shared(0, name="count")
    count.default_update = count + 1
    return count


def test_a_shared_variable_brings_its_update(compiled: Compiled) -> None:
    count = counter()
    f = compiled([], count * 10)
    assert [f(), f(), f()] == [0, 10, 20]


@pytest.mark.parametrize("left_out", [True, ["count"]])
def test_the_update_can_be_left_out(left_out: Any, compiled: Compiled) -> None:
    count = counter()
    f = compiled([], count * 10, no_default_updates=True if left_out is True else [count])
    assert [f(), f()] == [0, 0]


def test_an_update_that_is_given_stands(compiled: Compiled) -> None:
    count = counter()
    f = compiled([], count, updates=[(count, count - 1)])
    assert [f(), f()] == [0, -1]


def test_updates_that_come_along_may_need_others(compiled: Compiled) -> None:
    count, total = counter(), kg.shared(0, name="total")
    total.default_update = total + count
    f = compiled([], total * 1)
    assert [f(), f(), f(), f()] == [0, 0, 1, 3]


# ------------------------------------------------------------------------------------------ givens


def test_givens_take_expressions_and_numbers(compiled: Compiled) -> None:
    x, y, c = T.dscalar("x"), T.dscalar("y"), T.dscalar("c")
    assert compiled([c], x * 2 + y, givens=[(x, c * 10), (y, 5)])(2) == 45


def test_givens_cast_on_request(compiled: Compiled) -> None:
    x, n = T.dscalar("x"), T.iscalar("n")
    with pytest.raises(ReplacementError, match="rebuild_strict=False"):
        compiled([n], x / 2, givens={x: n})
    assert compiled([n], x / 2, givens={x: n}, rebuild_strict=False)(3) == 1.5


@pytest.mark.parametrize("kind", [GraphError, TypeError, RuntimeError, ValueError])
def test_an_input_cannot_be_replaced(kind: type[Exception]) -> None:
    x = T.dscalar("x")
    with pytest.raises(kind, match=r"x .*is an input"):
        kg.function([x], x, givens={x: 3.0})


# ------------------------------------------------------------------------------------------- modes


def test_modes_have_names() -> None:
    x = T.dscalar("x")
    assert kg.function([x], x * 2, mode="FAST_COMPILE").target == "interpret"
    assert kg.function([x], x * 2, mode="FAST_RUN")(2) == 4
    assert kg.function([x], x * 2, mode="None").stages.rewriting.steps == ()
    with pytest.raises(GraphError, match="no mode named 'FASTER'"):
        kg.function([x], x * 2, mode="FASTER")


# ------------------------------------------------------------------------------------------ copies


def accumulator(compiled: Compiled) -> tuple[Any, Any]:
    state, step = kg.shared(0, name="state"), T.iscalar("step")
    return state, compiled([step], state, updates=[(state, state + step)])


def test_a_copy_with_a_state_of_its_own(compiled: Compiled) -> None:
    state, f = accumulator(compiled)
    f(10)
    other = kg.shared(0)
    copy = f.copy(swap={state: other})
    assert copy(100) == [np.array(0)]
    assert (state.get_value(), other.get_value()) == (10, 100)


def test_a_copy_without_updates(compiled: Compiled) -> None:
    state, f = accumulator(compiled)
    f(10)
    assert f.copy(delete_updates=True)(9000) == [np.array(10)]
    assert state.get_value() == 10


def test_a_copy_has_defaults_of_its_own(compiled: Compiled) -> None:
    step, total = T.dscalars("step", "total")
    f = compiled([step, kg.In(total, value=0.0, update=total + step)], total * 1)
    f(5)
    copy = f.copy()
    copy(1)
    assert (f["total"], copy["total"]) == (5, 6)


def test_nothing_is_compiled_again() -> None:
    _, f = accumulator(kg.function)
    assert f.copy(name="other").stages is f.stages


@pytest.mark.parametrize("value", [0.0, np.zeros(2)])
def test_a_copy_cannot_change_types(value: Any) -> None:
    state, f = accumulator(kg.function)
    with pytest.raises(ArgumentError, match="has another type"):
        f.copy(swap={state: kg.shared(value)})
    with pytest.raises(ArgumentError, match="is not in"):
        f.copy(swap={kg.shared(0, name="stranger"): state})


@pytest.mark.parametrize("item", [(), (1.0,), ("x",), ("x", 1.0, 2.0), ((1.0, 2.0), 3.0), 5])
def test_tuples_that_mean_nothing(item: Any) -> None:
    with pytest.raises(ArgumentError, match="must be a symbol"):
        kg.function([item], T.constant(1.0))
