"""Loops of the host: rows of what lies outside, and what is there after the last step."""

from __future__ import annotations

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from tests.loops.lowered import lines
from tests.support import TARGETS

x, v, n = T.dmatrix("x"), T.dvector("v"), T.lscalar("n")


def test_a_state_has_a_row_for_each_step_and_one_before() -> None:
    states, _ = kg.scan(lambda s: s * 2, outputs_info=v, n_steps=n)
    found = lines([v, n], states[-1])
    assert "scan_n0 = n + 1, at least 0, else error 0" in found
    assert "v_row: float64[v_n0] is history[0, :]" in found
    body = found[found.index("for step < n") :]
    assert "v_row_1: float64[v_n0] is history[step, :]" in body
    assert "v_row_2: float64[v_n0] is history[step + 1, :]" in body


def test_a_state_keeps_its_size() -> None:
    states, _ = kg.scan(lambda s: T.concatenate([s, s])[:n], outputs_info=v, n_steps=3)
    assert any(line.startswith("check v_n0 = ") for line in lines([v, n], states))


def test_a_sequence_is_read_row_by_row() -> None:
    rows, _ = kg.scan(lambda a: a.sum(), sequences=x)
    assert any(line.endswith("] is x[step, :]") for line in lines([x], rows))


def test_sizes_that_a_step_shows_are_those_of_the_first() -> None:
    rows, _ = kg.scan(lambda a: a[:n] * 2, sequences=x)
    found = lines([x, n], rows)
    assert any("history_n1] will be in slot 2" in line for line in found)
    start = found.index("if step = 0")
    assert found[start + 1 : start + 3] == [
        "history_n1 = subtensor_n0",
        "allocate history: float64[scan_n0, history_n1] in slot 2",
    ]


@pytest.mark.parametrize("target", TARGETS)
def test_loops_of_no_steps_and_of_some(target: str) -> None:
    states, _ = kg.scan(lambda s: s * 2, outputs_info=v, n_steps=n)
    f = kg.function([v, n], states, target=target)
    assert f([1.0, 3.0], 2).tolist() == [[2.0, 6.0], [4.0, 12.0]]
    assert f(np.zeros(2), 0).shape == (0, 2)
