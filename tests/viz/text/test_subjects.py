from collections.abc import Callable

import pytest

from kernelgraph.graph import Graph, Variable
from kernelgraph.op import as_variable
from kernelgraph.viz.text.subjects import graph_of, printed_graph_of

MakeTensor = Callable[..., Variable]


def test_a_variable_shows_the_graph_behind_it(tensor: MakeTensor) -> None:
    x, y = tensor("x", None), tensor("y", None)
    graph = graph_of(y * x + as_variable(1.0))
    assert graph.inputs == (y, x)
    assert len(graph.outputs) == 1


def test_a_list_shows_all_its_variables(tensor: MakeTensor) -> None:
    x = tensor("x", None)
    outputs = [x + x, x * x]
    assert graph_of(outputs).outputs == tuple(outputs)
    assert graph_of(tuple(outputs)).inputs == (x,)


def test_a_node_shows_its_results(tensor: MakeTensor) -> None:
    x = tensor("x", None)
    total = x + x
    assert total.owner is not None
    assert graph_of(total.owner).outputs == (total,)


def test_a_graph_shows_itself(tensor: MakeTensor) -> None:
    graph = Graph((tensor("x"),), ())
    assert graph_of(graph) is graph
    assert graph_of([graph]) is graph
    assert printed_graph_of(graph) is graph


def test_anything_else_is_refused() -> None:
    with pytest.raises(TypeError, match="got str"):
        graph_of("/etc/passwd")
