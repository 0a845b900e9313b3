"""Products and sums as trees of factors and terms, edited in place.

A gradient is a product of many factors, written by many ops: `a / p * (p * q)` is a tree of `mul`,
`true_div` and `neg` whose leaves are a, p, p and q. Rules look for factors that belong together
wherever they stand in the tree, and take out or replace those alone: the rest keeps its order, so
that no product overflows that did not before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from kernelgraph.graph import Variable
from kernelgraph.ops.arithmetic import add, mul, neg, sub, true_div
from kernelgraph.ops.functions import exp, sigmoid
from kernelgraph.types import TensorType, is_float

MOST_LEAVES = 16
"""Trees are looked at this far, so that a rule's work at a node is bounded."""

Path = tuple[int, ...]
"""Which operand to take at each node on the way from the root."""

Edits = Mapping[Path, Variable | None]
"""What to put in place of leaves; None takes a factor out."""


class Factor(NamedTuple):
    """A leaf of a product: it multiplies, or, `inverted`, divides."""

    variable: Variable
    inverted: bool
    path: Path

    @property
    def curve(self) -> Curve | None:
        """The exp or sigmoid that this factor is."""
        return curve_of(self.variable)


class Term(NamedTuple):
    """A leaf of a sum, and whether it is subtracted."""

    variable: Variable
    negative: bool
    path: Path


@dataclass(frozen=True, slots=True)
class Curve:
    """exp or sigmoid of `base`, or of `-base`: positive, and NaN only where `base` is."""

    kind: str
    base: Variable
    negative: bool


def curve_of(variable: Variable) -> Curve | None:
    """What `variable` is if it is an exp or a sigmoid of something."""
    node = variable.owner
    if node is None or node.op.name not in ("exp", "sigmoid") or node.op not in (exp, sigmoid):
        return None
    negative, base = False, node.inputs[0]
    if not _is_float_tensor(base):
        return None  # -x may overflow
    while base.owner is not None and base.owner.op == neg:
        negative, base = not negative, base.owner.inputs[0]
    return Curve(node.op.name, base, negative)


def _is_float_tensor(variable: Variable) -> bool:
    return isinstance(variable.type, TensorType) and is_float(variable.type.dtype)


def holds_curve(root: Variable) -> bool:
    """Whether the product at `root` has an exp or a sigmoid among its factors: a quick look."""
    pending = [root]
    for _ in range(2 * MOST_LEAVES):
        if not pending:
            break
        node = pending.pop().owner
        if node is None:
            continue
        if node.op.name in ("exp", "sigmoid"):
            return True
        if node.op.name in ("mul", "true_div", "neg"):
            pending += reversed(node.inputs)
    return False


def factors(root: Variable) -> tuple[list[Factor], int]:
    """The leaves of the product at `root`, in order, and its sign."""
    found: list[Factor] = []
    sign = 1
    pending = [Factor(root, False, ())]
    while pending:
        factor = pending.pop()
        node = factor.variable.owner
        name = node.op.name if node is not None and _is_float_tensor(factor.variable) else ""
        full = len(found) + len(pending) >= MOST_LEAVES
        if node is None or full or name not in ("mul", "true_div", "neg"):
            found.append(factor)
            continue
        sign = -sign if name == "neg" else sign
        parts = [
            Factor(operand, factor.inverted != (name == "true_div" and k == 1), (*factor.path, k))
            for k, operand in enumerate(node.inputs)
        ]
        pending += reversed(parts)
    return found, sign


def terms(root: Variable) -> list[Term]:
    """The leaves of the sum at `root`, in order."""
    found: list[Term] = []
    pending = [Term(root, False, ())]
    while pending:
        term = pending.pop()
        node = term.variable.owner
        name = node.op.name if node is not None and _is_float_tensor(term.variable) else ""
        full = len(found) + len(pending) >= MOST_LEAVES
        if node is None or full or name not in ("add", "sub", "neg"):
            found.append(term)
            continue
        parts = [
            Term(
                operand,
                term.negative != (name == "neg" or (name == "sub" and k == 1)),
                (*term.path, k),
            )
            for k, operand in enumerate(node.inputs)
        ]
        pending += reversed(parts)
    return found


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
    parts = [_edit_product(operand, (*path, k), edits) for k, operand in enumerate(node.inputs)]
    if len(parts) == 1:
        negative, product = parts[0]
        return not negative, product
    (left_negative, left), (right_negative, right) = parts
    if right is None:
        product = left
    elif node.op.name == "true_div":
        product = true_div(1 if left is None else left, right)
    else:
        product = right if left is None else mul(left, right)
    return left_negative != right_negative, product


def edit_sum(root: Variable, edits: Mapping[Path, Variable]) -> Variable:
    """The sum with its terms replaced."""
    return _edit_sum(root, (), edits)


def _edit_sum(variable: Variable, path: Path, edits: Mapping[Path, Variable]) -> Variable:
    if path in edits:
        return edits[path]
    node = variable.owner
    assert node is not None
    parts = [_edit_sum(operand, (*path, k), edits) for k, operand in enumerate(node.inputs)]
    op = {"add": add, "sub": sub, "neg": neg}[node.op.name]
    return op(*parts)


def pairs(found: list[Factor]) -> Iterator[tuple[Factor, Factor]]:
    """Each factor with each other one, in both orders."""
    for a in found:
        for b in found:
            if a is not b:
                yield a, b
