import hashlib
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

import kernelgraph.viz  # noqa: F401  (fills the hook)
from kernelgraph.config import config
from kernelgraph.graph import Constant, Graph, Variable
from kernelgraph.ops.arithmetic import lt
from kernelgraph.ops.choice import ifelse
from kernelgraph.ops.contraction import dot
from kernelgraph.ops.functions import exp, sigmoid
from kernelgraph.ops.reductions import sum_
from kernelgraph.types import TensorType, Type
from kernelgraph.viz.display import PLAIN_LINES, mimebundle, save, show, signature
from kernelgraph.viz.html.scripts import without_scripts
from kernelgraph.viz.pictures.drawing import LayoutError

MakeTensor = Callable[..., Variable]

# What JupyterLab 4 leaves in the output of a notebook that nobody has trusted.
KEPT_TAGS = {"div", "p", "code", "pre", "img", "details", "summary", "span", "b"}
KEPT_TAGS |= {"table", "thead", "tbody", "tr", "th", "td"}
KEPT_ATTRIBUTES = {"class", "style", "title", "open", "alt", "src", "width", "height"}


class Outline(HTMLParser):
    """Elements, attributes and text of a fragment."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, list[str]]] = []
        self.images: list[dict[str, str | None]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, [name for name, _ in attrs]))
        if tag == "img":
            self.images.append(dict(attrs))
        else:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def outline_of(value: Graph) -> Outline:
    parsed = Outline(mimebundle(value)["text/html"])
    assert parsed.open == []
    return parsed


def graph_named(name: str) -> Graph:
    x = Variable(TensorType("float64", (None,)), name)
    y = exp(x) + x
    y.name = name
    return Graph((x,), (y,), name=name)


def test_a_variable_is_a_formula(tensor: MakeTensor) -> None:
    y = tensor("x", None) + 1
    bundle = y._repr_mimebundle_()
    assert bundle.keys() == {"text/latex", "text/plain"}
    assert bundle["text/latex"] == r"$\displaystyle x + 1$"
    assert bundle["text/plain"].startswith("add [id A]")


def test_an_input_tells_its_type(tensor: MakeTensor) -> None:
    bundle = mimebundle(tensor("x", None, 3))
    assert bundle["text/plain"] == "x: float64[?, 3]"
    assert bundle["text/latex"] == r"$\displaystyle x \colon \mathrm{float64[?,\ 3]}$"


def test_a_graph_is_a_picture(logistic: Graph) -> None:
    bundle = logistic._repr_mimebundle_()
    assert bundle.keys() == {"text/html", "text/plain"}
    parsed = outline_of(logistic)
    assert parsed.elements[0] == ("div", ["class", "data-kg"])
    assert parsed.images[0]["alt"] == (
        "graph of train: 70 nodes, inputs x, y, w, b, outputs p_1, cost, new w, new b"
    )
    assert signature(logistic) in parsed.text


def test_plain_text_has_a_hundred_lines_at_most(tensor: MakeTensor) -> None:
    y = tensor("x", None)
    for _ in range(500):
        y = exp(y)
    assert len(mimebundle(Graph((), (y,)))["text/plain"].splitlines()) == PLAIN_LINES + 2 == 100


def test_a_large_graph_is_summed_up_and_folded(tensor: MakeTensor) -> None:
    y = tensor("x", None)
    for _ in range(500):
        y = exp(y)
    parsed = outline_of(Graph((), (y,)))
    (picture,) = parsed.images
    assert str(picture["alt"]).endswith("folded into 29 clusters")
    assert "500 nodes are too many" in parsed.text
    assert "exp × 500" in parsed.text
    assert len(mimebundle(Graph((), (y,)))["text/html"]) < 300_000


def test_a_picture_of_150_nodes_is_not_too_heavy(tensor: MakeTensor) -> None:
    x = tensor("x", None)
    y = x
    for k in range(150):
        y = exp(y) if k % 3 else y * x
    bundle = mimebundle(Graph((x,), (y,)))
    assert "<img" in bundle["text/html"]
    assert len(bundle["text/html"]) < 300_000


def test_graphs_inside_ops_have_pictures_too(tensor: MakeTensor) -> None:
    x = tensor("x", None)
    parsed = outline_of(Graph((x,), (ifelse(lt(sum_(x), 0), x * 2, exp(x)),)))
    assert len(parsed.images) == 3


def test_everything_survives_in_an_untrusted_notebook(logistic: Graph) -> None:
    parsed = Outline(without_scripts(mimebundle(logistic)["text/html"]))
    assert {tag for tag, _ in parsed.elements} <= KEPT_TAGS
    kept = {name for _, names in parsed.elements for name in names if not name.startswith("data-")}
    assert kept <= KEPT_ATTRIBUTES


def test_a_hostile_name_is_text_and_nothing_else(hostile: str) -> None:
    parsed = outline_of(graph_named(hostile))
    plain = outline_of(graph_named("x"))
    structure = [element for element in parsed.elements if element != ("span", [])]
    assert structure == plain.elements
    (image,) = parsed.images
    assert str(image["src"]).startswith("data:image/svg+xml;base64,")
    ElementTree.fromstring(show(graph_named(hostile)).svg)
    assert signature(graph_named(hostile)) in parsed.text


def test_a_harmless_looking_name_stays_literal() -> None:
    name = r"<img src=x onerror=alert(1)> & $\href{x}$"
    assert name in outline_of(graph_named(name)).text


def test_a_hostile_type_or_constant_is_text(hostile: str) -> None:
    class Odd(Type):
        def __str__(self) -> str:
            return hostile

    leaf, constant = Variable(Odd(), "x"), Constant(Odd(), hostile)
    parsed = outline_of(Graph((leaf,), (leaf, constant)))
    assert {tag for tag, _ in parsed.elements} <= KEPT_TAGS


def test_a_display_never_raises() -> None:
    class Broken(Type):
        def __str__(self) -> str:
            raise RuntimeError("no text")

    leaf = Variable(Broken(), "x")
    assert "could not draw: no text" in mimebundle(leaf)["text/plain"]
    bundle = mimebundle(Graph((leaf,), (leaf,)))
    assert "could not draw: no text" in "".join(bundle.values())


def test_a_missing_engine_is_told_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with config.change_flags(layout="dot"):
        parsed = outline_of(graph_named("x"))
    assert "could not draw: this needs Graphviz" in parsed.text
    assert "exp" in parsed.text


def test_text_instead_of_pictures() -> None:
    with config.change_flags(layout="text"):
        parsed = outline_of(graph_named("x"))
    assert parsed.images == []
    assert "add [id A]" in parsed.text


def test_show_draws_an_expression(tensor: MakeTensor) -> None:
    shown = show(tensor("x", None) + 1)
    assert shown._repr_mimebundle_()["text/html"].startswith('<div class="kg" data-kg="picture">')
    assert shown._repr_html_() == shown._repr_mimebundle_()["text/html"]
    assert repr(shown).startswith("(x: float64[?]) → output: float64[?]\nadd")


def test_show_draws_more_when_asked(tensor: MakeTensor) -> None:
    y = tensor("x", None)
    for _ in range(200):
        y = exp(y)
    with pytest.raises(LayoutError, match="limit=200"):
        _ = show(y).svg
    assert show(y, limit=200).svg.count("data-node") == 202


def test_show_refuses_what_has_no_graph() -> None:
    with pytest.raises(TypeError, match="got str"):
        show("https://evil.example/x.svg")


@pytest.mark.parametrize(
    ("ending", "start"),
    [
        (".svg", b"<svg "),
        (".html", b"<!doctype html>"),
        (".dot", b"digraph {"),
        (".png", b"\x89PNG"),
        (".pdf", b"%PDF"),
    ],
)
def test_pictures_are_saved_by_the_ending(
    ending: str, start: bytes, tmp_path: Path, logistic: Graph
) -> None:
    path = tmp_path / f"picture{ending}"
    save(logistic, path)
    assert path.read_bytes().startswith(start)


def test_a_saved_page_asks_the_network_for_nothing(tmp_path: Path, logistic: Graph) -> None:
    save(logistic, tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert not re.search(r"""(?:src|href)=["'](?!data:)""", text)
    assert "http" not in text
    assert "url(" not in text


