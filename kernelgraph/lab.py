"""Opens JupyterLab on the lessons: what `python -m kernelgraph lab` does.

In goes the folder that the user stands in, out comes a folder of notebooks that is theirs to write
in: lessons that an installed package carries are copied next to the user's work, once, and never
again over it. In a clone of the project the lessons themselves are opened.
"""

from __future__ import annotations

import importlib.util
import os
import runpy
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

COPY_NAME = "kernelgraph-notebooks"

_PACKAGE = Path(__file__).parent


class LabError(Exception):
    """JupyterLab cannot be opened; the message says what to do."""


def open_lab(arguments: Sequence[str]) -> None:
    """Run JupyterLab on the lessons until it is ended; ``arguments`` go to JupyterLab as they are.

    Raises `LabError` where JupyterLab or the lessons are missing, or the copy cannot be written.
    """
    if importlib.util.find_spec("jupyterlab") is None:
        raise LabError("JupyterLab is not installed; pip install 'kernelgraph[lab]' brings it")
    folder = notebooks_folder(_PACKAGE, Path.cwd())
    print(f"opening JupyterLab on {folder}", flush=True)
    sys.argv = ["jupyter-lab", f"--ServerApp.root_dir={folder}", *_for_root(), *arguments]
    runpy.run_module("jupyterlab", run_name="__main__")


def notebooks_folder(package: Path, here: Path) -> Path:
    """The lessons to open: those of the clone around ``package``, or else a copy under ``here``."""
    shipped = package / "notebooks"
    if shipped.is_dir():
        return copy_lessons(shipped, here / COPY_NAME)
    in_clone = package.parent / "notebooks"
    if in_clone.is_dir():
        return in_clone
    raise LabError(f"{package} carries no notebooks; reinstall kernelgraph")


def copy_lessons(shipped: Path, target: Path) -> Path:
    """Copy the lessons that ``target`` does not have yet; what stands there stays as it is."""
    try:
        for source in sorted(shipped.rglob("*")):
            copy = target / source.relative_to(shipped)
            if source.is_file() and not copy.exists():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, copy)
    except OSError as error:
        raise LabError(
            f"the lessons could not be copied to {target}: {error}. "
            "Start from a folder that you may write in."
        ) from error
    return target


def _for_root() -> list[str]:
    """In a container everybody is root, and JupyterLab wants to be told that this is meant."""
    return ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
