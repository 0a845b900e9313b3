"""Where everything goes: a picture comes in, a layout goes out, by the engine of your choice.

The built-in engine `layered` is the default: it is always there, and two machines draw the same
picture. Graphviz's engines are for those who prefer its hand (`kg.config.layout = "wasi"`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kernelgraph.config import config
from kernelgraph.viz.pictures.drawing import Layout, LayoutError, Picture
from kernelgraph.viz.pictures.engines import graphviz
from kernelgraph.viz.pictures.engines.layered import layered

MOST_BOXES, MOST_EDGES = 1000, 5000
"""A picture with more is not laid out: nobody could read it, and it would take minutes."""

ENGINES: Mapping[str, Callable[[Picture], Layout]] = {
    "layered": layered,
    "wasi": graphviz.wasi,
    "dot": graphviz.dot,
    "pygraphviz": graphviz.pygraphviz,
}


def layout(picture: Picture, engine: str | None = None) -> Layout:
    """Lay `picture` out by `engine` (default: `kg.config.layout`).

    Raises `LayoutError` for an engine that is unknown, not installed or fails, and for pictures of
    more than `MOST_BOXES` boxes or `MOST_EDGES` edges.
    """
    name = engine or config.layout
    if name not in ENGINES:
        raise LayoutError(f"no layout engine is called {name!r}; there are {', '.join(ENGINES)}")
    boxes, edges = len(picture.boxes), len(picture.edges)
    if boxes > MOST_BOXES or edges > MOST_EDGES:
        raise LayoutError(
            f"{boxes} boxes and {edges} edges are too many for a picture (at most {MOST_BOXES} and "
            f"{MOST_EDGES}); kg.debugprint prints the graph as text"
        )
    return ENGINES[name](picture)
