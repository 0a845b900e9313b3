"""What the host computes for itself: the sizes of arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Apply
from kernelgraph.op import Cotangents, Opaque, Size
from kernelgraph.ops.sources import size
from tests.support import TARGETS


class TwiceTheHalf(Opaque):
    """Its size takes a way through fractions: n / 2 * 2, converted to an integer."""

    __props__ = ()
    name = "twice_the_half"

    def make_node(self, *inputs: Any) -> Apply:
        (x,) = inputs
        return Apply(self, [x], [x.type()])

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        return [[T.cast(size(node.inputs[0], 0) / 2 * 2, "int64")]]

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        return [np.array(inputs[0])]

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        return [None]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("n", [4, 5])
def test_sizes_are_computed_in_the_dtypes_of_their_ops(target: str, n: int) -> None:
    x = T.dvector("x")
    f = kg.function([x], TwiceTheHalf()(x) + 1, target=target)
    assert f(np.zeros(n)).tolist() == [1.0] * n
