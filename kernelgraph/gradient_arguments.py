"""What `grad` is asked, checked: a scalar cost, what it is differentiated by, known gradients."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from kernelgraph.elementwise import DimShuffle
from kernelgraph.errors import DisconnectedInputError, GradientError
from kernelgraph.expect import came, expect_pairs, nearest
from kernelgraph.graph import Apply, Variable, describe
from kernelgraph.locations import level_of_user
from kernelgraph.names import listed_names, shortened
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import add
from kernelgraph.ops.broadcasting import zeros_like
from kernelgraph.ops.no_gradient import NullType, disconnected
from kernelgraph.symbols import expect_variable
from kernelgraph.types import TensorType, is_complex, is_inexact, to_float


def check_choice(name: str, value: str, choices: Sequence[str]) -> None:
    """Raises `GradientError` for a word that is none of the choices."""
    if not isinstance(value, str) or value not in choices:  # pyright: ignore[reportUnnecessaryIsInstance]
        words = ", ".join(f'"{choice}"' for choice in choices)
        raise GradientError(
            f"{name} must be one of {words}, not {came(value)}", hint=nearest(value, choices)
        )


def known_gradients(known_grads: Any) -> dict[Variable, Variable]:
    """The derivatives that are given, each of the shape of its variable as far as that is known."""
    pairs = expect_pairs(known_grads, "known_grads", "symbol, derivative")
    known: dict[Variable, Variable] = {}
    for variable, derivative in pairs:
        expect_variable(variable, "a key of known_grads")
        known[variable] = as_variable(derivative)
        if known[variable].ndim != variable.ndim:
            raise GradientError(
                f"known_grads: {describe(variable)} has {variable.ndim} dimensions, "
                f"its derivative {describe(known[variable])} has {known[variable].ndim}"
            )
        known[variable] = of_sizes(known[variable], variable)
    return known


def of_sizes(derivative: Variable, variable: Variable) -> Variable:
    """A derivative that was given, and knows that it has the sizes of its variable: others are an
    error wherever it is used.
    """
    if derivative is variable or derivative.ndim == 0:
        return derivative
    seen = DimShuffle(range(derivative.ndim))(derivative)
    seen.derived_from = (add(derivative, variable),)
    return seen


def scalar_cost(cost: Any) -> Variable:
    """The cost. Raises `GradientError` (KG-G020) where it is an array, or no symbol."""
    if not isinstance(cost, Variable):
        raise GradientError(f"the cost must be a symbol, not {came(cost)}")
    if cost.ndim != 0:
        name = shortened(cost.name or "cost")
        raise GradientError(
            f"the cost must be a scalar; {describe(cost)} has {cost.ndim} dimensions",
            code="KG-G020",
            hint=f"take {name}.sum() or {name}.mean() first",
        )
    if is_complex(cost.dtype):
        raise GradientError(
            f"the cost must be real; {describe(cost)} is complex",
            code="KG-G020",
            hint="take abs(...) of it, its .real or its .imag",
        )
    return cost


def expect_wrt(value: Any) -> Variable:
    """A variable to differentiate by. Raises `GradientError`."""
    if not isinstance(value, Variable):
        raise GradientError(f"wrt must be symbols, not {came(value)}")
    return value


def refuse_null(found: Sequence[Variable | None]) -> None:
    """Raises `NullGradientError` (KG-G022) for a gradient that is not there."""
    for g in found:
        if g is not None and isinstance(g.type, NullType):
            raise g.type.error


def connected(
    g: Variable | None,
    v: Variable,
    policy: str,
    instead: str,
    outputs: Sequence[Variable],
    cost: Variable | None = None,
) -> Variable | None:
    """The gradient of `outputs` by `v`, or else what the policy wants: a warning, an error, and
    `instead`. The error shows the way from `v` to the cost, if there is one.
    """
    if g is not None:
        return g
    message = f"the cost does not depend on {describe(v)} in a differentiable way"
    if policy == "raise":
        raise DisconnectedInputError(
            message,
            code="KG-G021",
            origins=v.where,
            because=_why_disconnected(v, cost) if cost is not None else None,
            hint='grad(…, disconnected_inputs="ignore") gives zeros',
        )
    if policy == "warn":
        warnings.warn(message, stacklevel=level_of_user())
    if instead == "disconnected":
        return disconnected()
    return None if instead == "none" else zeros_beside(v, outputs)


def zeros_beside(v: Variable, outputs: Sequence[Variable]) -> Variable:
    """The gradient of outputs by what they do not depend on, which knows their graphs: sizes that
    do not fit there are an error here too.
    """
    zeros = zeros_like(v, to_float(v.dtype))
    seen = DimShuffle(range(zeros.ndim))(zeros)
    seen.derived_from = tuple(outputs)
    return seen


def _why_disconnected(v: Variable, cost: Variable) -> str:
    """Which ops lead from `v` to a cost that has no derivative by it."""
    users: dict[Variable, Apply] = {}
    waiting = [cost]
    while waiting and v not in users:
        node = waiting.pop().owner
        if node is not None:
            waiting += [operand for operand in dict.fromkeys(node.inputs) if operand not in users]
            users |= dict.fromkeys([u for u in node.inputs if u not in users], node)
    if v not in users:
        alike = any(u is not v and u.name == v.name for u in users) if v.name else False
        other = "; another symbol with this name is" if alike else ""
        return f"it is no part of {describe(cost)}{other}"
    if not is_inexact(v.dtype):
        return f"its numbers are {v.dtype}, by which there is no derivative"
    ops: list[str] = []
    while v in users:
        node = users[v]
        v = (
            node.out
            if len(node.outputs) == 1
            else next(o for o in node.outputs if o in users or o is cost)
        )
        ops.append(str(node.op))
        if isinstance(v.type, TensorType) and not is_inexact(v.dtype):
            return f"{describe(v)}, on its way to the cost, has no derivative"
    return f"no derivative goes through what leads from it to the cost: {listed_names(ops)}"
