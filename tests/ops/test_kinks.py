"""Kinks have one derivative each; those who tie have equal shares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.ops.kinks import has_kink_at_zero, is_mask
from tests.support import TARGETS

KINKS: dict[str, tuple[Callable[[Any], Any], Any, Any]] = {
    "largest": (T.max, [1.0, 3, 3, 0], [0, 0.5, 0.5, 0]),
    "smallest": (T.min, [1.0, 3, 1, 1], [1 / 3, 0, 1 / 3, 1 / 3]),
    "largest of equal ones": (lambda x: T.max(x.sum() + 0 * x), [1.0, 2, 3, 4], [1, 1, 1, 1]),
    "of each row": (lambda x: T.max(x.reshape((2, 2)), axis=1).sum(), [1.0, 1, 5, 2],
                    [0.5, 0.5, 1, 0]),
    "of several axes": (lambda x: T.min(x.reshape((1, 2, 2)), axis=(0, 2)).sum(), [1.0, 1, 5, 2],
                        [0.5, 0.5, 0, 1]),
    "with its index": (lambda x: T.max_and_argmax(x)[0], [2.0, 2, 2, 0], [1 / 3, 1 / 3, 1 / 3, 0]),
    "by its index": (lambda x: x[T.argmax(x)], [2.0, 2, 2, 0], [1, 0, 0, 0]),
    "maximum": (lambda x: T.maximum(x[:2], x[2:]).sum(), [1.0, 4, 1, 2], [0.5, 1, 0.5, 0]),
    "minimum": (lambda x: T.minimum(x[:2], x[2:]).sum(), [1.0, 4, 1, 2], [0.5, 0, 0.5, 1]),
    "maximum of itself": (lambda x: T.maximum(x, x).sum(), [1.0, 4, 0, -1], [1, 1, 1, 1]),
    "maximum of three": (lambda x: T.maximum(T.maximum(x[0], x[1]), x[2]), [1.0, 1, 1, 0],
                         [0.25, 0.25, 0.5, 0]),
    "relu": (lambda x: T.nnet.relu(x).sum(), [0.0, -1, 2, 0], [0, 0, 1, 0]),
    "relu by a switch": (lambda x: T.switch(x > 0, x, 0).sum(), [0.0, -1, 2, 0], [0, 0, 1, 0]),
    "relu by a mask": (lambda x: (x * (x > 0)).sum(), [0.0, -1, 2, 0], [0, 0, 1, 0]),
    "abs": (lambda x: abs(x).sum(), [0.0, -1, 2, -0.0], [0, -1, 1, 0]),
    "clip": (lambda x: T.clip(x, 0, 2).sum(), [0.0, 1, 2, 3], [0, 1, 0, 0]),
    "length": (lambda x: T.sqrt((x**2).sum()), [0.0, 0, 0, 0], [0, 0, 0, 0]),
    "length by dot": (lambda x: T.sqrt(T.dot(x, x)), [0.0, 3, 4, 0], [0, 0.6, 0.8, 0]),
    "length by dot at 0": (lambda x: T.dot(x, x) ** 0.5, [0.0, 0, 0, 0], [0, 0, 0, 0]),
    "length of parts": (lambda x: T.sqrt(x[0] * x[0] + T.sqr(x[1])), [0.0, 0, 4, 0], [0, 0, 0, 0]),
    "p-norm": (lambda x: (abs(x) ** 3).sum() ** (1 / 3), [0.0, 0, 0, 0], [0, 0, 0, 0]),
    "distances": (
        lambda x: T.sqrt((x.dimshuffle(0, "x") - x.dimshuffle("x", 0)) ** 2).sum(),
        [1.0, 1, 2, 4], [-4, -4, 2, 6],
    ),
    "deviation": (T.std, [3.0, 3, 3, 3], [0, 0, 0, 0]),
    "deviation by hand": (lambda x: T.sqrt(((x - x.mean()) ** 2).mean()), [3.0, 3, 3, 3],
                          [0, 0, 0, 0]),
    "root of a magnitude": (lambda x: T.sqrt(abs(x)).sum(), [0.0, 4, -4, 1], [0, 0.25, -0.25, 0.5]),
    "a root has none": (lambda x: T.sqrt(x).sum(), [0.0, 4, 16, 1], [np.inf, 0.25, 0.125, 0.5]),
    "x^0": (lambda x: (x**0 + x).sum(), [0.0, 1, 2, -1], [1, 1, 1, 1]),
}  # fmt: skip
"""What is differentiated, where, and the gradient there."""


@pytest.mark.parametrize("target", TARGETS)
def test_derivatives_at_kinks(target: str) -> None:
    inputs = T.dvectors(len(KINKS))
    pairs = zip(inputs, KINKS.values(), strict=True)
    f = kg.function(inputs, [T.grad(make(x), x) for x, (make, _, _) in pairs], target=target)
    found = f(*(np.array(at) for _, at, _ in KINKS.values()))
    for got, (name, (_, _, derivatives)) in zip(found, KINKS.items(), strict=True):
        np.testing.assert_allclose(got, derivatives, rtol=1e-14, atol=1e-15, err_msg=name)


@pytest.mark.parametrize("name", KINKS)
def test_derivatives_at_kinks_forwards(name: str) -> None:
    make, at, derivatives = KINKS[name]
    x = T.dvector("x")
    f = kg.function([x], T.Rop(make(x), x, T.ones_like(x)), target="interpret")
    np.testing.assert_allclose(f(np.array(at)), np.sum(derivatives), atol=1e-14)


def test_clip_is_that_of_numpy() -> None:
    x, at = T.dvector("x"), np.array([-1.0, 0.5, 3.0, np.nan, np.inf])
    for low, high in ((0, 1), (1, 0), (-np.inf, 0.5)):
        for target in TARGETS:
            clip: Any = np.clip  # which asks the symbol
            for clipped in (T.clip(x, low, high), x.clip(low, high), clip(x, low, high)):
                got = kg.function([x], clipped, target=target)(at)
                np.testing.assert_array_equal(got, np.clip(at, low, high))


def test_what_is_a_mask() -> None:
    x, k = T.dvector("x"), T.lvector("k")
    masks = [x > 0, T.cast(x > 0, "float64"), 1 - (x > 0), T.switch(x > 0, 1, 0), (x > 0) * 2 - 1]
    masks += [k, 1 - k, T.cast(k, "float64"), T.argmax(x)]
    assert all(map(is_mask, masks))
    others = [x, x * (x > 0), T.constant(1.0) + 1, 1 - x, x.shape[0], 2.0 * x.shape[0], T.exp(k)]
    assert not any(map(is_mask, others))


def test_what_has_a_kink_when_its_root_is_taken() -> None:
    x = T.dvector("x")
    bent = [x * x, x**2, x**4.0, T.abs(x), T.sqr(x).mean(), T.var(x), T.maximum(x, 0), x**2 / 3]
    assert all(map(has_kink_at_zero, bent))
    plain = [x, x * x + 1e-8, x**3, x * (x + 1), T.maximum(x, -1), x.mean(), -(x**2), T.sin(x)]
    assert not any(map(has_kink_at_zero, plain))
