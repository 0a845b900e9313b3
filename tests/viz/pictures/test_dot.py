import re
from pathlib import Path

import pytest

from kernelgraph.graph import Graph
from kernelgraph.viz.pictures.drawing import Box, Edge, LayoutError, Picture
from kernelgraph.viz.pictures.engines import graphviz
from kernelgraph.viz.pictures.engines.graphviz import dot_text, draw_with_graphviz
from kernelgraph.viz.pictures.picture import picture


def picture_named(name: str) -> Picture:
    boxes = (Box("i0", (name,), "input", name), Box("n0", ("add",), "elementwise"))
    return Picture(name, name, boxes, (Edge("i0", "n0", label=f"a{name}"),))


def skeleton(text: str) -> str:
    """DOT text without its quoted strings."""
    return re.sub(r'"(?:[^"\\]|\\.)*"', '""', text)


def test_a_hostile_name_stays_in_its_quotes(hostile: str) -> None:
    assert skeleton(dot_text(picture_named(hostile))) == skeleton(dot_text(picture_named("x")))


def test_graphviz_reads_every_name(hostile: str) -> None:
    answer = graphviz.draw_with_graphviz(dot_text(picture_named(hostile)), "plain").decode()
    assert [line.split()[0] for line in answer.splitlines() if line[:5] in ("node ", "edge ")] == [
        "node",
        "node",
        "edge",
    ]


@pytest.mark.parametrize(("format", "start"), [("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_files_are_made_by_graphviz(format: str, start: bytes, logistic: Graph) -> None:
    assert draw_with_graphviz(dot_text(picture(logistic)), format).startswith(start)


def test_without_graphviz_the_two_ways_to_get_it_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(graphviz, "find_spec", lambda _: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LayoutError, match=r"pip install pygraphviz.*install Graphviz"):
        draw_with_graphviz(dot_text(picture_named("x")), "png")
