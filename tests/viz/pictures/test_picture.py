from collections.abc import Callable

import pytest

from kernelgraph.graph import Graph, Variable
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import lt
from kernelgraph.ops.choice import ifelse
from kernelgraph.ops.functions import exp
from kernelgraph.ops.masks import flatnonzero
from kernelgraph.ops.reductions import max_and_argmax, sum_
from kernelgraph.viz.pictures.drawing import Picture, TooLargeError
from kernelgraph.viz.pictures.layout import layout
from kernelgraph.viz.pictures.picture import picture, summary
from kernelgraph.viz.pictures.svg import paint

MakeTensor = Callable[..., Variable]


def lines_of(drawn: Picture) -> dict[str, tuple[str, ...]]:
    return {box.key: box.lines for box in drawn.boxes}


def kinds_of(drawn: Picture) -> dict[str, str]:
    return {box.key: box.kind for box in drawn.boxes}


def test_inputs_nodes_and_outputs_have_boxes(tensor: MakeTensor) -> None:
    x, y = tensor("x", None), tensor("y", None)
    drawn = picture(Graph((x, y), (exp(x + y),), name="f"))
    assert lines_of(drawn) == {
        "i0": ("x", "float64[?]"),
        "i1": ("y", "float64[?]"),
        "n0": ("add",),
        "n1": ("exp",),
        "o0": ("output", "float64[?]"),
    }
    ends = [(edge.source, edge.target) for edge in drawn.edges]
    assert ends == [("i0", "n0"), ("i1", "n0"), ("n0", "n1"), ("n1", "o0")]
    assert drawn.description == "graph of f: 2 nodes, inputs x, y, output output"


def test_numbers_stand_in_the_label_of_their_node(tensor: MakeTensor) -> None:
    drawn = picture(1 - tensor("x", None) ** 2)
    assert set(lines_of(drawn).values()) >= {("pow(·, 2)",), ("sub(1, ·)",)}
    assert sum(box.key.startswith("n") for box in drawn.boxes) == 2


def test_keys_are_the_numbers_of_all_nodes_in_order(tensor: MakeTensor) -> None:
    graph = Graph((x := tensor("x", None),), (1 - x,))
    sub_number = [str(node.op) for node in graph.apply_nodes()].index("sub")
    assert f"n{sub_number}" in lines_of(picture(graph))


def test_a_number_that_is_an_output_has_a_box(tensor: MakeTensor) -> None:
    drawn = picture([as_variable(2.5), tensor("x")])
    assert list(lines_of(drawn).values())[0:2] == [("x", "float64"), ("2.5",)]


def test_arrays_and_named_constants_have_boxes(tensor: MakeTensor) -> None:
    named = as_variable(3.0, "three")
    drawn = picture(tensor("x", 3) * as_variable([1.0, 2.0, 3.0]) + named)
    texts = list(lines_of(drawn).values())
    assert ("[1., 2., 3.]",) in texts
    assert ("three", "float32") in texts or ("three", "float64") in texts


def test_operands_are_numbered_where_their_order_matters(tensor: MakeTensor) -> None:
    x, y = tensor("x", None), tensor("y", None)
    assert [edge.label for edge in picture(x - y).edges] == ["1", "2", ""]
    assert [edge.label for edge in picture(x + y).edges] == ["", "", ""]
    assert [edge.label for edge in picture(1 - y).edges] == ["", ""]


def test_several_results_are_numbered(tensor: MakeTensor) -> None:
    largest, where = max_and_argmax(tensor("x", None, None), axis=0)
    assert [edge.label for edge in picture([largest, where]).edges][1:] == ["out 0", "out 1"]


def test_kinds_of_ops_are_told_apart(tensor: MakeTensor) -> None:
    x = tensor("x", None, None)
    chosen = ifelse(lt(sum_(x), 0), x[0], x.T[1])
    found = set(kinds_of(picture([chosen, x.dot(x), flatnonzero(x[0])])).values())
    expected = {"input", "elementwise", "reduction", "contraction", "control", "indexing", "opaque"}
    assert found >= expected


def test_parameters_stand_below_the_name(tensor: MakeTensor) -> None:
    x = tensor("x", None, None)
    texts = set(lines_of(picture([sum_(x, axis=1), x.T, x[::-1, 2]])).values())
    assert texts >= {("sum", "axes 1"), ("dimshuffle", "1, 0"), ("·[::-1, 2]",)}


def test_a_name_given_on_the_way_is_shown(tensor: MakeTensor) -> None:
    inner = exp(tensor("x", None))
    inner.name = "growth"
    assert ("exp", "growth") in lines_of(picture(inner * inner)).values()


def test_updates_are_new_values_of_shared_variables(logistic: Graph) -> None:
    drawn = picture(logistic)
    assert lines_of(drawn)["o2"] == ("new w", "float64[?]")
    assert kinds_of(drawn)["i2"] == "shared"


def test_an_input_that_is_an_output_is_joined_to_it(tensor: MakeTensor) -> None:
    x = tensor("x", None)
    drawn = picture(Graph((x,), (x,)))
    assert [(edge.source, edge.target) for edge in drawn.edges] == [("i0", "o0")]


def test_too_many_nodes_are_refused_with_advice(tensor: MakeTensor) -> None:
    y = tensor("x", None)
    for _ in range(200):
        y = exp(y)
    with pytest.raises(TooLargeError, match=r"200 nodes.*debugprint.*limit=200"):
        picture(y)
    assert len(picture(y, limit=200).boxes) == 202


def test_a_summary_counts_the_ops(tensor: MakeTensor) -> None:
    y = exp(exp(tensor("x", None))) + 1
    assert summary(Graph((), (y,))) == "exp × 2, dimshuffle × 1, add × 1"


def test_many_ends_are_counted(tensor: MakeTensor) -> None:
    total = sum([tensor(f"x{k}", None) for k in range(1, 10)], tensor("x0", None))
    assert "inputs x0, x1, x2, x3, x4, x5 and 4 more" in picture(total).description


def test_hints_say_what_a_node_does(tensor: MakeTensor) -> None:
    (node,) = (box for box in picture(exp(tensor("x", 3))).boxes if box.key == "n0")
    assert node.hint == "n0: exp → float64[3]. e to the power of x."


def test_the_picture_of_logistic_regression(
    logistic: Graph, golden: Callable[[str, str], None]
) -> None:
    golden("viz/logistic.svg", paint(layout(picture(logistic))))
