"""The meaning of a graph: every node run with NumPy, one by one, nothing rewritten, nothing fused.

Every back end and every rewrite is checked against this.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from kernelgraph.errors import (
    ArgumentError,
    DTypeError,
    KernelgraphError,
    OptionError,
    lacks_memory,
    no_memory,
)
from kernelgraph.expect import came, expect_arity, expect_function, expect_kind, expect_list
from kernelgraph.graph import (
    COUNTED,
    Apply,
    Constant,
    Graph,
    Measure,
    SharedVariable,
    SizeFact,
    Variable,
    describe,
    walk,
)
from kernelgraph.hooks import unwatched
from kernelgraph.notices import one_call
from kernelgraph.op import Composite, Op
from kernelgraph.ops.control import ControlOp, Run
from kernelgraph.size_facts import with_facts
from kernelgraph.types import TensorType, is_array

Watch = Callable[[Apply, Sequence[Any], Run], Sequence[Any]]
"""Who evaluates a node instead of `evaluate`, and looks at its operands and results."""


@one_call()
def interpret(graph: Graph, values: Sequence[Any], watch: Watch | None = None) -> list[Any]:
    """The outputs of `graph` for the values of its inputs. Outputs never share memory with inputs.

    `watch(node, operands, run)` stands for `evaluate`, also inside of loops and choices.

    Raises what the ops raise, with the place in the user's code where the node was made:
    `ShapeError` for sizes that must agree and do not.
    """
    expect_kind(graph, Graph, "what is interpreted", "a graph", "f.graph is that of a function")
    given = expect_list(values, "the values", "one for each input of the graph")
    if watch is not None:
        expect_arity(expect_function(watch, "watch"), ("node", "operands", "run"), "watch")
    if len(given) != len(graph.inputs):
        raise OptionError(
            f"the graph has {len(graph.inputs)} inputs, {len(given)} values are given"
        )
    graph = with_facts(graph)
    facts = graph.facts or ()
    known: dict[Variable, Any] = dict(zip(graph.inputs, given, strict=True))
    check_facts([fact for fact in facts if not fact.late], known)
    nodes = graph.apply_nodes()
    last_use = {variable: node for node in nodes for variable in node.inputs}
    measured = [m[0] for fact in facts for m in (*fact.left, *fact.right) if isinstance(m, tuple)]
    kept = {*graph.outputs, *graph.late, *measured}
    run = partial(interpret, watch=watch)
    for node in nodes:
        operands = [value_of(variable, known) for variable in node.inputs]
        results = _seen(watch, node, operands, run) if watch else computed(node, operands)
        known.update(zip(node.outputs, results, strict=True))
        for variable in node.inputs:
            if last_use[variable] is node and variable not in kept:
                known.pop(variable, None)
    check_facts([fact for fact in facts if fact.late], known)
    return [_own(variable, value_of(variable, known)) for variable in graph.outputs]


def _seen(watch: Watch, node: Apply, operands: Sequence[Any], run: Run) -> Sequence[Any]:
    """What `watch` says that the node makes. Raises `ArgumentError` for what cannot be called so,
    or does not return a value for each output.
    """
    try:
        results: Any = watch(node, operands, run)
    except (TypeError, ValueError) as error:
        inside = error.__traceback__ is not None and error.__traceback__.tb_next is not None
        if inside or isinstance(error, KernelgraphError):
            raise
        message = f"watch cannot be called with (node, operands, run): {error}"
        raise ArgumentError(message) from error
    made: list[Any] | None = [*results] if isinstance(results, list | tuple) else None
    if made is None or len(made) != len(node.outputs):
        raise ArgumentError(
            f"watch must return a list with a value for each output of {node}, not {came(results)}",
            hint="evaluate(node, operands, run) makes it",
        )
    return made


def check_facts(facts: Sequence[SizeFact], known: Mapping[Variable, Any]) -> None:
    """Raises the error of the first node that asks for equal sizes which are not equal."""
    values = dict(known)
    for fact in facts:
        left, right = (
            [_measured(measure, values) for measure in side] for side in (fact.left, fact.right)
        )
        if math.prod(left) != math.prod(right):
            op: Op = fact.node.op
            if fact.pair is None:
                raise op.elements_error(fact.node, left, right)
            if fact.pair == COUNTED:
                raise op.negative_size(fact.node, math.prod(left))
            raise op.size_error(fact.node, fact.pair, (math.prod(left), math.prod(right)))


def _measured(measure: Measure, values: dict[Variable, Any]) -> int:
    if isinstance(measure, int):
        return measure
    if not isinstance(measure, Variable):
        return int(np.shape(value_of(measure[0], values))[measure[1]])
    for node in walk([measure], values):
        operands = [value_of(variable, values) for variable in node.inputs]
        values.update(zip(node.outputs, evaluate(node, operands), strict=True))
    return int(value_of(measure, values))


def evaluate(node: Apply, operands: Sequence[Any], run: Run | None = None) -> Sequence[Any]:
    """The values of one node's outputs, after checking the sizes that must agree.

    `run` gives the graphs that the node holds a meaning: by default `interpret`.
    """
    run = run or interpret
    check_sizes(node, operands)
    try:
        if isinstance(node.op, ControlOp):
            return node.op.evaluate_with(node, operands, run)
        if isinstance(node.op, Composite):
            with unwatched():
                ends = tuple(Variable(v.type, v.name) for v in node.inputs)
                definition = Graph(ends, (node.op.expand(*ends),))
            for made in definition.apply_nodes():
                made.origins = node.origins
            return run(definition, operands)
        return node.op.evaluate(node, operands)
    except KernelgraphError:
        raise
    except Exception as error:
        if lacks_memory(error):
            raise no_memory(describe(node.outputs[-1]), error, node.origins) from error
        here = KernelgraphError("the node was made here", origins=node.origins)
        error.add_note(f"in {node}\n{here}")
        raise


def computed(node: Apply, operands: Sequence[Any]) -> Sequence[Any]:
    """The values of one node's outputs, of which programs rely on what their types say.

    Raises `DTypeError` (KG-V014) where a user's function made something else.
    """
    results = evaluate(node, operands)
    if not node.op.foreign:
        return results
    return [_as_said(v, out, node) for v, out in zip(results, node.outputs, strict=True)]


def _as_said(value: Any, out: Variable, node: Apply) -> Any:
    """What a user's function made, if it has the dtype and rank that `make_node` says; a number of
    that dtype is an array without axes.
    """
    kind = out.type
    if not isinstance(kind, TensorType):
        return value
    made = np.asarray(value) if isinstance(value, np.generic | bool | int | float) else value
    if is_array(made):
        if (made.dtype, made.ndim) == (np.dtype(kind.dtype), kind.ndim):
            return made if made.flags.aligned else made.copy()
        what = f"an array of dtype {made.dtype} and rank {made.ndim}"
    else:
        what = "nothing" if value is None else came(value)
    raise DTypeError(
        f"{node.op} made {what}, where its make_node says {describe(out)}",
        code="KG-V014",
        origins=node.origins,
        hint="say in make_node what perform makes, or convert it there",
    )


def check_sizes(node: Apply, operands: Sequence[Any]) -> None:
    """Raises the op's `ShapeError` for the first two sizes that must agree and do not."""
    op: Op = node.op
    for a, b in op.equal_sizes(node):
        sizes = np.shape(operands[a.operand])[a.axis], np.shape(operands[b.operand])[b.axis]
        if sizes[0] != sizes[1]:
            raise op.size_error(node, (a, b), sizes)


def value_of(variable: Variable, known: Mapping[Variable, Any]) -> Any:
    """What a variable is worth: what is known of it, or what it brings along."""
    if variable in known:
        return known[variable]
    if isinstance(variable, Constant):
        return variable.data
    if isinstance(variable, SharedVariable):
        return variable.container[0]
    raise KeyError(f"no value for {variable}")


def _own(variable: Variable, value: Any) -> Any:
    """The value of an output in memory of its own. Raises `OutOfMemoryError`."""
    if is_array(value):
        try:
            return np.array(value, order="C")
        except (MemoryError, ValueError) as error:
            raise no_memory(describe(variable), error, variable.where) from error
    return np.asarray(value) if hasattr(value, "dtype") and np.isscalar(value) else value
