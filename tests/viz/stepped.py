"""What the tests of the stepper step through."""

from __future__ import annotations

from typing import Any

import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.function import Function
from kernelgraph.graph import Graph, Variable
from kernelgraph.rewrite import engine
from kernelgraph.rewrite.steps import Rewriting


def example() -> Function:
    """Three steps to `log1p(x)`: one for each thing that is not needed."""
    i, x = T.iscalar("i"), T.dmatrix("x")
    return kg.function([i, x], T.log1p(i * 0 + x.T.T), on_unused_input="ignore")


def training(name: str = "train") -> Function:
    """A step of logistic regression: some thirty steps, and a kernel of many nodes."""
    x, y = T.dmatrix("x"), T.dvector("y")
    w = kg.shared([0.0, 0.0], "w")
    cost = T.nnet.binary_crossentropy(T.nnet.sigmoid(T.dot(x, w)), y).mean()
    return kg.function([x, y], cost, updates=[(w, w - 0.1 * T.grad(cost, w))], name=name)


def chain(length: int, *, width: int = 0) -> Graph:
    """A graph with `length` products with 1, one step each, beside `width` nodes that stay."""
    x = T.dvector("x")
    y: Any = x
    for _ in range(length):
        y = T.sin(y * 1)
    for _ in range(width):
        y = T.exp(y) + x
    return Graph((x,), (y,), name="chain")


def turning() -> Rewriting:
    """Two hundred steps over 150 nodes: each of 100 nodes becomes another one twice."""

    @kg.rule
    def first(a: Variable) -> Any:
        """A step that means nothing."""
        return T.sin(a), T.cos(a)

    @kg.rule
    def second(a: Variable) -> Any:
        """Another one."""
        return T.cos(a), T.tanh(a)

    x = T.dvector("x")
    y: Any = x
    for k in range(100):
        y = T.sin(y) + x if k % 2 else T.sin(y)
    return engine.rewrite(Graph((x,), (y,), name="turning"), [first, second])


def shrinking() -> Rewriting:
    """Two hundred steps from 150 nodes to 50: the pictures come in several chapters."""

    @kg.rule
    def first(a: Variable) -> Any:
        """A step that means nothing."""
        return T.sin(a), T.cos(a)

    @kg.rule
    def second(a: Variable) -> Any:
        """Another one."""
        return T.cos(a), T.tanh(a)

    @kg.rule
    def third(a: Variable) -> Any:
        """Two become one."""
        return T.tanh(T.exp(a)), T.sigmoid(a)

    @kg.rule
    def fourth(a: Variable) -> Any:
        """And once more."""
        return T.sigmoid(T.sqrt(a)), -a

    x = T.dvector("x")
    y: Any = x
    for _ in range(50):
        y = T.sin(T.exp(T.sqrt(y)))
    return engine.rewrite(Graph((x,), (y,), name="shrinking"), [first, second, third, fourth])


def stopped(monkeypatch: pytest.MonkeyPatch) -> Rewriting:
    """What came of two rules that undo each other's steps."""

    @kg.rule
    def there(a: Variable, b: Variable) -> Any:
        """Adding a negative is subtracting."""
        return a - b, a + b * -1

    @kg.rule
    def back(a: Variable, b: Variable) -> Any:
        """Subtracting is adding a negative."""
        return a + b * -1, a - b

    x, y = T.dvector("x"), T.dvector("y")
    graph = Graph((x, y), (T.exp(x - y),), name="endless")
    monkeypatch.setattr(engine, "MOST_STEPS", 500)
    with pytest.warns(engine.RewriteWarning):
        return engine.rewrite(graph, [there, back])
