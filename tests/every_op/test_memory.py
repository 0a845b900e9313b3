"""Shapes alone, arrays that lie in memory in every way, and empty ones."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import kernelgraph.tensor as T
from kernelgraph.function import function
from kernelgraph.graph import Variable
from kernelgraph.ops import broadcasting, sources
from kernelgraph.schedule.schedule import HostStep
from tests.every_op.cases import Case, equal_but_for_zeros
from tests.every_op.table import ALL
from tests.support import LAYOUTS, SIZES, Array, lay_out, on_all_targets, same, tame

pytestmark = pytest.mark.usefixtures("any_numbers", "cache_of_this_run")


def _kinds() -> dict[tuple[Any, ...], tuple[Case, Variable]]:
    """One result of every op that says how large it is without running."""
    found: dict[tuple[Any, ...], tuple[Case, Variable]] = {}
    for case in ALL:
        for out in case.outputs:
            node = out.owner
            if node is None or not out.ndim or None in node.op.sizes(node)[out.index]:
                continue
            key = (type(node.op), node.op.name, out.ndim)
            found.setdefault(key, (case, out))
    return found


def test_a_shape_alone_computes_nothing() -> None:
    """`op(x).shape` works out sizes; no loop and no call of the op is in the schedule."""
    for (kind, name, rank), (case, out) in _kinds().items():
        if kind is sources.MakeVector:  # a shape is such a list itself
            continue
        f = function(case.inputs, T.shape(out), target="python", on_unused_input="ignore")
        steps = f.stages.schedule.steps
        computed = [
            node
            for step in steps
            for node in ([step.node] if isinstance(step, HostStep) else step.body.nodes())
        ]
        assert out.owner is not None
        assert out.owner.op not in [node.op for node in computed], (name, rank, computed)


# ------------------------------------------------------------------------------------------- sizes


def _everything(dtype: str) -> tuple[list[Variable], list[Variable]]:
    """One use of every way to read memory, for a matrix, a row, a column, a vector and indices."""
    x, z = (T.tensor(dtype, (None, None), name) for name in "xz")
    row, column = T.tensor(dtype, (1, None), "row"), T.tensor(dtype, (None, 1), "column")
    v, k, n = T.tensor(dtype, (None,), "v"), T.lvector("k"), T.lscalar("n")
    outputs = [
        x + z,
        x * row,
        column + row,
        T.maximum(x, column),
        x + v,
        v.dimshuffle(0, "x") + v,
        T.eq(x, z),
        x.T,
        x.T + z.T,
        x[::2, ::-1],
        x[n:],
        x[:, n:],
        x[k],
        v[k],
        x.flatten(),
        x.T.flatten(),
        x.reshape((-1, 1)),
        T.sum(x),
        T.sum(x, axis=0),
        T.sum(x, axis=1),
        T.sum(x * z + row, axis=1),
        T.sum(column + row, axis=0, keepdims=True),
        T.argmax(v + v),
        T.switch(T.lt(x, row), x, z),
        v[::-1] * v,
        T.zeros_like(x),
        broadcasting.broadcast_like(row, x),
        x.astype("float32"),
        v,
        T.stack(v[0], v[-1]),
        T.dot(x, v),
        T.dot(x.T, z),
    ]
    return [x, z, row, column, v, k, n], outputs


def _values(
    rng: np.random.Generator, dtype: str, rows: int, columns: int, layout: str
) -> list[Any]:
    def made(*shape: int) -> Array:
        whole = tame(rng, "int8", shape).astype(dtype)
        return lay_out(whole, layout)

    k = lay_out(rng.integers(-rows, rows, size=6), layout)
    return [
        made(rows, columns),
        made(rows, columns),
        made(1, columns),
        made(rows, 1),
        made(columns),
        k % min(rows, columns),
        1,
    ]


@pytest.mark.parametrize("dtype", ["float64", "float32", "int16", "uint8"])
def test_sizes_and_layouts(dtype: str) -> None:
    """Arrays that lie in memory in every way, of every small size; the inputs stay as they were."""
    inputs, outputs = _everything(dtype)
    made = on_all_targets(inputs, outputs)
    rng = np.random.default_rng(0)
    sizes = [n for n in SIZES if n]
    for number, (layout, rows, columns) in enumerate(itertools.product(LAYOUTS, sizes, sizes)):
        arrays = _values(rng, dtype, rows, columns, layout)
        before = [np.array(value) for value in arrays]
        expected = made["interpret"](*arrays)
        targets = ("python", "c") if rows * columns < 50 and number % 7 == 0 else ("c",)
        for target in targets:
            for out, a, b in zip(outputs, expected, made[target](*arrays), strict=True):
                assert equal_but_for_zeros(a, b), (
                    f"{out} of {rows} x {columns} numbers, {layout}, on {target}"
                )
        assert all(same(a, np.asarray(b)) for a, b in zip(before, arrays, strict=True)), (
            "an input was changed"
        )


@pytest.mark.parametrize("dtype", ["float64", "int8"])
@pytest.mark.parametrize(("rows", "columns"), [(0, 0), (0, 3), (3, 0), (0, 1), (1, 0)])
def test_nothing(dtype: str, rows: int, columns: int) -> None:
    """Empty arrays: everything but what needs an element."""
    inputs, outputs = _everything(dtype)
    outputs = [
        out
        for out in outputs
        if "take" not in str(out) and "argmax" not in str(out) and "stack" not in str(out)
    ]
    made = on_all_targets(inputs, outputs)
    shapes = [(rows, columns), (rows, columns), (1, columns), (rows, 1), (columns,)]
    arrays = [np.zeros(shape, dtype) for shape in shapes]
    expected = made["interpret"](*arrays, [], 0)
    for target in ("python", "c"):
        for out, a, b in zip(outputs, expected, made[target](*arrays, [], 0), strict=True):
            assert same(a, b), f"{out} on {target}"
