"""Functions that Theano's programs call in another way than ours, or of which its texts tell."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any
from weakref import WeakKeyDictionary

from kernelgraph import autodiff
from kernelgraph.arguments import In, Missing
from kernelgraph.expect import expect_flag
from kernelgraph.function import Function
from kernelgraph.graph import Variable
from kernelgraph.ops import updates
from kernelgraph.types import listed

GRADIENT_OF: WeakKeyDictionary[Variable, tuple[Variable, Variable]] = WeakKeyDictionary()
"""The cost and the variable of each gradient, which Theano's texts write in another form."""


def grad(
    cost: Variable | None,
    wrt: Any,
    consider_constant: Any = None,
    disconnected_inputs: str = "raise",
    add_names: bool = True,
    known_grads: Mapping[Variable, Variable] | None = None,
    return_disconnected: str = "zero",
) -> Any:
    """As `kernelgraph.grad`; texts show it as Theano builds it, if nothing is constant or known."""
    found = autodiff.grad(
        cost, wrt, consider_constant, disconnected_inputs, add_names, known_grads,
        return_disconnected,
    )  # fmt: skip
    if cost is not None and consider_constant is None and known_grads is None:
        for g, v in zip(listed(found), listed(wrt), strict=True):
            if g is not None:
                GRADIENT_OF.setdefault(g, (cost, v))
    return found


def set_subtensor(
    x: Any, y: Any, inplace: Any = False, tolerate_inplace_aliasing: Any = False
) -> Variable:
    """As `kernelgraph.tensor.set_subtensor`; nothing is overwritten, whatever flags say."""
    expect_flag(inplace, "inplace")
    expect_flag(tolerate_inplace_aliasing, "tolerate_inplace_aliasing")
    return updates.set_subtensor(x, y)


def inc_subtensor(
    x: Any, y: Any, inplace: Any = False, tolerate_inplace_aliasing: Any = False
) -> Variable:
    """As `kernelgraph.tensor.inc_subtensor`; nothing is overwritten, whatever flags say."""
    expect_flag(inplace, "inplace")
    expect_flag(tolerate_inplace_aliasing, "tolerate_inplace_aliasing")
    return updates.inc_subtensor(x, y)


def old_input(item: Any) -> In | None:
    """An input as a tuple, `(x, value)` or `((x, update), value)`, with a name in front or without;
    None for anything else.
    """
    parts: list[Any] = listed(item) if isinstance(item, tuple) else []
    name = parts.pop(0) if parts and isinstance(parts[0], str) else None
    variable, value = (*parts, Missing, Missing)[:2]
    update = None
    if isinstance(variable, tuple) and len(listed(variable)) == 2:
        variable, update = listed(variable)
    if len(parts) not in (1, 2) or not isinstance(variable, Variable):
        return None
    return In(variable, name, value, update)


def maker(function: Function) -> SimpleNamespace:
    """Where a function's rewritten graph is found: `f.maker.fgraph.toposort()`."""
    graph = function.stages.rewriting.graph
    found = SimpleNamespace(inputs=graph.inputs, outputs=graph.outputs, toposort=graph.apply_nodes)
    return SimpleNamespace(fgraph=found)
