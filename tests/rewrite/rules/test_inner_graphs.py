"""What a loop or a branch computes is rewritten by the same rules."""

from __future__ import annotations

import numpy as np

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.op import Control
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.rules.inner_graphs import inside
from kernelgraph.rewrite.rules.order import DEFAULT
from kernelgraph.rewrite.rules.products import times_one


def test_the_step_of_a_loop() -> None:
    x = T.dvector("x")
    steps, _ = kg.scan(lambda row: T.log(1 + T.exp(row * 1)), sequences=x)
    written = kg.Graph((x,), (steps,))
    rewriting = rewrite(written, DEFAULT)
    (inner,) = rewriting.inside
    assert {"times_one", "log_one_plus_exp"} <= {step.rule for step in inner.steps}
    (found,) = kg.interpret(rewriting.graph, [np.array([0.0, 1000.0])])
    np.testing.assert_allclose(found, [np.log(2), 1000.0])


def test_the_branches_of_a_choice() -> None:
    x = T.dscalar("x")
    rewriting = rewrite(kg.Graph((x,), (T.ifelse(x > 0, x * 1, -x),)), [times_one, inside])
    assert len(rewriting.inside) == 1
    for number in (2.0, -2.0):
        assert kg.interpret(rewriting.graph, [np.array(number)])[0] == 2.0


def test_graphs_with_nothing_to_do_stay_the_same() -> None:
    x = T.dscalar("x")
    rewriting = rewrite(kg.Graph((x,), (T.ifelse(x > 0, x, -x),)), [times_one, inside])
    assert not rewriting.log
    assert any(isinstance(node.op, Control) for node in rewriting.graph.apply_nodes())


def test_a_loop_of_which_more_is_known_is_still_one_loop() -> None:
    """That there is one step becomes known while rewriting: one row of results. The rows must not
    come from the loop as it was, beside the state that comes from the better one.
    """
    x = T.dvector("x")
    (states, rows), _ = kg.scan(
        lambda s: [s * 1 + 1, s * 2], outputs_info=[x, None], n_steps=T.constant(np.int32(1))
    )
    graph = rewrite(kg.Graph((x,), (states[-1], rows)), DEFAULT).graph
    assert sum(isinstance(node.op, Control) for node in graph.apply_nodes()) == 1
    assert rewrite(graph, DEFAULT).log == ()


def test_results_that_nobody_wants_are_not_put_in_place() -> None:
    """Beside the other result exp(x) would have two users, and be computed whole."""
    x, e = T.dvectors("x", "e")
    y = T.exp(e)
    op = kg.OpFromGraph([e], [y[:3], y * 2], inline=True)
    rewriting = rewrite(kg.Graph((x,), (op(x)[0],)), DEFAULT)
    assert "part_of_elementwise" in rewriting.counts()
    assert rewrite(rewriting.graph, DEFAULT).log == ()
