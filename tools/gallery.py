"""Writes docs/gallery/, the pictures of the README, made of programs by the project's own painters.

`./kg python tools/gallery.py` after a change of views; a test compares the files with what this
would write.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.viz.errors.shapes import shapes_html
from kernelgraph.viz.html.markup import Markup, join, svg
from kernelgraph.viz.kernels.listing import gutters
from kernelgraph.viz.pictures.layout import layout
from kernelgraph.viz.pictures.picture import picture
from kernelgraph.viz.pictures.svg import GROUND, INK, MUTED, paint
from kernelgraph.viz.training.curve import Progress, Series, paint_curves

GALLERY = Path(__file__).resolve().parents[1] / "docs" / "gallery"

_IMAGE = re.compile(r'src="data:image/svg\+xml;base64,([^"]*)"')
_GAP = 20.0
_LINE, _LETTER = 17.0, 7.3  # of the code, in pixels
_MONOSPACE = "'DejaVu Sans Mono', Menlo, Consolas, monospace"


def logistic_loss() -> tuple[Any, Any, Any]:
    """The formula of the first lesson, with its derivative."""
    x = T.dscalar("x")
    loss = T.log(1 + T.exp(-x))
    loss.name = "loss"
    return x, loss, T.grad(loss, x)


def graph() -> str:
    """A formula and its derivative, which share what they can."""
    _, loss, slope = logistic_loss()
    return kg.show([loss, slope]).svg


def step() -> str:
    """One step of rewriting: before, and after."""
    x, loss, _ = logistic_loss()
    view = kg.steps(kg.function([x], loss, target="interpret"))
    sections = view.html.split("<details ")
    (found,) = (each for each in sections if 'data-rule="log_one_plus_exp"' in each)
    return beside(pictures(found))


def gradient() -> str:
    """A neuron: every node with its value and its gradient, and the curve of the output."""
    x, w = T.dscalars("x", "w")
    y = x * T.tanh(w * x)
    y.name = "y"
    view = kg.explore(y, x=(-3, 3), w=(0, 2), at={"x": 0.8, "w": 1.5}, frames=2)
    return beside(pictures(view._repr_html_())[:2])  # pyright: ignore[reportPrivateUsage]


def kernel() -> str:
    """The C code of a function beside its graph; each line knows its nodes."""
    x, y = T.dvectors("x", "y")
    view = kg.function([x, y], T.sqr(x - y) * T.exp(-x), name="f").source("c")
    return beside([numbered_graph(view), code(view)])


def numbered_graph(view: Any) -> str:
    """The graph that was planned, with the number of each node in its box."""
    plain = picture(view.languages.graph)
    boxes = [
        replace(box, lines=(f"{box.key} {box.lines[0]}", *box.lines[1:]))
        if box.key.startswith("n")
        else box
        for box in plain.boxes
    ]
    return paint(layout(replace(plain, boxes=tuple(boxes))))


def code(view: Any) -> str:
    """The function that computes, behind a column with the numbers of the nodes."""
    lines = list(gutters(list(view.languages.listing("c").lines)))
    end = next(k for k, (line, _) in enumerate(lines) if line.text == "}")
    parts = [
        text
        for row, (line, gutter) in enumerate(lines[: end + 1])
        for text in (
            _text(0, row, gutter, MUTED),
            _text(len(gutter), row, line.text, INK),
        )
    ]
    columns = max(len(gutter) + len(line.text) for line, gutter in lines[: end + 1])
    return drawing(columns * _LETTER + 24, (end + 2) * _LINE, parts)


def _text(column: int, row: int, text: str, colour: str) -> Markup:
    place = {"x": 12 + column * _LETTER, "y": (row + 1.2) * _LINE, "fill": colour}
    look = {"font-family": _MONOSPACE, "font-size": 12, "style": "white-space:pre"}
    return svg("text", {**place, **look}, text)


def training() -> str:
    """What a training loop reports."""
    x, t = T.dmatrix("x"), T.dvector("t")
    w = kg.shared(np.zeros(3), name="w")
    p = T.sigmoid(T.dot(x, w))
    cost = -T.mean(t * T.log(p) + (1 - t) * T.log(1 - p))
    learn = kg.function([x, t], cost, updates=[(w, w - 0.5 * T.grad(cost, w))])
    watch = kg.function([x, t], cost)
    random = np.random.default_rng(4)
    points = random.normal(size=(200, 3))
    answers = (points @ [1.0, -2.0, 0.5] + random.normal(size=200) > 0).astype(float)
    learned, watched = Series("learned"), Series("watched")
    for number in range(1, 61):
        for series, function, part in (
            (learned, learn, slice(0, 120)), (watched, watch, slice(120, None))
        ):  # fmt: skip
            series.steps.append(number)
            series.values.append(float(function(points[part], answers[part])))
    return paint_curves("logistic regression", [learned, watched], Progress(60, 60))


def mistake() -> str:
    """The sizes of a product that cannot be."""
    images = T.TensorType("float64", (200, 764))("images")
    weights = T.TensorType("float64", (100, 764))("weights")
    try:
        T.dot(images, weights)
    except kg.KernelgraphError as error:
        return pictures(shapes_html(error.operands))[0]
    raise AssertionError("the sizes fit")


PICTURES: dict[str, Callable[[], str]] = {
    "graph": graph, "step": step, "gradient": gradient, "kernel": kernel, "training": training,
    "mistake": mistake,
}  # fmt: skip


# Pictures of pictures ----------------------------------------------------------------------------


def pictures(view: str) -> list[str]:
    """The pictures that a view holds, as SVG."""
    return [base64.b64decode(found).decode() for found in _IMAGE.findall(view)]


def beside(drawings: Sequence[str]) -> str:
    """Several pictures as one, from left to right."""
    left, height, parts = 0.0, 0.0, list[Markup]()
    for each in drawings:
        wide, high = size(each)
        start, inner = re.match(r"<svg\b[^>]*>", each), each.index(">") + 1
        assert start is not None
        look = "".join(f" {found}" for found in re.findall(r'font-\w+="[^"]*"', start[0]))
        place = f'x="{left:g}" y="0" width="{wide:g}" height="{high:g}"'
        box = f'viewBox="0 0 {wide:g} {high:g}"'
        parts.append(Markup(f"<svg {place} {box}{look}>{each[inner:].strip()}"))
        left, height = left + wide + _GAP, max(height, high)
    return drawing(left - _GAP, height, parts)


def size(drawn: str) -> tuple[float, float]:
    """Width and height of an SVG picture, as it is drawn."""
    box = re.search(r'viewBox="0 0 (\S+) (\S+)"', drawn)
    assert box is not None
    return float(box[1]), float(box[2])


def drawing(width: float, height: float, parts: Sequence[str]) -> str:
    """An SVG picture of these parts on the ground of all pictures."""
    root = {"xmlns": "http://www.w3.org/2000/svg", "width": width, "height": height}
    ground = svg("rect", {"width": width, "height": height, "rx": 6, "fill": GROUND})
    inside = join([ground, *map(Markup, parts)], "\n")
    return svg("svg", {**root, "viewBox": f"0 0 {width:g} {height:g}"}, inside)


def main() -> None:
    """Write all pictures."""
    GALLERY.mkdir(parents=True, exist_ok=True)
    for name, draw in PICTURES.items():
        (GALLERY / f"{name}.svg").write_text(draw().rstrip() + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
