"""The programs that sanitizers watch: the op table, random graphs, pairs of ops, indices.

Each is many cases compiled together, with a judge that compares values as tests do.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sanitized import Program

import kernelgraph as kg
from kernelgraph.graph import Graph
from kernelgraph.ops.arithmetic import Cast
from kernelgraph.types import INTEGERS
from tests import test_every_op as table
from tests.fuzz import pairs as pairs_of_ops
from tests.fuzz.oracles import outcome, target_agrees
from tests.fuzz.programs import program, values
from tests.fuzz.test_indices import compare

GRAPHS, GRAPHS_TOGETHER = 1000, 40
BATCHES, PAIRS_TOGETHER = 300, 10
INDICES = 100
OPS_TOGETHER = 30


def ops() -> Iterator[Program]:
    """The op table, as its test groups it."""
    for first in range(0, len(table.ALL), OPS_TOGETHER):
        group = table.ALL[first : first + OPS_TOGETHER]
        yield Program(f"{group[0].label} …", len(group), partial(_as_numpy, group))


def _as_numpy(group: Sequence[table.Case]) -> str | None:
    """A case of the op table in which C computes something else than NumPy."""
    inputs = [variable for case in group for variable in case.inputs]
    outputs = [out for case in group for out in case.outputs]
    numbers = [value for case in group for value in case.values]
    found: list[Any] = []
    for target in ("interpret", "c"):
        f = kg.function(inputs, outputs, target=target, rules=(), on_unused_input="ignore")
        assert f.target == target
        with np.errstate(all="ignore"):
            found.append(f(*numbers))
    cases = [case for case in group for _ in case.outputs]
    rows = zip(cases, *found, strict=True)
    return next((case.label for case, a, b in rows if not case.compare(a, b)), None)


# ------------------------------------------------------------------------------------------ graphs


def graphs() -> Iterator[Program]:
    """Random graphs; those without integers of the user's own are strict."""
    waiting: dict[bool, list[int]] = {True: [], False: []}
    for seed in itertools.islice(filter(computes, itertools.count()), GRAPHS):
        strict = not _has_integers(program(seed))
        waiting[strict].append(seed)
        if len(waiting[strict]) == GRAPHS_TOGETHER:
            yield of_seeds(waiting.pop(strict), strict)
            waiting[strict] = []
    yield from (of_seeds(seeds, strict) for strict, seeds in waiting.items() if seeds)


def of_seeds(seeds: Sequence[int], strict: bool) -> Program:
    """The graphs of some seeds as one program."""
    label = f"graphs {seeds[0]} to {seeds[-1]}"
    return Program(label, len(seeds), partial(_together, seeds), strict)


def computes(seed: int) -> bool:
    """Whether the graph of a seed has no error for its operands."""
    graph = program(seed)
    return not isinstance(outcome(graph, values(graph, seed)), str)


def _has_integers(graph: Graph) -> bool:
    casts = [node.op for node in graph.apply_nodes() if isinstance(node.op, Cast)]
    return any(cast.dtype in INTEGERS for cast in casts)


def _together(seeds: Sequence[int]) -> str | None:
    """What goes wrong with the graphs of some seeds as one function, and with one of them alone."""
    made = [program(seed) for seed in seeds]
    operands = [v for g, seed in zip(made, seeds, strict=True) for v in values(g, seed)]
    inputs = tuple(v for graph in made for v in graph.inputs)
    outputs = tuple(out for graph in made for out in graph.outputs)
    wrong = target_agrees("c")(Graph(inputs, outputs), operands)
    if wrong is None or len(seeds) == 1:
        return wrong
    alone = {seed: _together([seed]) for seed in seeds if not _is_coarse(program(seed))}
    return next((f"seed {seed}: {text}" for seed, text in alone.items() if text), None)


def _is_coarse(graph: Graph) -> bool:
    """Whether a float64 comes of a float32, one digit of which is more than the oracle grants."""
    kinds = {out.dtype for node in graph.apply_nodes() for out in node.outputs}
    return {"float32", "float64"} <= kinds


def pairs() -> Iterator[Program]:
    """Batches of pairs of ops, all dtypes in turn."""
    for seed in range(BATCHES):
        batch = pairs_of_ops.pairs(seed, PAIRS_TOGETHER)
        yield Program(f"pairs of seed {seed}", len(batch), partial(_pairs, batch, seed))


def _pairs(batch: Sequence[pairs_of_ops.Pair], seed: int) -> str | None:
    numbers = pairs_of_ops.operands_of(batch, seed)
    runs = [p for p in batch if not isinstance(outcome(pairs_of_ops.graph_of([p]), numbers), str)]
    return target_agrees("c")(pairs_of_ops.graph_of(runs), numbers) if runs else None


def indices() -> Iterator[Program]:
    """Random indices: parts, what is set and added there, and the derivatives."""

    @settings(
        max_examples=INDICES, deadline=None, derandomize=True, database=None,
        suppress_health_check=[HealthCheck.too_slow],  # compiling takes its time under sanitizers
    )  # fmt: skip
    @given(st.data())
    def one(data: st.DataObject) -> None:
        compare(data.draw, ("c",))

    yield Program("random indices", INDICES, one, strict=True)
