"""Values made from sizes: the size of a dimension, a vector of scalars, arrays of one number."""

# The operands of a formula are symbols of any type, so the lambdas below have none to declare.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kernelgraph.access import Access
from kernelgraph.elementwise import elementwise
from kernelgraph.errors import OptionError, ShapeError
from kernelgraph.expect import came
from kernelgraph.graph import Apply, Constant, Variable, describe
from kernelgraph.mismatches import sized
from kernelgraph.op import Axis, Cotangents, Creation, Size, as_variable
from kernelgraph.ops.arithmetic import cast
from kernelgraph.ops.moves import NoDerivative
from kernelgraph.partials import Linear
from kernelgraph.remembered import Answers
from kernelgraph.types import LARGEST_SIZE, TensorType, listed, upcast

__all__ = ["shape"]


class SizeOf(NoDerivative, Creation):
    """The size of one dimension, an int64 scalar.

    Asking for it computes no element of the operand.
    """

    virtual = True

    __props__ = ("axis",)
    name = "size"

    def __init__(self, axis: int) -> None:
        self.axis = axis

    def make_node(self, *inputs: Any) -> Apply:
        return Apply(self, inputs, [Variable(TensorType("int64", ()))])

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        return [np.array(np.shape(inputs[0])[self.axis], dtype="int64")]


