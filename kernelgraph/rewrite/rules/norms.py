"""Roots of sums of squares: lengths whose squares leave what a float can hold.

The length of (3e200, 4e200) is 5e200, though its square is no float. Squares of numbers that were
scaled by a power of 2 are added instead. Of a sum along axes, these are computed only if some plain
sum is too large or too small.

Source: J. L. Blue, A portable Fortran program to find the Euclidean norm of a vector, ACM TOMS 4
(1978), 15-23.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

from kernelgraph.elementwise import Elementwise
from kernelgraph.graph import Apply, Variable
from kernelgraph.ops.arithmetic import abs_, add, gt, lt, neq, sqr, switch
from kernelgraph.ops.binades import binade, inverse_binade
from kernelgraph.ops.choice import ifelse
from kernelgraph.ops.functions import sqrt
from kernelgraph.ops.logic import either
from kernelgraph.ops.powers import pow_
from kernelgraph.ops.reductions import Sum, sum_
from kernelgraph.rewrite.matching import constant, number
from kernelgraph.rewrite.rule import LhsRhs, computed_rule, rule, unwritten

_MOST_TERMS = 8


_RANGES = {"float64": (2.0**-900, 2.0**1000, 600, -540), "float32": (2.0**-98, 2.0**110, 90, -70)}
"""Between the first two, a sum of squares has all its digits; the exponents of 2 by which operands
are scaled below and above.
"""


def _square_of(variable: Variable) -> Variable | None:
    """What a variable is the square of."""
    node = variable.owner
    if node is None or node.inputs[0].dtype != variable.dtype:
        return None
    is_square = node.op == sqr or (node.op == pow_ and number(node.inputs[1]) == 2)
    return node.inputs[0] if is_square else None


def _terms(root: Variable) -> list[Variable] | None:
    """What is squared in a sum of squares; None if there is anything else."""
    found: list[Variable] = []
    pending = [root]
    while pending:
        variable = pending.pop()
        node, square = variable.owner, _square_of(variable)
        if square is not None:
            found.append(square)
        elif node is not None and node.op == add and len(pending) < _MOST_TERMS:
            pending += reversed(node.inputs)
        else:
            return None
    return found


def _read(root: Variable) -> tuple[list[Variable], Callable[[Sequence[Variable]], Variable]] | None:
    """The numbers whose squares are added, and how they are."""
    node = root.owner
    if node is None or root.dtype not in _RANGES:
        return None
    if isinstance(node.op, Sum):
        square = _square_of(node.inputs[0])
        return None if square is None else ([square], lambda squares: node.op(*squares))
    terms = _terms(root) if node.op == add else None
    return None if terms is None else (terms, lambda squares: reduce(add, squares))


@computed_rule(
    phase="stabilize",
    on=(sqrt,),
    changes="rounding",
    where={"x": "bounded matrix", "y": "bounded matrix"},
    examples=[
        lambda x: unwritten(sqrt(sum_(sqr(x), axis=1))),
        lambda x, y: unwritten(sqrt(sqr(x) + sqr(y))),
    ],
    depth=4,
)
def length_by_scales(node: Apply) -> Variable | None:
    """sqrt(sum(x²)) where squares overflow or vanish: those of c x do not, c a power of 2."""
    (total,) = node.inputs
    found = _read(total)
    if found is None or total.dtype != node.out.dtype:
        return None
    terms, combine = found
    if any(term.dtype != total.dtype or _is_scaled(term) for term in terms):
        return None
    if total.owner is None or not isinstance(total.owner.op, Sum):
        return _by_binades(terms, combine)
    lowest, highest, up, down = _RANGES[total.dtype]

    def scaled(exponent: int) -> Variable:
        return combine([sqr(_again(term) * constant(2.0**exponent, term)) for term in terms])

    small, large = lt(total, constant(lowest, total)), gt(total, constant(highest, total))
    squares = switch(large, scaled(down), switch(small, scaled(up), total))
    back = [constant(2.0**-exponent, total) for exponent in (down, up, 0)]
    length = sqrt(squares) * switch(large, back[0], switch(small, *back[1:]))
    rare = either(small, large)
    return ifelse(neq(sum_(rare), 0) if rare.ndim else rare, length, sqrt(total))


@rule(
    phase="stabilize",
    changes="rounding",
    when=lambda match: match["x"].dtype == match.node.out.dtype and _read(match["x"]) is not None,
    where={"x": "bounded", "y": "bounded"},
    examples=[lambda x, y: ((sqr(x) + sqr(y)) ** 0.5, sqrt(sqr(x) + sqr(y)))],
)
def root_of_squares(x: Any) -> LhsRhs:
    """A sum of squares to the power of 1/2 is a length, which has a rule of its own as a root."""
    return x**0.5, sqrt(x)


def _by_binades(
    terms: Sequence[Variable], combine: Callable[[Sequence[Variable]], Variable]
) -> Variable:
    """The length of few numbers: those scaled by a power of two near their sum, which is exact."""
    size = reduce(add, map(abs_, terms))
    scale = inverse_binade(size)
    return sqrt(combine([sqr(term * scale) for term in terms])) * binade(size)


def _is_scaled(term: Variable) -> bool:
    """Whether this rule has been here."""
    node = term.owner
    return node is not None and any(v.owner and v.owner.op == inverse_binade for v in node.inputs)


def _again(variable: Variable) -> Variable:
    """The variable, computed anew from what is no elementwise op, if that takes few nodes: then a
    branch that is hardly ever taken reads nothing that is not in memory anyway.
    """
    found: dict[Apply, None] = {}
    pending = [variable.owner]
    while pending:
        node = pending.pop()
        if node is not None and isinstance(node.op, Elementwise) and node not in found:
            found[node] = None
            pending += [operand.owner for operand in node.inputs]
        if len(found) > _MOST_TERMS:
            return variable

    def copied(old: Variable) -> Variable:
        node = old.owner
        if node is None or node not in found:
            return old
        return node.op.rebuild(node, [copied(operand) for operand in node.inputs]).out

    return copied(variable)
