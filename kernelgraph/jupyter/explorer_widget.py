"""The live explorer: sliders in the page ask, the kernel answers with what has changed.

This module needs anywidget, and is imported only when a live view is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import anywidget
import traitlets

from kernelgraph.viz.gradients.explorer import Explorer
from kernelgraph.viz.gradients.explorer_page import pictures, specification, widget_script
from kernelgraph.viz.html.live import changes


class LiveExplorer(anywidget.AnyWidget):
    """An explorer in a page: its pictures are sent once, then only what changes in them.

    The page asks one question at a time, so however fast a slider moves, there is never more than
    one answer to wait for.
    """

    _esm = widget_script()
    pictures = cast(Any, traitlets.List()).tag(sync=True)
    specification = cast(Any, traitlets.Dict()).tag(sync=True)

    def __init__(self, explorer: Explorer) -> None:
        self.explorer = explorer
        self.shown = explorer.state()
        super().__init__(
            pictures=[text for _, text in pictures(explorer, self.shown)],
            specification=specification(explorer, self.shown),
        )
        cast(Any, self).on_msg(self.answer)

    def answer(self, _: Any, question: Mapping[str, Any], __: Any) -> None:
        """Move where the page asks, and send what has changed since the last answer."""
        self.explorer.move([tuple(change) for change in question["changes"]])
        before, self.shown = self.shown, self.explorer.state()
        cast(Any, self).send({"state": changes(before, self.shown)})
