"""The options of `%%symfunc`, as cells of a notebook."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
from kernelgraph.c.toolchain import Toolchain
from kernelgraph.errors import DeviceError, SymbolicError
from kernelgraph.function import Function
from kernelgraph.graph import Variable

from .conftest import Notebook
from .test_magics import last_frame, usage_error

BODY = "z = lr * dot(x, w)\ncost = sqr(z - 1)\n"
HEAD = "%%symfunc f(x: dvector, w: dvector, lr=0.5) -> z, cost --target interpret"


# Gradients ---------------------------------------------------------------------------------------


def test_gradients_of_the_last_scalar_are_outputs(notebook: Notebook) -> None:
    ran = notebook.run(f"{HEAD} --grad w,lr\n{BODY}")
    assert ran.error is None
    f = notebook["f"]
    assert [output.name for output in f.graph.outputs] == ["z", "cost", "grad_w", "grad_lr"]
    x, w = np.array([1.0, 2.0]), np.array([3.0, -1.0])
    z, _, by_w, by_lr = f(x, w)
    np.testing.assert_allclose(by_w, 2 * (z - 1) * 0.5 * x)
    np.testing.assert_allclose(by_lr, 2 * (z - 1) * (x @ w))


def test_one_output_becomes_a_list(notebook: Notebook) -> None:
    notebook.run("%%symfunc f(x) --target interpret --grad x\nx * x")
    assert notebook["f"](3.0) == [9.0, 6.0]


def test_a_gradient_by_a_shared_variable_and_by_a_result_of_the_body(notebook: Notebook) -> None:
    notebook.run("import kernelgraph as kg\nmine = kg.shared(2.0, name='another name')")
    notebook.run("%%symfunc f(x) --target interpret --grad mine,y\ny = mine * x\ny * y")
    assert notebook["f"](3.0) == [36.0, 36.0, 12.0]


@pytest.mark.parametrize(
    ("line", "body", "message"),
    [
        ("--grad q", "x.sum()", "--grad q: no symbol is called so; there are w_, x"),
        ("--grad w_x", "(x * w_).sum()", "did you mean w_?"),
        ("--grad n", "x.sum() + n", "n is int64, which has no derivative"),
        ("--grad x", "x * 2", "--grad needs an output that is a single float"),
        ("--grad x[0]", "x.sum()", "--grad x[0]: that is no name"),
        ("--grad", "x.sum()", "expected one argument"),
    ],
)
def test_a_gradient_that_is_none(notebook: Notebook, line: str, body: str, message: str) -> None:
    notebook.run("import kernelgraph as kg\nw_ = kg.shared([1.0, 2.0])")
    signature = "f(x: dvector, n: lscalar)" if "n" in body.split() else "f(x: dvector)"
    ran = notebook.run(f"%%symfunc {signature} {line}\n{body}")
    assert message in usage_error(ran)
    assert "f" not in notebook


# Modes and targets -------------------------------------------------------------------------------


def rules(f: Function) -> set[str]:
    return {step.rule for step in f.stages.rewriting.steps}


@pytest.mark.parametrize(
    ("mode", "used"),
    [
        ("", {"times_one", "log_one_plus_exp"}),
        ("--mode FAST_RUN", {"times_one", "log_one_plus_exp"}),
        ("--mode FAST_RUN -times_one -log_one_plus_exp", set()),
        ("--mode 'FAST_RUN -stabilize'", {"times_one"}),
        ("--mode -simplify --target interpret", {"log_one_plus_exp"}),
        ("--mode None", set()),
    ],
)
def test_a_mode_says_which_rules_there_are(notebook: Notebook, mode: str, used: set[str]) -> None:
    ran = notebook.run(f"%%symfunc f(x: dvector) {mode}\nlog(1 + exp(x * 1))")
    assert ran.error is None
    assert rules(notebook["f"]) & {"times_one", "log_one_plus_exp"} == used


def test_a_mode_may_bring_its_target(notebook: Notebook) -> None:
    notebook.run("%%symfunc f(x) --mode FAST_COMPILE\nx + 1")
    assert notebook["f"].target == "interpret"


@pytest.mark.parametrize(
    ("mode", "message"),
    [
        ("FAST", "--mode FAST: no mode named 'FAST'; there are FAST_RUN"),
        ("FAST_RUN -stabilise", "did you mean stabilize?"),
        ("FAST_RUN,stabilize", "a rule has a sign before it, as in -stabilize"),
        ("", "expected one argument"),
        ("FAST_RUN --wrong", "unrecognized arguments: --wrong"),
    ],
)
def test_a_mode_that_is_none(notebook: Notebook, mode: str, message: str) -> None:
    assert message in usage_error(notebook.run(f"%%symfunc f(x) --mode {mode}\nx + 1"))


def test_a_gpu_that_is_not_there_is_an_error_at_the_users_line(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")  # where there is one after all
    ran = notebook.run("%%symfunc f(x: dvector) --target cuda\nx + 1")
    assert isinstance(ran.error, DeviceError)
    assert ran.error.code == "KG-X001"
    assert last_frame(ran) == "1 %%symfunc f(x: dvector) --target cuda"
    assert "magics.py" not in ran.stdout
    assert "functools" not in ran.stdout
    assert "f" not in notebook


# What is shown -----------------------------------------------------------------------------------


class Published:
    """What cells displayed, by MIME type."""

    def __init__(self, shell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bundles: list[dict[str, Any]] = []
        monkeypatch.setattr(shell.display_pub, "publish", self.note)

    def note(self, data: dict[str, Any], *_: Any, **__: Any) -> None:
        self.bundles.append(data)

    @property
    def html(self) -> str:
        return "".join(bundle.get("text/html", "") for bundle in self.bundles)


@pytest.fixture
def published(notebook: Notebook, monkeypatch: pytest.MonkeyPatch) -> Published:
    return Published(notebook.shell, monkeypatch)


@pytest.fixture
def default_show(notebook: Notebook) -> Iterator[None]:
    yield
    notebook.run("%config SymfuncMagics.show = 'function'")


def run_quietly(notebook: Notebook, cell: str) -> Any:
    """Run a cell without capturing its displays."""
    result = notebook.shell.run_cell(cell, store_history=True)
    result.raise_error()
    return result.result


def test_a_view_is_shown_and_the_function_is_still_the_value(
    notebook: Notebook, published: Published, capsys: pytest.CaptureFixture[str]
) -> None:
    number = notebook.next_number
    value = run_quietly(notebook, f"{HEAD} --show graph,steps\n{BODY}")
    assert value is None, "its own display was not asked for"
    assert len(published.bundles) == 1
    assert 'data-kg="explanation"' in published.html
    assert 'data-kg="stepper"' in published.html
    assert "1. graph" in published.html
    assert "2. steps" in published.html
    assert "plan:" not in published.html
    assert notebook["Out"][number] is notebook["_"] is notebook["f"]
    assert capsys.readouterr().out == ""


def test_steps_come_besides_the_function(notebook: Notebook, published: Published) -> None:
    assert run_quietly(notebook, f"{HEAD} --steps\n{BODY}") is notebook["f"]
    assert 'data-kg="stepper"' in published.html
    assert run_quietly(notebook, f"{HEAD} --show plan --steps\n{BODY}") is None
    assert "2. plan" in published.html


def test_all_and_none(notebook: Notebook, published: Published) -> None:
    assert run_quietly(notebook, f"{HEAD} --show none\n{BODY}") is None
    assert published.bundles == []
    run_quietly(notebook, f"{HEAD} --show all\n{BODY}")
    for title in ("1. graph", "2. tree", "3. gradient", "4. steps", "5. plan", "6. source"):
        assert title in published.html
    published.bundles.clear()
    run_quietly(notebook, f"{HEAD} --show all -q\n{BODY}")
    assert published.bundles == []


def test_static_views_hold_nothing_that_runs(notebook: Notebook, published: Published) -> None:
    run_quietly(notebook, f"{HEAD} --show all\n{BODY}")
    assert "<script>" in published.html
    published.bundles.clear()
    run_quietly(notebook, f"{HEAD} --show all --static\n{BODY}")
    for live in ("<script", "<style", "Static view"):
        assert live not in published.html
    assert "6. source" in published.html


@pytest.mark.usefixtures("default_show")
def test_config_persists(notebook: Notebook, published: Published) -> None:
    run_quietly(notebook, "%config SymfuncMagics.show = 'tree'")
    for _ in range(2):
        assert run_quietly(notebook, f"{HEAD}\n{BODY}") is None
        assert "1. tree" in published.bundles.pop()["text/html"]
    assert run_quietly(notebook, f"{HEAD} --show function\n{BODY}") is notebook["f"]
    assert published.bundles == []
    run_quietly(notebook, "%config SymfuncMagics.show = 'nonsense'")
    assert run_quietly(notebook, f"{HEAD}\n{BODY}") is None
    assert "1. tree" in published.html


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--show grph", "--show grph: there is no such view (did you mean graph?)"),
        ("--show none,graph", "--show none stands alone"),
        ("--show", "expected one argument"),
        ("-o 2f", "-o 2f: that is no name"),
        ("-o for", "-o for: that is no name"),
        ("--static=yes", "ignored explicit argument"),
    ],
)
def test_a_wrong_option_is_one_line(notebook: Notebook, line: str, message: str) -> None:
    assert message in usage_error(notebook.run(f"%%symfunc f(x) {line}\nx + 1"))
    assert "f" not in notebook


# Names -------------------------------------------------------------------------------------------


def test_another_name(notebook: Notebook) -> None:
    ran = notebook.run(f"{HEAD} -o trained\n{BODY}")
    assert notebook["trained"] is ran.value
    assert ran.value.name == "f"
    assert "f" not in notebook


def test_the_symbols_of_a_function_can_be_gone_on_with(notebook: Notebook) -> None:
    notebook.run(f"{HEAD} -o trained\n{BODY}")
    symbols: dict[str, Variable] = notebook["trained"].symbols
    assert set(symbols) == {"x", "w", "lr", "z", "cost"}
    x, w, lr = (symbols[name] for name in ("x", "w", "lr"))
    slope = kg.function([x, w, lr], kg.grad(symbols["cost"], symbols["z"]), target="interpret")
    assert slope([1.0], [1.0], 2.0) == 2.0


def test_a_name_of_pythons_own_is_taken_with_a_warning(notebook: Notebook) -> None:
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        notebook.run("%%symfunc sorted(x) --target interpret\nx + 1")
        notebook.run("%%symfunc sorted(x) --target interpret\nx + 2")
    assert notebook["sorted"](1.0) == 3.0
    assert [str(one.message) for one in heard] == [
        "this hides Python's own sorted in this notebook, until `del sorted`"
    ]
    notebook.run("del sorted")
    assert notebook.run("sorted([2, 1])").value == [1, 2]


def test_parameters_may_be_called_like_pythons_functions(notebook: Notebook) -> None:
    ran = notebook.run("%%symfunc f(sum: dvector, max) --target interpret\n(sum * max).mean()")
    assert ran.error is None
    assert notebook["f"]([1.0, 3.0], 2.0) == 4.0


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "the cell body is empty"),
        ("\n", "name the outputs in the signature"),
        ("# nothing", "name the outputs in the signature"),
        ('"""only words"""', "an output must be a symbol or numbers, but the body gives a str"),
        ("None", "the body gives a NoneType"),
        ("exp", "an output must be a symbol or numbers"),
    ],
)
def test_a_body_that_computes_nothing_is_explained(
    notebook: Notebook, body: str, message: str
) -> None:
    ran = notebook.run(f"%%symfunc f(x) --target interpret\n{body}")
    assert message in usage_error(ran)
    assert "f" not in notebook


# Compiling ---------------------------------------------------------------------------------------


@pytest.fixture
def fresh_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own, so that nothing is compiled already."""
    monkeypatch.setenv("KERNELGRAPH_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


class Counter:
    """How often the compiler was started for a program."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.programs = 0
        real = Toolchain.compiling

        def noted(toolchain: Toolchain, unit: Any, folder: str) -> Any:
            self.programs += unit.role == "program"
            return real(toolchain, unit, folder)

        monkeypatch.setattr(Toolchain, "compiling", noted)


def test_running_a_cell_twice_compiles_once(
    notebook: Notebook, fresh_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = Counter(monkeypatch)
    cell = "%%symfunc f(x: dvector) --target c --grad x\n(x * exp(x)).sum()"
    for _ in range(2):
        assert notebook.run(cell).error is None
        assert counter.programs == 1
    notebook.run(cell.replace("exp", "sin"))
    assert counter.programs == 2


def test_a_function_whose_cache_is_gone_still_shows_and_runs(
    notebook: Notebook, fresh_cache: Path
) -> None:
    ran = notebook.run("%%symfunc f(x: dvector) --target c\n(x * x).sum()")
    shutil.rmtree(fresh_cache)
    html = ran.value._repr_mimebundle_()["text/html"]
    assert "could not draw" not in html
    assert "for (int64" in html
    assert "could not draw" not in kg.explain(ran.value).html
    assert notebook["f"]([3.0, 4.0]) == 25.0
    assert notebook.run("%%symfunc g(x: dvector) --target c\n(x * x).sum() + 1").error is None


SLEEPY = """#!/bin/sh
case " $* " in *" --version "*|*" -E "*) exec gcc "$@";; esac
touch {mark}
sleep 60
"""


def test_an_interrupted_compilation_leaves_a_working_kernel(
    notebook: Notebook, fresh_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark, compiler = tmp_path / "started", tmp_path / "cc"
    compiler.write_text(SLEEPY.format(mark=mark))
    compiler.chmod(0o755)

    def interrupt() -> None:
        deadline = time.monotonic() + 30
        while not mark.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setenv("KERNELGRAPH_CC", str(compiler))
        threading.Thread(target=interrupt).start()
        began = time.monotonic()
        ran = notebook.run("%%symfunc f(x: dvector) --target c\n(x * x).sum()")
    assert isinstance(ran.error, KeyboardInterrupt)
    assert time.monotonic() - began < 30
    assert last_frame(ran) == "1 %%symfunc f(x: dvector) --target c"
    assert "f" not in notebook
    assert notebook.run("%%symfunc f(x: dvector) --target c\n(x * x).sum()").error is None
    assert notebook["f"]([3.0, 4.0]) == 25.0


# The extension -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("default_show")
def test_settings_reach_the_magics_after_a_reload(notebook: Notebook, published: Published) -> None:
    notebook.run("%reload_ext kernelgraph")
    kinds = [type(one).__name__ for one in notebook.shell.configurables]
    assert kinds.count("SymfuncMagics") == 1
    run_quietly(notebook, "%config SymfuncMagics.show = 'tree'")
    run_quietly(notebook, f"{HEAD}\n{BODY}")
    assert "1. tree" in published.html


# Branches on symbols: case H-52 of the project's catalogue of hostile cases ----------------------


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        ("if x > 0:\n    y = x\nelse:\n    y = -x\ny", "y = kg.ifelse(x > 0, x, -x)"),
        ("y = x if x > 0 else -x\ny", "y = kg.ifelse(x > 0, x, -x)"),
        ("bool(x)\nx", "kg.ifelse(condition, a, b)"),
        ("len(v)\nx", "x.shape[0] is its symbol"),
        ("for item in v:\n    pass\nx", "kg.scan(...)"),
        ("max(x, 0)", "T.maximum(x, 0)"),
    ],
)
def test_h52_a_branch_on_a_symbol_is_rewritten(notebook: Notebook, body: str, hint: str) -> None:
    notebook.run("import builtins\nmax = builtins.max")
    number = notebook.next_number
    ran = notebook.run(f"%%symfunc f(x, v: dvector) --target interpret\n{body}")
    assert isinstance(ran.error, SymbolicError)
    assert f"Cell In[{number}], line 2" in str(ran.error)
    assert hint in str(ran.error)
    assert last_frame(ran) == f"2 {body.splitlines()[0]}"


# Hostile text: cases H-84 to H-86 ----------------------------------------------------------------


EVIL = "<img src=x onerror=alert(1)>"


def test_h84_a_name_that_is_markup_is_text_in_every_view(
    notebook: Notebook, published: Published
) -> None:
    notebook.run("import kernelgraph as kg\nw = kg.shared(2.0)\nw.name = " + repr(EVIL))
    cell = "%%symfunc f(x) --target interpret --show all --grad w\ny = x * w\ny * y"
    run_quietly(notebook, cell)
    assert EVIL not in published.html
    assert "&lt;img src=x" in published.html


def test_h85_the_text_of_an_error_is_text(notebook: Notebook, published: Published) -> None:
    notebook.run(f"def harm(*_):\n    raise ValueError({EVIL!r})")
    notebook.run(
        "import kernelgraph as kg\nimport kernelgraph.tensor as T\n"
        "class Harm(kg.Op):\n"
        "    def make_node(self, x): return kg.Apply(self, [x], [x.type()])\n"
        "    perform = grad = harm"
    )
    value = run_quietly(notebook, "%%symfunc f(x) --target interpret --show all\nHarm()(x)")
    assert value is None
    assert "(could not draw: " in published.html
    assert EVIL not in published.html
    ran = notebook.run("%symcheck f")
    assert EVIL in ran.stdout, "in a terminal it is what it is"
    assert EVIL not in ran.value._repr_mimebundle_()["text/html"]


@pytest.mark.parametrize("place", ["/etc/passwd", "http://localhost:9/x.svg"])
@pytest.mark.parametrize("magic", ["symgraph", "symsteps", "symtree", "symsource", "symcheck"])
def test_h86_a_path_is_a_text_and_no_file(notebook: Notebook, magic: str, place: str) -> None:
    assert "got str" in usage_error(notebook.run(f"%{magic} {place!r}"))


def test_an_interrupted_body_shows_its_line(notebook: Notebook) -> None:
    notebook.run("import os, signal\ndef interrupt(): os.kill(os.getpid(), signal.SIGINT)")
    ran = notebook.run("%%symfunc f(x) --target interpret\ny = x + 1\ninterrupt()\ny")
    assert isinstance(ran.error, KeyboardInterrupt)
    assert "3 interrupt()" in ran.stdout
    assert "magics.py" not in ran.stdout
    assert "f" not in notebook
