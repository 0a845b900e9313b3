"""Programs against the standard: the same numbers by NumPy, the strict reference, and compiled."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import array_api_strict as strict
import numpy as np
import pytest

from kernelgraph import array_api as xp
from kernelgraph.errors import ArgumentError, SymbolicError


def nearest(points: Any, centers: Any) -> Any:
    """For each point the number of the center that is nearest."""
    space = points.__array_namespace__()
    apart = points[:, None, :] - centers[None, :, :]
    return space.argmin(space.sum(apart * apart, axis=2), axis=1)


def k_means_step(points: Any, centers: Any) -> Any:
    """The means of the points that are nearest to each center, and how far points are from them."""
    space = points.__array_namespace__()
    numbers = space.arange(centers.shape[0])
    member = space.astype(nearest(points, centers)[:, None] == numbers[None, :], points.dtype)
    count = space.sum(member, axis=0)
    means = (member.T @ points) / space.maximum(count, space.ones_like(count))[:, None]
    apart = points - member @ means
    return means, space.sum(apart * apart) / points.shape[0]


def mlp(layers: Any, x: Any) -> Any:
    """Class probabilities by layers of weights and biases, tanh between them."""
    space = x.__array_namespace__()
    for number, layer in enumerate(layers):
        x = x @ layer["w"] + layer["b"]
        if number < len(layers) - 1:
            x = space.tanh(x)
    x = space.exp(x - space.max(x, axis=1, keepdims=True))
    return x / space.sum(x, axis=1, keepdims=True)


@pytest.mark.parametrize("target", ["python", None])
def test_k_means(target: str | None) -> None:
    random = np.random.default_rng(3)
    points = random.normal(size=(30, 2)) + random.integers(0, 3, (30, 1)) * 4.0
    step = xp.function(k_means_step, target=target)
    results = []
    for space, one in ((np, k_means_step), (strict, k_means_step), (xp, k_means_step), (xp, step)):
        data, centers = space.asarray(points), space.asarray(points[:3])
        spreads = []
        for _ in range(4):
            centers, spread = one(data, centers)
            spreads.append(float(spread))
        results.append((np.asarray(centers), spreads))
    for centers, spreads in results[1:]:
        np.testing.assert_allclose(centers, results[0][0], rtol=1e-12)
        np.testing.assert_allclose(spreads, results[0][1], rtol=1e-12)
    assert len(step.functions) == 1, "one signature, one function"


def test_a_network_with_nested_arguments() -> None:
    random = np.random.default_rng(4)
    sizes = [3, 5, 2]
    shapes = list(pairwise(sizes))
    weights = [(random.normal(size=shape), random.normal(size=shape[1])) for shape in shapes]
    x = random.normal(size=(7, 3))
    predict = xp.function(target="python")(mlp)
    results = []
    for space, one in ((np, mlp), (strict, mlp), (xp, mlp), (xp, predict)):
        layers = [{"w": space.asarray(w), "b": space.asarray(b)} for w, b in weights]
        results.append(np.asarray(one(layers, space.asarray(x))))
    for found in results[1:]:
        np.testing.assert_allclose(found, results[0], rtol=1e-12)
    (compiled,) = predict.functions.values()
    assert compiled.name == "mlp"
    assert [v.name for v in compiled.graph.inputs][:2] == ["layers[0]['w']", "layers[0]['b']"]


def test_a_function_is_traced_once_for_each_signature() -> None:
    traced = []

    @xp.function(target="interpret")
    def f(x: Any, power: int = 2, rate: float = 1.0) -> Any:
        traced.append(x.dtype)
        return x**power * rate

    np.testing.assert_array_equal(f(xp.asarray([1.0, 2.0])).value, [1.0, 4.0])
    np.testing.assert_array_equal(f(np.array([1.0, 2.0, 3.0])).value, [1.0, 4.0, 9.0])
    np.testing.assert_array_equal(f(xp.asarray([2.0, 3.0]), rate=0.5).value, [2.0, 4.5])
    np.testing.assert_array_equal(f(xp.asarray([2.0, 3.0]), rate=2.5).value, [10.0, 22.5])
    assert len(traced) == 2, "values of arrays and floats may change; a default is not an argument"
    f(xp.asarray([1.0, 2.0]), 3)
    f(xp.asarray([[1.0, 2.0]]))
    f(xp.asarray([1.0, 2.0], dtype=xp.float32))
    assert len(traced) == len(f.functions) == 5
    assert f.__name__ == "f"


def test_sizes_1_are_part_of_the_signature() -> None:
    f = xp.function(lambda x, y: x + y, target="interpret")
    assert f(xp.ones((3, 1)), xp.ones((3, 2))).shape == (3, 2)
    assert f(xp.ones((3, 2)), xp.ones((3, 2))).shape == (3, 2)
    assert len(f.functions) == 2


def test_sizes_behave_as_the_ints_that_they_will_be() -> None:
    @xp.function(target="interpret")
    def f(x: Any) -> Any:
        n = x.shape[0]
        return x / n, n * 2 - 1, 1 / n, xp.arange(n), xp.zeros((n // 2, 2)), xp.reshape(x, (n, 1))

    x = xp.asarray([2.0, 4.0, 6.0, 8.0], dtype=xp.float32)
    mean, odd, part, numbers, zeros, column = f(x)
    assert mean.dtype == xp.float32
    np.testing.assert_array_equal(mean.value, [0.5, 1.0, 1.5, 2.0])
    assert (odd, part) == (7, 0.25)
    np.testing.assert_array_equal(numbers.value, [0, 1, 2, 3])
    assert (zeros.shape, column.shape) == ((2, 2), (4, 1))


def test_static_shapes_are_numbers() -> None:
    @xp.function(target="interpret", static_shapes=True)
    def f(x: Any) -> Any:
        return [x[k] * k for k in range(x.shape[0])]

    assert [float(v) for v in f(xp.asarray([1.0, 2.0, 3.0]))] == [0.0, 2.0, 6.0]
    f(xp.asarray([1.0, 2.0]))
    assert len(f.functions) == 2


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (lambda x: x if x[0] > 0 else -x, "has no numbers while a function is traced"),
        (lambda x: list(range(x.shape[0])), "static_shapes=True"),
        (lambda x: x if x.shape[0] == 3 else -x, "static_shapes=True"),
        (lambda x: float(xp.sum(x)), "xp.where"),
        (np.asarray, "has no numbers"),
    ],
)
def test_a_traced_array_has_no_numbers(body: Any, told: str) -> None:
    with pytest.raises(SymbolicError, match=told):
        xp.function(body)(xp.asarray([1.0, 2.0, 3.0]))


def test_a_traced_array_tells_what_it_is() -> None:
    told = []
    xp.function(lambda x: told.append(repr(x + 1)), target="interpret")(xp.asarray([1.0, 2.0]))
    assert told == ["Array(x + 1, float64[?])"]


def test_what_cannot_be_part_of_a_signature() -> None:
    with pytest.raises(ArgumentError, match="part of a signature"):
        xp.function(lambda x, y: x, target="interpret")(xp.asarray(1.0), {1, 2})
    with pytest.raises(ArgumentError, match="a function"):
        xp.function(1)


def test_results_that_are_no_arrays_stay_as_they_are() -> None:
    f = xp.function(lambda x: {"y": x + 1, "name": "text", "n": None}, target="interpret")
    found = f(xp.asarray(1.0))
    assert (float(found["y"]), found["name"], found["n"]) == (2.0, "text", None)


def test_results_with_names_keep_them() -> None:
    f = xp.function(xp.unique_counts, target="python")
    found = f(xp.asarray([3, 1, 3]))
    np.testing.assert_array_equal(found.values.value, [1, 3])
    np.testing.assert_array_equal(found.counts.value, [1, 2])


@pytest.mark.parametrize("target", ["python", "interpret"])
def test_arrays_are_computed_together(target: str) -> None:
    x = xp.asarray([[1.0, 2.0], [3.0, 4.0]])
    y = xp.exp(x)
    z = xp.sum(y, axis=0)
    first, second = xp.compute(y, z, target=target)
    assert (first is y, second is z) == (True, True)
    assert y.variable.owner is None
    assert z.variable.owner is None
    np.testing.assert_allclose(z.value, np.exp(np.asarray(x)).sum(0), rtol=1e-14)
    assert xp.compute(x) is x
