"""docs/PARITY.md is what tools/parity.py writes, and the tests that it names are there."""

from __future__ import annotations

import ast
import importlib
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

import parity as tool

from kernelgraph import theano as alias
from tests.theano.parity import ELSEWHERE

ROOT = Path(__file__).parents[2]
NO_NAMES = {"givens", "updates", "default_update", "copy", "pickle"}
"""What is an argument, an attribute or a use, and no name of a module."""


def test_the_page_is_true() -> None:
    assert tool.PAGE.read_text(encoding="utf-8") == tool.page(), "run ./kg python tools/parity.py"


@pytest.mark.parametrize("module", ELSEWHERE)
def test_what_is_shown_elsewhere_is_there_and_tested(module: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        alias.install()
    try:
        owner: Any = importlib.import_module(module)
        for names, test in ELSEWHERE[module].items():
            file, _, function = test.partition("::")
            tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
            defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
            assert function in defined, test
            missing = [name for name in names.split() if not hasattr(owner, name)]
            assert not set(missing) - NO_NAMES
    finally:
        alias.uninstall()
