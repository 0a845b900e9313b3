"""The pieces that HTML views are made of: frame, image, folding section, table, preformatted text.

Text, pictures and rows come in, markup goes out that is the same bytes in every run and survives a
notebook that nobody trusts: images as data, `<details>`, tables and a few inline styles; no ids,
no scripts, no colours of its own, so that it follows the page's theme.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Sequence

from kernelgraph.errors import KernelgraphError
from kernelgraph.viz.html import escape
from kernelgraph.viz.html.markup import DOCTYPE, Attributes, Markup, html, join


def frame(kind: str, *parts: Markup) -> Markup:
    """The root of a view: `<div class="kg" data-kg=kind>`."""
    return html("div", {"class": "kg", "data-kg": kind}, *parts)


def fold(
    summary: str, *parts: Markup, is_open: bool = False, attributes: Attributes | None = None
) -> Markup:
    """A section that opens at a click, with Enter or with Space."""
    look = {**(attributes or {}), **({"open": "open"} if is_open else {})}
    return html("details", look, html("summary", None, summary), *parts)


def preformatted(*parts: str) -> Markup:
    """Lines of text or of code as they are; long ones are scrolled with mouse or arrow keys."""
    return html("pre", {"tabindex": 0, "style": "overflow-x:auto;line-height:1.35"}, *parts)


def line_of_code(text: str) -> Markup:
    """A short piece of code or a signature on a line of its own."""
    return html("div", {"style": "margin:4px 0"}, html("code", None, text))


def svg_data(drawing: str) -> str:
    """The text of an SVG picture as the source of an image, which any notebook keeps."""
    return f"data:image/svg+xml;base64,{base64.b64encode(drawing.encode()).decode('ascii')}"


def image(drawing: str, alt: str, width: float, attributes: Attributes | None = None) -> Markup:
    """The text of an SVG picture, with its description and its width in pixels, as an image that
    scrolls where it is too wide.
    """
    look = {"alt": alt, "width": width, "style": "max-width:100%", "src": svg_data(drawing)}
    shown = html("img", {**(attributes or {}), **look})
    return html("div", {"style": "overflow-x:auto;margin:6px 0"}, shown)


def table(
    headings: Sequence[str], rows: Iterable[Sequence[str]], attributes: Attributes | None = None
) -> Markup:
    """A table with one row of headings, of which some may be empty."""
    style = {"style": "text-align:left"}
    cells = [html("th" if heading else "td", style, heading) for heading in headings]
    head = html("tr", None, *cells)
    body = [html("tr", None, *(html("td", style, cell) for cell in row)) for row in rows]
    return html("table", attributes, html("thead", None, head), html("tbody", None, join(body)))


def page(title: str, body: Markup) -> str:
    """A whole document in one file, for views that are saved."""
    head = html("head", None, html("meta", {"charset": "utf-8"}), html("title", None, title))
    document = html("html", {"lang": "en"}, head, html("body", None, body))
    return f"{DOCTYPE}\n{document}\n"


def guarded(draw: Callable[[], Markup]) -> Markup:
    """What `draw` makes, or a sentence that says why it could not: a display never raises."""
    try:
        return draw()
    except Exception as error:
        return html("p", None, could_not_draw(error))


def could_not_draw(error: Exception) -> str:
    """The sentence for a view that failed."""
    said = error.message if isinstance(error, KernelgraphError) else str(error)
    reason = escape.name(" ".join(said.split()) or type(error).__name__, limit=300)
    return f"(could not draw: {reason})"
