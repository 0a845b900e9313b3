"""Numbers evenly spaced, and grids of them.

>>> import kernelgraph as kg, kernelgraph.tensor as T
>>> n = T.lscalar("n")
>>> rows, columns = mgrid[0:2, 0:n]
>>> f = kg.function([n], [rows * 10 + columns, linspace(0, 1, n)], target="interpret")
>>> [result.tolist() for result in f(3)]
[[[0, 1, 2], [10, 11, 12]], [0.0, 0.5, 1.0]]
"""

# pyright: reportUnknownArgumentType=false

from __future__ import annotations

from typing import Any

import numpy as np

from kernelgraph.elementwise import dimshuffle
from kernelgraph.errors import ArgumentError, ShapeError
from kernelgraph.expect import came, expect_choice, expect_flag, expect_list
from kernelgraph.graph import Variable, describe
from kernelgraph.mismatches import expect_rank, sized
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import cast, eq, maximum, sign, switch
from kernelgraph.ops.blocks import count_of
from kernelgraph.ops.functions import log10
from kernelgraph.ops.joining import stack
from kernelgraph.ops.masks import flatnonzero
from kernelgraph.ops.patterns import repeated_to
from kernelgraph.ops.positions import arange, count
from kernelgraph.ops.powers import pow_
from kernelgraph.ops.selection import integers
from kernelgraph.ops.sources import constant_size, size
from kernelgraph.types import is_inexact, is_python_number, listed

__all__ = ["geomspace", "indices", "ix_", "linspace", "logspace", "meshgrid", "mgrid", "ogrid"]


def linspace(
    start: Any, stop: Any, num: Any = 50, endpoint: bool = True, dtype: Any = None
) -> Variable:
    """`num` numbers from `start` to `stop`, evenly spaced, with `stop` or (`endpoint=False`)
    without it; of the dtype of the two, or float64 of integers and of numbers of Python alone,
    unless `dtype` says otherwise. As NumPy's `linspace`, digit by digit.

    `start` and `stop` are numbers or scalars, `num` an integer or an int scalar. Raises
    `ShapeError` (KG-S008) for arrays, `ArgumentError` for another `num`, and `ShapeError` (KG-S009)
    for one that turns out negative.
    """
    ends = [as_variable(end) for end in (start, stop)]
    for end in ends:
        if end.ndim:
            what = f"linspace goes from one number to another, not to {describe(end)}"
            raise ShapeError(what, code="KG-S008", operands=(sized(end),))
    wide = _common(start, stop)
    first, last = (cast(end, wide) for end in ends)
    length = count_of(num, "how many numbers there are", 0)
    closed = expect_flag(endpoint, "endpoint")
    spaces = length - 1 if closed else length
    parts = cast(maximum(spaces, constant_size(1)), wide)  # of one number, the step is 0 times
    step, places = (last - first) / parts, cast(count(length), wide)
    tiny = eq(step, np.zeros((), wide))  # a difference that the division loses
    numbers = switch(tiny, places / parts * (last - first), places * step) + first
    if closed:
        at_end = eq(count(length), spaces) & (spaces > 0)
        numbers = switch(at_end, last, numbers)
    return numbers if dtype is None else cast(numbers, dtype)


def logspace(
    start: Any,
    stop: Any,
    num: Any = 50,
    endpoint: bool = True,
    base: Any = 10.0,
    dtype: Any = None,
) -> Variable:
    """`num` numbers from base ** start to base ** stop, each the same multiple of the one before:
    powers of `base` whose exponents are `linspace(start, stop, num, endpoint)`. As NumPy's
    `logspace`; raises as `linspace` does.
    """
    numbers = pow_(cast(as_variable(base), "float64"), linspace(start, stop, num, endpoint))
    return numbers if dtype is None else cast(numbers, dtype)


def geomspace(
    start: Any, stop: Any, num: Any = 50, endpoint: bool = True, dtype: Any = None
) -> Variable:
    """`num` numbers from `start` to `stop`, each the same multiple of the one before. As NumPy's
    `geomspace` of real numbers: both ends of one sign, and the ends are exact.

    Ends of different signs give NaN, and so does an end of 0, which NumPy refuses. Raises as
    `linspace` does.
    """
    ends = [cast(as_variable(end), "float64") for end in (start, stop)]
    side = sign(ends[0])
    first, last = (end / side for end in ends)
    numbers = logspace(log10(first), log10(last), num, endpoint)
    places = count(size(numbers, 0))
    if endpoint:
        at_end = eq(places, size(numbers, 0) - 1) & (places > 0)
        numbers = switch(at_end, last, numbers)
    numbers = switch(eq(places, 0), first, numbers) * side
    return numbers if dtype is None else cast(numbers, dtype)


