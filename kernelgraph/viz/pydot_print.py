"""Theano's `pydotprint`: a graph as a pydot object, and as a file drawn from it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from kernelgraph.errors import KernelgraphError, capture_origins
from kernelgraph.graph import Apply, Constant, Graph, SharedVariable, Variable
from kernelgraph.viz import escape
from kernelgraph.viz.display import show
from kernelgraph.viz.engines.graphviz import draw_with_graphviz
from kernelgraph.viz.subjects import graph_of, printed_graph_of
from kernelgraph.viz.theano_text import constant_name, op_name, type_name

COLORS = {
    "input": "green", "shared": "cyan", "constant": "lightgray", "output": "blue", "op": "ivory",
}  # fmt: skip
"""What stands in which colour, by Theano's custom."""

_FORMATS = ("svg", "png", "pdf", "dot")


@dataclass(frozen=True)
class Rendered:
    """A drawn graph that shows itself in a notebook."""

    data: bytes
    format: str

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        del include, exclude
        if self.format == "svg":
            return {"image/svg+xml": self.data.decode()}
        return {f"image/{self.format}": self.data}


def pydotprint(
    fct: Any,
    outfile: str | None = None,
    compact: bool = True,
    format: str | None = None,
    with_ids: bool = False,
    high_contrast: bool = True,
    cond_highlight: Any = None,
    colorCodes: Any = None,  # noqa: N803
    max_label_size: int = 70,
    scan_graphs: bool = False,
    var_with_name_simple: bool = False,
    print_output_file: bool = True,
    return_image: bool = False,
) -> Any:
    """Draw a function's rewritten graph, or the graph of variables, into a file.

    The format is that of `outfile`'s ending (svg, png, pdf, dot), else `format`, else png. With
    `compact`, variables between two ops have no box. `var_with_name_simple` leaves types out where
    there are names, `with_ids` numbers the ops, `max_label_size` cuts labels. `return_image` gives
    a picture for a notebook and writes no file. SVG needs nothing else; PNG and PDF need Graphviz.

    Raises `KernelgraphError` (KG-V010) for another format, `LayoutError` where Graphviz is missing.
    """
    del high_contrast, cond_highlight, colorCodes, scan_graphs
    ending = Path(outfile).suffix[1:] if outfile else ""
    kind = ending if ending in _FORMATS else format or "png"
    if kind not in _FORMATS:
        raise KernelgraphError(
            f"pydotprint writes {', '.join(_FORMATS)}, not {kind!r}",
            code="KG-V010",
            origins=capture_origins(),
        )
    graph = printed_graph_of(fct)
    name = outfile or f"pydotprint_{escape.name(graph.name)}.{kind}"
    if kind == "svg" and compact:
        data = show(graph).svg.encode()
    else:
        drawing = to_pydot(fct, compact, with_ids, max_label_size, var_with_name_simple)
        text: str = drawing.to_string()
        data = text.encode() if kind == "dot" else draw_with_graphviz(text, kind)
    if return_image:
        return Rendered(data, kind)
    Path(name).write_bytes(data)
    if print_output_file:
        print(f"The output file is available at {name}")
    return None


def pydotprint_variables(vars: Any, outfile: str | None = None, **options: Any) -> Any:
    """Draw the graph of variables, as it was written; options as for `pydotprint`."""
    return pydotprint(graph_of(vars), outfile, **options)


def to_pydot(
    obj: Any,
    compact: bool = True,
    with_ids: bool = False,
    max_label_size: int = 70,
    var_with_name_simple: bool = False,
) -> Any:
    """The graph as a `pydot.Dot`: a box for each op, an ellipse for each variable that is shown.

    Raises `KernelgraphError` (KG-V011) where pydot is not installed.
    """
    try:
        pydot: Any = import_module("pydot")
    except ImportError as error:
        raise KernelgraphError(
            "pydotprint needs pydot, which is not installed", code="KG-V011",
            hint="pip install 'kernelgraph[lab]', or kg.save(obj, 'graph.svg')",
        ) from error  # fmt: skip
    graph = printed_graph_of(obj)
    drawing = pydot.Dot(graph_type="digraph")
    labels = _Labels(graph, with_ids, max_label_size, var_with_name_simple)
    shown: dict[Variable, str] = {}

    def box(variable: Variable) -> str:
        if variable not in shown:
            shown[variable] = f"v{len(shown)}"
            color = COLORS[_kind(variable, graph)]
            style = {"label": labels.variable(variable), "shape": "ellipse", "color": color}
            drawing.add_node(pydot.Node(shown[variable], **style))
        return shown[variable]

    numbers = {node: f"n{number}" for number, node in enumerate(graph.apply_nodes())}
    for node, key in numbers.items():
        drawing.add_node(pydot.Node(key, label=labels.op(node), shape="box", color=COLORS["op"]))
        for place, operand in enumerate(node.inputs):
            producer = numbers.get(operand.owner) if operand.owner is not None else None
            direct = producer is not None and compact and operand not in graph.inputs
            source = producer if direct else box(operand)
            label = escape.dot(str(place)) if len(node.inputs) > 1 else '""'
            drawing.add_edge(pydot.Edge(source, key, label=label))
        for out in node.outputs:
            if out in graph.outputs or not compact:
                drawing.add_edge(pydot.Edge(key, box(out)))
    for variable in graph.outputs:
        box(variable)
    return drawing


def _kind(variable: Variable, graph: Graph) -> str:
    if isinstance(variable, SharedVariable):
        return "shared"
    if isinstance(variable, Constant):
        return "constant"
    return "output" if variable in graph.outputs else "input"


class _Labels:
    """What stands in the boxes: quoted, and no longer than wanted."""

    def __init__(self, graph: Graph, with_ids: bool, longest: int, simple: bool) -> None:
        self.numbers = {node: number for number, node in enumerate(graph.apply_nodes())}
        self.with_ids = with_ids
        self.longest = longest
        self.simple = simple

    def variable(self, variable: Variable) -> str:
        name = escape.name(variable.name) if variable.name else ""
        if name and self.simple:
            return self.quoted(name)
        value = constant_name(variable) if isinstance(variable, Constant) else name
        return self.quoted(f"{value} {type_name(variable.type)}".strip())

    def op(self, node: Apply) -> str:
        number = f" id={self.numbers[node]}" if self.with_ids else ""
        return self.quoted(op_name(node.op, node) + number)

    def quoted(self, text: str) -> str:
        cut = text if len(text) <= self.longest else f"{text[: self.longest - 3]}..."
        return escape.dot(cut)
