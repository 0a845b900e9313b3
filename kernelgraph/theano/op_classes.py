"""Ops that Theano's programs make of their classes before they apply them: `Unique(True)(x)`,
`DiffOp(n=2)(x)`, `SortOp("quicksort")(x, 0)`.

Each function here stands for such a class: it gives our function with those arguments filled in.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from kernelgraph.expect import expect_choice
from kernelgraph.ops.counting import unique
from kernelgraph.ops.cumulative import cumprod, cumsum, diff
from kernelgraph.ops.sorting import argsort, searchsorted, sort, topk_and_argtopk

Function = Callable[..., Any]


def unique_op(
    return_index: bool = False, return_inverse: bool = False, return_counts: bool = False
) -> Function:
    """`Unique`: see `T.unique`."""
    return partial(
        unique,
        return_index=return_index,
        return_inverse=return_inverse,
        return_counts=return_counts,
    )


def running_op(axis: int | None = None, mode: str = "add") -> Function:
    """`CumOp`: a running sum ("add") or product ("mul"). Raises `OptionError` for another mode."""
    chosen = expect_choice(mode, "mode", ("add", "mul"))
    return partial(cumsum if chosen == "add" else cumprod, axis=axis)


def diff_op(n: int = 1, axis: int = -1) -> Function:
    """`DiffOp`: see `T.diff`."""
    return partial(diff, n=n, axis=axis)


def searchsorted_op(side: str = "left") -> Function:
    """`SearchsortedOp`, which takes the vector, the numbers and perhaps a sorter."""

    def search(x: Any, v: Any, sorter: Any = None) -> Any:
        return searchsorted(x, v, side, sorter)

    return search


def sort_op(kind: str | None = None, order: None = None) -> Function:
    """`SortOp`, which takes an array and an axis."""
    return partial(sort, kind=kind, order=order)


def argsort_op(kind: str | None = None, order: None = None) -> Function:
    """`ArgSortOp`, which takes an array and an axis."""
    return partial(argsort, kind=kind, order=order)


def topk_op(
    axis: int = -1,
    sorted: bool = True,
    idx_dtype: Any = "int64",
    return_values: bool = True,
    return_indices: bool = True,
) -> Function:
    """`TopKOp`, which takes an array and how many are wanted, and gives what is asked for."""

    def few(x: Any, kth: Any) -> Any:
        found = topk_and_argtopk(x, kth, axis, sorted, idx_dtype)
        kept = [v for v, flag in zip(found, (return_values, return_indices), strict=True) if flag]
        return kept[0] if len(kept) == 1 else kept

    return few
