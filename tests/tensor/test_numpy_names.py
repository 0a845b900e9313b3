"""A name that NumPy and `kernelgraph.tensor` share means the same, or a table says otherwise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import KernelgraphError
from kernelgraph.tensor.numpy_names import function_of_numpy

OTHER_FORMS = ("concat", "concatenate", "stack", "shape", "empty_like")
"""They take a list of symbols, give a vector where NumPy gives a tuple, or leave numbers open."""

SHARED = [
    name
    for name in sorted(dir(np))
    if not name.startswith("_")
    and isinstance(getattr(np, name), np.ufunc | type(np.sum))
    and function_of_numpy("numpy", name) is not None
    and name not in OTHER_FORMS
]


def test_there_are_many() -> None:
    assert {"sum", "exp", "einsum", "argmax"} <= set(SHARED)


@pytest.mark.parametrize("name", SHARED)
def test_a_shared_name_means_the_same_for_a_matrix(name: str) -> None:
    """Functions of one square matrix; what wants more operands is tested by hand."""
    theirs: Any = getattr(np, name)
    value = np.array([[0.75, 0.5], [0.25, 1.0]])
    integers = isinstance(theirs, np.ufunc) and "d->" not in "".join(theirs.types)
    value = (4 * value).astype("int64") if integers else value
    try:
        with np.errstate(all="ignore"):
            wanted = theirs(value)
    except (TypeError, ValueError):
        pytest.skip("wants more operands")
    x = T.tensor(value.dtype.name, (None, None), "x")
    try:
        made = theirs(x)
    except KernelgraphError:
        pytest.skip("an option must be given here")
    results = made if isinstance(made, list | tuple) else [made]
    expected = wanted if isinstance(wanted, list | tuple) else [wanted]
    found = kg.function([x], list(results), target="interpret", on_unused_input="ignore")(value)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


def test_a_name_with_another_meaning_is_not_taken() -> None:
    assert function_of_numpy("numpy", "inv") is None
    assert function_of_numpy("numpy.fft", "exp") is None
