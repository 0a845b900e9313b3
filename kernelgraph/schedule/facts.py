"""What planning knows of the machine that a program is for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Facts:
    """Facts of a target.

    `library`: whether products of matrices can be left to a library there. `few_columns`: a product
    of so few is no faster in the library than in loops of ours, which may share the pass over its
    left side with other nodes. `most_nodes`: how many nodes one kernel may hold, since compilers
    take long over endless straight code.
    """

    library: bool = True
    few_columns: int = 10
    most_nodes: int = 256


CPU = Facts()

GPU = Facts(library=False)
