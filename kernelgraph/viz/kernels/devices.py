"""What of CUDA is on this machine, as a table."""

from __future__ import annotations

from kernelgraph.cuda.installed import Status
from kernelgraph.viz.display import Bundle, bundle
from kernelgraph.viz.html.fragments import frame, table
from kernelgraph.viz.html.markup import Markup


@bundle.register
def _(value: Status) -> Bundle:
    return {"text/html": status_html(value), "text/plain": repr(value)}


def status_html(status: Status) -> Markup:
    """A row for each part: what is there, or why it is missing and what to do."""
    return frame("devices", table(("part", "found", "about", "try"), status.rows()))
