"""Composite ops become the simpler ops that they stand for, so that loops can fuse them."""

from __future__ import annotations

from kernelgraph.graph import Apply, Variable
from kernelgraph.op import Composite
from kernelgraph.ops.softmax import LogSoftmax, LogSumExp, Softmax
from kernelgraph.rewrite.rule import computed_rule


@computed_rule(
    phase="expand",
    on=(Composite,),
    where={"x": "matrix"},
    examples=[
        lambda x: (Softmax(1)(x), Softmax(1).expand(x)),
        lambda x: (LogSoftmax(0)(x), LogSoftmax(0).expand(x)),
        lambda x: (LogSumExp(1)(x), LogSumExp(1).expand(x)),
    ],
)
def definition(node: Apply) -> Variable | None:
    """What an op stands for takes its place."""
    assert isinstance(node.op, Composite)
    return node.op.expand(*node.inputs)
