"""Derivatives by Theano's names, and a check of them by differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kernelgraph.autodiff import grad, jvp, vjp
from kernelgraph.errors import DisconnectedInputError, GradientError, capture_origins
from kernelgraph.function import function, shared
from kernelgraph.graph import Variable, describe
from kernelgraph.op import as_variable
from kernelgraph.ops.reductions import sum_
from kernelgraph.ops.sources import zeros_like
from kernelgraph.types import Array, is_float, listed, to_float

__all__ = ["left_product", "right_product", "verify_grad"]


def _like(shape: Any, values: Sequence[Variable]) -> Any:
    """One value for one, a list for a list, a tuple for a tuple."""
    if not isinstance(shape, list | tuple):
        return values[0]
    return tuple(values) if isinstance(shape, tuple) else list(values)


def left_product(f: Any, wrt: Any, eval_points: Any, disconnected_inputs: str = "raise") -> Any:
    """Row vector times Jacobian: `eval_points`, of the shapes of `f`, times df/dwrt.

    One variable of `wrt` gives one result, a list gives a list. Raises `DisconnectedInputError`
    (KG-G021) for a variable that `f` does not depend on, unless told to "ignore" it: then zeros.
    """
    outputs, inputs = listed(f), listed(wrt)
    found = vjp(outputs, inputs, [as_variable(v) for v in listed(eval_points)])
    for variable, g in zip(inputs, found, strict=True):
        if g is None and disconnected_inputs == "raise":
            raise DisconnectedInputError(
                f"f does not depend on {describe(variable)} in a differentiable way",
                origins=capture_origins(),
            )
    zeros = [zeros_like(v, to_float(v.dtype)) for v in inputs]
    return _like(wrt, [z if g is None else g for z, g in zip(zeros, found, strict=True)])


def right_product(f: Any, wrt: Any, eval_points: Any) -> Any:
    """Jacobian times column vector: df/dwrt times `eval_points`, of the shapes of `wrt`.

    One variable `f` gives one result, a list gives a list; what does not depend on `wrt` gives
    zeros. Source: R. E. Wengert, Comm. ACM 7 (1964), 463-464.
    """
    outputs, inputs = listed(f), listed(wrt)
    found = jvp(outputs, inputs, [as_variable(v) for v in listed(eval_points)])
    zeros = [zeros_like(v, to_float(v.dtype)) for v in outputs]
    return _like(f, [z if t is None else t for z, t in zip(zeros, found, strict=True)])


_STEP = {"float32": 3e-4, "float64": 1e-7}
_TOLERANCE = {"float32": 1e-2, "float64": 1e-4}


def verify_grad(
    fun: Callable[..., Variable],
    pt: Sequence[Any],
    n_tests: int = 2,
    rng: Any = None,
    eps: float | None = None,
    abs_tol: float | None = None,
    rel_tol: float | None = None,
    mode: str | None = None,
) -> None:
    """Compare the gradient of `fun` at the point `pt` (arrays of floats) with differences.

    The result of `fun` is projected on `n_tests` random directions, drawn from `rng`. Raises
    `GradientError` (KG-G023) that names the operand and element where the two differ by more than
    the tolerances.
    """
    rng = np.random.default_rng(0) if rng is None else rng
    values = [np.array(value) for value in pt]
    wrong = [value.dtype.name for value in values if not is_float(value.dtype.name)]
    if wrong:
        raise GradientError(f"verify_grad needs floats, got {wrong[0]}", origins=capture_origins())
    coarse = "float32" if any(value.dtype == "float32" for value in values) else "float64"
    step, tolerance = eps or _STEP[coarse], _TOLERANCE[coarse]
    points = [shared(value, name=f"input {k}") for k, value in enumerate(values)]
    result = fun(*points)
    weights = shared(np.zeros(np.shape(function([], result, mode=mode)()), dtype=result.dtype))
    cost = sum_(result * weights)
    value_of = function([], cost, mode=mode)
    slopes_of = function([], grad(cost, points, disconnected_inputs="ignore"), mode=mode)
    for _ in range(n_tests):
        weights.set_value(np.asarray(rng.uniform(0.5, 1.5, weights.get_value().shape), coarse))
        for k, (point, slope) in enumerate(zip(points, slopes_of(), strict=True)):
            measured = _differences(value_of, point, values[k], step)
            _compare(k, slope, measured, abs_tol or tolerance, rel_tol or tolerance)


def _differences(f: Callable[[], Any], point: Any, value: Array, step: float) -> Array:
    """The slope of `f` by each element of a point, from its values on both sides."""
    slopes = np.zeros(value.shape)
    for place in np.ndindex(*value.shape):
        sides: list[float] = []
        for sign in (1, -1):
            moved = value.copy()
            moved[place] += sign * step
            point.set_value(moved)
            sides.append(float(f()))
        slopes[place] = (sides[0] - sides[1]) / (2 * step)
    point.set_value(value)
    return slopes


def _compare(operand: int, slope: Array, measured: Array, absolute: float, relative: float) -> None:
    off = np.abs(slope - measured)
    scale = np.maximum(np.abs(slope), np.abs(measured))
    bad = ~((off <= absolute) | (off <= relative * scale))
    if bad.any():
        place = tuple(int(i) for i in np.argwhere(bad)[0])
        raise GradientError(
            f"the gradient by operand {operand} is {slope[place]} at {place}, "
            f"but differences give {measured[place]}",
            code="KG-G023",
            origins=capture_origins(),
        )
