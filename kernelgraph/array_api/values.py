"""What arrays are worth: expressions computed when somebody asks for their numbers.

A variable comes in, its value goes out, or the size of one of its axes. A value is remembered
with its variable, and with those on the way that arrays still hold, so that nothing is computed
twice and a loop that looks at its numbers does not begin from its start each time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakKeyDictionary, WeakValueDictionary

import numpy as np

from kernelgraph.errors import SymbolicError
from kernelgraph.graph import Apply, Constant, Graph, SharedVariable, Variable, describe
from kernelgraph.interpret import evaluate, interpret
from kernelgraph.ops.sources import size
from kernelgraph.types import Array as Numbers
from kernelgraph.types import TensorType
from kernelgraph.walks import producers_first

_values: WeakKeyDictionary[Variable, Constant] = WeakKeyDictionary()
_holders: WeakValueDictionary[int, Any] = WeakValueDictionary()


def hold(variable: Variable, holder: Any) -> None:
    """Let an array know when its variable is computed: `holder.computed(constant)` is called."""
    other = _holders.get(id(variable))
    if other is None or other.variable is not variable:
        _holders[id(variable)] = holder


def constant_of(value: Any) -> Constant:
    """A value as a constant, all sizes of which are known."""
    array: Numbers = np.asarray(value)
    return Constant(TensorType(array.dtype.name, array.shape), array)


def behind(outputs: Sequence[Variable]) -> tuple[list[Apply], list[Variable]]:
    """The nodes to run for some variables, and the variables without a node or already known from
    which they start.
    """
    nodes = list(producers_first(outputs, lambda v: None if v in _values else v.owner))
    read = [variable for node in nodes for variable in node.inputs]
    ends = [v for v in (*read, *outputs) if v in _values or v.owner is None]
    return nodes, list(dict.fromkeys(ends))


def value_behind(variable: Variable) -> Numbers | None:
    """The value of a constant, a shared variable, or a variable that was computed before."""
    if variable in _values:
        return _values[variable].data
    if isinstance(variable, SharedVariable):
        return variable.container[0]
    return variable.data if isinstance(variable, Constant) else None


def unknown(outputs: Sequence[Variable]) -> list[Variable]:
    """The inputs without a value on which some variables depend."""
    has_value = Constant | SharedVariable
    return [v for v in behind(outputs)[1] if v not in _values and not isinstance(v, has_value)]


def values_of(outputs: Sequence[Variable]) -> list[Numbers]:
    """The values of some variables, by NumPy node by node; arrays that must not be changed.

    Raises `SymbolicError` (KG-G010) for what depends on an input of a function that is traced.
    """
    wanted = [v for v in outputs if v not in _values and not isinstance(v, Constant)]
    if wanted:
        expect_known(wanted)
        known = [v for v in behind(wanted)[1] if v in _values]
        graph = Graph(tuple(known), tuple(wanted))
        found = interpret(graph, [_values[v].data for v in known], _remembering)
        for variable, value in zip(wanted, found, strict=True):
            if variable not in _values:
                remember(variable, value)
    return [v.data if isinstance(v, Constant) else _values[v].data for v in outputs]


def expect_known(outputs: Sequence[Variable]) -> None:
    """Raises `SymbolicError` (KG-G010) for variables that depend on inputs without a value."""
    inputs = unknown(outputs)
    if inputs:
        raise SymbolicError(
            f"{describe(outputs[0])} has no numbers while a function is traced: "
            f"they depend on {describe(inputs[0])}",
            hint="xp.where(condition, a, b) chooses by element; a loop of the traced function goes "
            "over numbers of Python",
        )


def _remembering(node: Apply, operands: Sequence[Any], run: Callable[..., Any]) -> Sequence[Any]:
    results = evaluate(node, operands, run)
    for variable, value in zip(node.outputs, results, strict=True):
        if id(variable) in _holders:
            remember(variable, value)
    return results


def remember(variable: Variable, value: Any) -> None:
    """Keep a value; the array that holds its variable begins anew from it."""
    constant = _values[variable] = constant_of(value)
    holder = _holders.get(id(variable))
    if holder is not None:
        holder.computed(variable, constant)


def size_of(variable: Variable, axis: int) -> int | Variable:
    """The size of an axis: a number, without computing elements where the graph allows it; in a
    function that is traced, perhaps a scalar.
    """
    if variable in _values:
        return np.shape(_values[variable].data)[axis]
    scalar = size(variable, axis)
    if isinstance(scalar, Constant):
        return int(scalar.data)
    return scalar if unknown([scalar]) else int(values_of([scalar])[0])
