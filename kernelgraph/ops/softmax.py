"""Softmax and its kin: ops that are a few simpler ones together.

They stay whole while an expression is stabilised, because what is lost in `log(softmax(x))` can
only be seen while it is one op; then rewriting takes them apart, and loops fuse their parts.

Exponentials are shifted by the largest operand where they would overflow or underflow together,
and only there: taking the largest from each costs the small ones digits.

Source of the shifted forms: P. Blanchard, D. J. Higham and N. J. Higham, Accurately computing the
log-sum-exp and softmax functions, IMA J. Numer. Anal. 41 (2021), 2311-2330.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kernelgraph.elementwise import dimshuffle
from kernelgraph.errors import DTypeError
from kernelgraph.expect import expect_flag
from kernelgraph.graph import Apply, Variable, describe
from kernelgraph.mismatches import expect_real, typed
from kernelgraph.op import Axis, Composite, Cotangents, Size, as_variable
from kernelgraph.ops.arithmetic import abs_, cast, lt, switch
from kernelgraph.ops.functions import exp, log1p
from kernelgraph.ops.reductions import Max, insert_axes, sum_
from kernelgraph.ops.views import normalize_axes
from kernelgraph.types import TensorType, is_float, upcast

_ROOM = {"float64": 600.0, "float32": 60.0}
"""How large an exponent may be: even the sum of 10**12 such exponentials is finite, and not 0."""


class Peak(Max):
    """The largest element, and minus infinity where there is none."""

    name = "peak"
    nonempty = False

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        return [np.asarray(np.max(inputs[0], axis=self.axes, initial=-np.inf))]


def far_from_zero(top: Variable, times: int = 1) -> Variable:
    """`top`; 0 where its exponential, multiplied by itself so many times, is a number that sums
    have room for, and where it is infinite, for infinity minus infinity is no number.
    """
    single, most = (1,) * top.ndim, _ROOM[top.dtype] / times
    room, end, zero = (np.full(single, n, top.dtype) for n in (most, np.inf, 0.0))
    return switch(lt(room, abs_(top)) * lt(abs_(top), end), top, zero)


def shift_of(x: Variable, *axes: int) -> Variable:
    """What to take from scores before their exponentials are summed along axes, which keep their
    places: the largest, if that is far from 0.
    """
    return insert_axes(far_from_zero(Peak(axes)(x)), axes, x.ndim)


class AlongAxis(Composite):
    """An op that looks at numbers along one axis together, or several (`axis` is a tuple then)."""

    __props__ = ("axis",)

    def __init__(self, axis: int | tuple[int, ...]) -> None:
        self.axis = axis

    @property
    def axes(self) -> tuple[int, ...]:
        """The axes, however many there are."""
        return self.axis if isinstance(self.axis, tuple) else (self.axis,)

    def make_node(self, *inputs: Any) -> Apply:
        """The result has the shape of the operands. Raises `DTypeError` unless they are floats, of
        more than 16 bits.
        """
        operands = [as_variable(value) for value in inputs]
        for x in operands:
            if x.dtype not in _ROOM:
                what = f"{self.name} takes floats, not {describe(x)}"
                raise DTypeError(what, operands=(typed(x, tuple(_ROOM)),))
        dtype, shape = upcast(*(x.dtype for x in operands)), self.shape(operands[-1])
        return Apply(self, operands, [Variable(TensorType(dtype, shape))])

    def shape(self, x: Variable) -> tuple[int | None, ...]:
        """The result's sizes."""
        return x.tensor_type.shape

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        return [[Axis(len(node.inputs) - 1, axis) for axis in range(node.inputs[0].ndim)]]

    def _sum(self, x: Variable) -> Variable:
        return sum_(x, axis=self.axis, keepdims=True)

    def _max(self, x: Variable) -> Variable:
        return insert_axes(Peak(self.axes)(x), self.axes, x.ndim)

    def _shift(self, x: Variable) -> Variable:
        return shift_of(x, *self.axes)


class Softmax(AlongAxis):
    """exp(x) over its sum along an axis; nothing overflows."""

    name = "softmax"
    latex = r"\operatorname{softmax}\left({x}\right)"

    def expand(self, *operands: Variable) -> Variable:
        """The definition."""
        (x,) = operands
        if all(x.broadcastable[axis] for axis in self.axes):  # nothing to compare with
            return x - x + np.ones((1,) * x.ndim, x.dtype)
        shifted = exp(x - self._shift(x))
        return shifted / self._sum(shifted)

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        """The Jacobian is diag(p) - p pᵀ, which is symmetric."""
        (g,) = cotangents
        return [None if g is None else SoftmaxProduct(self.axis)(g, node.out)]

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        return self.vjp(node, tangents)


class SoftmaxProduct(AlongAxis):
    """What a softmax p makes of a derivative g: p (g - sum(g p)), the Jacobian times a vector."""

    name = "softmax_product"
    latex = r"\operatorname{softmax'}\left({x}, {y}\right)"

    def expand(self, *operands: Variable) -> Variable:
        """The definition."""
        g, p = operands
        return p * (g - self._sum(g * p))

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        """Linear in g; quadratic in p."""
        (c,) = cotangents
        if c is None:
            return [None, None]
        g, p = node.inputs
        return [self(c, p), c * (g - self._sum(g * p)) - g * self._sum(c * p)]

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        (dg, dp), (g, p) = tangents, node.inputs
        terms = [
            None if dg is None else self(dg, p),
            None if dp is None else dp * (g - self._sum(g * p)) - p * self._sum(g * dp),
        ]
        there = [term for term in terms if term is not None]
        return [None if not there else there[0] if len(there) == 1 else there[0] + there[1]]


