"""Cases of ops that are a formula for one element: all dtypes, all pairs of special numbers."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

import kernelgraph.tensor as T
from kernelgraph.elementwise import Elementwise
from kernelgraph.errors import DTypeError
from kernelgraph.graph import Variable
from kernelgraph.ops import arithmetic, blocks, indexing, sources
from tests.every_op.cases import Case, case, rng_of, within_ulps
from tests.support import DTYPES, Array, allowed, draw, hunting, is_complex, same, specials

SIZE_OPS = ("slice_length", "range_length", "exact_div", "padded_size")
"""Computed with sizes only, which are int64 and not negative."""

MOST_PAIRS = 2200
"""So many pairs of special numbers are enough: all of them of real numbers."""


def elementwise_cases(op: Elementwise) -> Iterator[Case]:
    """All dtypes alone, pairs of equal dtypes, and some mixtures; all pairs of special numbers, and
    some others.
    """
    compare = within_ulps(op.ulps) if op.ulps else same
    for dtypes in _signatures(op):
        label = f"{op}({', '.join(dtypes)})"
        yield case(label, op, allowed(op, _operands(label, dtypes)), compare)


def _signatures(op: Elementwise) -> Iterator[tuple[str, ...]]:
    if op.name in SIZE_OPS:
        yield ("int64",) * op.arity
        return
    mixtures = list(itertools.product(DTYPES, repeat=op.arity))
    many = len(mixtures) if hunting() and op.arity == 2 else 22
    some = rng_of(op.name).permutation(len(mixtures))[:many] if op.arity > 1 else ()
    wanted = [*((dtype,) * op.arity for dtype in DTYPES), *(mixtures[k] for k in some)]
    for dtypes in dict.fromkeys(wanted):
        try:
            op.signature(dtypes)
        except DTypeError:
            continue
        yield dtypes


def _operands(label: str, dtypes: Sequence[str]) -> list[Array]:
    rng = rng_of(label)
    if len(dtypes) > 2:
        return [draw(rng, dtype, (150,)) for dtype in dtypes]
    places = np.meshgrid(*(np.arange(len(specials(dtype))) for dtype in dtypes), indexing="ij")
    some = np.arange(places[0].size)
    if len(some) > MOST_PAIRS:  # pairs of complex numbers
        some = rng.choice(some, MOST_PAIRS, replace=False)
    return [
        np.concatenate([specials(dtype)[place.ravel()[some]], draw(rng, dtype, (21,))])
        for dtype, place in zip(dtypes, places, strict=True)
    ]


def _slice_length(n: Variable, start: Variable, stop: Variable, step: Variable) -> Variable:
    """Of a size, which is not negative, and of a step, which is not 0, whatever numbers a program
    is tried on.
    """
    step = T.switch(T.eq(step, 0), 1, step)
    return indexing.slice_length(T.maximum(n, 0), start, stop, step)


def _exact_div(m: Variable, n: Variable) -> Variable:
    return sources.exact_div(T.maximum(m, 0), T.maximum(n, 0))


def size_cases() -> Iterator[Case]:
    ends = [indexing.MISSING, -7, -3, -2, -1, 0, 1, 2, 3, 7, indexing.FAR, -indexing.FAR]
    slices = np.array(
        list(
            itertools.product(
                [0, 1, 2, 5], ends, ends, [-indexing.FAR, -3, -2, -1, 1, 2, 3, indexing.FAR]
            )
        )
    )
    yield case("slice_length", _slice_length, [*slices.T.copy()])
    ranges = np.array(list(itertools.product([*ends, 2**62], [*ends, -(2**62)], ends)))
    yield case("range_length", indexing.range_length, [*ranges.T.copy()])
    quotients = np.array(
        list(itertools.product([0, 1, 2, 12, 2**62, indexing.FAR], [0, 1, 2, 3, 12, indexing.FAR]))
    )
    yield case("exact_div", _exact_div, [*quotients.T.copy()])
    padded = np.array(list(itertools.product([0, 1, 5], [-2, -1, 0, 1, 3], [-1, 0, 2, 2**61])))
    yield case("padded_size", blocks.padded_size, [*padded.T.copy()])


def cast_cases(source: str) -> Iterator[Case]:
    for dtype in DTYPES:
        if dtype != source and not (is_complex(source) and not is_complex(dtype)):
            label = f"cast {source} to {dtype}"
            yield case(label, arithmetic.Cast(dtype), _operands(label, [source]))
