"""The curve painter."""

from __future__ import annotations

import itertools
import math
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence

import pytest

from kernelgraph.viz.training.curve import (
    HEIGHT,
    WIDTH,
    Progress,
    Series,
    curves_html,
    curves_text,
    describe_curves,
    paint_curves,
)

SVG = "{http://www.w3.org/2000/svg}"


def series(values: Sequence[float], name: str = "loss") -> Series:
    return Series(name, list(range(1, len(values) + 1)), list(values))


def texts(svg: str) -> list[str]:
    return ["".join(text.itertext()) for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def points(svg: str) -> list[list[tuple[float, float]]]:
    """The lines of a picture, each as its points."""
    return [
        [
            (float(x), float(y))
            for x, y in (pair.split(",") for pair in line.get("points", "").split())
        ]
        for line in ElementTree.fromstring(svg).iter(f"{SVG}polyline")
    ]


def test_a_falling_loss_is_a_line_that_goes_down_from_left_to_right() -> None:
    (line,) = points(paint_curves("training", [series([4.0, 2.0, 1.0, 0.5])], Progress(4)))

    xs, ys = [x for x, _ in line], [y for _, y in line]
    assert xs == sorted(xs)
    assert ys == sorted(ys), "y grows downwards"
    assert ys[1] - ys[0] == pytest.approx(2 * (ys[2] - ys[1]), abs=0.2)


def test_the_line_ends_where_the_loop_has_come_to() -> None:
    half = points(paint_curves("t", [series([1.0] * 50)], Progress(50, 99)))[0]
    full = points(paint_curves("t", [series([1.0] * 99)], Progress(99, 99)))[0]

    assert half[0][0] == full[0][0]
    assert half[-1][0] - half[0][0] == pytest.approx((full[-1][0] - full[0][0]) / 2, abs=0.2)


def test_the_bar_shows_the_share_of_the_steps_and_goes_when_they_are_done() -> None:
    def bars(svg: str) -> list[float]:
        boxes = ElementTree.fromstring(svg).iter(f"{SVG}rect")
        return [float(box.get("width", "")) for box in boxes if box.get("height") == "6"]

    whole, filled = bars(paint_curves("t", [series([1, 2])], Progress(30, 120)))
    assert filled == pytest.approx(whole / 4, abs=0.1)
    assert bars(paint_curves("t", [series([1, 2])], Progress(120, 120))) == []
    assert "30 of 120 steps" in texts(paint_curves("t", [], Progress(30, 120)))
    assert "30 steps" in texts(paint_curves("t", [], Progress(30)))


def test_names_and_latest_values_stand_beside_the_lines_without_touching() -> None:
    many = [series([1.0, 0.5], name) for name in ("loss", "validation", "accuracy")]
    svg = paint_curves("t", many, Progress(2))

    assert {"loss", "validation", "accuracy", "0.5"} <= set(texts(svg))
    heights = [
        float(text.get("y", ""))
        for text in ElementTree.fromstring(svg).iter(f"{SVG}text")
        if text.get("font-weight") == "bold"
    ]
    assert all(b - a >= 28 for a, b in itertools.pairwise(heights))


def test_lines_differ_in_more_than_colour() -> None:
    svg = paint_curves("t", [series([1, 2], name) for name in "abcd"], Progress(2))
    lines = ElementTree.fromstring(svg).iter(f"{SVG}polyline")
    assert len({line.get("stroke-dasharray") for line in lines}) == 4


def test_a_hundred_thousand_values_make_a_small_picture_that_keeps_the_spike() -> None:
    values = [1.0] * 100_000
    values[54_321] = 9.0
    svg = paint_curves("t", [series(values)], Progress(len(values)))

    (line,) = points(svg)
    assert len(svg) < 60_000
    assert min(y for _, y in line) < min(line[0][1], line[-1][1]) - 100


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_value_that_is_not_finite_leaves_a_gap_and_is_named(bad: float) -> None:
    svg = paint_curves("t", [series([3.0, 2.0, bad, 1.0, 0.5])], Progress(5))

    assert len(points(svg)) == 2
    assert any(re.fullmatch(r"loss is (nan|inf|−inf) at step 3", text) for text in texts(svg))


@pytest.mark.parametrize(
    "values",
    [
        [],
        [0.0],
        [5.0, 5.0, 5.0],
        [math.nan, math.nan],
        [1e308, -1e308],
        [5e-324, 0.0],
        [-1e-300, -2e-300],
        [1e16, 1e16 + 2],
    ],
)
def test_every_list_of_numbers_has_a_well_formed_picture_within_its_frame(
    values: list[float],
) -> None:
    svg = paint_curves("t", [series(values)], Progress(len(values)))

    for element in ElementTree.fromstring(svg).iter():
        assert not re.search(r"nan|inf", " ".join(element.attrib.values()))
    for line in points(svg):
        assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in line)


@pytest.mark.parametrize(
    "payload",
    ["<img src=x onerror=alert(1)>", "</svg><script>alert(1)</script>", "a\x00b", "\ud800", "$x$"],
)
def test_names_and_titles_are_shown_as_text(payload: str) -> None:
    one = series([1.0, 0.5], payload)
    svg = paint_curves(payload, [one], Progress(2))
    html = curves_html(payload, [one], Progress(2))

    assert not list(ElementTree.fromstring(svg).iter(f"{SVG}script"))
    assert html.count("<") == 3, "div, img, /div"
    html.encode("utf-8")
    curves_text(payload, [one], Progress(2)).encode("utf-8")


def test_the_same_values_give_the_same_bytes() -> None:
    def picture() -> str:
        return curves_html("t", [series([0.1 * k for k in range(50)])], Progress(50, 60))

    assert picture() == picture()
    assert "id=" not in picture()


def test_text_and_description_say_where_each_curve_began_and_ended() -> None:
    curves = [series([0.7, 0.35, 0.0]), Series("accuracy", [2], [0.9])]

    assert curves_text("fit", curves, Progress(3, 10)).splitlines() == [
        "fit: 3 of 10 steps",
        "  loss      █▅▁  0.7 → 0",
        "  accuracy  ▅  0.9 → 0.9",
    ]
    assert describe_curves("fit", curves, Progress(3, 10)) == (
        "fit: 3 of 10 steps; loss from 0.7 to 0; accuracy from 0.9 to 0.9"
    )


def test_the_spark_line_of_many_values_is_short_and_ends_with_the_last() -> None:
    spark = curves_text("t", [series([*range(1000), -5])], Progress(1001)).split()[4]
    assert len(spark) == 40
    assert spark[-1] == "▁"
