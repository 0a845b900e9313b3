"""Variables, walks over graphs, copies of graphs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import SymbolicError
from kernelgraph.function_graph import FunctionGraph
from kernelgraph.graph import Constant, Graph, Variable, describe, leaves, substitute, walk
from kernelgraph.interpret import interpret
from tests.graphs import RandomGraph

pytestmark = pytest.mark.usefixtures("any_numbers")


def test_variables_are_themselves() -> None:
    x, y = T.dvector("x"), T.dvector("x")
    assert x == x
    assert x != y
    assert len({x, y, x}) == 2
    assert x in [y, x]
    x.tag.test_value = 3
    assert x.tag.test_value == 3
    assert x.clone() is not x
    assert (x.clone().type, x.clone().name) == (x.type, "x")


def test_what_a_variable_knows() -> None:
    x = T.tensor("float32", (None, 1), "x")
    assert (x.dtype, x.ndim, x.broadcastable) == ("float32", 2, (False, True))
    assert str(x) == repr(x) == "x"
    assert str(T.dvector()) == "<float64[?]>"
    assert str(T.exp(x)) == "exp(x)"
    assert describe(T.exp(x)) == "the result of exp (float32[?, 1])"
    assert describe(T.constant(5)) == "the constant 5 (int8)"
    assert describe(T.constant([1, 2])) == "the constant [1 2] (int64[2])"
    assert describe(T.constant(np.zeros((2, 2)))) == "a constant (float64[2, 2])"
    assert describe(T.constant(np.zeros(9))) == "a constant (float64[9])"
    kind = Variable(kg.types.ObjectType(), "o")
    with pytest.raises(SymbolicError, match="o is object, not a tensor"):
        _ = kind.ndim


def test_looping_over_a_known_number_of_items() -> None:
    x = T.tensor("float64", (3,), "x")
    assert len(list(x)) == 3
    with pytest.raises(SymbolicError, match=r"KG-G010.*how many items"):
        list(T.dvector("x"))
    with pytest.raises(SymbolicError, match="KG-G010"):
        list(T.dscalar("x"))


def test_constants_hold_read_only_copies() -> None:
    array = np.arange(3.0)
    constant = T.constant(array)
    array[0] = 9
    np.testing.assert_array_equal(constant.data, [0, 1, 2])
    assert not constant.data.flags.writeable
    assert constant.clone().data is not None


SCALARS: list[tuple[Any, Any]] = [
    (3.5, 3.5), ([2, 2, 2], 2), ([[1.0]], 1.0), ([1, 2], None), ([], None), ([0.0, -0.0], None),
    (np.full((2, 2), np.inf), np.inf),
]  # fmt: skip


@pytest.mark.parametrize(("value", "scalar"), SCALARS)
def test_the_one_number_of_a_constant(value: Any, scalar: Any) -> None:
    assert T.constant(np.array(value)).scalar == scalar


@pytest.mark.parametrize("seed", range(30))
def test_walks_see_producers_first(seed: int) -> None:
    grown = RandomGraph(seed, 20)
    seen: set[Any] = set()
    for node in walk(grown.outputs):
        assert node not in seen
        assert all(v.owner is None or v.owner in seen for v in node.inputs)
        seen.add(node)
    ends = leaves(grown.outputs)
    assert len(set(ends)) == len(ends)
    used = {v for node in seen for v in node.inputs} | set(grown.outputs)
    assert set(ends) == {v for v in used if v.owner is None}


def test_walks_stop_where_they_are_told() -> None:
    x = T.dvector("x")
    y = T.exp(x)
    z = T.log(y) + y
    assert [node.op.name for node in walk([z], [y])] == ["log", "add"]
    assert leaves([z], [y]) == [y]
    assert leaves([y], [y]) == [y]


def test_substitution_shares_what_does_not_change() -> None:
    x, y, z = T.dvectors("xyz")
    kept, changed = T.exp(x), T.log(y)
    total = kept + changed
    (new,) = substitute([total], {y: z})
    assert new.owner is not None
    assert kept in new.owner.inputs
    assert leaves([new]) == [x, z]
    assert leaves([total]) == [x, y], "the old graph is as it was"
    assert substitute([total], {}) == [total]
    assert substitute([y, total], {y: z, total: x}) == [z, x]


def test_substitution_of_one_of_two_results() -> None:
    x, y, z = T.dmatrix("x"), T.dmatrix("y"), T.dvector("z")
    best, where = T.max_and_argmax(x, axis=1)
    new_best, new_where = substitute([best * 1, where], {x: y, best: z})
    assert z in leaves([new_best])
    assert x not in leaves([new_best])
    assert leaves([new_where]) == [y]


def test_substitution_may_change_types() -> None:
    x, row = T.dmatrix("x"), T.drow("row")
    (new,) = substitute([T.exp(x) * x.sum(axis=0)], {x: row})
    assert new.type == T.TensorType("float64", (1, None))
    (single,) = substitute([T.exp(x)], {x: T.fmatrix("f")})
    assert single.dtype == "float32"


@pytest.mark.parametrize("seed", range(30))
def test_copies_of_graphs_compute_the_same(seed: int) -> None:
    grown = RandomGraph(1000 + seed, 15)
    ends = (*grown.inputs, *grown.shared)
    graph = Graph(ends, tuple(grown.outputs), {}, "g")
    copy, new = graph.clone()
    assert not set(graph.apply_nodes()) & set(copy.apply_nodes())
    assert [new[v] for v in graph.inputs] == list(copy.inputs)
    assert not set(copy.inputs) & set(graph.inputs)
    values = [grown.values[v] for v in ends]
    for a, b in zip(interpret(graph, values), interpret(copy, values), strict=True):
        np.testing.assert_array_equal(a, b)
    origins = {node.origins for node in graph.apply_nodes()}
    assert {node.origins for node in copy.apply_nodes()} == origins


def test_a_graph_as_text() -> None:
    x, n = T.dmatrix("x"), T.lscalar("n")
    best, where = T.max_and_argmax(x[n:], axis=1)
    assert repr(Graph((x, n), (best, where, n), {}, "best")).splitlines() == [
        "best(x (float64[?, ?]), n (int64))",
        "  %0 = x[n:]",
        "  %1.0, %1.1 = max_and_argmax{(1,)}(%0)",
        "  return %1.0, %1.1, n",
    ]
    y = x
    for _ in range(300):
        y = y + 1
    assert len(repr(Graph((x,), (y,))).splitlines()) < 210


class TestEditing:
    """`FunctionGraph`: every client is known, and what nobody uses is gone."""

    def graph(self) -> tuple[FunctionGraph, dict[str, Any]]:
        x, y = T.dvector("x"), T.dvector("y")
        inner = T.exp(x)
        total = inner * y + inner
        edited = FunctionGraph(Graph((x, y), (total, inner)))
        names = {"x": x, "y": y, "inner": inner, "total": total}
        return edited, {name: edited.copies[v] for name, v in names.items()}

    def consistent(self, edited: FunctionGraph) -> None:
        nodes = edited.graph().apply_nodes()
        assert len(nodes) == len(edited.nodes)
        clients: dict[Variable, set[Any]] = {}
        for node in edited.nodes:
            for variable in node.inputs:
                clients.setdefault(variable, set()).add(node)
        assert {v: set(users) for v, users in edited.clients.items() if users} == clients

    def test_the_users_graph_is_left_alone(self) -> None:
        x = T.dvector("x")
        y = T.exp(x)
        edited = FunctionGraph(Graph((x,), (y,)))
        edited.replace(edited.copies[y], edited.copies[x])
        assert y.owner is not None
        assert y.owner.inputs == [x]

    def test_replacing_moves_clients(self) -> None:
        edited, v = self.graph()
        edited.replace(v["inner"], T.log(v["x"]))
        self.consistent(edited)
        assert {node.op.name for node in edited.nodes} == {"log", "mul", "add"}
        owner = edited.outputs[1].owner
        assert owner is not None
        assert owner.op.name == "log"

    def test_what_nobody_uses_leaves(self) -> None:
        edited, v = self.graph()
        edited.replace(v["total"], v["y"])
        self.consistent(edited)
        assert {node.op.name for node in edited.nodes} == {"exp"}
        assert edited.is_used(v["inner"])
        edited.replace(edited.outputs[1], v["x"])
        assert not edited.nodes
        self.consistent(edited)


def test_constants_are_variables_with_data() -> None:
    constant = T.constant([1, 2, 3])
    assert isinstance(constant, Constant)
    assert constant.type == T.TensorType("int64", (3,))
    assert str(constant) == "[1 2 3]"
    assert str(T.constant(np.zeros(9))) == "<constant float64[9]>"
