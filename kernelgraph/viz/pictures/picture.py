"""A graph as a picture: which boxes there are, what they say, and which values run between them.

Variables or a `Graph` come in, a `Picture` goes out: one box for each input, node and output. A
number such as the 1 in `1 - p` has no box of its own; it stands in the label of the node that uses
it, with a dot for each operand that is drawn: `sub(1, ·)`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from kernelgraph.elementwise import DimShuffle, Elementwise
from kernelgraph.graph import Apply, Constant, Graph, SharedVariable, Variable
from kernelgraph.op import Contraction, Control, Creation, Indexing, Op, Reduction, View
from kernelgraph.ops.gathering import Gather
from kernelgraph.ops.indexing import Subtensor
from kernelgraph.ops.mixed import Index
from kernelgraph.ops.views import Reshape
from kernelgraph.viz.html import escape
from kernelgraph.viz.pictures.drawing import Box, Edge, Kind, Picture, TooLargeError
from kernelgraph.viz.pictures.layout import MOST_BOXES
from kernelgraph.viz.text.subjects import graph_of
from kernelgraph.viz.text.words import (
    constant_text,
    count,
    first_sentence,
    op_name,
    op_parameters,
    op_text,
    output_name,
    some,
    type_text,
    variable_text,
)

MOST_NODES = 150
"""Nodes that a picture shows unless more are asked for."""

_NAMES_TOLD = 6  # names of inputs and outputs in a description; the rest is counted
_OPS_TOLD = 12


def picture(obj: Any, *, limit: int = MOST_NODES) -> Picture:
    """The picture of a graph, of the graph behind some variables, or of a compiled function.

    Raises `TooLargeError` for more than `limit` nodes, with advice.
    """
    sketch = _Sketch(graph_of(obj))
    size = len(sketch.drawn)
    if size > limit:
        advice = f", show(…, limit={size}) draws them all the same" if size < MOST_BOXES else ""
        raise TooLargeError(
            f"{count(size, 'node')} are too many to read in one picture (at most {limit}); "
            f"kg.debugprint prints them{advice}"
        )
    return sketch.picture()


def drawn_nodes(graph: Graph) -> int:
    """How many nodes have a box of their own: not those that stand in the labels of others."""
    return len(_Sketch(graph).drawn)


def is_number(variable: Variable) -> bool:
    """Whether it is a number, perhaps with dimensions added, that has no box of its own unless a
    graph gives it out.
    """
    if variable.name is not None:
        return False
    node = variable.owner
    if node is not None and isinstance(node.op, DimShuffle):
        return is_number(node.inputs[0])
    return isinstance(variable, Constant) and variable.scalar is not None


def describe_graph(graph: Graph) -> str:
    """The graph in one sentence, for readers who cannot see its picture."""
    nodes = count(len(graph.apply_nodes()), "node")
    parts = [f"graph of {escape.name(graph.name)}: {nodes}"]
    ends = {
        "input": [variable_text(variable) for variable in graph.inputs],
        "output": [output_name(graph, index) for index in range(len(graph.outputs))],
    }
    for role, names in ends.items():
        if names:
            parts.append(f"{role}{'s' if len(names) > 1 else ''} {some(names, _NAMES_TOLD)}")
    return ", ".join(parts)


def summary(graph: Graph) -> str:
    """What a graph that is too large to draw consists of: its ops, the commonest first."""
    ops = Counter(op_name(node.op) for node in graph.apply_nodes())
    told = [f"{name} × {number}" for name, number in ops.most_common()]
    return some(told, _OPS_TOLD, "more op")


def kind_of(op: Op) -> Kind:
    """What kind of box shows an op."""
    match op:
        case Elementwise():
            return "elementwise"
        case View() | Reshape():
            return "view"
        case Reduction():
            return "reduction"
        case Contraction():
            return "contraction"
        case Indexing():
            return "indexing"
        case Control():
            return "control"
        case Creation():
            return "source"
        case _:
            return "opaque"


class _Sketch:
    """The boxes and edges collected so far, and where each variable comes from."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.boxes: list[Box] = []
        self.edges: list[Edge] = []
        self.origin: dict[Variable, tuple[str, int]] = {}
        self.shown = set(graph.outputs)
        nodes = enumerate(graph.apply_nodes())
        self.drawn = [(number, node) for number, node in nodes if not self._is_folded(node)]

    def picture(self) -> Picture:
        for index, variable in enumerate(self.graph.inputs):
            self._leaf(f"i{index}", variable)
        for number, node in self.drawn:
            self._node(f"n{number}", node)
        for index, variable in enumerate(self.graph.outputs):
            self._output(index, variable)
        description = describe_graph(self.graph)
        title = description.partition(":")[0]
        return Picture(title, description, tuple(self.boxes), tuple(self.edges))

    def _leaf(self, key: str, variable: Variable) -> None:
        lines = [variable_text(variable)]
        if variable.name is not None:
            lines.append(type_text(variable.type))
        match variable:
            case SharedVariable():
                kind, role = "shared", "shared variable"
            case Constant():
                kind, role = "constant", "constant"
            case _:
                kind, role = "input", "input"
        hint = f"{key}: {role} {': '.join(lines)}"
        self.boxes.append(Box(key, tuple(lines), kind, hint))
        self.origin[variable] = key, 0

    def _node(self, key: str, node: Apply) -> None:
        operands = [self._folded(variable) for variable in node.inputs]
        drawn = [k for k, text in enumerate(operands) if text is None]
        for index in drawn:
            variable = node.inputs[index]
            if variable not in self.origin:  # an array constant, or a variable from outside
                self._leaf(f"c{len(self.origin)}", variable)
            label = "" if node.op.commutative or len(drawn) < 2 else str(index + 1)
            self._edge(variable, key, label)
        names = [v.name for v in node.outputs if v.name is not None and v not in self.shown]
        lines = [*_label(node.op, operands), *(escape.name(str(name)) for name in names)]
        types = ", ".join(type_text(output.type) for output in node.outputs)
        hint = f"{key}: {op_text(node.op)} → {types}. {first_sentence(node.op)}".strip()
        self.boxes.append(Box(key, tuple(lines), kind_of(node.op), hint))
        self.origin |= {output: (key, output.index) for output in node.outputs}

    def _output(self, index: int, variable: Variable) -> None:
        if variable not in self.origin:
            self._leaf(f"c{len(self.origin)}", variable)
        lines = (output_name(self.graph, index), type_text(variable.type))
        self.boxes.append(Box(f"o{index}", lines, "output", f"o{index}: {': '.join(lines)}"))
        self._edge(variable, f"o{index}", "")

    def _edge(self, variable: Variable, target: str, label: str) -> None:
        source, output = self.origin[variable]
        several = variable.owner is not None and len(variable.owner.outputs) > 1
        which = f"out {output}" if several and source.startswith("n") else ""
        text = " → ".join(filter(None, (which, label)))
        self.edges.append(Edge(source, target, output, text))

    def _is_folded(self, node: Apply) -> bool:
        return all(self._folded(output) is not None for output in node.outputs)

    def _folded(self, variable: Variable) -> str | None:
        """The text of a number that has no box of its own, else None."""
        if variable in self.shown or variable in self.origin or not is_number(variable):
            return None
        if isinstance(variable, Constant):
            return constant_text(variable)
        return self._folded(variable.owner.inputs[0]) if variable.owner is not None else None


def _label(op: Op, operands: Sequence[str | None]) -> list[str]:
    """The op with the numbers among its operands, and a line for its parameters."""
    texts = ["·" if text is None else text for text in operands]
    if isinstance(op, Subtensor | Index) or (isinstance(op, Gather) and not op.of_rows):
        return [f"·[{op.text(texts)}]"]
    folds = any(text is not None for text in operands)
    name = f"{op_name(op)}({', '.join(texts)})" if folds else op_name(op)
    details = (f"{parameter} {value}".strip() for parameter, value in op_parameters(op))
    return [name, *filter(None, details)]
