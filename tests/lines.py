"""Derivatives along a line, as tests of linear algebra check them: of some results at some values,
in a direction drawn by chance, by both modes and by differences.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Variable
from kernelgraph.types import is_complex, listed
from tests.support import Array

STEP = 2.0**-12


def symbols(values: Sequence[Array]) -> list[Variable]:
    """A variable for each array, of unknown sizes."""
    return [T.tensor(v.dtype.name, (None,) * v.ndim, f"x{k}") for k, v in enumerate(values)]


def check_derivatives(
    make: Callable[..., Any], *values: Array, of: Sequence[int] = (), second: bool = True
) -> None:
    """Forward and reverse mode agree to 12 digits, and with a difference to 8; so does the
    derivative of the derivative, to 6. `of` are the results that count; of none, all do. Complex
    numbers are pairs of real ones.
    """
    rng = np.random.default_rng(len(values))
    xs, moves = symbols(values), symbols(values)
    outputs = listed(make(*xs))
    chosen = [outputs[k] for k in of] or outputs
    shapes = [np.shape(v) for v in kg.interpret(kg.Graph(tuple(xs), tuple(chosen)), list(values))]
    pairs = zip(chosen, shapes, strict=True)
    weights = [_drawn(rng, is_complex(out.dtype), shape) for out, shape in pairs]
    cost: Any = sum(_inner(w, out) for out, w in zip(chosen, weights, strict=True))
    back = _along(T.grad(cost, xs), moves)
    steps = [_drawn(rng, np.iscomplexobj(v), v.shape) for v in values]
    f = kg.function(xs, cost, target="interpret")
    g = kg.function([*xs, *moves], [T.Rop(cost, xs, moves), back], target="interpret")
    forward, reverse = g(*values, *steps)
    scale = max(1.0, abs(float(forward)))
    assert abs(forward - reverse) <= 1e-12 * scale * sum(v.size for v in values)
    assert abs(_difference(f, values, steps) - forward) <= 1e-8 * scale
    if second:
        again = _along(T.grad(back, xs, disconnected_inputs="ignore"), moves)
        h = kg.function([*xs, *moves], again, target="interpret")
        found = float(h(*values, *steps))
        slope = _difference(lambda *at: g(*at, *steps)[1], values, steps)
        assert abs(slope - found) <= 1e-6 * max(1.0, abs(found))


def _along(gradients: Any, moves: Sequence[Variable]) -> Any:
    return sum(_inner(g, t) for g, t in zip(gradients, moves, strict=True))


def _inner(x: Any, y: Any) -> Any:
    """The sum of products; of complex numbers, of those of their parts."""
    if isinstance(y, Variable) and is_complex(y.dtype):
        return T.real(T.conj(x) * y).sum()
    return (x * y).sum()


def _drawn(rng: np.random.Generator, is_pair: bool, shape: Sequence[int]) -> Array:
    real = np.asarray(rng.normal(size=shape))
    return real + 1j * rng.normal(size=shape) if is_pair else real


def _difference(f: Callable[..., Any], values: Sequence[Array], steps: Sequence[Array]) -> float:
    """The slope along the steps, without the first two terms of its error."""

    def at(factor: float) -> Any:
        return f(*(v + factor * STEP * s for v, s in zip(values, steps, strict=True)))

    return float((8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * STEP))
