"""A program as one C file: a name of its own, and only what it needs above it."""

from __future__ import annotations

import re
from typing import Any

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c.printer import print_c
from kernelgraph.loops.program import Program

X = T.dvector("x")


def program(output: Any) -> Program:
    return kg.function([X], output, target="python").stages.program


def test_the_name_is_that_of_the_text() -> None:
    first, again, other = (print_c(program(y)) for y in (T.sqr(X), T.sqr(X), X + 1))
    assert first.text == again.text
    assert first.symbol == again.symbol
    assert first.symbol != other.symbol
    assert re.fullmatch("kg_[0-9a-f]{24}", first.symbol)
    assert f"int32_t {first.symbol}(kg_host *host) {{" in first.text
    assert "PROGRAM(" not in first.text


def test_only_helpers_that_are_called_are_there() -> None:
    k = T.lscalar("k")
    plain = print_c(program(X + 1)).text
    checked = print_c(kg.function([X, k], X[k], target="python").stages.program).text
    assert "int32_t fail(" not in plain
    assert "tree_float64" not in plain
    assert "int32_t fail(" in checked
    assert "gather_float64(" in print_c(kg.function([X], X.sum()).stages.program).text


def test_a_timed_program_has_a_clock_and_another_name() -> None:
    made = program(T.sqr(X))
    timed = print_c(made, timed=True)
    assert f"kg_clock {timed.symbol}_clock[1];" in timed.text
    assert "clock" not in print_c(made).text
    assert timed.symbol != print_c(made).symbol


def test_lines_know_the_nodes_that_they_compute() -> None:
    source = print_c(program(T.sqr(X)))
    (node,) = {node for nodes in source.lines.values() for node in nodes}
    lines = source.text.splitlines()
    assert any("x[i" in lines[number - 1] for number in source.lines_of(node))
