"""What changed between two pictures of one graph."""

from __future__ import annotations

from collections.abc import Callable

from kernelgraph.graph import Graph, Variable
from kernelgraph.ops.contraction import dot
from kernelgraph.ops.functions import exp, log, sin
from kernelgraph.schedule.facts import CPU
from kernelgraph.schedule.prepare import prepare
from kernelgraph.viz.pictures.drawing import Picture
from kernelgraph.viz.stepper.changes import carried_numbers, changes, numbered_picture, same_drawing

MakeTensor = Callable[..., Variable]


def numbered(*outputs: Variable, inputs: tuple[Variable, ...]) -> tuple[Graph, Picture]:
    graph = Graph(inputs, outputs)
    return graph, numbered_picture(graph, {n: k for k, n in enumerate(graph.apply_nodes())})


def carried(before: Graph, after: Graph) -> Picture:
    numbers = {node: k for k, node in enumerate(before.apply_nodes())}
    return numbered_picture(after, carried_numbers(before, numbers, after))


def test_a_box_is_called_by_the_number_of_its_node(tensor: MakeTensor) -> None:
    x = tensor("x", None)
    graph = Graph((x,), (exp(sin(x)),))
    one, other = graph.apply_nodes()
    drawn = numbered_picture(graph, {one: 7, other: 40})
    assert [box.key for box in drawn.boxes] == ["i0", "n7", "n40", "o0"]
    assert [box.hint.partition(":")[0] for box in drawn.boxes] == ["i0", "n7", "n40", "o0"]
    assert [(edge.source, edge.target) for edge in drawn.edges] == [
        ("i0", "n7"),
        ("n7", "n40"),
        ("n40", "o0"),
    ]


def test_what_came_what_left_and_what_is_made_of_something_else(tensor: MakeTensor) -> None:
    x = tensor("x", None)
    before, old = numbered(exp(log(sin(x))), inputs=(x,))
    new = carried(before, Graph((x,), (exp(x + x),)))
    marked = changes(old, new)
    assert marked.before == {"n0": "removed", "n1": "removed", "n2": "changed"}
    assert marked.after == {"n3": "added", "n2": "changed"}
    assert not marked.is_empty


def test_the_same_graph_has_no_marks(tensor: MakeTensor) -> None:
    x = tensor("x", None)
    graph, drawn = numbered(exp(x) + x, inputs=(x,))
    copy = carried(graph, graph.clone()[0])
    assert changes(drawn, copy).is_empty
    assert same_drawing(drawn, copy)


def test_a_number_in_a_label_is_a_change(tensor: MakeTensor) -> None:
    x = tensor("x")
    _, two = numbered(x * 2.0, inputs=(x,))
    _, three = numbered(x * 3.0, inputs=(x,))
    assert changes(two, three).after == {"n0": "changed"}
    assert not same_drawing(two, three)


def test_pictures_with_other_numbers_look_the_same(tensor: MakeTensor) -> None:
    x = tensor("x", None)
    graph = Graph((x,), (exp(x),))
    (node,) = graph.apply_nodes()
    one, other = numbered_picture(graph, {node: 1}), numbered_picture(graph, {node: 2})
    assert same_drawing(one, other)
    assert changes(one, other).after == {"n2": "added"}


def test_nodes_that_compute_the_same_keep_their_numbers(tensor: MakeTensor) -> None:
    x = tensor("x", None)
    before = Graph((x,), (exp(sin(x)) + log(x),))
    after = Graph((x,), (log(x), exp(sin(x)), sin(exp(x))))
    numbers = {node: 10 * k for k, node in enumerate(before.apply_nodes())}
    found = carried_numbers(before, numbers, after)
    names = {node.op.name: number for node, number in numbers.items()}
    kept = {node.op.name: n for node, n in found.items() if n in numbers.values()}
    assert kept == {name: names[name] for name in ("log", "sin", "exp")}
    assert len(set(found.values())) == len(found) == 5


def test_what_uses_a_library_call_stays_the_same_node(tensor: MakeTensor) -> None:
    x, w = tensor("x", None, None), tensor("w", None, None)
    graph, drawn = numbered(exp(dot(x, w)), inputs=(x, w))
    marked = changes(drawn, carried(graph, prepare(graph, CPU, nested=False)))
    assert marked.after == {"n2": "added", "n1": "changed"}
