"""What a rule needs near a node: where that is missing, the rule need not be asked.

Most rules have nothing for most nodes. `log(1 + x)` needs a sum below the logarithm, a rule that
cancels `exp(x) / exp(x)` an exponential among the factors. What is near a node is found once, for
all rules that look at it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from kernelgraph.graph import Apply, Constant, Variable
from kernelgraph.lazy import cached_property
from kernelgraph.op import Op
from kernelgraph.ops.arithmetic import add, neg, sub
from kernelgraph.rewrite.factors import factors
from kernelgraph.rewrite.matching import constant_behind
from kernelgraph.rewrite.wildcards import AnyOp, Literal, Many, wildcards
from kernelgraph.symbols import Pattern

Kind = str | type
"""How nodes are told apart at a glance: by the name of their op, or by its class. What repeats a
constant is a `Constant`, what any op made is an `Op`.
"""

_SUMS = frozenset((add.name, sub.name, neg.name))


class Near:
    """The kinds of what is near a node."""

    def __init__(self, node: Apply) -> None:
        self.node = node

    @cached_property
    def operands(self) -> set[Kind]:
        """What made the operands."""
        found: set[Kind] = set()
        for operand in self.node.inputs:
            found.update(_makers(operand))
        return found

    @cached_property
    def factors(self) -> tuple[set[Kind], set[Kind]]:
        """What made the factors of a product (or those in a sum), and what made its divisors."""
        node = self.node
        found, divisors = set[Kind](), set[Kind]()
        for root in node.inputs if node.op in (add, sub) else node.outputs:
            for factor in factors(root)[0]:
                kinds = _makers(factor.variable)
                found.update(kinds)
                if factor.inverted:
                    divisors.update(kinds)
        return found, divisors


def _makers(variable: Variable) -> tuple[Kind, ...]:
    node = variable.owner
    if constant_behind(variable) is not None:
        return (Constant,) if node is None else (node.op.name, type(node.op), Op, Constant)
    return () if node is None else (node.op.name, type(node.op), Op)


@dataclass(frozen=True)
class Needs:
    """All of these kinds among the operands; among the factors of the product, and among its
    divisors, one of these or all of those. Where there are none, anything will do.
    """

    operands: frozenset[Kind] = frozenset()
    factor: frozenset[Kind] = frozenset()
    divisor: frozenset[Kind] = frozenset()
    factors: frozenset[Kind] = frozenset()
    divisors: frozenset[Kind] = frozenset()
    terms: frozenset[Kind] = frozenset()
    """One of these among the operands."""

    def are_met(self, near: Near) -> bool:
        """Whether all of it is there."""
        if self.operands and not self.operands <= near.operands:
            return False
        if self.terms and self.terms.isdisjoint(near.operands):
            return False
        if self.factor and self.factor.isdisjoint(near.factors[0]):
            return False
        if self.divisor and self.divisor.isdisjoint(near.factors[1]):
            return False
        return (not self.factors or self.factors <= near.factors[0]) and (
            not self.divisors or self.divisors <= near.factors[1]
        )


def needs_of(pattern: Pattern) -> Needs | None:
    """What must be near a node so that a pattern fits it."""
    if isinstance(pattern, Many) and pattern.is_sum:
        parts = (*pattern.above, *pattern.below)
        kinds = frozenset[Kind]().union(*map(_kinds, zip(parts)))
        return Needs(terms=kinds | _SUMS) if len(kinds) and all(map(_kinds, zip(parts))) else None
    if isinstance(pattern, Many):
        above, below = _kinds(pattern.above), _kinds(pattern.below)
        return Needs(factors=above, divisors=below) if above or below else None
    kinds = _kinds(pattern.inputs)
    return Needs(kinds) if kinds else None


def _kinds(patterns: Sequence[Any]) -> frozenset[Kind]:
    """What must have made the variables that these patterns fit, as far as that is one kind."""
    found: set[Kind] = set()
    count = Counter(name for pattern in patterns for name in wildcards(pattern))
    for pattern in patterns:
        op = pattern.op if isinstance(pattern, Pattern) else None
        if isinstance(pattern, Literal) or not isinstance(pattern, Pattern):
            found.add(Constant)
        elif isinstance(op, AnyOp):
            is_one = len(op.kinds) == 1 and not op.kinds[0].__subclasses__()
            found.add(op.kinds[0] if is_one else Op)
        elif op is None or isinstance(pattern, Many):
            continue
        elif op != neg or all(count[name] == 1 for name in wildcards(pattern)):
            found.add(op.name)  # what a wildcard is the negative of need not be made by neg
    return frozenset(found)


def needs_among(factor: Iterable[Op | type[Op]], divisor: Iterable[Op | type[Op]]) -> Needs | None:
    """What must be in a product so that a rule is asked about it."""
    found, below = (
        frozenset(op.name if isinstance(op, Op) else op for op in ops) for ops in (factor, divisor)
    )
    return Needs(factor=found, divisor=below) if found or below else None
