"""Cases of ops that hold graphs, and of a user's own in C and in Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Variable
from tests.every_op.cases import Case, accepted, case, rng_of, some_dtypes
from tests.support import Array, draw


def _loop(x: Variable) -> Any:
    return kg.scan(lambda row, state: T.switch(row > state, row, state), [x], [x[0]])[0]


def _branch(x: Variable) -> Any:
    return kg.ifelse(x[0, 0] > 0, x[1:], x[:-1])


def _enclosed(x: Variable) -> Any:
    inner = T.tensor(x.dtype, (None, None), "inner")
    return T.OpFromGraph([inner], [inner[::-1], T.eq(inner, inner.T[0, 0])])(x)


USES: dict[str, Callable[[Variable], Any]] = {
    "loop": _loop, "branch": _branch, "enclosed graph": _enclosed,
}  # fmt: skip


def graph_cases() -> Iterator[Case]:
    """For the dtypes that an op takes."""
    for name, use in USES.items():
        for dtype in some_dtypes(name, "float64"):
            label = f"{name} {dtype}"
            yield from accepted(label, use, [draw(rng_of(label), dtype, (3, 4))])
    yield case("own op", _turned, [np.arange(12.0).reshape(3, 4)])
    yield case("own op with sizes", _flipped, [np.arange(12.0).reshape(3, 4)])
    yield case("own op in C", _doubled, [np.arange(5.0)])


@kg.as_op([T.dmatrix], [T.dmatrix])
def _turned(x: Array) -> Array:
    return x[::-1].copy()


@kg.as_op([T.dmatrix], [T.dmatrix], lambda node, shapes: shapes)
def _flipped(x: Array) -> Array:
    return x[:, ::-1].copy()


@kg.as_op(
    [T.dvector],
    [T.dvector],
    signature="(n)->(n)",
    c="for (int64 i = 0; i < n; i++) out[i] = 2 * x[i];",
)
def _doubled(x: Array) -> Array:
    return 2 * x
