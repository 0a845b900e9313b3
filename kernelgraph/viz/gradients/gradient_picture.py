"""A graph with numbers on it: in every box what it is worth and its gradient, and arrows as thick
as what flows back through them.

A `Tape` comes in; a `GradientPicture` has the layout, which never changes, and for its
`TapeValues` the state of all that does. Signs are written, negative arrows are dashed, and colour
only repeats it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from math import log2
from typing import Any

from kernelgraph.graph import Apply, Variable
from kernelgraph.viz.gradients.tape import (
    Tape,
    TapeValues,
    first_strange_adjoint,
    first_strange_value,
    has_nan,
    is_finite,
)
from kernelgraph.viz.html.live import TEXT, PageState, live, live_group
from kernelgraph.viz.html.markup import NOTHING, Attributes, Markup, join, svg
from kernelgraph.viz.pictures.drawing import Box, Layout, Picture, PlacedBox, Route, TooLargeError
from kernelgraph.viz.pictures.layout import layout
from kernelgraph.viz.pictures.metrics import FONT_SIZE, LINE_HEIGHT, text_width
from kernelgraph.viz.pictures.picture import drawn_nodes, picture
from kernelgraph.viz.pictures.svg import EDGE, GROUND, INK, MUTED, document, group, outline, pair
from kernelgraph.viz.text.numbers import largest, sign_of, value_text, widest_text
from kernelgraph.viz.text.words import count, type_text

POSITIVE, NEGATIVE = "#1f5fa8", "#b3261e"
"""Colours of signs; both have a contrast of at least 4.5 on every tint of a box."""

MOST_NODES = 200
"""Nodes that are drawn with numbers on them."""

_ROWS = ("data", "grad")
_SMALL = 11.5
_THINNEST, _THICKEST = 1.0, 7.0
_NOTHING = "1 3"
_SIGNED = {1: (POSITIVE, "none"), -1: (NEGATIVE, "7 3"), 0: (EDGE, "8 2 2 2")}  # 0: both signs


@dataclass(frozen=True)
class GradientPicture:
    """The layout of a tape's graph with room for numbers, and what each box and arrow stands for.

    `shown` has the variable of each box that has numbers; `flows` the number of the contribution
    of each arrow, None where nothing flows back.
    """

    tape: Tape
    layout: Layout
    shown: dict[str, Variable]
    flows: tuple[int | None, ...]

    @property
    def svg(self) -> str:
        """The picture without numbers."""
        return self.paint({})

    def paint(self, state: PageState) -> str:
        """The picture in a certain state, as an SVG document."""
        return _paint(self, state)

    def state(self, reading: TapeValues) -> PageState:
        """What every box says and how thick every arrow is."""
        return {**_box_states(self, reading), **_edge_states(self, reading)}


def gradient_picture(tape: Tape, reading: TapeValues, engine: str | None = None) -> GradientPicture:
    """The picture of a tape, with room in each box for numbers such as those of `reading`.

    Raises `LayoutError` for a graph that is too large.
    """
    size = drawn_nodes(tape.graph)
    if size > MOST_NODES:
        raise TooLargeError(
            f"{count(size, 'node')} are too many to show with numbers on them (at most "
            f"{MOST_NODES}); take a variable on the way, kg.explore(h), or fewer layers or turns; "
            f"kg.backprop writes all steps down, and kg.show(…) draws the graph without numbers"
        )
    drawn = picture(tape.graph, limit=size)
    shown = _shown_variables(tape, drawn)
    boxes = tuple(_with_rows(box, shown, reading) for box in drawn.boxes)
    roomy = replace(drawn, boxes=boxes)
    return GradientPicture(tape, layout(roomy, engine), shown, _flows(tape, drawn))


# What stands for what ---------------------------------------------------------------------------


def _shown_variables(tape: Tape, drawn: Picture) -> dict[str, Variable]:
    ends = {f"i{k}": v for k, v in enumerate(tape.graph.inputs)}
    ends |= {f"n{k}": node.outputs[0] for k, node in enumerate(tape.nodes)}
    ends |= {f"o{k}": v for k, v in enumerate(tape.graph.outputs)}
    return {box.key: ends[box.key] for box in drawn.boxes if box.key in ends}


def _flows(tape: Tape, drawn: Picture) -> tuple[int | None, ...]:
    """For each edge, the number of the contribution that flows back along it.

    An operand that a node uses twice has two edges; they are told apart by their order.
    """
    places: defaultdict[tuple[Apply, Variable], list[int]] = defaultdict(list)
    for index, each in enumerate(tape.contributions):
        places[each.node, each.operand].append(index)
    sources = _sources(tape)
    found: list[int | None] = []
    for edge in drawn.edges:
        if not edge.target.startswith("n") or (edge.source, edge.output) not in sources:
            found.append(None)
            continue
        node = tape.nodes[int(edge.target[1:])]
        waiting = places[node, sources[edge.source, edge.output]]
        found.append(waiting.pop(0) if waiting else None)
    return tuple(found)


def _sources(tape: Tape) -> dict[tuple[str, int], Variable]:
    found = {(f"i{k}", 0): v for k, v in enumerate(tape.graph.inputs)}
    for k, node in enumerate(tape.nodes):
        found |= {(f"n{k}", output.index): output for output in node.outputs}
    return found


def _with_rows(box: Box, shown: dict[str, Variable], reading: TapeValues) -> Box:
    """The box with a line for its value and one for its gradient, as wide as they may get."""
    if box.key not in shown:
        return box
    variable = shown[box.key]
    name = box.lines[:1] if box.kind in ("input", "shared", "output") else box.lines
    widest = widest_text(reading.values[variable])
    hint = box.hint if box.hint else f"{box.key}: {type_text(variable.type)}"
    return Box(box.key, (*name, *(f"{row} {widest}" for row in _ROWS)), box.kind, hint, box.mark)


# States -----------------------------------------------------------------------------------------


def _box_states(shown: GradientPicture, reading: TapeValues) -> PageState:
    first = first_strange_value(shown.tape, reading)
    first_back = first_strange_adjoint(shown.tape, reading)
    said: set[Variable] = set()
    state: PageState = {}
    for key, variable in shown.shown.items():
        value, adjoint = reading.values[variable], reading.adjoints.get(variable)
        good = is_finite(value), adjoint is None or is_finite(adjoint)
        remark = ""
        if variable not in said and variable is first:
            remark = f"{_strange(value)} first here"
        elif first is None and variable not in said and variable is first_back:
            remark = f"gradient {_strange(adjoint)} first here"
        said.add(variable)
        state[key] = {
            "stroke": INK if all(good) else NEGATIVE,
            "stroke-width": "1.2" if all(good) else "2.6",
        }
        state[f"{key}.data"] = {TEXT: value_text(value)}
        state[f"{key}.grad"] = _gradient_state(adjoint)
        state[f"{key}.remark"] = {TEXT: remark, "fill": NEGATIVE}
    return state


def _strange(value: Any) -> str:
    return "NaN" if has_nan(value) else "infinite"


def _gradient_state(adjoint: Any) -> dict[str, str]:
    if adjoint is None:
        return {TEXT: "–", "fill": MUTED}
    colour = {1: POSITIVE, -1: NEGATIVE}.get(sign_of(adjoint), MUTED)
    colour = colour if is_finite(adjoint) else NEGATIVE
    return {TEXT: value_text(adjoint, signed=True), "fill": colour}


def _edge_states(shown: GradientPicture, reading: TapeValues) -> PageState:
    flows = (None if k is None else reading.contributions[k] for k in shown.flows)
    outputs = (route.edge.target.startswith("o") for route in shown.layout.routes)
    return {
        f"e{index}": edge_state(1.0 if is_output and shown.tape.adjoints else flow)
        for index, (flow, is_output) in enumerate(zip(flows, outputs, strict=True))
    }


def edge_state(flow: Any) -> dict[str, str]:
    """How an arrow is drawn through which this derivative flows back (None: nothing does)."""
    size = 0.0 if flow is None else largest(flow)
    if size == 0:
        return _pen(EDGE, _NOTHING, _THINNEST)
    if size != size:
        return _pen(NEGATIVE, "2 2", 2.6)
    width = _THINNEST + min(1.3 * log2(1 + min(size, 1e6)), _THICKEST - _THINNEST)
    sign = sign_of(flow)
    return _pen(*_SIGNED[sign], width)


def _pen(colour: str, dashes: str, width: float) -> dict[str, str]:
    pen = {"stroke": colour, "fill": colour, "stroke-width": f"{width:.2f}"}
    return {**pen, "stroke-dasharray": dashes}


# Painting ---------------------------------------------------------------------------------------


def _paint(shown: GradientPicture, state: PageState) -> str:
    layout = shown.layout
    centres = {placed.box.key: placed.x for placed in layout.boxes}
    edges = [
        _edge(index, route, centres[route.edge.target], state)
        for index, route in enumerate(layout.routes)
    ]
    boxes = [_box(placed, placed.box.key in shown.shown, state) for placed in layout.boxes]
    return document(layout, group({}, edges), group({}, boxes))


def _edge(index: int, route: Route, centre: float, state: PageState) -> Markup:
    """The course and the head of an arrow; both get thicker with the group that they are in."""
    start, *rest = route.points
    course = f"M{pair(start)}C{' '.join(map(pair, rest))}"
    x, y = route.points[-1]
    head = f"M{pair((x, y - 1))}L{pair((x - 3.2, y - 8))} {pair((x + 3.2, y - 8))}Z"
    ends = f"{route.edge.source} {route.edge.target}"
    arrow = live_group(
        f"e{index}",
        {"data-edge": ends},
        {f"e{index}": {**edge_state(None), **state.get(f"e{index}", {})}},
        svg("path", {"d": course, "fill": "none"}),
        svg("path", {"d": head, "stroke-dasharray": "none", "stroke-linejoin": "round"}),
    )
    if not route.edge.label:
        return arrow
    left = x < centre - 1
    at = {"x": x - 6 if left else x + 6, "y": y - 5, "text-anchor": "end" if left else "start"}
    label = svg("text", {**at, "fill": MUTED, "font-size": 10.5}, route.edge.label)
    return join([arrow, label])


def _box(placed: PlacedBox, has_numbers: bool, state: PageState) -> Markup:
    box = placed.box
    hint = svg("title", None, box.hint) if box.hint else NOTHING
    fixed = {"data-node": box.key, "data-kind": box.kind}
    names = box.lines[: -len(_ROWS)] if has_numbers else box.lines
    lines = [svg("tspan", _at(placed, index), line) for index, line in enumerate(names)]
    words = {"text-anchor": "middle", "stroke": "none", "fill": INK}
    parts = [hint, outline(placed), svg("text", words, *lines)]
    if has_numbers:
        parts += [_row(placed, len(names) + index, row, state) for index, row in enumerate(_ROWS)]
        parts.append(_remark(placed, state))
        at = {box.key: {"stroke": INK, "stroke-width": "1.2", **state.get(box.key, {})}}
        return live_group(box.key, fixed, at, *parts)
    return svg("g", {**fixed, "stroke": INK, "stroke-width": "1.2"}, *parts)


def _at(placed: PlacedBox, line: int) -> Attributes:
    first = placed.y - LINE_HEIGHT * (len(placed.box.lines) - 1) / 2 + FONT_SIZE * 0.36
    return {"x": placed.x, "y": first + LINE_HEIGHT * line}


def _row(placed: PlacedBox, line: int, row: str, state: PageState) -> Markup:
    """One number: its caption at the left of the box, the number at the right."""
    box = placed.box
    inner = max(text_width(text) for text in box.lines) / 2
    at = _at(placed, line)
    words = {"stroke": "none", "font-size": _SMALL}
    caption = svg("text", {"y": at["y"], "x": placed.x - inner, **words, "fill": MUTED}, row)
    end: Attributes = {"y": at["y"], "x": placed.x + inner, "text-anchor": "end", **words}
    colour = {} if row == "grad" else {"fill": INK}
    weight = {"font-weight": "bold"} if row == "data" else {}
    return join([caption, live("text", f"{box.key}.{row}", {**end, **colour, **weight}, state)])


def _remark(placed: PlacedBox, state: PageState) -> Markup:
    """What is said above a box where something goes wrong first."""
    right, top = placed.x + placed.width / 2, placed.y - placed.height / 2
    fixed = {"x": right, "y": top - 5, "text-anchor": "end", "font-size": _SMALL}
    halo = {"stroke": GROUND, "stroke-width": 3, "paint-order": "stroke"}
    words = {**halo, "font-weight": "bold"}
    return live("text", f"{placed.box.key}.remark", {**fixed, **words}, state)
