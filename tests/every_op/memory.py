"""Cases of ops that only move numbers: views, parts, joins, gathering, writing into parts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

import kernelgraph.tensor as T
from kernelgraph.elementwise import DimShuffle
from kernelgraph.graph import Variable
from kernelgraph.ops import (
    blocks,
    broadcasting,
    gathering,
    indexing,
    passing,
    positions,
    sources,
    strided,
)
from tests.every_op.cases import Case, case, rng_of
from tests.support import DTYPES, draw, is_inexact, tame


def view_cases() -> Iterator[Case]:
    for dtype in DTYPES:
        rng = rng_of(f"views of {dtype}")
        matrix, column = draw(rng, dtype, (5, 3)), draw(rng, dtype, (5, 1))
        yield case(f"transpose {dtype}", DimShuffle((1, 0)), [matrix])
        yield case(f"dimshuffle {dtype}", DimShuffle(("x", 1, "x", 0)), [matrix])
        yield case(f"passing {dtype}", passing.ZeroGrad(), [matrix])
        yield case(f"drop {dtype}", DimShuffle((0,)), [column])
        yield case(f"broadcast {dtype}", broadcasting.broadcast_like, [column, matrix])
        yield case(f"paired {dtype}", positions.paired, [matrix, matrix])
        mask = np.arange(3) == np.array([0, 2, 1, 0, 1])[:, None]
        yield case(f"picked {dtype}", positions.only, [mask, matrix])
        yield case(f"reshape {dtype}", lambda x: x.reshape((3, -1)), [matrix])
        yield case(f"flatten the transpose {dtype}", lambda x: x.T.flatten(), [matrix])
        yield case(f"reshape to a scalar {dtype}", lambda x: x.reshape(()), [column[:1]])
        yield case(f"a part {dtype}", lambda x: x[3:0:-2, 1], [matrix])
        yield case(f"stack {dtype}", lambda x, y: T.stack(x, y, x), [matrix[0, 0], matrix[1, 1]])


def _second_half(x: Variable) -> Variable:
    """Blocks lie inside of their arrays: here that of the second operand of a join."""
    n = sources.size(x, 0)
    return blocks.Block((0,))(T.concatenate([x, x]), n, n)


def index_cases() -> Iterator[Case]:
    for dtype in DTYPES:
        label = f"indexing {dtype}"
        x, y = draw(rng_of(label), dtype, (7, 3)), draw(rng_of(label), dtype, (7,))
        spec = (indexing.Slice(), indexing.Item())
        ends = [np.array(n) for n in (-1, 1, -2, -2)]
        yield case(f"subtensor {dtype}", indexing.Subtensor(spec), [x, *ends])
        sizes = [np.array(n) for n in (7, 3)]
        yield case(
            f"its transpose {dtype}", indexing.SubtensorTranspose(spec, 2), [y[:3], *ends, *sizes]
        )
        yield case(f"joined {dtype}", lambda u, v: T.concatenate([u, v[:2], u]), [y, y])
        yield case(f"joined columns {dtype}", lambda u: T.concatenate([u, u[:, :1]], 1), [x])
        yield case(f"rolled {dtype}", lambda u: T.roll(u, 2, axis=0), [x])
        yield case(f"a block {dtype}", _second_half, [x])
        yield case(f"padded {dtype}", lambda u: T.pad(u, ((1, 1), (0, 2)), "constant", 1), [x])
        yield case(f"set {dtype}", lambda u, v: T.set_subtensor(u[1:6:2, 1], v[:3]), [x, y])
        yield case(f"added {dtype}", lambda u, v: T.inc_subtensor(u[-3:, 0], v[:3]), [x, y])
        where = np.array([0, -1, 3, 0])
        yield case(f"set rows {dtype}", lambda u, w: T.set_subtensor(u[w], u[:4]), [x, where])
        yield case(f"windows {dtype}", lambda v: strided.windows(v, (3, 2), 2), [x])
        yield case(f"a diagonal {dtype}", lambda v: strided.diagonal(v, -1), [x])
        if dtype != "bool":
            part = tame(rng_of(label), dtype, (5, 3))
            back = strided.StridedTranspose((((0, 1),), ((0, 2),)), 1)
            sizes = [np.array(n) for n in (5, 3, 9)]
            yield case(f"add windows {dtype}", back, [part, *sizes])
        rows = np.array([[0, -1, 3], [6, -7, 3]])
        yield case(f"take {dtype}", gathering.Gather(), [x, rows])
        yield case(f"take columns {dtype}", lambda u, k: u[::2, k % 3], [x, rows])
        yield case(f"take here and there {dtype}", lambda u, k: u[k, :, None][:, 1], [x, rows])
        yield case(f"take one number {dtype}", gathering.Gather(), [y, rows[0]])
        yield case(f"nonzero {dtype}", T.flatnonzero, [y])
        yield case(f"masked {dtype}", lambda u, v: u[T.gt(v, 1), 1:], [x, y.real])
        if not is_inexact(dtype) and dtype not in ("bool", "uint64"):
            where = np.array([0, 2, 1, 0], dtype=dtype)
            yield case(f"positions {dtype}", positions.position, [where, np.array(3)])
            labels = [where, np.array(3), np.zeros(4, "bool")]
            yield case(f"labels {dtype}", positions.label, labels)
        if dtype != "bool":
            wide = tame(rng_of(label), dtype, (2, 3, 4))
            yield case(
                f"add to rows {dtype}", gathering.GatherTranspose(), [wide, rows % 7, np.array(7)]
            )


def size_of_cases() -> Iterator[Case]:
    for dtype in DTYPES:
        x = draw(rng_of(dtype), dtype, (3, 0, 4))
        yield case(f"sizes {dtype}", lambda x: [sources.SizeOf(axis)(x) for axis in range(3)], [x])
        yield case(f"counting {dtype}", lambda x: positions.count(T.shape(x)[2]), [x])
        yield case(f"a shape {dtype}", lambda x: T.shape(x * x if x.dtype != "bool" else x), [x])
