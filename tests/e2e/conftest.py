"""Fixtures for tests that drive a real JupyterLab in a headless Chromium.

Where there is no browser these tests are skipped with the reason; with
``KERNELGRAPH_REQUIRE_E2E=1`` in the environment they fail instead, so that a machine which
must run them cannot pass without them.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest
from nbformat import NotebookNode

from . import server
from .lab import HEIGHT, WIDTH, LabPage

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Playwright

OpenLab = Callable[[Path | NotebookNode], LabPage]

KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


def unavailable(reason: str) -> str:
    """Skip the test for want of ``reason``, or fail it where it is required to run."""
    if os.environ.get("KERNELGRAPH_REQUIRE_E2E") == "1":
        pytest.fail(f"KERNELGRAPH_REQUIRE_E2E=1, but {reason}", pytrace=False)
    pytest.skip(reason)


def require(package: str) -> None:
    """Go on only where ``package`` can be imported."""
    if importlib.util.find_spec(package) is None:
        unavailable(f"the Python package {package} is not installed (extra: e2e)")


def chromium() -> str:
    """The path of a Chromium on this machine; ``KERNELGRAPH_CHROMIUM`` names one outright."""
    named = os.environ.get("KERNELGRAPH_CHROMIUM")
    for name in (named,) if named else CHROMIUM_NAMES:
        found = shutil.which(name)
        if found:
            return found
    return unavailable("no Chromium was found (Debian: apt-get install chromium)")


@pytest.fixture(scope="session")
def lab_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[server.Server]:
    """One JupyterLab for all browser tests of this session."""
    if os.name != "posix":
        unavailable("the server is ended through its process group, which needs POSIX")
    require("jupyterlab")
    require("playwright")
    chromium()  # no use in starting a server that nobody can look at
    with server.running(tmp_path_factory.mktemp("jupyterlab")) as running:
        yield running


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """What starts browsers, for one test file.

    Playwright keeps an event loop running in this thread for as long as it lives, which would
    hinder every later test that runs a loop of its own: hence not one for the whole session.
    """
    require("playwright")
    chromium()
    from playwright.sync_api import sync_playwright  # optional, so not at the top

    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One Chromium for each test file."""
    launched = playwright.chromium.launch(executable_path=chromium(), args=list(CHROMIUM_FLAGS))
    yield launched
    launched.close()


@pytest.fixture(scope="session")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the Chromium that shows JupyterLab."""
    return tmp_path_factory.mktemp("chromium")


@pytest.fixture(scope="module")
def lab_browser(playwright: Playwright, profile: Path) -> Iterator[BrowserContext]:
    """One Chromium for the notebooks of each test file, as somebody has it who uses it every day:
    JupyterLab's megabytes of scripts come compiled from its cache, which halves what a page costs.
    """
    launched = playwright.chromium.launch_persistent_context(
        profile,
        executable_path=chromium(),
        args=list(CHROMIUM_FLAGS),
        viewport={"width": WIDTH, "height": HEIGHT},
    )
    yield launched
    launched.close()


@pytest.fixture
def lab(
    lab_browser: BrowserContext, lab_server: server.Server, tmp_path: Path
) -> Iterator[OpenLab]:
    """Open a notebook in JupyterLab: ``lab(path or notebook) -> LabPage``.

    The notebook is copied, so the original stays as it is. When the test is over, anything that
    the page wrote to the browser's console as an error fails it.
    """
    numbers = itertools.count()
    pages: list[LabPage] = []

    def open_lab(notebook: Path | NotebookNode) -> LabPage:
        folder = lab_server.root / tmp_path.name
        folder.mkdir(exist_ok=True)
        name = notebook.name if isinstance(notebook, Path) else f"notebook{next(numbers)}.ipynb"
        if isinstance(notebook, Path):
            shutil.copyfile(notebook, folder / name)
        else:
            # Without this JupyterLab asks which kernel to start, and waits for the answer.
            notebook.metadata.setdefault("kernelspec", KERNEL)
            nbformat.write(notebook, folder / name)
        opened = LabPage(lab_browser.new_page(), name)
        pages.append(opened)
        # A workspace of its own, so that no tab of an earlier test comes back.
        workspace = f"{tmp_path.name}-{len(pages)}"
        opened.open(lab_server.address(f"lab/workspaces/{workspace}/tree/{tmp_path.name}/{name}"))
        return opened

    yield open_lab
    errors = [error for opened in pages for error in opened.console_errors]
    for page in lab_browser.pages[1:]:  # Chromium itself lives as long as its first, empty one
        page.close()
    lab_server.end_kernels()
    assert errors == []
