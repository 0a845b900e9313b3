"""Nothing is said by colour alone: readers who see no colours, and printers that have none, lose
nothing.

Every style that means something is taken from where it is defined and must differ from its
neighbours in a sign, a word, a dash pattern, a width or a shape. Then every picture of every view
is read without its colours: what looks the same there must have had the same colour.
"""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import combinations, pairwise
from typing import Any, get_args

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.viz.gradients.gradient_picture import NEGATIVE, POSITIVE, edge_state
from kernelgraph.viz.html.fragments import image
from kernelgraph.viz.html.scripts import script_text
from kernelgraph.viz.kernels.heat import COLOURS
from kernelgraph.viz.pictures.drawing import Box, Kind, Mark, PlacedBox, box_size
from kernelgraph.viz.pictures.svg import FILLS, SIGNS, STROKES, outline
from kernelgraph.viz.training.curve import Progress, Series, paint_curves
from tests.e2e import gallery
from tests.e2e.test_no_execution import drawings
from tests.viz.pictures.test_svg import luminance

Element = ElementTree.Element

SVG = "{http://www.w3.org/2000/svg}"
NAMES = ("x", "theta_1", "cost")
WORDS = re.compile(r"first here|step \d+|\d %|[+~−]$")
"""Words and signs in a box that say what its colour says."""


# Styles ------------------------------------------------------------------------------------------


def test_every_mark_has_a_sign_and_an_outline_of_its_own() -> None:
    marks = [mark for mark in get_args(Mark) if mark]
    assert all(SIGNS[mark] for mark in marks)
    assert len({SIGNS[mark] for mark in marks}) == len(marks)
    looks = {str({k: v for k, v in STROKES[m].items() if k != "stroke"}) for m in get_args(Mark)}
    assert len(looks) == len(marks) + 1


def test_every_kind_of_box_has_a_shape_of_its_own() -> None:
    kinds: tuple[Kind, ...] = get_args(Kind)
    assert set(FILLS) == set(kinds)
    shapes = {kind: shape(_outline_of(kind)) for kind in kinds}
    for one, other in combinations(kinds, 2):
        assert shapes[one] != shapes[other], (one, other)


def _outline_of(kind: Kind) -> Element:
    box = Box("n0", ("exp",), kind)
    placed = PlacedBox(box, 100.0, 100.0, *box_size(box))
    return ElementTree.fromstring(f'<g xmlns="{SVG[1:-1]}">{outline(placed)}</g>')


def test_every_arrow_says_without_colour_what_flows_back() -> None:
    flows = {
        "nothing": None,
        "zero": 0.0,
        "positive": 1.0,
        "negative": -1.0,
        "of both signs": np.array([1.0, -1.0]),
        "NaN": math.nan,
    }
    dashes = {name: edge_state(flow)["stroke-dasharray"] for name, flow in flows.items()}
    assert dashes.pop("zero") == dashes["nothing"], "either way nothing flows"
    assert len(set(dashes.values())) == len(dashes), dashes


def test_heat_is_ordered_in_grey_too() -> None:
    greys = [luminance(colour) for colour in COLOURS]
    assert all(one - other > 0.02 for one, other in pairwise(greys)), greys


def test_rules_for_states_do_not_only_change_colours() -> None:
    """Where a style sheet tells a state by a colour, the state has another sign as well."""
    told = {"data-sign": "the line begins with the sign", "kg-on": "a bar appears at the left"}
    for name in ("stepper/stepper.css", "kernels/viewer.css"):
        text = re.sub(r"/\*.*?\*/", "", script_text(name), flags=re.DOTALL)
        for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", text):
            state = re.search(r"(aria-\w+|data-(?!kg)[\w]+=|kg-on|data-warning)", selector)
            properties = set(re.findall(r"(?:^|;)\s*([\w-]+)\s*:", body))
            if state is None or not any("color" in p or "background" in p for p in properties):
                continue
            plain = {p for p in properties if "color" not in p and "background" not in p}
            assert plain or any(word in selector for word in told), selector


# Pictures ----------------------------------------------------------------------------------------


def shape(group: Element) -> tuple[Any, ...]:
    """The outlines in a group, without size, place and colour."""
    return tuple(_outline(e) for e in group if e.tag in {SVG + "path", SVG + "rect"})


def _outline(element: Element) -> tuple[Any, ...]:
    if element.tag == SVG + "rect":
        height, radius = float(element.get("height", 0)), float(element.get("rx", 0))
        return "rect", "round" if radius and abs(2 * radius - height) < 0.5 else radius
    course = element.get("d", "")
    letters = re.sub(r"[^A-Z]", "", course)
    if "A" in letters:
        return "path", letters
    points = [tuple(map(float, pair.split(","))) for pair in re.findall(r"[-\d.]+,[-\d.]+", course)]
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    middle = (left + right) / 2
    corners = [
        ("left" if x == left else "right" if x == right else "inner", x < middle) for x, _ in points
    ]
    return "path", letters, tuple(corners)


def colourless(box: Element) -> tuple[Any, ...]:
    """All that is to be seen of a box without colours, but for names and numbers."""
    own = [box, *(e for e in box if e.tag != SVG + "text")]
    pens = tuple((e.get("stroke-width"), e.get("stroke-dasharray")) for e in own)
    texts = [str(text) for e in box.iter(SVG + "text") for text in e.itertext()]
    words = tuple(text for text in texts if WORDS.search(text))
    return shape(box), pens, words


