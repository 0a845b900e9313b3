"""MRG31k3p: a combined multiple recursive generator whose streams can be jumped to.

Source: P. L'Ecuyer and R. Touzin, Fast combined multiple recursive generators with multipliers of
the form a = ±2^q ± 2^r, Proc. Winter Simulation Conference (2000), 683-689.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from kernelgraph.types import Array

M1, M2 = 2**31 - 1, 2**31 - 21069
NORMS = {
    "float64": np.float64(2.0**-31),
    "float32": np.nextafter(np.float32(2.0**-31), np.float32(0)),
}
"""What turns a draw into a number below 1; the largest draw, as float32, needs a little less."""

FIRST = ((0, 2**22, 2**7 + 1), (1, 0, 0), (0, 1, 0))
SECOND = ((2**15, 0, 2**15 + 1), (1, 0, 0), (0, 1, 0))
"""One step of each half of the state, newest number first, as a matrix."""

Matrix = tuple[tuple[int, ...], ...]
GeneratorState = tuple[int, ...]


def mrg31k3p(state: Array, count: int, dtype: str = "float64") -> tuple[Array, Array]:
    """The state after `count` draws (int32, a row of six for each stream), and what was drawn:
    numbers between 0 and 1, taken from the streams in turn.
    """
    rows = state.astype(np.int64)
    streams = len(rows)
    sample = np.empty(count, dtype=np.int64)
    for first in range(0, count, streams):
        active = rows[: min(streams, count - first)]
        x = (FIRST[0][1] * active[:, 1] + FIRST[0][2] * active[:, 2]) % M1
        y = (SECOND[0][0] * active[:, 3] + SECOND[0][2] * active[:, 5]) % M2
        active[:, 1:3] = active[:, 0:2].copy()
        active[:, 4:6] = active[:, 3:5].copy()
        active[:, 0], active[:, 3] = x, y
        difference = x - y
        sample[first : first + len(active)] = np.where(x <= y, difference + M1, difference)
    return rows.astype(np.int32), sample.astype(dtype) * NORMS[dtype]


def _times(a: Matrix, b: Matrix, modulus: int) -> Matrix:
    columns = list(zip(*b, strict=True))
    return tuple(
        tuple(sum(x * y for x, y in zip(row, column, strict=True)) % modulus for column in columns)
        for row in a
    )


@cache
def _jump_matrices(doublings: int) -> tuple[Matrix, Matrix]:
    """The matrices of 2**doublings steps."""
    first, second = FIRST, SECOND
    for _ in range(doublings):
        first, second = _times(first, first, M1), _times(second, second, M2)
    return first, second


def jump(state: GeneratorState, doublings: int) -> GeneratorState:
    """The state 2**doublings steps later."""
    halves = zip(_jump_matrices(doublings), (state[:3], state[3:]), (M1, M2), strict=True)
    return tuple(
        sum(a * x for a, x in zip(row, half, strict=True)) % modulus
        for matrix, half, modulus in halves
        for row in matrix
    )


def spaced(state: GeneratorState, count: int, doublings: int) -> Array:
    """So many states, each 2**doublings steps after the one before, as the rows of an int32 array;
    those there already are jumped all together, so that their number doubles.
    """
    rows = np.array([state], dtype=np.int64)
    while len(rows) < count:
        first, second = map(np.array, _jump_matrices(doublings + (len(rows) - 1).bit_length()))
        x = (rows[:, None, :3] * first % M1).sum(axis=2) % M1
        y = (rows[:, None, 3:] * second % M2).sum(axis=2) % M2
        rows = np.vstack([rows, np.hstack([x, y])])
    return rows[:count].astype(np.int32)
