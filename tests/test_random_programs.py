"""Programs put together at random: compiled C against NumPy, node by node.

Matrices, rows, columns and numbers meet in sums, products and choices; sizes and layouts are odd.
A program that fails is named by its seed.
"""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Variable

pytestmark = pytest.mark.usefixtures("any_numbers", "cache_of_this_run")

SEEDS = range(40)
ROWS, COLUMNS = (0, 1, 2, 5, 7, 8, 9, 16, 17, 23), (1, 2, 3, 8, 9, 17, 33)

UNARY: list[Callable[[Any], Any]] = [
    T.exp, T.tanh, T.sigmoid, T.softplus, abs,
    lambda v: -v, lambda v: v**2, lambda v: T.log1p(v * v), lambda v: T.sqrt(v * v + 1),
]  # fmt: skip
BINARY: list[Callable[[Any, Any], Any]] = [
    T.maximum, T.minimum,
    lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b, lambda a, b: a / (b * b + 1),
    lambda a, b: T.switch(a > b, a, b), lambda a, b: T.cast(a > b, "int64") * a,
]  # fmt: skip
ROW_SUMS: list[Callable[[Any], Any]] = [
    lambda m: m.sum(axis=1), lambda m: m.max(axis=1), lambda m: m.mean(axis=1),
    lambda m: m.var(axis=1), lambda m: T.argmax(m, axis=1),
]  # fmt: skip
RUNNING: list[Callable[[Any], Any]] = [
    lambda m: T.cumsum(m, axis=0), lambda m: T.cumsum(m, axis=1),
    lambda m: T.cumprod(T.tanh(m), axis=0), lambda m: T.cumprod(T.tanh(m), axis=1),
    lambda m: T.sort(m, axis=0), lambda m: T.sort(m, axis=1),
]  # fmt: skip


@dataclass
class Program:
    """What a program has computed so far, by shape: matrices, one number a row, one a column, and
    single numbers.
    """

    chance: random.Random
    inputs: list[Variable] = field(default_factory=lambda: [
        T.dmatrix("x"), T.dvector("w"), T.dvector("u"), T.lvector("k"), T.dscalar("s"),
    ])  # fmt: skip

    def __post_init__(self) -> None:
        x, w, u, k, s = self.inputs
        self.matrices, self.columns, self.rows, self.numbers = [x], [w], [u, k], [s]

    def grow(self) -> None:
        """One more step."""
        pick = self.chance.choice
        m, c, r, n = self.matrices, self.columns, self.rows, self.numbers
        steps: list[Callable[[], None]] = [
            lambda: m.append(pick(UNARY)(pick(m))),
            lambda: m.append(pick(BINARY)(pick(m), pick(m + c + n))),
            lambda: m.append(pick(BINARY)(pick(m), pick(r).dimshuffle(0, "x"))),
            lambda: r.append(T.dot(pick(m), pick(c))),
            lambda: c.append(T.dot(pick(r), pick(m))),
            lambda: r.append(pick(ROW_SUMS)(pick(m))),
            lambda: c.append(pick(m).sum(axis=0)),
            lambda: n.append(pick(m + r + c).sum()),
            lambda: r.append(pick(BINARY)(pick(r), pick(r + n))),
            lambda: c.append(pick(UNARY)(pick(c))),
            lambda: m.append(pick(RUNNING)(pick(m))),
            lambda: r.append(T.cumsum(T.tanh(pick(r)), axis=0)),
            lambda: c.append(T.prod(T.tanh(pick(m)), axis=0)),
        ]
        pick(steps)()

    def outputs(self) -> list[Variable]:
        """Some of the results, and now and then a gradient."""
        made = self.matrices[1:] + self.columns[1:] + self.rows[2:] + self.numbers[1:]
        chosen = self.chance.sample(made, k=min(4, len(made)))
        cost = T.tanh(self.chance.choice(chosen)).sum()
        if self.chance.random() < 0.5:
            chosen += T.grad(cost, self.inputs[:2], disconnected_inputs="ignore")
        return chosen

    def values(self) -> list[Any]:
        """Numbers for the inputs, in a layout of some kind."""
        rows, columns = self.chance.choice(ROWS), self.chance.choice(COLUMNS)
        rng = np.random.default_rng(self.chance.randrange(2**32))
        base = rng.normal(size=(2 * rows, 2 * columns))
        part = base[:rows, :columns]
        layouts = [part.copy(), base[::2, ::2], np.asfortranarray(part), part[::-1, ::-1]]
        vectors = rng.normal(size=columns), rng.normal(size=rows), rng.integers(-3, 4, rows)
        return [self.chance.choice(layouts), *vectors, rng.normal()]


@pytest.mark.parametrize("seed", SEEDS)
def test_compiled_programs_mean_what_numpy_means(seed: int) -> None:
    program = Program(random.Random(seed))
    for _ in range(program.chance.randint(4, 14)):
        program.grow()
    outputs, values = program.outputs(), program.values()
    options: Any = {"on_unused_input": "ignore"}
    compiled = kg.function(program.inputs, outputs, target="c", **options)
    meaning = kg.function(program.inputs, outputs, target="interpret", **options)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        expected = meaning(*values)
    for found, wanted in zip(compiled(*values), expected, strict=True):
        assert (found.dtype, found.shape) == (wanted.dtype, wanted.shape)
        np.testing.assert_allclose(found, wanted, rtol=1e-7, atol=1e-7)
