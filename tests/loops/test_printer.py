"""What printers have in common: brackets only where they are needed, and helpers that ops name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c.target import CTarget
from kernelgraph.cuda.target import CudaTarget
from kernelgraph.elementwise import OPS, Elementwise, elementwise, floating
from kernelgraph.graph import Graph
from kernelgraph.loops.printer import is_atom
from kernelgraph.python.target import PythonTarget
from kernelgraph.target import Target, mapped
from kernelgraph.templates import Helper
from tests.mapping.conftest import lowered


@pytest.mark.parametrize(
    "text", ["x", "x[i]", "x[row][lane]", "exp(x)", "(-1.0)", "3.5", "f(a, b)"]
)
def test_what_needs_no_brackets(text: str) -> None:
    assert is_atom(text)


@pytest.mark.parametrize("text", ["a + b", "-x", "(a) * (b)", "exp(x) + 1", "f(g(x))", "a ? b : c"])
def test_what_needs_brackets(text: str) -> None:
    assert not is_atom(text)


@pytest.fixture
def cube(monkeypatch: pytest.MonkeyPatch) -> Elementwise:
    """An op of one block, with a helper of its own that calls another."""
    square = Helper(
        "square_of",
        c="#define square_of(x) ((x) * (x))\n",
        cuda="template <class T> __device__ T square_of(T x) { return x * x; }\n",
        python="def square_of(x):\n    return x * x",
    )
    third = Helper(
        "third_power",
        c="#define third_power(x) (square_of(x) * (x))\n",
        cuda="template <class T> __device__ T third_power(T x) { return square_of(x) * x; }\n",
        python="def third_power(x):\n    return square_of(x) * x",
        needs=(square,),
    )
    monkeypatch.setattr("kernelgraph.elementwise.OPS", dict(OPS))
    return elementwise(
        "cube", "x * x * x.", numpy=lambda x: x * x * x, c="third_power({x})", helpers=(third,),
        signature=floating, partials=lambda x, out: (3 * x * x,),
    )  # fmt: skip


def printed(target: str, *outputs: Any) -> str:
    """The text of the graph of x."""
    x = T.dvector("x")
    program = lowered(Graph((x,), tuple(make(x) for make in outputs)))
    return TARGETS[target].print(mapped(program, TARGETS[target])).text


TARGETS: dict[str, Target] = {"c": CTarget(), "cuda": CudaTarget(), "python": PythonTarget()}

DEFINITIONS = {
    "c": ("#define square_of", "#define third_power"),
    "cuda": ("T square_of", "T third_power"),
    "python": ("def square_of", "def third_power"),
}


@pytest.mark.parametrize("target", DEFINITIONS)
def test_helpers_of_an_op_are_printed_once_behind_what_they_need(
    target: str, cube: Elementwise
) -> None:
    text = printed(target, cube, lambda x: cube(x + 1).sum())
    first, second = DEFINITIONS[target]
    assert text.count(first) == text.count(second) == 1
    assert text.index(first) < text.index(second) < text.rindex("third_power(")


@pytest.mark.parametrize("target", DEFINITIONS)
def test_helpers_that_no_op_of_a_program_names_are_not_printed(
    target: str, cube: Elementwise
) -> None:
    text = printed(target, lambda x: x + x)
    assert not any(definition in text for definition in DEFINITIONS[target])


@pytest.mark.parametrize("target", ["c", "python"])
def test_an_op_with_a_helper_of_its_own_runs(target: str, cube: Elementwise) -> None:
    x, named = T.dvector("x"), T.dvector("third_power")
    f = kg.function([x, named], cube(x) + named, target=target)
    assert f([2.0, -3.0], [0.5, 0.0]).tolist() == [8.5, -27.0]
    assert np.isnan(f([np.nan], [0.0])).all()
