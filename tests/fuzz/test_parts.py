"""Random programs of parts: slices, flips, rows, windows, diagonals, reshapes, joins, paddings,
repeats and updates of one another, with formulas and sums between them, and their gradients.
interpret = python = C.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kernelgraph as kg
import kernelgraph.tensor as T
from tests.schedule.test_parts import calls
from tests.support import cases

pytestmark = pytest.mark.usefixtures("any_numbers")

Step = Callable[[random.Random, Any, tuple[int, ...]], tuple[Any, tuple[int, ...]]]


def cut(draw: random.Random, x: Any, shape: tuple[int, ...]) -> tuple[Any, tuple[int, ...]]:
    """A slice along one axis, with any ends and any step."""
    axis, step = draw.randrange(len(shape)), draw.choice([1, 1, 2, 3, -1, -2])
    ends: list[Any] = [
        draw.choice([None, draw.randint(-shape[axis] - 1, shape[axis] + 1)]) for _ in "ab"
    ]
    part = slice(ends[0], ends[1], step)
    index = (*[slice(None)] * axis, part)
    return x[index], np.empty(shape)[index].shape


def item(draw: random.Random, x: Any, shape: tuple[int, ...]) -> tuple[Any, tuple[int, ...]]:
    axis = draw.randrange(len(shape))
    if len(shape) < 2 or not shape[axis]:
        return x, shape
    index = (*[slice(None)] * axis, draw.randrange(-shape[axis], shape[axis]))
    return x[index], np.empty(shape)[index].shape


def rows(draw: random.Random, x: Any, shape: tuple[int, ...]) -> tuple[Any, tuple[int, ...]]:
    count = draw.randrange(5) if shape[0] else 0
    index = [draw.randrange(-shape[0], shape[0]) for _ in range(count)]
    return x[T.constant(np.array(index, "int64"))], (count, *shape[1:])


def windows(draw: random.Random, x: Any, shape: tuple[int, ...]) -> tuple[Any, tuple[int, ...]]:
    if len(shape) > 2:
        return x, shape
    axis, k, step = draw.randrange(len(shape)), draw.randint(1, 3), draw.randint(1, 2)
    count = max((shape[axis] - k) // step + 1, 0)
    new = (*shape[:axis], count, *shape[axis + 1 :], k)
    return T.windows(x, k, step, axis), new


def diagonal(draw: random.Random, x: Any, shape: tuple[int, ...]) -> tuple[Any, tuple[int, ...]]:
    if len(shape) < 2:
        return x, shape
    offset = draw.randint(-2, 2)
    return T.diagonal(x, offset), np.diagonal(np.empty(shape), offset).shape


def flat(draw: random.Random, x: Any, shape: tuple[int, ...]) -> tuple[Any, tuple[int, ...]]:
    return x.flatten(), (int(np.prod(shape)),)


def joined(draw: random.Random, x: Any, shape: tuple[int, ...]) -> tuple[Any, tuple[int, ...]]:
    """Itself, or a part or a formula of it, before or after it."""
    axis = draw.randrange(-len(shape), len(shape))
    index = (*[slice(None)] * (axis % len(shape)), slice(draw.randint(-2, 2), draw.randint(-2, 2)))
    cut = np.empty(shape)[index].shape[axis]
    parts = [
        (x, shape[axis]),
        draw.choice([(x, shape[axis]), (x * x, shape[axis]), (x[index], cut)]),
    ]
    draw.shuffle(parts)
    k = axis % len(shape)
    new = (*shape[:k], sum(length for _, length in parts), *shape[k + 1 :])
    return T.concatenate([v for v, _ in parts], axis), new


def stacked(draw: random.Random, x: Any, shape: tuple[int, ...]) -> tuple[Any, tuple[int, ...]]:
    if len(shape) > 2:
        return x, shape
    axis = draw.randint(0, len(shape))
    return T.stack([x, x * 2], axis), (*shape[:axis], 2, *shape[axis:])


def padded(draw: random.Random, x: Any, shape: tuple[int, ...]) -> tuple[Any, tuple[int, ...]]:
    widths = [(draw.randint(0, 2), draw.randint(0, 2)) for _ in shape]
    new = tuple(n + a + b for n, (a, b) in zip(shape, widths, strict=True))
    return T.pad(x, widths, constant_values=draw.choice([0, 2])), new


def rolled(draw: random.Random, x: Any, shape: tuple[int, ...]) -> tuple[Any, tuple[int, ...]]:
    axis = draw.choice([None, *range(len(shape))])
    return T.roll(x, draw.randint(-7, 7), axis), shape


def many(draw: random.Random, x: Any, shape: tuple[int, ...]) -> tuple[Any, tuple[int, ...]]:
    axis, count = draw.randrange(len(shape)), draw.randint(0, 3)
    new = (*shape[:axis], shape[axis] * count, *shape[axis + 1 :])
    counts = [count if k == axis else 1 for k in range(len(shape))]
    return draw.choice([T.repeat(x, count, axis), T.tile(x, counts)]), new


def updated(draw: random.Random, x: Any, shape: tuple[int, ...]) -> tuple[Any, tuple[int, ...]]:
    """A part set or added to, by numbers or by another part of the same sizes."""
    part = draw.choice([cut, item, rows])(draw, x, shape)[0]
    if part is x:
        return x, shape
    value = draw.choice([part * part, -part, 2.0])
    return draw.choice([T.set_subtensor, T.inc_subtensor])(part, value), shape


def turned(draw: random.Random, x: Any, shape: tuple[int, ...]) -> tuple[Any, tuple[int, ...]]:
    return x.T, shape[::-1]


def summed(draw: random.Random, x: Any, shape: tuple[int, ...]) -> tuple[Any, tuple[int, ...]]:
    if len(shape) < 2:
        return x, shape
    axis = draw.randrange(len(shape))
    return x.sum(axis=axis), (*shape[:axis], *shape[axis + 1 :])


def formula(draw: random.Random, x: Any, shape: tuple[int, ...]) -> tuple[Any, tuple[int, ...]]:
    return draw.choice([lambda v: v * v, T.tanh, lambda v: v * 2 - 1, lambda v: -v])(x), shape


STEPS: list[Step] = [
    cut, cut, cut, item, rows, windows, diagonal, flat, turned, summed, formula, formula, formula,
    joined, joined, stacked, padded, rolled, many, updated, updated,
]  # fmt: skip


@given(st.integers(0, 2**32))
@cases(tested=16, hunted=2000)
def test_programs_of_parts(seed: int) -> None:
    draw = random.Random(seed)
    shape = tuple(
        draw.randint(0 if draw.random() < 0.1 else 1, 6) for _ in range(draw.randint(1, 2))
    )
    x = T.TensorType("float64", (None,) * len(shape))("x")
    y, size = x, shape
    results: list[Any] = []
    for _ in range(draw.randint(2, 7)):
        y, size = draw.choice(STEPS)(draw, y, size)
        results.append(y)
    cost: Any = sum(((r * r).sum() for r in results[1:]), (results[0] * results[0]).sum())
    outputs = [y, cost, T.grad(cost, x)]
    value = np.random.default_rng(seed).normal(size=shape)
    wanted = kg.function([x], outputs, target="interpret")(value)
    assert wanted[0].shape == size
    for target in ("python", "c"):
        f = kg.function([x], outputs, target=target)
        for got, want in zip(f(value), wanted, strict=True):
            np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-9)
        assert calls(f.stages.program.actions) == 0
