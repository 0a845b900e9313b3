"""Scripts and style sheets that turn static views into live ones, and what reads them.

Each script is one function of the element that it upgrades and of its data; it has no ids, no
globals, and asks the network for nothing.
"""

from __future__ import annotations

from importlib import resources


def script_text(name: str) -> str:
    """The text of a script or a style sheet of this folder."""
    return resources.files(__name__).joinpath(name).read_text(encoding="utf-8")
