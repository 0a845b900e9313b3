"""What a variable is worth, what it is made of, whether two are alike."""

from __future__ import annotations

import importlib
import pickle
from typing import Any

import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import MissingInputError, NotConstantError, UnusedInputError

x: Any
y: Any
A: Any
x, y, A = T.dscalar("x"), T.dscalar("y"), T.dmatrix("A")


def test_the_value_of_an_expression() -> None:
    z = x * 2 + y
    assert z.eval({x: 1.0, y: 2}) == 4.0
    assert T.constant(3).eval() == 3
    assert (kg.shared(2.0) + 1).eval() == 3.0
    with pytest.raises(MissingInputError):
        z.eval({x: 1.0})
    with pytest.raises(UnusedInputError):
        z.eval({x: 1.0, y: 2.0, A: [[1.0]]})
    wrong: Any = [{"x": 1.0}, [1.0], {3: 1}]
    for values in wrong:
        with pytest.raises(TypeError):
            z.eval(values)


def test_it_is_compiled_once_for_the_same_inputs(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    module = importlib.import_module("kernelgraph.function")
    original = module.function

    def counted(*arguments: Any, **options: Any) -> Any:
        made.append(arguments)
        return original(*arguments, **options)

    monkeypatch.setattr(module, "function", counted)
    z: Any = x + y
    for k in range(3):
        assert z.eval({x: k, y: 1}) == k + 1
        assert z.eval({y: 1, x: k}) == k + 1
    assert len(made) == 1
    assert pickle.loads(pickle.dumps(z)).owner.op == z.owner.op, "functions stay at home"


def test_parents_names_and_copies() -> None:
    z = x + y
    assert z.get_parents() == [z.owner]
    assert x.get_parents() == []
    assert x.auto_name == x.auto_name != y.auto_name
    copy = z.copy()
    assert copy is not z
    (left,) = kg.function([x, y], copy).stages.rewriting.graph.apply_nodes()
    assert left.op == z.owner.op


def test_what_a_variable_is_made_of() -> None:
    z = T.exp(x + y) * y
    assert set(T.graph_inputs(z)) == {x, y}
    assert set(T.ancestors([z])) >= {x, y, z, z.owner.inputs[0]}
    inner = z.owner.inputs[0]
    assert set(T.graph_inputs([z], [inner])) == {inner, y}
    assert x not in T.ancestors([z], [inner])


def test_graphs_that_are_alike() -> None:
    assert T.is_same_graph(T.exp(x) + 1, T.exp(x) + 1)
    assert not T.is_same_graph(T.exp(x) + 1, T.exp(x) + 2)
    assert not T.is_same_graph(T.exp(x), T.exp(y))
    assert T.is_same_graph(T.exp(x) * y, T.exp(y) * x, {x: y})
    assert not T.is_same_graph(A.sum(axis=0), A.sum(axis=1))
    z: Any = x
    w: Any = x
    for _ in range(2000):
        z, w = z + z, w + w
    assert T.is_same_graph(z, w), "deep graphs with shared parts cost no more than their nodes"


@pytest.mark.parametrize(
    ("made", "number"),
    [
        (T.constant(3), 3),
        (T.constant(2.5).dimshuffle("x", "x"), 2.5),
        (T.zeros_like(A), 0),
        (T.ones_like(A) * 2 + 1, 3),
        (T.cast(T.constant(3), "float32"), 3),
        (T.tensor("float64", (4, None)).shape[0], 4),
        (T.constant([7, 7, 7]), 7),
        (5, 5),
    ],
)
def test_numbers_that_are_known(made: Any, number: Any) -> None:
    found = T.get_scalar_constant_value(made)
    assert found == number
    assert found.shape == ()


@pytest.mark.parametrize("made", [x, x + 1, T.constant([1, 2]), A.shape[0], kg.shared(1.0)])
def test_numbers_that_are_not_known(made: Any) -> None:
    with pytest.raises(NotConstantError, match="KG-G019"):
        T.get_scalar_constant_value(made)


def test_a_constant_of_too_many_nodes() -> None:
    made: Any = T.constant(1.0)
    for _ in range(10):
        made = made + 1
    assert T.get_scalar_constant_value(made) == 11
    with pytest.raises(NotConstantError):
        T.get_scalar_constant_value(made, max_nodes=5)
