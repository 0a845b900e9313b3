"""How values show themselves in a notebook: variables as formulas, graphs as pictures.

Importing this module fills the hook that `Variable`, `Graph` and the others call when a notebook
asks them for a display. `show` draws an expression, `save` writes a picture to a file.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import singledispatch
from pathlib import Path
from typing import Any

from kernelgraph.config import config
from kernelgraph.graph import Graph, SharedVariable, Variable, set_display
from kernelgraph.viz.dot import dot_text, rendered
from kernelgraph.viz.drawing import Layout, Picture
from kernelgraph.viz.fragments import (
    could_not_draw,
    figure,
    fold,
    frame,
    guarded,
    line_of_code,
    preformatted,
    table,
)
from kernelgraph.viz.latex import latex
from kernelgraph.viz.layout import layout
from kernelgraph.viz.legend import legend
from kernelgraph.viz.markup import NOTHING, Markup, html
from kernelgraph.viz.picture import MOST_NODES, as_graph, output_name, picture, summary
from kernelgraph.viz.svg import paint
from kernelgraph.viz.tree import tree_html, tree_text
from kernelgraph.viz.words import count, op_text, type_text, variable_text

Bundle = dict[str, str]
"""Texts by MIME type."""

PLAIN_LINES = 100
"""Lines of a tree in a display's plain text."""


def mimebundle(value: Any) -> Bundle:
    """What a notebook shows for `value`; a failure becomes a sentence, never an error."""
    try:
        return bundle(value)
    except Exception as error:
        return {"text/plain": f"<{type(value).__name__}> {could_not_draw(error)}"}


@singledispatch
def bundle(value: Any) -> Bundle:
    """The display of a value, by its type; other rooms register theirs."""
    return {"text/plain": repr(value)}


@bundle.register
def _(value: Variable) -> Bundle:
    plain = tree_text(value, max_lines=PLAIN_LINES)
    if value.owner is None:
        plain = f"{variable_text(value)}: {type_text(value.type)}"
    return {"text/latex": rf"$\displaystyle {latex(value)}$", "text/plain": plain}


@bundle.register
def _(value: Graph) -> Bundle:
    parts = [line_of_code(signature(value)), *graph_parts(value)]
    return {"text/html": frame("graph", *parts), "text/plain": graph_text(value)}


def graph_text(graph: Graph) -> str:
    """A graph for a terminal: its signature and its tree."""
    return f"{signature(graph)}\n{tree_text(graph, max_lines=PLAIN_LINES)}"


def graph_parts(graph: Graph, limit: int = MOST_NODES, engine: str | None = None) -> list[Markup]:
    """Picture, tree, inputs and legend of a graph; a summary where it is too large to draw."""
    parts = [guarded(lambda: _figure(graph, limit, engine))]
    parts.append(guarded(lambda: fold("tree", tree_html(graph))))
    if graph.inputs or graph.outputs:
        parts.append(guarded(lambda: fold("inputs and outputs", _ends(graph))))
    parts += [_inner(graph, limit, engine)]
    return parts


def _figure(graph: Graph, limit: int, engine: str | None) -> Markup:
    size = len(graph.apply_nodes())
    if (engine or config.layout) == "text":
        return preformatted(tree_text(graph, max_lines=PLAIN_LINES))
    if size > 2 * limit:  # numbers have no boxes, so twice as many nodes may still fit
        return _too_large(graph, size)
    try:
        drawn = picture(graph, limit=limit)
    except TooLargeError:
        return _too_large(graph, size)
    return Markup(figure(layout(drawn, engine)) + fold("what am I looking at?", legend(drawn)))


def _too_large(graph: Graph, size: int) -> Markup:
    advice = f"{count(size, 'node')}, too many to read in one picture: {summary(graph)}. "
    how = f"kg.debugprint prints them all; show(…, limit={size}) draws them all the same."
    return html("p", None, advice + how)


def _inner(graph: Graph, limit: int, engine: str | None) -> Markup:
    """The graphs inside loops and choices, each in a section of its own."""
    return NOTHING


def _ends(graph: Graph) -> Markup:
    rows = [
        (variable_text(v), type_text(v.type), "shared" if isinstance(v, SharedVariable) else "input")
        for v in graph.inputs
    ]
    rows += [
        (output_name(graph, index), type_text(v.type), "output")
        for index, v in enumerate(graph.outputs)
    ]
    return table(("name", "type", "role"), rows)


def signature(graph: Graph) -> str:
    """Name, inputs and outputs of a graph with their types, on one line."""
    return ""
