"""What a program that is being tried should give: its graph run with NumPy, and by how much a right
program may differ from that.

Exact ops give the same bits everywhere. What libraries approximate, and what is added in another
order, may differ a little; how much that matters in the results is found by running the graph again
with small random changes in those places alone (Monte Carlo arithmetic; D. S. Parker, 1997).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any, cast

import numpy as np

from kernelgraph.c.trial.samples import MOST_ELEMENTS, tame_numbers
from kernelgraph.elementwise import Elementwise
from kernelgraph.graph import Apply, Constant, Graph, Variable
from kernelgraph.interpret import evaluate
from kernelgraph.op import Axis, Contraction, Opaque, Reduction, Size
from kernelgraph.types import Array, TensorType, copied, is_array, is_inexact

_CHANGE = 8
"""Units in the last place by which a number that is not exact is changed."""

_MARGIN = 8
"""How far beyond the changed results a result may lie, in their spread."""

_UNITS = 64
"""Units in the last place that results of inexact graphs may differ in any case."""

_FEW, _MANY = 4, 60


class TooLongError(Exception):
    """A graph took longer than there is time."""


class Reference:
    """The results of a graph for some inputs, to compare with."""

    def __init__(self, graph: Graph, values: Sequence[Any], deadline: float) -> None:
        self.graph = graph
        self.values = values
        self.deadline = deadline
        self.exact = True
        with np.errstate(all="ignore"):
            self.results = self._run(graph, values, None)

    def difference(self, found: Sequence[Any]) -> str | None:
        """What is wrong with the results that a program gave, in words, or None."""
        with np.errstate(all="ignore"):
            suspects = [k for k, pair in enumerate(self._pairs(found)) if not _close(*pair, self)]
            for count in (_FEW, _MANY) if suspects and not self.exact else ():
                ranges = self._ranges(suspects, count)
                suspects = [k for k in suspects if not _inside(found[k], *ranges[k])]
                if not suspects:
                    return None
            return _described(suspects[0], self.results, found) if suspects else None

    def _pairs(self, found: Sequence[Any]) -> list[tuple[Any, Any]]:
        return list(zip(self.results, found, strict=True))

    def _ranges(self, outputs: Sequence[int], count: int) -> dict[int, tuple[Array, Array, Array]]:
        """For each output the least and largest result, and where one was NaN, in changed runs."""
        rng = np.random.default_rng(count)
        ends: dict[int, tuple[Array, Array, Array]] = {}
        runs = [self.results, *(self._run(self.graph, self.values, rng) for _ in range(count))]
        for k in outputs:
            same = [run[k] for run in runs if np.shape(run[k]) == np.shape(self.results[k])]
            rows = _parts(np.array(same))
            missing = np.asarray(np.any(np.isnan(rows), axis=0))
            ends[k] = np.asarray(np.fmin.reduce(rows)), np.asarray(np.fmax.reduce(rows)), missing
        return ends

    def _run(
        self, graph: Graph, values: Sequence[Any], rng: np.random.Generator | None
    ) -> list[Any]:
        known: dict[Variable, Any] = dict(zip(graph.inputs, values, strict=True))

        def run(inner: Graph, operands: Sequence[Any]) -> list[Any]:
            return self._run(inner, operands, rng)

        for node in graph.apply_nodes():
            if time.thread_time() > self.deadline:
                raise TooLongError
            operands = [
                v.data if isinstance(v, Constant) and v not in known else known[v]
                for v in node.inputs
            ]
            if _elements(node, operands, known) > MOST_ELEMENTS:
                raise TooLongError
            rounded = is_rounded(node)
            self.exact = self.exact and not rounded
            if rng is not None and rounded and not isinstance(node.op, Elementwise):
                operands = [_changed(_as_floats(value, node), rng) for value in operands]
            results = trial_call(node, run)(*operands)
            if rng is not None and rounded:
                results = [_changed(value, rng) for value in results]
            known.update(zip(node.outputs, results, strict=True))
        return [v.data if isinstance(v, Constant) else known[v] for v in graph.outputs]


def _elements(node: Apply, operands: Sequence[Any], known: Mapping[Variable, Any]) -> int:
    """How many elements the largest output of a node has, as far as that is known beforehand."""
    if _is_foreign(node):
        return 0

    def number(size: Size) -> int:
        match size:
            case int():
                return size
            case Axis():
                return np.shape(operands[size.operand])[size.axis]
            case Constant():
                return int(size.data)
            case _:
                return int(known.get(size, 1)) if size is not None else 1

    return max((prod(map(number, sizes)) for sizes in node.op.sizes(node)), default=0)


def trial_call(
    node: Apply, run: Callable[[Graph, Sequence[Any]], list[Any]] | None = None
) -> Callable[..., Sequence[Any]]:
    """The meaning of a node, without what it does besides: users' own functions do not run while a
    program is tried, and numbers stand for their results.
    """

    def call(*operands: Any) -> Sequence[Any]:
        if isinstance(node.op, Opaque) and node.op.hands_on is not None:
            return [copied(value) for value in operands[node.op.hands_on :]]
        if _is_foreign(node):
            return [_stand_in(variable, operands) for variable in node.outputs]
        return evaluate(node, operands, run)

    return call


def _is_foreign(node: Apply) -> bool:
    """Whether only the user knows what an op does besides computing."""
    return node.op.foreign and node.op.routine(node) is None


def _stand_in(variable: Variable, operands: Sequence[Any]) -> Any:
    if not isinstance(variable.type, TensorType):
        return None
    alike = (np.shape(value) for value in operands if np.ndim(value) == variable.ndim)
    likely = next(alike, (3,) * variable.ndim)
    declared = variable.type.shape
    shape = [n if n is not None else m for n, m in zip(declared, likely, strict=True)]
    numbers = tame_numbers(np.random.default_rng(1), variable.dtype, shape, 1, negative=False)
    return np.asarray(numbers)


def is_rounded(node: Apply) -> bool:
    """Whether a right program may give other last digits than NumPy."""
    if not any(isinstance(v.type, TensorType) and is_inexact(v.dtype) for v in node.outputs):
        return False
    match node.op:
        case Elementwise():
            return node.op.ulps > 0
        case Reduction():
            return not node.op.chooses
        case _:
            return isinstance(node.op, Contraction) or node.op.routine(node) is not None


def _as_floats(value: Any, node: Apply) -> Any:
    """Whole numbers that a mean is taken of, as the floats that it is taken of."""
    is_whole = is_array(value) and value.dtype.kind in "iu"
    return value.astype("float64") if is_whole and isinstance(node.op, Reduction) else value


def _changed(value: Any, rng: np.random.Generator) -> Any:
    """Floats with their last digits changed by chance; of complex numbers, those of both parts, by
    as much as their magnitude has.
    """
    if not is_array(value) or value.dtype.kind not in "fc":
        return value
    change = _CHANGE * float(np.finfo(value.dtype).eps)
    if value.dtype.kind == "c":
        parts = _parts(value)
        near = cast("Array", rng.uniform(-change, change, parts.shape))
        more: Array = near * np.abs(value)[..., np.newaxis]
        changed = np.where(np.isfinite(parts), parts + more, parts).astype(parts.dtype)
        return changed.view(value.dtype)[..., 0]
    near = cast("Array", rng.uniform(1 - change, 1 + change, value.shape))
    return np.multiply(value, near).astype(value.dtype)


# --------------------------------------------------------------------------------------- comparison


def _close(right: Any, found: Any, reference: Reference) -> bool:
    """Whether a result is right to the last bit, or nearly so where the graph is not exact."""
    if not is_array(right) or not is_array(found):
        return True
    if right.shape != found.shape:
        return False
    if right.dtype.kind == "c":
        room = _UNITS * np.spacing(np.maximum(abs(right), abs(found)))[..., np.newaxis]
        right, found = _parts(right), _parts(found)
    else:
        room = 0
    agree = (right == found) | ((right != right) & (found != found))
    if agree.all():
        return True
    if reference.exact or right.dtype.kind != "f":
        return False
    room = np.maximum(room, _UNITS * np.spacing(np.maximum(abs(right), abs(found))))
    return bool((agree | (abs(right - found) <= room)).all())


def _parts(numbers: Array) -> Array:
    """Complex numbers as pairs along a last axis; others as they are."""
    if numbers.dtype.kind != "c":
        return numbers
    return np.stack([numbers.real, numbers.imag], axis=-1)


def _inside(found: Any, low: Array, high: Array, missing: Array) -> bool:
    """Whether a result lies where those with changes do, or not far from there."""
    found = _parts(found)
    if found.shape != low.shape:
        return False
    fits = (found >= low) & (found <= high)
    if found.dtype.kind == "f":
        spread = high - low
        room = _MARGIN * spread + _UNITS * np.spacing(np.maximum(abs(low), abs(high)))
        fits |= (found >= low - room) & (found <= high + room)
        never = np.isnan(low) & np.isfinite(found)  # a number where there is always NaN
        fits |= (~np.isfinite(spread) & ~never) | (np.isnan(found) & missing)
        fits |= np.isnan(found) & np.isnan(low)
    return bool(fits.all())


def _described(k: int, right: Sequence[Any], found: Sequence[Any]) -> str:
    one, other = np.asarray(right[k]), np.asarray(found[k])
    if one.shape != other.shape:
        return f"result {k} has shape {other.shape} instead of {one.shape}"
    wrong = ~((one == other) | ((one != one) & (other != other)))
    place = np.unravel_index(int(np.argmax(wrong)), wrong.shape)
    return f"an element of result {k} is {other[place]!s} instead of {one[place]!s}"
