"""Seven formulas, element by element, at three sizes and two dtypes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

import kernelgraph as kg
import kernelgraph.tensor as T
from benchmarks.timing import Row, best

SIZES = (1_000, 100_000, 5_000_000)
DTYPES = ("float64", "float32")
CONSTRUCTORS = {"float64": T.dvectors, "float32": T.fvectors}


@dataclass(frozen=True)
class Formula:
    """One formula, written once for both libraries: `f(m, a, b)` with `m` their module."""

    name: str
    build: Callable[[Any, Any, Any], Any]


FORMULAS = (
    Formula("a + 1", lambda m, a, b: a + 1),
    Formula("2a + 3b", lambda m, a, b: 2 * a + 3 * b),
    Formula("1/(1+exp(-a))", lambda m, a, b: 1 / (1 + m.exp(-a))),
    Formula("tanh(a)+log1p(b)", lambda m, a, b: m.tanh(a) + m.log1p(b)),
    Formula("sqrt(a²+b²)·exp(-b)", lambda m, a, b: m.sqrt(a * a + b * b) * m.exp(-b)),
    Formula("sum |a-b|/(1+a²+b²)", lambda m, a, b: (abs(a - b) / (1 + a * a + b * b)).sum()),
    Formula("a²+b²+2ab", lambda m, a, b: a * a + b * b + 2 * a * b),
)


def operands(size: int, dtype: str) -> tuple[Any, Any]:
    """Numbers for which every formula has a value."""
    rng = np.random.default_rng(0)
    return rng.random(size).astype(dtype) + 0.5, rng.random(size).astype(dtype)


def compiled(formula: Formula, dtype: str) -> Any:
    """The formula as a function of two vectors."""
    a, b = CONSTRUCTORS[dtype]("a", "b")
    return kg.function([a, b], formula.build(T, a, b), on_unused_input="ignore")


def rows() -> Iterator[Row]:
    """All rows of this page."""
    for dtype in DTYPES:
        for formula in FORMULAS:
            f = compiled(formula, dtype)
            for size in SIZES:
                a, b = operands(size, dtype)
                times = best([lambda: f(a, b), lambda: formula.build(np, a, b)])  # noqa: B023
                yield Row(f"{formula.name}, {size:,} {dtype}".replace(",", " "), *times)
