"""Loops that add up, as C; that the bits are right is tested in tests/mapping/test_sums.py."""

from __future__ import annotations

from typing import Any

import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Variable

W = T.dvector("w")
X = T.dmatrix("x")


def kernel(inputs: list[Any], output: Any) -> list[str]:
    source = kg.function(inputs, output, target="c").stages.source
    return [line.strip() for line in source.body.splitlines()]


def test_few_numbers_are_added_as_they_come() -> None:
    lines = kernel([W], W.sum())
    few = lines.index("if (w_n0 < 16) {")
    assert lines[few + 1 : few + 3] == [
        "for (int64 i = 0; i < w_n0; i++) {", "sum_total = sum_total + w[i];",
    ]  # fmt: skip
    assert "else {" in lines[few:]


def test_a_loop_that_adds_up_has_a_tree() -> None:
    lines = kernel([W], W.sum())
    for line in (
        "float64 sum_total_lanes[16];",
        "tree_float64 sum_total_tree;",
        "block_float64(&sum_total_tree, sum_total_lanes);",
        "sum_total = sum_total + gather_float64(&sum_total_tree, sum_total_lanes);",
    ):
        assert lines.count(line) == 1, line


def test_a_declared_length_below_lanes_needs_none() -> None:
    short = T.TensorType("float64", (5,))("v")
    assert not any("lanes" in line or "< 16" in line for line in kernel([short], short.sum()))


def test_blocks_of_rows_keep_their_lanes_in_registers() -> None:
    lines = kernel([X, W], T.dot(X, W))
    assert "float64 dot_total_lanes[4][16];" in lines
    assert "float64 dot_total_rest[8];" in lines
    assert not any(line.startswith("tree_float64 dot_total_tree[8]") for line in lines)


@pytest.mark.parametrize("terms", [T.maximum(X, 0), T.exp(X)], ids=["choice", "exp"])
def test_rows_that_choose_or_have_much_to_compute_are_added_in_turn(terms: Variable) -> None:
    lines = kernel([X, W], T.dot(terms, W))
    assert not any("[4][16]" in line for line in lines)
    start = lines.index("float64 dot_total_part = 0.0;")
    assert lines[start - 2 : start] == [
        "#pragma GCC unroll 1", "for (int64 row = 0; row < 8; row++) {",
    ]  # fmt: skip
    assert "tree_float64 dot_total_part_tree;" in lines[start:]
    assert "dot_total[row] = dot_total[row] + dot_total_part;" in lines[start:]
