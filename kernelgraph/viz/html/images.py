"""A drawing as an image that any notebook keeps: its bytes stand in the page itself."""

from __future__ import annotations

import base64

from kernelgraph.viz.html.markup import Attributes, Markup, html


def image(drawing: str, alt: str, width: float, attributes: Attributes | None = None) -> Markup:
    """The text of an SVG picture, with its description and its width in pixels, as an image that
    scrolls where it is too wide.
    """
    data = base64.b64encode(drawing.encode()).decode("ascii")
    shown = html(
        "img",
        {
            **(attributes or {}),
            "alt": alt,
            "width": width,
            "style": "max-width:100%",
            "src": f"data:image/svg+xml;base64,{data}",
        },
    )
    return html("div", {"style": "overflow-x:auto;margin:6px 0"}, shown)
