import math
import xml.etree.ElementTree as ElementTree

import pytest

from kernelgraph.viz.gradients.plot import HEIGHT, WIDTH, Course, Point, paint_plot, plot_state

NAMES = [("i0", "x"), ("i1", "w")]
PARABOLA = Course([k / 10 for k in range(-30, 31)], [(k / 10) ** 2 for k in range(-30, 31)])


def numbers(path: str) -> list[tuple[float, float]]:
    pairs = path.replace("M", " ").replace("L", " ").split()
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in pairs)]


def test_the_tangent_touches_the_curve_where_we_are() -> None:
    state = plot_state(PARABOLA, Point(1.0, 1.0, 2.0))
    x, y = float(state["plot.point"]["cx"]), float(state["plot.point"]["cy"])
    assert min(math.dist((x, y), point) for point in numbers(state["plot.curve"]["d"])) < 0.2
    (x0, y0), (x1, y1) = numbers(state["plot.tangent"]["d"])
    assert y0 + (y1 - y0) * (x - x0) / (x1 - x0) == pytest.approx(y, abs=0.3)
    assert state["plot.slope"]["text"] == "slope +2"
    assert state["plot.output"]["text"] == "at 1: 1"


def test_the_tangent_has_the_slope_of_the_curve_in_pixels() -> None:
    state = plot_state(PARABOLA, Point(-1.5, 2.25, -3.0))
    (x0, y0), (x1, y1) = numbers(state["plot.tangent"]["d"])
    curve = numbers(state["plot.curve"]["d"])
    (xa, ya), (xb, yb) = curve[14], curve[16]
    assert (y1 - y0) / (x1 - x0) == pytest.approx((yb - ya) / (xb - xa), rel=0.05)


@pytest.mark.parametrize("output", [math.nan, math.inf])
def test_what_is_not_finite_leaves_a_gap(output: float) -> None:
    course = Course([0.0, 1.0, 2.0, 3.0, 4.0], [1.0, 2.0, output, 2.0, 1.0])
    state = plot_state(course, Point(2.0, output, math.nan))
    assert state["plot.curve"]["d"].count("M") == 2
    assert state["plot.point"]["r"] == "0"
    assert state["plot.tangent"]["d"] == ""
    assert "nan" not in str(state)


@pytest.mark.parametrize("value", [0.0, 3.0, 1e-300, -1e200])
def test_a_flat_curve_is_drawn(value: float) -> None:
    state = plot_state(Course([0.0, 1.0], [value, value]), Point(0.5, value, 0.0))
    assert len(numbers(state["plot.curve"]["d"])) == 2


def test_a_pole_does_not_flatten_the_rest() -> None:
    places = [k / 100 + 0.005 for k in range(-100, 100)]
    state = plot_state(Course(places, [1 / x for x in places]), Point(0.5, 2.0, -4.0))
    heights = {round(y) for _, y in numbers(state["plot.curve"]["d"])}
    assert len(heights) > 30


def test_every_state_has_the_same_elements_and_attributes() -> None:
    one = plot_state(PARABOLA, Point(1.0, 1.0, 2.0))
    other = plot_state(Course([0.0, 1e9], [math.nan, math.nan]), Point(0.0, math.nan, None))
    assert {key: set(part) for key, part in one.items()} == {
        key: set(part) for key, part in other.items()
    }


def test_a_hostile_name_adds_no_element(hostile: str) -> None:
    state = plot_state(PARABOLA, Point(1.0, 1.0, 2.0))
    plain = ElementTree.fromstring(paint_plot("t", NAMES, "y", state))
    found = ElementTree.fromstring(paint_plot(hostile, [("i0", hostile), NAMES[1]], hostile, state))
    tags = [e.tag for e in found.iter() if not e.tag.endswith("tspan")]
    assert tags == [e.tag for e in plain.iter() if not e.tag.endswith("tspan")]
    assert (float(found.get("width", 0)), float(found.get("height", 0))) == (WIDTH, HEIGHT)
