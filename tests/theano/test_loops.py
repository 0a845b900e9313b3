"""Theano's simple loops compute what its documentation says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import ArgumentError, ShapeError
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


@pytest.mark.parametrize("target", ["c", "interpret"])
@pytest.mark.parametrize("every", [1, 3, 10])
def test_chunks_of_a_loop_are_the_loop(target: str, every: int) -> None:
    x, a, s = T.dvector("x"), T.dscalar("a"), T.dscalar("s")

    def step(item: Any, state: Any, factor: Any) -> Any:
        return [T.tanh(state * factor + item), state * item]

    whole, _ = kg.scan(step, x, [s, None], a)
    parts, updates = loops.scan_checkpoints(step, x, [s, None], a, save_every_N=every)
    assert not updates
    slopes = [T.grad(out[0][-1] + out[1][-1], [x, a, s]) for out in (whole, parts)]
    f = kg.function([x, a, s], [*whole, *parts, *slopes[0], *slopes[1]], target=target)
    for n in (1, 3, 7):
        found = f(np.linspace(-1, 1, n), 1.5, 0.25)
        kept = [*range(every - 1, n - 1, every), n - 1]
        for states, some in zip(found[:2], found[2:4], strict=True):
            np.testing.assert_array_equal(some, states[kept])
        for one, other in zip(found[4:7], found[7:], strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-14)


def test_chunks_by_a_number_of_steps() -> None:
    base, k = T.dvector("base"), T.lscalar("k")
    powers, _ = loops.scan_checkpoints(
        lambda so_far, base: so_far * base, outputs_info=T.ones_like(base), non_sequences=base,
        n_steps=k, save_every_N=2,
    )  # fmt: skip
    f = kg.function([base, k], [powers, T.grad(powers[-1].sum(), base)], target="interpret")
    found, slope = f([1.0, 2.0, 3.0], 5)
    np.testing.assert_array_equal(found, np.array([1.0, 2.0, 3.0]) ** np.array([[2], [4], [5]]))
    np.testing.assert_array_equal(slope, 5 * np.array([1.0, 2.0, 3.0]) ** 4)


def test_what_no_chunk_can_be_made_of() -> None:
    x = T.dvector("x")
    with pytest.raises(ArgumentError, match="no taps"):
        loops.scan_checkpoints(lambda a, b: a + b, outputs_info=[{"initial": x, "taps": [-2, -1]}])
    with pytest.raises(ArgumentError, match="save_every_N"):
        loops.scan_checkpoints(lambda a: a, x, save_every_N=0)
    parts, _ = loops.scan_checkpoints(
        lambda a, b: a + b, x, x[0] * 0, save_every_N=2, padding=False
    )
    f = kg.function([x], parts, target="interpret")
    np.testing.assert_array_equal(f([1.0, 2.0, 3.0, 4.0]), [3, 10])
    with pytest.raises(ShapeError):
        f([1.0, 2.0, 3.0])
