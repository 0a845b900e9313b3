"""Operands for trying a rule: special values, random ones, and all there are if these are few."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from kernelgraph.graph import Graph, Variable
from kernelgraph.types import Array, Shape, is_float

_SIZES = ((2, 3), (3, 3))
_MODERATE = 60
"""What "moderate" numbers stay below: their exponentials are far from any limit."""
_BYTES = ("int8", "uint8", "bool")


@dataclass(frozen=True)
class Case:
    """An example of a rule, by number, for certain types: what was written, and what it became."""

    example: int
    variables: tuple[Variable, ...]
    domains: tuple[str, ...]
    lhs: Graph
    rhs: Graph
    truth: bool = False
    """Whether results are compared with true values, which cost a thousand times as much."""


def _special(dtype: str) -> Array:
    if dtype == "bool":
        return np.array([False, True])
    if not is_float(dtype):
        lowest, highest = np.iinfo(dtype).min, np.iinfo(dtype).max
        return np.array([0, 1, 2, 5, 100, lowest, lowest + 1, highest], dtype)
    info = np.finfo(dtype)
    large = {"float64": 700.0, "float32": 80.0, "float16": 10.0}[dtype]
    limits = [float(x) for x in (info.smallest_subnormal, info.tiny, info.eps, info.max, np.inf)]
    near_one = [1.0, 1 + float(info.eps), 1 - float(info.epsneg)]
    positive = [0.0, *limits, *near_one, 0.5, 2.0, 3.7, 20.0, 40.0, large, 1.1 * large, 1e-3, 1e-8]
    return np.array([*positive, *(-x for x in positive), np.nan], dtype=dtype)


def _pool(dtype: str, domain: str, random: np.random.Generator, whole: bool = False) -> Array:
    """Special values and random ones of a dtype (or the `whole` of it), inside a domain."""
    values = _special(dtype)
    if whole and dtype != "bool":
        values = np.arange(256, dtype="uint8").view(dtype)
    if is_float(dtype):
        normal = random.normal(size=12)
        spread = np.exp(random.uniform(-30, 30, size=6)) * random.choice([-1, 1], size=6)
        with np.errstate(over="ignore"):  # float16 does not reach as far
            values = np.concatenate([values, normal.astype(dtype), spread.astype(dtype)])
    words = domain.split()
    if is_float(dtype) and "bounded" in words:
        values = values[~np.isinf(values)]
    if is_float(dtype) and set(words) & {"finite", "positive", "negative", "unit"}:
        values = values[np.isfinite(values)]
    if "positive" in words or "negative" in words:
        values = np.unique(np.abs(values[(np.abs(values) > 1e-4) & (np.abs(values) < 1e4)]))
        values = -values if "negative" in words else values
    if "moderate" in words:
        values = values[np.abs(values.astype("float64")) < _MODERATE]
    if "unit" in words:
        values = values[(values >= 0) & (values <= 1)]
    return values


def operands(case: Case, most: int, random: np.random.Generator) -> Iterator[list[Array]]:
    """Values: for vectors all combinations of the pools, at most `most`, else some of them."""
    whole = is_enumerable(case)
    most = 2**16 if whole else most
    pools = [
        _pool(v.dtype, domain, random, whole)
        for v, domain in zip(case.variables, case.domains, strict=True)
    ]
    if case.variables and all(v.ndim == 1 for v in case.variables):
        grid = [axis.reshape(-1) for axis in np.meshgrid(*pools, indexing="ij")]
        count = len(grid[0])
        chosen = np.arange(count) if count <= most else random.choice(count, most, replace=False)
        yield [axis[chosen] for axis in grid]
        yield [axis[:0] for axis in grid]
        return
    for sizes in _SIZES:
        for _ in range(3):
            shapes = [_filled(v.tensor_type.shape, sizes) for v in case.variables]
            pairs = zip(pools, shapes, strict=True)
            yield [np.asarray(random.choice(pool, shape)) for pool, shape in pairs]


def is_enumerable(case: Case) -> bool:
    """Whether all values that there are can be tried: of one or two vectors of bytes."""
    if len(case.variables) == 2 and case.truth:
        return False
    small = all(v.dtype in _BYTES and v.ndim == 1 for v in case.variables)
    return small and 1 <= len(case.variables) <= 2


def _filled(shape: Shape, sizes: Sequence[int]) -> tuple[int, ...]:
    return tuple(sizes[axis] if size is None else size for axis, size in enumerate(shape))
