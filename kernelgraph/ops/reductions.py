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
from kernelgraph.op import Reduction, as_variable
from kernelgraph.ops.arithmetic import DIVIDE, cast, eq
from kernelgraph.ops.functions import sqrt
from kernelgraph.ops.sources import constant_size, derived_size
from kernelgraph.ops.views import flatten, normalize_axes
from kernelgraph.partials import Only
from kernelgraph.templates import State, Template
from kernelgraph.types import Array, accumulator, is_float

__all__ = ["argmax", "max_and_argmax", "mean", "mean_and_variance", "std", "var"]


def _same(dtype: str) -> str:
    return dtype


def _nothing(dtype: str) -> Any:
    return -0.0 if is_float(dtype) else 0


def _given(value: Any, dtype: str) -> Any:
    """What a state starts from, or its dtype, whatever the dtype of the operand."""
    return value


_zero, _none_yet = partial(_given, 0), partial(_given, -1)
_truth, _index, _wide = (partial(_given, dtype) for dtype in ("bool", "int64", "float64"))


def _lowest(dtype: str) -> Any:
    return -np.inf if is_float(dtype) else False if dtype == "bool" else np.iinfo(dtype).min


def _highest(dtype: str) -> Any:
    return np.inf if is_float(dtype) else True if dtype == "bool" else np.iinfo(dtype).max


def insert_axes(reduced: Variable, axes: Sequence[int], rank: int) -> Variable:
    """A reduction's result with dimensions of size 1 put back where `axes` were."""
    kept = iter(range(reduced.ndim))
    return dimshuffle(reduced, ["x" if axis in axes else next(kept) for axis in range(rank)])


class Sum(Reduction):
    """Sum over axes, accumulated in 64 bits.

    Integers give 64-bit integers, floats keep their dtype.
    """

    name = "sum"
    states = (State("total", _zero, accumulator, "{total} + {x}"),)
    finish = (Template("sum", "{total}"),)
    associative = True

    def output_dtypes(self, dtype: str) -> Sequence[str]:
        return [dtype if is_float(dtype) else accumulator(dtype)]

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
        start = np.asarray(-0.0 if is_float(x.dtype.name) else 0).astype(x.dtype)
        with np.errstate(all="ignore"):
            return [np.asarray(np.add.reduce(x, axis=self.axes, dtype=x.dtype, initial=start))]

    def partials(self, node: Apply) -> Sequence[Any]:
        return [1]


class _Extremum(Reduction):
    """What max and min share: elements equal to the result have equal shares of the derivative."""

    associative = True
    nonempty = True
    extreme: Callable[..., Any]

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        self.check_not_empty(node, np.shape(inputs[0]))
        return [np.asarray(self.extreme(inputs[0], axis=self.axes))]

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
              "{best} if {best} > {x} or {best} != {best} else {x}"),
    )  # fmt: skip
    finish = (Template("best", "{best}"),)
    extreme = staticmethod(np.max)


class Min(_Extremum):
    """The smallest element; NaN if there is one."""

    name = "min"
    states = (
        State("best", _highest, _same, "{best} < {x} || {best} != {best} ? {best} : {x}",
              "{best} if {best} < {x} or {best} != {best} else {x}"),
    )  # fmt: skip
    finish = (Template("best", "{best}"),)
    extreme = staticmethod(np.min)


class MaxAndArgmax(_Extremum):
    """The largest element along one axis and its first index, in one pass.

    The first NaN counts as largest.
    """

    name = "max_and_argmax"
    associative = False
    lets = (
        State("better", _zero, _truth,
              "{where} < 0 || ({x} != {x} ? {best} == {best} : {x} > {best})",
              "{where} < 0 or ({best} == {best} if {x} != {x} else {x} > {best})"),
    )  # fmt: skip
    states = (
        State("best", _lowest, _same, "{better} ? {x} : {best}", "{x} if {better} else {best}"),
        State("where", _none_yet, _index, "{better} ? {i} : {where}",
              "{i} if {better} else {where}"),
    )  # fmt: skip
    finish = (Template("best", "{best}"), Template("where", "{where}"))

    def output_dtypes(self, dtype: str) -> Sequence[str]:
        return [dtype, "int64"]

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        self.check_not_empty(node, np.shape(inputs[0]))
        (axis,) = self.axes
        return [np.asarray(found(inputs[0], axis=axis)) for found in (np.max, np.argmax)]


