"""The loop that holds a graph: `scan`, and its derivative, the same loop backwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kernelgraph.errors import GraphError, IndexingError, Operand
from kernelgraph.graph import Apply, Constant, Graph, Variable, leaves, substitute, walk
from kernelgraph.mismatches import called, indexed, mismatched, sized
from kernelgraph.op import Axis, Control, Cotangents, Size
from kernelgraph.ops.broadcasting import zeros_like
from kernelgraph.ops.control import ControlOp, Differentiate, Run, dtype_of
from kernelgraph.ops.sources import SizeOf, constant_size, size
from kernelgraph.ops.tape import NewTape, PutAside, TakeAgain
from kernelgraph.types import ObjectType, TensorType, copied, is_array, is_inexact, listed


class Scan(ControlOp):
    """A loop.

    Operands: the number of steps, sequences (a slice each per step), first states, and what stays
    the same.

    The graph maps (slices, states, fixed) to (new states, results). An output per state holds its
    first value and then one per step, or, for states in `last_only`, the last value alone; an
    output per result holds one per step. The last `streams` of the states are those of random
    streams and other shared variables that the loop moves on: only their last value is kept, and
    nothing is differentiated by them.
    """

    name = "scan"

    def __init__(
        self,
        graph: Graph,
        sequences: int,
        states: int,
        last_only: Sequence[int] = (),
        streams: int = 0,
    ) -> None:
        self.graphs = (graph,)
        self.sequences = sequences
        self.states = states
        self.streams = streams
        self.last_only = frozenset((*last_only, *range(states - streams, states)))

    def make_node(self, *inputs: Any) -> Apply:
        self._check_dtypes()
        outputs: list[Variable] = []
        steps = int(inputs[0].data) if isinstance(inputs[0], Constant) else None
        for k, out in enumerate(self.graphs[0].outputs):
            if k in self.last_only:
                outputs.append(Variable(out.type))
                continue
            rows = None if steps is None else steps + (k < self.states)
            outputs.append(Variable(TensorType(out.dtype, (rows, *out.tensor_type.shape))))
        return Apply(self, inputs, outputs)

    def _check_dtypes(self) -> None:
        """A state keeps its dtype. Raises `GraphError` (KG-G032)."""
        graph = self.graphs[0]
        for before, after in zip(graph.inputs[self.sequences :], graph.outputs[: self.states],
                                 strict=False):  # fmt: skip
            if dtype_of(before) != dtype_of(after):
                raise GraphError(
                    f"a state of scan starts as {before.type} but becomes {after.type}",
                    code="KG-G032",
                    origins=after.where,
                    operands=mismatched(before, after),
                )

    def read_dtypes(self, inputs: Sequence[Variable]) -> Sequence[str | None]:
        return [dtype_of(v) for v in inputs[1:]]

    def counts(self, node: Apply) -> Sequence[Size]:
        return node.inputs[:1]

    def next_states(self, node: Apply) -> Mapping[int, int]:
        first = 1 + self.sequences
        return {first + k: k for k in range(self.states - self.streams, self.states)}

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
            raise self.negative_size(node, int(steps))
        for t in range(int(steps)):
            slices = [self._slice(sequence, t, node) for sequence in sequences]
            results = run(self.graphs[0], [*slices, *states, *fixed])
            for k, (rows, value) in enumerate(zip(history, results, strict=True)):
                if rows and isinstance(node.outputs[k].type, TensorType):
                    self._check_sizes(np.shape(rows[-1]), np.shape(value), node, k)
                if k in self.last_only:
                    rows.clear()
                rows.append(value)
            states = results[: self.states]
        return [self._collect(k, rows, node, inputs) for k, rows in enumerate(history)]

    def first_step(self, node: Apply) -> Sequence[Variable]:
        """What the graph reads at the first step."""
        _, sequences, states, fixed = self.split(node.inputs)
        return [*(sequence[0] for sequence in sequences), *states, *fixed]

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

    def _check_sizes(self, old: Sequence[int], new: Sequence[int], node: Apply, k: int) -> None:
        for axis, (m, n) in enumerate(zip(old, new, strict=True)):
            if m != n:
                raise self.state_error(node, k, axis, (m, n))

    def state_error(self, node: Apply, k: int, axis: int, sizes: tuple[int, int]) -> GraphError:
        """The error for state or result `k` when an axis of it does not keep its size."""
        if k >= self.states:
            return self._result_error(node, k, axis, sizes)
        start = self.split(node.inputs)[2][k]
        after = sized(self.graphs[0].outputs[k], axis, sizes[1])
        return GraphError(
            f"scan: the size of a state changes from {sizes[0]} to {sizes[1]}",
            code="KG-G032",
            origins=node.origins,
            operands=(
                sized(start, axis, sizes[0]),
                Operand(f"{called(start)}, a step later", after.sizes, after.axes),
            ),
        )

    def _result_error(self, node: Apply, k: int, axis: int, sizes: tuple[int, int]) -> GraphError:
        result = self.graphs[0].outputs[k]
        before, after = (sized(result, axis, n) for n in sizes)
        return GraphError(
            f"scan: the size of a result changes from {sizes[0]} to {sizes[1]}: "
            "the results of all steps are the rows of one array",
            code="KG-G032",
            origins=result.where or node.origins,
            hint="reduce what has another size at each step inside of the step",
            operands=(before, Operand(f"{after.name}, a step later", after.sizes, after.axes)),
        )

    def _collect(self, k: int, rows: Sequence[Any], node: Apply, inputs: Sequence[Any]) -> Any:
        out = node.outputs[k]
        if k in self.last_only:
            return copied(rows[-1]) if is_array(rows[-1]) else rows[-1]
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
                inside = (self._result_size(k, axis) for axis in range(variable.ndim - 1))
                out.append([steps, *inside])
                continue
            if not isinstance(variable.type, TensorType):
                out.append([])
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

        What the loop draws is drawn once more on the way there, from the same states, and put aside
        for the way back.
        """
        if self.last_only - set(range(self.states - self.streams, self.states)):
            return self._with_history(node, cotangents, differentiate)
        steps, sequences, states, fixed = self.split(node.inputs)
        way = _Way(self, node, cotangents)
        step = way.step(differentiate)
        tape = way.tape()
        count = len(way.flowing) + len(way.summed)
        back = Scan(step, self.sequences + way.kept + len(way.arriving), count + len(tape),
                    range(count), len(tape))  # fmt: skip
        before = [node.outputs[k][:-1] for k in range(way.kept)]
        rows = [_reversed(v) for v in (*(s[:steps] for s in sequences), *before)]
        given = {k: g for k, g in enumerate(cotangents) if g is not None}
        arriving = [_reversed(given[k][1:] if k < way.kept else given[k]) for k in way.arriving]
        starts = [zeros_like(states[k]) for k in way.flowing]
        starts += [zeros_like(fixed[k]) for k in way.summed]
        made = listed(back(steps, *rows, *arriving, *starts, *tape, *way.fixed))
        of_states = dict(zip(way.flowing, made, strict=False))
        of_states = {k: g + given[k][0] if k in given else g for k, g in of_states.items()}
        of_sequences = dict(zip(way.moving, map(_reversed, made[count + len(tape) :]), strict=True))
        of_fixed = dict(zip(way.summed, made[len(way.flowing) : count], strict=True))
        return [
            None,
            *(_pad_rows(of_sequences.get(k), v, steps) for k, v in enumerate(sequences)),
            *(of_states.get(k) for k in range(self.states)),
            *(of_fixed.get(k) for k in range(len(fixed))),
        ]

    def _with_history(
        self, node: Apply, cotangents: Cotangents, differentiate: Differentiate
    ) -> Cotangents:
        """The inputs' cotangents of a loop that keeps the last states alone: the way back needs all
        of them, of which the last rows get the cotangents.
        """
        loop = Scan(self.graphs[0], self.sequences, self.states, (), self.streams)
        whole = loop.make_node(*node.inputs)
        whole.origins = node.origins
        given = list(cotangents)
        for k in self.last_only:
            g = given[k]
            if g is not None and k < self.states - self.streams:
                last = whole.outputs[k][-1].owner
                assert last is not None
                given[k] = last.op.vjp(last, [g])[0]
        return loop.vjp_with(whole, given, differentiate)

    def jvp_with(self, node: Apply, tangents: Cotangents, push: Differentiate) -> Cotangents:
        """The same loop with a tangent beside each state. What it draws is drawn again, from the
        same states.
        """
        return _Beside(self, node, tangents, push).tangents()


