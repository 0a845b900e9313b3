"""Theano's `pydotprint`: a graph as a pydot object, and as a file drawn from it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Self

from kernelgraph.errors import KernelgraphError, OptionError
from kernelgraph.expect import (
    came,
    expect_choice,
    expect_flag,
    expect_integer,
    expect_path,
    expect_table,
    expect_text,
    write_file,
)
from kernelgraph.graph import Apply, Constant, Graph, SharedVariable, Variable
from kernelgraph.ops.control import ControlOp
from kernelgraph.ops.scan import Scan
from kernelgraph.theano.text import constant_name, op_name, type_name
from kernelgraph.viz.display import show
from kernelgraph.viz.html import escape
from kernelgraph.viz.pictures.engines.graphviz import draw_with_graphviz
from kernelgraph.viz.text.subjects import graph_of, printed_graph_of

COLORS = {
    "input": "green", "shared": "cyan", "constant": "lightgray", "output": "blue", "op": "ivory",
}  # fmt: skip
"""What stands in which colour, by Theano's custom."""

OP_COLORS = {
    "scan": "yellow", "shape_i": "brown", "shape": "brown", "ifelse": "magenta",
    "subtensor": "mediumpurple", "broadcast": "orange", "elemwise": "pink",
}  # fmt: skip
"""Ops in Theano's colours: what has one of these words in its name."""

_FORMATS = ("svg", "png", "pdf", "dot")


class Rendered(bytes):
    """A drawn graph: the bytes of its file, which show themselves in a notebook."""

    format: str

    def __new__(cls, data: bytes, format: str) -> Self:
        """The bytes with their format."""
        made = super().__new__(cls, data)
        made.format = format
        return made

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        del include, exclude
        if self.format == "svg":
            return {"image/svg+xml": self.decode()}
        return {f"image/{self.format}": bytes(self)}


@dataclass(frozen=True)
class Style:
    """What Theano's callers choose about the boxes: numbers in them, their labels' length, types
    beside names, whether boxes are filled, and colours by the beginning of an op's name.
    """

    compact: bool = True
    with_ids: bool = False
    max_label_size: int = 70
    var_with_name_simple: bool = False
    high_contrast: bool = True
    colors: Mapping[str, str] = field(default_factory=dict[str, str])

    def op_color(self, name: str) -> str:
        """The colour of an op, by what Theano calls it."""
        table = [*self.colors.items(), *OP_COLORS.items()]
        found = (color for start, color in table if start.lower() in name.lower())
        return next(found, COLORS["op"])

    def paint(self, color: str) -> dict[str, str]:
        """Attributes of a box in that colour."""
        if self.high_contrast:
            return {"style": "filled", "fillcolor": color, "color": "black"}
        return {"color": color}


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
    there are names, `with_ids` numbers the ops, `max_label_size` cuts labels. `high_contrast` fills
    the boxes with their colours, `colorCodes` gives ops colours by a part of their name.
    `scan_graphs` draws what each loop repeats, and `cond_highlight` what each branch of an `ifelse`
    holds, into files named after this one. `return_image` gives a picture for a notebook and writes
    no file. SVG in compact form needs nothing else; PNG, PDF and colours need Graphviz.

    Raises `KernelgraphError` (KG-V010) for another format, `LayoutError` where Graphviz is missing.
    """
    kind = _format(outfile, format)
    compact, with_ids = expect_flag(compact, "compact"), expect_flag(with_ids, "with_ids")
    high_contrast = expect_flag(high_contrast, "high_contrast")
    simple = expect_flag(var_with_name_simple, "var_with_name_simple")
    longest = expect_integer(max_label_size, "max_label_size", least=4)
    colors = _colors(colorCodes)
    loops, told = expect_flag(scan_graphs, "scan_graphs"), print_output_file
    branches = cond_highlight is not None and cond_highlight is not False
    graph = printed_graph_of(fct)
    name = outfile or f"pydotprint_{escape.name(graph.name)}.{kind}"
    style = Style(compact, with_ids, longest, simple, high_contrast, colors)
    data = _drawn(graph, kind, style)
    if expect_flag(return_image, "return_image"):
        return Rendered(data, kind)
    files = {name: data}
    for number, inner in _inner_graphs(graph, loops, branches):
        stem = name.removesuffix(f".{kind}")
        files[f"{stem}_{number}.{kind}"] = _drawn(inner, kind, style)
    for path, content in files.items():
        write_file(Path(path), content)
        if expect_flag(told, "print_output_file"):
            print(f"The output file is available at {path}")
    return None


def _format(outfile: Any, format: Any) -> str:
    if outfile is not None:
        expect_path(outfile, "outfile")
    ending = Path(outfile).suffix[1:] if outfile else ""
    given = "png" if format is None else expect_text(format, "format")
    kind = ending if ending in _FORMATS else given
    if kind not in _FORMATS:
        raise OptionError(
            f"pydotprint writes {', '.join(_FORMATS)}, not {came(kind)}", code="KG-V010"
        )
    return kind


def _colors(table: Any) -> Mapping[str, str]:
    colors = expect_table(table, "colorCodes", "colours by name")
    for name, color in colors.items():
        expect_text(name, "a part of an op's name")
        expect_text(color, f"the colour of {name}")
    return colors


def _drawn(graph: Graph, kind: str, style: Style) -> bytes:
    if kind == "svg" and style.compact and not style.colors:
        return show(graph).svg.encode()
    text: str = to_pydot(graph, style).to_string()
    return text.encode() if kind == "dot" else draw_with_graphviz(text, kind)


def _inner_graphs(graph: Graph, loops: bool, branches: bool) -> Iterator[tuple[str, Graph]]:
    """The graphs inside ops, each with the op's name and place in the order."""
    for number, node in enumerate(graph.apply_nodes()):
        if isinstance(node.op, ControlOp) and (loops if isinstance(node.op, Scan) else branches):
            parts = node.op.graphs
            for k, inner in enumerate(parts):
                part = f"_{k}" if len(parts) > 1 else ""
                yield f"{node.op.name}_{number}{part}", inner