def colours(box: Element) -> tuple[str | None, ...]:
    shapes = [e for e in box if e.tag in {SVG + "path", SVG + "rect"}]
    return tuple(e.get(name) for e in [box, *shapes] for name in ("fill", "stroke"))


def boxes(document: Element) -> Iterator[Element]:
    return (e for e in document.iter(SVG + "g") if "data-node" in e.attrib)


def lines(document: Element) -> Iterator[tuple[str, str]]:
    """Dashes and colour of every arrow and every curve; a curve has a width as well, which says
    nothing at an arrow, where it is a number.
    """
    parents = {child: parent for parent in document.iter() for child in parent}

    def inherited(element: Element | None, name: str) -> str:
        while element is not None:
            if name in element.attrib:
                return element.attrib[name]
            element = parents.get(element)
        return "none"

    for element in document.iter():
        if element.tag not in {SVG + "path", SVG + "polyline"} or "data-node" in element.attrib:
            continue
        within = parents.get(element)
        if within is not None and "data-node" in within.attrib:
            continue
        if inherited(element, "fill") == "none" and inherited(element, "stroke-opacity") == "none":
            width = inherited(element, "stroke-width")
            is_arrow = within is not None and "data-edge" in within.attrib
            look = inherited(element, "stroke-dasharray") + ("" if is_arrow else f" {width}")
            yield look, inherited(element, "stroke")


def by_colour_alone(text: str) -> list[str]:
    """What differs in a picture in nothing but its colour."""
    document = ElementTree.fromstring(text)
    seen: defaultdict[Any, set[Any]] = defaultdict(set)
    for box in boxes(document):
        seen[colourless(box)].add(colours(box))
    for dashes, colour in lines(document):
        seen["line", dashes].add(colour)
    return [f"{look}: {sorted(map(str, found))}" for look, found in seen.items() if len(found) > 1]


def signed_words(text: str) -> list[str]:
    """Numbers whose colour says a sign that they do not have themselves."""
    wrong: list[str] = []
    for each in ElementTree.fromstring(text).iter(SVG + "text"):
        said = "".join(each.itertext())
        sign = {POSITIVE: "+", NEGATIVE: "−"}.get(each.get("fill", ""))
        is_number = each.get("data-live", "").endswith(".grad")
        if sign and is_number and sign not in said and not re.search("NaN|∞|infinite", said):
            wrong.append(said)
    return wrong


def rewritten() -> Any:
    x = T.dvector("x")
    return kg.steps(T.log1p(T.exp(x * 1)) + x * 1)


def profiled() -> Any:
    x = T.dmatrix("x")
    f = kg.function([x], T.exp(T.dot(x, T.exp(x)).sum(axis=0)), target="python", profile=True)
    f(np.ones((60, 60)))
    return f.profile


def strange() -> Any:
    s, v = T.dscalar("s"), T.dvector("v")
    y = T.log(s) * (v * [1.0, -1.0, 0.0]).sum() - T.exp(s) + 0 * s
    at = {"s": -1.0, "v": [1.0, 2.0, 3.0]}
    return kg.explore(y, s=(-3, 3), at=at, frames=2)


def curves() -> Any:
    series = [Series(name, [1, 2, 3], [1.0 / k, 2.0, k]) for k, name in enumerate("abcdef", 1)]
    return image(paint_curves("training", series, Progress(3, 6)), "curves", 640)


MORE: dict[str, Callable[[], Any]] = {
    "all marks": rewritten,
    "heat": profiled,
    "NaN and signs": strange,
    "six curves": curves,
    "large": lambda: gallery.large(NAMES),
}


@pytest.mark.parametrize("name", [*gallery.VIEWS, *MORE])
def test_pictures_read_the_same_without_their_colours(name: str) -> None:
    view = gallery.html(MORE[name]() if name in MORE else gallery.VIEWS[name](NAMES))
    for text in drawings(view):
        assert by_colour_alone(text) == []
        assert signed_words(text) == []


def test_the_checks_find_what_is_said_by_colour_alone() -> None:
    head = f'<svg xmlns="{SVG[1:-1]}">'
    box = '<g data-node="n{}"><rect width="9" height="9" rx="6" fill="{}"/></g>'
    same = f"{head}{box.format(0, '#fff')}{box.format(1, '#fff')}</svg>"
    other = f"{head}{box.format(0, '#fff')}{box.format(1, '#f00')}</svg>"
    assert by_colour_alone(same) == []
    assert len(by_colour_alone(other)) == 1
    line = '<path d="M0,0 1,1" fill="none" stroke="{}" stroke-dasharray="{}"/>'
    two = f"{head}{line.format('#f00', 'none')}{line.format('#00f', 'none')}</svg>"
    dashed = f"{head}{line.format('#f00', 'none')}{line.format('#00f', '4 2')}</svg>"
    assert len(by_colour_alone(two)) == 1
    assert by_colour_alone(dashed) == []
    number = f'{head}<text data-live="a.grad" fill="{POSITIVE}">{{}}</text></svg>'
    assert signed_words(number.format("0.5")) == ["0.5"]
    assert signed_words(number.format("+0.5")) == []
