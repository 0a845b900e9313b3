"""Random graphs, valid by construction: every node is computed as soon as it is made, so that sizes
and numbers are known and the next node can be chosen to fit.

All numbers stay whole and small, or infinite, or NaN. Then sums are exact in any order, and back
ends and rewrites must agree to the bit (but for the sign of a zero).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import KernelgraphError
from kernelgraph.graph import Graph, SharedVariable, Variable
from kernelgraph.interpret import interpret
from kernelgraph.ops.broadcasting import broadcast_like
from tests.support import DTYPES, FLOATS, INTEGERS, SIZES, Array, is_complex

REALS = [dtype for dtype in DTYPES if not is_complex(dtype) and dtype != "float16"]
"""dtypes that every op takes, and whose range no number of a graph leaves."""

_LARGEST = 2**20
_MOST_ELEMENTS = 5000

_UNARY: tuple[Any, ...] = (
    T.neg,
    T.abs,
    T.sign,
    T.sqr,
    lambda x: x + 1,
    lambda x: x * 1,
    lambda x: 3 - x,
)
_BINARY: tuple[Any, ...] = (T.add, T.add, T.sub, T.mul, T.maximum, T.minimum)
_COMPARISONS: tuple[Any, ...] = (T.lt, T.le, T.gt, T.ge, T.eq, T.neq)
_REDUCTIONS: tuple[Any, ...] = (T.sum, T.sum, T.max, T.min, T.argmax)


class NothingFitsError(Exception):
    """No variable of the pool suits the node that was wanted."""


class RandomGraph:
    """A graph that grows: `inputs` and `shared` with their `values`, and a pool of all variables so
    far.
    """

    def __init__(self, seed: int, nodes: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.inputs: list[Variable] = []
        self.shared: list[SharedVariable] = []
        self.values: dict[Variable, Any] = {}
        self.sizes = [int(n) for n in self.rng.choice(SIZES, size=3)]
        for _ in range(self.rng.integers(2, 5)):
            self._new_input()
        made = tries = 0
        while made < nodes and tries < 20 * nodes:
            tries += 1
            made += self._grow()
        self.outputs = self._choose_outputs()
        self.updates = [(s, self._like(s)) for s in self.shared]

    # ----------------------------------------------------------------------------------------------

    def _new_input(self) -> Variable:
        rank = int(self.rng.choice([0, 1, 1, 2, 2, 2, 3]))
        return self._input(
            str(self.rng.choice(["float64", "float64", "float32", *REALS])), self._pick_sizes(rank)
        )

    def _pick_sizes(self, rank: int) -> list[int]:
        return [
            1 if self.rng.random() < 0.15 else int(self.rng.choice(self.sizes)) for _ in range(rank)
        ]

    def _input(self, dtype: str, sizes: list[int]) -> Variable:
        value = self._numbers(dtype, sizes)
        if self.rng.random() < 0.2 and dtype in FLOATS:
            variable: Variable = kg.shared(value, f"s{len(self.values)}")
            self.shared.append(variable)
        else:
            shape = [n if self.rng.random() < (0.9 if n == 1 else 0.2) else None for n in sizes]
            variable = T.tensor(dtype, shape, f"x{len(self.values)}")
            self.inputs.append(variable)
        self.values[variable] = value
        return variable

    def _numbers(self, dtype: str, sizes: list[int]) -> Array:
        if dtype == "bool":
            return self.rng.random(size=sizes) < 0.5
        low = 0 if dtype.startswith("uint") else -4
        value = np.asarray(self.rng.integers(low, 5, size=sizes)).astype(dtype)
        if dtype in FLOATS and self.rng.random() < 0.3:
            odd = self.rng.choice([np.nan, np.inf, -np.inf, -0.0], size=sizes)
            value = np.where(self.rng.random(size=sizes) < 0.05, odd, value).astype(dtype)
        return value

    def _choose_outputs(self) -> list[Variable]:
        pool = list(self.values)
        chosen = self.rng.choice(
            len(pool), size=min(len(pool), int(self.rng.integers(2, 7))), replace=False
        )
        return [pool[k] for k in chosen] + pool[-2:]

    def _like(self, shared: SharedVariable) -> Variable:
        """A new value for a shared variable: anything of its dtype and rank."""
        return self._one(
            [v for v in self.values if v.dtype == shared.dtype and v.ndim == shared.ndim]
        )

    # ----------------------------------------------------------------------------------------------

    def _one(self, items: Sequence[Any]) -> Any:
        if not items:
            raise NothingFitsError
        return items[int(self.rng.integers(len(items)))]

    def _any(self, suits: Callable[[Variable], bool] = lambda v: True) -> Variable:
        """One of the variables that suit, of late ones more often."""
        fitting = [v for v in self.values if suits(v)]
        if not fitting:
            raise NothingFitsError
        return fitting[-1 - int(len(fitting) * self.rng.random() ** 2)]

    def _grow(self) -> bool:
        """Try to add one node; tells whether that went well."""
        kinds = [
            self._unary,
            self._binary,
            self._binary,
            self._compare,
            self._choose,
            self._reduce,
            self._reduce,
            self._dot,
            self._view,
            self._view,
            self._slice,
            self._take,
            self._reshape,
            self._cast,
            self._stack,
            self._fill,
            self._lazily,
            self._loop,
            self._nonzero,
            self._softened,
        ]
        try:
            return self._keep(self._one(kinds)())
        except NothingFitsError:
            return False

    def _keep(self, variable: Variable) -> bool:
        if variable in self.values:
            return False
        known = list(self.values)
        try:
            (value,) = interpret(Graph(tuple(known), (variable,)), [self.values[v] for v in known])
        except KernelgraphError:
            return False
        if value.size > _MOST_ELEMENTS or not _is_small(value):
            return False
        self.values[variable] = value
        return True

    def _shape(self, variable: Variable) -> tuple[int, ...]:
        return np.shape(self.values[variable])

    def _fits(self, a: Variable, b: Variable) -> bool:
        """Whether two variables may meet: equal sizes, or 1 by declaration."""
        rank = max(a.ndim, b.ndim)
        rows = [
            [(1, True)] * (rank - v.ndim) + list(zip(self._shape(v), v.broadcastable, strict=True))
            for v in (a, b)
        ]
        return all(m == n or p or q for (m, p), (n, q) in zip(*rows, strict=True))

    def _partner(self, a: Variable) -> Variable:
        if self.rng.random() < 0.3:
            return self._input(
                a.dtype, [n if self.rng.random() < 0.8 else 1 for n in self._shape(a)]
            )
        return self._any(lambda b: self._fits(a, b))

    # ----------------------------------------------------------------------------------------------

    def _unary(self) -> Variable:
        x = self._any(lambda v: v.dtype != "bool")
        return self._one(_UNARY)(x)

    def _binary(self) -> Variable:
        x = self._any(lambda v: v.dtype != "bool")
        y = self._partner(x)
        return self._one(_BINARY)(x, y)

    def _compare(self) -> Variable:
        x = self._any()
        y = self._partner(x)
        return self._one(_COMPARISONS)(x, y)

    def _choose(self) -> Variable:
        condition = self._any(lambda v: v.dtype == "bool")
        x = self._partner(condition)
        y = self._any(lambda v: self._fits(v, x) and self._fits(v, condition))
        return T.switch(condition, x, y)

    def _reduce(self) -> Variable:
        x = self._any(lambda v: v.ndim > 0)
        op = self._one(_REDUCTIONS)
        axes = [k for k in range(x.ndim) if self.rng.random() < 0.6] or [
            int(self.rng.integers(x.ndim))
        ]
        axis: Any = axes[0] if op is T.argmax or len(axes) == 1 else axes
        return op(x, axis=axis, keepdims=bool(self.rng.random() < 0.4))

    def _softened(self) -> Variable:
        """A matrix against its own largest row or column entries: what softmax does."""
        x = self._any(lambda v: v.ndim >= 1 and v.dtype in FLOATS)
        axis = int(self.rng.integers(x.ndim))
        shifted = x - T.max(x, axis=axis, keepdims=True)
        return T.maximum(shifted, -3) + T.sum(T.maximum(shifted, -2), axis=axis, keepdims=True)

    def _dot(self) -> Variable:
        x = self._any(lambda v: v.ndim in (1, 2) and v.dtype != "bool")
        inner = self._shape(x)[-1]
        if self.rng.random() < 0.5:
            return T.dot(
                x, self._input(x.dtype, [inner, *self._pick_sizes(int(self.rng.integers(0, 2)))])
            )
        return T.dot(
            x,
            self._any(
                lambda v: v.ndim in (1, 2) and self._shape(v)[0] == inner and v.dtype != "bool"
            ),
        )

    def _view(self) -> Variable:
        x = self._any()
        dropped = [k for k, b in enumerate(x.broadcastable) if b and self.rng.random() < 0.5]
        order: list[Any] = [int(k) for k in self.rng.permutation(x.ndim) if k not in dropped]
        for _ in range(int(self.rng.integers(0, max(1, 4 - len(order))))):
            order.insert(int(self.rng.integers(len(order) + 1)), "x")
        return x.dimshuffle(*order)

    def _slice(self) -> Variable:
        x = self._any(lambda v: v.ndim > 0)
        index: list[Any] = []
        for n in self._shape(x)[: int(self.rng.integers(1, x.ndim + 1))]:
            if n and self.rng.random() < 0.3:
                index.append(self._maybe_symbol(int(self.rng.integers(-n, n))))
                continue
            ends = [self._end(n) for _ in range(2)]
            start, stop = (None if self.rng.random() < 0.3 else end for end in ends)
            index.append(slice(start, stop, self._one([None, 1, 2, 3, -1, -2, -3])))
        return x[tuple(index)]

    def _end(self, n: int) -> Any:
        """One end of a slice: any number will do."""
        whole = self._whole_numbers()
        if whole and self.rng.random() < 0.2:
            return self._one(whole)
        return self._maybe_symbol(int(self.rng.integers(-n - 2, n + 3)))

    def _whole_numbers(self) -> list[Variable]:
        return [v for v in self.values if v.ndim == 0 and v.dtype in INTEGERS]

    def _maybe_symbol(self, number: int) -> Any:
        if self.rng.random() < 0.7:
            return number
        computed = [v for v in self._whole_numbers() if self.values[v] == number]
        if computed and self.rng.random() < 0.7:
            return self._one(computed)
        symbol = T.tensor("int64", (), f"x{len(self.values)}")
        self.inputs.append(symbol)
        self.values[symbol] = np.array(number)
        return symbol

    def _take(self) -> Variable:
        x = self._any(lambda v: v.ndim > 0 and self._shape(v)[0] > 0)
        n = self._shape(x)[0]
        index = T.tensor(
            str(self.rng.choice(INTEGERS[:4])),
            (None,) * int(self.rng.integers(1, 3)),
            f"x{len(self.values)}",
        )
        self.inputs.append(index)
        value = self.rng.integers(-n, n, size=self._pick_sizes(index.ndim)).astype(index.dtype)
        self.values[index] = value
        return x[index]

    def _reshape(self) -> Variable:
        x = self._any()
        if self.rng.random() < 0.5:
            return x.flatten()
        shape = list(self._shape(x))
        if len(shape) >= 2 and self.rng.random() < 0.5:
            shape[:2] = [shape[0] * shape[1]]
        else:
            shape.insert(int(self.rng.integers(len(shape) + 1)), 1)
        sizes: list[Any] = [self._maybe_symbol(n) for n in shape]
        if self.rng.random() < 0.4 and 0 not in shape:
            sizes[int(self.rng.integers(len(sizes)))] = -1
        return x.reshape(sizes)

    def _cast(self) -> Variable:
        x = self._any()
        return x.astype(str(self.rng.choice(REALS)))

    def _stack(self) -> Variable:
        if self.rng.random() < 0.3:
            return self._any().shape
        scalars = [v for v in self.values if v.ndim == 0]
        return T.stack(*(self._one(scalars) for _ in range(int(self.rng.integers(1, 4)))))

    def _fill(self) -> Variable:
        x = self._any()
        if self.rng.random() < 0.5 or not any(x.broadcastable):
            return self._one([T.zeros_like, T.ones_like])(x)
        like = self._any(lambda v: v.ndim == x.ndim and self._fits(v, x))
        return broadcast_like(x, like)

    def _lazily(self) -> Variable:
        condition = self._any(lambda v: v.ndim == 0)
        x = self._any(lambda v: v.dtype in FLOATS)
        y = self._any(lambda v: v.dtype == x.dtype and v.ndim == x.ndim)
        return kg.ifelse(condition, x + 1, y * 2)

    def _loop(self) -> Variable:
        x = self._any(lambda v: v.ndim in (1, 2) and v.dtype in FLOATS)
        fixed = self._any(lambda v: v.ndim == 0 and v.dtype == x.dtype)
        start = T.sum(x, axis=0)

        def both(row: Any, state: Any) -> list[Any]:
            return [state - row, (state * 2 + fixed).sum()]

        match int(self.rng.integers(3)):
            case 0:
                return kg.scan(lambda row, s: T.maximum(s + row, -5), [x], [start])[0]
            case 1:
                return kg.scan(both, [x], [start, None])[0][1]
            case _:
                return kg.scan(lambda state: state + fixed, outputs_info=[start], n_steps=3)[0][-1]

    def _nonzero(self) -> Variable:
        x = self._any(lambda v: v.ndim == 1)
        return T.flatnonzero(x)


def _is_small(value: Array) -> bool:
    if value.dtype.kind != "f":
        return True
    finite = value[np.isfinite(value)]
    return bool(
        finite.size == 0
        or (np.abs(finite).max() < _LARGEST and np.array_equal(finite, np.round(finite)))
    )


__all__ = ["RandomGraph"]
