"""`explore`: a graph with numbers on it whose inputs are moved with sliders.

It publishes two outputs, since a widget hides whatever stands beside it in its own: a folded static
copy, which is what a saved notebook shows, and the live view, in which the kernel answers what the
sliders ask. With `frames` there is one output that needs no kernel at all.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from kernelgraph.errors import ArgumentError
from kernelgraph.expect import expect_integer, expect_table
from kernelgraph.viz.gradients.explorer import Explorer, defaults_of
from kernelgraph.viz.gradients.explorer_page import (
    LIVE_TEXT,
    explorer_text,
    recorded_html,
    static_copy,
)
from kernelgraph.viz.gradients.starts import STEPS, Range
from kernelgraph.viz.html.fragments import page
from kernelgraph.viz.html.markup import Markup, html, join
from kernelgraph.viz.text.subjects import graph_of

FRAMES = 21
"""Places of each slider where no kernel can answer, unless another number is asked for."""

WIDGET = "application/vnd.jupyter.widget-view+json"

_MISSING = (
    "The sliders move in recorded steps, because the Python package anywidget is not installed: "
    "pip install 'kernelgraph[lab]' brings it."
)


def explore(
    f: Any,
    *,
    at: Mapping[Any, Any] | None = None,
    ranges: Mapping[Any, Range] | None = None,
    frames: int | None = None,
    seed: int = 0,
    output: int = 0,
    **named_ranges: Range,
) -> Exploration:
    """Move the inputs of a function, a graph or an expression, and watch values and gradients.

    `x=(-3, 3)` gives the input x a slider over that range; of an array, one entry moves at a time.
    Inputs whose names are no keywords go to `ranges`. `at` gives values by name or variable, for
    arrays above all; what is not given is drawn from `seed`. `frames` makes a view of so many
    recorded places for each slider, which needs no kernel and moves in exported pages too. Of
    several outputs, the one with the number `output` is explored; of an array, its sum.

    Raises `ArgumentError` for names that no input has, ranges that are none, or fewer than two
    frames; `LayoutError` for a graph of more than 200 nodes; and what computing the graph raises.

    >>> import kernelgraph.tensor as T
    >>> x, w = T.dscalars("x", "w")
    >>> explore(T.tanh(w * x), x=(-3, 3), at={"x": 0.5, "w": 2})
    node  op      data    grad
    i0    w       2       +0.21
    i1    x       0.5     +0.8399
    n0    mul     1       +0.42
    n1    tanh    0.7616  +1
    o0    output  0.7616  +1
    autodiff 0.8399, numeric 0.8399, ok
    """
    seed = expect_integer(seed, "seed", least=0)
    output = expect_integer(output, "output", least=0)
    given = expect_table(at, "at", "values by input")
    moving = {**expect_table(ranges, "ranges", "ranges by input"), **named_ranges}
    if frames is not None and expect_integer(frames, "frames", most=100_000) < 2:
        raise ArgumentError(f"frames must be at least 2, not {frames}", hint="frames=21")
    missing = frames is None and not importlib.util.find_spec("anywidget")
    steps = FRAMES - 1 if missing else STEPS if frames is None else frames - 1
    explorer = Explorer(
        graph_of(f), moving, given, defaults=defaults_of(f), steps=steps, seed=seed, output=output
    )
    return Exploration(explorer, frames is not None or missing, _MISSING if missing else "")


class Exploration:
    """What `explore` returns: as the last expression of a cell it is the view.

    `explorer` has the numbers; in a live view they are those of where the sliders stand.
    """

    def __init__(self, explorer: Explorer, recorded: bool, remark: str = "") -> None:
        self.explorer = explorer
        self.recorded = recorded
        self.remark = remark

    def __repr__(self) -> str:
        return explorer_text(self.explorer)

    def _repr_html_(self) -> str:
        said = [html("p", None, self.remark)] if self.remark else []
        return join([*said, recorded_html(self.explorer)])

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the view with recorded places to an HTML file that needs no kernel.

        Raises ValueError for a name that does not end in .html.
        """
        if Path(path).suffix != ".html":
            raise ValueError(f"the name must end in .html: {path!s}")
        title = self.explorer.tape.graph.name
        Path(path).write_text(page(title, Markup(self._repr_html_())), encoding="utf-8")

    def _ipython_display_(self) -> None:
        import IPython
        import IPython.display as ipython  # here because only a notebook has IPython

        publish = cast(Any, ipython).display
        shell: Any = IPython.get_ipython()
        if getattr(shell, "kernel", None) is None:
            print(self)
        elif self.recorded:
            publish(_bundle(self._repr_html_(), repr(self)), raw=True)
        else:
            from kernelgraph.jupyter.explorer_widget import LiveExplorer  # needs anywidget

            publish(_bundle(static_copy(self.explorer), repr(self)), raw=True)
            live = LiveExplorer(self.explorer)
            view = {"version_major": 2, "version_minor": 0, "model_id": live.model_id}
            publish({WIDGET: view, "text/plain": LIVE_TEXT}, raw=True)


def _bundle(view: str | Markup, text: str) -> dict[str, str]:
    return {"text/html": view, "text/plain": text}
