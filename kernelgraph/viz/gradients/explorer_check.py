"""The derivative by hand: differences of the output, compared with what autodiff says.

What is being explored comes in, one sentence goes out.
"""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np

from kernelgraph.types import is_float
from kernelgraph.viz.gradients.starts import Slider
from kernelgraph.viz.text.numbers import short_number

_AGREE = 1e-3  # relative
_ROUNDING = 100.0  # last digits of the output that a difference may be off by


class Explored(Protocol):
    """A function of one number, at a number."""

    moved: Slider

    @property
    def slope(self) -> float | None: ...
    @property
    def result(self) -> float: ...
    def number(self, slider: Slider) -> float: ...
    def output_at(self, number: float) -> float: ...


def derivative_check(explored: Explored) -> str:
    """What autodiff says, what a central difference says, and whether they agree.

    The step is the cube root of the machine's precision, which balances the error of the formula
    with that of rounding (Press et al., Numerical Recipes, 3rd ed., section 5.7).
    """
    dtype = explored.moved.variable.dtype
    slope = explored.slope
    if not is_float(dtype):
        return f"no derivative: this input is {dtype}, which takes steps"
    if slope is None:
        return "no derivative: the output does not depend on this input, or an op has none"
    here = explored.number(explored.moved)
    precision = float(np.finfo(dtype).eps)
    step = precision ** (1 / 3) * max(1.0, abs(here))
    left, right = here - step, here + step
    below, above = explored.output_at(left), explored.output_at(right)
    numeric = (above - below) / (right - left)
    said = f"autodiff {short_number(slope)}, numeric {short_number(numeric)}"
    if not (math.isfinite(slope) and math.isfinite(numeric)):
        return f"{said}: nothing to compare"
    size = max(abs(below), abs(above), abs(explored.result))
    rounding = _ROUNDING * precision * size / step
    allowed = _AGREE * max(abs(slope), abs(numeric)) + rounding
    if abs(slope - numeric) <= allowed:
        return f"{said}, ok"
    sides = (explored.result - below) / (here - left), (above - explored.result) / (right - here)
    if abs(sides[0] - sides[1]) > allowed:
        at = " and ".join(short_number(side) for side in sides)
        return f"{said}: they differ, at a kink (from the left and from the right: {at})"
    return f"{said}: they differ"
