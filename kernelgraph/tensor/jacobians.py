"""Matrices of derivatives: Jacobians and Hessians, and a Hessian times a vector.

A Jacobian is what reverse mode makes of all rows of an identity matrix at once: one graph that is
vectorized over its cotangent, without a loop.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from kernelgraph.autodiff import grad, vjp
from kernelgraph.elementwise import dimshuffle
from kernelgraph.errors import GradientError
from kernelgraph.expect import expect_choice
from kernelgraph.gradient_arguments import connected, expect_wrt, scalar_cost
from kernelgraph.graph import Variable, describe
from kernelgraph.ops.arithmetic import cast, eq
from kernelgraph.ops.broadcasting import Broadcast
from kernelgraph.ops.positions import arange
from kernelgraph.ops.sources import constant_size, size
from kernelgraph.ops.views import reshape
from kernelgraph.symbols import expect_variable, expect_variables
from kernelgraph.tensor.gradients import like_wrt, right_product
from kernelgraph.types import TensorType, is_float, listed
from kernelgraph.vectorize import vectorize_graph

__all__ = ["hessian", "hessian_vector_product", "jacobian"]


def jacobian(
    expression: Any, wrt: Any, consider_constant: Any = None, disconnected_inputs: str = "raise"
) -> Any:
    """The derivatives of each element of `expression` by each element of `wrt`: an array of the
    dimensions of the one, then those of the other.

    One variable of `wrt` gives one array, a list gives a list, a tuple a tuple. The other arguments
    are those of `kg.grad`. Raises `GradientError` (KG-G020) for an expression that has no floats,
    `DisconnectedInputError` (KG-G021) for a variable that it does not depend on.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> x = T.dvector("x")
    >>> kg.function([x], kg.jacobian(x ** 2, x))([1.0, 2.0, 3.0])
    array([[2., 0., 0.],
           [0., 4., 0.],
           [0., 0., 6.]])
    """
    y = expect_variable(expression, "the expression")
    if not isinstance(y.type, TensorType) or not is_float(y.dtype):
        raise GradientError(f"only floats have a Jacobian, not {describe(y)}", code="KG-G020")
    choices = ("raise", "warn", "ignore")
    policy = expect_choice(disconnected_inputs, "disconnected_inputs", choices)
    inputs: list[Variable] = [expect_wrt(v) for v in listed(wrt)]
    held: Any = [] if consider_constant is None else consider_constant
    constant = expect_variables(held, "what is considered constant")
    row = Variable(y.type)
    found = vjp([y], inputs, [row], constant)
    sizes = [size(y, axis) for axis in range(y.ndim)]
    there = [g for g in found if g is not None]
    rows = iter(vectorize_graph(there, {row: _unit_arrays(y, sizes)}))
    return like_wrt(wrt, [
        _shaped(None if g is None else next(rows), v, y, sizes, policy)
        for g, v in zip(found, inputs, strict=True)
    ])  # fmt: skip


def _unit_arrays(y: Variable, sizes: Sequence[Variable]) -> Variable:
    """All arrays of the shape of `y` that have a single 1, one for each element of it; of a scalar,
    the number 1.
    """
    if not sizes:
        return cast(constant_size(1), y.dtype)
    count = prod(sizes[1:], start=sizes[0])
    place = arange(count)
    ones = cast(eq(dimshuffle(place, (0, "x")), dimshuffle(place, ("x", 0))), y.dtype)
    return ones if y.ndim == 1 else reshape(ones, (count, *sizes))


def _shaped(
    rows: Variable | None, v: Variable, y: Variable, sizes: Sequence[Variable], policy: str
) -> Variable:
    """Rows of derivatives under the dimensions of `y`; zeros where there are none."""
    if rows is None:
        zeros = connected(None, v, policy, "zero", [y])
        assert zeros is not None
        padded = dimshuffle(zeros, [*["x"] * len(sizes), *range(zeros.ndim)])
        return Broadcast(range(len(sizes)))(padded, *sizes) if sizes else zeros
    if len(sizes) <= 1:
        return rows
    return reshape(rows, (*sizes, *(size(v, axis) for axis in range(v.ndim))))


def hessian(
    cost: Any, wrt: Any, consider_constant: Any = None, disconnected_inputs: str = "raise"
) -> Any:
    """The second derivatives of a scalar `cost` by each pair of elements of a variable: an array
    with its dimensions twice. A list of variables gives a list, of each by itself.

    Raises what `kg.jacobian` does.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> x = T.dvector("x")
    >>> kg.function([x], kg.hessian((x ** 3).sum(), x))([1.0, 2.0])
    array([[ 6.,  0.],
           [ 0., 12.]])
    """
    cost = scalar_cost(cost)
    inputs: list[Variable] = [expect_wrt(v) for v in listed(wrt)]
    slopes = grad(cost, inputs, consider_constant, disconnected_inputs)
    return like_wrt(wrt, [
        jacobian(slope, v, consider_constant, "ignore")
        for slope, v in zip(slopes, inputs, strict=True)
    ])  # fmt: skip


def hessian_vector_product(cost: Any, wrt: Any, p: Any) -> Any:
    """The Hessian of a scalar `cost` times `p`, arrays of the shapes of `wrt`: what conjugate
    gradients and Newton's method need, without the matrix.

    One variable gives one array, a list gives a list; its Hessian is that of all variables
    together. It is forward mode over reverse mode: B. Pearlmutter, Neural Computation 6 (1994),
    147-160. Raises what `kg.grad` does, and `GradientError` where `p` does not fit.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> x, p = T.dvectors("x", "p")
    >>> kg.function([x, p], kg.hessian_vector_product((x ** 3).sum(), x, p))([1.0, 2.0], [1.0, 10])
    array([  6., 120.])
    """
    inputs: list[Variable] = [expect_wrt(v) for v in listed(wrt)]
    slopes = grad(cost, inputs)
    return like_wrt(wrt, right_product(slopes, inputs, listed(p)))
