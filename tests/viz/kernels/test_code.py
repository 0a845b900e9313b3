import re
from collections.abc import Callable
from html import unescape

import pytest

from kernelgraph.graph import Apply, Graph, Variable
from kernelgraph.ops.functions import exp
from kernelgraph.viz.kernels.code import node_text, source_html, source_text
from kernelgraph.writer import Source

MakeTensor = Callable[..., Variable]


@pytest.fixture
def nodes(tensor: MakeTensor) -> list[Apply]:
    x = tensor("x", None)
    return Graph((x,), (exp(x + x),)).apply_nodes()


@pytest.fixture
def source(nodes: list[Apply]) -> Source:
    text = "#define A 1\n\nvoid f(void) {\n    a = x < x;\n    b = exp(a);\n}\n"
    return Source(text, {4: (nodes[0],), 5: (nodes[0], nodes[1])})


def test_every_line_stands_beside_its_nodes(source: Source, nodes: list[Apply]) -> None:
    assert source_text(source, nodes).splitlines() == [
        "   1        │ #define A 1",
        "   2        │",
        "   3        │ void f(void) {",
        "   4  n0    │     a = x < x;",
        "   5  n0 n1 │     b = exp(a);",
        "   6        │ }",
    ]


def test_the_page_marks_lines_with_their_nodes(source: Source, nodes: list[Apply]) -> None:
    text = source_html(source, nodes, "C")
    assert re.findall(r'data-line="(\d+)" data-nodes="([n\d ]+)"', text) == [
        ("4", "n0"),
        ("5", "n0 n1"),
    ]
    assert text.startswith("<details><summary>C source: 6 lines</summary>")
    assert "a = x &lt; x;" in text
    assert node_text(nodes[1]) in unescape(text)


def test_what_does_not_depend_on_the_graph_is_folded_away(
    source: Source, nodes: list[Apply]
) -> None:
    text = source_html(source, nodes, "C")
    folded = text.index("lines 1 to 2, which do not depend on the graph")
    assert folded < text.index("#define A 1") < text.index("void f(void)")


def test_all_text_of_the_source_is_there(source: Source, nodes: list[Apply]) -> None:
    text = unescape(re.sub("<[^>]*>", "", source_html(source, nodes, "C")))
    for line in source_text(source, nodes).splitlines():
        assert line in text


def test_many_nodes_of_a_line_are_cut_short(nodes: list[Apply]) -> None:
    many = nodes * 6
    source = Source("x\n", {1: tuple(many)})
    assert source_text(source, nodes) == "   1  n0 … n1 │ x"


def test_a_very_long_source_is_cut(nodes: list[Apply]) -> None:
    source = Source("line\n" * 1000, {1: (nodes[0],)})
    text = source_html(source, nodes, "C")
    assert text.count("data-line") == 400
    assert "600 more lines" in text
