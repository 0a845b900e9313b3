"""Products and sums as trees of factors and terms, edited in place.

A gradient is a product of many factors, written by many ops: `a / p * (p * q)` is a tree of `mul`,
`true_div` and `neg` whose leaves are a, p, p and q. Rules look for factors that belong together
wherever they stand in the tree, and take out or replace those alone: the rest keeps its order, so
that no product overflows that did not before. A derivative that is cut off, `switch(c, x, 0)`,
is a product too: of x and of a choice that stays where it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import NamedTuple

import numpy as np

from kernelgraph.elementwise import Elementwise
from kernelgraph.graph import Variable
from kernelgraph.ops.arithmetic import add, mul, neg, sub, switch, true_div
from kernelgraph.ops.functions import exp, sigmoid, softplus
from kernelgraph.ops.kinks import is_nothing
from kernelgraph.ops.softmax import Softmax
from kernelgraph.types import is_float

MOST_LEAVES = 16
"""Trees are looked at this far, so that a rule's work at a node is bounded."""

_CURVES = (exp.name, sigmoid.name)
_POSITIVE = (*_CURVES, Softmax.name)
PRODUCTS = (mul.name, true_div.name, neg.name)
"""The ops that a product is written with."""

_SUMS = (add.name, sub.name, neg.name)
_INSIDE = frozenset((*PRODUCTS, switch.name))

Path = tuple[int, ...]
"""Which operand to take at each node on the way from the root."""

Edits = Mapping[Path, Variable | None]
"""What to put in place of leaves; None takes a factor out."""


class Factor(NamedTuple):
    """A leaf of a product or sum: it multiplies or is added; `inverted`, divides or is taken."""

    variable: Variable
    inverted: bool
    path: Path

    @property
    def curve(self) -> Curve | None:
        """The exp or sigmoid that this factor is."""
        return curve_of(self.variable)


@dataclass(frozen=True)
class Curve:
    """exp or sigmoid of `base`, or of `-base`: positive, and NaN only where `base` is.

    `argument` is that base or its negative, as it is written.
    """

    kind: str
    base: Variable
    negative: bool
    argument: Variable = field(compare=False)

    @property
    def key(self) -> tuple[str, Variable]:
        """What it is of, whatever its sign."""
        return self.kind, self.base

    @property
    def logarithm(self) -> Variable:
        """Its logarithm, which has digits where a sigmoid has rounded to 0 or 1."""
        return self.argument if self.kind == "exp" else -softplus(-self.argument)


def curve_of(variable: Variable) -> Curve | None:
    """What `variable` is if it is an exp or a sigmoid of something."""
    node = variable.owner
    if node is None or node.op.name not in _CURVES or not _float_op(variable):
        return None
    name, (argument,) = node.op.name, node.inputs
    if not is_float(argument.dtype):
        return None  # among integers, -x may overflow
    negative, base = False, argument
    while _float_op(base) == neg.name:
        negative, base = not negative, _operands(base)[0]
    return Curve(name, base, negative, argument)


def _float_op(variable: Variable) -> str:
    """The name of the elementwise op that made `variable`, if its elements are floats."""
    node = variable.owner
    if node is None or not isinstance(node.op, Elementwise) or not is_float(variable.dtype):
        return ""
    return node.op.name


def _operands(variable: Variable) -> list[Variable]:
    return variable.owner.inputs if variable.owner is not None else []


def holds_curve(root: Variable) -> bool:
    """A quick look: whether an exp, a sigmoid or a softmax is among the factors of `root`."""
    pending = [root]
    for _ in range(2 * MOST_LEAVES):
        node = pending.pop().owner if pending else None
        if node is None:
            continue
        name = node.op.name
        if name in _POSITIVE:
            return True
        if name in PRODUCTS:
            pending += reversed(node.inputs)
        elif name == switch.name:
            pending.append(node.inputs[1])
    return False


def factors(root: Variable) -> tuple[list[Factor], int]:
    """The leaves of the product at `root`, in order, and its sign."""
    found: list[Factor] = []
    sign = 1
    pending = [Factor(root, False, ())]
    while pending:
        factor = pending.pop()
        variable, inverted, path = factor
        node = variable.owner
        name = "" if node is None else node.op.name
        if node is None or name not in _INSIDE or not _float_op(variable):
            found.append(factor)
        elif name == switch.name:
            if inverted or not is_cut_off(variable):
                found.append(factor)
            else:
                pending.append(Factor(node.inputs[1], False, (*path, 1)))
        elif len(found) + len(pending) >= MOST_LEAVES:
            found.append(factor)
        elif name == neg.name:
            sign = -sign
            pending.append(Factor(node.inputs[0], inverted, (*path, 0)))
        else:
            left, right = node.inputs
            below = name == true_div.name
            pending.append(Factor(right, inverted != below, (*path, 1)))
            pending.append(Factor(left, inverted, (*path, 0)))
    return found, sign


