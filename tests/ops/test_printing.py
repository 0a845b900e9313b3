"""`Print`: prints when a function computes it, and changes nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.ops.printing import Print

TARGETS = ("c", "python", "interpret")


@pytest.mark.parametrize("target", TARGETS)
def test_it_prints_and_hands_on(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    x = T.dvector("x")
    f = kg.function([x], Print("x", attrs=("__str__", "shape"))(x) * 2, target=target)
    assert capsys.readouterr().out == ""
    assert f([1.0, 2.0]).tolist() == [2.0, 4.0]
    assert capsys.readouterr().out == "x __str__ = [1. 2.]\nx shape = (2,)\n"


def test_the_gradient_passes_through(capsys: pytest.CaptureFixture[str]) -> None:
    x = T.dvector("x")
    f = kg.function([x], T.grad((Print("x")(x) ** 2).sum(), x))
    assert f([3.0]).tolist() == [6.0]
    assert "x __str__" in capsys.readouterr().out


def test_two_of_them_both_print(capsys: pytest.CaptureFixture[str]) -> None:
    x = T.dscalar("x")
    kg.function([x], Print("a")(x) + Print("a")(x))(1)
    assert capsys.readouterr().out.count("a __str__") == 2


def test_something_else_than_printing() -> None:
    seen: list[Any] = []
    x = T.dvector("x")
    watch = Print(global_fn=lambda op, value: seen.append(np.array(value)))
    kg.function([x], watch(x))([5.0])
    assert seen[0].tolist() == [5.0]
