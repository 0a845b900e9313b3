"""Where the time of a function went: its graph coloured by share, and tables of times.

A `Profile` comes in, a view goes out. Kernels are measured; the nodes of a kernel that has several
share its time by an estimate, which is marked by ≈. All that differs from run to run stands in
elements of one class, `kg-time`, so that a comparison can leave it out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from kernelgraph.compiler import Stages
from kernelgraph.profile import HOW_TO_MEASURE, Profile, duration
from kernelgraph.viz.display import Bundle, bundle
from kernelgraph.viz.html.fragments import fold, guarded, image, table
from kernelgraph.viz.html.markup import NEWLINE, Markup, html, join, number, svg
from kernelgraph.viz.html.scripts import script_on_parent
from kernelgraph.viz.kernels.code import node_keys, node_text
from kernelgraph.viz.kernels.shares import (
    MOST_OPS,
    NodeShare,
    Share,
    node_shares,
    percent,
    percents,
    shares,
)
from kernelgraph.viz.pictures.drawing import Box, TooLargeError
from kernelgraph.viz.pictures.layout import layout
from kernelgraph.viz.pictures.metrics import FONT_FAMILY
from kernelgraph.viz.pictures.picture import picture
from kernelgraph.viz.pictures.svg import GROUND, INK, paint
from kernelgraph.viz.text.words import count

_MOST_ROWS = 200
_BAR = 20  # signs of a full bar

_TIME = {"class": "kg-time"}

THRESHOLDS = (0.0, 0.01, 0.05, 0.15, 0.30, 0.60)
"""The least share of each colour."""

COLOURS = ("#ffffff", "#fdf2cf", "#fbe2a8", "#f8cf88", "#f5ba6d", "#f2a65a")
"""From cold to hot: each darker than the one before, also in grey, and light enough to read on."""


# The view ----------------------------------------------------------------------------------------


@bundle.register
def _(value: Profile) -> Bundle:
    return {"text/html": heat_html(value), "text/plain": str(value)}


def heat_html(profile: Profile) -> Markup:
    """Tables and picture of a profile; a part that fails says so in its place."""
    found = shares(profile)
    parts = [guarded(lambda: _summary(profile))]
    if found:
        parts += [
            guarded(lambda: _kernels(found, profile.calls)),
            guarded(lambda: _figure(profile, found)),
            guarded(lambda: _nodes(profile, node_shares(found))),
        ]
    else:
        parts.append(html("p", None, _why_no_shares(profile)))
    parts += [
        guarded(lambda: _compilation(profile)),
        guarded(lambda: _rules(profile)),
        fold("what am I looking at?", html("p", None, _LEGEND)),
        script_on_parent("html/sortable.js"),
    ]
    root = {"class": "kg", "data-kg": "profile", "data-lm-suppress-shortcuts": "true"}
    return html("div", root, *parts)


_LEGEND = (
    "Each kernel is one compiled loop nest, and was measured as a whole. A box shows its share in "
    "words and by its colour, where darker is more. Where a kernel computes several nodes, no "
    "clock can tell them apart: their shares, marked by ≈, divide what the kernel took in the "
    "ratio of their formulas and of the arrays that they read and write, and add up to it. Shares "
    "are parts of the time that kernels and calls of Python took; what checking arguments and "
    "making results took is in the time of the calls alone. Rules are timed while the graph is "
    "rewritten, once."
)


def _why_no_shares(profile: Profile) -> str:
    if not profile:
        return f"This function does not measure itself: {HOW_TO_MEASURE}."
    if profile.calls and profile.compilation and not profile.compilation.placed.apply_nodes():
        return "There is nothing to compute: the function hands on its inputs."
    if profile.calls and profile.compilation and profile.compilation.target.name == "c":
        return "No kernel has run so long that the clock could tell."
    if profile.calls:
        return "Kernels are timed on target C only; the times of calls stand above."
    return "The function has not been called yet: call it, then look again."


def _time(text: str) -> Markup:
    """Something that another run would say differently."""
    return html("span", _TIME, text)


def _summary(profile: Profile) -> Markup:
    """Compiling and running, side by side."""
    compiling = sum(profile.stages.values())
    both = compiling + profile.seconds or 1.0
    first, second = percents([compiling / both, profile.seconds / both])
    mean = profile.seconds / profile.calls if profile.calls else 0.0
    rows = [
        ("compiling, once", _time(duration(compiling)), _time(first), _bar(compiling / both)),
        (
            count(profile.calls, "call"),
            _time(duration(profile.seconds)),
            _time(second),
            _bar(profile.seconds / both),
        ),
        ("a call, on average", _time(duration(mean)), "", ""),
        ("the longest call", _time(duration(profile.longest)), "", ""),
    ]
    return _table("where the time went", ("what", "time", "share", ""), rows)


def _bar(part: float) -> Markup:
    full = round(part * _BAR)
    return _time("█" * full)


def _kernels(found: Sequence[Share], calls: int) -> Markup:
    rows = [
        (
            share.name,
            _time(part),
            _bar(share.part),
            _time(duration(share.seconds / max(calls, 1))),
            str(share.runs),
            " ".join(share.keys),
            share.what,
        )
        for share, part in zip(found, percents([s.part for s in found]), strict=True)
    ]
    headings = ("kernel", "share", "", "a call", "runs", "nodes", "computes")
    return _table("kernels", headings, rows)


def _table(name: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Markup:
    """A table whose columns can be sorted where scripts run."""
    return table(headings, rows, {"data-sortable": name})


def _compilation(profile: Profile) -> Markup:
    if not profile.stages:
        return Markup("")
    total = sum(profile.stages.values()) or 1.0
    parts = percents([seconds / total for seconds in profile.stages.values()])
    rows = [
        (stage, _time(duration(seconds)), _time(part), _bar(seconds / total))
        for (stage, seconds), part in zip(profile.stages.items(), parts, strict=True)
    ]
    return fold("compiling, stage by stage", _table("stages", ("stage", "time", "share", ""), rows))


def _rules(profile: Profile) -> Markup:
    """What the rules of rewriting took, the slowest first."""
    if profile.compilation is None:
        return Markup("")
    uses = profile.compilation.rewriting.uses
    ranked = sorted(uses.items(), key=lambda item: (-item[1].seconds, item[0].name))
    rows = [
        (rule.name, _time(duration(use.seconds)), str(use.tried), str(use.applied))
        for rule, use in ranked
        if use.applied
    ]
    idle = [use for use in uses.values() if not use.applied]
    seconds, tried = sum(use.seconds for use in idle), sum(use.tried for use in idle)
    words = f"{count(len(idle), 'rule')} that changed nothing"
    rows.append((words, _time(duration(seconds)), str(tried), "0"))
    headings = ("rule", "time", "tried", "applied")
    return fold("rewriting, rule by rule", _table("rules", headings, rows))


def _nodes(profile: Profile, found: Sequence[NodeShare]) -> Markup:
    """The shares of the nodes, of which some are estimates."""
    assert profile.compilation is not None
    nodes = {k: n for n, k in node_keys(profile.compilation.schedule.graph.apply_nodes()).items()}
    rows = [
        (
            node.key,
            _time(f"{'≈ ' * node.is_estimate}{part}"),
            _bar(node.part),
            _time(f"{'≈ ' * node.is_estimate}{duration(node.seconds / max(profile.calls, 1))}"),
            "estimated" if node.is_estimate else "measured",
            " ".join(node.kernels),
            node_text(nodes[node.key]),
        )
        for node, part in zip(found, percents([n.part for n in found]), strict=True)
    ]
    headings = ("node", "share", "", "a call", "how", "kernel", "computes")
    parts = [_table("nodes", headings, rows[:_MOST_ROWS])]
    if len(rows) > _MOST_ROWS:
        parts.append(html("p", None, f"and {count(len(rows) - _MOST_ROWS, 'more node')}"))
    return fold("node by node", *parts)


def _figure(profile: Profile, found: Sequence[Share]) -> Markup:
    """The graph that was planned, coloured by share."""
    assert profile.compilation is not None
    try:
        drawing, alt, width = heat_picture(profile.compilation, found, profile.calls)
    except TooLargeError as error:
        return html("p", None, f"{error.message}.")
    return join([image(drawing, alt, width, _TIME), scale()])


# The picture ------------------------------------------------------------------------------------


def colour(part: float) -> str:
    """The colour of a share.

    >>> colour(0.0), colour(0.07), colour(1.0)
    ('#ffffff', '#fbe2a8', '#f2a65a')
    """
    return COLOURS[sum(part >= threshold for threshold in THRESHOLDS) - 1]


def heat_picture(stages: Stages, found: Sequence[Share], calls: int) -> tuple[str, str, float]:
    """An SVG picture of the graph with shares, its description and its width."""
    of_box = {share.key: share for share in node_shares(found)}
    plain = picture(stages.schedule.graph)
    boxes = [
        _heated(box, of_box[box.key], calls) if box.key in of_box else box for box in plain.boxes
    ]
    hottest = ", ".join(f"{share.name} {percent(share.part)}" for share in found[:MOST_OPS])
    alt = f"{plain.description}; shares of time: {hottest}"
    placed = layout(replace(plain, boxes=tuple(boxes), description=alt))
    return paint(placed), alt, placed.width


def _heated(box: Box, found: NodeShare, calls: int) -> Box:
    """A box with its share, and what it took in a call."""
    sign, where = "", ""
    if found.is_estimate:
        sign = "≈ "
        where = f" ({found.kernels[0]})" if len(found.kernels) == 1 else ""
    took = f"{sign}{duration(found.seconds / max(calls, 1))}"
    lines = (*box.lines, f"{sign}{percent(found.part)}{where}", took)
    return replace(box, lines=lines, fill=colour(found.part))


def scale() -> Markup:
    """What the colours mean, as a picture of its own that is the same in every run."""
    width, step = 92.0, 96.0
    ends = [*(f"{low:.0%} – {high:.0%}" for low, high in pairwise(THRESHOLDS)), "60% and more"]
    parts: list[Markup] = []
    for k, (fill, words) in enumerate(zip(COLOURS, ends, strict=True)):
        box = {"x": 8 + k * step, "y": 6, "width": width, "height": 22, "rx": 3}
        parts.append(svg("rect", {**box, "fill": fill, "stroke": INK, "stroke-width": 1}))
        at = {"x": 8 + k * step + width / 2, "y": 21, "text-anchor": "middle", "fill": INK}
        parts.append(svg("text", at, words))
    whole = 8 + len(COLOURS) * step + 4
    document = svg(
        "svg",
        {"xmlns": "http://www.w3.org/2000/svg", "width": whole, "height": 34, "role": "img"}
        | {"viewBox": f"0 0 {number(whole)} 34", "font-family": FONT_FAMILY, "font-size": 11.5},
        svg("title", None, "colours by share of time"),
        svg("rect", {"width": whole, "height": 34, "rx": 6, "fill": GROUND}),
        *(NEWLINE, join(parts, "\n"), NEWLINE),
    )
    return image(document, f"colours by share of time: {'; '.join(ends)}", whole)