class MeanAndVariance(Reduction):
    """Mean and (population) variance in one pass, by Welford's update (Technometrics 4, 1962): no
    cancellation.

    What rounding takes from the mean and from the spread is kept beside them and given back at the
    next element (Kahan, Communications of the ACM 8, 1965), so that the error does not grow with
    the number of elements. Infinities are added up apart: their mean is one of them, or NaN. Of
    nothing, both are NaN.
    """

    name = "mean_and_variance"
    lets = (
        State("share", _zero, _wide, "1 / ({count} + 1)"),
        State("delta", _zero, _wide, "{x} - {mean} - {lost}"),
        State("step", _zero, _wide, "{delta} * {share} + {lost}"),
        State("next", _zero, _wide, "{mean} + {step}"),
        State("rest", _zero, _wide, "{step} - ({next} - {mean})"),
        State("square", _zero, _wide, "{delta} * ({x} - {next} - {rest}) + {crumbs}"),
        State("sum", _zero, _wide, "{spread} + {square}"),
    )
    states = (
        State("count", _zero, _wide, "{count} + 1"),
        State("crumbs", _zero, _wide, "{square} - ({sum} - {spread})"),
        State("spread", _zero, _wide, "{sum}"),
        State("mean", _zero, _wide, "{next}"),
        State("lost", _zero, _wide, "{rest}"),
        State("infinite", _zero, _wide, "{infinite} + ({x} - {x} == 0 ? 0 : {x})",
              "{infinite} + (0 if np.isfinite({x}) else {x})"),
    )  # fmt: skip
    finish = (
        Template("mean", "{infinite} == 0 ? {mean} + 0 / {count} : {infinite}",
                 "{mean} + divide(0, {count}) if {infinite} == 0 else {infinite}",
                 helpers=(DIVIDE,)),
        Template("variance", "{spread} / {count}", "divide({spread}, {count})", helpers=(DIVIDE,)),
    )  # fmt: skip

    def output_dtypes(self, dtype: str) -> Sequence[str]:
        return [dtype if is_float(dtype) else "float64"] * 2

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        x: Array = np.asarray(inputs[0]).astype("float64")
        with np.errstate(all="ignore"):
            count = np.asarray(np.sum(np.ones_like(x), axis=self.axes))
            mean = np.asarray(np.sum(x, axis=self.axes) / count)
            apart = x - np.expand_dims(mean, self.axes)
            error = np.sum(apart, axis=self.axes)  # of the mean, which was rounded
            spread = np.sum(apart**2, axis=self.axes) - error**2 / count
            return [
                mean.astype(node.outputs[0].dtype),
                np.asarray(spread / count).astype(node.outputs[1].dtype),
            ]

    def partials(self, node: Apply) -> Sequence[Any]:
        """1/n and 2 (x - mean)/n."""
        (x,) = node.inputs
        share = 1.0 / cast(count(x, self.axes), node.outputs[0].dtype)
        return share, 2 * share * (x - insert_axes(node.outputs[0], self.axes, x.ndim))


def count(x: Variable, axes: Sequence[int]) -> Variable:
    """How many elements a reduction over `axes` combines, an int64 scalar."""
    total: Any = derived_size(x, axes[0]) if axes else constant_size(1)
    for axis in axes[1:]:
        total = total * derived_size(x, axis)
    return total


def _reduce(kind: type[Reduction], x: Any, axis: Any, keepdims: bool) -> list[Variable]:
    x, keepdims = as_variable(x), expect_flag(keepdims, "keepdims")
    axes = normalize_axes(axis, x)
    node = kind(axes).make_node(x)
    outputs = kind(axes)(x) if len(node.outputs) > 1 else [kind(axes)(x)]
    return [insert_axes(out, axes, x.ndim) if keepdims else out for out in outputs]


def sum_(x: Any, axis: Any = None, keepdims: bool = False) -> Variable:
    """Sum over `axis` (None: all; an int or several)."""
    return _reduce(Sum, x, axis, keepdims)[0]


def max_(x: Any, axis: Any = None, keepdims: bool = False) -> Variable:
    """Largest element over `axis`. Raises `ShapeError` (KG-S010) when called on nothing."""
    return _reduce(Max, x, axis, keepdims)[0]


def min_(x: Any, axis: Any = None, keepdims: bool = False) -> Variable:
    """Smallest element over `axis`. Raises `ShapeError` (KG-S010) when called on nothing."""
    return _reduce(Min, x, axis, keepdims)[0]


def max_and_argmax(x: Any, axis: int | None = None, keepdims: bool = False) -> list[Variable]:
    """Largest element along `axis` (None: of all, in row-major order) and its index.

    Raises `AxisError` (KG-S003) for several axes.
    """
    x = as_variable(x)
    if axis is None:
        outputs = _reduce(MaxAndArgmax, flatten(x), 0, keepdims=False)
        every = range(x.ndim)
        kept = expect_flag(keepdims, "keepdims")
        return [insert_axes(out, every, x.ndim) for out in outputs] if kept else outputs
    if len(normalize_axes(axis, x)) != 1:
        raise AxisError(f"argmax goes along one axis, or all of them, not along {came(axis)}")
    return _reduce(MaxAndArgmax, x, axis, keepdims)


def argmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Variable:
    """Index of the first largest element along `axis`, int64."""
    return max_and_argmax(x, axis, keepdims)[1]


def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Variable:
    """Sum over `axis` divided by the number of elements; integers are summed as float64."""
    x = as_variable(x)
    x = x if is_float(x.dtype) else cast(x, "float64")
    axes = normalize_axes(axis, x)
    return sum_(x, axis, keepdims) / cast(count(x, axes), x.dtype)


def mean_and_variance(x: Any, axis: Any = None, keepdims: bool = False) -> list[Variable]:
    """Mean and population variance over `axis`, in one pass over the numbers."""
    return _reduce(MeanAndVariance, x, axis, keepdims)


def var(x: Any, axis: Any = None, keepdims: bool = False) -> Variable:
    """Population variance over `axis`."""
    return mean_and_variance(x, axis, keepdims)[1]


def std(x: Any, axis: Any = None, keepdims: bool = False) -> Variable:
    """Population standard deviation over `axis`: the root of `var`."""
    return sqrt(var(x, axis, keepdims))
