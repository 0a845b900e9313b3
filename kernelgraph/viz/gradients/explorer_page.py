"""The pages of the gradient explorer: static, recorded, and what a live one is made of.

An `Explorer` comes in, HTML goes out, or the pictures and the data with which a page begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np

from kernelgraph.viz.gradients.explorer import (
    Explorer,
    input_names,
    recorded_entries,
    recorded_states,
)
from kernelgraph.viz.gradients.plot import paint_plot
from kernelgraph.viz.gradients.starts import Slider
from kernelgraph.viz.html import escape
from kernelgraph.viz.html.fragments import fold, svg_data, table
from kernelgraph.viz.html.live import PageState, data, packed, script
from kernelgraph.viz.html.markup import Markup, html, join
from kernelgraph.viz.html.scripts import script_text
from kernelgraph.viz.pictures.picture import describe_graph
from kernelgraph.viz.text.numbers import short_number
from kernelgraph.viz.text.words import count, variable_text

STATIC_NOTE = (
    "Static view: run the cell, or trust the notebook, for the one in which inputs can be moved."
)
COPY_NOTE = "The numbers with which the live view below began (it needs a running kernel)."
LIVE_TEXT = "(the live view needs a running kernel; see the static copy above)"

_WIDE = 620.0

_MEANINGS = (
    ("data", "what the node is worth"),
    ("grad", "what the output gains for each unit that the node gains: d output / d node"),
    ("arrow", "the thicker, the more flows back along it; dashed where it is negative"),
    ("dash-dotted arrow", "an array flows back in which some numbers are positive, some negative"),
    ("dotted arrow", "nothing flows back: a number, an integer, or no effect on the output"),
    ("red frame", "a value or a gradient that is NaN or infinite"),
    ("slope", "the dashed line: the tangent whose slope is the gradient of what you move"),
    ("numeric", "the same slope from two more evaluations, a little to the left and to the right"),
)


def pictures(explorer: Explorer, state: PageState) -> list[tuple[str, str]]:
    """The graph and the plot in a certain state: what they are in words, and as SVG documents.

    The plot comes first where the graph is so wide that it would be out of sight behind it.
    """
    title = f"{explorer.output} as one input moves"
    plot = title, paint_plot(title, input_names(explorer), explorer.output, state)
    graph = describe_graph(explorer.tape.graph), explorer.picture.paint(state)
    return [plot, graph] if explorer.picture.layout.width > _WIDE else [graph, plot]


def specification(explorer: Explorer, state: PageState) -> dict[str, Any]:
    """What a page needs to make its sliders: names, places and where they stand."""
    inputs = [
        {
            "key": slider.key,
            "name": variable_text(slider.variable),
            "places": [short_number(place) for place in slider.places],
            "place": slider.nearest(explorer.number(slider)),
            "shown": short_number(explorer.number(slider)),
            "entries": explorer.entries_of(slider),
            "entry": explorer.entries[slider.key],
        }
        for slider in explorer.sliders
    ]
    return {"inputs": inputs, "state": state, "seed": explorer.seed, "drawn": explorer.drawn}


def explorer_text(explorer: Explorer) -> str:
    """The explorer for a terminal: every node with its value and its gradient."""
    rows = [("node", "op", "data", "grad"), *explorer.rows()]
    widths = [max(len(row[k]) for row in rows) for k in range(4)]
    lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in rows]
    state = explorer.state()
    said = [state["check"]["text"], *filter(None, [state["note"]["text"]])]
    return escape.visible("\n".join([*(line.rstrip() for line in lines), *said]))


def static_parts(explorer: Explorer) -> list[Markup]:
    """Pictures, sentences and a table of where the inputs stand now."""
    state = explorer.state()
    images = [_image(words, text) for words, text in pictures(explorer, state)]
    sentences = [state["check"]["text"], state["note"]["text"]]
    return [
        *(html("p", {"data-still": "yes"}, text) for text in sentences if text),
        html("div", {"data-still": "yes", "tabindex": 0, "style": "overflow-x:auto"}, *images),
    ]


def explained(explorer: Explorer) -> list[Markup]:
    """The sections below the pictures."""
    numbers = table(("node", "op", "data", "grad"), explorer.rows())
    return [
        fold("all numbers at the start", numbers),
        fold("what am I looking at?", table(("sign", "meaning"), _MEANINGS)),
    ]


def static_copy(explorer: Explorer) -> Markup:
    """What stands folded above a live view and is all that a saved notebook has of it.

    Where no live view appears, as in an exported page, a script opens it.
    """
    note = html("p", None, COPY_NOTE)
    copy = fold("static copy", note, *static_parts(explorer), *explained(explorer))
    opening = script("gradients/static_copy.js", call="")
    return html("div", {"class": "kg", "data-kg": "explorer-copy"}, copy, opening)


def recorded_html(explorer: Explorer) -> Markup:
    """The view that brings the answers along: its sliders work in any page, with no kernel."""
    start = explorer.state()
    spec = {
        **specification(explorer, start),
        **_packed(start, recorded_states(explorer)),
        "begins": {slider.key: _begins(explorer, slider) for slider in explorer.sliders},
    }
    note = html("p", {"data-still": "yes"}, STATIC_NOTE)
    parts = [note, *static_parts(explorer)]
    parts += [html("p", None, line) for line in _recorded_remarks(explorer)]
    parts += [
        *explained(explorer),
        data(spec),
        script("html/live.js", "gradients/explorer.js", call=_CALL),
    ]
    root = {"class": "kg", "data-kg": "explorer", "data-lm-suppress-shortcuts": "true"}
    return html("div", root, join(parts))


def _begins(explorer: Explorer, slider: Slider) -> list[int]:
    """For each recorded entry of an input, the place that is nearest to where it begins."""
    numbers = np.reshape(explorer.values[slider.index], -1)
    return [slider.nearest(float(n)) for n in numbers[: recorded_entries(explorer, slider)]]


def _recorded_remarks(explorer: Explorer) -> list[str]:
    """What the sliders of a recorded view cannot do."""
    said: list[str] = []
    entries = [len(explorer.entries_of(slider)) for slider in explorer.sliders]
    if sum(entries) > 1:
        said.append(
            "Recorded: one number moves at a time, whichever you choose, and the others go back "
            "to where they began."
        )
    for slider, all_of_them in zip(explorer.sliders, entries, strict=True):
        kept = recorded_entries(explorer, slider)
        if kept < all_of_them:
            name = variable_text(slider.variable)
            said.append(f"Of {name} the first {count(kept, 'number')} of {all_of_them} can move.")
    return said


_CALL = "if (document.currentScript) recorded(document.currentScript.parentNode);"


def widget_script() -> str:
    """The module that shows a live explorer: the same script, with a kernel that answers."""
    return "\n\n".join(
        map(script_text, ("html/live.js", "gradients/explorer.js", "gradients/explorer_widget.js"))
    )


def _image(words: str, text: str) -> Markup:
    attributes = {"alt": words, "src": svg_data(text)}
    style = {"style": "vertical-align:top;margin:4px 8px 4px 0", "data-role": "picture"}
    return html("img", {**attributes, **style})


def _packed(start: PageState, states: dict[str, list[list[PageState]]]) -> dict[str, Any]:
    """The recorded states, packed, with the frames of each entry of each slider apart."""
    everything = packed(
        [start, *(state for slider in states.values() for entry in slider for state in entry)]
    )
    rows: Iterator[list[int]] = iter(everything["frames"][1:])
    frames = {
        key: [list(islice(rows, len(entry))) for entry in slider] for key, slider in states.items()
    }
    return {**everything, "frames": frames}
