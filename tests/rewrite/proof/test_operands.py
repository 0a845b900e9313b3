"""The numbers on which a rule is tried lie in the domains that it names."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.rewrite.proof.operands import Case, is_enumerable, operands
from kernelgraph.types import Array

INSIDE: dict[str, Callable[[Array], Array]] = {
    "positive": lambda x: x > 0,
    "negative": lambda x: x < 0,
    "finite": np.isfinite,
    "bounded": lambda x: ~np.isinf(x),
    "unit": lambda x: (x >= 0) & (x <= 1),
    "moderate": lambda x: np.abs(x) < 100,
}


def case(dtype: str, domain: str) -> Case:
    x = T.vector("x", dtype=dtype)
    graph = kg.Graph((x,), (x,))
    return Case(0, (x,), (domain,), graph, graph)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("domain", INSIDE)
def test_operands_lie_in_their_domain(domain: str, dtype: str) -> None:
    (values,), (none,) = operands(case(dtype, domain), 1000, np.random.default_rng(1))
    assert values.dtype == dtype
    assert values.size > 5
    assert INSIDE[domain](values).all()
    assert none.size == 0


def test_all_there_are_of_a_byte() -> None:
    assert is_enumerable(case("int8", ""))
    (values,), _ = operands(case("int8", ""), 10, np.random.default_rng(1))
    assert sorted(values.tolist()) == list(range(-128, 128))
