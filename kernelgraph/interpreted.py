"""The target that compiles nothing: NumPy runs the graph as it was written, node by node.

What another target would make of the graph can still be looked at; it is made when somebody looks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kernelgraph.graph import Graph
from kernelgraph.interpret import interpret
from kernelgraph.loops.program import Program
from kernelgraph.target import Binding, Compilation, Executable, Target, called_from_python
from kernelgraph.writer import Source


class InterpretTarget:
    """NumPy, node by node; `shown` is the target whose program and text stand for it in views."""

    name = "interpret"
    stages: tuple[str, ...] = ()

    def __init__(self, shown: Target) -> None:
        self.shown = shown
        self.language = shown.language
        self.facts = shown.facts
        self.passes = shown.passes

    def __repr__(self) -> str:
        return f"InterpretTarget({self.shown!r})"

    def print(self, program: Program) -> Source:
        """As the target that is shown."""
        return self.shown.print(program)

    def build(self, made: Compilation) -> Executable:
        """The graph is all that it takes."""
        return InterpretedGraph(made.graph)


@dataclass(frozen=True)
class InterpretedGraph:
    """A graph, and how it is called."""

    graph: Graph

    def bind(self, binding: Binding) -> Callable[..., Any]:
        """A callable that checks arguments, interprets the graph, commits updates."""
        count = len(self.graph.inputs)

        def run(values: list[Any]) -> None:
            values[count:] = interpret(self.graph, values[:count])

        return called_from_python(binding, count + len(self.graph.outputs), {}, run)
