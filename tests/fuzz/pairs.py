"""Ordered pairs of ops: what one makes, the other takes.

The table has every op of the language by a use of it: elementwise ops as they stand in the table of
ops, all others by a line each. A pair and a dtype make a graph where the types fit; those of a
batch are one function, so that the C compiler runs once for many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

import kernelgraph.tensor as T
from kernelgraph.elementwise import OPS, Elementwise
from kernelgraph.errors import KernelgraphError
from kernelgraph.graph import Graph, Variable

DTYPES = (
    "float64", "float32", "int64", "int8", "uint8", "bool", "complex128", "float16", "complex64",
)  # fmt: skip
Use = Callable[[Any, Any], Any]
"""A result from a variable and a second operand: another one, or a number."""


def _elementwise(op: Elementwise) -> dict[str, Use]:
    match op.arity:
        case 1:
            return {op.name: lambda v, o: op(v)}
        case 2:
            return {op.name: op, f"{op.name}, right": lambda v, o: op(o, v)}
        case _:
            return {op.name: lambda v, o: op(T.gt(v, 0), v, o) if op is T.switch else op(v, o, v)}


def _matrix(use: Callable[[Any], Any]) -> Use:
    """A use of what has two dimensions."""

    def only(v: Any, o: Any) -> Any:
        if v.ndim != 2:
            raise ValueError("no matrix")
        return use(v)

    return only


OTHERS: dict[str, Use] = {
    "sum": lambda v, o: T.sum(v, axis=-1), "sum of all": lambda v, o: T.sum(v),
    "mean": lambda v, o: T.mean(v, axis=0), "var": lambda v, o: T.var(v, axis=-1),
    "max": lambda v, o: T.max(v, axis=-1), "min": lambda v, o: T.min(v, axis=0),
    "argmax": lambda v, o: T.argmax(v, axis=-1), "prod": lambda v, o: T.prod(v, axis=-1),
    "any": lambda v, o: T.any(v, axis=0), "all": lambda v, o: T.all(v, axis=-1),
    "cumsum": lambda v, o: T.cumsum(v, axis=-1), "cumprod": lambda v, o: T.cumprod(v, axis=0),
    "softmax": lambda v, o: T.softmax(v), "log_softmax": lambda v, o: T.log_softmax(v),
    "logsumexp": lambda v, o: T.logsumexp(v, axis=-1),
    "dot": _matrix(lambda v: T.dot(v, v.T)), "dot of a row": _matrix(lambda v: T.dot(v, v[0])),
    "transpose": lambda v, o: v.T, "flatten": lambda v, o: v.flatten(),
    "flip": lambda v, o: v[::-1], "part": lambda v, o: v[1:], "row": lambda v, o: v[0],
    "every second": lambda v, o: v[::2], "picked": lambda v, o: v[T.constant([1, 0, 1])],
    "new axis": lambda v, o: v[:, None], "reshape": lambda v, o: v.reshape((-1, 1)),
    "repeat": lambda v, o: T.repeat(v, 2, axis=0), "tile": lambda v, o: T.tile(v, 2),
    "roll": lambda v, o: T.roll(v, 1), "join": lambda v, o: T.concatenate([v, v[:1]]),
    "stack": lambda v, o: T.stack([v, v]), "set part": lambda v, o: T.set_subtensor(v[:1], v[1:2]),
    "add to part": lambda v, o: T.inc_subtensor(v[1:], v[:-1]),
    "set picked": lambda v, o: T.set_subtensor(v[T.constant([0, 1])], v[:2]),
    "cast to float32": lambda v, o: T.cast(v, "float32"),
    "cast to int8": lambda v, o: T.cast(v, "int8"), "cast to bool": lambda v, o: T.cast(v, "bool"),
    "sort": lambda v, o: T.sort(v, axis=-1), "argsort": lambda v, o: T.argsort(v, axis=-1),
    "diff": lambda v, o: T.diff(v, axis=0), "tril": _matrix(T.tril),
    "diagonal": _matrix(lambda v: v.diagonal()), "outer": lambda v, o: T.outer(v, v),
    "where rows": lambda v, o: T.switch(v[:1] > v, v, o), "size": lambda v, o: v.shape[0],
}  # fmt: skip

USES: dict[str, Use] = {
    **{name: use for op in OPS.values() if op.public for name, use in _elementwise(op).items()},
    **OTHERS,
}
"""Every op of the language, by a name for each place that its operand may have."""


class Pair(NamedTuple):
    """Two uses, one after the other, on operands of a dtype."""

    first: str
    second: str
    dtype: str

    def applied(self, v: Variable, w: Variable) -> Variable | None:
        """The result for two matrices of the dtype; None where the types do not fit."""
        try:
            return USES[self.second](USES[self.first](v, w), 2)
        except (KernelgraphError, ValueError, IndexError):
            return None


def pairs(seed: int, count: int) -> list[Pair]:
    """So many pairs whose types fit, drawn with a seed, all of one dtype."""
    chance = np.random.default_rng(seed)
    dtype, names = DTYPES[seed % len(DTYPES)], list(USES)
    v, w = (T.tensor(dtype, (None, None), name) for name in "vw")
    found: list[Pair] = []
    while len(found) < count:
        first, second = chance.integers(len(names), size=2)
        pair = Pair(names[first], names[second], dtype)
        if pair.applied(v, w) is not None:
            found.append(pair)
    return found


def every_pair() -> Iterator[tuple[str, str, list[str]]]:
    """Every pair with the dtypes that fit."""
    ends = {d: [T.tensor(d, (None, None), name) for name in "vw"] for d in DTYPES}
    for first in USES:
        for second in USES:
            fits = [d for d in DTYPES if Pair(first, second, d).applied(*ends[d]) is not None]
            yield first, second, fits


def graph_of(batch: Sequence[Pair]) -> Graph:
    """One graph with an output for each pair of a batch, which share their operands."""
    v, w = (T.tensor(batch[0].dtype, (None, None), name) for name in "vw")
    made = map(partial(Pair.applied, v=v, w=w), batch)
    return Graph((v, w), tuple(out for out in made if out is not None))


def operands_of(batch: Sequence[Pair], seed: int) -> list[Any]:
    """Two matrices of numbers that most ops take, here and there an odd one."""
    chance = np.random.default_rng(seed)
    shape = (int(chance.choice([2, 3, 5, 17])), int(chance.choice([2, 4, 9, 33])))
    kind = np.dtype(batch[0].dtype).kind
    for_kind: dict[str, Callable[[], Any]] = {
        "f": lambda: np.round(chance.normal(size=shape) * 2, 2),
        "c": lambda: np.round(chance.normal(size=(*shape, 2)) * 2, 2) @ np.array([1, 1j]),
        "i": lambda: chance.integers(-5, 6, size=shape),
        "u": lambda: chance.integers(0, 7, size=shape),
        "b": lambda: chance.integers(0, 2, size=shape),
    }
    return [for_kind[kind]().astype(batch[0].dtype) for _ in range(2)]
