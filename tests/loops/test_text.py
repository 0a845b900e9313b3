"""How programs print themselves."""

from __future__ import annotations

import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c.target import CTarget
from kernelgraph.compiler import compile_graph
from kernelgraph.function import Function
from kernelgraph.graph import Graph
from kernelgraph.loops.lower import lower


def softmax() -> Function:
    x = T.dmatrix("x")
    e = T.exp(x - x.max(axis=1, keepdims=True))
    return kg.function([x], e / e.sum(axis=1, keepdims=True), target="python", name="softmax")


def test_a_program_in_lines() -> None:
    x = T.dvector("x")
    f = kg.function([x], T.exp(x).sum(), target="python", name="total")
    assert str(lower(f.stages.schedule)) == (
        "kernel kernel_0\n"
        "    reads   x: float64[x_n0]\n"
        "    sum_total: float64 ← 0\n"
        "    for i < x_n0\n"
        "        v_exp: float64 = exp(x[i])\n"
        "        sum_total ← sum_total + v_exp\n"
        "    v_sum: float64 = sum_total\n"
        "    gives   v_sum: float64\n"
        "\n"
        "host of total\n"
        "    x_n0 = size 0 of slot 0\n"
        "    x: float64[x_n0] is in slot 0, or a copy without gaps in rows\n"
        "    run kernel_0\n"
        "    slot 1 ← v_sum\n"
    )


def test_the_marks_of_mapped_loops() -> None:
    x, w = T.dmatrix("x"), T.dvector("w")
    program = compile_graph(Graph((x, w), (T.dot(x, w).sum(),)), CTarget()).program
    lines = [line.strip() for line in str(program).split("\n")]
    assert "for i < x_n0, 8 at a time" in lines
    assert "for j < w_n0, 16 lanes" in lines
    assert "for the rest of i" in lines
    assert "local   dot_total: float64[8]" in lines


def test_choices_and_loops_of_the_host() -> None:
    x, n = T.dvector("x"), T.iscalar("n")
    states, _ = kg.scan(lambda s: T.tanh(s) + x[0], outputs_info=x, n_steps=n)
    chosen = kg.ifelse(x.sum() > 0, x[1:], x[::2])
    picked = x[T.constant([1, 0])]
    f = kg.function([x, n], [states, chosen, picked, x.reshape((2, -1))], target="python")
    lines = [line.strip() for line in str(lower(f.stages.schedule)).split("\n")]
    for words in ("for step < ", "if ", "else", "check ", "allocate "):
        assert any(line.startswith(words) for line in lines), words
    for words in ("[::2]", " is the number in slot 1", ", else error "):
        assert any(words in line for line in lines), words


def test_every_node_of_a_kernel_has_a_line() -> None:
    program = lower(softmax().stages.schedule)
    computed = {node for nodes in program.text().lines.values() for node in nodes}
    assert computed == {node for kernel in program.kernels for node in kernel.nodes}


@pytest.mark.parametrize("hostile", ["a\nb", "*/ evil", "\u202e<b>", "x" * 10_000])
def test_a_hostile_name_stays_on_its_line(hostile: str) -> None:
    x = T.dvector(hostile)
    f = kg.function([x], T.exp(x), target="python", name=hostile)
    lines = str(f.stages.program).splitlines()
    assert len(lines) == len(str(f.stages.program).split("\n")) - 1
    assert sum("host of" in line for line in lines) == 1
