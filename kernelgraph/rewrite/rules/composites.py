"""Composite ops become the simpler ops that they stand for, so that loops can fuse them."""

from __future__ import annotations

from kernelgraph.op import Composite
from kernelgraph.ops.softmax import LogSoftmax, LogSumExp, Softmax
from kernelgraph.rewrite.rule import LhsRhs, rule
from kernelgraph.rewrite.wildcards import Operands


@rule(
    phase="expand",
    where={"x": "matrix"},
    examples=[
        lambda x: (Softmax(1)(x), Softmax(1).expand(x)),
        lambda x: (LogSoftmax(0)(x), LogSoftmax(0).expand(x)),
        lambda x: (LogSumExp(1)(x), LogSumExp(1).expand(x)),
    ],
    over_complex=True,
)
def definition(op: Composite, x: Operands) -> LhsRhs:
    """A composite op is replaced by the simpler ops that it stands for."""
    return op(*x), lambda: op.expand(*x)
