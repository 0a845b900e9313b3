"""What planning knows of the machine decides what is planned."""

from __future__ import annotations

import kernelgraph.tensor as T
from kernelgraph.graph import Graph
from kernelgraph.schedule.facts import CPU, Facts
from kernelgraph.schedule.fusion import plan
from kernelgraph.schedule.prepare import LibraryDot
from kernelgraph.schedule.schedule import Schedule


def products(schedule: Schedule) -> int:
    """How many products are left to a library."""
    return sum(
        isinstance(node.op, LibraryDot) for s in schedule.nested() for node in s.graph.apply_nodes()
    )


def test_without_a_library_loops_multiply() -> None:
    x, y = T.dmatrices("xy")
    product = Graph((x, y), (T.dot(T.exp(x), y),))
    assert (products(plan(product, CPU)), products(plan(product, Facts(library=False)))) == (1, 0)


def test_a_kernel_holds_so_many_nodes_at_most() -> None:
    x = T.dmatrix("x")
    chain = Graph((x,), (T.exp(T.tanh(T.sin(x + 1))),))
    assert len(plan(chain, CPU).kernels) == 1
    assert len(plan(chain, Facts(most_nodes=2)).kernels) == 2


def test_products_of_few_columns_share_a_pass() -> None:
    x, w = T.dmatrix("x"), T.tensor("float64", (None, 3), "w")
    scores = T.dot(x, w)
    both = Graph((x, w), (scores, T.dot(x.T, scores**2)))
    assert products(plan(both, CPU)) == 0
    assert products(plan(both, Facts(few_columns=2))) == 2
