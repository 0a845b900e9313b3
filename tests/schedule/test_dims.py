"""Dimensions by name: what they learn, and who is to blame where they contradict each other."""

from __future__ import annotations

import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.schedule.dims import Dims


@pytest.mark.parametrize("first", [0, 1])
def test_a_dimension_keeps_the_size_that_it_learnt_first(first: int) -> None:
    x, y, z = T.tensor("float64", (3,), "x"), T.tensor("float64", (4,), "y"), T.dvector("z")
    dims = Dims(kg.Graph((x, y, z), (x + z, y + z)))
    asked, other = ((x, 3), (y, 4))[:: 1 if first == 0 else -1]
    dim = dims.of(asked[0], 0)
    assert dims.of(other[0], 0) is dims.of(z, 0) is dim
    assert dim.size == asked[1]
    assert dims.holder(dim, (z, 0)) == (asked[0], 0)
    assert (dim, (asked[0], 0), (other[0], 0), other[1]) in list(dims.contradictions())
