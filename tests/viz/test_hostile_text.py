"""Text that somebody made to harm whoever looks at it, in every view: cases H-84 to H-87 of the
project's catalogue of hostile cases. The page in a browser is in tests/e2e.
"""

from __future__ import annotations

import base64
import builtins
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import KernelgraphError
from kernelgraph.jupyter.training import train
from kernelgraph.viz.display import mimebundle
from kernelgraph.viz.errors.shapes import shapes_html
from kernelgraph.viz.pictures.engines.graphviz import dot_text
from kernelgraph.viz.pictures.picture import picture

EVIL = "<img src=x onerror=alert(1)>"

HARMLESS = {"div", "p", "code", "pre", "img", "details", "summary", "span", "b", "style", "script"}
HARMLESS |= {"table", "thead", "tbody", "tr", "th", "td", "br", "ul", "li"}
HARMLESS |= {"button", "input", "label"}


SHAPES = {"svg", "g", "title", "desc", "rect", "path", "text", "tspan"}


class Elements(HTMLParser):
    """Every element with its attributes, and how many scripts there are."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.found.append((tag, dict(attrs)))

    def check(self, scripts: int) -> None:
        """Nothing loads, runs or leads anywhere, but for our own scripts."""
        for tag, attributes in self.found:
            assert tag in HARMLESS, tag
            assert not any(name.startswith("on") for name in attributes), attributes
            assert not attributes.keys() & {"href", "srcdoc", "action", "formaction", "xlink:href"}
            assert str(attributes.get("src", "data:image/svg+xml;")).startswith(
                "data:image/svg+xml;"
            )
            if tag == "img":
                data = str(attributes["src"]).partition("base64,")[2]
                check_svg(base64.b64decode(data).decode())
        assert [tag for tag, _ in self.found].count("script") == scripts


def check_svg(text: str) -> None:
    for item in ElementTree.fromstring(text).iter():
        assert item.tag.rpartition("}")[2] in SHAPES
        assert not any(name.startswith("on") or "href" in name for name in item.keys())  # noqa: SIM118


def named(name: str) -> tuple[Any, kg.Graph, Any]:
    """A symbol, a graph and a function in which everything is called `name`."""
    x = T.dvector(name)
    w = kg.shared(np.zeros(3), name)
    y = T.exp(x * w)
    y.name = name
    f = kg.function([x], y, updates=[(w, w + y)], name=name, target="python")
    return y, f.graph, f


# H-84: names --------------------------------------------------------------------------------------


def test_h84_names_in_every_view(hostile: str) -> None:
    symbol, graph, f = named(hostile)
    for value, scripts in ((graph, 0), (f, 0), (f.stages, 0), (f.source(), 1)):
        bundle = value._repr_mimebundle_()
        Elements(bundle["text/html"]).check(scripts)
        assert "\x00" not in bundle["text/plain"]
    assert mimebundle(symbol).keys() == {"text/latex", "text/plain"}
    dot = dot_text(picture(graph))
    assert re.sub(r'"(\\.|[^"\\])*"', "", dot).count("evil") == 0


def test_h84_a_megabyte_of_name() -> None:
    _, graph, f = named("a" * 1_000_000)
    for value in (graph, f, f.stages):
        assert len(value._repr_mimebundle_()["text/html"]) < 300_000
    for html in (f.source().html, f.steps().html):
        Elements(html).check(1)
        assert len(html) < 300_000
        assert "1000000 characters" in html


# H-85: docstrings, paths, texts of errors ---------------------------------------------------------


def test_h85_a_malicious_docstring() -> None:
    @kg.as_op(T.dvector, T.dvector)
    def harm(value: Any) -> Any:
        return value

    x = T.dvector("x")
    y = harm(x)
    op: Any = y.owner.op
    op.__doc__ = f"{EVIL} {EVIL}"
    op.name = EVIL
    f = kg.function([x], y, target="python")
    for value, scripts in ((f, 0), (f.source(), 1)):
        html = value._repr_mimebundle_()["text/html"]
        Elements(html).check(scripts)
        assert "could not draw" not in html


def test_h85_a_malicious_path() -> None:
    names: dict[str, Any] = {"T": T, "kg": kg, "x": T.dvector("x")}
    exec(compile("y = T.exp(x) * 2 + x", f"{EVIL}.py", "exec"), names)
    f = kg.function([names["x"]], names["y"], target="python")
    for value, scripts in ((f, 0), (f.source(), 1)):
        html = value._repr_mimebundle_()["text/html"]
        Elements(html).check(scripts)
        assert EVIL not in html


def test_h85_the_text_of_an_error() -> None:
    f = named("x")[2]
    f.stages.__dict__.pop("source", None)

    def fail(_: object) -> Any:
        raise RuntimeError(EVIL)

    f.stages.target.print = fail
    html = f._repr_mimebundle_()["text/html"]
    Elements(html).check(0)
    assert "could not draw: &lt;img src=x" in html
    Elements(f.source().html).check(1)


def test_h85_an_error_that_draws_itself() -> None:
    with pytest.raises(KernelgraphError) as caught:
        _ = T.tensor("float64", (2,), EVIL) + T.tensor("float64", (3,), EVIL)
    html = shapes_html(caught.value.operands)
    Elements(html).check(0)
    assert EVIL not in html


# H-86: paths and addresses ------------------------------------------------------------------------


PLACES = ["/etc/passwd", "file:///etc/passwd", "http://localhost:9/x.svg", "\\\\host\\share"]


@pytest.fixture
def nothing_opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every file that is opened while the test runs."""
    opened: list[str] = []
    real = builtins.open

    def noted(file: Any, *arguments: Any, **options: Any) -> Any:
        opened.append(str(file))
        return real(file, *arguments, **options)

    monkeypatch.setattr(builtins, "open", noted)
    yield opened
    assert not [name for name in opened if name in PLACES]


@pytest.mark.parametrize("place", PLACES)
def test_h86_a_path_is_no_graph(place: str, nothing_opened: list[str]) -> None:
    del nothing_opened
    ask: list[Callable[[Any], Any]] = [kg.show, lambda text: kg.show([text])]
    for one in ask:
        with pytest.raises(TypeError, match="expected variables, a graph or a compiled function"):
            one(place)
    with pytest.raises(KernelgraphError, match="no source is written in"):
        named("x")[2].source(place)


@pytest.mark.parametrize("place", PLACES)
def test_h86_a_path_as_a_name_is_shown_as_it_is(place: str, nothing_opened: list[str]) -> None:
    del nothing_opened
    _, graph, f = named(place)
    shown = [graph, f, f.source(), train(range(1), title=place)]
    for value in shown:
        html = value._repr_mimebundle_()["text/html"]
        Elements(html).check(1 if value is shown[2] else 0)
    assert place in f._repr_mimebundle_()["text/plain"]


# H-87: untrusted notebooks ------------------------------------------------------------------------


def test_h87_without_scripts_and_styles_everything_is_there() -> None:
    """JupyterLab takes scripts, styles and most attributes out of a notebook that nobody trusts;
    tests/e2e/test_kernel_viewer.py opens one there.
    """
    f = named("x")[2]
    html = re.sub(r"<(script|style)>.*?</\1>", "", f.source().html, flags=re.DOTALL)
    html = re.sub(r' data-[\w-]+="[^"]*"', "", html)
    elements = Elements(html)
    elements.check(0)
    assert [tag for tag, _ in elements.found].count("img") == 1
    assert [tag for tag, _ in elements.found].count("details") >= 9
    for words in ("def kernel_0", "__global__", "Static view: re-run or trust"):
        assert words in html
