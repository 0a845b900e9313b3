"""Which gradient is meant where none is named."""

from __future__ import annotations

import numpy as np

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.viz.kernels.costs import differentiable, is_cost, last_cost


def test_the_last_scalar_that_depends_on_something() -> None:
    x, n = T.dvector("x"), T.lscalar("n")
    first, last = x.sum(), T.exp(x).sum()
    constant = T.as_tensor_variable(3.0)
    assert last_cost([first, last]) is last
    assert last_cost([first, last, x, n, n * 2, constant]) is last
    assert last_cost([x, n]) is None
    assert last_cost([]) is None


def test_a_cost_is_a_single_float() -> None:
    assert is_cost(T.dscalar("x"))
    assert not is_cost(T.lscalar("n"))
    assert not is_cost(T.dvector("v"))


def test_inputs_and_shared_variables_of_floats() -> None:
    x, n, w = T.dvector("x"), T.lscalar("n"), kg.shared(np.ones(2), name="w")
    assert differentiable((x * w * n * 2.5).sum()) == [x, w]
