"""Generated source beside the graph: each line with the nodes that it computes.

A `Source` comes in, text or HTML goes out: a column of line numbers, a column of node numbers (the
same as in the picture), then the line itself. Below it stands what each node is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kernelgraph.graph import Apply
from kernelgraph.viz.html import escape
from kernelgraph.viz.html.fragments import fold, preformatted, table
from kernelgraph.viz.html.markup import Markup, html, join
from kernelgraph.viz.kernels.listing import brief, first_of_interest
from kernelgraph.viz.text.words import count, op_text, type_text
from kernelgraph.writer import Source

_MOST_LINES = 400


def source_html(source: Source, nodes: Sequence[Apply], language: str) -> Markup:
    """The source in a section that opens, with its nodes; `nodes` says their order in the graph.

    What stands before the first function that computes a node is folded away.
    """
    keys = node_keys(nodes)
    rows = numbered_lines(source, keys)
    first = first_of_interest(source.text.split("\n"), source.lines)
    lines = [
        html("span", _line_attributes(source, keys, number), f"{row}\n")
        for number, row in enumerate(rows[: first + _MOST_LINES], start=1)
    ]
    shown = lines[first:]
    rest = len(rows) - len(lines)
    if rest:
        shown.append(html("span", None, f"… {count(rest, 'more line')} in f.stages.source.text\n"))
    parts = [preformatted(join(shown)), _nodes_table(source, keys)]
    if first:
        title = f"lines 1 to {first}, which do not depend on the graph"
        parts.insert(0, fold(title, preformatted(join(lines[:first]))))
    return fold(f"{language} source: {count(len(rows), 'line')}", *parts)


def _nodes_table(source: Source, keys: Mapping[Apply, str]) -> Markup:
    computed = {node for nodes in source.lines.values() for node in nodes}
    used = [(node, key) for node, key in keys.items() if node in computed]
    rows = [(key, node_text(node)) for node, key in used[:_MOST_LINES]]
    if len(used) > _MOST_LINES:
        rows.append(("…", count(len(used) - _MOST_LINES, "more node")))
    return table(("node", "computes"), rows)


def source_text(source: Source, nodes: Sequence[Apply]) -> str:
    """The source with a column of line numbers and one of node numbers, as text."""
    return "\n".join(numbered_lines(source, node_keys(nodes)))


def node_keys(nodes: Sequence[Apply]) -> dict[Apply, str]:
    """What nodes are called in a picture: n0, n1 and so on, in the order of the graph."""
    return {node: f"n{number}" for number, node in enumerate(nodes)}


def numbered_lines(source: Source, keys: Mapping[Apply, str]) -> list[str]:
    """The lines of a source behind their numbers and those of their nodes."""
    lines = escape.visible(source.text).split("\n")
    if lines and not lines[-1]:
        lines.pop()
    columns = [brief(_names(source, keys, number)) for number in range(1, len(lines) + 1)]
    width = max(map(len, columns), default=0)
    return [
        f"{number:>4}  {column:<{width}} │ {line}".rstrip()
        for number, (column, line) in enumerate(zip(columns, lines, strict=True), start=1)
    ]


def node_text(node: Apply) -> str:
    """A node in a few words: its op and the types of its results."""
    types = ", ".join(type_text(output.type) for output in node.outputs)
    return f"{op_text(node.op)} → {types}"


def _names(source: Source, keys: Mapping[Apply, str], number: int) -> list[str]:
    return [keys[node] for node in source.lines.get(number, ()) if node in keys]


def _line_attributes(source: Source, keys: Mapping[Apply, str], number: int) -> dict[str, str]:
    names = _names(source, keys, number)
    attributes = {"data-line": str(number)}
    return {**attributes, "data-nodes": " ".join(names)} if names else attributes
