"""One layout for several pictures of one graph."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from kernelgraph.graph import Graph, Variable
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.rules.order import DEFAULT
from kernelgraph.viz.pictures.drawing import Box, Edge, Picture
from kernelgraph.viz.pictures.svg import paint
from kernelgraph.viz.stepper.changes import numbered_picture
from kernelgraph.viz.stepper.union import Chapter, chapters, spans, union

MakeTensor = Callable[..., Variable]


def picture(*edges: tuple[str, str]) -> Picture:
    keys = dict.fromkeys(key for edge in edges for key in edge)
    boxes = tuple(Box(key, (key,), "elementwise") for key in keys)
    return Picture("t", "d", boxes, tuple(Edge(*edge) for edge in edges))


@pytest.fixture
def pictures(logistic: Graph) -> list[Picture]:
    return [numbered_picture(f.graph, f.numbers) for f in rewrite(logistic, DEFAULT).frames()]


def places(chapter: Chapter, drawn: Picture, index: int) -> dict[str, tuple[float, float]]:
    placed = chapter.union.layout(index, drawn, {})
    return {box.box.key: (box.x, box.y) for box in placed.boxes}


def test_what_stays_keeps_its_place(pictures: list[Picture]) -> None:
    kept = 0
    for chapter in chapters(pictures, spans(pictures, 1.4)):
        shown = pictures[chapter.first : chapter.last + 1]
        found = [places(chapter, drawn, k) for k, drawn in enumerate(shown)]
        for before, after in pairwise(found):
            both = before.keys() & after.keys()
            kept += len(both)
            assert all(before[key] == after[key] for key in both)
    assert kept > 500


def test_every_picture_is_shown_as_it_is(pictures: list[Picture]) -> None:
    together = union(pictures)
    for index, drawn in enumerate(pictures):
        placed = together.layout(index, drawn, {})
        assert [box.box for box in placed.boxes] == list(drawn.boxes)
        ends = sorted((route.edge.source, route.edge.target) for route in placed.routes)
        assert ends == sorted((edge.source, edge.target) for edge in drawn.edges)
        assert len({(box.x, box.y) for box in placed.boxes}) == len(placed.boxes)


def test_boxes_of_one_picture_do_not_overlap(pictures: list[Picture]) -> None:
    boxes = union(pictures).layout(0, pictures[0], {}).boxes
    for k, one in enumerate(boxes):
        for other in boxes[k + 1 :]:
            apart_x = abs(one.x - other.x) >= (one.width + other.width) / 2
            apart_y = abs(one.y - other.y) >= (one.height + other.height) / 2
            assert apart_x or apart_y, (one.box, other.box)


def test_what_takes_over_the_work_takes_over_the_place() -> None:
    together = union([picture(("x", "a"), ("a", "out")), picture(("x", "b"), ("b", "out"))])
    assert together.places["b"] == together.places["a"] == "a"
    assert len(together.routes) == 2


def test_a_place_is_not_shared_by_boxes_that_are_seen_together() -> None:
    before = picture(("x", "a"), ("a", "out"), ("a", "other"))
    after = picture(("x", "b"), ("b", "out"), ("x", "a"), ("a", "other"))
    together = union([before, after])
    assert together.places["a"] != together.places["b"]


def test_steps_that_turn_a_graph_round_are_drawn_all_the_same() -> None:
    """The order of two nodes is swapped: their common layout cannot have both arrows downwards."""
    pictures = [
        picture(("x", "a"), ("a", "b"), ("b", "o")),
        picture(("x", "b"), ("b", "a"), ("a", "o")),
    ]
    together = union(pictures)
    for index, drawn in enumerate(pictures):
        assert paint(together.layout(index, drawn, {})).count("data-edge") == 3


def test_chapters_follow_each_other_without_a_gap(pictures: list[Picture]) -> None:
    found = chapters(pictures, spans(pictures, 1.1))
    assert len(found) > 1
    assert found[0].first == 0
    assert found[-1].last == len(pictures) - 1
    for one, next_one in pairwise(found):
        assert next_one.first == one.last
    assert len(chapters(pictures, spans(pictures, float("inf")))) == 1


def test_no_picture_is_lost_in_empty_room(pictures: list[Picture]) -> None:
    for chapter in chapters(pictures, spans(pictures, 1.4)):
        smallest = min(len(p.boxes) for p in pictures[chapter.first : chapter.last + 1])
        steps = chapter.last - chapter.first
        room = len(set(chapter.union.places.values()))
        assert steps == 1 or room <= 1.4 * smallest + 6


def test_the_larger_of_two_labels_has_room() -> None:
    small = Picture("t", "d", (Box("n0", ("a",), "elementwise"),), ())
    large = Picture("t", "d", (Box("n0", ("a long label", "b"), "elementwise"),), ())
    one, other = union([small, large]).boxes
    assert (one.width, one.height) == (other.width, other.height)
    assert one.width > 80
