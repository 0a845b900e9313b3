"""Graphs that read and write parts of arrays: slices, windows, diagonals, rows by index, loops."""

from __future__ import annotations

from typing import Any

import numpy as np

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Graph


def differences() -> Graph:
    """Neighbours, subtracted."""
    x = T.dvector("x")
    steps = x[1:] - x[:-1]
    return Graph((x,), (steps, T.grad((steps**2).sum(), x)))


def joined_parts() -> Graph:
    """A flip, a pad and a slice, side by side."""
    x, y = T.dvector("x"), T.dvector("y")
    joined = T.concatenate([x[::-1], T.pad(T.exp(y), (1, 2)), x[1:] * 2])
    return Graph((x, y), (joined, *T.grad((joined**2).sum(), [x, y])))


def convolution() -> Graph:
    """Windows times filters, with the gradients of both."""
    x, filters = T.dtensor3("x"), T.dtensor4("filters")
    rows, columns = filters.shape[2], filters.shape[3]
    windows = T.windows(x, (rows, columns))  # channel, row, column, row and column inside
    product = windows.dimshuffle("x", 0, 1, 2, 3, 4) * filters.dimshuffle(0, 1, "x", "x", 2, 3)
    out = product.sum(axis=(1, 4, 5))
    return Graph((x, filters), (out, *T.grad((out**2).sum(), [x, filters])))


def max_pooling() -> Graph:
    """The largest of each two by two numbers."""
    x = T.dmatrix("x")
    out = T.max(T.windows(x, (2, 2), step=2), axis=(2, 3))
    return Graph((x,), (out, T.grad((out**2).sum(), x)))


def diagonal_sum() -> Graph:
    """The trace."""
    x = T.dmatrix("x")
    trace = T.diagonal(x).sum()
    return Graph((x,), (trace, T.grad(trace**2, x)))


def embedding() -> Graph:
    """Rows of a table by number, and the gradient of the table."""
    table, words, wanted = T.dmatrix("table"), T.lvector("words"), T.dmatrix("wanted")
    loss = ((table[words] - wanted) ** 2).sum()
    return Graph((table, words, wanted), (loss, T.grad(loss, table)))


def two_steps_back() -> Graph:
    """A loop with two states back, which slices, flips and takes."""
    x, k, first = T.dmatrix("x"), T.lvector("k"), T.dmatrix("first")

    def step(row: Any, at: Any, before: Any, last: Any) -> Any:
        return last[1:].sum() * before * 0.1 + row[::-1] + T.tanh(last)[at]

    states, _ = kg.scan(step, sequences=[x, k], outputs_info=[{"initial": first, "taps": [-2, -1]}])
    return Graph((x, k, first), (states[-1], *T.grad((states**2).sum(), [x, first])))


def linear_equations() -> Graph:
    """A system solved, with the gradients of both sides."""
    a, b = T.dmatrix("a"), T.dvector("b")
    x = T.slinalg.solve(a, b)
    return Graph((a, b), (x, *T.grad((x**2).sum(), [a, b])))


def _normal(*shape: int) -> Any:
    return np.random.default_rng(sum(shape)).normal(size=shape)


VALUES: dict[Any, tuple[Any, ...]] = {
    differences: (_normal(9),),
    joined_parts: (_normal(5), _normal(4)),
    convolution: (_normal(2, 6, 7), _normal(3, 2, 3, 2)),
    max_pooling: (_normal(6, 8),),
    diagonal_sum: (_normal(4, 6),),
    embedding: (_normal(5, 3), np.array([4, 0, 4, 1]), _normal(4, 3)),
    two_steps_back: (_normal(6, 4), np.array([0, 3, 1, 1, 2, 0]), _normal(2, 4)),
    linear_equations: (_normal(4, 4), _normal(4)),
}
"""Inputs for each of the graphs."""
