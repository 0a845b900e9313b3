"""How values show themselves in a notebook: variables as formulas, graphs as pictures.

Importing this module fills the hook that `Variable`, `Graph` and the others call when a notebook
asks them for a display. `show` draws an expression, `save` writes a picture to a file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import singledispatch
from typing import Any

from kernelgraph.config import config
from kernelgraph.expect import expect_file, expect_integer, expect_text, write_file
from kernelgraph.graph import Graph, SharedVariable, Variable
from kernelgraph.hooks import set_display
from kernelgraph.names import listed_names
from kernelgraph.op import Op
from kernelgraph.ops.control import IfElse
from kernelgraph.viz.html import escape
from kernelgraph.viz.html.fragments import (
    could_not_draw,
    fold,
    frame,
    guarded,
    line_of_code,
    page,
    preformatted,
    table,
)
from kernelgraph.viz.html.limits import PLAIN_LINES, ROWS
from kernelgraph.viz.html.markup import Markup, join
from kernelgraph.viz.pictures.big_graphs import finder, folded_figure
from kernelgraph.viz.pictures.clusters import Folding
from kernelgraph.viz.pictures.drawing import Layout, TooLargeError
from kernelgraph.viz.pictures.engines.graphviz import dot_text, draw_with_graphviz
from kernelgraph.viz.pictures.figure import figure, zoomed_figure
from kernelgraph.viz.pictures.layout import layout
from kernelgraph.viz.pictures.picture import MOST_NODES, drawn_nodes, picture, summary
from kernelgraph.viz.pictures.svg import legend, paint
from kernelgraph.viz.text.latex import latex
from kernelgraph.viz.text.subjects import EXPRESSION, graph_of
from kernelgraph.viz.text.tree import tree_html, tree_text
from kernelgraph.viz.text.words import inner_graphs, op_text, output_name, type_text, variable_text

Bundle = dict[str, str]
"""Texts by MIME type."""

_ENDS_TOLD = 12  # inputs or outputs in a signature
_ROWS_OF_ENDS = ROWS // 2  # inputs or outputs in a table
_INNER_SHOWN = 6  # graphs inside loops and choices


def mimebundle(value: Any) -> Bundle:
    """What a notebook shows for `value`; a failure becomes a sentence, never an error."""
    try:
        shown = bundle(value)
    except Exception as error:
        shown = {"text/plain": f"<{type(value).__name__}> {could_not_draw(error)}"}
    return {**shown, "text/plain": escape.visible(shown["text/plain"])}


@singledispatch
def bundle(value: Any) -> Bundle:
    """The display of a value, by its type; other packages register theirs."""
    return {"text/plain": repr(value)}


@bundle.register
def _(value: Variable) -> Bundle:
    plain = tree_text(value, max_lines=PLAIN_LINES)
    formula = latex(value)
    if value.owner is None:
        plain = f"{variable_text(value)}: {type_text(value.type)}"
        formula += rf" \colon {escape.latex(type_text(value.type))}"
    return {"text/latex": rf"$\displaystyle {formula}$", "text/plain": plain}


@bundle.register
def _(value: Graph) -> Bundle:
    parts = graph_parts(value)
    return {"text/html": frame("graph", *parts), "text/plain": graph_text(value)}


@dataclass(frozen=True)
class Shown:
    """A picture of a graph: the last expression of a cell shows it, `save` writes it to a file."""

    graph: Graph
    limit: int = MOST_NODES
    engine: str | None = None

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Bundle:
        del include, exclude
        parts = graph_parts(self.graph, self.limit, self.engine)
        return {"text/html": frame("picture", *parts), "text/plain": repr(self)}

    def _repr_html_(self) -> str:
        return self._repr_mimebundle_()["text/html"]

    def __repr__(self) -> str:
        return graph_text(self.graph)

    def inside(self, cluster: int) -> Shown:
        """What is in one cluster of the folded picture of a large graph, as a picture of its own.

        Raises IndexError for a cluster that the graph does not have.
        """
        return Shown(Folding(self.graph).inside(cluster), self.limit, self.engine)

    @property
    def svg(self) -> str:
        """The picture alone. Raises `LayoutError` for a graph that is too large."""
        return paint(layout(picture(self.graph, limit=self.limit), self.engine))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the picture to a file, in the format that its name ends in.

        `.svg` and `.html` need nothing; `.dot` is text for Graphviz; `.png` and `.pdf` are drawn by
        Graphviz. Raises `OptionError` for other endings, `LayoutError` if Graphviz is not there.
        """
        file = expect_file(path, (".svg", ".html", ".dot", ".png", ".pdf"))
        match file.suffix:
            case ".svg":
                content = self.svg.encode()
            case ".html":
                content = page(self.graph.name, Markup(self._repr_html_())).encode()
            case ".dot":
                content = dot_text(picture(self.graph, limit=self.limit)).encode()
            case ending:
                text = dot_text(picture(self.graph, limit=self.limit))
                content = draw_with_graphviz(text, ending[1:])
        write_file(file, content)


