"""What two graphs have in common, and what only one of them has."""

from __future__ import annotations

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.rewrite.difference import difference
from tests.rewrite.support import graph_of


def test_graphs_that_are_the_same_have_no_difference() -> None:
    x, y = T.dvectors("x", "y")
    found = difference(graph_of(T.exp(x) + 2 * y), graph_of(T.exp(x) + 2 * y))
    assert (found.removed, found.added, len(found.kept)) == ((), (), 4)
    found = difference(graph_of(x - y), graph_of(y - x))
    assert (len(found.removed), len(found.added)) == (0, 0)  # inputs correspond by position
    found = difference(kg.Graph((x, y), (x - y,)), kg.Graph((x, y), (y - x,)))
    assert (len(found.removed), len(found.added)) == (1, 1)
