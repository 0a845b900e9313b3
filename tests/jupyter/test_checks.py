"""`%symprofile` and `%symcheck`, as lines of a notebook."""

from __future__ import annotations

import pytest

from kernelgraph.jupyter.asking import split_call
from kernelgraph.profile import Profile
from kernelgraph.tensor.measurement import CALLS
from kernelgraph.tensor.verification import Verification

from .conftest import Notebook
from .test_views import usage_error

PREPARE = """
import numpy as np
import kernelgraph as kg
import kernelgraph.tensor as T
x, lr = T.dvector("x"), T.dscalar("lr")
w = kg.shared(np.ones(3), name="w")
cost = T.sqr(x * w).sum()
f = kg.function([x, kg.In(lr, value=0.5)], cost, updates=[(w, w - lr * kg.grad(cost, w))],
                target="python")
v = np.array([1.0, -2.0, 0.5])
number = 3
"""


@pytest.fixture
def prepared(notebook: Notebook) -> Notebook:
    assert notebook.run(PREPARE).error is None
    return notebook


@pytest.mark.parametrize("line", ["f v", "f v, lr=0.1", "f(v)", "f (v, lr=0.1)", "f [1, 2, 3.5]"])
def test_a_profile_of_some_calls(prepared: Notebook, line: str) -> None:
    ran = prepared.run(f"%symprofile {line}")
    assert isinstance(ran.value, Profile)
    assert ran.value.calls == CALLS
    assert prepared["w"].get_value().tolist() == [1.0, 1.0, 1.0]
    assert not prepared["f"].profile


def test_a_profile_of_so_many_calls(prepared: Notebook) -> None:
    assert prepared.run("%symprofile f v -n 3").value.calls == 3
    assert prepared.run("%symprofile f v --calls 4").value.calls == 4


@pytest.mark.parametrize("line", ["f", "f v", "f(v, lr=2.0)"])
def test_a_check(prepared: Notebook, line: str) -> None:
    ran = prepared.run(f"%symcheck {line}")
    assert isinstance(ran.value, Verification)
    assert ran.value.passed
    assert "target python   ✓ same values" in ran.stdout
    assert prepared["w"].get_value().tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("%symprofile", "what shall be shown?"),
        ("%symcheck g", "there is nothing called g in this notebook"),
        ("%symprofile cosst v", "(did you mean cost?)"),
        ("%symprofile f", "missing required input of f(x: float64[?], lr: float64 = 0.5): x"),
        ("%symprofile f v, v, v", "too many arguments: 3 given"),
        ("%symprofile f v, x=v", "two values for input 'x'"),
        ("%symprofile f nosuch", "the arguments nosuch cannot be read: name 'nosuch'"),
        ("%symprofile f v +", "the arguments v + cannot be read"),
        ("%symprofile f v -n 0", "at least once"),
        ("%symprofile f v -n few", "invalid int value"),
        ("%symprofile cost", "expected a compiled function, got Variable"),
        ("%symcheck number", "expected a compiled function, got int"),
        ("%symcheck f 'text'", "argument 0 'x' of f"),
        ("%symcheck f v --wrong", "--wrong"),
    ],
)
def test_a_mistake_is_one_line(prepared: Notebook, line: str, words: str) -> None:
    assert words in usage_error(prepared.run(line))


@pytest.mark.parametrize("magic", ["symprofile", "symcheck"])
def test_each_says_what_it_does(prepared: Notebook, magic: str) -> None:
    ran = prepared.run(f"%{magic} -h")
    assert ran.value is None
    assert f"%{magic}" in ran.stdout
    assert "--help" in prepared.run(f"%{magic}?").stdout


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("f", ("f", "")),
        ("f()", ("f", "")),
        ("m.f(x, *y, z=1, **k)", ("m.f", "x, *y, z=1, **k")),
        ("f (x)", ("f", "x")),
        ("f (x), y", ("f", "(x), y")),
        ("f [x, y], z=1", ("f", "[x, y], z=1")),
        ("f  x", ("f", "x")),
        ("fs[0](x)", ("fs[0]", "x")),
    ],
)
def test_a_call_in_two_spellings(text: str, parts: tuple[str, str]) -> None:
    assert split_call(text) == parts
