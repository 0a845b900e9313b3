"""Reductions: dimensions folded into a few numbers.

Each is a state that starts, takes elements one by one, and ends.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from kernelgraph.elementwise import dimshuffle
from kernelgraph.errors import AxisError
from kernelgraph.expect import came, expect_flag
from kernelgraph.graph import Apply, Variable
from kernelgraph.mismatches import expect_real
from kernelgraph.op import Reduction, as_variable
from kernelgraph.ops.arithmetic import cast, eq, neq
from kernelgraph.ops.complex_order import LARGER, LESS, MORE, SMALLER
from kernelgraph.ops.folding import folded
from kernelgraph.ops.sources import constant_size, derived_size
from kernelgraph.ops.views import flatten, normalize_axes, reshape
from kernelgraph.partials import Only
from kernelgraph.templates import State, Template
from kernelgraph.types import Array, accumulator, is_complex, is_float, is_inexact

__all__ = [
    "argmax", "argmin", "count_nonzero", "max_and_argmax", "min_and_argmin", "ptp",
]  # fmt: skip


def _same(dtype: str) -> str:
    return dtype


def _nothing(dtype: str) -> Any:
    return -0.0 if is_inexact(dtype) else 0


def _given(value: Any, dtype: str) -> Any:
    """What a state starts from, or its dtype, whatever the dtype of the operand."""
    return value


_zero, _none_yet = partial(_given, 0), partial(_given, -1)
_no, _yes = partial(_given, False), partial(_given, True)
_truth, _index = (partial(_given, dtype) for dtype in ("bool", "int64"))


def _lowest(dtype: str) -> Any:
    if is_complex(dtype):
        return complex(-np.inf, -np.inf)
    return -np.inf if is_float(dtype) else False if dtype == "bool" else np.iinfo(dtype).min


def _highest(dtype: str) -> Any:
    if is_complex(dtype):
        return complex(np.inf, np.inf)
    return np.inf if is_float(dtype) else True if dtype == "bool" else np.iinfo(dtype).max


def insert_axes(reduced: Variable, axes: Sequence[int], rank: int) -> Variable:
    """A reduction's result with dimensions of size 1 put back where `axes` were."""
    kept = iter(range(reduced.ndim))
    return dimshuffle(reduced, ["x" if axis in axes else next(kept) for axis in range(rank)])


class Sum(Reduction):
    """Sum over axes, accumulated in 64 bits, of complex numbers in 64 bits for each part.

    Integers give 64-bit integers, floats and complex numbers keep their dtype.
    """

    name = "sum"
    states = (State("total", _zero, accumulator, "{total} + {x}"),)
    finish = (Template("sum", "{total}"),)
    associative = True

    def output_dtypes(self, dtype: str) -> Sequence[str]:
        return [dtype if is_inexact(dtype) else accumulator(dtype)]

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        dtype = accumulator(node.inputs[0].dtype)
        with np.errstate(all="ignore"):
            found = np.sum(inputs[0], axis=self.axes, dtype=dtype)
            return [np.asarray(found).astype(node.out.dtype)]

    def partials(self, node: Apply) -> Sequence[Any]:
        return [1]


class PickedSum(Reduction):
    """Sum of numbers of which one at most is not (minus) zero: that number as it is.

    It keeps its dtype, and its sign if it is zero: -0.0 + x is x for every x.
    """

    name = "picked"
    states = (State("total", _nothing, _same, "{total} + {x}"),)
    finish = (Template("picked", "{total}"),)
    associative = True

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        x: Array = np.asarray(inputs[0])
        nothing = complex(-0.0, -0.0) if is_complex(x.dtype.name) else _nothing(x.dtype.name)
        start = np.asarray(nothing).astype(x.dtype)
        with np.errstate(all="ignore"):
            return [np.asarray(np.add.reduce(x, axis=self.axes, dtype=x.dtype, initial=start))]

    def partials(self, node: Apply) -> Sequence[Any]:
        return [1]


