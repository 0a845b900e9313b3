"""Running sums and products along an axis, and differences of neighbours.

    cumsum([a, b, c]) = [a, a + b, a + b + c]        cumprod([a, b, c]) = [a, a b, a b c]

Each is a loop in which an element hands a number on to the next one. The derivative of a running
product needs a loop of the form `s[i + 1] = a[i] s[i] + b[i]`, a linear recurrence, whose own
derivatives are such loops again: nothing is ever divided by an element, which may be 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from kernelgraph.access import Access, Pair
from kernelgraph.expect import expect_integer
from kernelgraph.graph import Apply, Variable
from kernelgraph.op import Accumulation, Axis, Cotangents, Size, as_variable
from kernelgraph.ops.arithmetic import neq
from kernelgraph.ops.complex_text import TIMES, product
from kernelgraph.ops.complexes import conjugate
from kernelgraph.ops.views import flatten, normalize_axes
from kernelgraph.partials import Linear
from kernelgraph.templates import State, Template
from kernelgraph.types import Array, TensorType, accumulator, computing, is_complex, is_inexact

__all__ = ["cumprod", "cumsum", "diff"]

_MOST_DIFFERENCES = 1000
"""So often differences are taken, at most: each time is a node."""


def _wide(dtype: str) -> str:
    """Floats keep their dtype, as in NumPy; integers run on in 64 bits."""
    return dtype if is_inexact(dtype) else accumulator(dtype)


TIMES_STATE = Template("product", "complex_times({product}, {x})", helpers=(TIMES,))
"""The next product of complex numbers."""


def _start(number: float) -> Callable[[str], Any]:
    def of(dtype: str) -> Any:
        return number if is_inexact(dtype) else int(number)

    return of


def _multiplied_up(x: Array, axis: int, dtype: str) -> Array:
    """Running products from 1 on: of float16 in float32, rounded once for each result."""
    if not is_complex(dtype):
        return np.cumprod(x, axis=axis, dtype=computing(dtype)).astype(dtype, copy=False)
    rows: Array = np.moveaxis(x, axis, 0).astype(dtype)
    last: Array = np.ones(rows.shape[1:], dtype)
    for k in range(len(rows)):
        rows[k] = last = product(last, rows[k])
    return np.moveaxis(rows, 0, axis)


class Running(Accumulation):
    """Operands of one shape gone through along an axis; the result has the same shape."""

    __props__ = ("axis",)
    gives = "after"

    def __init__(self, axis: int) -> None:
        self.axis = axis

    def make_node(self, *inputs: Any) -> Apply:
        operands = [as_variable(value) for value in inputs]
        x: Variable = operands[0]
        dtype = _wide(x.dtype)
        return Apply(self, operands, [Variable(TensorType(dtype, x.tensor_type.shape))])

    def access(self, node: Apply) -> Access:
        """Elements at the same place, one after the other along the axis."""
        places = range(node.out.ndim)
        return Access([(k, places) for k in range(len(node.inputs))], carried=self.axis)

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        return [[Axis(0, axis) for axis in range(node.out.ndim)]]

    def equal_sizes(self, node: Apply) -> Iterable[Pair]:
        for k in range(1, len(node.inputs)):
            yield from ((Axis(0, axis), Axis(k, axis)) for axis in range(node.out.ndim))


class CumSum(Running):
    """Each element and all before it, added in their order; integers in 64 bits."""

    name = "cumsum"
    states = (State("total", _start(-0.0), _wide, "{total} + {x}"),)
    finish = (Template("cumsum", "{total}"),)
    linear = Linear(adds=True, repeats=True)

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        with np.errstate(all="ignore"):
            found = np.cumsum(inputs[0], axis=self.axis, dtype=computing(node.out.dtype))
            return [found.astype(node.out.dtype, copy=False)]

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        """Each element goes into its own sum and all behind it."""
        (g,) = cotangents
        return [None if g is None else backwards(self(backwards(g, self.axis)), self.axis)]

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        return [None if tangents[0] is None else self(tangents[0])]


class Recurrence(Running):
    """s[0] = 0, s[i + 1] = a[i] s[i] + b[i]; the last a and b count for nothing.

    With g the derivative of s, that of b is t[i] = g[i + 1] + a[i + 1] t[i + 1], which is this
    recurrence backwards, and that of a is t s.
    """

    name = "recurrence"
    gives = "before"
    states = (
        State("past", _start(0), _wide, "{i} == 0 ? {y} : {y} + {x} * {past}",
              "{y} if {i} == 0 else {y} + {x} * {past}",
              over_complex=Template(
                  "past", "{i} == 0 ? {y} : {y} + complex_times({x}, {past})", helpers=(TIMES,)
              )),
    )  # fmt: skip
    finish = (Template("recurrence", "{past}"),)

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        a, b = (np.moveaxis(np.asarray(value), self.axis, 0) for value in inputs)
        dtype = computing(node.out.dtype)
        a, b = (value.astype(dtype, copy=False) for value in (a, b))
        out: Array = np.zeros(b.shape, dtype)
        times = product if is_complex(node.out.dtype) else np.multiply
        with np.errstate(all="ignore"):
            for k in range(1, len(out)):
                out[k] = b[k - 1] + times(a[k - 1], out[k - 1]) if k > 1 else b[0]
            return [np.moveaxis(out, 0, self.axis).astype(node.out.dtype, copy=False)]

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        (a, _), (g,) = node.inputs, cotangents
        if g is None:
            return [None, None]
        t = running_back(self, conjugate(a), g)
        return [t * conjugate(node.out), t]

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        (a, _), (da, db) = node.inputs, tangents
        moved = None if da is None else da * node.out
        parts = [part for part in (moved, db) if part is not None]
        return [self(a, sum(parts[1:], parts[0])) if parts else None]


class ProductBefore(Running):
    """The product of all elements before each one, of the first 1; integers in 64 bits."""

    name = "product_before"
    gives = "before"
    states = (State("product", _start(1), _wide, "{product} * {x}", over_complex=TIMES_STATE),)
    finish = (Template("product_before", "{product}"),)

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        with np.errstate(all="ignore"):
            through = _multiplied_up(np.asarray(inputs[0]), self.axis, node.out.dtype)
        out: Array = np.moveaxis(np.ones_like(through), self.axis, 0)
        out[1:] = np.moveaxis(through, self.axis, 0)[:-1]
        return [np.moveaxis(out, 0, self.axis)]

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        (x,), (g,) = node.inputs, cotangents
        if g is None or not is_inexact(x.dtype):
            return [None]
        return [running_back(Recurrence(self.axis), conjugate(x), g) * conjugate(node.out)]

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        (x,), (t,) = node.inputs, tangents
        return [None if t is None else Recurrence(self.axis)(x, t * node.out)]


class CumProd(Running):
    """The product of each element and all before it, in their order; integers in 64 bits.

    It is x times the product before x, of which it has its derivatives.
    """

    name = "cumprod"
    states = (State("product", _start(1), _wide, "{product} * {x}", over_complex=TIMES_STATE),)
    finish = (Template("cumprod", "{product}"),)

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        with np.errstate(all="ignore"):
            return [_multiplied_up(np.asarray(inputs[0]), self.axis, node.out.dtype)]

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        """x[i] is multiplied by what is before it, and by t[i] = g[i] + x[i + 1] t[i + 1]."""
        (x,), (g,) = node.inputs, cotangents
        if g is None or not is_inexact(x.dtype):
            return [None]
        x = conjugate(x)
        behind = running_back(Recurrence(self.axis), x, g * x)
        return [(g + behind) * ProductBefore(self.axis)(x)]

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        (x,), (t,) = node.inputs, tangents
        if t is None:
            return [None]
        before = ProductBefore(self.axis)(x)
        return [t * before + x * Recurrence(self.axis)(x, t * before)]


def backwards(x: Variable, axis: int) -> Variable:
    """`x` with the order along an axis turned round."""
    return x[(*[slice(None)] * axis, slice(None, None, -1))]


def running_back(op: Running, a: Variable, b: Variable) -> Variable:
    """What an op makes of two operands from the end to the front."""
    return backwards(op(backwards(a, op.axis), backwards(b, op.axis)), op.axis)


def _along(kind: type[Running], x: Any, axis: Any) -> Variable:
    x = as_variable(x)
    if axis is None:
        return kind(0)(flatten(x))
    (along,) = normalize_axes([axis], x)
    return kind(along)(x)


def cumsum(x: Any, axis: int | None = None) -> Variable:
    """Running sum along `axis` (None: of all elements, in row-major order, as a vector).

    Integers are added in 64 bits, floats in their own dtype, in their order. Raises `AxisError`
    (KG-S003) for an axis that is not there.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> x = T.dvector("x")
    >>> f = kg.function([x], [T.cumsum(x), T.grad(T.cumsum(x).sum(), x)])
    >>> [found.tolist() for found in f([1.0, 2.0, 3.0])]
    [[1.0, 3.0, 6.0], [3.0, 2.0, 1.0]]
    """
    return _along(CumSum, x, axis)


def cumprod(x: Any, axis: int | None = None) -> Variable:
    """Running product along `axis` (None: of all elements, in row-major order, as a vector).

    Its derivatives of any order are right where elements are 0. Integers are multiplied in 64 bits.
    Raises `AxisError` (KG-S003) for an axis that is not there.
    """
    return _along(CumProd, x, axis)


def diff(x: Any, n: int = 1, axis: int = -1) -> Variable:
    """Differences of neighbours along `axis`, `n` times: x[1:] - x[:-1]; of truth values, whether
    they differ.

    Raises `AxisError` (KG-S003) for an axis that is not there, and `OptionError` for an n
    below 0 or above 1000.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> x = T.lvector("x")
    >>> kg.function([x], T.diff(x, n=2))([1, 4, 9, 16]).tolist()
    [2, 2]
    """
    x = as_variable(x)
    (along,) = normalize_axes([axis], x)
    whole = (slice(None),) * along
    for _ in range(expect_integer(n, "n", least=0, most=_MOST_DIFFERENCES)):
        later, earlier = x[(*whole, slice(1, None))], x[(*whole, slice(None, -1))]
        x = neq(later, earlier) if x.dtype == "bool" else later - earlier
    return x
