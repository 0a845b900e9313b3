"""Inputs for trials: their sizes fit each other, and there are some for every kind of program."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c.target import CTarget
from kernelgraph.c.trial.reference import Reference, TooLongError
from kernelgraph.c.trial.samples import PLANS, constants_are_small, samples
from kernelgraph.compiler import compile_graph
from kernelgraph.errors import KernelgraphError
from kernelgraph.graph import Graph, Variable
from kernelgraph.tensor.shared_randomstreams import RandomStreams
from tests.fuzz.programs import program


def drawn(inputs: list[Variable], *outputs: Variable) -> list[list[Any]]:
    """The values of all samples that run without an error."""
    stages = compile_graph(Graph(tuple(inputs), outputs), CTarget(), rules=())
    graph = stages.program.graph
    assert graph is not None
    found: list[list[Any]] = []
    for _, values in samples(stages.program, graph):
        try:
            Reference(graph, values, time.thread_time() + 0.3)
        except (KernelgraphError, TooLongError):
            continue
        found.append(values)
    return found


x, y = T.dvectors("x", "y")
m, w = T.dmatrices("m", "w")
k, n = T.lvector("k"), T.lscalar("n")
wide = T.tensor("float64", (None, 784), "wide")
four = T.tensor("float64", (4,), "four")
column = T.tensor("float64", (None, 1), "column")


@pytest.mark.parametrize(
    ("inputs", "output"),
    [
        ([x, y], x + y),
        ([x, y], x[1:] * y),
        ([x, y], x[::2] + y[1:]),
        ([m, w], T.dot(m, w)),
        ([m, x], T.dot(m, x) + 1),
        ([m, x], T.dot(m[:, 1:], x)),
        ([m, w], m.T + w),
        ([m, column], m * column),
        ([m, k], m[k].sum(axis=0)),
        ([m, k], m[T.arange(m.shape[0]), k]),
        ([x, n], x[n:]),
        ([n], T.arange(n) * 2),
        ([x, n], x.reshape((n, -1))),
        ([x, four], x[:-3] - four),
        ([m, x], m.flatten() + x),
        ([wide, y], T.dot(wide, y)),
        ([x], kg.scan(lambda a, b: a + b, sequences=[x], outputs_info=[0.0])[0]),
        ([x, y, n], kg.ifelse(n > 0, x, y)),
        ([x], T.exp(x).sum() / x.shape[0]),
        ([m, w], T.concatenate([m, w * 2], axis=1)),
        ([x, four], T.concatenate([x, x]) - T.concatenate([four, four])),
        ([x, n], T.pad(x, n) + 1),
        ([m, n], T.roll(T.exp(m), n, axis=0)),
        ([x, n], T.tile(x, n) * 2),
        ([x, y], T.set_subtensor(x[2:], y)),
        ([m, k, y], T.inc_subtensor(m[k], y)),
    ],
    ids=str,
)  # fmt: skip
def test_there_are_some(inputs: list[Variable], output: Variable) -> None:
    assert drawn(inputs, output)


def test_sizes_are_those_at_which_loops_change() -> None:
    sizes = {len(values[0]) for values in drawn([x], T.exp(x))}
    assert sizes == {plan.last[0] for plan in PLANS}
    assert any(size % 16 for size in sizes)
    assert max(sizes) > 16 * 8


def test_numbers_are_wild_where_that_is_harmless() -> None:
    wild = drawn([x, k], T.exp(x) + k)
    assert any(np.isinf(values[0]).any() for values in wild)
    assert any(np.iinfo("int64").min in values[1] for values in wild)
    tame = drawn([x, k], x[k])
    assert all(abs(values[1]).max() < 10 for values in tame)


def test_streams_have_states() -> None:
    stream = RandomStreams(1)
    out = stream.normal((3,)) * x[:3]
    states = [v for v in kg.function([x], out, target="interpret").graph.inputs if v is not x]
    assert drawn([x, *states], out)


def test_what_is_too_large_is_not_tried() -> None:
    large = T.tensor("float64", (5000, 5000), "large")
    assert not constants_are_small(Graph((large,), (large + 1,)))
    assert not drawn([n, x], T.arange(10**9).sum() + x.sum())
    for out in (T.arange(n * 10**9).sum(), T.arange(n * 10**8 * n) * 2):
        assert all(values == [0] for values in drawn([n], out))
    assert not drawn([x], kg.scan(lambda a: a + 1, outputs_info=[x], n_steps=10**7)[0])


def test_nearly_every_random_program_has_some() -> None:
    seeds = range(0, 90, 3)
    tried = 0
    for seed in seeds:
        graph = program(seed)
        tried += bool(drawn(list(graph.inputs), *graph.outputs))
    assert tried >= 0.9 * len(seeds)
