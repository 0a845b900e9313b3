"""Theano's names for shapes."""

from __future__ import annotations

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import ShapeError
from kernelgraph.theano.shapes import Flatten, Rebroadcast, get_vector_length


def test_ops_in_theanos_form_are_our_functions() -> None:
    x = T.dtensor3("x")
    outputs = [Flatten(2)(x), Flatten()(x), Rebroadcast((0, True), (1, False))(x)]
    assert outputs[2].broadcastable == (True, False, False)
    value = np.arange(6.0).reshape(1, 2, 3)
    found = kg.function([x], outputs, target="interpret")(value)
    assert [v.shape for v in found] == [(1, 6), (6,), (1, 2, 3)]


def test_the_length_of_a_vector_is_known_or_not() -> None:
    assert get_vector_length(T.dmatrix("x").shape) == 2
    assert get_vector_length([1, 2, 3]) == 3
    with pytest.raises(ShapeError, match="is not known"):
        get_vector_length(T.dvector("v"))
