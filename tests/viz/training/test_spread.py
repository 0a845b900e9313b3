"""Histograms of arrays: the numbers, the words and the picture."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from kernelgraph.viz.training.spread import (
    BARS,
    MOST_ROWS,
    WIDTH,
    describe_spread,
    paint_spreads,
    spread,
    spreads_html,
    spreads_text,
)


@pytest.mark.parametrize("seed", range(5))
def test_the_numbers_are_numpys(seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=(30, 7))
    values[values < -1] = 0
    found = spread("h", values)

    assert found.shape == (30, 7)
    assert (found.low, found.high) == (values.min(), values.max())
    assert found.mean == pytest.approx(values.mean())
    assert found.zeros == np.mean(values == 0)
    assert (found.nans, found.infinite) == (0, 0)
    expected, _ = np.histogram(values, bins=BARS)
    assert sum(found.counts) == values.size
    assert np.abs(np.cumsum(found.counts) - np.cumsum(expected)).max() <= 1, "but for rounding"


def test_what_is_not_finite_is_counted_and_left_out() -> None:
    found = spread("h", [1.0, np.nan, np.nan, np.inf, -np.inf, 0.0, 3.0, 0.0])
    assert (found.low, found.mean, found.high) == (0.0, 1.0, 3.0)
    assert found.remarks == ["25 % zero", "25 % NaN", "25 % infinite"]
    assert sum(found.counts) == 4


@pytest.mark.parametrize(
    ("values", "low", "high", "entries"),
    [
        ([], 0, 0, 0),
        (5.0, 5, 5, 1),
        ([2.0, 2.0], 2, 2, 2),
        ([np.nan], 0, 0, 0),
        ([-1.7e308, 1.7e308], -1e300, 1e300, 2),
        ([5e-324, 0.0], 0, 5e-324, 2),
        ([True, False], 0, 1, 2),
        (np.array([0, 255], dtype="uint8"), 0, 255, 2),
    ],
)
def test_odd_arrays(values: object, low: float, high: float, entries: int) -> None:
    found = spread("h", values)
    assert (found.low, found.high, sum(found.counts)) == (low, high, entries)
    ElementTree.fromstring(paint_spreads([found]))
    assert spreads_text([found]).startswith("  h")


def test_equal_numbers_stand_in_the_middle() -> None:
    assert spread("h", [7.0] * 3).counts[BARS // 2] == 3


def test_the_words_say_what_the_picture_shows() -> None:
    found = spread("hidden", np.array([[0.0, 1.0], [2.0, np.nan]]))
    words = "hidden (2×2), 0 to 2, mean 1, 25 % zero, 25 % NaN"
    assert describe_spread(found) == words
    assert f'alt="spread of the watched arrays: {words}"' in spreads_html([found])
    assert spreads_text([found]).endswith("  0 … 2, mean 1, 25 % zero, 25 % NaN")
    assert describe_spread(spread("h", [np.nan])) == "h (1), 100 % NaN"


def test_the_size_of_the_picture_depends_on_the_number_of_rows_alone() -> None:
    def size(values: object) -> tuple[str | None, str | None]:
        root = ElementTree.fromstring(paint_spreads([spread("a", values), spread("b" * 99, 1)]))
        return root.get("width"), root.get("height")

    assert size([1.0]) == size(np.arange(1000.0)) == (str(int(WIDTH)), "126")


def test_bars_stay_inside() -> None:
    root = ElementTree.fromstring(paint_spreads([spread("h", np.arange(100.0) ** 3)]))
    ground, *bars = [item for item in root.iter() if item.tag.endswith("rect")]
    for bar in bars:
        assert float(bar.attrib["x"]) >= 0
        right = float(bar.attrib["x"]) + float(bar.attrib["width"])
        assert right <= float(ground.attrib["width"])
        assert float(bar.attrib["y"]) >= 0


def test_more_rows_than_anybody_reads_are_counted() -> None:
    html = spreads_html([spread(f"h{k}", k) for k in range(MOST_ROWS + 3)])
    assert "and 3 more, which are not drawn" in html
    assert spreads_html([]) == ""


def test_names_are_text(hostile: str) -> None:
    found = spread(hostile, [1.0, 2.0])
    ElementTree.fromstring(paint_spreads([found]))
    assert "<script" not in spreads_html([found])
    assert "\n" not in spreads_text([found])
