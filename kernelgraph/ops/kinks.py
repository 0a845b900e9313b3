"""What an expression tells about its own numbers: which are truth values, which are never negative.

A slope asks: the 0 of a mask is meant as one, and a root of what is never negative has a kink at 0.
Only what follows from how an expression is written is said; anything else is unknown.
"""

from __future__ import annotations

from kernelgraph.elementwise import DimShuffle, Elementwise
from kernelgraph.graph import Apply, Constant, Variable, walk
from kernelgraph.op import View

_MOST_STEPS = 64
"""Expressions are looked at this far, so that a question costs little."""

_SAME_SIGN = ("sum", "broadcast", "dimshuffle", "reshape", "subtensor", "take", "cast", "copy")
"""What is never negative if its first operand is not."""

_NEVER_NEGATIVE = ("abs", "sqr", "exp", "sigmoid", "softmax", "softplus", "erfc", "size", "count")

_KEEPS_BOTH = ("add", "mul", "true_div", "minimum", "max", "min", "sqrt")
"""What is never negative if no operand is."""


_STEEP = ("log", "log1p", "sqrt", "true_div", "pow", "exp", "expm1", "erfcx")
"""What makes infinities, or numbers that are none, of finite numbers."""


def holds_steep(variable: Variable) -> bool:
    """Whether an expression may make an infinity, or what is no number, of finite inputs."""
    return any(node.op.name in _STEEP for node in walk([variable]))


def is_mask(variable: Variable) -> bool:
    """Whether numbers are made of truth values and constants alone: `cast(x > 0)`, `1 - (x > 0)`."""
    pending, found = [variable], False
    for _ in range(_MOST_STEPS):
        if not pending:
            return found
        v = pending.pop()
        if v.dtype == "bool":
            found = True
        elif v.owner is not None and isinstance(v.owner.op, Elementwise):
            pending += v.owner.inputs
        elif v.owner is not None and isinstance(v.owner.op, View):
            pending.append(v.owner.inputs[0])
        elif not isinstance(v, Constant):
            return False
    return False


def has_zeros(variable: Variable) -> bool:
    """Whether this is a constant, perhaps with dimensions added, that holds a 0."""
    while variable.owner is not None and isinstance(variable.owner.op, DimShuffle):
        variable = variable.owner.inputs[0]
    return isinstance(variable, Constant) and bool((variable.data == 0).any())


def is_never_negative(variable: Variable) -> bool:
    """Whether no number of an expression can be below 0: sums of squares, magnitudes, variances."""
    pending = [variable]
    for _ in range(_MOST_STEPS):
        if not pending:
            return True
        v = pending.pop()
        if isinstance(v, Constant) and bool((v.data < 0).any()):
            return False
        if isinstance(v, Constant) or v.dtype.startswith(("bool", "uint")):
            continue
        needed = None if v.owner is None else _what_must_not_be_negative(v.owner, v.index)
        if needed is None:
            return False
        pending += needed
    return False


def can_be_zero(variable: Variable) -> bool:
    """Whether 0 is not ruled out: it is by a positive number added to what is never negative."""
    node = variable.owner
    if node is None or node.op.name != "add":
        return True
    a, b = node.inputs
    return not any(
        is_positive(one) and is_never_negative(other) for one, other in ((a, b), (b, a))
    )


def is_positive(variable: Variable) -> bool:
    """Whether this is a constant, perhaps with dimensions added, all of whose numbers are above 0."""
    while variable.owner is not None and isinstance(variable.owner.op, DimShuffle):
        variable = variable.owner.inputs[0]
    return isinstance(variable, Constant) and bool((variable.data > 0).all())


def _what_must_not_be_negative(node: Apply, index: int) -> list[Variable] | None:
    """The operands on which it depends that a result is never negative; None where it may be."""
    name, operands = node.op.name, node.inputs
    if name in _NEVER_NEGATIVE or (name == "mean_and_variance" and index == 1):
        return []
    if name in _SAME_SIGN:
        return operands[:1]
    if name == "mul" and operands[0] is operands[1]:
        return []
    if name == "dot":
        return [] if operands[0] is operands[1] and operands[0].ndim == 1 else operands
    if name == "pow":
        return [] if _is_even(operands[1]) else operands[:1]
    if name == "switch":
        return operands[1:]
    if name == "maximum":  # one of the two will do
        return next(([v] for v in operands if is_never_negative(v)), None)
    return operands if name in _KEEPS_BOTH else None


def _is_even(exponent: Variable) -> bool:
    while exponent.owner is not None and isinstance(exponent.owner.op, DimShuffle):
        exponent = exponent.owner.inputs[0]
    number = exponent.scalar if isinstance(exponent, Constant) else None
    return number is not None and number % 2 == 0
