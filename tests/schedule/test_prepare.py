"""What is copied before planning, and what is not: results and operands of the host have memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Graph
from kernelgraph.interpret import interpret
from kernelgraph.ops.arithmetic import identity
from kernelgraph.schedule.facts import CPU, Facts
from kernelgraph.schedule.prepare import LibraryDot, prepare, untransposed
from tests.fuzz.programs import program, values
from tests.support import cases, same


@kg.as_op(T.dvector, T.dvector)
def there_and_back(value: Any) -> Any:
    return value


def copies(graph: Graph, nested: bool = False) -> int:
    return sum(node.op == identity for node in prepare(graph, CPU, nested).apply_nodes())


x, v, n, k = T.dmatrix("x"), T.dvector("v"), T.lscalar("n"), T.lvector("k")
y = T.exp(x)

CASES: list[tuple[str, Callable[[], Any], int]] = [
    ("a result of loops has memory of its own", lambda: y, 0),
    ("a view as a result has none", lambda: y.T, 1),
    ("nor has a part", lambda: y[1:], 1),
    ("nor an input", lambda: x, 1),
    ("of one result twice, one is a copy", lambda: [y, y], 1),
    ("Python reads what loops made", lambda: there_and_back(T.exp(v)), 0),
    ("and an input", lambda: there_and_back(v), 0),
    ("but no part", lambda: there_and_back(y[0]), 1),
    ("a part of a view needs the array", lambda: T.exp(x.T[1:]), 1),
    ("rows of a view, too", lambda: x.T[k], 1),
    ("what loops made is packed", lambda: T.exp(y.reshape((-1,))), 0),
    ("an input may have gaps", lambda: T.exp(x.reshape((-1,))), 1),
    ("a reshaped array is packed", lambda: T.exp(y.reshape((n, -1)).reshape((-1,))), 0),
    ("an array that others read is written to as a copy", lambda: T.set_subtensor(x[0], 1.0), 1),
    (
        "one that was written for this is not",
        lambda: T.set_subtensor(T.set_subtensor(x[0], 1.0)[1], 2.0),
        1,
    ),
]


@pytest.mark.parametrize(("why", "make", "count"), CASES, ids=[why for why, _, _ in CASES])
def test_what_is_copied(why: str, make: Callable[[], Any], count: int) -> None:
    made = make()
    outputs = tuple(made) if isinstance(made, list) else (made,)
    assert copies(Graph((x, v, n, k), outputs)) == count, why


def test_inside_of_a_loop_what_python_reads_is_copied() -> None:
    graph = Graph((v,), (there_and_back(v),))
    assert (copies(graph), copies(graph, nested=True)) == (0, 1)


def test_a_library_multiplies_what_lies_transposed() -> None:
    a, b = T.dmatrices("ab")
    prepared = prepare(Graph((a, b), (T.dot(a.T, b), T.dot(a, b.T))), CPU, nested=False)
    flips = [
        (node.op.flip_left, node.op.flip_right)
        for node in prepared.apply_nodes()
        if isinstance(node.op, LibraryDot)
    ]
    assert flips == [(True, False), (False, True)]


def test_what_is_a_transpose() -> None:
    assert untransposed(x.T) is x
    for other in (x, x.dimshuffle(0, 1), v.dimshuffle("x", 0), v.dimshuffle(0, "x")):
        assert untransposed(other) is other


@pytest.mark.usefixtures("any_numbers")
@given(st.integers(0, 100_000))
@cases(15, 500)
def test_a_prepared_graph_means_the_same(seed: int) -> None:
    graph = program(seed)
    given_values = values(graph, seed)
    try:
        expected = interpret(graph, given_values)
    except kg.errors.KernelgraphError:
        return
    found = interpret(prepare(graph, Facts(library=False), nested=False), given_values)
    assert all(same(np.asarray(a), np.asarray(b)) for a, b in zip(expected, found, strict=True))
