"""What a random program has computed so far, with its numbers: so the next step can fit them.

Every step is computed with NumPy as soon as it is drawn. What it raises, or numbers too many, is no
step; what a program consists of in the end runs. An operand is picked by dtype, rank and sizes.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import kernelgraph.tensor as T
from kernelgraph.graph import Constant, Variable
from kernelgraph.interpret import evaluate, value_of
from kernelgraph.ops.control import ControlOp
from kernelgraph.types import TensorType, is_float, is_inexact
from kernelgraph.walks import walk_as_written

MOST_ELEMENTS = 2000
MOST_AXES = 5
LARGE = 1e4
"""Numbers beyond are not computed with in a tame program."""

CONSTANTS = (0, 1, -1, 2, 0.5, -0.5, 1.0, 0.0, 3, -0.0, math.inf, -math.inf, math.nan, 1e-3, True)
TAME = (0, 1, -1, 2, 0.5, -0.5, 1.0, 0.0, 3, 1e-3, True)


class UnfitError(Exception):
    """What was drawn fits nothing; another step is tried."""


Fits = Callable[[Variable], bool]


@dataclass
class Drawn:
    """The variables of a program, and what they are for its inputs' values."""

    chance: random.Random
    tame: bool = True
    smooth: bool = False
    """Whether it is to be derived by differences: then it stays with float64 most of the time."""
    known: list[Variable] = field(default_factory=list[Variable])
    at: dict[Variable, Any] = field(default_factory=dict[Variable, Any])

    def __hash__(self) -> int:
        return id(self)

    def pick(self, fits: Fits = lambda v: True) -> Variable:
        """One of the variables that fit, the last ones more likely."""
        fitting = [v for v in self.known if fits(v)]
        if not fitting:
            raise UnfitError
        return self.chance.choice(fitting[-5:] if self.chance.random() < 0.6 else fitting)

    def shape(self, v: Variable) -> tuple[int, ...]:
        """The sizes that it has here."""
        if v not in self.at:
            self.compute([v])
        return tuple(np.shape(self.at[v]))

    def constant(self, v: Variable | None = None) -> Any:
        """A number that rules look for, or an array of a variable's sizes."""
        number = self.chance.choice(TAME if self.tame else CONSTANTS)
        if v is not None and self.chance.random() < 0.1:
            rng = np.random.default_rng(self.chance.randrange(2**32))
            return T.constant(rng.integers(0, 4, self.shape(v)).astype(v.dtype))
        # True of Python as the condition of a switch is warned of: `==` may have made it.
        return T.constant(True) if number is True else number

    def like(self, v: Variable) -> Any:
        """What an elementwise op may have beside it: its sizes, or 1 that is declared, or a
        number.
        """
        roll = self.chance.random()
        if roll < 0.15:
            return self.constant(v)
        if roll < 0.25:
            return v
        return self.pick(lambda other: self._goes_with(other, v))

    def alike(self, v: Variable) -> Variable:
        """One of the same sizes and dtype."""
        return self.pick(lambda o: o.type == v.type and self.shape(o) == self.shape(v))

    def _goes_with(self, one: Variable, other: Variable) -> bool:
        sizes = zip(one.tensor_type.shape[::-1], other.tensor_type.shape[::-1], strict=False)
        here = zip(self.shape(one)[::-1], self.shape(other)[::-1], strict=False)
        return all(m == n or a == 1 or b == 1 for (a, b), (m, n) in zip(sizes, here, strict=True))

    def whole(self, low: int, high: int) -> int:
        """An integer of a range, both ends in it."""
        return self.chance.randint(low, max(low, high))

    def axis(self, v: Variable) -> int:
        """An axis of it, counted from either end."""
        return self.chance.randrange(-v.ndim, v.ndim) if v.ndim else 0

    def compute(self, results: Iterable[Variable]) -> None:
        """Their numbers, and those of all that they need. Raises what the ops raise, `UnfitError`
        for what is too large.
        """
        with np.errstate(all="ignore"):
            for node in walk_as_written(list(results), self.at):
                if not all(v in self.at or is_constant(v) for v in node.inputs):
                    continue  # of the row that `vectorize_graph` has replaced by rows
                operands = [value_of(v, self.at) for v in node.inputs]
                found = evaluate(node, operands)
                for out, value in zip(node.outputs, found, strict=True):
                    self._check_size(node, value)
                    self.at[out] = value
        for v in results:
            if v not in self.at:
                self.at[v] = value_of(v, self.at)

    def _check_size(self, node: Any, value: Any) -> None:
        if np.size(value) > MOST_ELEMENTS and not isinstance(node.op, ControlOp):
            raise UnfitError

    def learn(self, results: Sequence[Any]) -> None:
        """Take in what a step has made, if it is something to go on with."""
        new = [v for v in results if isinstance(v, Variable) and isinstance(v.type, TensorType)]
        if not new or any(v.ndim > MOST_AXES for v in new):
            raise UnfitError
        if self.smooth and any(self._is_rough(v) for v in new):
            raise UnfitError
        self.compute(new)
        for v in new:
            if self.tame and not self.is_moderate(v) and self.chance.random() < 0.97:
                raise UnfitError
        self.known += [v for v in new if v not in self.known and v.owner is not None]

    def _is_rough(self, v: Variable) -> bool:
        if v.dtype in ("int64", "bool"):
            return self.chance.random() < 0.7
        return v.dtype != "float64"

    def is_moderate(self, v: Variable) -> bool:
        """Whether none of its numbers is large or no number."""
        value = np.asarray(self.at[v])
        if not is_inexact(v.dtype):
            return True
        with np.errstate(all="ignore"):
            return bool(np.all(np.abs(value) < LARGE))


def is_constant(v: Variable) -> bool:
    """Whether it has its value with it."""
    return isinstance(v, Constant)


def is_real(v: Variable) -> bool:
    """Whether it can be derived and derived by: a float."""
    return is_float(v.dtype)
