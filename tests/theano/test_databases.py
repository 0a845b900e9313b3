"""Databases of rules, and what is registered for all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph import theano as alias
from kernelgraph.errors import OptionError, RuleError
from kernelgraph.rewrite.modes import NONE, get_mode
from kernelgraph.rewrite.proof.verdicts import RefutedRuleWarning
from kernelgraph.theano.databases import Database, optdb
from kernelgraph.theano.tuples import op_remove, pattern_sub


def test_a_database_answers_by_tags() -> None:
    twice = pattern_sub((T.add, "x", "x"), (T.mul, 2, "x"), name="twice")
    gone = op_remove(T.tanh, "gone")
    own = Database()
    own.register("twice", twice, "fast_run", "of_mine", 2.0)
    own.register("gone", gone, "fast_run", "unsafe", position=1)
    assert [r.name for r in own.query("fast_run")] == ["gone", "twice"]
    assert [r.name for r in own.query("fast_run", exclude=["unsafe"])] == ["twice"]
    assert [r.name for r in own.query("fast_run", require=["of_mine"])] == ["twice"]
    assert len(own) == 2
    assert repr(own) == "<own rules: twice, gone>"
    with pytest.raises(RuleError, match="already") as caught:
        own.register("twice", twice)
    assert "remove('twice')" in (caught.value.hint or "")
    own.remove("gone")
    with pytest.raises(OptionError):
        own.remove("gone")


def test_theanos_words_for_phases() -> None:
    run = get_mode("FAST_RUN")
    assert [rule.name for rule in run.requiring("constant_folding").rules] == ["fold"]
    left = {rule.phase for rule in run.excluding("canonicalize").rules}
    assert not left & {"merge", "simplify"}
    assert run.excluding("inplace", "fusion").rules == run.rules


@pytest.mark.parametrize("wrong", [("name", len), (op_remove(T.tanh), "fast_run")])
def test_a_database_keeps_rules(wrong: Any) -> None:
    with pytest.raises(RuleError, match="keeps rules under names, not ") as caught:
        Database().register(*wrong)
    assert "in test_a_database_keeps_rules" in str(caught.value)


def test_a_database_in_a_compilation() -> None:
    own = Database()
    own.register("twice", pattern_sub((T.add, "x", "x"), (T.mul, 2, "x"), name="twice"), "mine")
    x = T.dvector("x")
    f = kg.function([x], x + x, mode=NONE.with_rules(*own.query("mine")))
    np.testing.assert_array_equal(f([1.0, -0.0]), [2.0, -0.0])
    assert [step.rule for step in f.stages.rewriting.steps] == ["twice"]


@pytest.fixture
def theano() -> Iterator[Any]:
    yield alias.install()
    alias.uninstall()


def test_registered_for_all_as_in_theano(theano: Any) -> None:
    """The way of Theano's page on extending: a pattern, registered under "fast_run"."""
    simplify = theano.gof.PatternSub(
        (T.true_div, (T.mul, "x", "y"), "y"), "x", name="local_simplify"
    )
    theano.compile.mode.optdb.register("local_simplify", simplify, "fast_run", "of_mine")
    try:
        x, y = T.dvectors("x", "y")
        with pytest.warns(RefutedRuleWarning, match="local_simplify"):  # it is wrong for y = 0
            f = theano.function([x, y], x * y / y)
        assert [step.rule for step in f.stages.rewriting.steps] == ["local_simplify"]
        np.testing.assert_array_equal(f([1.0], [0.0]), [1.0])
        assert simplify in NONE.including("of_mine").rules
        assert simplify not in get_mode("FAST_RUN").excluding("of_mine").rules
        assert simplify not in get_mode("None").rules
    finally:
        optdb.remove("local_simplify")
    assert simplify not in get_mode("FAST_RUN").rules
