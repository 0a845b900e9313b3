"""What must hold of a whole program besides its numbers: bits that exact rules keep, operands that
a call leaves alone, results that belong to the caller, functions that survive pickle.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import KernelgraphError
from kernelgraph.graph import Graph, Variable
from kernelgraph.op import Composite, Contraction, Opaque, Reduction
from kernelgraph.ops.control import ControlOp
from kernelgraph.ops.passing import Passing
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.rules.order import DEFAULT
from kernelgraph.types import TensorType
from tests.fuzz.oracles import Oracle, compared, outcome
from tests.support import same

EXACT = [rule for rule in DEFAULT if rule.changes is None]


def exact_rules_keep_bits(graph: Graph, values: Sequence[Any]) -> str | None:
    """Rules that promise the same bits keep them: NaN, infinities and the sign of 0 included."""
    expected, got = outcome(graph, values), outcome(rewrite(graph, EXACT).graph, values)
    wrong = first_difference(expected, got, "exact rules")
    if wrong and _adds_up(graph):
        return compared(graph, values, expected, got, strict=True)
    return wrong


def _adds_up(graph: Graph) -> bool:
    """Whether NumPy adds numbers up, or a library does: in an order that depends on the layout."""
    return any(
        isinstance(node.op, Reduction | Contraction | Opaque | Composite | ControlOp)
        for node in graph.apply_nodes()
    )


def first_difference(expected: Any, got: Any, what: str) -> str | None:
    """Where two outcomes differ in a bit; errors may disappear."""
    if isinstance(expected, str):
        return None
    if isinstance(got, str):
        return f"{what}: it raises {got}"
    for k, (a, b) in enumerate(zip(expected, got, strict=True)):
        if not same(a, b):
            return f"{what}: output {k} was {a!r} and is {b!r}"[:600]
    return None


def nothing_is_left_to_rewrite(graph: Graph, values: Sequence[Any]) -> str | None:
    """Asked again, no rule has anything to do."""
    again = rewrite(rewrite(graph, DEFAULT).graph, DEFAULT)
    return f"again: {[str(step) for step in again.steps][:3]}" if again.steps else None


def calls_are_clean(target: str) -> Any:
    """A call leaves its operands alone; a second one, after what the first gave was overwritten,
    gives the same bits, and so does the function after a pickle.
    """

    def oracle(graph: Graph, values: Sequence[Any]) -> str | None:
        f = kg.function(
            list(graph.inputs), [kg.Out(v, borrow=True) for v in graph.outputs], target=target,
            on_unused_input="ignore",
        )  # fmt: skip
        before = [np.asarray(value).tobytes() for value in values]
        try:
            given = f(*values)
        except KernelgraphError:
            return None
        first = [np.array(value) for value in given]
        for k, (old, value) in enumerate(zip(before, values, strict=True)):
            if np.asarray(value).tobytes() != old:
                return f"operand {k} was changed"
        for value in given:
            _overwrite(value)
        for k, (old, value) in enumerate(zip(before, values, strict=True)):
            if np.asarray(value).tobytes() != old:
                return f"a result lies in operand {k}"
        second = [np.array(value) for value in f(*values)]
        wrong = first_difference(first, second, "the second call")
        again = pickle.loads(pickle.dumps(f))
        return wrong or first_difference(first, list(again(*values)), "after a pickle")

    return oracle


def _overwrite(value: Any) -> None:
    array = np.asarray(value)
    if array.flags.writeable:
        array[...] = np.asarray(77).astype(array.dtype)


def debug_mode_finds_nothing(graph: Graph, values: Sequence[Any]) -> str | None:
    """Every node is what its op promises."""
    mode = kg.DebugMode(targets=("python",))
    f = kg.function(list(graph.inputs), list(graph.outputs), mode=mode, on_unused_input="ignore")
    try:
        f(*values)
    except kg.errors.DebugModeError as error:
        return str(error)[:600]
    except KernelgraphError:
        return None
    return None


# Updates ------------------------------------------------------------------------------------------


def updates_agree(target: str) -> Oracle:
    """Inputs become shared variables that results of their types are stored in, in place where the
    plan can; what two calls give and store is what NumPy gives.
    """

    def oracle(graph: Graph, values: Sequence[Any]) -> str | None:
        updates = _updates(graph, values)
        if not updates:
            return None
        now = dict(zip(graph.inputs, values, strict=True))
        cells = {v: kg.shared(now[v], shape=v.tensor_type.shape) for v in updates}
        free = [v for v in graph.inputs if v not in cells]
        f = kg.function(
            free, list(graph.outputs), target=target, givens=cells, on_unused_input="ignore",
            updates=[(cell, updates[v]) for v, cell in cells.items()],
        )  # fmt: skip
        whole = Graph(graph.inputs, (*graph.outputs, *(updates[v] for v in cells)))
        for _ in range(2):
            given = [now[v] for v in graph.inputs]
            try:
                got: Any = f(*(now[v] for v in free))
            except KernelgraphError as error:
                got = type(error).__name__
            expected = outcome(whole, given)
            if isinstance(expected, str) or isinstance(got, str):
                return compared(whole, given, expected, got, strict=True)
            found = [*got, *(cell.get_value() for cell in cells.values())]
            wrong = compared(whole, given, expected, found, strict=False)
            if wrong:
                return f"with updates: {wrong}"
            now.update(zip(cells, expected[len(graph.outputs) :], strict=True))
            for v, cell in cells.items():
                cell.set_value(now[v])
        return None

    return oracle


def _updates(graph: Graph, values: Sequence[Any]) -> dict[Variable, Variable]:
    """For inputs, a variable of the graph that has their type and their sizes here."""
    inside = [out for node in graph.apply_nodes() for out in node.outputs]
    inside = [v for v in inside if isinstance(v.type, TensorType)]
    found = outcome(Graph(graph.inputs, tuple(inside)), values)
    if isinstance(found, str):
        return {}
    updates: dict[Variable, Variable] = {}
    for v, value in zip(graph.inputs, values, strict=True):
        fitting = [new for new, result in zip(inside, found, strict=True)
                   if new.type == v.type and np.shape(result) == np.shape(value)]  # fmt: skip
        if fitting:
            updates[v] = fitting[len(inside) % len(fitting)]
    return updates


# Gradients ----------------------------------------------------------------------------------------

_STEPS = (1e-3, 4e-4)
"""Two steps of differences: what both give is the derivative, what they do not agree on is none."""


def gradients_agree(graph: Graph, values: Sequence[Any]) -> str | None:
    """The first and second derivative along a direction, backwards and forwards, against
    differences; where these say something.
    """
    if not _is_smooth(graph):
        return None
    rng = np.random.default_rng(0)
    wrt = [v for v in graph.inputs if v.dtype == "float64"]
    sizes = {v: np.shape(value) for v, value in zip(graph.inputs, values, strict=True)}
    along = {v: rng.normal(size=sizes[v]) for v in wrt}
    ends = [T.constant(along[v]) for v in wrt]
    reals = [v for v in graph.outputs if v.dtype == "float64"]
    try:
        cost: Any = sum(T.sum(T.tanh(v * 0.3)) for v in reals)
        slope = _along(cost, wrt, ends)
        found = [cost, slope, _along(slope, wrt, ends)]
    except KernelgraphError:
        return None
    try:
        found.append(T.Rop(cost, wrt, ends))
    except KernelgraphError:
        found.append(slope)

    def at(t: float) -> Any:
        moved = [value + t * along[v] if v in along else value
                 for v, value in zip(graph.inputs, values, strict=True)]  # fmt: skip
        return outcome(Graph(graph.inputs, tuple(found)), moved)

    return _differences_agree(at)


def _is_smooth(graph: Graph) -> bool:
    nodes = graph.apply_nodes()
    dtypes = {getattr(v.type, "dtype", "") for n in nodes for v in (*n.inputs, *n.outputs)}
    return (
        dtypes.isdisjoint(("float32", "float16", "complex64", "complex128"))
        and any(v.dtype == "float64" for v in graph.outputs)
        and any(v.dtype == "float64" for v in graph.inputs)
        and not any(isinstance(node.op, Passing) for node in nodes)
    )


def _along(cost: Any, wrt: Sequence[Any], ends: Sequence[Any]) -> Any:
    slopes = T.grad(cost, list(wrt), disconnected_inputs="ignore")
    return sum((T.sum(g * end) for g, end in zip(slopes, ends, strict=True)), T.zeros(()))


def _differences_agree(at: Callable[[float], Any]) -> str | None:
    here = at(0.0)
    estimates: list[Any] = []
    for h in _STEPS:
        around = [at(k * h) for k in (1, -1, 2, -2)]
        if isinstance(here, str) or any(isinstance(found, str) for found in around):
            return None
        near, far = (np.subtract(*(np.array(f[:2]) for f in around[k : k + 2])) for k in (0, 2))
        estimates.append((8 * near - far) / (12 * h))
    first, second = estimates
    for k, (name, got) in enumerate(
        (("slope", here[1]), ("curvature", here[2]), ("slope forwards", here[3]))
    ):
        order = k % 2
        size = 1e-3 + abs(second[order])
        if np.isnan(got):
            continue  # at a pole: sqrt(u - u), or the angle of (0, 0)
        if not np.isfinite(size) or abs(first[order] - second[order]) > 1e-5 * size:
            continue
        if not abs(got - second[order]) <= 1e-3 * size:
            return f"{name}: {got!r}, by differences {first[order]!r} and {second[order]!r}"
    return None
