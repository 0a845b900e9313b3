r"""What two graphs have in common and what not: as pictures, and as formulas.

A difference comes in. As HTML it is both graphs with marks, in one layout, and its lines; as LaTeX
the lines as formulas. Importing this module teaches the notebook displays about `Difference`.
"""

from __future__ import annotations

from kernelgraph.graph import Apply
from kernelgraph.rewrite.difference import Difference
from kernelgraph.viz.display import Bundle, bundle
from kernelgraph.viz.html import escape
from kernelgraph.viz.html.fragments import fold, frame, guarded, table
from kernelgraph.viz.html.markup import Markup, html, join
from kernelgraph.viz.pictures.drawing import TooLargeError
from kernelgraph.viz.pictures.figure import image
from kernelgraph.viz.pictures.picture import MOST_NODES
from kernelgraph.viz.stepper.changes import carried_numbers, changes, numbered_picture
from kernelgraph.viz.stepper.page import signs
from kernelgraph.viz.stepper.union import union
from kernelgraph.viz.text.latex import LatexText, latex
from kernelgraph.viz.text.words import count

_MOST_LINES = 40
_MOST_FORMULAS = 12
_LONGEST_LINE = 1000


@bundle.register
def _(value: Difference) -> Bundle:
    return {"text/html": difference_html(value), "text/plain": "\n".join(_lines(value))}


def difference_html(difference: Difference) -> Markup:
    """Both graphs with marks, where they can be drawn, and a line for each node that differs."""
    lines = [html("div", None, html("code", None, line)) for line in _lines(difference)]
    return frame(
        "difference",
        guarded(lambda: _pictures(difference)),
        join(lines),
        fold("what am I looking at?", signs()),
    )


def difference_latex(difference: Difference) -> LatexText:
    r"""A line for each node that left, with a minus, and for each that came, with a plus.

    >>> import kernelgraph.tensor as T
    >>> from kernelgraph.graph import Graph
    >>> from kernelgraph.rewrite.difference import difference
    >>> x = T.dvector("x")
    >>> print(difference_latex(difference(Graph((x,), (T.exp(x),)), Graph((x,), (x,)))))
    \begin{aligned} -\; & e^{x} \end{aligned}
    """
    rows = [_row("-", node) for node in difference.removed[:_MOST_FORMULAS]]
    rows += [_row("+", node) for node in difference.added[:_MOST_FORMULAS]]
    more = len(difference.removed) + len(difference.added) - len(rows)
    rows += [rf"& \text{{and {count(more, 'more node')}}}"] if more else []
    rows = rows or [r"& \text{the same}"]
    return LatexText(r"\begin{aligned} " + r" \\ ".join(rows) + r" \end{aligned}")


def _row(sign: str, node: Apply) -> str:
    return rf"{sign}\; & {latex(node.outputs[0])}"


def _lines(difference: Difference) -> list[str]:
    lines = [escape.name(line, _LONGEST_LINE) for line in str(difference).splitlines()]
    more = len(lines) - _MOST_LINES
    return lines[:_MOST_LINES] + ([f"… {count(more, 'more line')}"] if more > 0 else [])


def _pictures(difference: Difference) -> Markup:
    """The two graphs side by side: what they share has the same place in both."""
    before, after = difference.before, difference.after
    for graph in (before, after):
        if len(graph.apply_nodes()) > MOST_NODES:
            size = count(len(graph.apply_nodes()), "node")
            raise TooLargeError(f"{size} are too many to read in one picture ({MOST_NODES})")
    numbers = {node: number for number, node in enumerate(before.apply_nodes())}
    later = carried_numbers(before, numbers, after)
    pictures = [numbered_picture(before, numbers), numbered_picture(after, later)]
    marked = changes(*pictures)
    drawn = union(pictures)
    cells = [
        image(drawn.layout(k, picture, marks), picture.description)
        for k, (picture, marks) in enumerate(
            zip(pictures, (marked.before, marked.after), strict=True)
        )
    ]
    return html("div", {"style": "overflow-x:auto"}, table(("before", "after"), [cells]))
