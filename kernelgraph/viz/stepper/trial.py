"""Do all frames of a rewriting compute the same? Tried on random numbers, and told in a few words.

Graphs with inputs that correspond by position come in; for each a `Comparison` with the first one
goes out. Sizes are guessed from what the graph asks of them, numbers are drawn with a fixed seed.
A trial is no proof, but a rule that is wrong rarely passes it.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kernelgraph.graph import Graph, SharedVariable, Variable
from kernelgraph.interpret import interpret
from kernelgraph.op import Opaque
from kernelgraph.schedule.dims import Dims
from kernelgraph.types import Array, TensorType, copied
from kernelgraph.viz.html import escape
from kernelgraph.viz.text.words import inner_graphs, op_name, type_text

_SEED = 20110
_SIZES = (3, 4, 5, 2)  # different ones, so that a confusion of axes shows
_MOST_NUMBERS = 1_000_000
_ROUNDINGS, _COARSEST = 1e4, 1e-2  # how far rounding may lead: in ulps, and relative at the most


@dataclass(frozen=True)
class Comparison:
    """What a trial found: `same` is None where nothing could be compared."""

    same: bool | None
    text: str

    @property
    def sign(self) -> str:
        """A tick, a cross, or a dash."""
        return {True: "✓", False: "✗", None: "–"}[self.same]

    def __str__(self) -> str:
        return f"{self.sign} {self.text}"


NOT_COMPARED = "not compared"


class Trial:
    """Numbers for the inputs of a graph, and what the graph makes of them."""

    def __init__(self, graph: Graph) -> None:
        self.reason = ""
        self.values: list[Any] = []
        self.expected: list[Any] = []
        try:
            self.values = sample(graph)
            self.expected = self._run(graph)
        except Exception as error:
            self.reason = escape.name(str(error).split("\n")[0] or type(error).__name__, 200)

    def compare(self, graph: Graph) -> Comparison:
        """Whether another graph makes the same of the numbers; never raises."""
        if self.reason:
            return Comparison(None, f"{NOT_COMPARED}: {self.reason}")
        try:
            results = self._run(graph)
        except Exception as error:
            reason = escape.name(str(error).split("\n")[0] or type(error).__name__, 200)
            return Comparison(False, f"the values differ: now it fails with {reason}")
        return verdict(self.expected, results)

    def _run(self, graph: Graph) -> list[Any]:
        foreign = _foreign_ops(graph)
        if foreign:
            raise ValueError(f"{foreign[0]} runs Python code, which is not run only for looking")
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return interpret(graph, [copied(value) for value in self.values])


def _foreign_ops(graph: Graph) -> list[str]:
    """Ops that would run code of the user's, or print: a picture must not do that."""
    ops = [node.op for node in graph.apply_nodes()]
    acting = (op for op in ops if isinstance(op, Opaque) and op.hands_on is not None)
    foreign = [*(op for op in ops if op.foreign), *acting]
    return [*map(op_name, foreign)] + [
        name
        for node in graph.apply_nodes()
        for held in inner_graphs(node)
        for name in _foreign_ops(held)
    ]


# Numbers -----------------------------------------------------------------------------------------


def sample(graph: Graph, given: Mapping[Variable, Any] | None = None) -> list[Any]:
    """A value for each input of `graph`: floats around 0, small integers; always the same ones.

    Axes that must agree have the same size, also as those of the values `given`, which are taken as
    they are. Raises ValueError for inputs that are no arrays.
    """
    generator = np.random.default_rng(_SEED)
    dims = Dims(graph)
    known = given or {}
    sizes: dict[Any, int] = {
        dims.of(variable, axis): size
        for variable, value in known.items()
        if isinstance(variable.type, TensorType)
        for axis, size in enumerate(np.shape(value))
    }
    return [
        known[variable] if variable in known else _value(variable, dims, sizes, generator)
        for variable in graph.inputs
    ]


def _value(
    variable: Variable, dims: Dims, sizes: dict[Any, int], generator: np.random.Generator
) -> Any:
    if not isinstance(variable.type, TensorType):
        if isinstance(variable, SharedVariable):
            return variable.container[0]
        raise ValueError(f"{type_text(variable.type)} is no type to draw numbers of")
    shape: list[int] = []
    for axis in range(variable.ndim):
        dim = dims.of(variable, axis)
        guess = _SIZES[len(sizes) % len(_SIZES)]
        size = variable.type.shape[axis] or dim.size
        shape.append(sizes.setdefault(dim, guess if size is None else size))
    if np.prod(shape, dtype=float) > _MOST_NUMBERS:
        raise ValueError("the inputs are too large for a trial")
    return _numbers(np.dtype(variable.dtype), shape, generator)


def _numbers(dtype: np.dtype[Any], shape: Sequence[int], generator: np.random.Generator) -> Array:
    match dtype.kind:
        case "b":
            drawn = generator.integers(0, 2, shape)
        case "i" | "u":
            drawn = generator.integers(0, 3, shape)
        case "c":
            drawn = generator.normal(size=shape) + 1j * generator.normal(size=shape)
        case _:
            drawn = generator.normal(size=shape)
    return np.asarray(drawn).astype(dtype)


# Verdict -----------------------------------------------------------------------------------------


def verdict(expected: Sequence[Any], results: Sequence[Any]) -> Comparison:
    """Whether two lists of results are the same numbers, up to rounding."""
    pairs = [
        (np.asarray(a), np.asarray(b))
        for a, b in zip(expected, results, strict=True)
        if _is_number(a)
    ]
    if not pairs:
        return Comparison(None, f"{NOT_COMPARED}: no output is an array")
    if any(a.shape != b.shape or a.dtype != b.dtype for a, b in pairs):
        return Comparison(False, "the values differ: in shape or dtype")
    if all(np.array_equal(a, b, equal_nan=a.dtype.kind in "fc") for a, b in pairs):
        return Comparison(True, "same values, max diff 0")
    differences = list(_differences(pairs))
    largest = max(difference for difference, _ in differences)
    if all(difference <= allowed for difference, allowed in differences):
        return Comparison(True, f"same values up to rounding, max diff below {_bound(largest)}")
    return Comparison(False, f"the values differ, max diff up to {_bound(largest)}")


def _is_number(value: Any) -> bool:
    return hasattr(value, "dtype") and np.asarray(value).dtype.kind in "biufc"


def _differences(pairs: Iterable[tuple[Array, Array]]) -> Iterable[tuple[float, float]]:
    """For each pair the largest difference, and how much of it rounding could explain."""
    for a, b in pairs:
        if a.dtype.kind not in "fc":
            yield (0.0, 0.0) if np.array_equal(a, b) else (1.0, 0.0)
            continue
        finite = np.isfinite(a) & np.isfinite(b)
        if not np.array_equal(a[~finite], b[~finite], equal_nan=True):
            yield float("inf"), 0.0
            continue
        scale = float(np.max(np.abs(a[finite]), initial=1.0))
        allowed = scale * min(_COARSEST, float(np.finfo(a.dtype).eps) * _ROUNDINGS)
        yield float(np.max(np.abs(a[finite] - b[finite]), initial=0.0)), allowed


def _bound(difference: float) -> str:
    """The next power of ten: the digits of a rounding error differ from machine to machine.

    >>> _bound(2.2e-16), _bound(float("inf"))
    ('1e-15', 'infinity')
    """
    if not np.isfinite(difference):
        return "infinity"
    return f"1e{int(np.floor(np.log10(difference))) + 1:d}" if difference else "0"
