import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernelgraph.viz.pictures.drawing import (
    Box,
    Edge,
    Layout,
    LayoutError,
    Picture,
    PlacedBox,
    Point,
)
from kernelgraph.viz.pictures.engines.layered import layered
from kernelgraph.viz.pictures.engines.network import LAYER_WIDTH


def picture_of(count: int, edges: list[tuple[int, int]]) -> Picture:
    boxes = tuple(Box(f"n{index}", (f"op{index}", "f8"), "elementwise") for index in range(count))
    return Picture("t", "d", boxes, tuple(Edge(f"n{a}", f"n{b}") for a, b in edges))


def random_picture(count: int, seed: int) -> Picture:
    draw = random.Random(seed)
    edges = [(draw.randrange(k), k) for k in range(1, count) for _ in range(draw.choice((1, 2)))]
    return picture_of(count, edges)


def overlap(a: PlacedBox, b: PlacedBox) -> bool:
    across = abs(a.x - b.x) < (a.width + b.width) / 2
    return across and abs(a.y - b.y) < (a.height + b.height) / 2


def along(points: tuple[Point, ...], pieces: int = 16) -> list[Point]:
    """Points on a course of Bézier curves."""
    found: list[Point] = []
    for start in range(0, len(points) - 1, 3):
        a, b, c, d = points[start : start + 4]
        for piece in range(pieces + 1):
            t = piece / pieces
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            corners = list(zip((a, b, c, d), weights, strict=True))
            found.append((sum(p[0] * w for p, w in corners), sum(p[1] * w for p, w in corners)))
    return found


def assert_readable(layout: Layout) -> None:
    boxes = list(layout.boxes)
    assert not any(overlap(a, b) for k, a in enumerate(boxes) for b in boxes[:k])
    for box in boxes:
        assert box.x - box.width / 2 >= 0
        assert box.x + box.width / 2 <= layout.width
        assert box.y - box.height / 2 >= 0
        assert box.y + box.height / 2 <= layout.height
    for route in layout.routes:
        for x, y in along(route.points):
            for box in boxes:
                if box.box.key not in (route.edge.source, route.edge.target):
                    inside = abs(x - box.x) < box.width / 2 - 0.1
                    assert not (inside and abs(y - box.y) < box.height / 2 - 0.1)


@pytest.mark.parametrize("seed", range(8))
def test_boxes_do_not_overlap_and_no_edge_runs_through_a_box(seed: int) -> None:
    assert_readable(layered(random_picture(30, seed)))


@given(st.integers(0, 10**6))
def test_arrows_point_down_into_the_top_of_their_box(seed: int) -> None:
    layout = layered(random_picture(15, seed))
    placed = {box.box.key: box for box in layout.boxes}
    for route in layout.routes:
        target = placed[route.edge.target]
        (before_x, before_y), (x, y) = route.points[-2:]
        assert y == pytest.approx(target.y - target.height / 2)
        assert abs(x - target.x) <= 0.3 * target.width
        assert before_x == pytest.approx(x)
        assert before_y < y


def test_an_edge_that_branches_off_a_trunk_begins_on_it() -> None:
    layout = layered(picture_of(4, [(0, 1), (1, 2), (2, 3), (0, 3), (0, 2)]))
    trunk, branch = (route.points for route in layout.routes[3:])
    source = layout.boxes[0]
    assert trunk[0] == (source.x, source.y + source.height / 2)
    assert branch[0] in trunk


def test_a_chain_stands_in_one_line() -> None:
    layout = layered(picture_of(50, [(k, k + 1) for k in range(49)]))
    assert max(box.x for box in layout.boxes) - min(box.x for box in layout.boxes) < 1e-6


def test_a_wide_fan_is_folded_into_several_layers() -> None:
    layout = layered(
        picture_of(82, [(0, k) for k in range(1, 81)] + [(k, 81) for k in range(1, 81)])
    )
    assert_readable(layout)
    assert layout.width < 3 * LAYER_WIDTH


def test_a_picture_gets_the_same_layout_every_time() -> None:
    assert layered(random_picture(60, 3)) == layered(random_picture(60, 3))


def test_two_edges_between_the_same_boxes_arrive_apart() -> None:
    first, second = layered(picture_of(2, [(0, 1), (0, 1)])).routes
    assert first.points[-1][0] < second.points[-1][0]


def test_nothing_is_a_picture_too() -> None:
    layout = layered(picture_of(0, []))
    assert layout.boxes == ()
    assert layout.width > 0


def test_a_cycle_is_refused() -> None:
    with pytest.raises(LayoutError, match="cycle"):
        layered(picture_of(2, [(0, 1), (1, 0)]))
