"""What an expression tells about its own numbers: which are truth values, which are never negative.

A derivative asks: the 0 of a mask is meant as one, and a root of what is never negative has a kink
at 0. Only what follows from how an expression is written is said; anything else is unknown.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kernelgraph.elementwise import DimShuffle, Elementwise
from kernelgraph.graph import Apply, Constant, Variable
from kernelgraph.op import View
from kernelgraph.remembered import Answers
from kernelgraph.types import Array, is_complex, is_inexact
from kernelgraph.walks import producers_first

_MOST_STEPS = 24
"""Expressions are looked at this far, so that a question costs little."""

_KEEPS_MASKS = ("cast", "add", "sub", "mul", "neg", "sqr", "switch", "copy", "stack")
"""What makes a mask of masks."""

_NEVER_NEGATIVE = (
    "abs", "sqr", "exp", "sigmoid", "softmax", "softplus", "erfc", "size", "count", "slice_length",
)  # fmt: skip

_LIKE_FIRST = (
    "sum", "picked", "broadcast", "dimshuffle", "reshape", "subtensor", "take", "cast", "copy",
    "prod", "cumsum", "cumprod",
)  # fmt: skip
"""What is never negative if its first operand is not."""

_LIKE_ALL = (
    "add", "mul", "true_div", "maximum", "minimum", "max", "min", "sqrt", "dot", "padded_size",
)  # fmt: skip
"""What is never negative if no operand is."""


def holds_steep(variable: Variable) -> bool:
    """Whether an expression may make an infinity, or what is no number, of finite inputs."""
    for node in producers_first([variable], _unknown):
        operands = (v.owner for v in node.inputs if v.owner is not None)
        is_steep = isinstance(node.op, Elementwise) and node.op.steep
        _steep[node] = is_steep or any(_steep.get(operand) for operand in operands)
    return variable.owner is not None and bool(_steep.get(variable.owner))


_steep: Answers[Apply, bool] = Answers()


def _unknown(variable: Variable) -> Apply | None:
    """The node of a variable, if it has not been asked yet."""
    node = variable.owner
    return node if node is not None and _steep.get(node) is None else None


def constant_of(variable: Variable) -> Constant | None:
    """The constant that this is, perhaps with dimensions added or repeated."""
    while variable.owner is not None and isinstance(variable.owner.op, View):
        variable = variable.owner.inputs[0]
    return variable if isinstance(variable, Constant) else None


def has_zeros(variable: Variable) -> bool:
    """Whether this is made of constants, and holds a 0."""
    numbers = _numbers(variable)
    return numbers is not None and bool((numbers == 0).any())


def _numbers(variable: Variable, depth: int = 4) -> Array | None:
    """The numbers of a formula of constants, not repeated."""
    node = variable.owner
    if isinstance(variable, Constant):
        return variable.data
    if node is None or depth == 0:
        return None
    if not isinstance(node.op, Elementwise | DimShuffle):
        return _numbers(node.inputs[0], depth - 1) if isinstance(node.op, View) else None
    operands = [_numbers(v, depth - 1) for v in node.inputs]
    if any(operand is None for operand in operands):
        return None
    with np.errstate(all="ignore"):  # no call: there is nobody to tell
        return np.asarray(node.op.evaluate(node, operands)[0])


def _all_numbers(variable: Variable, hold: Callable[[Array], Any]) -> bool:
    """Whether this is a constant, and something holds for all its numbers."""
    constant = constant_of(variable)
    return constant is not None and bool(hold(constant.data).all())


def is_positive(variable: Variable) -> bool:
    """Whether this is a constant, and all its numbers are above 0."""
    return not is_complex(variable.dtype) and _all_numbers(variable, lambda numbers: numbers > 0)


def is_nothing(variable: Variable) -> bool:
    """Whether this is the constant 0 or False."""
    return _all_numbers(variable, lambda numbers: numbers == 0)


def is_mask(variable: Variable) -> bool:
    """Whether numbers are made of truth values, whole numbers and constants alone: `1 - (x > 0)`,
    labels. A 0 of theirs is meant as one. Sizes of arrays are no masks.
    """
    pending, found = [variable], False
    for _ in range(_MOST_STEPS):
        if not pending:
            return found
        v = pending.pop()
        node = v.owner
        if isinstance(v, Constant) or (node is not None and node.op.name == "size"):
            continue
        if node is not None and v.dtype != "bool" and node.op.name in _KEEPS_MASKS:
            pending += node.inputs
        elif node is not None and (isinstance(node.op, View) or node.op.name == "subtensor"):
            pending.append(node.inputs[0])
        elif is_inexact(v.dtype):
            return False
        else:
            found = True
    return False


def has_kink_at_zero(variable: Variable) -> bool:
    """Whether a root of this has a kink where it is 0: it is never negative, and may be 0.

    So are sums of squares, magnitudes, variances; with a positive number added they are not 0.
    """
    node = variable.owner
    if node is not None and node.op.name == "add" and any(map(is_positive, node.inputs)):
        return False
    return is_never_negative(variable)


def is_never_negative(variable: Variable) -> bool:
    """Whether no number of this can be below 0; sizes are not."""
    pending = [variable]
    for _ in range(_MOST_STEPS):
        if not pending:
            return True
        v = pending.pop()
        if is_complex(v.dtype):
            return False
        if isinstance(v, Constant) and bool((v.data < 0).any()):
            return False
        if isinstance(v, Constant) or v.dtype.startswith(("bool", "uint")):
            continue
        needed = None if v.owner is None else _must_not_be_negative(v.owner, v.index)
        if needed is None:
            return False
        pending += needed
    return False


def _must_not_be_negative(node: Apply, index: int) -> list[Variable] | None:
    """Operands that must not be negative for a result never to be; None where none can tell."""
    name, operands = node.op.name, node.inputs
    if name in _NEVER_NEGATIVE or (name == "mean_and_variance" and index == 1):
        return []
    if name == "mul" or (name == "dot" and operands[0].ndim == 1):
        return [] if _are_alike(operands[0], operands[1]) else operands
    if name == "pow":
        is_even = _all_numbers(operands[1], lambda n: n % 2 == 0)
        return [] if is_even else operands[:1]
    if name == "switch":
        return operands[1:]
    if name == "maximum" and any(_all_numbers(v, lambda n: n >= 0) for v in operands):
        return []
    if name in _LIKE_FIRST:
        return operands[:1]
    return operands if name in _LIKE_ALL else None


def _are_alike(a: Variable, b: Variable, depth: int = 4) -> bool:
    """Whether two expressions are written alike, so that they are the same number."""
    if a is b:
        return True
    if isinstance(a, Constant) and isinstance(b, Constant):
        return a.type == b.type and bool((a.data == b.data).all())
    if depth == 0 or a.owner is None or b.owner is None or a.owner.op != b.owner.op:
        return False
    pairs = zip(a.owner.inputs, b.owner.inputs, strict=False)
    same_count = len(a.owner.inputs) == len(b.owner.inputs) and a.index == b.index
    return same_count and all(_are_alike(one, other, depth - 1) for one, other in pairs)
