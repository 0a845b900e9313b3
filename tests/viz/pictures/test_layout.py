import pytest

from kernelgraph.config import config
from kernelgraph.viz.pictures import layout as module
from kernelgraph.viz.pictures.drawing import Box, Edge, LayoutError, Picture
from kernelgraph.viz.pictures.layout import ENGINES, layout

ONE = Picture("t", "d", (Box("n0", ("add",), "elementwise"),), ())


def test_the_setting_chooses_the_engine() -> None:
    assert layout(ONE).engine == "layered"
    with config.change_flags(layout="wasi"):
        assert layout(ONE).engine == "wasi"


def test_the_argument_comes_before_the_setting() -> None:
    with config.change_flags(layout="wasi"):
        assert layout(ONE, "layered").engine == "layered"


def test_an_unknown_engine_is_refused_with_the_known_ones() -> None:
    with pytest.raises(LayoutError, match=", ".join(ENGINES)):
        layout(ONE, "spring")


def test_a_crowd_is_refused() -> None:
    boxes = tuple(Box(f"n{k}", ("add",), "elementwise") for k in range(module.MOST_BOXES + 1))
    with pytest.raises(LayoutError, match="debugprint"):
        layout(Picture("t", "d", boxes, ()))


def test_a_tangle_is_refused() -> None:
    boxes = (Box("a", ("a",), "input"), Box("b", ("b",), "elementwise"))
    edges = (Edge("a", "b"),) * (module.MOST_EDGES + 1)
    with pytest.raises(LayoutError, match="too many"):
        layout(Picture("t", "d", boxes, edges))
