"""From a graph that fails to a small one that fails, and to a script that anyone can run.

Any variable inside a graph may become an input: the value that it had is its value from then on. So
what is left in the end is the failing node and its neighbours, with the numbers that they met.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from kernelgraph.elementwise import OPS, Elementwise
from kernelgraph.graph import Apply, Constant, Graph, Variable, leaves, substitute
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.rule import Rule
from kernelgraph.rewrite.rules.order import DEFAULT
from tests.fuzz.oracles import Oracle, compared, outcome

Failing = tuple[Graph, list[Any]]


def shrink(graph: Graph, values: Sequence[Any], oracle: Oracle) -> Failing:
    """The smallest failing graph that taking parts away leads to, with its values."""
    best: Failing = (graph, list(values))
    while True:
        smaller = next(
            (c for c in _candidates(*best) if _size(c) < _size(best) and oracle(*c)), None
        )
        if smaller is None:
            return best
        best = smaller


def _size(failing: Failing) -> tuple[int, int, int]:
    graph, values = failing
    elements = sum(np.size(value) for value in values)
    return len(graph.apply_nodes()), len(graph.outputs), elements


def _candidates(graph: Graph, values: list[Any]) -> Iterator[Failing]:
    """Graphs with less in them: one output, one node less, fewer numbers."""
    if len(graph.outputs) > 1:
        for output in graph.outputs:
            yield _closed((output,), dict(zip(graph.inputs, values, strict=True)))
    nodes = graph.apply_nodes()
    inside = [out for node in nodes for out in node.outputs if out not in graph.outputs]
    known = dict(zip(graph.inputs, values, strict=True))
    for variable in reversed(inside):  # everything before it goes at once
        found = outcome(Graph(graph.inputs, (variable,)), values)
        if not isinstance(found, str):
            yield _cut(graph, variable, {**known, variable: found[0]})
    for node in nodes:
        for operand in node.inputs:  # the node goes, its operand stays
            if len(node.outputs) == 1 and operand.type == node.out.type:
                outputs = substitute(list(graph.outputs), {node.out: operand})
                yield _closed(tuple(outputs), known)
    for k, output in enumerate(graph.outputs):  # an operand is the result
        if output.owner is not None:
            for operand in output.owner.inputs:
                rest = (*graph.outputs[:k], operand, *graph.outputs[k + 1 :])
                yield _closed(rest, known)


def _cut(graph: Graph, variable: Variable, known: dict[Variable, Any]) -> Failing:
    end = Variable(variable.type, f"w{len(known)}")
    outputs = substitute(list(graph.outputs), {variable: end})
    return _closed(tuple(outputs), {**known, end: known[variable]})


def _closed(outputs: tuple[Variable, ...], known: dict[Variable, Any]) -> Failing:
    """The graph of outputs with the inputs that it needs, and their values."""
    ends = [v for v in leaves(outputs) if not isinstance(v, Constant)]
    return Graph(tuple(ends), outputs), [known[v] for v in ends]


def guilty(graph: Graph, values: Sequence[Any], rules: Sequence[Rule] = DEFAULT) -> str:
    """The rule after whose step the values are wrong; "no rule" if none is."""
    rewriting = rewrite(graph, rules)
    expected = outcome(graph, values)
    for step in rewriting.steps:
        got = outcome(rewriting.graph_at(step.number), values)
        if compared(graph, values, expected, got, strict=False):
            return step.rule
    return "no rule"


def script(graph: Graph, values: Sequence[Any]) -> str:
    """Python that builds the graph with these values and shows what it computes, as it stands and
    rewritten.
    """
    names = {v: f"v{k}" for k, v in enumerate(graph.inputs)}
    imports: dict[str, None] = {}
    lines: list[str] = []
    for variable in graph.inputs:
        kind = variable.tensor_type
        lines.append(
            f"{names[variable]} = TensorType({kind.dtype!r}, {kind.shape!r})({variable.name!r})"
        )
    for node in graph.apply_nodes():
        operands = ", ".join(_operand(v, names) for v in node.inputs)
        made = f"n{len(lines)}"
        lines.append(f"{made} = {_op(node, imports)}.make_node({operands}).outputs")
        names.update((out, f"{made}[{k}]") for k, out in enumerate(node.outputs))
    inputs, outputs = (
        _listing([_operand(v, names) for v in vs]) for vs in (graph.inputs, graph.outputs)
    )
    numbers = ", ".join(_array(value) for value in values)
    return "\n".join([
        "import numpy as np",
        "import kernelgraph as kg",
        "from kernelgraph.elementwise import OPS",
        "from kernelgraph.op import as_variable",
        "from kernelgraph.rewrite.engine import rewrite",
        "from kernelgraph.rewrite.rules.order import DEFAULT",
        "from kernelgraph.types import TensorType",
        *imports,
        "",
        *lines,
        f"graph = kg.Graph({inputs}, {outputs})",
        f"values = [{numbers}]",
        "print(kg.interpret(graph, values))",
        "print(rewrite(graph, DEFAULT))",
        "print(kg.interpret(rewrite(graph, DEFAULT).graph, values))",
        "",
    ])  # fmt: skip


def _listing(items: list[str]) -> str:
    return f"({', '.join(items)},)"


def _operand(variable: Variable, names: dict[Variable, str]) -> str:
    if isinstance(variable, Constant):
        return f"as_variable({_array(variable.data)})"
    return names[variable]


def _array(value: Any) -> str:
    array = np.asarray(value)
    items = str(array.tolist()).replace("nan", "np.nan").replace("inf", "np.inf")
    return f"np.array({items}, {array.dtype.name!r}).reshape({array.shape!r})"


def _op(node: Apply, imports: dict[str, None]) -> str:
    op: Any = node.op
    if isinstance(op, Elementwise) and OPS.get(op.name) is op:
        return f"OPS[{op.name!r}]"
    kind = type(op)
    imports[f"from {kind.__module__} import {kind.__name__}"] = None
    names = inspect.signature(kind.__init__).parameters
    properties = [getattr(op, name) for name in names if hasattr(op, name)]
    for item in (part for value in properties if isinstance(value, tuple) for part in value):
        if type(item).__module__.startswith("kernelgraph"):
            imports[f"from {type(item).__module__} import {type(item).__name__}"] = None
    return f"{kind.__name__}({', '.join(map(repr, properties))})"
