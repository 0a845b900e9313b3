"""Where the time of a function went: its graph coloured by share, and tables of times.

A `Profile` comes in, shares of kernels and a view go out. Kernels are measured, nodes are not: a
node carries the share of its whole kernel, and says so. All that differs from run to run stands in
elements of one class, `kg-time`, so that a comparison can leave it out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from kernelgraph.compiler import Stages
from kernelgraph.graph import Apply
from kernelgraph.profile import Profile, duration
from kernelgraph.target import Timing
from kernelgraph.viz.display import Bundle, bundle
from kernelgraph.viz.html.fragments import fold, guarded
from kernelgraph.viz.html.images import image
from kernelgraph.viz.html.markup import NEWLINE, Markup, html, join, number, svg
from kernelgraph.viz.html.scripts import script_text
from kernelgraph.viz.kernels.code import node_keys
from kernelgraph.viz.kernels.listing import in_order
from kernelgraph.viz.pictures.drawing import Box, TooLargeError
from kernelgraph.viz.pictures.layout import layout
from kernelgraph.viz.pictures.metrics import FONT_FAMILY
from kernelgraph.viz.pictures.picture import picture
from kernelgraph.viz.pictures.svg import GROUND, INK, paint
from kernelgraph.viz.text.words import count, inner_graphs, op_name

THRESHOLDS = (0.0, 0.01, 0.05, 0.15, 0.30, 0.60)
"""The least share of each colour."""

COLOURS = ("#ffffff", "#fdf2cf", "#fbe2a8", "#f8cf88", "#f5ba6d", "#f2a65a")
"""From cold to hot: every one darker than the one before, also in grey, and light enough to read
on.
"""

_MOST_OPS = 8
_BAR = 20  # signs of a full bar

_TIME = {"class": "kg-time"}


@dataclass(frozen=True)
class Share:
    """What one kernel or Python call took: its name, the keys of its nodes in the picture, what it
    computes, how often it ran, its seconds, and its part of the whole (from 0 to 1).
    """

    name: str
    keys: tuple[str, ...]
    what: str
    runs: int
    seconds: float
    part: float


def shares(profile: Profile) -> list[Share]:
    """The shares of all kernels that ran, the largest first. They add up to 1."""
    stages = profile.compilation
    total = sum(timing.seconds for timing in profile.kernels)
    if stages is None or not total:
        return []
    keys = node_keys(stages.schedule.graph.apply_nodes())
    found = [
        Share(
            timing.name,
            in_order(_keys_of(timing.nodes, keys)),
            _ops(timing.nodes),
            timing.runs,
            timing.seconds,
            timing.seconds / total,
        )
        for timing in _merged(profile.kernels)
    ]
    return sorted(found, key=lambda share: -share.seconds)


def _merged(timings: Sequence[Timing]) -> list[Timing]:
    """One timing for each kernel: a kernel may stand at several places of the program."""
    found: dict[tuple[str, tuple[Apply, ...]], Timing] = {}
    for timing in timings:
        key = timing.name, tuple(timing.nodes)
        old = found.get(key, Timing(timing.name, timing.nodes, 0, 0.0))
        found[key] = replace(old, runs=old.runs + timing.runs, seconds=old.seconds + timing.seconds)
    return list(found.values())


def _ops(nodes: Sequence[Apply]) -> str:
    names = list(dict.fromkeys(op_name(node.op) for node in nodes))
    more = len(names) - _MOST_OPS
    return ", ".join(names[:_MOST_OPS]) + (f" and {more} more" if more > 0 else "")


def _keys_of(nodes: Sequence[Apply], keys: Mapping[Apply, str]) -> set[str]:
    """The boxes of a kernel's nodes; nodes of a graph inside a node have the box of that node."""
    return {key for node in nodes if (key := keys.get(node) or _holder(node, keys))}


def _holder(inner: Apply, keys: Mapping[Apply, str]) -> str | None:
    """The box of the node in whose graph the user wrote this one (it was planned as a copy)."""
    for node, key in keys.items():
        pending = list(inner_graphs(node))
        while pending:
            for held in pending.pop().apply_nodes():
                if held.op == inner.op and held.origins == inner.origins:
                    return key
                pending += inner_graphs(held)
    return None


def colour(part: float) -> str:
    """The colour of a share.

    >>> colour(0.0), colour(0.07), colour(1.0)
    ('#ffffff', '#fbe2a8', '#f2a65a')
    """
    return COLOURS[sum(part >= threshold for threshold in THRESHOLDS) - 1]


