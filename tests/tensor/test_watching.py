"""Modes that watch: what stops them, what they say, and what yours are called with."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import ArgumentError, NonFiniteError, OptionError
from kernelgraph.graph import Apply
from kernelgraph.tensor.watching import Thunk

BAD = {"nan": np.nan, "infinite": np.inf, "big": -2e10}
WORDS = {
    "nan": "1 NaN of 3",
    "infinite": "1 infinite number of 3",
    "big": "1 number beyond ±1e\\+10",
}


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_an_input_that_is_no_number(kind: str, dtype: str) -> None:
    x = T.tensor(dtype, (None,), name="x")
    f = kg.function([x], x * 2, mode="NanGuardMode", allow_input_downcast=True)
    with pytest.raises(NonFiniteError, match=rf"x \(.*\) has {WORDS[kind]}") as caught:
        f(np.array([1, BAD[kind], 2]))
    assert isinstance(caught.value, FloatingPointError)
    assert isinstance(caught.value, AssertionError)  # what programs for Theano catch
    off = {"nan": "nan_is_error", "infinite": "inf_is_error", "big": "big_is_error"}[kind]
    options: dict[str, Any] = {off: False}
    calm = kg.NanGuardMode(**options)
    kg.function([x], x * 2, mode=calm, allow_input_downcast=True)(np.array([1, BAD[kind], 2]))


def test_the_first_node_that_makes_one_is_named_with_what_it_got() -> None:
    x = T.dvector("x")
    y = T.log(x)
    f = kg.function([x], T.exp(y).sum(), mode=kg.NanGuardMode(mode="FAST_COMPILE"))
    with pytest.raises(
        NonFiniteError, match=r"\[KG-N001\] the result of log .* has 1 NaN of 2"
    ) as caught:
        f([1.0, -2.0])
    assert "y = T.log(x)" in str(caught.value)
    assert "x (float64[?]) from -2 to 1" in str(caught.value)


def test_a_guard_may_only_warn() -> None:
    x = T.dscalar("x")
    f = kg.function([x], T.log(x), mode=kg.NanGuardMode(action="warn"))
    with pytest.warns(UserWarning, match="KG-N001"):
        assert float(f(0.0)) == -np.inf
    with pytest.raises(OptionError, match="action must be one of"):
        kg.NanGuardMode(action="shout")
    with pytest.raises(ArgumentError):
        kg.NanGuardMode(nan_is_error="yes")  # pyright: ignore[reportArgumentType]


def test_integers_and_truth_values_are_always_numbers() -> None:
    x = T.lvector("x")
    f = kg.function([x], [x * 2, x > 3], mode="NanGuardMode")
    doubled, larger = f([2**40, 1])
    assert (doubled.tolist(), larger.tolist()) == ([2**41, 2], [True, False])


def test_yours_are_called_before_and_after_each_node() -> None:
    calls: list[tuple[str, int, str]] = []

    def before(i: int, node: Apply, thunk: Thunk) -> None:
        calls.append(("before", i, str(node.op)))
        assert thunk.outputs == [[None]]

    def after(i: int, node: Apply, thunk: Thunk) -> None:
        calls.append(("after", i, str(node.op)))
        if str(node.op) == "exp":
            thunk.outputs[0][0] = np.float64(10.0)

    x = T.dscalar("x")
    f = kg.function([x], T.exp(x) + 1, mode=kg.MonitorMode(before, after))
    assert float(f(0.0)) == 11.0
    assert calls == [("before", 0, "exp"), ("after", 0, "exp"), ("before", 1, "add"),
                     ("after", 1, "add")]  # fmt: skip
    with pytest.raises(ArgumentError, match="pre_func"):
        kg.MonitorMode(3)  # pyright: ignore[reportArgumentType]


def test_functions_that_are_watched_can_be_pickled() -> None:
    x = T.dscalar("x")
    f = pickle.loads(pickle.dumps(kg.function([x], T.log(x), mode=kg.NanGuardMode())))
    with pytest.raises(NonFiniteError):
        f(-1.0)


def test_a_breakpoint_stops_where_its_condition_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    from kernelgraph.ops.printing import PdbBreakpoint

    stops: list[str] = []
    monkeypatch.setattr("pdb.set_trace", lambda: stops.append("here"))
    x = T.dvector("x")
    checked = PdbBreakpoint("negative")(T.lt(x.sum(), 0), x)
    f = kg.function([x], [checked * 2, kg.grad((checked**2).sum(), x)])
    assert [out.tolist() for out in f([1.0, 2.0])] == [[2.0, 4.0], [2.0, 4.0]]
    assert not stops
    f([-1.0, -2.0])
    assert stops
    with pytest.raises(ArgumentError, match="scalar condition"):
        PdbBreakpoint("negative")(x > 0, x)
