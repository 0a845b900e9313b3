"""A case: one use of an op, the values of its operands, and when two results count as equal.

What is exact is compared bit for bit, NaN and the signs of zeros included (`same`). Functions that
libraries approximate may differ by units in the last place, sums by what another order changes.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import kernelgraph.tensor as T
from kernelgraph.errors import DTypeError, GradientError
from kernelgraph.graph import Apply, Variable, walk
from tests.support import DTYPES, Array, hunting, same, ulps_apart

Compare = Callable[[Array, Array], bool]


@dataclass(frozen=True, eq=False)
class Case:
    """One use of an op with its operands' values; `make` gives the results of its inputs."""

    label: str
    inputs: Sequence[Variable]
    outputs: Sequence[Variable]
    values: Sequence[Array]
    compare: Compare = field(default=same)
    make: Callable[..., Any] = field(default=list)

    def nodes(self) -> Sequence[Apply]:
        """Every node that is run for the results."""
        return list(walk(self.outputs))


def rng_of(label: str) -> np.random.Generator:
    """Chance that is the same in every run."""
    return np.random.default_rng(zlib.crc32(label.encode()))


def case(
    label: str, op: Any, values: Sequence[Array], compare: Compare = same, sizes: Sequence[Any] = ()
) -> Case:
    """`sizes` are declared; by default those of the values that are 1, and none else."""
    declared = sizes or [tuple(1 if n == 1 else None for n in value.shape) for value in values]
    inputs = [
        T.tensor(v.dtype.name, s, f"x{k}")
        for k, (v, s) in enumerate(zip(values, declared, strict=True))
    ]
    made = op(*inputs)
    outputs = list(made) if isinstance(made, list | tuple) else [made]
    return Case(label, inputs, outputs, values, compare, op)


def accepted(
    label: str, op: Any, values: Sequence[Array], compare: Compare = same
) -> Iterator[Case]:
    """A case, or none where dtypes are refused, or have no derivative."""
    try:
        yield case(label, op, values, compare)
    except (DTypeError, GradientError):
        return


def some_dtypes(label: str, *always: str) -> Iterator[str]:
    """All dtypes in a hunt; else those that are named, and one more."""
    if hunting():
        yield from DTYPES
        return
    others = [dtype for dtype in DTYPES if dtype not in always]
    yield from (*always, others[rng_of(label).integers(len(others))])


def within_ulps(bound: float) -> Compare:
    """Floats and complex numbers may be so many units in the last place apart."""

    def compare(a: Array, b: Array) -> bool:
        return same(a, b) if a.dtype.kind not in "fc" else ulps_apart(a, b) <= bound

    return compare


def equal_but_for_zeros(a: Array, b: Array) -> bool:
    """Which zero is the larger one, and whether a sum of negative zeros is one, is nobody's to
    say.
    """
    return (
        a.dtype == b.dtype
        and a.shape == b.shape
        and np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")
    )


def as_sums(shape: Sequence[int], axes: Sequence[int]) -> Compare:
    """Sums of n numbers of about 1, in another order: 2 log2(n) roundings of their magnitude, at
    most n * 5.
    """
    count = math.prod(shape[axis] for axis in axes)

    def compare(a: Array, b: Array) -> bool:
        if a.dtype.kind not in "fc" or a.dtype != b.dtype or a.shape != b.shape:
            return same(a, b)
        bound = 2 * max(1.0, math.log2(count)) * np.finfo(a.dtype).eps * count * 5
        return bool(np.all((np.abs(a - b) <= bound) | (np.isnan(a) & np.isnan(b))))

    return compare