class OfReals(Reduction):
    """A reduction of real numbers only."""

    def make_node(self, *inputs: Any) -> Apply:
        """Raises `DTypeError` (KG-D003) for complex numbers."""
        (x,) = map(as_variable, inputs)
        expect_real(x, self.name)
        return super().make_node(x)


class _Extremum(Reduction):
    """What max and min share: elements equal to the result have equal shares of the derivative.
    Complex numbers have NumPy's order: that of their real, then of their imaginary parts.
    """

    associative = True
    nonempty = True
    chooses = True
    extreme: Callable[..., Any]

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        self.check_not_empty(node, np.shape(inputs[0]))
        x: Array = np.asarray(inputs[0])
        if x.dtype.kind == "c":  # NumPy goes in the order of memory, and the first NaN counts
            x = np.asarray(x, order="C")
        return [np.asarray(self.extreme(x, axis=self.axes))]

    def partials(self, node: Apply) -> Sequence[Any]:
        (x,), best = node.inputs, node.outputs[0]
        hit = eq(x, insert_axes(best, self.axes, x.ndim))
        shares = 1 / cast(Sum(self.axes)(hit), best.dtype)
        return [Only(hit, insert_axes(shares, self.axes, x.ndim)), None][: len(node.outputs)]


class Max(_Extremum):
    """The largest element; NaN if there is one."""

    name = "max"
    states = (
        State("best", _lowest, _same, "{best} > {x} || {best} != {best} ? {best} : {x}",
              "{best} if {best} > {x} or {best} != {best} else {x}",
              over_complex=Template("best", "complex_larger({best}, {x})",
                                    "np.maximum({best}, {x})", helpers=(LARGER,))),
    )  # fmt: skip
    finish = (Template("best", "{best}"),)
    extreme = staticmethod(np.max)


class Min(_Extremum):
    """The smallest element; NaN if there is one."""

    name = "min"
    states = (
        State("best", _highest, _same, "{best} < {x} || {best} != {best} ? {best} : {x}",
              "{best} if {best} < {x} or {best} != {best} else {x}",
              over_complex=Template("best", "complex_smaller({best}, {x})",
                                   "np.minimum({best}, {x})", helpers=(SMALLER,))),
    )  # fmt: skip
    finish = (Template("best", "{best}"),)
    extreme = staticmethod(np.min)


class _ExtremumAndPlace(_Extremum):
    """What finds the extreme element along one axis, and its first index."""

    associative = False
    place: Callable[..., Any]

    def output_dtypes(self, dtype: str) -> Sequence[str]:
        return [dtype, "int64"]

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        self.check_not_empty(node, np.shape(inputs[0]))
        (axis,) = self.axes
        return [np.asarray(found(inputs[0], axis=axis)) for found in (self.extreme, self.place)]


def _steps(sign: str) -> tuple[tuple[State, ...], tuple[State, ...]]:
    """How the best element so far and its place are replaced: `lets` and `states`."""
    beyond, function = (MORE, "np.greater") if sign == ">" else (LESS, "np.less")
    test = "{where} < 0 || ({x} != {x} ? {best} == {best} : "
    in_python = "{where} < 0 or ({best} == {best} if {x} != {x} else "
    better = State(
        "better", _zero, _truth,
        f"{test}{{x}} {sign} {{best}})", f"{in_python}{{x}} {sign} {{best}})",
        over_complex=Template(
            "better", f"{test}{beyond.name}({{x}}, {{best}}))",
            f"{in_python}{function}({{x}}, {{best}}))", helpers=(beyond,),
        ),
    )  # fmt: skip
    start = _lowest if sign == ">" else _highest
    best = State("best", start, _same, "{better} ? {x} : {best}", "{x} if {better} else {best}")
    where = State(
        "where", _none_yet, _index, "{better} ? {i} : {where}", "{i} if {better} else {where}"
    )
    return (better,), (best, where)