class LogSoftmax(AlongAxis):
    """log(softmax(x)), with digits where softmax(x) has rounded to 0 or to 1: the sum of the
    exponentials is taken without its largest term, which is 1.
    """

    name = "log_softmax"
    latex = r"\operatorname{log\,softmax}\left({x}\right)"

    def expand(self, *operands: Variable) -> Variable:
        """The definition."""
        (x,) = operands
        shifted = x - self._max(x)
        below = lt(shifted, np.zeros((1,) * x.ndim, x.dtype))
        zero, one = (np.full((1,) * x.ndim, n, x.dtype) for n in (0.0, 1.0))
        rest = self._sum(switch(below, exp(shifted), zero))
        more = self._sum(switch(below, zero, one)) - one  # how often the largest is there again
        return shifted - log1p(rest + more)

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        """g minus the softmax times the sum of g."""
        (g,) = cotangents
        return [None if g is None else g - Softmax(self.axis)(node.inputs[0]) * self._sum(g)]

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        (t,) = tangents
        if t is None:
            return [None]
        return [t - self._sum(Softmax(self.axis)(node.inputs[0]) * t)]


class LogSumExp(AlongAxis):
    """log(sum(exp(x))) along an axis that keeps its place with size 1; nothing overflows, and
    results near 0 keep their digits: the largest term is not in the sum whose logarithm is taken.
    """

    name = "logsumexp"
    latex = r"\operatorname{logsumexp}\left({x}\right)"

    def shape(self, x: Variable) -> tuple[int | None, ...]:
        """One number along the axis."""
        return tuple(1 if k in self.axes else n for k, n in enumerate(x.tensor_type.shape))

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        return [[1 if k in self.axes else Axis(0, k) for k in range(node.inputs[0].ndim)]]

    def expand(self, *operands: Variable) -> Variable:
        """The definition."""
        (x,) = operands
        top = self._max(x)
        zero, one, end = (np.full((1,) * x.ndim, n, x.dtype) for n in (0.0, 1.0, np.inf))
        below = lt(x, top)
        finite = switch(lt(abs_(top), end), top, zero)  # infinity minus infinity is no number
        rest = self._sum(switch(below, exp(x - finite), zero))
        more = self._sum(switch(below, zero, one)) - one  # how often the largest is there again
        return top + log1p(rest + more)

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        """The softmax, times g."""
        (g,) = cotangents
        return [None if g is None else Softmax(self.axis)(node.inputs[0]) * g]

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        (t,) = tangents
        return [None if t is None else self._sum(Softmax(self.axis)(node.inputs[0]) * t)]


def _prepared(x: Any, axis: Any, what: str) -> tuple[Variable, int | tuple[int, ...]]:
    """A float variable and an axis that counts from the front, or several in order."""
    x = as_variable(x)
    expect_real(x, what)
    x = x if is_float(x.dtype) else cast(x, "float64")
    axes = tuple(sorted(normalize_axes(axis, x)))
    return x, axes[0] if len(axes) == 1 else axes


def _in_float32(function: Callable[..., Variable], x: Any, *arguments: Any) -> Variable | None:
    """What a function makes of float16, whose range is too short for exponentials: computed in
    float32 and rounded. None for other dtypes.
    """
    x = as_variable(x)
    if x.dtype != "float16":
        return None
    return cast(function(cast(x, "float32"), *arguments), "float16")


def softmax(x: Any, axis: Any = -1) -> Variable:
    """exp(x) over its sum over `axis` (None: all; an int or several); of integers a float64.

    A NaN makes everything NaN that is summed with it. Beside +inf, finite numbers have 0, and the
    infinity itself NaN; beside finite numbers, -inf has 0; alone, it has NaN. Raises `AxisError`.
    """
    if (found := _in_float32(softmax, x, axis)) is not None:
        return found
    x, along = _prepared(x, axis, "softmax")
    return Softmax(along)(x)


def log_softmax(x: Any, axis: Any = -1) -> Variable:
    """The logarithm of `softmax(x)`, accurate where that is small. Raises `AxisError`."""
    if (found := _in_float32(log_softmax, x, axis)) is not None:
        return found
    x, along = _prepared(x, axis, "log_softmax")
    return LogSoftmax(along)(x)


def logsumexp(x: Any, axis: Any = -1, keepdims: bool = False) -> Variable:
    """log(sum(exp(x))) over `axis` (None: all; an int or several), which nothing makes overflow.

    +inf where there is one, -inf where there is nothing else, NaN where there is one. Raises
    `AxisError`.
    """
    if (found := _in_float32(logsumexp, x, axis, keepdims)) is not None:
        return found
    x, along = _prepared(x, axis, "logsumexp")
    total = LogSumExp(along)(x)
    axes = along if isinstance(along, tuple) else (along,)
    kept = expect_flag(keepdims, "keepdims")
    return total if kept else dimshuffle(total, [k for k in range(x.ndim) if k not in axes])
