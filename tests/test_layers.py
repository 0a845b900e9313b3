"""The architecture as a test: which package may import which, and how large a package may grow."""

from __future__ import annotations

import ast
import importlib
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kernelgraph.elementwise import Elementwise
from kernelgraph.op import Op, Scatter, View

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "kernelgraph"
MODULES = sorted(PACKAGE.rglob("*.py"))

LINES_PER_FILE = 500
LINES_PER_FUNCTION = 50

# From the user's side to the ground; packages of one tuple never import each other.
LAYERS = [
    ("theano", "jupyter", "array_api"),
    ("tensor",),
    ("viz",),
    ("function",),
    ("calling_convention", "profile", "givens"),
    ("arguments",),
    ("compiler", "targets"),
    ("watched",),
    ("cuda",),
    ("c", "interpreted", "python"),
    ("target",),
    ("mapping",),
    ("loops",),
    ("schedule",),
    ("rewrite",),
    ("autodiff", "lint", "vectorize"),
    ("gradient_arguments",),
    ("example_values", "promotion"),
    ("interpret",),
    ("size_facts",),
    ("ops",),
    ("elementwise",),
    ("op",),
    ("cloning", "sharing"),
    ("function_graph", "mismatches", "notices", "partials", "routines", "symbols", "writer"),
    ("graph",),
    ("pickling",),
    ("types", "hooks", "branches", "comparisons", "remembered", "walks"),
    ("protocols", "dtypes", "turns"),
    ("config",),
    ("expect",),
    ("errors", "lazy"),
    ("formats", "locations"),
    ("access", "collector", "names", "templates"),
]


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
        ],
        cwd=folder,
        capture_output=True,
        text=True,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package that a test may spoil."""
    shutil.copytree(PACKAGE, tmp_path / "kernelgraph", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    return tmp_path


def add_import(folder: Path, package: str, line: str) -> None:
    path = folder / "kernelgraph" / package
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    file.write_text(f"{file.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")


def test_imports_run_one_way() -> None:
    linted = lint_imports(ROOT)
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_the_contract_is_the_house() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    (packages,) = (contract for contract in contracts if contract["id"] == "packages")
    layers = packages["layers"]
    written = [tuple(name.strip(" ()") for name in layer.split("|")) for layer in layers]
    assert written == LAYERS
    assert packages["exhaustive"]


@pytest.mark.parametrize(
    ("package", "line"),
    [
        ("graph", "import kernelgraph.op"),
        ("ops", "def late():\n    from kernelgraph import rewrite"),
        ("c", "import kernelgraph.python"),
        ("types", "from kernelgraph import tensor"),
    ],
)
def test_an_import_up_or_across_is_caught(copy: Path, package: str, line: str) -> None:
    add_import(copy, package, line)
    linted = lint_imports(copy)
    assert linted.returncode != 0
    assert "BROKEN" in linted.stdout, linted.stdout + linted.stderr


def test_a_room_outside_the_plan_is_caught(copy: Path) -> None:
    (copy / "kernelgraph" / "shed.py").write_text('"""A package nobody planned."""\n')
    linted = lint_imports(copy)
    assert linted.returncode != 0
    assert "kernelgraph.shed" in linted.stdout, linted.stdout + linted.stderr


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_rooms_stay_small(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LINES_PER_FILE
    long = {
        f"{function.name} (line {function.lineno})": length
        for function, length in functions(ast.parse(text))
        if length > LINES_PER_FUNCTION
    }
    assert long == {}


def functions(tree: ast.AST) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, int]]:
    """Every function of ``tree`` with the number of lines from its ``def`` to its end."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node, (node.end_lineno or node.lineno) - node.lineno + 1


# ------------------------------------------------------------- stages know ops by their kind alone

STAGES = [*(PACKAGE / name for name in ("schedule", "loops", "mapping", "c", "python", "cuda"))]
STAGE_MODULES = [
    *(module for stage in STAGES for module in sorted(stage.rglob("*.py"))),
    *sorted(PACKAGE.glob("target*.py")),
]
KNOWN_BY_CLASS = ["Arange", "Enclosed", "Gather", "IfElse", "Position", "Scan"]
"""The ops for which a stage tests by their class, each with its reason there."""


def class_patterns(module: Path) -> Iterator[type[Any]]:
    """The classes of ops that a module tests for, by `isinstance` or by `case`."""
    names = module.relative_to(ROOT).with_suffix("").parts
    known = vars(importlib.import_module(".".join(names).removesuffix(".__init__")))
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        match node:
            case ast.MatchClass(cls=pattern):
                pass
            case ast.Call(func=ast.Name("isinstance"), args=[_, pattern]):
                pass
            case _:
                continue
        text = ast.unparse(pattern).strip("()").replace(",", "|")
        for name in (part.strip() for part in text.split("|")):
            kind = known.get(name)
            if isinstance(kind, type) and issubclass(kind, Op):
                yield kind


def is_concrete(kind: type[Any]) -> bool:
    """Whether a class is that of an op; kinds are in `op.py`, those of writes the plan's own."""
    kinds = ("kernelgraph.op", "kernelgraph.schedule.writes")
    return kind.__module__ not in kinds and kind is not Elementwise


def test_stages_know_ops_by_their_kind() -> None:
    tests = [kind for module in STAGE_MODULES for kind in class_patterns(module)]
    assert {Elementwise, Scatter, View} <= set(tests), "kinds are found, so classes would be"
    assert sorted(kind.__name__ for kind in tests if is_concrete(kind)) == KNOWN_BY_CLASS
