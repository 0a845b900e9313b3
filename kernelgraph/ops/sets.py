"""Sets of numbers: arrays whose order and repeats do not count.

    isin(x, s): which elements of x are in s        union1d, intersect1d, setdiff1d, setxor1d

Results are sorted vectors without repeats, of sizes that show only when a function runs.
"""

from __future__ import annotations

from typing import Any

from kernelgraph.expect import expect_flag
from kernelgraph.graph import Variable
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import cast, eq
from kernelgraph.ops.counting import unique
from kernelgraph.ops.joining import concatenate
from kernelgraph.ops.logic import both, opposite
from kernelgraph.ops.sorting import searchsorted, sort
from kernelgraph.ops.views import flatten
from kernelgraph.types import upcast

__all__ = ["intersect1d", "isin", "setdiff1d", "setxor1d", "union1d"]


def _alike(x: Any, y: Any) -> tuple[Variable, Variable]:
    x, y = as_variable(x), as_variable(y)
    dtype = upcast(x.dtype, y.dtype)
    return cast(x, dtype), cast(y, dtype)


def isin(element: Any, test_elements: Any, invert: bool = False) -> Variable:
    """Which elements are among others, of the shape of the first; with `invert` those that are not.
    NaN is equal to nothing, so it is never among them. As NumPy's `isin`.

    The others are sorted and each element is looked up: n elements among m others take about
    (n + m) log m steps.
    """
    x, others = _alike(element, test_elements)
    line = sort(flatten(others))
    found = searchsorted(line, x, side="right") > searchsorted(line, x)
    found = both(found, eq(x, x))
    return opposite(found) if expect_flag(invert, "invert") else found


def union1d(x: Any, y: Any) -> Variable:
    """What is in one of two arrays, or in both. As NumPy's `union1d`."""
    return unique(concatenate([flatten(v) for v in _alike(x, y)]))


def intersect1d(x: Any, y: Any) -> Variable:
    """What is in both of two arrays. As NumPy's `intersect1d`."""
    x, y = _alike(x, y)
    one = unique(x)
    return one[isin(one, y)]


def setdiff1d(x: Any, y: Any) -> Variable:
    """What is in the first array and not in the second. As NumPy's `setdiff1d`."""
    x, y = _alike(x, y)
    one = unique(x)
    return one[isin(one, y, invert=True)]


def setxor1d(x: Any, y: Any) -> Variable:
    """What is in one of two arrays and not in the other. As NumPy's `setxor1d`."""
    x, y = _alike(x, y)
    return sort(concatenate([setdiff1d(x, y), setdiff1d(y, x)]))
