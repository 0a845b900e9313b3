"""The only maker of HTML and SVG: elements with attributes and children, all of them escaped.

Plain strings come in, markup goes out. Text given as a child or as an attribute's value is quoted
here, whoever wrote it; only a `Markup`, which this module alone makes, goes in as it is. No other
module of this package writes an angle bracket.

>>> print(html("p", {"class": "a"}, "1 < 2", html("br")))
<p class="a">1 &lt; 2<br></p>
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kernelgraph.viz.html import escape

_EMPTY_HTML = frozenset({"br", "hr", "img", "meta"})
_UNTYPESET = frozenset({"pre", "code"})  # MathJax leaves the text in these alone

Attributes = Mapping[str, str | float]


class Markup(str):
    """Text that is HTML or SVG already."""

    __slots__ = ()


NOTHING = Markup("")
NEWLINE = Markup("\n")
DOCTYPE = Markup("<!doctype html>")


def html(tag: str, attributes: Attributes | None = None, *children: str) -> Markup:
    """An HTML element."""
    quote = escape.xml if tag in _UNTYPESET else escape.html
    start = f"<{tag}{_attributes(attributes or {})}>"
    if tag in _EMPTY_HTML:
        return Markup(start)
    return Markup(f"{start}{_content(children, quote)}</{tag}>")


def svg(tag: str, attributes: Attributes | None = None, *children: str) -> Markup:
    """An SVG element."""
    start = f"<{tag}{_attributes(attributes or {})}"
    if not children:
        return Markup(start + "/>")
    quote = escape.svg if tag in {"text", "tspan"} else escape.xml
    return Markup(f"{start}>{_content(children, quote)}</{tag}>")


def script(code: str, data: Any) -> Markup:
    """An inline script. `code` is a function of ours, called with the element around the script and
    with `data`, all of whose texts are quoted here.
    """
    called = f"({code.strip()})(document.currentScript.parentNode, {escape.script(data)})"
    return Markup(f"<script>{called}</script>")


def join(parts: list[Markup], between: str = "") -> Markup:
    """Several pieces of markup as one, with white space between them."""
    return Markup(between.join(parts))


def number(value: float) -> str:
    """A length to a tenth of a pixel, without a trailing zero or a negative zero.

    >>> number(12.04), number(-0.01), number(3.15)
    ('12', '0', '3.1')
    """
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def _attributes(attributes: Attributes) -> str:
    return "".join(
        f' {name}="{escape.xml(value if isinstance(value, str) else number(value))}"'
        for name, value in attributes.items()
    )


def _content(children: tuple[str, ...], quote: Callable[[str], str]) -> str:
    return "".join(
        child if isinstance(child, Markup) else quote(child) for child in children if child
    )
