"""Every function of arrays, called with an operand whose sizes or numbers are wrong: every mode and
every back end says what NumPy, node by node, says of the expression as it is written.

What does not fit is an error of ours at the user's line; what fits has the same numbers.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
from kernelgraph.errors import KernelgraphError
from kernelgraph.graph import Variable
from tests.misuse import operands
from tests.misuse.operands import FUNCTIONS, expressions, symbols, wrong
from tests.support import hunting, quick_compiler

Outcome = tuple[str, Any]

WAYS: dict[str, dict[str, Any]] = {
    "python": {"target": "python"},
    "no rules": {"target": "python", "mode": "FAST_COMPILE"},
    "c": {"target": "c"},
}
NAMES = [*FUNCTIONS]
DRAWN = random.Random(3).sample(NAMES, 80)
IN_C = 4
"""In a test run some functions are called, so many of them compiled; in a hunt all are."""


def outcome(function: Any, given: Sequence[Any]) -> Outcome:
    """The class of the error of a call, or its results. Errors that are not ours go through."""
    try:
        return "fits", function(*given)
    except KernelgraphError as error:
        caught = error
    text = str(caught)
    assert any(place.filename == operands.__file__ for place in caught.places), text
    assert len(text.splitlines()) <= 20, text
    return type(caught).__name__, text


def compare(name: str, ways: Sequence[str]) -> None:
    kinds = FUNCTIONS[name][0]
    cases = list(wrong(kinds))
    inputs = symbols(cases[0].operands)
    made = expressions(name, inputs)
    for outputs in [made[:1], made[1:]]:  # a function alone, and its gradients alone
        if outputs:
            _compare(name, inputs, outputs, ways)


def _compare(
    name: str, inputs: list[Variable], outputs: list[Variable], ways: Sequence[str]
) -> None:
    options: dict[str, Any] = {"on_unused_input": "ignore"}
    meant = kg.function(inputs, outputs, target="interpret", rules=(), **options)
    functions = {way: kg.function(inputs, outputs, **WAYS[way], **options) for way in ways}
    for case in wrong(FUNCTIONS[name][0]):
        kind, right = outcome(meant, case.operands)
        assert kind == "fits" or case.text != "all right", right
        for way, function in functions.items():
            found, got = outcome(function, case.operands)
            message = f"{name}, {case.text}, {way}: {found} {got}\nright: {kind} {right}"
            assert found == kind, message
            if kind == "fits":
                for one, other in zip(got, right, strict=True):
                    np.testing.assert_allclose(one, other, 1e-9, 1e-9, err_msg=message)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", NAMES if hunting() else DRAWN)
def test_wrong_operands_without_a_compiler(name: str) -> None:
    compare(name, ["python", "no rules"] if hunting() else ["python"])


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", NAMES if hunting() else DRAWN[:IN_C])
def test_wrong_operands_in_c(
    name: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder: Path = tmp_path_factory.getbasetemp()
    monkeypatch.setenv("KERNELGRAPH_CACHE", str(folder / "compiled"))
    monkeypatch.setenv("KERNELGRAPH_CC", quick_compiler(folder, "-O0"))
    compare(name, ["c"])
