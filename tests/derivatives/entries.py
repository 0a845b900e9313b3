"""What an entry of the table of derivatives says, and how the points of its operands are drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.support import Array

Points = Callable[[np.random.Generator], list[Array]]


@dataclass(frozen=True)
class Entry:
    """A function of arrays as we write it and as NumPy has it on the complex plane.

    `edges` are special points at which it has derivatives, `kinks` those at which only the first
    one is promised, `outside` those where both modes agree and no more. By operands that are
    `fixed` there is no derivative.
    """

    ours: Callable[..., Any]
    theirs: Callable[..., Any]
    points: Points
    edges: Sequence[str] = ("zeros", "ties")
    kinks: Sequence[str] = ()
    outside: Sequence[str] = ()
    fixed: Sequence[int] = ()
    second: bool = True


def normal(*shapes: Sequence[int]) -> Points:
    """Normally distributed numbers."""
    return lambda rng: [rng.normal(size=shape) for shape in shapes]


def positive(*shapes: Sequence[int]) -> Points:
    """Numbers from a half on."""
    return lambda rng: [np.abs(rng.normal(size=shape)) + 0.5 for shape in shapes]


def inside(low: float, high: float, *shapes: Sequence[int]) -> Points:
    """Numbers between two others."""
    return lambda rng: [rng.uniform(low, high, size=shape) for shape in shapes]


def away_from_zero(*shapes: Sequence[int]) -> Points:
    """Numbers of both signs, at least a half in magnitude."""

    def drawn(rng: np.random.Generator) -> list[Array]:
        values = [rng.normal(size=shape) for shape in shapes]
        return [v + np.copysign(0.5, v) for v in values]

    return drawn


def regular(*shapes: Sequence[int]) -> Points:
    """Matrices far from singular: the first one strong along its diagonal."""

    def drawn(rng: np.random.Generator) -> list[Array]:
        values = [rng.normal(size=shape) for shape in shapes]
        rows, columns = shapes[0]
        return [values[0] + np.eye(rows, columns) * np.arange(3, 3 + columns), *values[1:]]

    return drawn


def definite(n: int) -> Points:
    """A positive definite matrix with eigenvalues far apart."""

    def drawn(rng: np.random.Generator) -> list[Array]:
        a = rng.normal(size=(n, n)) * 0.4
        return [a @ a.T + np.diag(np.arange(1.0, n + 1))]

    return drawn
