"""What must hold for any graph and any values; each oracle gives None, or says what is wrong."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import kernelgraph as kg
from kernelgraph.elementwise import OPS
from kernelgraph.errors import KernelgraphError
from kernelgraph.graph import Apply, Graph
from kernelgraph.interpret import Watch, evaluate
from kernelgraph.ops.control import Run
from kernelgraph.rewrite.engine import RewriteWarning, rewrite
from kernelgraph.rewrite.proof.truth import UnknownTruthError, true_values
from kernelgraph.rewrite.rule import Rule
from kernelgraph.rewrite.rules.order import DEFAULT

Oracle = Callable[[Graph, Sequence[Any]], str | None]

_NUDGES = 4
_NUDGE = {
    "float64": 1e-9, "float32": 1e-5, "float16": 1e-2, "complex128": 1e-9, "complex64": 1e-5,
}  # fmt: skip
"""By what part of itself every input is moved to learn how much an output depends on it."""


_SMALL = {"float64": 1e-7, "float32": 1e-2, "float16": 1e-1}
"""How far results may differ in any case, in relation to their size or to 1."""


def outcome(graph: Graph, values: Sequence[Any], watch: Watch | None = None) -> list[Any] | str:
    """What a graph computes, or the kind of its error. As in a call of a function, the bytes of the
    values come in the machine's order.
    """
    native = [np.asarray(v, np.asarray(v).dtype.newbyteorder("=")) for v in values]
    try:
        with np.errstate(all="ignore"):
            return kg.interpret(graph, native, watch)
    except KernelgraphError as error:
        return type(error).__name__


def slack(graph: Graph, values: Sequence[Any], found: Sequence[Any]) -> list[Any]:
    """How far outputs move when inputs move by very little, and every node's results by a unit in
    the last place: what rounding may do to them.
    """
    chance = np.random.default_rng(0)
    moved = [np.zeros(np.shape(value)) for value in found]

    def rounded_otherwise(node: Apply, operands: Sequence[Any], run: Run) -> Sequence[Any]:
        return [_rounded(value, chance) for value in evaluate(node, operands, run)]

    for _ in range(_NUDGES):
        near = [_nudged(np.asarray(value), chance) for value in values]
        other = outcome(graph, near, rounded_otherwise)
        if isinstance(other, str):
            continue
        for k, (a, b) in enumerate(zip(other, found, strict=True)):
            if np.shape(a) != np.shape(b):  # how many there are depends on the numbers
                moved[k] = np.full(np.shape(b), np.inf)
                continue
            with np.errstate(all="ignore"):
                distance = np.abs(_wide(a) - _wide(b))
            moved[k] = np.fmax(moved[k], distance)
    return moved


def _wide(value: Any) -> Any:
    """A result in the widest dtype of its kind: complex numbers or floats."""
    return np.asarray(value, complex if np.asarray(value).dtype.kind == "c" else float)


def _nudged(value: Any, chance: np.random.Generator) -> Any:
    """Nearby values; zeros move as well, so that what depends on their sign is seen to."""
    part = _NUDGE.get(value.dtype.name, 0.0)
    with np.errstate(all="ignore"):
        moved = value + (np.abs(value) + 1e-3) * part * chance.uniform(-1, 1, value.shape)
    return np.asarray(np.where(np.isfinite(value), moved, value), value.dtype)


def _rounded(value: Any, chance: np.random.Generator) -> Any:
    """A result as another library may round it; what is no float stays as it is."""
    array = np.asarray(value)
    if array.dtype.kind not in "fc":
        return value
    part = np.finfo(array.dtype).eps * chance.choice((-1.0, 1.0), array.shape)
    with np.errstate(all="ignore"):
        moved = np.asarray(array + array * part.astype(array.dtype), array.dtype)
    return np.asarray(np.where(np.isfinite(array), moved, array), array.dtype)


def disagreement(expected: Any, got: Any, room: Any, strict: bool) -> str | None:
    """How two results differ. Unless `strict`, numbers may stand where there were none before:
    that is what stabilising is for.
    """
    a, b = np.asarray(expected), np.asarray(got)
    if (a.dtype, a.shape) != (b.dtype, b.shape):
        return f"{a.dtype}{a.shape} becomes {b.dtype}{b.shape}"
    if a.dtype.kind == "c":
        parts = (disagreement(p(a), p(b), room, strict) for p in (np.real, np.imag))
        return next((text for text in parts if text), None)
    if a.dtype.kind != "f":
        wrong = (a != b) & (np.asarray(room) == 0)
    else:
        small = _SMALL[a.dtype.name]
        with np.errstate(all="ignore"):
            near = np.abs(a - b) <= np.maximum(small * np.maximum(np.abs(a), 1), 10 * room)
        same = near | (a == b) | (np.isnan(a) & np.isnan(b)) | ~np.isfinite(room)
        wrong = ~same if strict else ~same & np.isfinite(a)
    if not wrong.any():
        return None
    place = tuple(map(int, np.argwhere(wrong)[0]))
    return f"at {place}: {a[place]!r} becomes {b[place]!r}"


def rewriting_keeps_values(rules: Sequence[Rule] = DEFAULT) -> Oracle:
    """The rewritten graph computes the same."""

    def oracle(graph: Graph, values: Sequence[Any]) -> str | None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                after = rewrite(graph, rules).graph
            except RewriteWarning as warning:
                return str(warning)
        return values_differ(graph, after, values)

    return oracle


def values_differ(graph: Graph, after: Graph, values: Sequence[Any]) -> str | None:
    """How what a graph was rewritten to differs from it; None where that is no fault."""
    expected, got = outcome(graph, values), outcome(after, values)
    wrong = compared(graph, values, expected, got, strict=False)
    excused = wrong and (_meets_infinity(graph, values) or _is_nearer(graph, values, got))
    return None if excused else wrong


def _meets_infinity(graph: Graph, values: Sequence[Any]) -> bool:
    """Whether something on the way is not finite: where a divisor is 0, its sign decides, and
    rounding may have decided that.
    """
    inside = [out for node in graph.apply_nodes() for out in node.outputs]
    found = outcome(Graph(graph.inputs, tuple(inside)), values)
    return isinstance(found, str) or not all(np.isfinite(value).all() for value in found)


def _underflows(graph: Graph, values: Sequence[Any]) -> bool:
    """Whether a product or quotient of numbers that are not 0 is 0 in the graph as written: what it
    is multiplied by further on has lost its factor.
    """
    lost: list[bool] = []

    def looked_at(node: Apply, operands: Sequence[Any], run: Run) -> Sequence[Any]:
        results = evaluate(node, operands, run)
        if node.op in (OPS["mul"], OPS["true_div"]):
            gone = np.asarray(results[0]) == 0
            for operand in operands:
                gone = gone & (np.asarray(operand) != 0) & np.isfinite(operand)
            lost.append(bool(gone.any()))
        return results

    outcome(graph, values, looked_at)
    return any(lost)


def _is_nearer(graph: Graph, values: Sequence[Any], got: Any) -> bool:
    """Whether the graph as written has lost the digits in question: the rewritten one is right to
    a part in a million, measured by the true values.
    """
    if isinstance(got, str):
        return False
    try:
        for output, found in zip(graph.outputs, got, strict=True):
            truth = true_values(Graph(graph.inputs, (output,)), values)
            exact = np.vectorize(float, otypes=["float64"])(truth)
            inside = Graph(graph.inputs, (output,)).apply_nodes()
            coarse = any(out.dtype == "float32" for node in inside for out in node.outputs)
            room = 1e-2 if coarse else 1e-6
            least = room if _underflows(graph, values) else 0  # then nothing is left to relate to
            if not np.allclose(found, exact, rtol=room, atol=least, equal_nan=True):
                return False
    except (UnknownTruthError, OverflowError):
        return False
    return True


def compared(
    graph: Graph, values: Sequence[Any], expected: Any, got: Any, strict: bool
) -> str | None:
    """How two outcomes of a graph differ; errors may disappear, but not come."""
    if isinstance(expected, str):
        return None
    if isinstance(got, str):
        return f"it raises {got}"
    if all(map(_equal, expected, got)):
        return None
    room = slack(graph, values, expected)
    for k, parts in enumerate(zip(expected, got, room, strict=True)):
        wrong = disagreement(*parts, strict)
        if wrong:
            return f"output {k} {wrong}"
    return None


def _equal(a: Any, b: Any) -> bool:
    """Whether there is nothing to ask of two results: the same numbers, of one type."""
    a, b = np.asarray(a), np.asarray(b)
    return a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")


def target_agrees(target: str) -> Oracle:
    """A back end computes what NumPy computes of the rewritten graph."""

    def oracle(graph: Graph, values: Sequence[Any]) -> str | None:
        f = kg.function(
            list(graph.inputs), list(graph.outputs), target=target, on_unused_input="ignore"
        )
        rewritten = f.stages.rewriting.graph
        expected = outcome(rewritten, values)
        try:
            got: Any = f(*values)
        except KernelgraphError as error:
            got = type(error).__name__
        if isinstance(expected, str) and not isinstance(got, str):
            return f"{expected} is not raised"
        return compared(rewritten, values, expected, got, strict=True)

    return oracle