class _Beside:
    """A loop of which each step makes tangents, too.

    `flowing` are the states that have tangents; `moving` sequences and `fixed` operands, those
    whose tangents are not 0.
    """

    def __init__(self, loop: Scan, node: Apply, tangents: Cotangents, push: Differentiate) -> None:
        self.loop, self.node, self.given = loop, node, loop.split(tangents)
        self.kept = loop.states - loop.streams
        _, sequences, _, fixed = self.given
        self.moving = [k for k, t in enumerate(sequences) if t is not None]
        self.flowing = _derivatives(loop.split(node.inputs)[2][: self.kept])
        self.fixed = [k for k, t in enumerate(fixed) if t is not None]
        ends = loop.graphs[0].inputs
        n = loop.sequences
        places = [*self.moving, *(n + k for k in self.flowing)]
        places += [n + loop.states + k for k in self.fixed]
        self.beside = [Variable(ends[k].type) for k in places]
        self.found = push(loop.graphs[0].outputs, [ends[k] for k in places], self.beside)

    def step(self) -> tuple[Graph, list[int]]:
        """One step, and the results of the loop whose tangents it makes behind those of states."""
        graph, kept, states = self.loop.graphs[0], self.kept, self.loop.states
        n, a = self.loop.sequences, len(self.moving)
        b = a + len(self.flowing)
        made = [
            zeros_like(graph.outputs[k]) if (t := self.found[k]) is None else t
            for k in self.flowing
        ]
        results = [k for k in range(states, len(graph.outputs)) if self.found[k] is not None]
        ends = graph.inputs
        inputs = (
            *ends[:n], *self.beside[:a], *ends[n : n + kept], *self.beside[a:b],
            *ends[n + kept :], *self.beside[b:],
        )  # fmt: skip
        there = [t for k in results if (t := self.found[k]) is not None]
        outputs = (*graph.outputs[:kept], *made, *graph.outputs[kept:states], *there)
        return Graph(inputs, outputs), results

    def tangents(self) -> Cotangents:
        """The tangents of the loop's outputs."""
        loop, kept = self.loop, self.kept
        steps, sequences, states, fixed = loop.split(self.node.inputs)
        _, of_sequences, of_states, of_fixed = self.given
        graph, results = self.step()
        last = [kept + j for j, k in enumerate(self.flowing) if k in loop.last_only]
        both = Scan(
            graph, loop.sequences + len(self.moving), loop.states + len(self.flowing),
            [*range(kept), *last], loop.streams,
        )  # fmt: skip
        starts = [zeros_like(states[k]) if (t := of_states[k]) is None else t for k in self.flowing]
        made = listed(both(
            steps, *sequences, *(of_sequences[k] for k in self.moving), *states[:kept], *starts,
            *states[kept:], *fixed, *(of_fixed[k] for k in self.fixed),
        ))  # fmt: skip
        found: dict[int, Variable] = {k: made[kept + j] for j, k in enumerate(self.flowing)}
        found.update(zip(results, made[loop.states + len(self.flowing) :], strict=True))
        return [found.get(k) for k in range(len(self.node.outputs))]


