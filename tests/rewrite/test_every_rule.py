"""Every rule is tried against random and hostile numbers; a wrong one is found out."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.proof.check import refute
from kernelgraph.rewrite.rule import Rule, rule
from kernelgraph.rewrite.rules.order import DEFAULT
from tests.fuzz.programs import program
from tests.rewrite.support import examined

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

import rules as tool

PAGE = (tool.DOCS / "RULES.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("tested", DEFAULT, ids=lambda tested: tested.name)
def test_no_counter_example_is_found(tested: Rule) -> None:
    found = examined(tested)
    assert found.counter_example is None
    assert found.programs > 1
    assert found.cases > 10
    entry = "\n".join(tool.entry(tested, found))
    assert entry in PAGE, "run ./kg python tools/rules.py"


def test_the_page_is_true() -> None:
    """docs/RULES.md is what its tool would write, but for what was found of each rule: that is
    compared where the rule has been tried, above.
    """
    page = tool.page(dict.fromkeys((rule.name for rule in DEFAULT), examined(DEFAULT[0])))
    assert _without_findings(PAGE) == _without_findings(page), "run ./kg python tools/rules.py"


def _without_findings(page: str) -> str:
    return re.sub(r"^- (tested|proved)\b.*\n", "", page, flags=re.MULTILINE)


@pytest.mark.parametrize("tested", DEFAULT, ids=lambda tested: tested.name)
def test_a_rule_says_why(tested: Rule) -> None:
    assert tested.why.strip()


def test_a_wrong_rule_is_refuted() -> None:
    @rule
    def zero_wins(x: Any) -> tuple[Any, Any]:
        """Wrong: NaN and infinity times 0 are NaN."""
        return x * 0, 0

    found = refute(zero_wins)
    assert found is not None
    assert "zero_wins" in found


def test_the_example_of_the_house() -> None:
    i, x = T.lscalar("i"), T.dmatrix("x")
    rewriting = rewrite(kg.Graph((i, x), (T.log1p(i * 0 + x.T.T),)), DEFAULT)
    (node,) = rewriting.graph.apply_nodes()
    assert node.op is T.log1p
    assert [step.number for step in rewriting.steps] == list(range(1, len(rewriting.steps) + 1))


def test_replaying_all_steps_gives_the_graph() -> None:
    x, y = T.dmatrix("x"), T.dvector("y")
    p = 1 / (1 + T.exp(-T.dot(x, y)))
    graph = kg.Graph((x, y), (p, T.grad(T.log(p).sum(), y)))
    rewriting = rewrite(graph, DEFAULT)
    values = [np.random.default_rng(0).normal(size=(4, 3)), np.array([0.5, -2.0, 1.0])]
    expected = kg.interpret(graph, values)
    for number in range(len(rewriting.steps) + 1):
        for a, b in zip(kg.interpret(rewriting.graph_at(number), values), expected, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12)
    assert repr(rewriting.graph_at(len(rewriting.steps))) == repr(rewriting.graph)


def test_rewriting_twice_changes_nothing() -> None:
    x = T.dvector("x")
    once = rewrite(kg.Graph((x,), (T.grad(T.log(1 + T.exp(-x)).sum(), x),)), DEFAULT)
    assert not rewrite(once.graph, DEFAULT).steps


def test_a_gradient_that_saturates_stays_finite() -> None:
    x = T.dvector("x")
    p = 1 / (1 + T.exp(-x))
    loss = -T.log(p) - 0.5 * T.log(1 - p)
    graph = rewrite(kg.Graph((x,), (loss, T.grad(loss.sum(), x))), DEFAULT).graph
    values = np.array([-700.0, -40.0, -1.0, 0.0, 1.0, 40.0, 700.0])
    value, slope = kg.interpret(graph, [values])
    small = np.exp(-abs(values))
    sigmoid = np.where(values >= 0, 1, small) / (1 + small)
    softplus = np.maximum(values, 0) + np.log1p(small)
    np.testing.assert_allclose(value, softplus - values + 0.5 * softplus, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(slope, 1.5 * sigmoid - 1, rtol=1e-12, atol=1e-15)


def test_float16_gets_digits_and_range() -> None:
    """A logarithm of an exponential that overflows from 11 on, and 1 + x with 11 bits."""
    x = T.tensor("float16", (None,), "x")
    outputs = (
        T.log1p(T.exp(x)),
        T.log(1 + x),
        T.log(T.sigmoid(x)),
        T.grad(T.log(1 + T.exp(x)).sum(), x),
    )
    graph = rewrite(kg.Graph((x,), outputs), DEFAULT).graph
    values = np.array([-9.0, -0.001, 0.0, 0.001, 5.0, 12.0, 1000.0], "float16")
    wide = values.astype("float64")
    softplus = np.maximum(wide, 0) + np.log1p(np.exp(-abs(wide)))
    wanted = [softplus, np.log1p(np.maximum(wide, -0.5)), wide - softplus, np.exp(wide - softplus)]
    for found, meant in zip(kg.interpret(graph, [values]), wanted, strict=True):
        assert found.dtype == "float16"
        np.testing.assert_allclose(found[1:], meant[1:], rtol=1.5e-3, atol=1e-7)


def test_a_rule_that_raises_is_switched_off() -> None:
    def fails(match: Any) -> bool:
        raise ZeroDivisionError("while it looks")

    @rule(when=fails)
    def broken(x: Any) -> tuple[Any, Any]:
        """Its guard raises."""
        return T.exp(x), T.exp(x)

    x = T.dvector("x")
    with pytest.warns(Warning, match="broken"):
        rewriting = rewrite(kg.Graph((x,), (T.exp(x),)), [broken])
    assert len(rewriting.graph.apply_nodes()) == 1


@pytest.mark.parametrize("seed", [650, 1506])
def test_programs_that_rules_once_did_not_end_at_or_broke_on(seed: int) -> None:
    """A shift of one number, which is its own maximum; weights beside a sum of integers."""
    rewrite(program(seed), DEFAULT)  # a rule that is switched off warns, and warnings are errors
