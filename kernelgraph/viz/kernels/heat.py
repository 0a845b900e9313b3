"""Where the time of a function went: its graph coloured by share, and tables of times.

A `Profile` comes in, a view goes out. Kernels are measured; the nodes of a kernel that has several
share its time by an estimate, which is marked by ≈. All that differs from run to run stands in
elements of one class, `kg-time`, so that a comparison can leave it out.
"""

from __future__ import annotations

from collections.abc import Sequence

from kernelgraph.profile import HOW_TO_MEASURE, Profile, duration
from kernelgraph.viz.display import Bundle, bundle
from kernelgraph.viz.html.fragments import fold, guarded
from kernelgraph.viz.html.images import image
from kernelgraph.viz.html.markup import Markup, html, join
from kernelgraph.viz.html.scripts import script_text
from kernelgraph.viz.kernels.code import node_keys, node_text
from kernelgraph.viz.kernels.heat_picture import heat_picture, scale
from kernelgraph.viz.kernels.shares import NodeShare, Share, node_shares, percents, shares
from kernelgraph.viz.pictures.drawing import TooLargeError
from kernelgraph.viz.text.words import count

_MOST_ROWS = 200
_BAR = 20  # signs of a full bar

_TIME = {"class": "kg-time"}


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
        html("script", None, Markup(f"({script_text('html/sortable.js').strip()})({_ROOT});")),
    ]
    root = {"class": "kg", "data-kg": "profile", "data-lm-suppress-shortcuts": "true"}
    return html("div", root, *parts)


_ROOT = "document.currentScript.parentNode"
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
            _time(f"{'≈ ' * node.is_estimate}{percent}"),
            _bar(node.part),
            _time(f"{'≈ ' * node.is_estimate}{duration(node.seconds / max(profile.calls, 1))}"),
            "estimated" if node.is_estimate else "measured",
            " ".join(node.kernels),
            node_text(nodes[node.key]),
        )
        for node, percent in zip(found, percents([n.part for n in found]), strict=True)
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
