"""Cases of more ways to move numbers: by masks, mixed indices and counts, and of views that check
sizes or change derivatives only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

import kernelgraph.tensor as T
from kernelgraph.ops import declared, einsum, splitting
from kernelgraph.ops.gathering import Gather
from tests.every_op.cases import Case, accepted, rng_of, some_dtypes
from tests.support import Array, draw

ROWS = np.array([2, 0, 1])
MASK = np.array([True, False, True])

USES: dict[str, tuple[Callable[..., Any], Sequence[Array]]] = {
    "padded by a derivative": (lambda x: T.grad(T.sum(T.concatenate([x, x]) * 2.0), x), []),
    "rolled by a number": (lambda x, n: T.roll(x, n, axis=1), [np.array(2)]),
    "mixed index": (lambda x, k: x[1:, k], [ROWS]),
    "set by a mixed index": (lambda x, k: T.set_subtensor(x[1:, k], 1), [ROWS]),
    "added to a mixed index": (lambda x, k: T.inc_subtensor(x[1:, k], 1), [ROWS]),
    "index with new axes": (lambda x, k: x[k, None, 1:], [ROWS]),
    "by a mask": (lambda x, m: x[m], [MASK]),
    "set by a mask": (lambda x, m: T.set_subtensor(x[m], 1), [MASK]),
    "added rows": (lambda x, k: T.inc_subtensor(x[k], x), [ROWS]),
    "nonzero values": (T.nonzero_values, []),
    "repeated": (lambda x, n: T.repeat(x, n, axis=0), [np.array([2, 0, 1])]),
    "split": (lambda x: T.split(x, [1, 2], 2), []),
    "sections": (lambda x: splitting.sections(x, 3), []),
    "declared sizes": (lambda x: T.specify_shape(x, (3, 4)), []),
    "broadcast to": (lambda x: T.broadcast_to(T.addbroadcast(x[:1], 0), (5, 4)), []),
    "declared as what it replaces": (
        lambda x: declared.as_type(x * 1, T.tensor(x.dtype, (3, 4), "old")), [],
    ),
    "a square array": (lambda x: einsum.Square(0, 1)(x[:, :3]), []),
    "the diagonal by labels": (lambda x: T.einsum("ii->i", x[:, :3]), []),
    "chosen rows": (lambda x, k: T.choose(k, [x, x[::-1], x]), [np.array([0, 2, 1, 0])]),
    "taken": (lambda x, k: T.take(x, k, axis=1, mode="wrap"), [np.array([-7, 9])]),
    "taken along": (
        lambda x, k: T.take_along_axis(x, k, 1), [np.array([[0, 3], [1, 1], [2, 0]])],
    ),
    "compressed": (lambda x, m: T.compress(m, x, axis=0), [MASK]),
    "constant for derivatives": (T.disconnected_grad, []),
    "without derivative": (T.undefined_grad, []),
    "clipped derivative": (lambda x: T.grad_clip(x, -1, 1), []),
    "scaled derivative": (lambda x: T.grad_scale(x, 2), []),
    "written by a derivative": (
        lambda x, k: T.grad(T.sum(T.set_subtensor(x[k], x[k][::-1]) ** 2), x), [ROWS],
    ),
    "gathered back": (lambda x, k: Gather()(x, k).sum(axis=0), [ROWS]),
    "numbers from coordinates": (
        lambda x, k: T.ravel_multi_index((k, k), (3, 4)), [ROWS],
    ),
    "coordinates from numbers": (lambda x, k: T.unravel_index(k, (3, 4)), [ROWS]),
    "one hot": (lambda x, k: T.to_one_hot(k, 4, x.dtype), [ROWS]),
    "arange": (lambda x: T.arange(T.cast(x.shape[0], "int64")), []),
    "a list of sizes": (lambda x: T.stack([x.shape[0], x.shape[1]]), []),
}  # fmt: skip
"""A function of a matrix of any dtype, and of more arrays."""


def move_cases() -> Iterator[Case]:
    """For the dtypes that an op takes."""
    for name, (use, more) in USES.items():
        for dtype in some_dtypes(name, "float64"):
            label = f"{name} {dtype}"
            yield from accepted(label, use, [draw(rng_of(label), dtype, (3, 4)), *more])
