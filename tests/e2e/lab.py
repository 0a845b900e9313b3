"""One notebook, open in a real JupyterLab, as a test sees it.

In goes a browser page on a notebook's address; out come its cells, outputs, pictures and
screenshots. It exists so that tests say what a student does and sees, and nothing about
how JupyterLab is put together inside.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

WANTED = "KERNELGRAPH_E2E_RESULTS"
"""Which variable says where screenshots are wanted."""

PATIENCE_MS = 60_000.0
WIDTH, HEIGHT = 1280, 900
TALLEST = 16_000
"""Pixels; Chromium draws no picture taller than 16,384."""

READY = """async () => {
    const panel = window.jupyterapp.shell.currentWidget;
    await panel.context.ready;
    await panel.revealed;
    await panel.sessionContext.ready;
    await panel.sessionContext.session.kernel.info;
}"""

RUN_ALL = """async () => {
    await window.jupyterapp.commands.execute('notebook:run-all-cells');
}"""

START_RUN_ALL = """() => {
    window.runAllFinished = false;
    window.jupyterapp.commands.execute('notebook:run-all-cells')
        .then(() => { window.runAllFinished = true; });
}"""

RUN_CELL = """async () => {
    window.jupyterapp.shell.currentWidget.content.activeCellIndex = window.cellToRun;
    await window.jupyterapp.commands.execute('notebook:run-cell');
}"""

INTERRUPT = """async () => {
    await window.jupyterapp.commands.execute('notebook:interrupt-kernel');
}"""

# A promise that the page never keeps would otherwise hold the test for ever.
IN_TIME = """([action, milliseconds]) => Promise.race([
    eval(action)(),
    new Promise((_, fail) => setTimeout(
        () => fail(new Error(`not done after ${milliseconds} ms: ${action}`)), milliseconds)),
])"""

CELLS = "() => window.jupyterapp.shell.currentWidget.content.model.toJSON().cells"

PICTURES = """images => Promise.all(images.map(async image => {
    await image.decode().catch(() => {});
    return {alt: image.alt, complete: image.complete, width: image.naturalWidth,
            height: image.naturalHeight, source: image.src};
}))"""


HIDDEN_HEIGHT = """() => {
    const scrolled = document.querySelector('.jp-WindowedPanel-outer');
    return scrolled.scrollHeight - scrolled.clientHeight;
}"""


SCROLL_UP = "() => { document.querySelector('.jp-WindowedPanel-outer').scrollTop = 0; }"


@dataclass
class LabPage:
    """A notebook open in JupyterLab, with its kernel connected.

    Cells are numbered from 0 as they stand in the notebook, text cells included.
    """

    page: Page
    name: str
    console_errors: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("console", self._note_console)
        self.page.on("pageerror", lambda error: self.console_errors.append(str(error)))

    def _note_console(self, message: Any) -> None:
        if message.type == "error":
            self.console_errors.append(f"{message.text} ({message.location.get('url', '')})")

    def open(self, url: str) -> None:
        """Go to ``url`` and return when the notebook is drawn and its kernel answers."""
        self.page.goto(url)
        self.page.wait_for_function("() => window.jupyterapp?.shell.currentWidget?.sessionContext")
        self._run_in_page(READY)
        self.page.evaluate("() => window.jupyterapp.shell.collapseLeft()")

    def _run_in_page(self, action: str, patience_ms: float = PATIENCE_MS) -> None:
        self.page.evaluate(IN_TIME, [action, patience_ms])

    def run_all(self, patience_ms: float = PATIENCE_MS) -> None:
        """Run every cell and return when the last has finished or one has failed."""
        self._run_in_page(RUN_ALL, patience_ms)

    def start_run_all(self) -> None:
        """Run every cell without waiting; `finished` tells when they are through."""
        self.page.evaluate(START_RUN_ALL)

    def run_cell(self, cell: int) -> None:
        """Run cell number ``cell`` alone."""
        self.page.evaluate("cell => { window.cellToRun = cell; }", cell)
        self._run_in_page(RUN_CELL)

    def interrupt(self) -> None:
        """Interrupt the kernel, as the square button does, and wait until it has stopped."""
        self._run_in_page(INTERRUPT)
        self.page.wait_for_function("() => window.runAllFinished")

    def finished(self) -> bool:
        """Whether the cells begun by `start_run_all` are all through."""
        return bool(self.page.evaluate("() => window.runAllFinished"))

    def cells(self) -> list[dict[str, Any]]:
        """Every cell as the notebook file would hold it now."""
        cells: list[dict[str, Any]] = self.page.evaluate(CELLS)
        return cells

    def outputs(self, cell: int) -> list[dict[str, Any]]:
        """The outputs of code cell number ``cell``, as the notebook file would hold them."""
        outputs: list[dict[str, Any]] = self.cells()[cell]["outputs"]
        return outputs

    def errors(self) -> list[str]:
        """Every error that a cell ended with, as ``name: message``."""
        return [
            f"cell {number}: {output['ename']}: {output['evalue']}"
            for number, cell in enumerate(self.cells())
            for output in cell.get("outputs", ())
            if output["output_type"] == "error"
        ]

    def element(self, cell: int) -> Locator:
        """The place of cell number ``cell`` on the page."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(cell)

    def pictures(self, cell: int) -> list[dict[str, Any]]:
        """The images drawn below cell number ``cell``: alt, source, complete, width, height."""
        images = self.element(cell).locator(".jp-OutputArea img")
        pictures: list[dict[str, Any]] = images.evaluate_all(PICTURES)
        return pictures

    def text(self, cell: int) -> str:
        """What the outputs of cell number ``cell`` read as, pictures left out."""
        areas = self.element(cell).locator(".jp-OutputArea-output")
        return "\n".join(areas.all_inner_texts())

    def theme(self, name: str) -> None:
        """Change the colours of the whole page, for instance to ``JupyterLab Dark``."""
        self.page.evaluate(
            "name => window.jupyterapp.commands.execute('apputils:change-theme', {theme: name})",
            name,
        )

    def screenshot(self, name: str, cell: int | None = None) -> Path:
        """Save a picture of the whole notebook, or of one cell, and return where it lies."""
        path = results_folder() / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if cell is None:
            self._grow(int(self.page.evaluate(HIDDEN_HEIGHT)))
            self.page.evaluate(SCROLL_UP)
            self.page.wait_for_timeout(300)
            self.page.screenshot(path=path)
        else:
            self._grow(int(self.element(cell).evaluate("cell => cell.clientHeight")))
            self.element(cell).screenshot(path=path)
        self._grow(0)
        return path

    def screenshot_cells(self, folder: str, cells: Mapping[str, int]) -> None:
        """Save a picture of each of these cells under its name, where somebody has said where."""
        if WANTED in os.environ:
            for name, cell in cells.items():
                self.screenshot(f"{folder}/{name}.png", cell)

    def _grow(self, by: int) -> None:
        """Make the window taller than it is by default, so that more of the page is drawn."""
        self.page.set_viewport_size({"width": WIDTH, "height": min(TALLEST, HEIGHT + by)})


def results_folder() -> Path:
    """Where screenshots go: ``KERNELGRAPH_E2E_RESULTS``, or ``test-results/e2e`` of the clone.

    Where it is not set, there are none of single cells of the lessons: they take minutes.
    """
    default = Path(__file__).resolve().parents[2] / "test-results" / "e2e"
    return Path(os.environ.get(WANTED, default))
