"""`x == 0` is no formula: who writes it is told so, and nobody else hears of it."""

from __future__ import annotations

import copy
import pickle
import random
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.comparisons import SymbolicWarning
from kernelgraph.graph import Variable
from tests.fuzz.programs import program

X: Any = T.dvector("x")
Y: Any = T.dvector("y")
S: Any = T.dscalar("s")
NAMES = {"T": T, "kg": kg, "np": np, "x": X, "y": Y, "s": S}


def told(source: str) -> list[str]:
    """The warnings of a line of a user, which must be about that line."""
    import linecache

    filename = f"<user {source}>"
    linecache.cache[filename] = (len(source), None, [source + "\n"], filename)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        exec(compile(source, filename, "exec"), dict(NAMES))
    assert all((one.filename, one.lineno) == (filename, 1) for one in caught)
    assert all(issubclass(one.category, SymbolicWarning) for one in caught)
    return [str(one.message) for one in caught]


LOUD = [
    ("T.switch(x == 0, 1.0, T.sin(x) / x)", "T.eq(x, 0)"),
    ("T.where(x != 0, T.sin(x) / x, 1.0)", "T.neq(x, 0)"),
    ("kg.ifelse(s == 1.5, x, y)", "T.eq(s, 1.5)"),
    ("kg.ifelse(s == x, x, y)", "T.eq(s, x)"),
    ("T.switch(x == y, x, y)", "T.eq(x, y)"),
    ("T.switch(not x == 1, x, y)", "T.eq(x, 1)"),
    ("T.switch(x == 1 or x == 2, x, y)", "T.eq(x, 1)"),
    ("T.switch(x in [0], x, y)", "T.eq(x, 0)"),
    ("T.switch(True, x, y)", "T.eq("),
    ("if x == y: pass", "T.eq(x, y)"),
    ("if x != y: pass", "T.neq(x, y)"),
    ("while x == y: break", "T.eq(x, y)"),
    ("z = x if x == y else y", "T.eq(x, y)"),
    ("z = not (x == y)", "T.eq(x, y)"),
    ("if x == 0: pass", "T.eq(x, 0)"),
    ("z = x == 0", "T.eq(x, 0)"),
    ("z = 0 == x", "T.eq(x, 0)"),
    ("z = x != 2.5", "T.neq(x, 2.5)"),
    ("z = x == [1, 2]", "T.eq(x, [1, 2])"),
    ("z = x == True", "T.eq(x, True)"),
    ("z = x in (1, 2)", "T.eq(x, 1)"),
    ("z = x == np.array([1.0, 2.0])", "T.eq(x, [1.0, 2.0])"),
    ("z = np.array([1.0, 2.0]) == x", "T.eq(x, [1.0, 2.0])"),
    ("z = x != np.float64(0)", "T.neq(x, 0.0)"),
    ("z = np.float32(0.5) == x", "T.eq(x, 0.5)"),
    ("z = np.array(3) != s", "T.neq(s, 3)"),
    ("z = x in [np.array([0, 1])]", "T.eq(x, [0, 1])"),
    ("T.switch(x == np.array([1.0, 2.0]), x, y)", "T.eq(x, [1.0, 2.0])"),
    ("kg.ifelse(s == np.int64(2), x, y)", "T.eq(s, 2)"),
    ("z = (x == 0) * y", "T.eq(x, 0)"),
    ("z = (x == y) * y", "T.eq(x, y)"),
    ("z = T.mean(x == y)", "T.eq(x, y)"),
    ("z = T.sum(x != y)", "T.neq(x, y)"),
    ("z = 1.0 - (x == y)", ""),
    ("z = [v for v in [y] if v == x]", "T.eq("),
]


@pytest.mark.parametrize(("source", "meant"), LOUD)
def test_comparisons_by_identity_are_named(source: str, meant: str) -> None:
    if source == "z = 1.0 - (x == y)":  # numbers of Python alone: nothing of ours runs
        assert told(source) == []
        return
    found = told(source)
    assert found
    assert all("[KG-G016]" in one for one in found)
    assert any(meant in one for one in found)


SILENT = [
    "z = x in [y, x], [y, x].index(x), {x: 1}[x], {x, y} == {y, x}, [x, y] == [y, x]",
    "z = (x, y) == (y, x), x == x, x != x, x == y, x != y, x == None, x == 'x'",
    "if [x, y] == [y, x]: pass",
    "if x is y: pass",
    "z = np.equal(x, 0), np.not_equal(np.array([1.0]), x), T.eq(x, np.array([1.0]))",
    "z = x < np.array([1.0]), np.float64(2) >= x, np.array([1.0]) + x",
    "z = [x, y, s].count(s), [x, y][:1] + [s], [x, y].remove(y)",
    "z = T.switch(T.eq(x, 0), True, False), T.eq(x, True), T.switch(x > 0, x, 0)",
    "z = kg.ifelse(s > 0, x, y), T.switch(T.neq(x, y), x, y)",
    "z = T.grad(T.switch(T.eq(x, 0), x, x * x).sum(), x)",
    "z = kg.function([x, y], T.switch(x > 0, y, 0), target='python')",
    "z = kg.function([y], x * 2, givens={x: y * 2}, target='python')",
    "z = T.as_tensor_variable(True), T.constant(False), kg.shared(True)",
]


@pytest.mark.parametrize("source", SILENT)
def test_what_is_no_formula_is_silent(source: str) -> None:
    assert told(source) == []


def test_identity_stays() -> None:
    same: list[Any] = [X == X, X == Y, X != Y, X != X, X is X]
    assert same == [True, False, True, False, True]
    table = {X: 1, Y: 2}
    assert (table[X], table[Y], S in table) == (1, 2, False)
    with pytest.warns(SymbolicWarning, match=r"T\.eq\(x, 0\)"):
        assert (X == 0) is False


def test_arrays_and_numpys_numbers_are_other_things() -> None:
    array: Any = np.array([1.0, 2.0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SymbolicWarning)
        same: list[Any] = [X == array, array == X, np.float64(0) == X, X in [array]]  # noqa: SIM300
        other: list[Any] = [X != array, array != X, np.int64(0) != S]  # noqa: SIM300
    assert (same, other) == ([False] * 4, [True] * 3)
    assert isinstance(np.equal(X, array), Variable)


def test_a_chain_of_comparisons_is_still_an_error() -> None:
    with pytest.raises(TypeError, match=r"T\.switch"):
        exec("0 < x < 1", dict(NAMES))


@given(st.integers(0, 2**32))
def test_this_package_raises_no_false_alarm(seed: int) -> None:
    """Warnings are errors here: whatever is built, copied, pickled, compiled and shown."""
    graph = program(seed)
    chance = random.Random(seed)
    f = kg.function(
        list(graph.inputs), list(graph.outputs), on_unused_input="ignore",
        target=chance.choice(["interpret", "python"]),
    )  # fmt: skip
    copy.deepcopy(graph)
    pickle.loads(pickle.dumps(f))
    kg.lint(graph)
    kg.debugprint(graph.outputs[0], file="str")
    repr(f.stages.schedule)
    floats = [v for v in graph.outputs if isinstance(v, Variable) and v.dtype == "float64"]
    if floats:
        T.grad(T.sum(floats[0]), list(graph.inputs), disconnected_inputs="ignore")
