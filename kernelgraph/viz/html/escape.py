r"""The one place where text of unknown origin becomes text, SVG, HTML, DOT or LaTeX.

A name, a docstring, a path or an error message comes in and goes out harmless in the language asked
for. Names are whatever a user typed: markup, a megabyte of text, half a character. Nothing else in
this package puts quotes or entities around text that it did not write itself.

>>> print(html('<img src=x onerror="alert(1)">'))
&lt;img src=x onerror=&quot;alert(1)&quot;&gt;
>>> print(name("a" * 1_000_000, limit=12))
aaaaaaaaaaaa… (1000000 characters)
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

from kernelgraph.names import one_line, visible

NAME_LIMIT = 60
"""Characters of a name that are shown; a longer one ends in an ellipsis and its full length."""

_MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})

# A page with MathJax typesets what stands between two dollar signs or after a backslash, unless the
# sign stands in an element of its own: then the page's text is the same and no formula is found.
_MATH_DELIMITER = re.compile(r"[$\\]")

_LATEX_PIECE = re.compile(r"[\x00-\x7f]|[^\x00-\x7f]+")
_LATEX = {sign: rf"\{sign}" for sign in "{}$&#%_ "} | {
    "\\": r"{\backslash}", "^": r"{\wedge}", "~": r"{\sim}", "<": r"{\lt}", ">": r"{\gt}",
    "`": r"{\backprime}", "-": r"\text{-}",
}  # fmt: skip


def shorten(text: str, limit: int) -> str:
    """The first `limit` characters of `text`, with its full length where that is not all."""
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"


def cut(text: str, limit: int) -> str:
    """A text on one line, of at most `limit` characters, the last of which may be an ellipsis."""
    shown = one_line(text[: limit + 1])
    return shown if len(shown) <= limit else f"{shown[: limit - 1]}…"


def name(text: str, limit: int = NAME_LIMIT) -> str:
    """A name as a reader should see it: on one line, not too long, with nothing hidden in it."""
    return one_line(shorten(text, limit))


def xml(text: str) -> str:
    """Text for an attribute or for an element of an HTML or SVG document that nobody typesets."""
    return visible(text).translate(_MARKUP)


def html(text: str) -> str:
    r"""Text for an HTML element: literally what it says, also on a page that typesets formulas.

    >>> print(html("$x$"))
    <span>$</span>x<span>$</span>
    """
    return _MATH_DELIMITER.sub(r"<span>\g<0></span>", xml(text))


def svg(text: str) -> str:
    """Text for an SVG `<text>` element, literal also in a page that typesets formulas."""
    return _MATH_DELIMITER.sub(r"<tspan>\g<0></tspan>", xml(text))


def dot(text: str) -> str:
    r"""A quoted string of the DOT language; its escapes and its entities are taken out of play.

    >>> print(dot('"]; evil [label="'))
    "\"]; evil [label=\""
    """
    quoted = visible(text).replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
    return '"' + quoted.replace("\n", "\\n") + '"'


def latex(text: str) -> str:
    r"""Text as upright letters of a LaTeX formula; no command in it survives.

    >>> print(latex(r"$\href{javascript:alert(1)}$"))
    \mathrm{\${\backslash}href\{javascript:alert(1)\}\$}
    """
    composed = unicodedata.normalize("NFC", one_line(text))
    return r"\mathrm{" + _LATEX_PIECE.sub(_latex_piece, composed) + "}"


def script(data: Any) -> str:
    r"""Data as an expression of JavaScript that can stand inside a script element of a page.

    >>> print(script(["</script>", 1, None]))
    ["\u003c/script\u003e",1,null]
    """
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=True)
    return text.replace("<", r"\u003c").replace(">", r"\u003e").replace("&", r"\u0026")


def _latex_piece(match: re.Match[str]) -> str:
    piece = match.group()
    if piece.isascii():
        return _LATEX.get(piece, piece)
    base = "◌" if unicodedata.combining(piece[0]) else ""  # an accent must not join the brace
    return rf"\text{{{base}{piece}}}"
