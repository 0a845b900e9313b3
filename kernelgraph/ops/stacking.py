"""Arrays side by side, as NumPy and Theano name it: all of them are joins.

>>> import kernelgraph as kg, kernelgraph.tensor as T
>>> v = T.lvector("v")
>>> f = kg.function([v], [vstack([v, v + 10]), column_stack([v, v + 10])], target="interpret")
>>> [result.tolist() for result in f([1, 2])]
[[[1, 2], [11, 12]], [[1, 11], [2, 12]]]
"""

from __future__ import annotations

from typing import Any

from kernelgraph.elementwise import dimshuffle
from kernelgraph.errors import ShapeError
from kernelgraph.expect import expect_list
from kernelgraph.graph import Variable, describe
from kernelgraph.mismatches import sized
from kernelgraph.op import as_variable
from kernelgraph.ops.axes import atleast_1d, atleast_2d, atleast_3d
from kernelgraph.ops.joining import concatenate

__all__ = [
    "append", "column_stack", "dstack", "horizontal_stack", "hstack", "vertical_stack", "vstack",
]  # fmt: skip


def _arrays(tup: Any) -> list[Variable]:
    return [as_variable(v) for v in expect_list(tup, "what is stacked", "arrays")]


def hstack(tup: Any) -> Variable:
    """Arrays joined along their second axis; vectors along the first. As NumPy's `hstack`.

    Raises `ShapeError` as `concatenate` does.
    """
    arrays = [atleast_1d(v) for v in _arrays(tup)]
    return concatenate(arrays, 1 if arrays and arrays[0].ndim > 1 else 0)


def vstack(tup: Any) -> Variable:
    """Arrays joined along their first axis, vectors as rows. As NumPy's `vstack`.

    Raises `ShapeError` as `concatenate` does.
    """
    return concatenate([atleast_2d(v) for v in _arrays(tup)], 0)


def dstack(tup: Any) -> Variable:
    """Arrays joined along a third axis. As NumPy's `dstack`.

    Raises `ShapeError` as `concatenate` does.
    """
    return concatenate([atleast_3d(v) for v in _arrays(tup)], 2)


def column_stack(tup: Any) -> Variable:
    """Vectors as columns of a matrix, matrices with them. As NumPy's `column_stack`.

    Raises `ShapeError` as `concatenate` does.
    """
    arrays = [dimshuffle(atleast_1d(v), (0, "x")) if v.ndim < 2 else v for v in _arrays(tup)]
    return concatenate(arrays, 1)


def horizontal_stack(*args: Any) -> Variable:
    """Matrices joined side by side. Raises `ShapeError` (KG-S008) for other arrays."""
    return concatenate(_matrices(args), 1)


def vertical_stack(*args: Any) -> Variable:
    """Matrices joined one below the other. Raises `ShapeError` (KG-S008) for other arrays."""
    return concatenate(_matrices(args), 0)


def _matrices(args: Any) -> list[Variable]:
    found = _arrays(list(args))
    for x in found:
        if x.ndim != 2:
            what = f"matrices are joined here, not {describe(x)}"
            raise ShapeError(what, code="KG-S008", operands=(sized(x),))
    return found


def append(x: Any, values: Any, axis: Any = None) -> Variable:
    """`values` behind `x` along an axis; without one, all elements behind all. As NumPy's `append`.

    Raises `ShapeError` as `concatenate` does.
    """
    first, second = as_variable(x), as_variable(values)
    if axis is None:
        return concatenate([first.flatten(), second.flatten()])
    return concatenate([first, second], axis)
