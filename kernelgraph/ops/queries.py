"""Questions about graphs: what a variable is worth, what it is made of, whether two are alike.

The first ones are methods of variables (`(x + y).eval({x: 1.0, y: 2.0})`); `operators` gives them
those.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import Any

import numpy as np

from kernelgraph.elementwise import Elementwise
from kernelgraph.errors import NotConstantError
from kernelgraph.expect import expect_integer, expect_pairs
from kernelgraph.graph import Apply, Constant, Variable, describe, leaves, walk
from kernelgraph.hooks import view
from kernelgraph.op import Control, Part, View, as_variable
from kernelgraph.ops.indexing import Item, Subtensor
from kernelgraph.ops.sources import MakeVector, SizeOf, size
from kernelgraph.symbols import expect_variable, expect_variables
from kernelgraph.types import TensorType
from kernelgraph.walks import producers_first

__all__ = ["ancestors", "get_scalar_constant_value", "graph_inputs", "is_same_graph"]

_MOST_NODES = 100
"""So many nodes are computed at most to find a constant."""

_numbers = count()


def evaluated(variable: Variable, inputs_to_values: Mapping[Variable, Any] | None = None) -> Any:
    """Its value, for values of the inputs that it needs: `(x + y).eval({x: 1.0, y: 2.0})`.

    The first call for some inputs compiles a function of them, which the variable keeps. Raises
    what the function does, and `ArgumentError` for what are no inputs.
    """
    return view("eval", variable, values=inputs_to_values)


def parents(variable: Variable) -> list[Apply]:
    """The node that makes it, in a list; nothing of an input."""
    return [] if variable.owner is None else [variable.owner]


def automatic_name(variable: Any) -> str:
    """A name that no other variable of this process has: `auto_7`."""
    if not hasattr(variable, "_auto_name"):
        variable._auto_name = f"auto_{next(_numbers)}"
    return variable._auto_name


def ancestors(variables: Any, blockers: Any = None) -> list[Variable]:
    """All that variables are made of, inputs and themselves among it, producers first; what is
    behind `blockers` is left out. Raises `ArgumentError` for what are no symbols.
    """
    ends = expect_variables(variables, "the variables")
    stop = set(expect_variables([] if blockers is None else blockers, "blockers"))
    found: dict[Variable, None] = {}
    for node in walk(ends, stop):
        found.update(dict.fromkeys((*node.inputs, *node.outputs)))
    found.update(dict.fromkeys(ends))
    return list(found)


def graph_inputs(variables: Any, blockers: Any = None) -> list[Variable]:
    """What variables are made of that no node makes: inputs, constants, shared variables; and
    `blockers` that they need. Raises `ArgumentError` for what are no symbols.
    """
    ends = expect_variables(variables, "the variables")
    return leaves(ends, expect_variables([] if blockers is None else blockers, "blockers"))


def is_same_graph(var1: Any, var2: Any, givens: Any = None) -> bool:
    """Whether two variables are computed by the same ops from the same inputs, or from those that
    `givens` puts in their places. Raises `ArgumentError` for what are no symbols.

    >>> import kernelgraph.tensor as T
    >>> x, y = T.dscalars("x", "y")
    >>> is_same_graph(x * 2, x * 2), is_same_graph(x * 2, y * 2)
    (True, False)
    >>> is_same_graph(x * 2, y * 2, {y: x})
    True
    """
    first, second = expect_variable(var1, "var1"), expect_variable(var2, "var2")
    places = dict(expect_pairs(givens, "givens", "symbol, symbol"))
    same = _Same(places)
    pairs = [(first, second)]
    while pairs:
        pair = pairs.pop()
        further = same.operands(*pair)
        if further is None:
            return False
        pairs += further
    return True


class _Same:
    """Pairs of variables that were found alike, or are being looked at."""

    def __init__(self, places: Mapping[Variable, Any]) -> None:
        self.places = places
        self.seen: set[tuple[Variable, Variable]] = set()

    def operands(self, a: Variable, b: Variable) -> list[tuple[Variable, Variable]] | None:
        """The pairs that must be alike so that this one is; None where it is not."""
        a, b = (as_variable(self.places.get(v, v)) for v in (a, b))
        if a is b or (a, b) in self.seen:
            return []
        self.seen.add((a, b))
        if a.owner is None or b.owner is None:
            return [] if _are_one_constant(a, b) else None
        alike = a.index == b.index and a.owner.op == b.owner.op
        if not alike or len(a.owner.inputs) != len(b.owner.inputs):
            return None
        return list(zip(a.owner.inputs, b.owner.inputs, strict=True))


def _are_one_constant(a: Variable, b: Variable) -> bool:
    if not (isinstance(a, Constant) and isinstance(b, Constant) and a.type == b.type):
        return False
    if not isinstance(a.type, TensorType):
        return a.data is b.data
    return bool(a.data.tobytes() == b.data.tobytes())


def get_scalar_constant_value(v: Any, max_nodes: int = _MOST_NODES) -> Any:
    """The one number that all elements of `v` are, as an array without dimensions: of a constant,
    of one that was repeated, or of what at most `max_nodes` nodes compute of constants alone.

    Raises `NotConstantError` (KG-G019) where it is not known before a function runs.

    >>> import kernelgraph.tensor as T
    >>> get_scalar_constant_value(T.zeros_like(T.dmatrix("x")) + 2)
    array(2.)
    """
    most = expect_integer(max_nodes, "max_nodes", 0)
    variable = _source(expect_variable(as_variable(v), "v"))
    nodes = [*producers_first([variable], _producer)]
    if len(nodes) <= most and not any(isinstance(node.op, Control) for node in nodes):
        found = _computed(variable, nodes)
        if found is not None:
            return found
    raise NotConstantError(f"{describe(variable)} is no constant number", origins=variable.where)


def _source(variable: Variable) -> Variable:
    """The array of which this one has no other numbers than that array has."""
    while variable.owner is not None and isinstance(variable.owner.op, View | Part):
        item, x = _item(variable.owner), variable.owner.inputs[0]
        if item is not None:
            variable = item
            continue
        if not isinstance(x, Constant) and x.owner is None:
            break
        variable = x
    return variable


def _item(node: Apply) -> Variable | None:
    """The scalar that is taken from several that were put side by side: `x.shape[0]`."""
    whole = node.inputs[0].owner
    if whole is None or not isinstance(whole.op, MakeVector) or len(node.inputs) != 2:
        return None
    place = node.inputs[1]
    is_item = node.op == Subtensor([Item()]) and isinstance(place, Constant)
    return whole.inputs[int(place.data)] if is_item else None


def _producer(variable: Variable) -> Apply | None:
    return _source(variable).owner


def _computed(variable: Variable, nodes: Iterable[Apply]) -> Any:
    """The number, worked out by one number for each array; None where something is not known."""
    known: dict[Variable, Any] = {}
    for node in nodes:
        operands = [_number(_source(v), known) for v in node.inputs]
        if isinstance(node.op, SizeOf):
            length = size(node.inputs[0], node.op.axis)
            known[node.outputs[0]] = length.data if isinstance(length, Constant) else None
        elif isinstance(node.op, Elementwise) and all(v is not None for v in operands):
            known[node.outputs[0]] = _evaluated(node, operands)
    return _number(variable, known)


def _number(variable: Variable, known: Mapping[Variable, Any]) -> Any:
    if isinstance(variable, Constant):
        number = variable.scalar
        return None if number is None else np.asarray(number)
    return known.get(variable)


def _evaluated(node: Apply, operands: Sequence[Any]) -> Any:
    """An elementwise node of single numbers."""
    return np.asarray(np.asarray(node.op.evaluate(node, operands)[0]).reshape(-1)[0])
