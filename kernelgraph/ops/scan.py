"""The loop that holds a graph: `scan`, and its derivative, the same loop backwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kernelgraph.errors import GraphError, IndexingError, Operand, ShapeError, capture_origins
from kernelgraph.expect import expect_arity, expect_function
from kernelgraph.graph import Apply, Constant, Graph, Variable, describe, walk
from kernelgraph.op import Axis, Cotangents, Size, as_variable
from kernelgraph.ops.arithmetic import cast, minimum
from kernelgraph.ops.control import ControlOp, Differentiate, Run, capture
from kernelgraph.ops.sources import SizeOf, constant_size, size, zeros_like
from kernelgraph.sides import called, indexed, mismatched, side, typed
from kernelgraph.types import INTEGERS, TensorType, is_float, listed


def negative_size(node: Apply, size: int) -> ShapeError:
    """The error for a result that would have less than no rows."""
    return ShapeError(
        f"{node!r}: a size cannot be {size}",
        code="KG-S009",
        origins=node.origins,
        operands=(Operand(str(node.op), (size,), (0,)),),
    )


class Scan(ControlOp):
    """A loop.

    Operands: the number of steps, sequences (a slice each per step), first states, and what stays
    the same.

    The graph maps (slices, states, fixed) to (new states, results). An output per state holds its
    first value and then one per step, or, for states in `last_only`, the last value alone; an
    output per result holds one per step.
    """

    name = "scan"

    def __init__(
        self, graph: Graph, sequences: int, states: int, last_only: Sequence[int] = ()
    ) -> None:
        self.graphs = (graph,)
        self.sequences = sequences
        self.states = states
        self.last_only = frozenset(last_only)

    def make_node(self, *inputs: Any) -> Apply:
        outputs: list[Variable] = []
        steps = int(inputs[0].data) if isinstance(inputs[0], Constant) else None
        for k, out in enumerate(self.graphs[0].outputs):
            rows = None if steps is None else steps + (k < self.states)
            shape = out.tensor_type.shape
            outputs.append(
                Variable(TensorType(out.dtype, shape if k in self.last_only else (rows, *shape)))
            )
        return Apply(self, inputs, outputs)

    def split(
        self, operands: Sequence[Any]
    ) -> tuple[Any, Sequence[Any], Sequence[Any], Sequence[Any]]:
        """Operands as (steps, sequences, first states, fixed)."""
        a, b = 1 + self.sequences, 1 + self.sequences + self.states
        return operands[0], operands[1:a], operands[a:b], operands[b:]

    def evaluate_with(self, node: Apply, inputs: Sequence[Any], run: Run) -> Sequence[Any]:
        steps, sequences, states, fixed = self.split(inputs)
        count = len(self.graphs[0].outputs)
        history: list[list[Any]] = [[s] for s in states] + [[] for _ in range(count - self.states)]
        if steps < 0:
            raise negative_size(node, int(steps))
        for t in range(int(steps)):
            slices = [self._slice(sequence, t, node) for sequence in sequences]
            results = run(self.graphs[0], [*slices, *states, *fixed])
            for k, (old, new) in enumerate(zip(states, results, strict=False)):
                self._check_state(np.shape(old), np.shape(new), node, k)
            states = results[: self.states]
            for rows, value in zip(history, results, strict=True):
                rows.append(value)
        return [self._collect(k, rows, node, inputs) for k, rows in enumerate(history)]

    def _slice(self, sequence: Any, step: int, node: Apply) -> Any:
        if step >= len(sequence):
            raise self.step_error(node, step, len(sequence))
        return np.asarray(sequence[step])

    def step_error(self, node: Apply, step: int, rows: int) -> IndexingError:
        """The error for a step beyond the last row of a sequence."""
        found = [v for v in self.split(node.inputs)[1] if v.tensor_type.shape[0] in (None, rows)]
        drawn = (Operand("a sequence", (rows,), (0,), index=step),)
        return IndexingError(
            f"scan: step {step} of a sequence that has only {rows} rows",
            code="KG-I004",
            origins=node.origins,
            operands=indexed(found[0], 0, rows, step) if len(found) == 1 else drawn,
        )

    def _check_state(self, old: Sequence[int], new: Sequence[int], node: Apply, k: int) -> None:
        for axis, (m, n) in enumerate(zip(old, new, strict=True)):
            if m != n:
                raise self.state_error(node, k, axis, (m, n))

    def state_error(self, node: Apply, k: int, axis: int, sizes: tuple[int, int]) -> GraphError:
        """The error for state `k` when an axis of it does not keep its size."""
        start = self.split(node.inputs)[2][k]
        after = side(self.graphs[0].outputs[k], axis, sizes[1])
        return GraphError(
            f"scan: the size of a state changes from {sizes[0]} to {sizes[1]}",
            code="KG-G032",
            origins=node.origins,
            operands=(
                side(start, axis, sizes[0]),
                Operand(f"{called(start)}, a step later", after.sizes, after.axes),
            ),
        )

    def _collect(self, k: int, rows: Sequence[Any], node: Apply, inputs: Sequence[Any]) -> Any:
        out = node.outputs[k]
        if k in self.last_only:
            return np.array(rows[-1])
        if rows:
            return np.array(rows, dtype=out.dtype)
        sizes = [self._result_size(k, axis) for axis in range(out.ndim - 1)]  # no step ran
        shape: list[Any] = [
            np.shape(inputs[s.operand])[s.axis] if isinstance(s, Axis) else s or 0 for s in sizes
        ]
        return np.zeros((0, *shape), dtype=out.dtype)

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        steps, _, states, _ = self.split(node.inputs)
        first = 1 + self.sequences
        out: list[Sequence[Size]] = []
        for k, variable in enumerate(node.outputs):
            if k >= self.states:
                out.append(
                    [steps, *(self._result_size(k, axis) for axis in range(variable.ndim - 1))]
                )
                continue
            inner = [Axis(first + k, axis) for axis in range(states[k].ndim)]
            out.append(inner if k in self.last_only else [steps + constant_size(1), *inner])
        return out

    def _result_size(self, k: int, axis: int) -> Size:
        """The size of a result's axis, if it follows from the sizes of the loop's operands."""
        graph = self.graphs[0]
        found = size(graph.outputs[k], axis)
        if isinstance(found, Constant):
            return int(found.data)
        node = found.owner
        if node is None or not isinstance(node.op, SizeOf) or node.inputs[0] not in graph.inputs:
            return None
        position = graph.inputs.index(node.inputs[0])
        return Axis(1 + position, node.op.axis + (position < self.sequences))

    def vjp_with(
        self, node: Apply, cotangents: Cotangents, differentiate: Differentiate
    ) -> Cotangents:
        """The same loop backwards: the cotangents of states flow from the last step to the first,
        those of fixed operands are summed on the way.
        """
        steps, sequences, states, fixed = self.split(node.inputs)
        n, m = self.sequences, self.states
        self._check_differentiable(node, states)
        moving = [k for k in range(n) if is_float(sequences[k].dtype)]
        summed = [
            k for k, v in enumerate(fixed) if isinstance(v.type, TensorType) and is_float(v.dtype)
        ]
        before = [node.outputs[k][:-1] for k in range(m)]
        given = [
            zeros_like(v) if g is None else g for v, g in zip(node.outputs, cotangents, strict=True)
        ]
        count = m + len(summed)
        step = self._step_backwards(differentiate, moving, summed)
        back = Scan(step, n + m + len(node.outputs), count, last_only=range(count))
        rows = [_reversed(v) for v in (*(s[:steps] for s in sequences), *before)]
        arriving = [_reversed(g[1:] if k < m else g) for k, g in enumerate(given)]
        starts = [zeros_like(s) for s in states] + [zeros_like(fixed[k]) for k in summed]
        made = listed(back(steps, *rows, *arriving, *starts, *fixed))
        first = [g + c[0] for g, c in zip(made[:m], given[:m], strict=True)]
        of_sequences = dict(zip(moving, map(_reversed, made[count:]), strict=True))
        of_fixed = dict(zip(summed, made[m:count], strict=True))
        return [
            None,
            *(_pad_rows(of_sequences.get(k), sequences[k], steps) for k in range(n)),
            *first,
            *(of_fixed.get(k) for k in range(len(fixed))),
        ]

    def _check_differentiable(self, node: Apply, states: Sequence[Variable]) -> None:
        problem = None
        if self.last_only:
            problem = "the derivative of a derivative of a loop is not supported"
        elif any(not is_float(s.dtype) for s in states):
            problem = "a loop with integer states has no derivative"
        if problem:
            raise GraphError(problem, code="KG-G022", origins=node.origins)

    def _step_backwards(
        self, differentiate: Differentiate, moving: Sequence[int], summed: Sequence[int]
    ) -> Graph:
        """One step of the loop backwards.

        Its slices are those of the forward step, the states before it, and the cotangents that
        arrive at it from outside; its states are the cotangents that come from the step after it,
        and the sums for fixed operands so far.
        """
        graph = self.graphs[0]
        n, m = self.sequences, self.states
        outside = [Variable(v.type) for v in graph.outputs]
        later = [Variable(v.type) for v in graph.outputs[:m]]
        totals = [Variable(graph.inputs[n + m + k].type) for k in summed]
        incoming = [s + c for s, c in zip(outside, later, strict=False)] + outside[m:]
        wanted = [
            graph.inputs[k] for k in (*moving, *range(n, n + m), *(n + m + k for k in summed))
        ]
        found = [
            zeros_like(v) if g is None else g
            for v, g in zip(wanted, differentiate(graph.outputs, wanted, incoming), strict=True)
        ]
        per_slice, per_state = found[: len(moving)], found[len(moving) : len(moving) + m]
        sums = [a + b for a, b in zip(totals, found[len(moving) + m :], strict=True)]
        return Graph(
            (*graph.inputs[: n + m], *outside, *later, *totals, *graph.inputs[n + m :]),
            (*per_state, *sums, *per_slice),
        )


def _reversed(x: Variable) -> Variable:
    return x[::-1]


def _pad_rows(g: Variable | None, like: Variable, steps: Variable) -> Variable | None:
    """Zeros for the rows of a sequence that the loop did not reach."""
    if g is None:
        return None
    part = like[:steps]
    assert part.owner is not None
    return part.owner.op.vjp(part.owner, [g])[0]


def scan(
    fn: Callable[..., Any],
    sequences: Any = (),
    outputs_info: Any = (),
    non_sequences: Any = (),
    n_steps: Any = None,
) -> tuple[Any, dict[Variable, Variable]]:
    """Run `fn(*slices, *states, *fixed)` once per step; returns the results of all steps, and an
    empty dict of updates.

    `sequences`: arrays, a slice of each per step. `outputs_info`: the first value of each state,
    None for a result that is not fed back; `fn` returns new values in that order. `n_steps`: by
    default the length of the shortest sequence. Raises `GraphError` (KG-G032) when a state changes
    its type, or `n_steps` is no integer.
    """
    moving, fixed = (
        [as_variable(v) for v in _as_list(item)] for item in (sequences, non_sequences)
    )
    starts = [None if v is None else as_variable(v) for v in _as_list(outputs_info)]
    _check_sequences(moving, n_steps)
    slices = [Variable(TensorType(s.dtype, s.tensor_type.shape[1:])) for s in moving]
    states = [Variable(s.type) for s in starts if s is not None]
    ends = [*("slice" for _ in slices), *("state" for _ in states), *("fixed" for _ in fixed)]
    expect_arity(expect_function(fn, "the step of scan"), ends, "the step of scan")
    made = [as_variable(v) for v in _as_list(fn(*slices, *states, *fixed))]
    if len(made) < len(starts):
        raise GraphError(
            f"scan: {len(starts)} outputs_info, but the function returns {len(made)} results",
            code="KG-G032",
            origins=capture_origins(),
        )
    starts += [None] * (len(made) - len(starts))
    order = sorted(range(len(made)), key=lambda k: starts[k] is None)
    results = [made[k] for k in order]
    first = [s for s in starts if s is not None]
    results[: len(states)] = [_fit_state(r, s) for r, s in zip(results, states, strict=False)]
    own = [*slices, *states]
    reads, graph = capture(results, _nodes_after(own, results), own)
    steps = _steps(moving, n_steps)
    outputs = listed(Scan(graph, len(slices), len(states))(steps, *moving, *first, *reads))
    shown = [out[1:] if k < len(states) else out for k, out in enumerate(outputs)]
    in_order = [shown[order.index(k)] for k in range(len(order))]
    return (in_order[0] if len(in_order) == 1 else in_order), {}


def _as_list(value: Any) -> list[Any]:
    return [] if value is None else listed(value)


def _check_sequences(moving: Sequence[Variable], n_steps: Any) -> None:
    wrong = "scan without sequences needs n_steps" if not moving and n_steps is None else None
    for sequence in moving:
        if sequence.ndim == 0:
            wrong = f"scan cannot go through {describe(sequence)}: it has no rows"
    if wrong:
        raise GraphError(wrong, code="KG-G032", origins=capture_origins())


def _nodes_after(own: Sequence[Variable], results: Sequence[Variable]) -> set[Apply]:
    """The nodes of a step: what needs its slices or its states."""
    inside: set[Apply] = set()
    for node in walk(results):
        if any(v in own or v.owner in inside for v in node.inputs):
            inside.add(node)
    return inside


def _steps(moving: Sequence[Variable], n_steps: Any) -> Variable:
    if n_steps is not None:
        steps = as_variable(n_steps)
        if steps.ndim or steps.dtype not in INTEGERS:
            raise GraphError(
                f"n_steps of scan is an integer, not {describe(steps)}",
                code="KG-G032",
                origins=capture_origins(),
                operands=(side(steps) if steps.dtype in INTEGERS else typed(steps, INTEGERS),),
            )
        return cast(steps, "int64")
    steps = size(moving[0], 0)
    for sequence in moving[1:]:
        steps = minimum(steps, size(sequence, 0))
    return steps


def _fit_state(result: Variable, state: Variable) -> Variable:
    if result.dtype != state.dtype or result.ndim != state.ndim:
        raise GraphError(
            f"a state of scan starts as {state.type} but becomes {result.type}",
            code="KG-G032",
            origins=capture_origins(),
            hint=f"start from T.cast(…, {result.dtype!r}), or cast the result"
            if result.dtype != state.dtype
            else f"start from an array of {result.ndim} dimensions",
            operands=mismatched(Variable(state.type, "the state"), result),
        )
    return result