class MaxAndArgmax(_ExtremumAndPlace):
    """The largest element along one axis and its first index, in one pass.

    The first NaN counts as largest.
    """

    name = "max_and_argmax"
    lets, states = _steps(">")
    finish = (Template("best", "{best}"), Template("where", "{where}"))
    extreme, place = staticmethod(np.max), staticmethod(np.argmax)


class MinAndArgmin(_ExtremumAndPlace):
    """The smallest element along one axis and its first index, in one pass.

    The first NaN counts as smallest.
    """

    name = "min_and_argmin"
    lets, states = _steps("<")
    finish = (Template("best", "{best}"), Template("where", "{where}"))
    extreme, place = staticmethod(np.min), staticmethod(np.argmin)


class _Logical(Reduction):
    """Truth values folded into one."""

    associative = True
    chooses = True
    truth: Callable[..., Any]

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        return [np.asarray(self.truth(inputs[0], axis=self.axes))]

    def partials(self, node: Apply) -> Sequence[Any]:
        return [None]


class AnyOf(_Logical):
    """Whether one truth value holds; of none, no."""

    name = "any"
    states = (State("found", _no, _same, "{found} || {x}", "{found} or {x}"),)
    finish = (Template("any", "{found}"),)
    truth = staticmethod(np.any)


class AllOf(_Logical):
    """Whether all truth values hold; of none, yes."""

    name = "all"
    states = (State("holds", _yes, _same, "{holds} && {x}", "{holds} and {x}"),)
    finish = (Template("all", "{holds}"),)
    truth = staticmethod(np.all)


def count(x: Variable, axes: Sequence[int]) -> Variable:
    """How many elements a reduction over `axes` combines, an int64 scalar."""
    total: Any = derived_size(x, axes[0]) if axes else constant_size(1)
    for axis in axes[1:]:
        total = total * derived_size(x, axis)
    return total


def reduced(kind: type[Reduction], x: Any, axis: Any, keepdims: Any) -> list[Variable]:
    """The results of a reduction along `axis` (None: all of them)."""
    x, keepdims = as_variable(x), expect_flag(keepdims, "keepdims")
    axes = normalize_axes(axis, x)
    node = kind(axes).make_node(x)
    outputs = kind(axes)(x) if len(node.outputs) > 1 else [kind(axes)(x)]
    return [insert_axes(out, axes, x.ndim) if keepdims else out for out in outputs]


def totalled(
    kind: type[Reduction], x: Any, axis: Any, dtype: Any, keepdims: Any, acc_dtype: Any
) -> Variable:
    """The sum or product along `axis`, in the dtypes that are asked for."""
    x, keepdims = as_variable(x), expect_flag(keepdims, "keepdims")
    axes = normalize_axes(axis, x)
    out = folded(kind, x, axes, dtype, acc_dtype)
    return insert_axes(out, axes, x.ndim) if keepdims else out


def sum_(
    x: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False, acc_dtype: Any = None
) -> Variable:
    """Sum over `axis` (None: all; an int or several); of nothing, 0.

    Integers are summed in 64 bits and floats in float64; floats keep their dtype in the end.
    `dtype` is that of the result and `acc_dtype` that of the total, if they are not these.
    Raises `AxisError` (KG-S003) for an axis that is not there or twice there, and `DTypeError`
    (KG-D009) for a dtype that would lose precision.

    >>> import kernelgraph.tensor as T
    >>> T.sum(T.bmatrix("x"), axis=0).dtype, T.sum(T.fvector("v"), dtype="float64").dtype
    ('int64', 'float64')
    """
    return totalled(Sum, x, axis, dtype, keepdims, acc_dtype)


def max_(x: Any, axis: Any = None, keepdims: bool = False) -> Variable:
    """Largest element over `axis`; NaN if there is one.

    Raises `ShapeError` (KG-S010) when called on nothing.
    """
    return reduced(Max, x, axis, keepdims)[0]


