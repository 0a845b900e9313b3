"""The target that is watched: what is called when, and what an error says of the values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.config import config
from kernelgraph.errors import KernelgraphError
from kernelgraph.graph import Apply
from kernelgraph.interpret import Watch, evaluate
from kernelgraph.targets import target_named
from kernelgraph.watched import WatchedTarget, failing_values


def test_every_node_of_a_call_is_seen_also_inside_of_loops() -> None:
    seen: list[str] = []

    def start(made: Any, values: Sequence[Any]) -> Watch:
        seen.append(f"start {len(values)}")

        def watch(node: Apply, operands: Sequence[Any], run: Any) -> Sequence[Any]:
            seen.append(str(node.op))
            return evaluate(node, operands, run)

        return watch

    x = T.dscalar("x")
    sums, _ = kg.scan(lambda total: total + T.exp(x), outputs_info=[x], n_steps=3)
    target = WatchedTarget(target_named("c"), start)
    f = kg.function([x], sums[-1], target=target)
    assert float(f(0.0)) == 3.0
    assert seen.count("start 1") == 1
    assert seen.count("exp") >= 1
    assert seen.count("add") == 3
    f(0.0)
    assert seen.count("start 1") == 2
    assert f.target == "interpret"


def test_updates_are_stored_after_a_watched_call() -> None:
    total = kg.shared(1.0, "total")
    x = T.dscalar("x")
    f = kg.function([x], total, updates=[(total, total + x)], mode=kg.MonitorMode())
    assert (float(f(2.0)), float(total.get_value())) == (1.0, 3.0)


@pytest.fixture
def high() -> Iterator[None]:
    with config.change_flags(exception_verbosity="high"):
        yield


@pytest.mark.usefixtures("high")
@pytest.mark.parametrize("target", ["c", "python", "interpret"])
def test_an_error_tells_what_the_node_was_given_if_asked(target: str) -> None:
    x, y = T.dvectors("x", "y")
    f = kg.function([x, y], T.exp(x) + y, target=target)
    with pytest.raises(KernelgraphError) as caught:
        f(np.zeros(2), np.ones(3)[::-1])
    notes = "\n".join(caught.value.__notes__)
    assert "is made by add from" in notes
    assert "y (float64[?]): shape (3,), strides (-8,)," in notes or "shape (3,)" in notes
    assert "[1. 1. 1.]" in notes
    with pytest.raises(KernelgraphError) as caught:
        f(np.zeros((2, 2)), np.ones(3))
    assert "is made by" not in "\n".join(caught.value.__notes__)


def test_usually_an_error_does_not() -> None:
    x, y = T.dvectors("x", "y")
    with pytest.raises(KernelgraphError) as caught:
        kg.function([x, y], T.exp(x) + y)(np.zeros(2), np.ones(3))
    assert "is made by" not in "\n".join(caught.value.__notes__)
    graph = kg.function([x, y], x + y).graph
    assert failing_values(graph, [np.zeros(2), np.zeros(2)]) == ""
