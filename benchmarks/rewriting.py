"""How long large graphs take to be rewritten: a chain in which every link has something to do."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter
from typing import Any

import kernelgraph.tensor as T
from kernelgraph.graph import Graph
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.rules.order import DEFAULT

SIZES = (10_000, 100_000)
_NODES_OF_A_LINK = 7


def chain(nodes: int) -> Graph:
    """A graph of about so many nodes."""
    x = T.dvector("x")
    y: Any = x
    for _ in range(nodes // _NODES_OF_A_LINK):
        y = T.tanh(y * 1 + 0.5) - (-x)
    return Graph((x,), (y,))


def measure() -> Iterator[str]:
    """A line for each size."""
    for nodes in SIZES:
        graph = chain(nodes)
        count = len(graph.apply_nodes())
        start = perf_counter()
        steps = len(rewrite(graph, DEFAULT).log)
        seconds = perf_counter() - start
        yield f"rewriting {count:,} nodes: {seconds:.2f} s, {steps:,} steps".replace(",", " ", 1)