def min_(x: Any, axis: Any = None, keepdims: bool = False) -> Variable:
    """Smallest element over `axis`; NaN if there is one.

    Raises `ShapeError` (KG-S010) when called on nothing.
    """
    return reduced(Min, x, axis, keepdims)[0]


def ptp(x: Any, axis: Any = None, keepdims: bool = False) -> Variable:
    """Largest minus smallest element over `axis` ("peak to peak").

    Raises `ShapeError` (KG-S010) when called on nothing.
    """
    return max_(x, axis, keepdims) - min_(x, axis, keepdims)


def any_(x: Any, axis: Any = None, keepdims: bool = False) -> Variable:
    """Whether an element over `axis` is not 0 (NaN is not); bool."""
    return reduced(AnyOf, _truths(x), axis, keepdims)[0]


def all_(x: Any, axis: Any = None, keepdims: bool = False) -> Variable:
    """Whether no element over `axis` is 0; bool.

    >>> import kernelgraph.tensor as T
    >>> T.all(T.dmatrix("x") > 0, axis=1).type
    TensorType(dtype='bool', shape=(None,))
    """
    return reduced(AllOf, _truths(x), axis, keepdims)[0]


def count_nonzero(x: Any, axis: Any = None, keepdims: bool = False) -> Variable:
    """How many elements over `axis` are not 0; int64."""
    return sum_(_truths(x), axis, keepdims=keepdims)


def _truths(x: Any) -> Variable:
    x = as_variable(x)
    return x if x.dtype == "bool" else neq(x, 0)


def max_and_argmax(x: Any, axis: Any = None, keepdims: bool = False) -> list[Variable]:
    """Largest element over `axis` and its index, int64: along one axis, or in the row-major order
    of all that are reduced (None: all). The first NaN counts as largest, the first of equals wins.

    Raises `AxisError` (KG-S003) for no axes, `ShapeError` (KG-S010) when called on nothing.
    """
    return _with_place(MaxAndArgmax, x, axis, keepdims)


def min_and_argmin(x: Any, axis: Any = None, keepdims: bool = False) -> list[Variable]:
    """Smallest element over `axis` and its index; as `max_and_argmax`."""
    return _with_place(MinAndArgmin, x, axis, keepdims)


def _with_place(kind: type[Reduction], x: Any, axis: Any, keepdims: bool) -> list[Variable]:
    x, kept = as_variable(x), expect_flag(keepdims, "keepdims")
    axes = normalize_axes(axis, x)
    if len(axes) == 1:
        return reduced(kind, x, axes, kept)
    if axis is not None and not axes:
        raise AxisError(f"{kind.name} goes along axes, not along {came(axis)}")
    outputs = reduced(kind, _axes_as_one(x, axes), -1, keepdims=False)
    return [insert_axes(out, axes, x.ndim) for out in outputs] if kept else outputs


def _axes_as_one(x: Variable, axes: Sequence[int]) -> Variable:
    """`x` with some axes, in their order, as one behind the others."""
    others = [axis for axis in range(x.ndim) if axis not in axes]
    if not others:
        return flatten(x)
    sizes = [derived_size(x, axis) for axis in others]
    moved = dimshuffle(x, [*others, *sorted(axes)])
    return reshape(moved, [*sizes, count(x, axes)])


def argmax(x: Any, axis: Any = None, keepdims: bool = False) -> Variable:
    """Index of the first largest element over `axis`, int64; see `max_and_argmax`.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> x = T.dmatrix("x")
    >>> kg.function([x], T.argmax(x, axis=1))([[1, 5, 5], [2, 0, 1]]).tolist()
    [1, 0]
    """
    return max_and_argmax(x, axis, keepdims)[1]


def argmin(x: Any, axis: Any = None, keepdims: bool = False) -> Variable:
    """Index of the first smallest element over `axis`, int64; see `max_and_argmax`."""
    return min_and_argmin(x, axis, keepdims)[1]
