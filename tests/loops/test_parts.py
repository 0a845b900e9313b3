"""Parts of memory: windows, strides and reshapes as other descriptions of it."""

from __future__ import annotations

import pytest

import kernelgraph.tensor as T
from kernelgraph.graph import Variable
from tests.loops.lowered import lines

x, v, n = T.dmatrix("x"), T.dvector("v"), T.lscalar("n")

CASES: list[tuple[Variable, str]] = [
    (v[n:], "] is v[n::1]"),
    (v[::-2], "] (gaps anywhere) is v[::-2]"),
    (x[1], "] is x[1, :]"),
    (x[1:, n:], "] (gaps between rows) is x[1::1, n::1]"),
    (x[:, n], "] (gaps anywhere) is x[:, n]"),
    (x[1:, 2], "] (gaps anywhere) is x[1::1, 2]"),
    (x[:, ::2], "] (gaps anywhere) is x[:, ::2]"),
    (T.windows(v, 3), "] (gaps between rows) is v at strides (1 of 0, 1 of 0)"),
    (T.diagonal(x), " at strides (1 of 0 + 1 of 1)"),
]


@pytest.mark.parametrize(("part", "text"), CASES, ids=[text for _, text in CASES])
def test_a_part_says_where_it_has_gaps(part: Variable, text: str) -> None:
    assert any(line.endswith(text) for line in lines([x, v, n], part * 2))


def test_windows_go_along_an_axis_twice() -> None:
    found = lines([v], T.windows(v, 3).sum(axis=1))
    assert any(line.endswith("is v at strides (1 of 0, 1 of 0)") for line in found)


def test_a_reshape_is_an_alias_if_the_elements_are_as_many() -> None:
    found = lines([x, n], T.exp(x).reshape((n, 2)) * 1)
    assert "check elements(x_n0, x_n1) = elements(reshape_n0, 2), else error 1" in found
    assert "reshaped: float64[reshape_n0, 2] is v_exp" in found


def test_a_write_aims_at_its_part() -> None:
    found = lines([v, n], T.set_subtensor(v[n:], 0.0))
    (window,) = (line for line in found if line.endswith("[n::1]"))
    name = window.split(":")[0]
    assert any(line.startswith(f"{name}[") and "←" in line for line in found)


def test_blocks_of_a_join_say_how_long_they_are() -> None:
    found = lines([v], T.concatenate([v, v * 2]))
    starts = [line.split(" is ")[1] for line in found if " is join[" in line]
    assert len(starts) == 2
    assert starts[0] != starts[1]
