"""A tape: values that a loop puts aside at each step, and that the same loop backwards takes again,
last ones first.

A tape is a Python object, so that what is put aside may be anything and have any size: samples, and
the states of random streams.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kernelgraph.graph import Apply, Variable
from kernelgraph.op import Opaque
from kernelgraph.ops.moves import NoDerivative
from kernelgraph.types import ObjectType, Type, is_array


class NewTape(NoDerivative, Opaque):
    """A tape with nothing on it. The operand, a number of steps, is not looked at."""

    __props__ = ()
    name = "new_tape"

    def make_node(self, *inputs: Any) -> Apply:
        return Apply(self, inputs, [Variable(ObjectType())])

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        return [None]


class PutAside(NoDerivative, Opaque):
    """The tape with more values on it."""

    __props__ = ()
    name = "put_aside"

    def make_node(self, *inputs: Any) -> Apply:
        """Operands: the tape, then the values."""
        return Apply(self, inputs, [Variable(ObjectType())])

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        """The tape before, and the values, in memory of their own."""
        tape, *values = inputs
        return [(tape, [np.array(v) if is_array(v) else v for v in values])]


class TakeAgain(NoDerivative, Opaque):
    """The tape before the last values were put on it, and those values, of these types."""

    __props__ = ("types",)
    name = "take_again"

    def __init__(self, types: Sequence[Type]) -> None:
        self.types = tuple(types)

    def make_node(self, *inputs: Any) -> Apply:
        outputs = [Variable(ObjectType()), *(Variable(kind) for kind in self.types)]
        return Apply(self, inputs, outputs)

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        before, values = inputs[0]
        return [before, *values]
