"""In which memory values live: on a processor there is one."""

from __future__ import annotations

import kernelgraph.tensor as T
from kernelgraph.graph import Graph
from kernelgraph.schedule.place import place


def test_on_a_processor_nothing_moves() -> None:
    x = T.dvector("x")
    graph = Graph((x,), (T.exp(x),))
    for target in ("c", "python", "interpret", "cuda-sim"):
        assert place(graph, target) is graph