def _common(*ends: Any) -> str:
    """The dtype of numbers between two ends, as in NumPy: numbers of Python take that of the other
    end; of whole numbers it is float64.
    """
    kinds = (end if is_python_number(end) else np.dtype(as_variable(end).dtype) for end in ends)
    found = np.result_type(*kinds).name
    return found if is_inexact(found) else "float64"


def _numbers(entry: Any) -> Variable:
    """The numbers of a slice, start:stop:step, of which a step `5j` means that there are 5."""
    ends: list[Any] = []
    if isinstance(entry, slice):
        ends = [getattr(entry, name) for name in ("start", "stop", "step")]
    if not ends or ends[1] is None:
        raise ArgumentError(
            f"a grid takes slices with an end, not {came(entry)}", hint="T.mgrid[0:5, 0:n]"
        )
    start, stop, step = ends
    start = 0 if start is None else start
    if isinstance(step, complex):
        return linspace(start, stop, int(abs(step)))
    return arange(start, stop, 1 if step is None else step)


class Grid:
    """Makes grids of the slices in its brackets: arrays of the numbers of each slice along its
    axis, repeated along the others or (`is_open`) with axes of size 1 there.
    """

    def __init__(self, is_open: bool) -> None:
        self.is_open = is_open

    def __getitem__(self, index: Any) -> Any:
        """A vector for one slice, a list of arrays for several. Raises `ArgumentError`."""
        if not isinstance(index, tuple):
            return _numbers(index)
        vectors = [_numbers(entry) for entry in listed(index)]
        return _crossed(vectors, range(len(vectors)), self.is_open)


def _crossed(vectors: list[Variable], axes: Any, is_open: bool) -> list[Variable]:
    """Each vector along its axis of a grid."""
    rank = len(vectors)
    sizes: list[Variable] = [constant_size(1)] * rank
    wide: list[Variable] = []
    for vector, axis in zip(vectors, axes, strict=True):
        sizes[axis] = size(vector, 0)
        wide.append(dimshuffle(vector, [0 if k == axis else "x" for k in range(rank)]))
    return wide if is_open else [repeated_to(v, sizes) for v in wide]


mgrid = Grid(is_open=False)
ogrid = Grid(is_open=True)


def meshgrid(*xi: Any, copy: Any = True, sparse: Any = False, indexing: str = "xy") -> Any:
    """A list of arrays, the k-th with the numbers of the k-th vector along its axis, as NumPy's
    `meshgrid`: by "xy" the first two axes are exchanged, by "ij" not.

    With `sparse`, axes of size 1 stand for those along which numbers are repeated; `copy` changes
    nothing. Raises `ShapeError` (KG-S008) for what has more than one dimension, `OptionError` for
    another order.
    """
    expect_flag(copy, "copy")
    expect_choice(indexing, "indexing", ("xy", "ij"))
    vectors = [as_variable(x) for x in xi]
    for x in vectors:
        if x.ndim > 1:
            what = f"meshgrid takes vectors, not {describe(x)}"
            raise ShapeError(what, code="KG-S008", operands=(sized(x),))
    vectors = [x if x.ndim else dimshuffle(x, ["x"]) for x in vectors]
    axes = list(range(len(vectors)))
    if indexing == "xy" and len(axes) > 1:
        axes[:2] = 1, 0
    return _crossed(vectors, axes, expect_flag(sparse, "sparse"))


def indices(dimensions: Any, dtype: Any = "int64", sparse: Any = False) -> Any:
    """The index along each axis of every place of an array of these sizes (integers or int
    scalars): one array, with an axis in front that says which index, or (`sparse`) a tuple of
    arrays with axes of size 1 where the index is the same. As NumPy's `indices`.

    Raises `ArgumentError` for sizes that are none.

    >>> import kernelgraph as kg
    >>> kg.function([], indices((2, 2)))().tolist()
    [[[0, 0], [1, 1]], [[0, 1], [0, 1]]]
    """
    given = expect_list(dimensions, "dimensions", "sizes")
    lengths = [count_of(length, "a size", 0) for length in given]
    vectors = [cast(count(length), dtype) for length in lengths]
    open_grid = expect_flag(sparse, "sparse")
    grid = _crossed(vectors, range(len(vectors)), open_grid)
    if open_grid:
        return tuple(grid)
    return stack(grid) if grid else as_variable(np.zeros(0, dtype))


def ix_(*args: Any) -> tuple[Variable, ...]:
    """Index arrays, by which `x[ix_(rows, columns)]` are all elements in those rows and columns:
    each vector stands along an axis of its own. Truth values say which places are taken. As NumPy's
    `ix_`.

    Raises `ShapeError` (KG-S008) for what is no vector, `IndexTypeError` (KG-I003) for what is
    neither whole numbers nor truth values.
    """
    given = [expect_rank(as_variable(x), 1, "ix_") for x in args]
    vectors = [
        flatnonzero(x) if x.dtype == "bool" else integers(x, "the indices of ix_") for x in given
    ]
    return tuple(_crossed(vectors, range(len(vectors)), is_open=True))
