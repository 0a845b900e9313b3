"""Values that pass as they are, while gradients do not: they are stopped, clipped or scaled.

`zero_grad(x)` is x, and its derivative is 0; so a target network is held fixed, or a sample that a
gradient must not see. Rewriting takes all of these away, so that none costs anything.

>>> import kernelgraph as kg, kernelgraph.tensor as T
>>> x = T.dscalar("x")
>>> kg.grad(T.zero_grad(x) * x, x).eval({x: 3.0})
array(3.)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kernelgraph.errors import GradientError
from kernelgraph.expect import expect_number
from kernelgraph.graph import Apply, Variable
from kernelgraph.op import Axis, Cotangents, Size, View, as_variable
from kernelgraph.ops.arithmetic import clip
from kernelgraph.ops.broadcasting import zeros_like

__all__ = [
    "consider_constant", "disconnected_grad", "grad_clip", "grad_scale", "undefined_grad",
    "zero_grad",
]  # fmt: skip


class Passing(View):
    """The operand as it is. What becomes of derivatives says `changed`."""

    linear = None

    def make_node(self, *inputs: Any) -> Apply:
        x: Variable = as_variable(inputs[0])
        return Apply(self, [x], [Variable(x.type)])

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        return [inputs[0]]

    def source_index(self, node: Apply, index: Sequence[Any]) -> Sequence[Any]:
        return index

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        return [[Axis(0, axis) for axis in range(node.out.ndim)]]

    def changed(self, node: Apply, derivative: Variable) -> Variable | None:
        """What becomes of a derivative that passes, in either mode."""
        raise NotImplementedError

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        (g,) = cotangents
        return [None if g is None else self.changed(node, g)]

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        return self.vjp(node, tangents)


class ZeroGrad(Passing):
    """Derivatives become 0; the operand still counts as one that the cost depends on."""

    __props__ = ("name",)

    def __init__(self, name: str = "zero_grad") -> None:
        self.name = name

    def changed(self, node: Apply, derivative: Variable) -> Variable | None:
        return zeros_like(derivative)


class DisconnectedGrad(Passing):
    """Derivatives end here: the cost does not depend on the operand."""

    __props__ = ()
    name = "disconnected_grad"

    def changed(self, node: Apply, derivative: Variable) -> Variable | None:
        return None


class UndefinedGrad(Passing):
    """There is no derivative, and whoever asks for one is told."""

    __props__ = ()
    name = "undefined_grad"

    def changed(self, node: Apply, derivative: Variable) -> Variable | None:
        message = "the derivative was declared undefined here"
        raise GradientError(message, code="KG-G022", origins=node.origins)


class GradClip(Passing):
    """Gradients are kept within bounds. Tangents, which go the other way, pass as they are."""

    __props__ = ("lower", "upper")
    name = "grad_clip"

    def __init__(self, lower: float, upper: float) -> None:
        self.lower, self.upper = lower, upper

    def changed(self, node: Apply, derivative: Variable) -> Variable | None:
        return clip(derivative, self.lower, self.upper)

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        return tangents


class GradScale(Passing):
    """Derivatives are multiplied by a number."""

    __props__ = ("factor",)
    name = "grad_scale"

    def __init__(self, factor: float) -> None:
        self.factor = factor

    def changed(self, node: Apply, derivative: Variable) -> Variable | None:
        return derivative * self.factor


def zero_grad(x: Any) -> Variable:
    """`x`, whose derivative is 0."""
    return ZeroGrad()(x)


def consider_constant(x: Any) -> Variable:
    """`x`, which gradients take as a constant: its derivative is 0. The same as `zero_grad`."""
    return ZeroGrad("consider_constant")(x)


def disconnected_grad(x: Any) -> Variable:
    """`x`, of which gradients do not know that it depends on anything.

    A cost that depends on a variable through this alone is disconnected from it: `kg.grad` raises
    `DisconnectedInputError` unless told otherwise. With `zero_grad`, it would be 0.
    """
    return DisconnectedGrad()(x)


def undefined_grad(x: Any) -> Variable:
    """`x`, through which no gradient may pass: `kg.grad` raises `NullGradientError` (KG-G022)."""
    return UndefinedGrad()(x)


def grad_clip(x: Any, lower_bound: float, upper_bound: float) -> Variable:
    """`x`, whose gradient is kept between two numbers, element by element.

    A recurrent network is trained so without exploding gradients (A. Graves, arXiv:1308.0850,
    2013). Raises `ArgumentError` for bounds that are not numbers.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> x = T.dscalar("x")
    >>> kg.grad(T.grad_clip(x, -1, 1) ** 2, x).eval({x: 10.0})
    array(1.)
    """
    bounds = (expect_number(lower_bound, "lower_bound"), expect_number(upper_bound, "upper_bound"))
    return GradClip(*bounds)(x)


def grad_scale(x: Any, multiplier: float) -> Variable:
    """`x`, whose gradient is multiplied by a number: -1 reverses it (Y. Ganin and V. Lempitsky,
    Unsupervised domain adaptation by backpropagation, ICML 2015).

    Raises `ArgumentError` for what is no number.
    """
    return GradScale(expect_number(multiplier, "multiplier"))(x)
