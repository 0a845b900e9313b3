"""Products of derivatives with vectors, and a check of derivatives by differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kernelgraph.autodiff import grad, jvp, vjp
from kernelgraph.errors import DisconnectedInputError, GradientError, KernelgraphError
from kernelgraph.expect import (
    expect_arity,
    expect_choice,
    expect_flag,
    expect_function,
    expect_integer,
    expect_kind,
    expect_list,
    expect_number,
)
from kernelgraph.function import function
from kernelgraph.gradient_arguments import of_sizes, zeros_beside
from kernelgraph.graph import Variable, describe, substitute
from kernelgraph.op import as_variable
from kernelgraph.ops.broadcasting import zeros_like
from kernelgraph.ops.reductions import sum_
from kernelgraph.sharing import shared
from kernelgraph.symbols import expect_variable, expect_variables
from kernelgraph.types import Array, as_array, is_float, listed, to_float

__all__ = ["left_product", "right_product", "subgraph_grad", "verify_grad"]


def like_wrt(shape: Any, values: Sequence[Variable]) -> Any:
    """One value for one, a list for a list, a tuple for a tuple."""
    if not isinstance(shape, list | tuple):
        return values[0]
    return tuple(values) if isinstance(shape, tuple) else list(values)


def _ends(
    f: Any, wrt: Any, eval_points: Any, of: str
) -> tuple[list[Variable], list[Variable], list[Variable]]:
    """Outputs, inputs, and a point for each of those that it belongs `of`. Raises
    `ArgumentError` and `GradientError`.
    """
    outputs, inputs = expect_variables(f, "f"), expect_variables(wrt, "wrt")
    points: list[Variable] = [as_variable(v) for v in listed(eval_points)]
    wanted = outputs if of == "f" else inputs
    if len(points) != len(wanted):
        raise GradientError(f"{of} has {len(wanted)} parts, eval_points {len(points)}")
    for variable, point in zip(wanted, points, strict=True):
        if variable.ndim != point.ndim:
            raise GradientError(
                f"the point {describe(point)} has {point.ndim} dimensions, "
                f"{describe(variable)} has {variable.ndim}"
            )
    return outputs, inputs, list(map(of_sizes, points, wanted))


def left_product(
    f: Any,
    wrt: Any,
    eval_points: Any,
    consider_constant: Any = None,
    disconnected_inputs: str = "raise",
) -> Any:
    """Row vector times Jacobian: `eval_points`, of the shapes of `f`, times df/dwrt.

    One variable of `wrt` gives one result, a list gives a list. Nothing flows through the variables
    of `consider_constant`. Raises `DisconnectedInputError`
    (KG-G021) for a variable that `f` does not depend on, unless told to "ignore" it: then zeros.
    """
    policy = expect_choice(disconnected_inputs, "disconnected_inputs", ("raise", "warn", "ignore"))
    outputs, inputs, points = _ends(f, wrt, eval_points, "f")
    held: Any = [] if consider_constant is None else consider_constant
    constant = expect_variables(held, "what is considered constant")
    found = vjp(outputs, inputs, points, constant)
    for variable, g in zip(inputs, found, strict=True):
        if g is None and policy == "raise":
            raise DisconnectedInputError(
                f"f does not depend on {describe(variable)} in a differentiable way"
            )
    zeros = [zeros_beside(v, outputs) for v in inputs]
    return like_wrt(wrt, [z if g is None else g for z, g in zip(zeros, found, strict=True)])


def right_product(f: Any, wrt: Any, eval_points: Any) -> Any:
    """Jacobian times column vector: df/dwrt times `eval_points`, of the shapes of `wrt`.

    One variable `f` gives one result, a list gives a list; what does not depend on `wrt` gives
    zeros. Where an op on the way has a derivative backwards alone (`grad` or `L_op`, and no
    `R_op`), it is found by going backwards twice. Source: R. E. Wengert, Comm. ACM 7 (1964),
    463-464.
    """
    outputs, inputs, points = _ends(f, wrt, eval_points, "wrt")
    try:
        found = jvp(outputs, inputs, points)
    except KernelgraphError as error:
        if error.code != "KG-G022":
            raise
        found = _transposed_twice(outputs, inputs, points)
    zeros = [zeros_like(v, to_float(v.dtype)) for v in outputs]
    return like_wrt(f, [z if t is None else t for z, t in zip(zeros, found, strict=True)])


def _transposed_twice(
    outputs: Sequence[Variable], inputs: Sequence[Variable], points: Sequence[Variable]
) -> list[Variable | None]:
    """Jacobian times column vector by reverse mode alone, for ops that have no other derivative:
    what reverse mode makes of a row vector is linear in it, and its transpose is the Jacobian.
    """
    rows = [Variable(v.type) for v in outputs]
    products = vjp(outputs, inputs, rows)
    there = [(g, t) for g, t in zip(products, points, strict=True) if g is not None]
    found = vjp([g for g, _ in there], rows, [t for _, t in there])
    anywhere = {row: zeros_like(v) for row, v in zip(rows, outputs, strict=True)}
    tangents = substitute([v for v in found if v is not None], anywhere)
    made = iter(tangents)
    return [None if v is None else next(made) for v in found]


def subgraph_grad(
    wrt: Any, end: Any, start: Any = None, cost: Any = None, details: bool = False
) -> Any:
    """Gradients of a part of a graph: by `wrt` and by `end`, without going behind `end`.

    `start` has gradients that are known already, {variable: derivative}, from which to go on; a
    `cost` is added to it. So a long way back can be gone in pieces: what comes out for `end` is the
    `start` of the next one. Returns (gradients by wrt, gradients by end), with `details` also those
    by both that come from `start` alone and from the cost alone. Raises `GradientError` if there is
    neither, and what `kg.grad` raises.
    """
    expect_flag(details, "details")
    wrt, end = expect_variables(wrt, "wrt"), expect_variables(end, "end")
    if start is None and cost is None:
        raise GradientError("subgraph_grad needs a cost, or gradients to start from")
    by = [*wrt, *end]
    options: dict[str, Any] = {"consider_constant": end, "disconnected_inputs": "ignore"}
    from_start = None if start is None else grad(None, by, known_grads=start, **options)
    from_cost = None if cost is None else grad(cost, by, **options)
    parts = [part for part in (from_start, from_cost) if part is not None]
    total = [a + b for a, b in zip(*parts, strict=True)] if len(parts) == 2 else parts[0]
    found = total[: len(wrt)], total[len(wrt) :]
    return (*found, from_start, from_cost) if details else found


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
    cast_to_output_type: bool = False,
) -> None:
    """Compare the gradient of `fun` at the point `pt` (arrays of floats) with differences.

    The result of `fun` is projected on `n_tests` random directions, drawn from `rng`. Raises
    `GradientError` (KG-G023) that names the operand and element where the two differ by more than
    the tolerances.
    """
    expect_flag(cast_to_output_type, "cast_to_output_type")  # directions always have that dtype
    expect_function(fun, "fun", "a function of symbols: lambda x: x ** 2")
    count = expect_integer(n_tests, "n_tests", 0, 10_000)
    given = [None if n is None else expect_number(n, "a tolerance", 0) for n in (abs_tol, rel_tol)]
    draw = _uniform(rng)
    values = [np.array(as_array(value, "a point")) for value in expect_list(pt, "pt", "arrays")]
    wrong = [value.dtype.name for value in values if not is_float(value.dtype.name)]
    if wrong:
        raise GradientError(f"verify_grad needs floats, got {wrong[0]}")
    coarse = "float32" if any(value.dtype == "float32" for value in values) else "float64"
    step = _STEP[coarse] if eps is None else expect_number(eps, "eps", 1e-300)
    absolute, relative = (_TOLERANCE[coarse] if tol is None else tol for tol in given)
    points = [shared(value, name=f"input {k}") for k, value in enumerate(values)]
    expect_arity(fun, [f"input {k}" for k in range(len(points))], "fun")
    result = expect_variable(fun(*points), "what fun returns")
    weights = shared(np.zeros(np.shape(function([], result, mode=mode)()), dtype=result.dtype))
    cost = sum_(result * weights)
    value_of = function([], cost, mode=mode)
    slopes_of = function([], grad(cost, points, disconnected_inputs="ignore"), mode=mode)
    for _ in range(count):
        weights.set_value(np.asarray(draw(0.5, 1.5, weights.get_value().shape), coarse))
        for k, (point, slope) in enumerate(zip(points, slopes_of(), strict=True)):
            measured = _differences(value_of, point, values[k], step)
            _compare(k, slope, measured, absolute, relative)


def _uniform(rng: Any) -> Callable[..., Any]:
    """How random directions are drawn: by a generator of NumPy's. Raises `ArgumentError`."""
    if rng is None:
        return np.random.default_rng(0).uniform
    kinds = (np.random.Generator, np.random.RandomState)
    return expect_kind(rng, kinds, "rng", "a generator such as np.random.default_rng(0)").uniform


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
        )
