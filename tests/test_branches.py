"""The advice for a branch on a symbol, taken at its word: the rewritten line is run."""

from __future__ import annotations

import linecache
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.branches import CHOICES
from kernelgraph.errors import SymbolicError
from kernelgraph.graph import Variable


def advice(code: str, name: str = "<written here>", **names: Any) -> str:
    """The hint of the error with which this code ends."""
    linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
    with pytest.raises(SymbolicError) as caught:
        exec(compile(code, name, "exec"), {"T": T, "kg": kg, **names})
    assert caught.value.code == "KG-G010"
    hint = caught.value.hint
    assert hint is not None
    assert f"  Try:  {hint}" in str(caught.value)
    assert len(str(caught.value).splitlines()) <= 12
    return hint


def first_line(hint: str) -> str:
    line, _, rest = hint.partition("\n")
    assert rest.strip() == f"({CHOICES})"
    return line


CASES = [
    ("if x > 0:\n    y = x\nelse:\n    y = -x\n", "y = T.switch(x > 0, x, -x)"),
    ("y = x if x > 0 else -x\n", "y = T.switch(x > 0, x, -x)"),
    ("y = 1 + (x if x > 0 else -x) * 2\n", "y = 1 + (T.switch(x > 0, x, -x)) * 2"),
    ("y = x * 2\nif x > 0:\n    y = x\n", "y = T.switch(x > 0, x, y)"),
    (
        "if x > 1:\n    y = x\nelif x > 0:\n    y = 2 * x\nelse:\n    y = 0 * x\n",
        "y = T.switch(x > 1, x, T.switch(x > 0, 2 * x, 0 * x))",
    ),
    ("y = x if 0 < x < 1 else -x\n", "y = T.switch(T.switch(0 < x, x < 1, False), x, -x)"),
    (
        "y = x if x > 0 and x < 1 else -x\n",
        "y = T.switch(T.switch(x > 0, x < 1, False), x, -x)",
    ),
    ("y = x if x > 1 or x < 0 else -x\n", "y = T.switch(T.switch(x > 1, True, x < 0), x, -x)"),
    ("y = -x if not x > 0 else x\n", "y = T.switch(T.switch(x > 0, False, True), -x, x)"),
    ("y = max(x, 0)\n", "y = T.maximum(x, 0)"),
    ("é = 1; y = min(x, é)\n", "y = T.minimum(x, é)"),
    ("y = (\n    x\n    if x > 0\n    else -x\n)\n", "y = ( T.switch(x > 0, x, -x) )"),
]


def expected(line: str, number: float) -> float:
    """What the line means in Python, where `x` is a number."""
    names: dict[str, Any] = {"x": number}
    exec(line, names)
    return names["y"]


@pytest.mark.parametrize(("code", "line"), CASES, ids=range(len(CASES)))
@pytest.mark.parametrize("rank", [0, 1])
def test_the_rewritten_line_says_what_the_branch_meant(code: str, line: str, rank: int) -> None:
    x = Variable(T.TensorType("float64", (None,) * rank), "x")
    found = first_line(advice(code, x=x))
    if rank == 0:
        outer = line.replace("T.switch", "kg.ifelse", 1)
        assert found == (outer if "elif" not in code else line.replace("T.switch", "kg.ifelse"))
    else:
        assert found == line
    names: dict[str, Any] = {"T": T, "kg": kg, "x": x, "y": 2 * x, "é": 1}
    exec(found, names)
    f = kg.function([x], names["y"], target="interpret")
    for number in (-1.5, 0.0, 0.5, 1.0, 2.0):
        value = np.full((2,) * rank, number)
        np.testing.assert_array_equal(f(value), np.full((2,) * rank, expected(code, number)))


def test_returns_in_a_function() -> None:
    both = "def f(x):\n    if x > 0:\n        return x\n    else:\n        return -x\nf(x)\n"
    after = "def f(x):\n    if x > 0:\n        return x\n    return -x\nf(x)\n"
    for code in (both, after):
        assert first_line(advice(code, x=T.dscalar())) == "return kg.ifelse(x > 0, x, -x)"


def test_a_branch_that_does_other_things() -> None:
    code = "if x > 0:\n    print(x)\n    y = 1\nelse:\n    z = 2\n"
    hint = advice(code, x=T.dvector())
    assert first_line(hint) == "result = T.switch(x > 0, value_if_true, value_if_false)"


@pytest.mark.parametrize(
    "code",
    [
        "while x > 0:\n    x = x - 1\n",
        "assert x > 0\n",
        "y = [1 for k in range(3) if x > k]\n",
        "bool(x)\n",
        "y = sorted([x, x])\n",
    ],
)
def test_what_has_no_such_form_gets_general_advice(code: str) -> None:
    assert advice(code, x=T.dvector()) == CHOICES


def test_code_that_is_not_at_hand() -> None:
    name = "<gone>"
    with pytest.raises(SymbolicError) as caught:
        exec(compile("y = 1 if x > 0 else 2", name, "exec"), {"x": T.dvector()})
    assert caught.value.hint == CHOICES
    linecache.cache["<other>"] = (3, None, ["((((\n"], "<other>")
    with pytest.raises(SymbolicError) as caught:
        exec(compile("y = 1 if x > 0 else 2", "<other>", "exec"), {"x": T.dvector()})
    assert caught.value.hint == CHOICES


def test_a_very_long_line_is_not_repeated() -> None:
    code = f"y = x if x > 0 else x + {' + '.join(['x'] * 100)}\n"
    assert advice(code, x=T.dvector()) == CHOICES


def test_deep_code_is_no_obstacle() -> None:
    code = f"y = 1 if x > 0 else {'(' * 60}2{')' * 60}\n"
    hint = advice(code, x=T.dvector())
    assert hint.startswith("y = T.switch(x > 0, 1, ")


def test_the_other_branches_are_left_alone() -> None:
    code = "if True:\n    y = 1 if x > 0 else 2\nelse:\n    y = 3\n"
    assert first_line(advice(code, x=T.dvector())) == "y = T.switch(x > 0, 1, 2)"
