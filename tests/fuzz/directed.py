"""Programs in which a certain rule has something to do, at many places and inside much else.

A rule's example is built of operands that are themselves computed, by what keeps them inside the
example's domain, and its result is used by more nodes; the rest is left to the rewriter.
"""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import kernelgraph.tensor as T
from kernelgraph.errors import KernelgraphError
from kernelgraph.graph import Graph, Variable
from kernelgraph.op import as_variable
from kernelgraph.rewrite.rule import Rule
from kernelgraph.rewrite.words import RANKS
from kernelgraph.types import Shape, TensorType, is_float

_DTYPES = ("float64", "float64", "float32", "int64", "int8", "bool")
_WHOLE = ("int64", "int8", "bool")
_SHAPES: tuple[Shape, ...] = ((None,), (None, None), (), (1, None), (None, 1))
_PLACES = 4
"""At how many places of a program the example stands."""

_ONES = 0.15
"""How often an axis of all matrices of a program is declared to have size 1."""

# What leaves positive numbers positive, whole ones whole, and numbers from 0 to 1 there.
_KEEPING: tuple[Callable[[Any], Any], ...] = (
    lambda v: v, lambda v: v, lambda v: T.maximum(v, v[::-1]) if v.ndim == 1 else T.maximum(v, v),
    lambda v: v.T.T, lambda v: v[::-1] if v.ndim and v.type.shape[0] != 1 else v,
)  # fmt: skip
_USES: tuple[Callable[[Any], Any], ...] = (
    lambda v: v, T.tanh, lambda v: v + 1, lambda v: v * 2, lambda v: v.sum(),
    lambda v: v.T, lambda v: -v, lambda v: T.switch(v > 0, v, 0),
)  # fmt: skip


def programs(rule: Rule, seed: int = 0) -> Iterator[tuple[Graph, list[Any]]]:
    """Graphs with numbers for their inputs, without end, in which the rule may fire."""
    chance = random.Random(f"{rule.name} {seed}")
    examples = list(rule.examples)
    while True:
        made = _program(rule, chance.choice(examples), chance)
        if made is not None:
            yield made, _numbers(made, rule, chance)


def _program(rule: Rule, example: Callable[..., Any], chance: random.Random) -> Graph | None:
    names = list(inspect.signature(example).parameters)
    words = {name: rule.where.get(name, "").split() for name in names}
    dtypes = chance.choice(_DTYPES), chance.choice(_WHOLE)
    shape = chance.choice(_SHAPES)
    ones = {axis: 1 for axis in range(2) if chance.random() < _ONES}
    inputs: dict[str, Variable] = {}
    outputs: list[Variable] = []
    for place in range(chance.randint(1, _PLACES)):
        operands: list[Any] = []
        for name in names:
            key = f"{name}{place if chance.random() < 0.5 else ''}"
            if key not in inputs:
                named = next((RANKS[word] for word in words[name] if word in RANKS), None)
                named = (None,) if named is None and _has_ranks(words) else named
                sizes = (
                    shape if named is None else tuple(ones.get(k, n) for k, n in enumerate(named))
                )
                kind = TensorType(dtypes["integer" in words[name]], sizes)
                inputs[key] = kind(key)
            operands.append(chance.choice(_KEEPING)(inputs[key]))
        try:
            before = as_variable(example(*operands)[0])
            outputs.append(chance.choice(_USES)(before))
        except (KernelgraphError, IndexError):
            return None  # not defined for these types
    return Graph(tuple(inputs.values()), tuple(outputs))


def _has_ranks(words: dict[str, list[str]]) -> bool:
    return any(word in RANKS for domain in words.values() for word in domain)


def _numbers(graph: Graph, rule: Rule, chance: random.Random) -> list[Any]:
    random_numbers = np.random.default_rng(chance.randrange(2**32))
    sizes = [int(random_numbers.choice((0, 1, 2, 3, 5, 8)))] * 2  # square, so that all sizes fit
    found: list[Any] = []
    for variable in graph.inputs:
        name = str(variable.name).rstrip("0123456789")
        words = rule.where.get(name, "").split()
        kind = variable.tensor_type
        shape = [n if size is None else size for size, n in zip(kind.shape, sizes, strict=False)]
        numbers = random_numbers.normal(size=shape) * random_numbers.choice([0.1, 1.0, 3.0])
        if "positive" in words:
            numbers = np.abs(numbers) + 0.01
        if "unit" in words:
            numbers = random_numbers.random(shape)
        if not is_float(kind.dtype):
            numbers = np.round(numbers * 10).astype("int64")
        found.append(np.asarray(numbers).astype(kind.dtype))
    return found
