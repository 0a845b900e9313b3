"""A counter-example is a sentence, and a program that shows it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from kernelgraph.rewrite.proof.check import examine, refute
from kernelgraph.rewrite.proof.counter_example import called_rule, item, simplicity
from kernelgraph.rewrite.rule import rule
from tests.rewrite.proof.test_check import first_of_two, plus_zero, root_of_square, times_zero


@pytest.mark.parametrize("wrong", [times_zero, plus_zero, root_of_square, first_of_two])
def test_a_counter_example_is_a_program(wrong: Any, capsys: pytest.CaptureFixture[str]) -> None:
    refuted = rule(wrong)
    code = examine(refuted).code
    assert code is not None
    exec(code, {refuted.name: refuted})
    old, new = capsys.readouterr().out.splitlines()
    assert old != new
    promised = [line.rpartition("# ")[2] for line in code.splitlines() if "print" in line]
    for shown, promise in zip((old, new), promised, strict=True):
        assert float(promise) == pytest.approx(float(re.findall(r"-?[\d.e+-]+|nan", shown)[0]))


def test_the_simplest_of_many_is_told() -> None:
    @rule(changes="rounding")
    def magnitude(x: Any) -> tuple[Any, Any]:
        """Not for negative numbers."""
        return abs(x), x

    assert "x = -0.5 " in (refute(magnitude) or "")


@pytest.mark.parametrize(
    ("name", "called"), [("plain", "plain"), ("log(x)", "log_x_"), ("class", "rule_class")]
)
def test_what_a_program_calls_a_rule(name: str, called: str) -> None:
    assert called_rule(replace(rule(times_zero), name=name)) == called


def test_the_element_that_a_result_was_made_of() -> None:
    column = np.array([[1.0], [2.0]])
    assert item(column, (1, 2)) == 2.0
    assert item(column, (0,)) == [[1.0], [2.0]]  # which one it was is open


def test_what_is_easier_to_read_is_simpler() -> None:
    plain, special = [np.array([2.0])], [np.array([np.inf])]
    assert simplicity(plain, (0,)) < simplicity(special, (0,))
