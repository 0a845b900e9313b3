"""Decide in which memory every value lives.

On a CPU there is only one, and the graph stays as it is. So it does for a device, so far: a program
sends what its kernels ask for when it runs (`cuda/runtime.py`), and fetches its results.
"""

from __future__ import annotations

from kernelgraph.graph import Graph


def place(graph: Graph, target: str) -> Graph:
    """The graph with a transfer wherever a value is needed in another memory than it was made in:
    for all targets of today, as it is.
    """
    return graph
