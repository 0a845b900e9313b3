"""A rule of the user's that is refuted warns where it is used: once, with numbers and its line."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.rewrite.proof import check, verdicts
from kernelgraph.rewrite.proof.verdicts import RefutedRuleWarning
from kernelgraph.rewrite.rule import Rule, computed_rule, rule
from kernelgraph.rewrite.rules.order import DEFAULT
from kernelgraph.theano.databases import optdb
from kernelgraph.theano.tuples import op_sub

a, b = T.dvectors("a", "b")


def refuted_rule() -> Rule:
    """A new rule that holds on paper alone."""

    @rule
    def taken_back(x: Any, y: Any) -> tuple[Any, Any]:
        """What is added and taken away again changes nothing (wrong: it is rounded between)."""
        return (x + y) - y, x

    return taken_back


def compiled(*rules: Rule) -> Any:
    """A function that these rules rewrite, in Python: no compiler runs."""
    mode = kg.get_mode("FAST_RUN").with_rules(*rules)
    return kg.function([a, b], (a + b) - b, mode=mode, target="python")


def test_a_refuted_rule_warns_once_with_a_counter_example_and_its_line() -> None:
    own = refuted_rule()
    with pytest.warns(RefutedRuleWarning) as caught:
        compiled(own)
    compiled(own)  # warnings are errors here
    (warning,) = caught
    text = str(warning.message)
    assert "[KG-O001] rewrite rule taken_back is refuted" in text
    assert "x = " in text
    assert "y = " in text
    assert "test_verdicts.py, line" in text


def test_other_ways_to_use_a_rule_warn_too() -> None:
    own = refuted_rule()
    with pytest.warns(RefutedRuleWarning, match="taken_back"):
        kg.function([a, b], (a + b) - b, rules=[*DEFAULT, own], target="python")
    own = refuted_rule()
    optdb.register("taken_back", own, "fast_run")
    try:
        with pytest.warns(RefutedRuleWarning, match="taken_back"):
            kg.function([a, b], (a + b) - b, target="python")
    finally:
        optdb.remove("taken_back")
    own = refuted_rule()
    optdb.register("taken_back", own, "of_mine")
    try:
        mode = kg.get_mode("FAST_RUN").including("of_mine")
        with pytest.warns(RefutedRuleWarning, match="taken_back"):
            kg.function([a, b], (a + b) - b, mode=mode, target="python")
    finally:
        optdb.remove("taken_back")


def test_a_rule_inside_a_loop_warns() -> None:
    own = refuted_rule()
    mode = kg.get_mode("FAST_RUN").with_rules(own)
    values, _ = kg.scan(lambda row: (row + b) - b, sequences=a)
    with pytest.warns(RefutedRuleWarning, match="taken_back"):
        kg.function([a, b], values, mode=mode, target="python")


def test_a_computed_rule_is_tried_by_its_examples() -> None:
    @computed_rule(on=(T.exp,), examples=[lambda x: (T.exp(x), 1 + x)], changes="rounding")
    def linear(node: Any) -> Any:
        """Wrong: it holds near 0."""
        return 1 + node.inputs[0]

    mode = kg.get_mode("FAST_RUN").with_rules(linear)
    with pytest.warns(RefutedRuleWarning, match="linear is refuted"):
        kg.function([a], T.exp(a), mode=mode, target="python")


def test_rules_that_stand_do_not_warn() -> None:
    @rule
    def negatives(x: Any, y: Any) -> tuple[Any, Any]:
        """Both signs cancel."""
        return -x * -y, x * y

    untried = op_sub(T.exp, T.expm1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mode = kg.get_mode("FAST_RUN").with_rules(negatives, untried)
        f = kg.function([a, b], -a * -b, mode=mode, target="python")
        kg.function([a], T.exp(a), mode=mode, target="python")
    np.testing.assert_array_equal(f([2.0], [3.0]), [6.0])


def test_a_refuted_rule_that_rewrites_nothing_does_not_warn() -> None:
    mode = kg.get_mode("FAST_RUN").with_rules(refuted_rule())
    kg.function([a, b], a * b, mode=mode, target="python")


def test_a_rule_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[Rule] = []
    original = check.examine
    monkeypatch.setattr(check, "examine", lambda own: tried.append(own) or original(own))
    own = refuted_rule()
    with pytest.warns(RefutedRuleWarning):
        compiled(own)
    compiled(own)
    assert verdicts.verdict_on(own) is verdicts.verdict_on(own)
    assert tried == [own]