exact_div = elementwise(
    "exact_div", "How often a size goes into another, -1 (no size) if the divisor is 0.",
    numpy=lambda x, y: np.where(y == 0, -1, x // np.where(y == 0, 1, y)),
    c="({y} == 0 ? -1 : {x} / {y})",
    python="(-1 if {y} == 0 else {x} // {y})", arity=2, public=False,
    partials=lambda x, y, out: (None, None),
)  # fmt: skip


_NEAR = 4
"""Further than so many steps no size is looked for twice."""

_far: Answers[Variable, dict[int, tuple[Variable, int]]] = Answers()
"""By variable and axis: which variable and axis was asked for that size in the end."""


def size(x: Variable, axis: int) -> Variable:
    """The size of dimension `axis` of `x` as an int64 scalar: a constant where it is known.

    Asks the op that made `x` before it asks for `x` itself, so that shapes rarely cost a
    computation.
    """
    x, axis, source = _measured_at(x, axis)
    if isinstance(source, Variable):
        return cast(source, "int64")
    return SizeOf(axis)(x) if source is None else constant_size(source)


def _measured_at(x: Variable, axis: int) -> tuple[Variable, int, int | Variable | None]:
    """The variable behind `x`, and its axis, whose size no further variable has; and what that size
    is worked out from, if anything.
    """
    passed: list[tuple[Variable, int]] = []
    while isinstance(source := _source(x, axis), Axis):
        passed.append((x, axis))
        known = _far.get(x) if len(passed) > _NEAR else None
        if known is not None and axis in known:
            x, axis = known[axis]
        elif x.owner is not None:
            x, axis = x.owner.inputs[source.operand], source.axis
    for variable, its_axis in passed[_NEAR::_NEAR]:
        _far[variable] = {**(_far.get(variable) or {}), its_axis: (x, axis)}
    return x, axis, source


def _source(x: Variable, axis: int) -> Size:
    """What the size of an axis is worked out from: a number, a scalar, an axis of an operand of the
    op that made `x`, or nothing.
    """
    known, node = x.tensor_type.shape[axis], x.owner
    if known is not None or node is None:
        return known
    source = node.op.sizes(node)[x.index][axis]
    if source is None and hasattr(node.op, "infer_shape"):
        return _inferred(node)[x.index][axis]
    return source


def own_size(x: Variable, axis: int) -> Variable:
    """The size of dimension `axis` of `x` itself, whatever made it: so that the sizes of a chain of
    views are each one step from the one before.
    """
    known = x.tensor_type.shape[axis]
    return constant_size(known) if known is not None else SizeOf(axis)(x)


def derived_size(x: Variable, axis: int) -> Variable:
    """The size of dimension `axis` of `x` as a scalar that is derived from `x`: whoever asks for
    the shape of `v + u` learns that the two do not fit, though the sum is never computed.
    """
    found = size(x, axis)
    if x.owner is None:
        return found
    if isinstance(found, Constant):
        found = constant_size(int(found.data))
    elif found.owner is not None and isinstance(found.owner.op, SizeOf):
        found = found.owner.op(found.owner.inputs[0])
    else:
        return SizeOf(axis)(x)
    found.derived_from = (x,)
    return found


def _inferred(node: Apply) -> Sequence[Sequence[Any]]:
    """What a user's op says about the shapes of its results.

    Only questions for a size go this way: where memory depends on a size, the result itself is
    asked.
    """
    user_op: Any = node.op
    shapes = [
        tuple(size(v, axis) for axis in range(v.ndim)) if isinstance(v.type, TensorType) else None
        for v in node.inputs
    ]
    found: list[Sequence[Any]] = listed(user_op.infer_shape(node, shapes))
    expected = [v.ndim for v in node.outputs if isinstance(v.type, TensorType)]
    if [len(sizes) for sizes in found] != expected:
        raise ShapeError(
            f"{node.op}: infer_shape gives {[len(sizes) for sizes in found]} dimensions, "
            f"the results have {expected}",
            code="KG-S011",
            origins=node.origins,
        )
    return [[s if isinstance(s, Variable) else int(s) for s in sizes] for sizes in found]


def listed_sizes(sizes: Variable) -> list[Size]:
    """The entries of a vector of sizes where it was made from a list, else None for each."""
    if isinstance(sizes, Constant):
        return [int(n) for n in sizes.data]
    if sizes.owner is not None and isinstance(sizes.owner.op, MakeVector):
        items = sizes.owner.inputs
        return [int(v.data) if isinstance(v, Constant) else cast(v, "int64") for v in items]
    return [None] * (sizes.tensor_type.shape[0] or 0)


def constant_size(number: int) -> Constant:
    """An int64 scalar constant. Raises `OptionError` for a number that is too large."""
    if not -LARGEST_SIZE - 1 <= number <= LARGEST_SIZE:
        raise OptionError(f"sizes and places are int64, which {came(number)} does not fit")
    return Constant(TensorType("int64", ()), np.array(number, dtype="int64"))


def measured(scalar: Variable) -> tuple[Variable, int] | None:
    """The variable and the axis whose size a scalar is; None for any other scalar."""
    node = scalar.owner
    if node is None or not isinstance(node.op, SizeOf):
        return None
    return node.inputs[0], node.op.axis


class MakeVector(Creation):
    """Scalars put side by side in a vector."""

    looped = True

    __props__ = ("dtype",)
    name = "stack"
    linear = Linear()

    def __init__(self, dtype: str) -> None:
        self.dtype = dtype

    def make_node(self, *inputs: Any) -> Apply:
        items = [cast(item, self.dtype) for item in inputs]
        return Apply(self, items, [Variable(TensorType(self.dtype, (len(items),)))])

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        return [np.array([np.asarray(item)[()] for item in inputs], dtype=self.dtype)]

    def access(self, node: Apply) -> Access:
        """All at once: each has a place of its own in the result."""
        return Access([(k, ()) for k in range(len(node.inputs))], scattered=True)

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        return [[len(node.inputs)]]

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        (g,) = cotangents
        return [None if g is None else g[k] for k in range(len(node.inputs))]

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        if all(t is None for t in tangents):
            return [None]
        return [stack(*(t if t is not None else as_variable(0.0) for t in tangents))]


def stack(*items: Any) -> Variable:
    """A vector of scalars, given one by one or as a list, in their common dtype.

    Raises `ShapeError` for items that are not scalars.
    """
    variables = [as_variable(item) for item in (listed(items[0]) if len(items) == 1 else items)]
    if not variables:
        raise ShapeError("there are no scalars to list in an array", code="KG-S008")
    for variable in variables:
        if variable.ndim:
            what = f"only scalars can be listed in an array, not {describe(variable)}"
            raise ShapeError(what, code="KG-S008", operands=(sized(variable),))
    return MakeVector(upcast(*(v.dtype for v in variables)))(*variables)


def shape(x: Any) -> Variable:
    """The sizes of `x` as an int64 vector."""
    x = as_variable(x)
    return MakeVector("int64")(*(derived_size(x, axis) for axis in range(x.ndim)))
