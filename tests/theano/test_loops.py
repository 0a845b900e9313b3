"""Theano's simple loops compute what its documentation says."""

from __future__ import annotations

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.theano import loops


@pytest.mark.parametrize("target", ["c", "python", "interpret"])
def test_map_reduce_and_the_two_folds(target: str) -> None:
    x, k = T.dvector("x"), T.dscalar("k")
    scaled, updates = loops.map(lambda item, factor: item * factor, x, [k], name="scaled")
    back, _ = loops.map(lambda item: item + 1, x, go_backwards=True)
    total, _ = loops.reduce(lambda item, so_far: item + so_far, x, T.constant(0.0))
    left, _ = loops.foldl(lambda item, so_far: so_far * 2 + item, x, T.constant(0.0))
    right, _ = loops.foldr(lambda item, so_far: so_far * 2 + item, x, T.constant(0.0))
    f = kg.function([x, k], [scaled, back, total, left, right], target=target)
    assert not updates
    found = [out.tolist() for out in f(np.array([1.0, 2.0, 4.0]), 3.0)]
    assert found == [[3.0, 6.0, 12.0], [5.0, 3.0, 2.0], 7.0, 12.0, 21.0]


def test_several_results_are_a_list() -> None:
    x = T.dvector("x")
    (total, product), _ = loops.reduce(
        lambda item, so_far, product: [item + so_far, item * product],
        x, [T.constant(0.0), T.constant(1.0)],
    )  # fmt: skip
    assert [float(out) for out in kg.function([x], [total, product])([2.0, 3.0])] == [5.0, 6.0]