def show(obj: Any, *, limit: int = MOST_NODES, engine: str | None = None) -> Shown:
    """A picture of variables, a graph or a function, for the last line of a cell.

    At most `limit` nodes are drawn; `engine` places them (by default `kg.config.layout`).
    Raises `ArgumentError` for an object that has no graph.
    """
    limit = expect_integer(limit, "limit", least=0)
    if engine is not None:
        expect_text(engine, "engine")
    return Shown(graph_of(obj), limit, engine)


def save(obj: Any, path: str | os.PathLike[str]) -> None:
    """Write a picture of `obj` to a file; see `Shown.save`."""
    show(obj).save(path)


# The parts of a view ------------------------------------------------------------------------------


def graph_text(graph: Graph) -> str:
    """A graph for a terminal: its signature and its tree."""
    return f"{signature(graph)}\n{tree_text(graph, max_lines=PLAIN_LINES)}"


def signature(graph: Graph) -> str:
    """Name, inputs and outputs of a graph with their types, on one line."""
    inputs = [f"{variable_text(v)}: {type_text(v.type)}" for v in graph.inputs]
    outputs = [
        f"{output_name(graph, index)}: {type_text(output.type)}"
        for index, output in enumerate(graph.outputs)
    ]
    name = "" if graph.name == EXPRESSION else escape.name(graph.name)
    return f"{name}({listed_names(inputs, _ENDS_TOLD)}) → {listed_names(outputs, _ENDS_TOLD)}"


def graph_parts(graph: Graph, limit: int = MOST_NODES, engine: str | None = None) -> list[Markup]:
    """Signature, picture, tree, ends and inner graphs of a graph; where it is too large for a
    picture, a folded one and a part in which nodes are found.

    A part that fails says so in its place.
    """
    return [
        guarded(lambda: line_of_code(signature(graph))),
        guarded(lambda: graph_figure(graph, limit, engine, zoomed_figure)),
        *([guarded(lambda: finder(graph))] if drawn_nodes(graph) > limit else []),
        guarded(lambda: fold("tree", tree_html(graph))),
        guarded(lambda: fold("inputs and outputs", _ends(graph))),
        *_inner_parts(graph, limit, engine),
    ]


def graph_figure(
    graph: Graph,
    limit: int = MOST_NODES,
    engine: str | None = None,
    draw: Callable[[Layout], Markup] = figure,
) -> Markup:
    """The picture of a graph, as `draw` shows it, with its legend; folded where it is too large."""
    if (engine or config.layout) == "text":
        return preformatted(tree_text(graph, max_lines=PLAIN_LINES))
    try:
        drawn = picture(graph, limit=limit)
    except TooLargeError as error:
        return folded_figure(graph, f"{error.message}. It has {summary(graph)}", engine)
    explained = fold("what am I looking at?", legend(drawn))
    return join([draw(layout(drawn, engine)), explained])


def _inner_parts(graph: Graph, limit: int, engine: str | None) -> list[Markup]:
    """The graphs inside loops and choices, each in a section of its own."""
    inner = [
        (f"inside n{number}, {op_text(node.op)}{_part(node.op, k)}", held)
        for number, node in enumerate(graph.apply_nodes())
        for k, held in enumerate(inner_graphs(node))
    ]
    return [
        fold(title, guarded(lambda held=held: graph_figure(held, limit, engine)))
        for title, held in inner[:_INNER_SHOWN]
    ]


def _part(op: Op, number: int) -> str:
    """Which of the two graphs of a choice it is."""
    return (": then", ": else")[number] if isinstance(op, IfElse) else ""


def _ends(graph: Graph) -> Markup:
    kinds = {True: "shared", False: "input"}
    rows = [
        (variable_text(v), type_text(v.type), kinds[isinstance(v, SharedVariable)])
        for v in graph.inputs[:_ROWS_OF_ENDS]
    ]
    rows += _more_rows(graph.inputs, "input")
    rows += [
        (output_name(graph, index), type_text(output.type), "output")
        for index, output in enumerate(graph.outputs[:_ROWS_OF_ENDS])
    ]
    return table(("name", "type", "role"), [*rows, *_more_rows(graph.outputs, "output")])


def _more_rows(ends: Sequence[Variable], role: str) -> list[tuple[str, str, str]]:
    more = len(ends) - _ROWS_OF_ENDS
    return [(f"… {more} more", "", role)] if more > 0 else []


set_display(mimebundle)
