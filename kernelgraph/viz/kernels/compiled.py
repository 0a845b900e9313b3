"""Displays of compiled functions: the graph as written, as rewritten, and the source it became.

Importing this module teaches `debugprint`, `show` and the notebook displays about `Function` and
`Stages`. A stage that cannot be shown (no compiler, an op without a kernel) says why in its place.
"""

from __future__ import annotations

from kernelgraph.compiler import Stages
from kernelgraph.function import Function
from kernelgraph.graph import Graph
from kernelgraph.schedule.schedule import Schedule
from kernelgraph.viz.display import Bundle, bundle, graph_figure, graph_parts, graph_text
from kernelgraph.viz.html import escape
from kernelgraph.viz.html.fragments import fold, frame, guarded, preformatted, table
from kernelgraph.viz.html.limits import ROWS
from kernelgraph.viz.html.markup import Markup, join
from kernelgraph.viz.kernels.code import source_html
from kernelgraph.viz.text.subjects import graph_of, printed_graph_of
from kernelgraph.viz.text.tree import tree_html
from kernelgraph.viz.text.words import count

_LONGEST_LINE = 400  # characters: a name may be a megabyte
_LANGUAGES = {"c": "C", "cuda": "CUDA", "python": "Python"}


@graph_of.register
def _(obj: Function | Stages) -> Graph:
    return obj.graph


@printed_graph_of.register
def _(obj: Function | Stages) -> Graph:
    return _stages(obj).placed


@bundle.register
def _(value: Function | Stages) -> Bundle:
    kind = "function" if isinstance(value, Function) else "stages"
    parts = [*graph_parts(value.graph), *stage_parts(_stages(value))]
    tree = graph_text(value.graph).partition("\n")[2]
    return {"text/html": frame(kind, *parts), "text/plain": f"{value!r}\n{tree}"}


def _stages(value: Function | Stages) -> Stages:
    return value.stages if isinstance(value, Function) else value


def stage_parts(stages: Stages) -> list[Markup]:
    """What became of the graph, stage by stage, each in a section that opens."""
    return [
        guarded(lambda: _rewritten(stages)),
        guarded(lambda: _schedule(stages)),
        guarded(lambda: stage_source(stages)),
    ]


def stage_source(stages: Stages) -> Markup:
    """The generated source with its nodes, in a section that opens."""
    language = _LANGUAGES.get(stages.target.language, stages.target.language)
    return source_html(stages.source, stages.schedule.graph.apply_nodes(), language)


def _rewritten(stages: Stages) -> Markup:
    graph = stages.rewriting.graph
    before, after = (len(g.apply_nodes()) for g in (stages.graph, graph))
    steps = count(len(stages.rewriting.steps), "step")
    title = f"after rewriting: {count(after, 'node')} (before: {before}; {steps})"
    return fold(title, join([graph_figure(graph), fold("tree", tree_html(graph))]))


def _schedule(stages: Stages) -> Markup:
    schedule = stages.schedule
    lines = [escape.shorten(line, _LONGEST_LINE) for line in str(schedule).split("\n")]
    parts = [preformatted("\n".join(lines))]
    if not _same_nodes(schedule.graph, stages.rewriting.graph):
        title = "the graph as planned: with copies and library calls, numbered as in the source"
        parts.append(fold(title, graph_figure(schedule.graph)))
    if schedule.decisions:
        parts.append(fold("why", decisions_table(schedule)))
    return fold(f"plan: {count(len(schedule.steps), 'step')}", *parts)


def decisions_table(schedule: Schedule, most: int = ROWS) -> Markup:
    """What the plan decided, and why: the first `most` of its decisions."""
    more = len(schedule.decisions) - most
    rows = [
        (escape.shorten(decision.what, _LONGEST_LINE), escape.shorten(decision.why, _LONGEST_LINE))
        for decision in schedule.decisions[:most]
    ]
    rows += [("…", count(more, "more decision"))] if more > 0 else []
    return table(("decision", "reason"), rows)


def _same_nodes(one: Graph, other: Graph) -> bool:
    """Whether two graphs have the same ops in the same order, so that numbers mean the same."""
    return [str(n.op) for n in one.apply_nodes()] == [str(n.op) for n in other.apply_nodes()]
