"""What Theano 1.0.5 printed for expressions, letter by letter: a tree, then a formula.

`printed.txt` was written by Theano itself: each expression after `==`, then what its `debugprint`
and its `pp` gave.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph import theano as alias
from kernelgraph.theano.text import debugprint, pp

BLOCKS = (Path(__file__).parent / "printed.txt").read_text().removeprefix("== ").split("\n== ")
CASES = [block.rstrip("\n").split("\n", 1) for block in BLOCKS]


@pytest.fixture
def theano() -> Iterator[Any]:
    yield alias.install()
    alias.uninstall()


def names(T: Any) -> dict[str, Any]:  # noqa: N803
    y, X, w, b0 = T.dvector("y"), T.dmatrix("X"), T.dvector("w"), T.dscalar("b")
    x, s = T.dvector("x"), T.dscalar("s")
    p = 1 / (1 + T.exp(-T.dot(X, w) - b0))
    cost = (-y * T.log(p) - (1 - y) * T.log(1 - p)).mean() + 0.01 * (w**2).sum()
    cost2 = (x * s).sum()
    cost2.name = "c"
    return {
        "t": T.dscalar("t"), "X": X, "w": w, "b": T.dvector("b"), "b0": b0, "cost": cost,
        "cost2": cost2,
        "T": T, "np": np, "x": x, "y": y, "m": T.dmatrix("m"),
        "n": T.lscalar("n"), "r": T.row("r"), "f": T.fvector("f"), "i": T.ivector("i"),
        "s": s,
    }  # fmt: skip


@pytest.mark.parametrize(("expression", "printed"), CASES, ids=[case[0] for case in CASES])
def test_letter_by_letter(expression: str, printed: str, theano: Any) -> None:
    variable = eval(expression, names(theano.tensor))
    tree = debugprint(variable, file="str")
    assert f"{tree}{pp(variable)}" == printed


def test_there_are_many() -> None:
    assert len(CASES) > 40


def test_an_index_is_a_constant_of_its_own() -> None:
    m = T.dmatrix("m")
    lines = str(debugprint(m.mean(), file="str")).splitlines()
    assert lines[-1] == "   |Constant{1} [id J]"
    assert lines[-2] == "   |Elemwise{Cast{float64}} [id F] ''   "


def test_a_compiled_function_shows_what_runs() -> None:
    x = T.dvector("x")
    f = kg.function([x], x.mean())
    assert "Shape [" not in str(debugprint(f, file="str"))