def is_cut_off(variable: Variable) -> bool:
    """Whether this is `switch(c, x, 0)` of floats."""
    return _float_op(variable) == switch.name and is_nothing(_operands(variable)[2])


def conditions(root: Variable, path: Path) -> list[Variable]:
    """What must hold for a factor to count, where it is not cut off on the way to it."""
    found: list[Variable] = []
    variable = root
    for k in path:
        if is_cut_off(variable):
            found.append(_operands(variable)[0])
        variable = _operands(variable)[k]
    return found


def terms(root: Variable) -> list[Factor]:
    """The leaves of the sum at `root`, in order."""
    found: list[Factor] = []
    pending = [Factor(root, False, ())]
    while pending:
        term = pending.pop()
        name = _float_op(term.variable)
        if name not in _SUMS or len(found) + len(pending) >= MOST_LEAVES:
            found.append(term)
            continue
        *first, last = _operands(term.variable)
        negative = term.inverted != (name != add.name)
        pending.append(Factor(last, negative, (*term.path, len(first))))
        pending += [Factor(v, term.inverted, (*term.path, 0)) for v in first]
    return found


def on_the_way(root: Variable, path: Path) -> list[Variable]:
    """What stands between the root of a product or a sum and a leaf, the leaf included."""
    found: list[Variable] = []
    for k in path:
        root = _operands(root)[k]
        found.append(root)
    return found


def is_cut_anywhere(root: Variable, found: Sequence[Factor]) -> bool:
    """Whether something cuts factors of a product off: then it may be 0, whatever they are."""
    return any(conditions(root, factor.path) for factor in found)


def edit_product(root: Variable, edits: Edits) -> Variable | None:
    """The product with some factors replaced or taken out; None where nothing is left of it."""
    negative, product = _edit_product(root, (), edits)
    return neg(product) if negative and product is not None else product


def _edit_product(variable: Variable, path: Path, edits: Edits) -> tuple[bool, Variable | None]:
    """Whether the edited product is to be negated, and the product."""
    if path in edits:
        return False, edits[path]
    node = variable.owner
    if node is None or not any(edited[: len(path)] == path for edited in edits):
        return False, variable
    if node.op == switch:
        condition, inside, zero = node.inputs
        negative, product = _edit_product(inside, (*path, 1), edits)
        one = np.ones((1,) * variable.ndim, variable.dtype)
        return negative, switch(condition, one if product is None else product, zero)
    parts = [_edit_product(operand, (*path, k), edits) for k, operand in enumerate(node.inputs)]
    if len(parts) == 1:
        negative, product = parts[0]
        return not negative, product
    (left_negative, left), (right_negative, right) = parts
    if right is None:
        product = left
    elif node.op == true_div:
        product = true_div(1 if left is None else left, right)
    else:
        product = right if left is None else mul(left, right)
    return left_negative != right_negative, product


def edit_sum(root: Variable, edits: Edits) -> Variable | None:
    """The sum with some terms replaced or taken out; None where nothing is left of it."""
    return _edit_sum(root, (), edits)


def _edit_sum(variable: Variable, path: Path, edits: Edits) -> Variable | None:
    if path in edits:
        return edits[path]
    node = variable.owner
    if node is None or not any(edited[: len(path)] == path for edited in edits):
        return variable
    parts = [_edit_sum(operand, (*path, k), edits) for k, operand in enumerate(node.inputs)]
    if None not in parts:
        return node.op(*parts)
    if parts[-1] is None:
        return parts[0]
    return neg(parts[-1]) if node.op == sub else parts[-1]


def quotient(above: Sequence[Variable], below: Sequence[Variable]) -> Variable | None:
    """The product of some factors divided by that of others; None where there are none."""
    top = reduce(mul, above) if above else None
    if not below:
        return top
    return true_div(1 if top is None else top, reduce(mul, below))


def pairs(found: list[Factor]) -> Iterator[tuple[Factor, Factor]]:
    """Each factor with each other one, in both orders."""
    for a in found:
        for b in found:
            if a is not b:
                yield a, b
