"""Classes of ops that Theano's programs make ops of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import OptionError
from kernelgraph.theano import install, uninstall

VALUES = np.array([3.0, 1.0, 3.0, 2.0])


@pytest.fixture(autouse=True)
def alias() -> Iterator[None]:
    install()
    yield
    uninstall()


def test_ops_are_made_of_their_classes() -> None:
    from theano.tensor import extra_ops  # pyright: ignore[reportMissingImports]
    from theano.tensor.sort import (  # pyright: ignore[reportMissingImports]
        ArgSortOp,
        SortOp,
        TopKOp,
    )

    x = T.dvector("x")
    made: list[tuple[Any, Any]] = [
        (extra_ops.Unique()(x), np.unique(VALUES)),
        (extra_ops.Unique(False, True)(x)[1], [2, 0, 2, 1]),
        (extra_ops.CumOp(axis=0)(x), np.cumsum(VALUES)),
        (extra_ops.CumOp(mode="mul")(x), np.cumprod(VALUES)),
        (extra_ops.DiffOp(n=2)(x), np.diff(VALUES, 2)),
        (extra_ops.SearchsortedOp(side="right")(T.sort(x), 3.0), 4),
        (SortOp("mergesort")(x, 0), np.sort(VALUES)),
        (ArgSortOp()(x), np.argsort(VALUES, kind="stable")),
        (TopKOp(return_indices=False)(x, 2), [3, 3]),
        (TopKOp()(x, -1)[1], [1]),
    ]
    found = kg.function([x], [out for out, _ in made], target="interpret")(VALUES)
    for mine, (_, wanted) in zip(found, made, strict=True):
        np.testing.assert_array_equal(mine, wanted)
    with pytest.raises(OptionError, match="mode must be one of 'add', 'mul'"):
        extra_ops.CumOp(mode="sub")
