"""What is asked of a derivative at a point: reverse mode and forward mode give what complex steps
give, one is the adjoint of the other, and the second derivative is that of the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

import kernelgraph.tensor as T
from kernelgraph.graph import Apply, Graph, Variable, walk
from kernelgraph.interpret import interpret
from tests.derivatives.entries import Entry
from tests.derivatives.stepped import STEP
from tests.support import Array

CLOSE, ADJOINT, SECOND = 1e-10, 1e-12, 1e-8
"""Relative bounds: of a derivative, of ⟨u, Jv⟩ and ⟨Jᵀu, v⟩, of a second derivative."""

STENCIL = {1: 4 / 5, 2: -1 / 5, 3: 4 / 105, 4: -1 / 280}
"""Weights of central differences whose error is of the eighth order (Fornberg 1988)."""

H = 2e-3


@dataclass(frozen=True)
class Derivative:
    """An entry with symbols of its operands, and the graphs of its derivatives."""

    entry: Entry
    inputs: Sequence[Variable]
    out: Variable

    @cached_property
    def u(self) -> Variable:
        """What the result is weighed with."""
        return T.tensor("float64", (None,) * self.out.ndim, "u")

    @cached_property
    def directions(self) -> list[Variable]:
        """Where the operands move."""
        return [T.tensor("float64", v.tensor_type.shape, f"d_{v.name}") for v in self.wrt]

    @property
    def wrt(self) -> list[Variable]:
        """The operands by which there is a derivative."""
        return [v for k, v in enumerate(self.inputs) if k not in self.entry.fixed]

    def moves(self, values: Sequence[Array], rng: np.random.Generator) -> list[Array]:
        """A random direction for each of them."""
        free = [v for k, v in enumerate(values) if k not in self.entry.fixed]
        return [rng.normal(size=v.shape) for v in free]

    @cached_property
    def gradients(self) -> list[Variable]:
        """Jᵀu, for each operand."""
        cost = T.sum(self.out * self.u)
        return T.grad(cost, self.wrt, disconnected_inputs="ignore")

    @cached_property
    def first(self) -> Graph:
        """The value, Jᵀu and Jv."""
        along = T.Rop(self.out, self.wrt, self.directions)
        return Graph((*self.inputs, self.u, *self.directions), (self.out, *self.gradients, along))

    @cached_property
    def second(self) -> Graph:
        """The gradient of ⟨Jᵀu, d⟩."""
        terms = [T.sum(g * d) for g, d in zip(self.gradients, self.directions, strict=True)]
        total = sum(terms[1:], terms[0])
        found = T.grad(total, self.wrt, disconnected_inputs="ignore")
        return Graph((*self.inputs, self.u, *self.directions), tuple(found))

    def nodes(self) -> list[Apply]:
        """Those of the value and of the gradients, which second derivatives go through."""
        return list(walk([self.out, *self.gradients]))


def derivative(entry: Entry, values: Sequence[Array]) -> Derivative:
    """Symbols for the values; none has a size that is declared, but for 1."""
    inputs = [
        T.tensor("float64", tuple(1 if n == 1 else None for n in v.shape), f"x{k}")
        for k, v in enumerate(values)
    ]
    return Derivative(entry, inputs, entry.ours(*inputs))


def jacobians(entry: Entry, values: Sequence[Array]) -> list[Array]:
    """For each operand, the derivatives of the elements of the result (rows) by its elements."""
    found: list[Array] = []
    for k, value in enumerate(values):
        if k in entry.fixed:
            continue
        columns: list[Array] = []
        for place in np.ndindex(value.shape):
            moved = [np.array(v, dtype=complex) for v in values]
            moved[k][place] += STEP * 1j
            columns.append(np.imag(entry.theirs(*moved)).ravel() / STEP)
        found.append(np.array(columns).T if columns else np.zeros((0, 0)))
    return found


def wrong_at(
    made: Derivative, values: Sequence[Array], rng: np.random.Generator, steps: bool = True
) -> Iterator[str]:
    """What is wrong with the first derivatives at a point; without `steps` only that the two modes
    disagree.
    """
    out = interpret(Graph(tuple(made.inputs), (made.out,)), values)[0]
    u, along = rng.normal(size=out.shape), made.moves(values, rng)
    value, *backs, forward = interpret(made.first, [*values, u, *along])
    if steps:
        meant = np.real(made.entry.theirs(*(v + 0j for v in values)))
        if not np.allclose(value, meant, rtol=1e-9, atol=1e-12):
            yield f"the value is {value}, not {meant}"
        found = jacobians(made.entry, values)
        total = np.zeros(out.size)
        for k, (jacobian, back, d) in enumerate(zip(found, backs, along, strict=True)):
            if jacobian.size:
                yield from _far(f"by operand {k}", back.ravel(), jacobian.T @ u.ravel(), CLOSE)
                total += jacobian @ d.ravel()
        yield from _far("forwards", forward.ravel(), total, CLOSE)
    left = np.sum(u * forward)
    right = sum(np.sum(b * d) for b, d in zip(backs, along, strict=True))
    size = np.sum(abs(u * forward)) + sum(
        np.sum(abs(b * d)) for b, d in zip(backs, along, strict=True)
    )
    if np.isfinite(size) and abs(left - right) > ADJOINT * size:
        yield f"<u, Jv> = {left}, <J'u, v> = {right}"


def _far(what: str, got: Array, wanted: Array, bound: float) -> Iterator[str]:
    scale = max(float(np.max(abs(wanted), initial=0.0)), 1e-3)
    if not np.allclose(got, wanted, rtol=bound, atol=bound * scale, equal_nan=True):
        yield f"{what}: {got}, not {wanted}"


def wrong_second(
    made: Derivative, values: Sequence[Array], rng: np.random.Generator
) -> Iterator[str]:
    """What is wrong with the gradient of the gradient: ⟨its part, e⟩ against differences of the
    first gradient along e.
    """
    out = interpret(Graph(tuple(made.inputs), (made.out,)), values)[0]
    u = rng.normal(size=out.shape)
    d, e = made.moves(values, rng), made.moves(values, rng)
    found = interpret(made.second, [*values, u, *d])
    graph = Graph((*made.inputs, made.u), tuple(made.gradients))

    def first(t: float) -> float:
        steps = iter(e)
        moved = [v if k in made.entry.fixed else v + t * next(steps) for k, v in enumerate(values)]
        grads = interpret(graph, [*moved, u])
        return float(sum(np.sum(g * s) for g, s in zip(grads, d, strict=True)))

    ends = {k: (first(k * H), first(-k * H)) for k in STENCIL}
    wanted = sum(w * (ends[k][0] - ends[k][1]) for k, w in STENCIL.items()) / H
    got = float(sum(np.sum(g * s) for g, s in zip(found, e, strict=True)))
    size = sum(float(np.sum(abs(g * s))) for g, s in zip(found, e, strict=True))
    noise = max(abs(number) for pair in ends.values() for number in pair) * 1e-15 / H * 10
    if not abs(got - wanted) <= SECOND * max(size, abs(wanted)) + noise + 1e-12:
        yield f"second derivative: {got}, not {wanted}"


def special(values: Sequence[Array], edge: str) -> list[Array]:
    """A point at an edge, of the same sizes."""
    match edge:
        case "zeros":
            return [np.zeros_like(v) for v in values]
        case "negative zeros":
            return [-np.zeros_like(v) for v in values]
        case _:
            return [np.full_like(v, 0.75) for v in values]


def resized(values: Sequence[Array], n: int) -> list[Any]:
    """The operands with all sizes n, from their first elements."""
    return [np.resize(v, (n,) * v.ndim) for v in values]
