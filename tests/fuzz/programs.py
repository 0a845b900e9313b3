"""Graphs put together at random, and values for them.

Whatever has a shape that fits meets whatever else: elementwise ops with the constants that rules
look for, views, slices, sums, products, choices, casts; and a third of all programs has a gradient.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import kernelgraph.tensor as T
from kernelgraph.errors import KernelgraphError, ShapeError
from kernelgraph.graph import Graph, Variable
from kernelgraph.types import TensorType

FLOATS = ("float64", "float64", "float64", "float32")
SIZES = (0, 1, 2, 3, 5, 8)
CONSTANTS = (0, 1, 2, -1, 0.5, -0.5, 1.0, 3)

UNARY: tuple[Callable[[Any], Any], ...] = (
    T.exp, T.log, T.tanh, T.sigmoid, T.softplus, T.sqrt, T.log1p, T.expm1, abs, T.sin, T.cos,
    T.sqr, lambda v: -v, lambda v: v**2, lambda v: v**1, lambda v: 1 / (1 + T.exp(-v)),
    lambda v: T.log(1 + v * v), lambda v: T.log(1 + T.exp(v)), lambda v: 1 - T.sigmoid(v),
    lambda v: T.cast(v, "float64"), lambda v: T.cast(v, "float32"), lambda v: T.cast(v, "int64"),
    lambda v: T.exp(v) - 1, lambda v: 1 - T.exp(v), lambda v: v * v, T.erf, T.erfc,
    lambda v: 1 - T.erf(v), lambda v: T.log(T.erfc(v)), lambda v: abs(v * v), lambda v: v**-1.0,
    lambda v: T.log(2 + T.exp(v)), lambda v: T.log1p(2 * T.exp(v)), lambda v: 1 / T.exp(v),
    lambda v: (T.exp(v) - T.exp(-v)) / (T.exp(v) + T.exp(-v)), lambda v: 2 * T.sigmoid(v) - 1,
    lambda v: T.log(1 - T.tanh(v) ** 2), lambda v: T.log(T.sigmoid(v) ** 2),
    lambda v: T.log1p(-T.sigmoid(v)), lambda v: T.log(1 - T.exp(-T.exp(v))),
)  # fmt: skip
BINARY: tuple[Callable[[Any, Any], Any], ...] = (
    T.add, T.sub, T.mul, T.true_div, T.maximum, T.minimum, lambda a, b: a * b + a,
    lambda a, b: T.switch(a > b, a, b), lambda a, b: T.switch(T.eq(a, b), a, 1.0),
    lambda a, b: T.cast(a > b, "float64") * a, lambda a, b: a - b * 0.5, lambda a, b: a + -b,
    lambda a, b: T.exp(a) / (T.exp(a) + 2 * T.exp(b)), lambda a, b: T.sqrt(a * a + b * b),
)  # fmt: skip
VIEWS: tuple[Callable[[Any], Any], ...] = (
    lambda v: v.T, lambda v: v.flatten(), lambda v: v[::-1], lambda v: v[1:], lambda v: v[0],
    lambda v: v[0:], lambda v: T.exp(v)[0], lambda v: v.flatten().reshape((-1,)),
    lambda v: v.dimshuffle(0, "x") if v.ndim == 1 else v.T.T,
    lambda v: v.dimshuffle("x", 0) if v.ndim == 1 else v.reshape((v.shape[1], v.shape[0])),
)  # fmt: skip
FOLDS: tuple[Callable[[Any], Any], ...] = (
    lambda v: v.sum(), lambda v: v.sum(axis=0), lambda v: v.sum(axis=-1, keepdims=True),
    lambda v: v.mean(axis=-1), lambda v: v.max(axis=0), T.min, lambda v: v.var(axis=0),
    T.softmax, lambda v: T.log(T.softmax(v)), lambda v: T.logsumexp(v, keepdims=True),
    lambda v: T.exp(v) / T.exp(v).sum(axis=-1, keepdims=True),
)  # fmt: skip


@dataclass
class Maker:
    """What a program has computed so far."""

    chance: random.Random
    known: list[Variable] = field(default_factory=list[Variable])

    def pick(self, rank: int | None = None) -> Variable:
        """One of the variables, the last ones more likely."""
        fitting = [v for v in self.known if rank is None or v.ndim == rank]
        return self.chance.choice(fitting[-6:] if self.chance.random() < 0.7 else fitting)

    def grow(self) -> None:
        """One more step; steps that do not fit their operands are passed over."""
        choose = self.chance.choice
        kind = self.chance.random()
        try:
            if kind < 0.35:
                new = choose(UNARY)(self.pick())
            elif kind < 0.5:
                new = choose(BINARY)(self.pick(), choose(CONSTANTS))
            elif kind < 0.75:
                v = self.pick()
                new = choose(BINARY)(v, self.pick(v.ndim))
            elif kind < 0.85:
                new = choose(VIEWS)(self.pick())
            elif kind < 0.95:
                new = choose(FOLDS)(self.pick())
            else:
                new = T.dot(self.pick(2), self.pick(choose((1, 2))))
        except (KernelgraphError, IndexError, ValueError):
            return
        if isinstance(new, Variable):
            self.known.append(new)


def program(seed: int) -> Graph:
    """The graph of a seed: 5 to 40 steps."""
    chance = random.Random(seed)
    dtype = chance.choice(FLOATS)
    shapes: list[tuple[int | None, ...]] = [(None, None), (None,), (), (None, 1), (1, None)]
    if chance.random() < 0.3:  # a number of columns that is declared
        shapes = [(None, 3), (3,), (), (None, 1), (1, 3)]
    chosen = chance.sample(shapes, chance.randint(1, 3))
    inputs = [TensorType(dtype, shape)(name) for shape, name in zip(chosen, "xyz", strict=False)]
    maker = Maker(chance, list(inputs))
    for _ in range(chance.randint(5, 40)):
        maker.grow()
    last = maker.known[-1]
    outputs = [last, maker.pick()] if chance.random() < 0.5 else [last]
    if chance.random() < 0.35:
        costs = [v for v in maker.known[-4:] if v.dtype.startswith("float")]
        cost = T.sum(costs[-1]) if costs else None
        if cost is not None:
            with suppress(ShapeError):  # sizes that contradict each other, which a call would say
                outputs += T.grad(cost, inputs, disconnected_inputs="ignore")
    return Graph(tuple(inputs), tuple(outputs))


def values(graph: Graph, seed: int) -> list[Any]:
    """Operands: sizes may be 0, layouts are odd, and a few numbers are 0."""
    chance = np.random.default_rng(seed)
    rows, columns = (int(chance.choice(SIZES)) for _ in range(2))
    declared = [
        n for v in graph.inputs for n in v.tensor_type.shape[-1:] if n is not None and n > 1
    ]
    columns = max(declared, default=columns)
    found: list[Any] = []
    for variable in graph.inputs:
        shape = variable.tensor_type.shape
        lengths = [rows, columns] if len(shape) == 2 else [columns]
        sizes = tuple(
            length if size is None else size for size, length in zip(shape, lengths, strict=False)
        )
        numbers = chance.normal(size=sizes) * chance.choice([0.1, 1.0, 3.0])
        numbers = np.where(chance.random(sizes) < 0.05, 0.0, numbers).astype(variable.dtype)
        found.append(_laid_out(numbers, int(chance.integers(4))))
    return found


def _laid_out(array: Any, kind: int) -> Any:
    """The same numbers in another layout."""
    if array.ndim == 0 or kind == 0:
        return array
    if kind == 1:
        return np.asfortranarray(array)
    if kind == 2:
        return array[::-1].copy()[::-1]
    wide = np.zeros([2 * n for n in array.shape], array.dtype)
    spread = wide[tuple(slice(None, None, 2) for _ in array.shape)]
    spread[...] = array
    return spread
