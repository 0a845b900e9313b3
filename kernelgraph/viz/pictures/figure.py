"""A laid-out picture as an image that any notebook keeps."""

from __future__ import annotations

import base64

from kernelgraph.viz.html.markup import Markup, html
from kernelgraph.viz.pictures.drawing import Layout
from kernelgraph.viz.pictures.svg import paint

_SCROLL_WIDTH = 1200.0  # a wider picture is not shrunk to the page but scrolls


def figure(layout: Layout) -> Markup:
    """A picture as an image that carries its description, in a block of its own."""
    shown = image(layout, layout.picture.description)
    return html("div", {"style": "overflow-x:auto;margin:6px 0"}, shown)


def image(layout: Layout, description: str) -> Markup:
    """A picture as an image."""
    data = base64.b64encode(paint(layout).encode()).decode("ascii")
    wide = layout.width > _SCROLL_WIDTH
    return html(
        "img",
        {
            "alt": description,
            "width": layout.width,
            "style": "max-width:none" if wide else "max-width:100%",
            "src": f"data:image/svg+xml;base64,{data}",
        },
    )
