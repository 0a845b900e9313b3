"""What Theano has of shapes under names or in forms of its own."""

from __future__ import annotations

from typing import Any

from kernelgraph.errors import ShapeError
from kernelgraph.graph import Variable, describe
from kernelgraph.op import as_variable
from kernelgraph.ops.patterns import patternbroadcast
from kernelgraph.ops.views import flatten


class Flatten:
    """Theano's op: `Flatten(2)(x)` is `x.flatten(2)`."""

    def __init__(self, outdim: int = 1) -> None:
        self.outdim = outdim

    def __call__(self, x: Any) -> Variable:
        return flatten(x, self.outdim)


class Rebroadcast:
    """Theano's op: `Rebroadcast((0, True), (1, False))(x)` says which axes are repeated."""

    def __init__(self, *axis: tuple[int, bool]) -> None:
        self.axis = dict(axis)

    def __call__(self, x: Any) -> Variable:
        x = as_variable(x)
        flags = enumerate(x.broadcastable)
        return patternbroadcast(x, [self.axis.get(k, one) for k, one in flags])


def get_vector_length(v: Any) -> int:
    """How many elements a vector is known to have.

    Raises `ShapeError` (KG-S008, a `ValueError`) for another array, and where it is not known.
    """
    x = as_variable(v)
    length = x.tensor_type.shape[0] if x.ndim == 1 else None
    if length is None:
        raise ShapeError(f"the length of {describe(x)} is not known", code="KG-S008")
    return length