def test_another_ending_is_refused(tmp_path: Path, logistic: Graph) -> None:
    with pytest.raises(ValueError, match=r"\.svg, \.html, \.dot, \.png or \.pdf"):
        save(logistic, tmp_path / "picture.gif")


PROGRAM = """
import kernelgraph.viz
from kernelgraph.autodiff import grad
from kernelgraph.graph import Graph, Variable
from kernelgraph.ops.functions import exp, log
from kernelgraph.ops.reductions import sum_
from kernelgraph.types import TensorType
import hashlib
x, y = (Variable(TensorType("float64", (None,)), name) for name in "xy")
cost = sum_(log(1 + exp(-x * y)) * x)
graph = Graph((x, y), (cost, *grad(cost, [x, y])), name="f")
for value in (graph, cost):
    for mime, text in value._repr_mimebundle_().items():
        print(mime, hashlib.sha256(text.encode()).hexdigest())
"""


def outputs_of_two_processes() -> Iterator[str]:
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        yield done.stdout


def test_two_kernels_show_the_same_bytes() -> None:
    first, second = outputs_of_two_processes()
    assert first == second
    assert len(first.splitlines()) == 4
    assert hashlib.sha256(b"").hexdigest() not in first


def test_the_display_of_a_neuron(tensor: MakeTensor, golden: Callable[[str, str], None]) -> None:
    x, w, b = tensor("x", None, 3), tensor("w", 3), tensor("b")
    y = sigmoid(dot(x, w) + b)
    y.name = "y"
    golden("viz/neuron.html", mimebundle(Graph((x, w, b), (y,), name="neuron"))["text/html"] + "\n")


def test_the_graphs_of_a_choice_say_which_is_which(tensor: MakeTensor) -> None:
    x = tensor("x")
    parsed = outline_of(Graph((x,), (ifelse(lt(sum_(x), 0), x * 2, exp(x)),)))
    assert "inside n2, ifelse: then" in parsed.text
    assert parsed.text.index("ifelse: then") < parsed.text.index("ifelse: else")
