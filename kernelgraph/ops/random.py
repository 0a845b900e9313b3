"""Ops that draw numbers by chance: a state goes in, the next state and a sample come out.

The state that goes in is never changed. A draw that is used three times in a call is therefore one
draw, and the stream moves on when the function stores the new state.
"""

# NumPy's legacy generators have loose types, and the table's lambdas have none to declare.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any

import numpy as np

from kernelgraph.errors import DTypeError, Operand, ShapeError
from kernelgraph.expect import expect_integer
from kernelgraph.graph import Apply, Constant, Variable, describe
from kernelgraph.mismatches import sized, typed
from kernelgraph.op import Opaque, Size, as_variable
from kernelgraph.ops.moves import NoDerivative
from kernelgraph.ops.sources import constant_size, listed_sizes
from kernelgraph.types import (
    INTEGERS,
    LARGEST_SIZE,
    MOST_DIMENSIONS,
    Array,
    ObjectType,
    Shape,
    TensorType,
    check_dtype,
    listed,
)

RandomState = np.random.RandomState


class RandomVariable(Variable):
    """A sample; `rng` is the shared state it is drawn from, `update` the pair that moves it."""

    __slots__ = ("rng", "update")
    rng: Any
    update: tuple[Any, Variable]


def _permutations(state: RandomState, size: Any, n: Array) -> Array:
    shape = () if size is None else tuple(size)
    rows = [state.permutation(int(n)) for _ in range(int(np.prod(shape)))]
    return np.array(rows, dtype="int64").reshape(*shape, int(n))


def _shuffled_rows(state: RandomState, size: Any, x: Array) -> Array:
    del size
    rows = x.reshape(-1, x.shape[-1])
    orders = [state.permutation(x.shape[-1]) for _ in rows]
    return np.array([row[o] for row, o in zip(rows, orders, strict=True)], x.dtype).reshape(x.shape)


DISTRIBUTIONS: dict[str, tuple[Callable[..., Any], int]] = {
    "uniform": (lambda s, size, low, high: s.uniform(low, high, size), 0),
    "normal": (lambda s, size, mean, std: s.normal(mean, std, size), 0),
    "random_integers": (lambda s, size, low, high: s.randint(low, high + 1, size), 0),
    "binomial": (lambda s, size, n, p: s.binomial(n, p, size), 0),
    "poisson": (lambda s, size, rate: s.poisson(rate, size), 0),
    "choice": (lambda s, size, a, replace, p: s.choice(a, size, bool(replace), p), 0),
    "choice_evenly": (lambda s, size, a, replace: s.choice(a, size, bool(replace)), 0),
    "multinomial": (lambda s, size, n, p: s.multinomial(n, p, size), 1),
    "permutation": (_permutations, 1),
    "shuffle_row_elements": (_shuffled_rows, 0),
}
"""How NumPy draws, and how many dimensions a single draw has."""


def read_size(size: Any, ndim: int | None) -> tuple[Variable | None, Shape | None]:
    """The sizes of a sample as an int64 vector, and what is known of them: None if the parameters
    decide.

    Raises `ShapeError` (KG-S012) for negative sizes, or a symbol of unknown length without `ndim`.
    """
    if size is None:
        return None, None
    if isinstance(size, Variable) and size.ndim == 1:
        length = size.tensor_type.shape[0]
        if ndim is not None:
            length = expect_integer(ndim, "ndim", 0, MOST_DIMENSIONS)
        if isinstance(size, Constant):
            return size, tuple(int(n) for n in size.data)
        if length is None:
            message = f"how many dimensions {describe(size)} asks for is not known: give ndim"
            raise ShapeError(message, code="KG-S012")
        return size, (None,) * length
    entries = [_size_entry(n) for n in listed(size)]
    known = tuple(int(v.data) if isinstance(v, Constant) else None for v in entries)
    if any(n is not None and n < 0 for n in known):
        axes = tuple(axis for axis, n in enumerate(known) if n is not None and n < 0)
        what = f"a sample cannot have the sizes {known}"
        raise ShapeError(what, code="KG-S012", operands=(Operand("the sample", known, axes),))
    return as_variable(entries) if entries else as_variable(np.zeros(0, "int64")), known


def _size_entry(value: Any) -> Variable:
    """A size: a number, or a scalar symbol of integers. Raises `ShapeError` (KG-S012)."""
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        return constant_size(expect_integer(value, "a size", most=LARGEST_SIZE))
    entry: Any = as_variable(value)
    if entry.ndim or entry.dtype not in INTEGERS:
        what = f"the sizes of a sample are integers, not {describe(entry)}"
        raise ShapeError(what, code="KG-S012", operands=(sized(entry),))
    return entry


def sample_shape(node: Apply, sizes: Any, ndim: int) -> tuple[int, ...]:
    """Raises `ShapeError` for negative sizes (KG-S009), and unless there are `ndim` (KG-S012)."""
    shape = tuple(int(n) for n in sizes)
    if len(shape) != ndim:
        raise ShapeError(
            f"{len(shape)} sizes are given for a sample of {ndim} dimensions",
            code="KG-S012",
            origins=node.origins,
            operands=(Operand("the sizes", (len(shape),), (0,)),),
        )
    for n in shape:
        if n < 0:
            raise node.op.negative_size(node, n)
    return shape


class Draw(NoDerivative, Opaque):
    """A sample of one of NumPy's distributions."""

    __props__ = ("kind", "dtype", "shape", "sized")
    name = "draw"

    def __init__(self, kind: str, dtype: str, shape: Shape, sized: bool) -> None:
        self.kind = kind
        self.dtype = check_dtype(dtype)
        self.shape = shape
        self.sized = sized

    def make_node(self, *inputs: Any) -> Apply:
        """Operands: the state, the sizes if there are any, the parameters.

        Raises `DTypeError` for a state that is none.
        """
        state, *others = (as_variable(value) for value in inputs)
        if not isinstance(state.type, ObjectType):
            what = f"{self} draws from a state, not from {describe(state)}"
            raise DTypeError(what, operands=(typed(state, (str(ObjectType()),)),))
        outputs = [
            Variable(ObjectType()),
            RandomVariable(TensorType(self.dtype, self.shape)),
        ]
        return Apply(self, [state, *others], outputs)

    def _own(self, node: Apply) -> int:
        """How many dimensions the sizes say."""
        return node.outputs[1].ndim - DISTRIBUTIONS[self.kind][1]

    def next_states(self, node: Apply) -> Mapping[int, int]:
        return {0: 0}

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        if not self.sized:
            return super().sizes(node)
        found = listed_sizes(node.inputs[1]) or [None] * self._own(node)
        return [[], [*found, *([None] * DISTRIBUTIONS[self.kind][1])]]

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        """The state after the draw, and the sample."""
        state = deepcopy(inputs[0])
        size = sample_shape(node, inputs[1], self._own(node)) if self.sized else None
        draw, _ = DISTRIBUTIONS[self.kind]
        with np.errstate(all="ignore"):
            sample = draw(state, size, *inputs[1 + self.sized :])
        return [state, np.asarray(sample).astype(self.dtype)]
