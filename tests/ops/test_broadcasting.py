"""Repeating dimensions of size 1, and its transpose."""

from __future__ import annotations

from typing import Any

import numpy as np

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.ops.broadcasting import broadcast_like, unbroadcast
from kernelgraph.types import TensorType


def known(*shape: int | None) -> Any:
    """A variable of these sizes."""
    return T.tensor("float64", shape, "x")


def test_only_dimensions_of_size_one_are_repeated() -> None:
    repeated = broadcast_like(known(1, None), known(5, None))
    assert repeated.type == TensorType("float64", (5, None))
    assert repeated.owner is not None
    assert repeated.owner.op.axes == (0,)  # pyright: ignore[reportAttributeAccessIssue]


def test_what_has_the_sizes_is_left_alone() -> None:
    x = known(1, None)
    assert broadcast_like(x, known(1, 4)) is x


def test_the_way_back_from_repeating_is_a_sum() -> None:
    g, like = known(3, 2), known(1, 2)
    (summed,) = kg.interpret(kg.Graph((g,), (unbroadcast(g, like),)), [np.ones((3, 2))])
    np.testing.assert_array_equal(summed, [[3.0, 3.0]])
