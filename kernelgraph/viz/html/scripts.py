"""Scripts and style sheets that turn static views into live ones, and what reads them.

Each stands beside the view that it belongs to. It has no ids, no globals, and asks the network for
nothing.
"""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def script_text(name: str) -> str:
    """The text of a script or a style sheet, `stepper/stepper.js`, without indentation and without
    the lines that are comments only: it goes into every output. It is ours alone, so nothing in it
    needs quoting.
    """
    text = resources.files("kernelgraph.viz").joinpath(name).read_text(encoding="utf-8")
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))
