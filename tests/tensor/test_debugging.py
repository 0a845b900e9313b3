"""`DebugMode` finds what an op, a rule or a target does wrong, and nothing in what is right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import DebugModeError, OptionError
from kernelgraph.graph import Apply, Variable
from tests.graphs import RandomGraph
from tests.support import cases

pytestmark = pytest.mark.usefixtures("any_numbers")


class Own(kg.Op):
    """An op of a user's that does what it is told to."""

    __props__ = ("label",)

    def __init__(self, label: str, act: Callable[[Any], Any]) -> None:
        self.label = label
        self.act = act

    def make_node(self, *inputs: Any) -> Apply:
        x = T.as_tensor_variable(inputs[0])
        return Apply(self, [x], [Variable(x.type)])

    def perform(self, node: Apply, inputs: list[Any], output_storage: list[list[Any]]) -> None:
        output_storage[0][0] = self.act(inputs[0])


def destroys(x: Any) -> Any:
    x.flags.writeable = True
    x[...] = 7
    return x + 1


def draws(x: Any) -> Any:
    return x + np.random.default_rng().normal(size=x.shape)


@pytest.mark.parametrize(
    ("act", "what"),
    [
        (destroys, r"\[KG-V020\] Own.* changed its operand 0, the result of mul"),
        (draws, "makes other numbers of the same operands"),
        (lambda x: x.astype("float32"), "declares .*float64.* and made float32"),
        (lambda x: x[None], r"declares .*float64\[\?\].* and made float64\[1, 2\]"),
    ],
)
def test_an_op_that_is_not_what_it_promises(act: Callable[[Any], Any], what: str) -> None:
    x = T.dvector("x")
    y = Own(act.__name__, act)(x * 2)
    f = kg.function([x], y.sum(), mode=kg.DebugMode(targets=()))
    with pytest.raises(DebugModeError, match=what) as caught:
        f([1.0, 2.0])
    assert "y = Own" in str(caught.value)


def test_an_op_that_keeps_its_promises() -> None:
    x = T.dvector("x")
    f = kg.function([x], Own("fine", lambda x: x * 3)(x * 2).sum(), mode="DebugMode")
    assert float(f([1.0, 2.0])) == 18.0


@pytest.mark.filterwarnings("ignore::kernelgraph.rewrite.proof.verdicts.RefutedRuleWarning")
def test_the_rule_is_named_after_which_the_outputs_differ() -> None:
    @kg.rule(changes="rounding")
    def lost(x: Any) -> Any:
        """One is lost on the way."""
        return T.exp(x), T.expm1(x)

    x = T.dvector("x")
    rules = kg.get_mode("FAST_RUN").with_rules(lost)
    f = kg.function([x], T.exp(x * 1) * 3, mode=kg.DebugMode((), rules))
    with pytest.raises(DebugModeError, match="rule lost changes what is computed"):
        f([1.0, 2.0])


def test_a_target_that_differs_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from kernelgraph.ops.functions import exp

    x = T.dvector("x")
    f = kg.function([x], T.exp(x), mode=kg.DebugMode(("python",)))
    f([1.0])
    monkeypatch.setattr(exp, "python", "exp({x}) + 1")
    with pytest.raises(DebugModeError, match="exp is not on target python what it is in NumPy"):
        f([1.0])


@cases(3, 200)
@given(st.integers(0, 2**31))
def test_nothing_is_found_in_what_is_right(seed: int) -> None:
    graph = RandomGraph(seed, 12)
    outputs = [v for v in graph.values if v.owner is not None][-4:]
    f = kg.function(graph.inputs, outputs, mode="DebugMode", on_unused_input="ignore")
    f(*(graph.values[v] for v in graph.inputs))


def test_the_targets_of_a_mode_are_checked() -> None:
    with pytest.raises(OptionError, match="each of targets must be one of"):
        kg.DebugMode(("fortran",))
