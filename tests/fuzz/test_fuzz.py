"""Random graphs under all oracles, and a shrinker that finds who is to blame."""

from __future__ import annotations

import contextlib
import io
import itertools
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Graph
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.rule import Rule, rule
from kernelgraph.rewrite.rules.order import DEFAULT
from tests.fuzz.directed import programs
from tests.fuzz.oracles import outcome, rewriting_keeps_values, target_agrees, values_differ
from tests.fuzz.programs import program, values
from tests.fuzz.shrink import guilty, script, shrink
from tests.rewrite.spellings import spelling
from tests.support import cases

pytestmark = pytest.mark.usefixtures("any_numbers")

SEEDS = range(300)


def check(seed: int, oracle: Any) -> None:
    graph = program(seed)
    judge(graph, values(graph, seed), oracle, f"seed {seed}")


def judge(graph: Graph, operands: Sequence[Any], oracle: Any, label: str) -> None:
    """Fail with a script that shows what is wrong, and the rule that is guilty of it."""
    wrong = oracle(graph, operands)
    if wrong:
        small, numbers = shrink(graph, operands, oracle)
        culprit = guilty(small, numbers)
        pytest.fail(f"{label}: {wrong}\nguilty: {culprit}\n\n{script(small, numbers)}")


@pytest.mark.parametrize("first", range(0, len(SEEDS), 50))
def test_rewriting_keeps_values(first: int) -> None:
    for seed in SEEDS[first : first + 50]:
        check(seed, rewriting_keeps_values())


@pytest.mark.parametrize("seed", SEEDS[:25])
def test_generated_c_agrees(seed: int) -> None:
    check(seed, target_agrees("c"))


TOGETHER = 15
"""So many graphs are one function: the C compiler runs once for all of them."""


@cases(2, 1400)
@given(st.integers(0, 2**31))
def test_generated_c_agrees_on_many_graphs(first: int) -> None:
    seeds = [k for k in range(first, first + TOGETHER) if _computes(k)]
    graphs = [program(seed) for seed in seeds]
    operands = [value for graph, seed in zip(graphs, seeds, strict=True)
                for value in values(graph, seed)]  # fmt: skip
    inputs = tuple(v for graph in graphs for v in graph.inputs)
    joined = Graph(inputs, tuple(out for graph in graphs for out in graph.outputs))
    if target_agrees("c")(joined, operands):
        for seed in seeds:
            check(seed, target_agrees("c"))
        pytest.fail(f"seeds from {first}: wrong only together")


def _computes(seed: int) -> bool:
    """Whether a program has no error for its operands, which would be that of all others too."""
    graph = program(seed)
    return not isinstance(outcome(graph, values(graph, seed)), str)


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_generated_python_agrees(first: int) -> None:
    for seed in SEEDS[first : first + 20]:
        check(seed, target_agrees("python"))


@pytest.mark.parametrize("first", range(0, len(SEEDS), 100))
def test_what_is_rewritten_stays_as_it_is(first: int) -> None:
    """Rewriting ends where no rule has anything left: asked again, none has."""
    for seed in SEEDS[first : first + 100]:
        again = rewrite(rewrite(program(seed), DEFAULT).graph, DEFAULT)
        assert [str(step) for step in again.steps] == [], f"seed {seed}"


def test_programs_are_many_and_differ() -> None:
    graphs = [program(seed) for seed in SEEDS]
    sizes = [len(graph.apply_nodes()) for graph in graphs]
    assert min(sizes) >= 0
    assert np.median(sizes) > 15
    assert repr(program(7)) == repr(program(7))
    used = Counter(node.op.name for graph in graphs for node in graph.apply_nodes())
    assert len(used) > 35


def test_most_rules_have_something_to_do() -> None:
    fired: Counter[str] = Counter()
    for seed in SEEDS:
        fired.update(rewrite(program(seed), DEFAULT).counts())
    for seed in range(100):
        fired.update(rewrite(spelling(seed).graph, DEFAULT).counts())
    assert len(fired) > 0.6 * len(DEFAULT)


ENOUGH = 100
"""How often every rule fires, at least, with its values checked."""


@pytest.mark.parametrize("tested", DEFAULT, ids=lambda tested: tested.name)
def test_a_rule_fires_often_and_values_stay(tested: Rule) -> None:
    fired = 0
    for graph, operands in itertools.islice(programs(tested), 6 * ENOUGH):
        rewriting = rewrite(graph, DEFAULT)
        assert rewrite(rewriting.graph, DEFAULT).log == ()
        fired += sum(one.counts().get(tested.name, 0) for one in (rewriting, *rewriting.inside))
        if values_differ(graph, rewriting.graph, operands):
            judge(graph, operands, rewriting_keeps_values(), tested.name)
        if fired >= ENOUGH:
            return
    pytest.fail(f"{tested.name} fired only {fired} times")


def root_of_square(x: Any) -> tuple[Any, Any]:
    """Wrong for negative numbers."""
    return T.sqrt(T.sqr(x)), x


def minus_is_commutative(x: Any, y: Any) -> tuple[Any, Any]:
    """Wrong."""
    return T.exp(x) - y, y - T.exp(x)


@pytest.mark.parametrize("wrong", [root_of_square, minus_is_commutative])
def test_a_wrong_rule_is_found_shrunk_and_named(wrong: Any) -> None:
    bad: Rule = rule(changes="rounding")(wrong)
    rules = [*DEFAULT, bad]
    x, y = T.dvector("x"), T.dmatrix("y")
    left = T.tanh(T.sqrt(T.sqr(T.sin(x) * 2)) + 1).sum() * y
    right = T.log(T.exp((T.exp(y) - x).sum(axis=0)) + 2).mean()
    graph = kg.Graph((x, y), (left + right, y.T))
    rng = np.random.default_rng(0)
    numbers = [rng.normal(size=3), rng.normal(size=(2, 3))]
    oracle = rewriting_keeps_values(rules)
    assert oracle(graph, numbers)
    small, few = shrink(graph, numbers, oracle)
    assert len(small.apply_nodes()) <= 4
    assert guilty(small, few, rules) == wrong.__name__
    assert rewriting_keeps_values()(small, few) is None


def test_the_script_runs() -> None:
    x = T.dmatrix("x")
    graph = kg.Graph((x,), (T.softmax(x[1:]).sum(axis=0) * 2, T.cast(x > 0, "int8")))
    numbers = [np.array([[0.5, -1.0], [np.inf, 2.0]])]
    with contextlib.redirect_stdout(io.StringIO()) as printed, np.errstate(all="ignore"):
        exec(script(graph, numbers), {})
    assert str(kg.interpret(graph, numbers)) in printed.getvalue()