class _Way:
    """The way back through a loop: what flows along it, and one step of it.

    `kept` counts the states whose history is there; of these, derivatives pass through `flowing`.
    `moving` sequences and `summed` fixed operands get derivatives; at `arriving` outputs,
    cotangents come in from outside.
    """

    def __init__(self, loop: Scan, node: Apply, cotangents: Cotangents) -> None:
        self.loop = loop
        self.node = node
        self.graph = loop.graphs[0]
        _, sequences, states, fixed = loop.split(node.inputs)
        self.kept = loop.states - loop.streams
        self.fixed = list(fixed)
        self.moving = _derivatives(sequences)
        self.flowing = _derivatives(states[: self.kept])
        self.summed = _derivatives(fixed)
        given = [g is not None for g in cotangents]
        self.arriving = [k for k in _derivatives(node.outputs) if given[k]]
        self.aside: list[Variable] = []

    def step(self, differentiate: Differentiate) -> Graph:
        """One step backwards.

        Its slices are those of the forward step, the states before it, and the cotangents that
        arrive at it from outside; its states are the cotangents that come from the step after it,
        the sums for fixed operands so far, and the tape of what was drawn.
        """
        ends, n, first = self.graph.inputs, self.loop.sequences, self.loop.sequences + self.kept
        fixed = ends[n + self.loop.states :]
        outside = {k: Variable(self.graph.outputs[k].type) for k in self.arriving}
        later = {k: Variable(self.graph.outputs[k].type) for k in self.flowing}
        totals = [Variable(fixed[k].type) for k in self.summed]
        incoming = [_sum_of(outside.get(k), later.get(k)) for k in range(len(self.graph.outputs))]
        wanted = [
            *(ends[k] for k in self.moving),
            *(ends[n + k] for k in self.flowing),
            *(fixed[k] for k in self.summed),
        ]
        pairs = zip(wanted, differentiate(self.graph.outputs, wanted, incoming), strict=True)
        found = [zeros_like(v) if g is None else g for v, g in pairs]
        tape, found, rest = self._from_tape(found)
        a, b = len(self.moving), len(self.moving) + len(self.flowing)
        sums = [x + y for x, y in zip(totals, found[b:], strict=True)]
        return Graph(
            (*ends[:first], *outside.values(), *later.values(), *totals, *tape, *fixed),
            (*found[a:b], *sums, *rest, *found[:a]),
        )

    def _from_tape(
        self, found: Sequence[Variable]
    ) -> tuple[list[Variable], list[Variable], list[Variable]]:
        """The step with all that was drawn taken from a tape: the tape, the results, and the tape
        that is left; both empty where nothing that was drawn is needed.
        """
        first = self.loop.sequences + self.kept
        streams = self.graph.inputs[first : first + self.loop.streams]
        draws = [
            node
            for node in walk(found)
            if not isinstance(node.op, Control) and set(node.op.next_states(node)) and
            any(v in streams for v in node.inputs)
        ]  # fmt: skip
        used = {v for node in walk(found) for v in node.inputs} | set(found)
        aside = [v for node in draws for v in node.outputs if v in used]
        aside += [v for v in leaves(found, aside) if v in streams]
        if not aside:
            return [], list(found), []
        self.aside = aside
        tape = Variable(ObjectType())
        rest, *values = listed(TakeAgain([v.type for v in aside])(tape))
        return [tape], substitute(found, dict(zip(aside, values, strict=True))), [rest]

    def tape(self) -> list[Variable]:
        """The tape of the whole loop, made by the loop once more; none where nothing was drawn."""
        if not self.aside:
            return []
        loop, first = self.loop, self.loop.sequences + self.loop.states
        steps, sequences, states, fixed = loop.split(self.node.inputs)
        tape = Variable(ObjectType())
        longer = PutAside()(tape, *self.aside)
        ends, outputs = self.graph.inputs, self.graph.outputs
        graph = Graph(
            (*ends[:first], tape, *ends[first:]),
            (*outputs[: loop.states], longer, *outputs[loop.states :]),
        )
        once_more = Scan(graph, loop.sequences, loop.states + 1, (), loop.streams + 1)
        made = listed(once_more(steps, *sequences, *states, NewTape()(steps), *fixed))
        return [made[loop.states]]


def _derivatives(variables: Sequence[Variable]) -> list[int]:
    """The positions of those that have derivatives."""
    return [k for k, v in enumerate(variables) if is_inexact(dtype_of(v) or "")]


def _sum_of(a: Variable | None, b: Variable | None) -> Variable | None:
    return a + b if a is not None and b is not None else b if a is None else a


def _reversed(x: Variable) -> Variable:
    return x[::-1]


def _pad_rows(g: Variable | None, like: Variable, steps: Variable) -> Variable | None:
    """Zeros for the rows of a sequence that the loop did not reach."""
    if g is None:
        return None
    part = like[:steps]
    assert part.owner is not None
    return part.owner.op.vjp(part.owner, [g])[0]
