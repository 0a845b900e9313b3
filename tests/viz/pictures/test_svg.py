import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from typing import get_args

import pytest

from kernelgraph.viz.pictures.drawing import Box, Edge, Kind, Mark, Picture, PlacedBox
from kernelgraph.viz.pictures.engines.layered import layered
from kernelgraph.viz.pictures.svg import FILLS, GROUND, INK, MUTED, outline, paint, paint_parts

NAMESPACE = "{http://www.w3.org/2000/svg}"
KINDS: tuple[Kind, ...] = get_args(Kind)
MARKS: tuple[Mark, ...] = get_args(Mark)


def picture_named(name: str) -> Picture:
    boxes = (
        Box("i0", (name, name), "input", hint=name),
        Box("n0", (name,), "elementwise", hint=name),
    )
    return Picture(name, name, boxes, (Edge("i0", "n0", label=name),))


def parsed(picture: Picture) -> ElementTree.Element:
    return ElementTree.fromstring(paint(layered(picture)))


def luminance(colour: str) -> float:
    """Relative luminance, https://www.w3.org/TR/WCAG21/#dfn-relative-luminance."""
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_a_hostile_name_adds_no_element_and_no_attribute(hostile: str) -> None:
    document = parsed(picture_named(f"a{hostile}"))
    found = [e for e in document.iter() if e.tag != f"{NAMESPACE}tspan"]
    plain = [e for e in parsed(picture_named("x")).iter() if e.tag != f"{NAMESPACE}tspan"]
    assert [(e.tag, sorted(e.attrib)) for e in found] == [(e.tag, sorted(e.attrib)) for e in plain]


def test_every_box_and_edge_can_be_found() -> None:
    document = parsed(picture_named("x"))
    assert [g.get("data-node") for g in document.iter() if g.get("data-node")] == ["i0", "n0"]
    assert [p.get("data-edge") for p in document.iter() if p.get("data-edge")] == ["i0 n0"]


def test_a_picture_tells_those_who_cannot_see_it() -> None:
    document = parsed(picture_named("what it shows"))
    assert document.get("role") == "img"
    assert document.findtext(f"{NAMESPACE}title") == "what it shows"
    assert document.findtext(f"{NAMESPACE}desc") == "what it shows"


def test_a_picture_may_stand_in_a_page_twice() -> None:
    text = paint(layered(picture_named("x")))
    assert " id=" not in text
    assert "<style" not in text
    assert "<script" not in text
    assert "url(" not in text


def test_every_kind_has_an_outline_of_its_own() -> None:
    outlines: set[str] = set()
    for kind in KINDS:
        box = PlacedBox(Box("n0", ("name",), kind), 100, 50, 80, 40)
        outlines.add(outline(box).replace(FILLS[kind], ""))
    assert len(outlines) == len(KINDS)


def test_a_mark_is_a_sign_and_a_stroke_and_not_only_a_colour() -> None:
    strokes: set[str | None] = set()
    for mark, sign in zip(MARKS[1:], "+−~", strict=True):
        picture = Picture("t", "d", (Box("n0", ("add",), "elementwise", mark=mark),), ())
        (group,) = (g for g in parsed(picture).iter() if g.get("data-mark"))
        assert sign in "".join(group.itertext())
        outline = group.find(f"{NAMESPACE}rect")
        assert outline is not None
        strokes.add(outline.get("stroke-dasharray"))
    assert len(strokes) == 3


@pytest.mark.parametrize("kind", KINDS)
def test_text_can_be_read_on_every_box(kind: Kind) -> None:
    assert contrast(INK, FILLS[kind]) >= 4.5
    assert contrast(MUTED, FILLS[kind]) >= 4.5


def test_labels_can_be_read_on_the_ground() -> None:
    assert contrast(MUTED, GROUND) >= 4.5


def test_all_kinds_and_marks_look_as_they_did(golden: Callable[[str, str], None]) -> None:
    boxes = tuple(
        Box(f"n{k}", (kind, "float64"), kind, f"a box of kind {kind}", MARKS[k % 4])
        for k, kind in enumerate(KINDS)
    )
    edges = (Edge("n0", "n4", label="1"), Edge("n1", "n4", label="2"))
    golden("viz/kinds.svg", paint(layered(Picture("kinds", "all kinds of boxes", boxes, edges))))


def test_parts_are_the_same_picture_in_pieces() -> None:
    boxes = tuple(Box(f"n{k}", ("add",), "elementwise") for k in range(3))
    edges = (Edge("n0", "n2", label="1"), Edge("n1", "n2", label="2"))
    placed = layered(Picture("sum", "a sum", boxes, edges))
    *_, arrows, nodes = ElementTree.fromstring(paint_parts(placed))
    assert [node.attrib["data-node"] for node in nodes] == ["n0", "n1", "n2"]
    assert ["".join(arrow.itertext()).strip() for arrow in arrows] == ["1", "2"]
    courses = [
        element.attrib["d"] for arrow in arrows for element in arrow.iter() if "d" in element.attrib
    ]
    assert all(f'd="{course}"' in paint(placed) for course in courses)
    assert len(courses) == 4
