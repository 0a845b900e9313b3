"""What a rule needs near a node: where that is missing, the rule need not be asked.

Most rules have nothing for most nodes. `log(1 + x)` needs a sum below the logarithm, a rule that
cancels `exp(x) / exp(x)` an exponential among the factors. What is near a node is found once, for
all rules that look at it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kernelgraph.graph import Apply, Constant
from kernelgraph.lazy import cached_property
from kernelgraph.op import Op, Pattern
from kernelgraph.ops.arithmetic import add, sub
from kernelgraph.rewrite.factors import factors
from kernelgraph.rewrite.matching import constant_behind

Kind = str | type
"""How nodes are told apart at a glance: by the name of their op, or by its class. What repeats a
constant is a `Constant`.
"""

_SUMS = (add.name, sub.name)


class Near:
    """The kinds of what is near a node."""

    def __init__(self, node: Apply) -> None:
        self.node = node

    @cached_property
    def operands(self) -> set[Kind]:
        """What made the operands."""
        found: set[Kind] = {v.owner.op.name for v in self.node.inputs if v.owner is not None}
        if any(constant_behind(operand) is not None for operand in self.node.inputs):
            found.add(Constant)
        return found

    @cached_property
    def factors(self) -> tuple[set[Kind], set[Kind]]:
        """What made the factors of the product at the node (of the products in a sum), and what
        made those by which it divides.
        """
        node = self.node
        found, divisors = set[Kind](), set[Kind]()
        for root in node.inputs if node.op.name in _SUMS else node.outputs:
            for factor in factors(root)[0]:
                maker = factor.variable.owner
                if maker is not None:
                    kinds = (maker.op.name, type(maker.op))
                    found.update(kinds)
                    if factor.inverted:
                        divisors.update(kinds)
        return found, divisors


@dataclass(frozen=True)
class Needs:
    """All of these kinds among the operands, one of these among the factors of the product, and one
    of these among its divisors; where there are none, anything will do.
    """

    operands: frozenset[Kind]
    factor: frozenset[Kind]
    divisor: frozenset[Kind]

    def are_met(self, near: Near) -> bool:
        """Whether all of it is there."""
        if self.operands and not self.operands <= near.operands:
            return False
        if self.factor and self.factor.isdisjoint(near.factors[0]):
            return False
        return not self.divisor or not self.divisor.isdisjoint(near.factors[1])


def needs_of(pattern: Pattern) -> Needs | None:
    """What must be near a node so that a pattern fits it."""
    parts = [p for p in pattern.inputs if not isinstance(p, Pattern) or p.op is not None]
    kinds = {p.op.name if isinstance(p, Pattern) and p.op else Constant for p in parts}
    return Needs(frozenset(kinds), frozenset(), frozenset()) if kinds else None


def needs_among(factor: Iterable[Op | type[Op]], divisor: Iterable[Op | type[Op]]) -> Needs | None:
    """What must be in a product so that a rule is asked about it."""
    found, below = (
        frozenset(op.name if isinstance(op, Op) else op for op in ops) for ops in (factor, divisor)
    )
    return Needs(frozenset(), found, below) if found or below else None
