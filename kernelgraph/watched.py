"""The target that is watched: NumPy runs a graph node by node, and a watcher sees every node.

`start(made, values)` is called once for each call of the function, with what the function was made
of and the values of its inputs; it gives what evaluates the nodes of this call:

    def start(made, values):
        def watch(node, operands, run):
            results = evaluate(node, operands, run)
            print(node.op, results)
            return results
        return watch
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from kernelgraph.graph import Apply, Graph, describe
from kernelgraph.interpret import Watch, evaluate, interpret
from kernelgraph.interpreted import InterpretTarget
from kernelgraph.ops.control import Run
from kernelgraph.target import Binding, Compilation, Executable, Target, called_from_python

Start = Callable[[Compilation, Sequence[Any]], Watch]
"""From what is called and the values of its inputs to who watches this call."""


class WatchedTarget(InterpretTarget):
    """NumPy, node by node, after rewriting; `shown` stands for it in views of later stages."""

    def __init__(self, shown: Target, start: Start) -> None:
        super().__init__(shown)
        self.start = start

    def build(self, made: Compilation) -> Executable:
        """The rewritten graph is all that it takes."""
        return WatchedGraph(made, self.start)


class WatchedGraph:
    """A graph, and who watches each of its calls."""

    def __init__(self, made: Compilation, start: Start) -> None:
        self.made = made
        self.start = start

    def bind(self, binding: Binding) -> Callable[..., Any]:
        """A callable that checks arguments, runs the watched graph, commits updates."""
        graph = self.made.rewriting.graph
        count = len(graph.inputs)

        def run(values: list[Any]) -> None:
            given = values[:count]
            values[count:] = interpret(graph, given, self.start(self.made, given))

        return called_from_python(binding, count + len(graph.outputs), {}, run)


def failing_values(graph: Graph, values: Sequence[Any]) -> str:
    """The operands of the node that fails when a graph is run, with types, sizes and numbers; empty
    where none fails.
    """
    last: list[tuple[Apply, Sequence[Any]]] = []

    def watch(node: Apply, operands: Sequence[Any], run: Run) -> Sequence[Any]:
        last[:] = [(node, operands)]
        return evaluate(node, operands, run)

    try:
        interpret(replace(graph, facts=()), values, watch)  # sizes are compared at their nodes
    except Exception:
        return _told(*last[0]) if last else ""
    return ""


def _told(node: Apply, operands: Sequence[Any]) -> str:
    lines = [f"  {describe(node.outputs[0])} is made by {node.op} from"]
    for variable, value in zip(node.inputs, operands, strict=True):
        array = np.asarray(value)
        numbers = np.array2string(array, threshold=20, edgeitems=2, prefix="    ")
        lines.append(f"    {describe(variable)}: shape {array.shape}, strides {array.strides},")
        lines.append(f"    {numbers}")
    return "\n".join(lines)
