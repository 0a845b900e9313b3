"""What ops say of their derivatives besides formulas: where they cut off, and that they only move
numbers. Differentiation keeps what is cut off out of its products; see
`kernelgraph/ops/derivatives.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from kernelgraph.errors import GradientError
from kernelgraph.expect import came
from kernelgraph.graph import Apply, Variable, describe
from kernelgraph.types import TensorType


def checked_gradients(node: Apply, found: Any) -> Sequence[Variable | None]:
    """What a user's `grad` or `L_op` returned: for each operand a variable of its rank, or None for
    no dependence. Raises `GradientError`, which names the op.
    """
    gradients: list[Any] | None = [*found] if isinstance(found, list | tuple) else None
    if gradients is None or len(gradients) != len(node.inputs):
        count = came(found) if gradients is None else f"{len(gradients)} values"
        raise GradientError(
            f"{node.op}: grad returned {count} for {len(node.inputs)} operands",
            origins=node.origins,
            hint="return a list with one variable for each operand",
        )
    for g, operand in zip(gradients, node.inputs, strict=True):
        ranks = [v.ndim for v in (g, operand) if _has_axes(v)]
        if len(ranks) == 2 and ranks[0] != ranks[1]:
            raise GradientError(
                f"{node.op}: grad returned {describe(g)} for the operand {describe(operand)}",
                origins=node.origins,
                hint="a gradient has the sizes of its operand",
            )
    return gradients


def _has_axes(value: Any) -> bool:
    return isinstance(value, Variable) and isinstance(value.type, TensorType)


@dataclass(frozen=True)
class Only:
    """A partial derivative that is `derivative` where `condition` (of truth values) holds.
    Elsewhere the operand is cut off: its derivative is 0, and no product with what stands behind is
    taken.
    """

    condition: Variable
    derivative: Any = 1


@dataclass(frozen=True)
class RealLinear:
    """A derivative that is no product with a number, as those of parts and conjugates of complex
    numbers: `forward` maps a tangent of the operand to that of the result, `backward` a cotangent
    of the result to that of the operand. Where `condition` does not hold, both are cut off.

    The cotangent of a complex z is dC/dRe(z) + i dC/dIm(z), so `backward` is the transpose of
    `forward` as a map of pairs of real numbers.
    """

    forward: Callable[[Any], Any]
    backward: Callable[[Any], Any]
    condition: Variable | None = None


@dataclass(frozen=True)
class Linear:
    """What an op is that only moves numbers and adds them up: each element of its result is the sum
    of some elements of its operand.

    `adds`: of more than one; `pads`: or of none, which gives 0. `repeats`: an element of the
    operand may be in several sums; `drops`: or in none. Backwards the two pairs change places.
    """

    adds: bool = False
    pads: bool = False
    repeats: bool = False
    drops: bool = False
