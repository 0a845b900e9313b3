"""What ops say of their derivatives besides formulas: where they cut off, and that they only move
numbers. Differentiation keeps what is cut off out of its products; see
`kernelgraph/ops/derivatives.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kernelgraph.graph import Variable


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
