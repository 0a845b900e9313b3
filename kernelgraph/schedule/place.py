"""Decide in which memory every value lives.

On a CPU there is only one, and the graph stays as it is.
"""

from __future__ import annotations

from kernelgraph.errors import CompileError
from kernelgraph.graph import Graph


def place(graph: Graph, target: str) -> Graph:
    """The graph with a transfer wherever a value is needed in another memory than it was made in.

    Raises `CompileError` (KG-X001) for a target with memory of its own, for which no transfers
    exist yet.
    """
    if target == "cuda":
        raise CompileError(
            "programs for CUDA are printed, not run, so far",
            code="KG-X001",
            hint='f.source("cuda") shows the text of a function on another target',
        )
    return graph
