"""Programs as Python text: numbers that read back, expressions in the right brackets, modules."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kernelgraph.tensor as T
from kernelgraph.compiler import compile_graph
from kernelgraph.graph import Graph
from kernelgraph.loops import ir
from kernelgraph.loops.printer import size
from kernelgraph.ops.arithmetic import add, mul, switch
from kernelgraph.python.expressions import element, expression, number
from kernelgraph.python.target import PythonTarget
from kernelgraph.schedule.dims import Dim
from kernelgraph.types import DTYPES
from tests.support import cases, same, specials

NAMES: dict[str, Any] = {dtype: np.dtype(dtype).type for dtype in DTYPES}


@pytest.mark.parametrize("dtype", DTYPES)
def test_special_numbers_read_back(dtype: str) -> None:
    for value in specials(dtype):
        found = np.asarray(eval(number(value, dtype), NAMES), dtype)
        assert same(found, np.asarray(value))


@given(st.integers(0, 2**64 - 1))
@cases(60, 3000)
def test_every_float_reads_back(bits: int) -> None:
    value = np.array(bits, "uint64").view("float64")[()]
    assert same(np.asarray(eval(number(value, "float64"), NAMES)), np.asarray(value))


def _made(op: Any, *operands: ir.Expression) -> ir.Operation:
    return ir.Operation(op, dict(zip("xyz", operands, strict=False)), "float64")


def test_expressions() -> None:
    x, i = ir.Buffer("x", "float64", (Dim("n"), Dim("m", 3))), ir.Name("i")
    a, two = ir.Name("a", "float64"), ir.Number(2, "float64")
    load = ir.Load(x, (i, ir.Number(0, "int64")))
    assert expression(load) == "x[i, 0]"
    assert element(ir.Buffer("s", "float64", ()), ()) == "s[()]"
    assert expression(ir.SlotSize(1, 0)) == "values[1].shape[0]"
    assert expression(_made(mul, _made(add, a, two), load)) == "(a + float64(2.0)) * x[i, 0]"
    choice = _made(switch, ir.Name("c", "bool"), a, _made(add, a, a))
    assert expression(choice) == "a if c else (a + a)"
    assert [size(dim) for dim in x.dims] == ["n", "3"]


def test_a_module_has_a_function_for_each_kernel_and_one_for_the_host() -> None:
    x = T.dvector("x\nimport os")
    graph = Graph((x,), (T.exp(x) * 2,), name="f")
    source = compile_graph(graph, PythonTarget()).source
    lines = source.text.splitlines()
    kernels = [line for line in lines if line.startswith("def ")]
    assert kernels[-1] == "def program(values, call):"
    assert len(kernels) == 2
    assert not any(line.strip() == "import os" for line in lines)
    exp = [lines[k - 1] for k, nodes in source.lines.items() if any(n.op == T.exp for n in nodes)]
    assert any("exp(" in line for line in exp)
    compile(source.text, "<text>", "exec")
