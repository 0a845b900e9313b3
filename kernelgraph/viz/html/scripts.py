r"""Scripts and style sheets that turn static views into live ones, what reads them, and any view
without them.

Each stands beside the view that it belongs to. It has no ids, no globals, and asks the network for
nothing.

>>> print(without_scripts("<p data-static=\"\">Trust me.</p><b>1 &lt; 2</b><script>a()</script>"))
<b>1 &lt; 2</b>
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from kernelgraph.viz.html.markup import Markup, html

# As a browser reads them: up to the first end tag. Text of users holds none, it is escaped.
_LIVE = re.compile(r"<(script|style)\b[^>]*>.*?</\1>", re.DOTALL)
_NOTE = re.compile(html("p", {"data-static": ""}, "@").replace("@", "[^<]*"))


@cache
def script_text(name: str) -> str:
    """The text of a script or a style sheet, `stepper/stepper.js`, without indentation and without
    the lines that are comments only: it goes into every output. It is ours alone, so nothing in it
    needs quoting.
    """
    text = resources.files("kernelgraph.viz").joinpath(name).read_text(encoding="utf-8")
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def script_on_parent(name: str) -> Markup:
    """A script element that calls a function of ours with the element around it."""
    called = f"({script_text(name).strip()})(document.currentScript.parentNode);"
    return html("script", None, Markup(called))


def without_scripts(markup: str) -> Markup:
    """What an untrusted notebook shows: the view with nothing that runs, nor advice to trust it."""
    return Markup(_NOTE.sub("", _LIVE.sub("", markup)))
