"""Parts and what is scattered: what unrolled loops leave behind is one scatter for each place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.op import Scatter

STEPS: dict[str, Callable[[Any], Any]] = {
    "as it is": lambda z: z,
    "positive part": lambda z: T.maximum(z, 0),
    "leaky": lambda z: T.switch(z > 0, z, 0.1 * z),
    "clipped": lambda z: T.clip(z, -1, 1),
    "magnitude": abs,
    "tanh": T.tanh,
}


@pytest.mark.parametrize("name", STEPS)
def test_an_unrolled_loop_scatters_once_for_each_parameter(name: str) -> None:
    th, x = T.dvector("th"), T.dvector("x")
    h: Any = T.constant(0.3)
    for k in range(12):
        h = STEPS[name](th[0] * h + th[1] * x[k])
    gradient = T.grad(h, th)
    f = kg.function([th, x], [h, gradient], target="python")
    scattered = [n for n in f.stages.rewriting.graph.apply_nodes() if isinstance(n.op, Scatter)]
    assert len(scattered) == 2
    values = [np.array([0.7, -0.4]), np.linspace(-1, 2, 12)]
    wanted = kg.function([th, x], [h, gradient], target="interpret", mode="FAST_COMPILE")(*values)
    for got, want in zip(f(*values), wanted, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-12)