def pydotprint_variables(vars: Any, outfile: str | None = None, **options: Any) -> Any:
    """Draw the graph of variables, as it was written; options as for `pydotprint`."""
    known = list(inspect.signature(pydotprint).parameters)[2:]
    for name in options:
        expect_choice(name, "an option of pydotprint_variables", known)
    return pydotprint(graph_of(vars), outfile, **options)


def to_pydot(obj: Any, style: Style | None = None) -> Any:
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
    style = style or Style()
    drawing = pydot.Dot(graph_type="digraph")
    labels = _Labels(graph, style)
    shown: dict[Variable, str] = {}

    def box(variable: Variable) -> str:
        if variable not in shown:
            shown[variable] = f"v{len(shown)}"
            color = COLORS[_kind(variable, graph)]
            look = {"label": labels.variable(variable), "shape": "ellipse", **style.paint(color)}
            drawing.add_node(pydot.Node(shown[variable], **look))
        return shown[variable]

    numbers = {node: f"n{number}" for number, node in enumerate(graph.apply_nodes())}
    for node, key in numbers.items():
        look = {"label": labels.op(node), "shape": "box"}
        look |= style.paint(style.op_color(op_name(node.op, node)))
        drawing.add_node(pydot.Node(key, **look))
        for place, operand in enumerate(node.inputs):
            producer = numbers.get(operand.owner) if operand.owner is not None else None
            direct = producer is not None and style.compact and operand not in graph.inputs
            source = producer if direct else box(operand)
            label = escape.dot(str(place)) if len(node.inputs) > 1 else '""'
            drawing.add_edge(pydot.Edge(source, key, label=label))
        for out in node.outputs:
            if out in graph.outputs or not style.compact:
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

    def __init__(self, graph: Graph, style: Style) -> None:
        self.numbers = {node: number for number, node in enumerate(graph.apply_nodes())}
        self.with_ids = style.with_ids
        self.longest = style.max_label_size
        self.simple = style.var_with_name_simple

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
