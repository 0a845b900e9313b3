"""C of the user's own: a function for each call, with parameters by name."""

from __future__ import annotations

import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c.own import write_own
from kernelgraph.errors import CompileError
from kernelgraph.graph import Variable
from kernelgraph.writer import Source, Writer


class Scaled(kg.CodedOp):
    """x, each number so many times."""

    signature = "(n),()->(n)"
    c = """
        for (int64 i = 0; i < n; i++)
            out[i] = x[i] * y;
    """

    def make_node(self, *inputs: Variable) -> kg.Apply:
        return kg.Apply(self, [*inputs], [inputs[0].type()])

    def perform(self, node: kg.Apply, inputs: list[float], outputs: list[list[float]]) -> None:
        outputs[0][0] = inputs[0] * inputs[1]


def own(op: kg.CodedOp) -> Source:
    x, y = T.dvector("v"), T.fscalar("s")
    chosen = kg.ifelse(T.gt(y, 0), op(x, y), x)
    program = kg.function([x, y], chosen, target="python").stages.program
    writer = Writer()
    write_own(program.actions, writer)
    return writer.source()


def test_sizes_then_operands_then_results() -> None:
    assert (
        own(Scaled()).text
        == """\
/* Scaled: C of its own */
static void own_0(const int64 n, const float64 *x, const float32 y, float64 *out) {
    for (int64 i = 0; i < n; i++)
        out[i] = x[i] * y;
}

"""
    )


def test_its_lines_belong_to_its_node() -> None:
    source = own(Scaled())
    assert {number for number, nodes in source.lines.items() if nodes} == {3, 4}


def test_names_that_mean_something_else_are_refused() -> None:
    class Clashes(Scaled):
        operands = ("x", "for")

    with pytest.raises(CompileError, match="for is no name") as caught:
        own(Clashes())
    assert caught.value.code == "KG-K005"


def test_it_names_the_functions_that_it_calls() -> None:
    class Calls(Scaled):
        c = "out[0] = exp(x[0]) + expensive(y) + log1p (y);"

    node = Scaled()(T.dvector("v"), T.fscalar("s")).owner
    assert [helper.name for helper in Calls().routine(node).helpers] == ["exp"]
    assert Scaled().routine(node).helpers == ()
