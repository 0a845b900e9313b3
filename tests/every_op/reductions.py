"""Cases of ops that fold elements: sums, extremes, products, moments, running sums, softmax."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from kernelgraph.op import Reduction
from kernelgraph.ops import cumulative, moments, products, reductions, softmax
from tests.every_op.cases import Case, as_sums, case, equal_but_for_zeros, rng_of, within_ulps
from tests.support import DTYPES, Array, draw, hunting, is_complex, is_inexact, specials, tame

AXES = [(0,)], [(0,), (1,), (0, 1)], [(1,), (2,), (0, 2)]
"""The axes that are reduced, by rank."""

MORE_AXES = [(0,), (0, 1), (1, 2), (0, 1, 2)]
"""And for three dimensions of float64."""

WITH_ONES = [
    ((1,), (0,)),
    ((1, 9), (0,)),
    ((1, 9), (1,)),
    ((17, 1), (0, 1)),
    ((31, 2, 1), (1, 2)),
    ((1, 1), (0, 1)),
]


def reduction_cases(kind: type[Reduction]) -> Iterator[Case]:
    for dtype, shape, axes in _reduced():
        if _takes(kind, dtype, axes):
            yield from _reduction(kind, dtype, shape, axes)


def _takes(kind: type[Reduction], dtype: str, axes: Sequence[int]) -> bool:
    if issubclass(kind, reductions._Logical):
        return dtype == "bool"
    if is_complex(dtype) and issubclass(kind, reductions.OfReals):
        return False
    return len(axes) == 1 or not issubclass(kind, reductions._ExtremumAndPlace)


def _reduced() -> Iterator[tuple[str, tuple[int, ...], tuple[int, ...]]]:
    shapes = [(33,), (9, 17), (5, 8, 3)]
    for dtype, shape in itertools.product(DTYPES, shapes):
        for axes in AXES[len(shape) - 1]:
            yield dtype, shape, axes
    yield from (("float64", shapes[2], axes) for axes in MORE_AXES)
    yield from (("float64", shape, axes) for shape, axes in WITH_ONES)
    yield from ((dtype, (), ()) for dtype in DTYPES if hunting() or dtype == "float64")


def _reduction(
    kind: type[Reduction], dtype: str, shape: Sequence[int], axes: tuple[int, ...]
) -> Iterator[Case]:
    label = f"{kind.name} of {dtype}{list(shape)} over {axes}"
    rng = rng_of(label)
    if kind is moments.MeanAndVariance or (kind is reductions.Sum and is_inexact(dtype)):
        yield case(label, kind(axes), [tame(rng, dtype, shape)], as_sums(shape, axes))
    if kind is not moments.MeanAndVariance:
        exact = (
            tame(rng, "int8", shape).astype(dtype) if dtype != "bool" else tame(rng, dtype, shape)
        )
        yield case(f"{label}, whole", kind(axes), [_with_odd(rng, exact)], equal_but_for_zeros)


def _with_odd(rng: np.random.Generator, value: Array) -> Array:
    """Here and there something that is not a number, or the end of the range."""
    odd = specials(value.dtype.name)
    odd = odd[~np.isfinite(odd)] if value.dtype.kind in "fc" else odd
    return np.where(
        rng.random(size=value.shape) < 0.1, rng.choice(odd, size=value.shape), value
    ).astype(value.dtype)


def running_cases() -> Iterator[Case]:
    kinds = (cumulative.CumSum, cumulative.CumProd, cumulative.ProductBefore)
    for dtype, axis in itertools.product(DTYPES, (0, 1)):
        x = draw(rng_of(f"running {dtype}"), dtype, (5, 9))
        for kind in kinds:
            yield case(f"{kind.name} {dtype} along {axis}", kind(axis), [x])
        if is_inexact(dtype):
            label = f"recurrence {dtype} along {axis}"
            yield case(label, cumulative.Recurrence(axis), [x, x[::-1]])


def factor_cases() -> Iterator[Case]:
    for dtype, axes in itertools.product(DTYPES, [(0,), (1,), (0, 1)]):
        x = tame(rng_of(f"products {dtype}"), dtype, (5, 20))
        for kind in (products.Prod, products.ProdOfNonzero):
            yield case(f"{kind.name} {dtype} over {axes}", kind(axes), [x], within_ulps(200))


def softmax_cases() -> Iterator[Case]:
    kinds = (softmax.Softmax, softmax.LogSoftmax, softmax.LogSumExp)
    for dtype, kind, axis in itertools.product(("float64", "float32"), kinds, (0, 1)):
        label = f"{kind.name} {dtype} along {axis}"
        for scale in (1, 1000):  # of which no exponential is a number
            x = tame(rng_of(label), dtype, (3, 5)) * np.asarray(scale, dtype)
            yield case(f"{label} times {scale}", kind(axis), [x], within_ulps(8))
        p = tame(rng_of(label), dtype, (3, 5))
        yield case(f"peak {label}", softmax.Peak((axis,)), [p])
        yield case(f"peak of nothing {label}", softmax.Peak((axis,)), [p[:0, :0]])
        yield case(f"product {label}", softmax.SoftmaxProduct(axis), [p, p[::-1]], within_ulps(200))
