"""What planning knows of the machine that a program is for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Facts:
    """Facts of a target.

    `library`: whether products of matrices can be left to a library there. `few_columns`: a product
    of so few is no faster in the library than in loops of ours, which may share the pass over its
    left side with other nodes. `most_nodes`: how many nodes one kernel may hold, since compilers
    take long over endless straight code. `most_loops`: of a graph with more outermost loops than
    this, each is a kernel of its own, since compilers take longer over a loop the more of them
    there are in a function, and kernels that are equal can be one function. `parallel`: whether the
    iterations of an outermost loop are to run at the same time. Then loops that reduce go inside,
    since those along a result's own axes share nothing, and each outermost loop is a kernel of its
    own.
    """

    library: bool = True
    few_columns: int = 10
    most_nodes: int = 256
    most_loops: int = 16
    parallel: bool = False


CPU = Facts()
GPU = Facts(library=False, parallel=True)
