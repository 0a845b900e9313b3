"""What tests of the lowering share: programs as lines."""

from __future__ import annotations

from collections.abc import Sequence

from kernelgraph.graph import Graph, Variable
from kernelgraph.loops.lower import lower
from kernelgraph.loops.verify import verify
from kernelgraph.schedule.fusion import plan


def lines(inputs: Sequence[Variable], *outputs: Variable) -> list[str]:
    """The lines of a program as it is lowered, before any pass, without their margins."""
    program = verify(lower(plan(Graph(tuple(inputs), outputs))), "lower")
    return [line.strip() for line in str(program).splitlines()]
