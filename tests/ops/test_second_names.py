"""Second names: each is one of ours, and what NumPy means by it."""

from __future__ import annotations

import numpy as np
import pytest

import kernelgraph.tensor as T
from kernelgraph.elementwise import Elementwise
from kernelgraph.ops import second_names


@pytest.mark.parametrize("name", second_names.__all__)
def test_a_second_name_means_what_numpy_means_by_it(name: str) -> None:
    ours, theirs = getattr(T, name), getattr(np, name, None)
    assert [other for other in T.__all__ if getattr(T, other) is ours] != [name]
    if isinstance(ours, Elementwise) and isinstance(theirs, np.ufunc):
        values = np.array([[0.25, 0.5], [0.75, 0.5]])[: ours.arity] + (name == "acosh")
        values = (8 * values).astype("int64") if "shift" in name or "invert" in name else values
        assert ours.numpy(*values) == pytest.approx(theirs(*values), rel=1e-15)