def percents(parts: Sequence[float]) -> list[str]:
    """Parts of a whole in per cent to one digit, rounded so that they still add up to 100.

    >>> percents([1 / 3, 1 / 3, 1 / 3])
    ['33.4 %', '33.3 %', '33.3 %']
    """
    tenths = [int(part * 1000) for part in parts]
    left = (1000 if sum(parts) > 0.999 else round(sum(parts) * 1000)) - sum(tenths)
    order = sorted(range(len(parts)), key=lambda k: tenths[k] - parts[k] * 1000)
    for k in order[:left]:
        tenths[k] += 1
    return [f"{tenth // 10}.{tenth % 10} %" for tenth in tenths]


def percent(part: float) -> str:
    """A part of a whole in per cent.

    >>> percent(0.123)
    '12.3 %'
    """
    return f"{part * 100:.1f} %"


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
        ]
    else:
        parts.append(html("p", None, _why_no_shares(profile)))
    parts += [
        guarded(lambda: _compilation(profile)),
        guarded(lambda: _rules(profile)),
        fold("what am I looking at?", html("p", None, _LEGEND)),
        html("script", None, Markup(f"({script_text('html/sortable.js').strip()})({_ROOT});")),
    ]
    root = {"class": "kg", "data-kg": "profile", "data-lm-suppress-shortcuts": "true"}
    return html("div", root, *parts)


_ROOT = "document.currentScript.parentNode"
_LEGEND = (
    "Each kernel is one compiled loop nest, and was measured as a whole; a box shows the share of "
    "its kernel, in words and by its colour, where darker is more. Shares are parts of the time "
    "that kernels and calls of Python took; what checking arguments and making results took is in "
    "the time of the calls alone. Rules are timed while the graph is rewritten, once."
)


def _why_no_shares(profile: Profile) -> str:
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
            _time(percent),
            _bar(share.part),
            _time(duration(share.seconds / max(calls, 1))),
            str(share.runs),
            " ".join(share.keys),
            share.what,
        )
        for share, percent in zip(found, percents([s.part for s in found]), strict=True)
    ]
    headings = ("kernel", "share", "", "a call", "runs", "nodes", "computes")
    return _table("kernels", headings, rows)


def _table(name: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Markup:
    """A table whose columns can be sorted where scripts run."""
    left = {"style": "text-align:left"}
    head = [html("th" if heading else "td", left, heading) for heading in headings]
    body = [html("tr", None, *(html("td", left, cell) for cell in row)) for row in rows]
    return html(
        "table",
        {"data-sortable": name},
        html("thead", None, html("tr", None, *head)),
        html("tbody", None, join(body)),
    )


def _compilation(profile: Profile) -> Markup:
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


# The picture -------------------------------------------------------------------------------------


def _figure(profile: Profile, found: Sequence[Share]) -> Markup:
    """The graph that was planned, coloured by share."""
    assert profile.compilation is not None
    try:
        drawing, alt, width = heat_picture(profile.compilation, found, profile.calls)
    except TooLargeError as error:
        return html("p", None, f"{error}.")
    return join([image(drawing, alt, width, _TIME), _scale()])


def heat_picture(stages: Stages, found: Sequence[Share], calls: int) -> tuple[str, str, float]:
    """An SVG picture of the graph with shares, its description and its width."""
    of_box: dict[str, list[Share]] = {}
    for share in found:
        for key in share.keys:
            of_box.setdefault(key, []).append(share)
    plain = picture(stages.schedule.graph)
    boxes = [
        _heated(box, of_box[box.key], calls) if box.key in of_box else box for box in plain.boxes
    ]
    hottest = ", ".join(f"{share.name} {percent(share.part)}" for share in found[:_MOST_OPS])
    alt = f"{plain.description}; shares of time: {hottest}"
    placed = layout(replace(plain, boxes=tuple(boxes), description=alt))
    return paint(placed), alt, placed.width


def _heated(box: Box, found: Sequence[Share], calls: int) -> Box:
    """A box with the share of its kernels, and what they took in a call."""
    part = sum(share.part for share in found)
    seconds = sum(share.seconds for share in found) / max(calls, 1)
    shared = [share.name for share in found if len(share.keys) > 1]
    where = f" ({shared[0]})" if len(shared) == 1 else ""
    lines = (*box.lines, f"{percent(part)}{where}", duration(seconds))
    return replace(box, lines=lines, fill=colour(part))


def _scale() -> Markup:
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
