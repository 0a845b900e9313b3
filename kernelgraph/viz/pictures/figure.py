"""A laid-out picture as an image that any notebook keeps."""

from __future__ import annotations

from dataclasses import replace

from kernelgraph.viz.html.fragments import svg_data
from kernelgraph.viz.html.live import script
from kernelgraph.viz.html.markup import Markup, html
from kernelgraph.viz.pictures.drawing import Layout
from kernelgraph.viz.pictures.svg import paint

_SCROLL_WIDTH = 1200.0  # a wider picture is not shrunk to the page but scrolls
_MANY_BOXES = 60  # as a rule they do not fit on a screen
_BLOCK = {"style": "overflow-x:auto;margin:6px 0"}


def figure(layout: Layout) -> Markup:
    """A picture as an image that carries its description, in a block of its own."""
    return html("div", _BLOCK, image(layout, layout.picture.description))


def hinted_figure(layout: Layout) -> Markup:
    """The same with the boxes' hints, for a script that puts the picture itself into the page."""
    return html("div", _BLOCK, _image(layout, layout.picture.description))


def zoomed_figure(layout: Layout) -> Markup:
    """The same; where it has many boxes, it can be zoomed if scripts run."""
    if len(layout.boxes) <= _MANY_BOXES:
        return figure(layout)
    call = "if (document.currentScript) large(document.currentScript.parentNode);"
    zoom = script("html/live.js", "pictures/zoom.js", "pictures/large.js", call=call)
    return html("div", _BLOCK, image(layout, layout.picture.description), zoom)


def image(layout: Layout, description: str) -> Markup:
    """A picture as an image. Nobody can point at its boxes, so their hints are left out."""
    boxes = tuple(replace(placed, box=replace(placed.box, hint="")) for placed in layout.boxes)
    return _image(replace(layout, boxes=boxes), description)


def _image(layout: Layout, description: str) -> Markup:
    style = "max-width:none" if layout.width > _SCROLL_WIDTH else "max-width:100%"
    look = {"alt": description, "width": layout.width, "style": style}
    return html("img", {**look, "src": svg_data(paint(layout))})
