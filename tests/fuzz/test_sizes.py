"""Random graphs with one size made wrong: every mode and every back end must say so, at one line.

What is right is found by the plainest means there is: every node that is written, those behind
gradients and shapes included, is run with NumPy, and the first that complains is to blame.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import KernelgraphError, Origins, ShapeError
from kernelgraph.graph import Constant, Graph, Variable
from kernelgraph.interpret import evaluate
from kernelgraph.ops.control import ControlOp
from kernelgraph.walks import walk_as_written
from tests.support import cases

pytestmark = pytest.mark.usefixtures("any_numbers")

SIZE = 3
"""All dimensions of all inputs have this size, but for the one that is wrong."""

Step = Callable[[Any, Any], Any]


def _scanned(v: Any, w: Any) -> Any:
    rows, _ = kg.scan(lambda row, state: row * 0.5 + state, sequences=v, outputs_info=w)
    return rows


PAIRS: tuple[Step, ...] = (
    lambda a, b: a + b, lambda a, b: T.ones_like(a) * b, lambda a, b: T.zeros_like(a) + b,
    lambda a, b: T.switch(a > 0, b, b), lambda a, b: T.switch(a > b, a, a),
    lambda a, b: (a * b) * 0, lambda a, b: T.grad(T.sum(a * b), a),
    lambda a, b: T.grad(T.sum(a + b), a), lambda a, b: T.grad(T.sum(T.tanh(a) * b), b),
    lambda a, b: T.ones_like(a + b), lambda a, b: T.maximum(a, b) * T.ones_like(b),
    lambda a, b: kg.ifelse(T.sum(a) > 0, a + b, a - b),
    lambda a, b: kg.ifelse(T.sum(a) > 0, a, a + T.ones_like(b) * a),
    lambda a, b: T.grad(T.sum(kg.ifelse(T.sum(a) > 0, a + b, a * 2)), a),
    lambda a, b: T.grad(T.sum(kg.ifelse(T.sum(b) > 0, a, T.tanh(a) * b)), b),
    lambda a, b: a * kg.ifelse(T.sum(b) > 0, a, T.tanh(a) * b).shape[0],
    lambda a, b: a[1:] * b[:-1], lambda a, b: a[::-1] - b, lambda a, b: T.ones_like(a[1:]) * b[1:],
    lambda a, b: a * b.shape[0] + T.cast((a + b).shape[0], "float64"),
    lambda a, b: T.Rop(T.sum(a * b), a, b), lambda a, b: kg.clone(a + b, {a: T.exp(a)}),
)  # fmt: skip
MATRIX: tuple[Step, ...] = (
    T.dot, lambda m, v: T.grad(T.sum(T.dot(m, v)), m),
    lambda m, v: T.grad(T.sum(T.dot(m, v)), v), lambda m, v: m + v,
    lambda m, v: T.ones_like(m) * v, lambda m, v: T.sum(m + v, axis=0), _scanned,
    lambda m, v: T.grad(T.sum(_scanned(m, v)), v), lambda m, v: T.softmax(m) * v,
    lambda m, v: T.grad(T.sum(T.log(T.softmax(m)) * v), m), lambda m, v: T.dot(m, m) * 0 + v,
    lambda m, v: T.dot(m, m).shape[1] * v, lambda m, v: m.T * v.dimshuffle(0, "x"),
    lambda m, v: T.reshape(m, (3, -1)) * v, lambda m, v: T.grad(T.sum(m.reshape((9,))), m) * v,
)  # fmt: skip
ALONE: tuple[Callable[[Any], Any], ...] = (
    T.tanh, lambda v: -v, lambda v: v * 1, lambda v: v + 0, lambda v: T.exp(v) * 0.5,
    lambda v: v[::-1], lambda v: v - v.mean(), T.zeros_like,
)  # fmt: skip


def program(seed: int) -> Graph:
    """A graph of 1 to 6 steps over two matrices and three vectors."""
    chance = random.Random(seed)
    inputs = [T.dmatrix(name) for name in "mn"] + [T.dvector(name) for name in "uvw"]
    known: list[Variable] = list(inputs)

    def pick(rank: int) -> Variable:
        return chance.choice([v for v in known if v.ndim == rank])

    for _ in range(chance.randint(1, 6)):
        kind = chance.random()
        rank = 1 if chance.random() < 0.6 else 2
        try:
            if kind < 0.5:
                new = chance.choice(PAIRS)(pick(rank), pick(rank))
            elif kind < 0.8:
                new = chance.choice(MATRIX)(pick(2), pick(1))
            else:
                new = chance.choice(ALONE)(pick(rank))
        except KernelgraphError:  # not differentiable, or known not to fit
            continue
        if isinstance(new, Variable) and new.ndim:
            known.append(new)
    outputs = [known[-1], chance.choice(known[-3:])]
    if chance.random() < 0.3:
        outputs.append(outputs[0].shape)
    return Graph(tuple(inputs), tuple(outputs))


def values(seed: int) -> list[Any]:
    """Operands of which one has one size that is wrong (one time in six, all are right)."""
    chance = np.random.default_rng(seed)
    shapes = [[SIZE] * 2, [SIZE] * 2, [SIZE], [SIZE], [SIZE]]
    if chance.random() < 5 / 6:
        shape = shapes[int(chance.integers(5))]
        shape[int(chance.integers(len(shape)))] = int(chance.choice([0, 1, 2, 4]))
    return [chance.normal(size=shape) for shape in shapes]


def as_written(graph: Graph, operands: Sequence[Any]) -> KernelgraphError | None:
    """The error of the first node that complains when all that are written are run."""
    known: dict[Variable, Any] = dict(zip(graph.inputs, operands, strict=True))
    for node in walk_as_written(graph.outputs, graph.inputs):
        given = [v.data if isinstance(v, Constant) else known[v] for v in node.inputs]
        try:
            known.update(zip(node.outputs, evaluate(node, given), strict=True))
        except KernelgraphError as error:
            return error
    return None


def outcome(run: Callable[[], Any]) -> tuple[str, Origins | list[tuple[int, ...]]]:
    """The line of the error of a call, or the shapes of its results."""
    try:
        return "fits", [np.shape(value) for value in run()]
    except KernelgraphError as error:
        return type(error).__name__, error.origins


def check(seed: int, ways: Sequence[dict[str, Any]]) -> None:
    graph, operands = program(seed), values(seed)
    expected = as_written(graph, operands)
    if expected is not None and not isinstance(expected, ShapeError):
        return  # an index out of bounds or an empty maximum: not this test's matter
    name = f"seed {seed}, sizes {[v.shape for v in operands]}\n{graph}"
    found: dict[str, Any] = {}
    for how in ways:
        f = kg.function(list(graph.inputs), list(graph.outputs), on_unused_input="ignore", **how)
        found[str(how)] = outcome(lambda f=f: f(*operands))
    name = f"{name}\n{found}\nright: {expected}"
    right = "fits" if expected is None else type(expected).__name__
    assert all(kind == right for kind, _ in found.values()), name
    first = next(iter(found.values()))
    assert all(other == first for other in found.values()), name
    if expected is not None and not shows_sizes(graph):
        assert first[1] == expected.origins, name


def shows_sizes(graph: Graph) -> bool:
    """Whether a loop or a choice has a part in it: a size that only these show is compared after
    those that inputs show.
    """
    nodes = walk_as_written(graph.outputs, graph.inputs)
    return any(isinstance(node.op, ControlOp) for node in nodes)


LOOPS: list[dict[str, Any]] = [
    {"target": target, "mode": mode}
    for target, mode in itertools.product(("interpret", "python"), ("FAST_RUN", "STABILIZE"))
] + [{"target": "python", "mode": "None"}]


@cases(tested=60, hunted=10_000)
@given(st.integers(0, 2**32 - 1))
def test_a_wrong_size_is_found_by_every_mode(seed: int) -> None:
    check(seed, LOOPS)


def test_the_line_of_a_size_that_a_choice_shows() -> None:
    u, w = T.dvectors("u", "w")
    chosen, rest = kg.ifelse(T.sum(u) > 0, u, w), T.ones_like(u[1:]) * u[1:]
    outputs = [T.switch(chosen > 0, rest, rest), w * chosen]  # 3 and 2 elements; 3 and 3
    for target in ("interpret", "python"):
        f = kg.function([u, w], outputs, target=target, mode="None")
        with pytest.raises(ShapeError, match=r"\] switch"):
            f(np.ones(3), np.ones(3))


@pytest.mark.parametrize("seed", range(8))
def test_a_wrong_size_is_found_by_compiled_code(seed: int) -> None:
    check(seed, [{"target": "c"}, {"target": "interpret"}])
