"""From a fused loop tree to a kernel: which numbers are locals, which lie in memory, and every
statement in its loop.

A number that is used only inside the loops where it was made is a local. A number that is used in a
later loop of the same row is kept for that row; one that is used by other kernels is kept whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from kernelgraph.elementwise import Elementwise
from kernelgraph.graph import Apply, Variable
from kernelgraph.loops import ir
from kernelgraph.loops.allocation import Allocation, Place
from kernelgraph.loops.checks import inside
from kernelgraph.loops.collect import finish_kernel
from kernelgraph.loops.expressions import as_dtype, operation, wish
from kernelgraph.loops.names import safe_word
from kernelgraph.loops.powers import has_products, products
from kernelgraph.loops.reading import Reading
from kernelgraph.op import OPERANDS, Fold, Scatter
from kernelgraph.ops.arithmetic import add
from kernelgraph.ops.indexing import Gather
from kernelgraph.ops.positions import Arange, Position
from kernelgraph.rewrite.notation import formula
from kernelgraph.schedule.dims import Dim
from kernelgraph.schedule.values import Body, Index, Loop, LoopId, Use
from kernelgraph.schedule.writes import NewMemory, Written, in_place, memory_of

_INDICES = "ijklm"


_FORMULAS = 3
"""So many formulas stand above a kernel, a line each."""


class KernelLowering(Reading):
    """Writes the statements of one kernel."""

    def _make_buffers(self, node: Apply, allocation: Allocation, place: Place) -> None:
        if in_place(node):
            root = memory_of(node.out)
            stored = self.buffers[root] if root in self.buffers else self.storage[root]
            assert isinstance(stored, ir.Buffer)
            self.buffers[node.out] = stored
            return
        if allocation.buffer_depth is None:
            return
        domain = self.schedule.domains[node]
        fixed = place.loops[: allocation.buffer_depth]
        for out in node.outputs:
            if out.ndim == 0 and allocation.buffer_depth == 0 and not allocation.arrays:
                continue  # a number given back to the host by name
            dims = self._axes_dims(out, domain.own, fixed)
            buffer = ir.Buffer(self.names.fresh(wish(out)), out.dtype, dims)
            self.buffers[out] = buffer
            if not allocation.leaves:
                self.scratch.append(buffer)

    def _axes_dims(self, out: Variable, own: Index, fixed: Sequence[LoopId]) -> tuple[Dim, ...]:
        dims = self.schedule.dims.all_of(out)
        return tuple(
            dim for dim, loop in zip(dims, own, strict=True) if loop is None or loop not in fixed
        )

    # ----------------------------------------------------------------------------------------------

    def make_buffers(self) -> dict[Variable, ir.Buffer]:
        """The memory of the results that need any, before a statement is written."""
        for node, place in self.places.items():
            self._make_buffers(node, self.allocations[node], place)
        return self.buffers

    def lower(self, name: str) -> ir.Kernel:
        """The kernel."""
        statements = tuple(self._body(self.body, 0))
        results = tuple(self.locals[out] for node in self.places for out in self._results(node))
        nodes = tuple(self.places)
        return finish_kernel(name, statements, results, nodes, self.can_fail, self._formulas())

    def _formulas(self) -> str:
        """What the kernel computes for others, written down to what it reads."""
        leaving = [
            out
            for node in self.places
            for out in node.outputs
            if self.allocations[node].leaves and (out in self.buffers or out in self.locals)
        ]
        texts = [f"{self._called(out)} = {formula(out, called=self._read)}" for out in leaving]
        return "\n".join([*texts[:_FORMULAS], *(["…"] if len(texts) > _FORMULAS else [])])

    def _called(self, out: Variable) -> str:
        return self.buffers[out].name if out in self.buffers else self.locals[out].name

    def _read(self, variable: Variable) -> str | None:
        """The name of what the kernel reads, or of what it has a formula for already."""
        if variable.owner in self.places:
            return self.locals[variable].name if variable.name and variable in self.locals else None
        stored = self.storage.get(variable)
        if isinstance(stored, ir.Buffer | ir.Name):
            return stored.name
        return safe_word(variable.name) if variable.name else None

    def _results(self, node: Apply) -> list[Variable]:
        allocation = self.allocations[node]
        return [out for out in node.outputs if allocation.leaves and out not in self.buffers]

    def given_back(self) -> list[Variable]:
        """The variables whose numbers the kernel gives back by name."""
        return [out for node in self.places for out in self._results(node)]

    def _body(self, body: Body, depth: int) -> list[ir.Statement]:
        statements: list[ir.Statement] = []
        for item in body.items:
            if not isinstance(item, Loop):
                statements += self._node(item)
                continue
            reduced = [n for n in item.body.nodes() if self._opens(n, item, depth)]
            for node in reduced:
                statements += self._start(node)
            if item.id not in self.indices:
                self.indices[item.id] = self._index_name()
            inner = self._body(item.body, depth + 1)
            statements.append(ir.For(self.indices[item.id], item.id.dim, tuple(inner)))
            for node in reduced:
                statements += self._finish(node)
        return statements

    def _index_name(self) -> str:
        count = len(self.indices)
        return _INDICES[count] if count < len(_INDICES) else self.names.fresh("iteration")

    def _opens(self, node: Apply, loop: Loop, depth: int) -> bool:
        """Whether `loop`, at this depth, is the outermost that `node` reductions."""
        reduced = self.schedule.domains[node].reduced
        return loop.id in reduced and self.allocations[node].scope == depth

    def _node(self, node: Apply) -> list[ir.Statement]:
        match node.op:
            case Elementwise():
                return self._elementwise(node, node.op)
            case Fold():
                return self._fold(node, node.op)
            case Gather():
                return self._take(node)
            case Position():
                return self._position(node, node.op)
            case Scatter():
                return self._scatter(node, node.op)
            case NewMemory() | Written():
                return []
            case Arange():
                (loop,) = self.schedule.domains[node].own
                return self._result(node.out, self._at(loop), node)
            case _:
                return self._stack(node)

    def _elementwise(self, node: Apply, op: Elementwise) -> list[ir.Statement]:
        dtypes, _ = op.signature([v.dtype for v in node.inputs])
        statements: list[ir.Statement] = []
        operands: dict[str, ir.Expression] = {}
        uses = self.schedule.domains[node].uses
        for letter, use, dtype in zip(OPERANDS, uses, dtypes, strict=False):
            value = as_dtype(self._value(*use, node), dtype)
            if (
                not isinstance(value, ir.Name | ir.Number)
                and op.text("c").count(f"{{{letter}}}") > 1
            ):
                local = self.names.fresh(wish(use.base))
                statements.append(ir.Let(local, value, node))
                value = ir.Name(local, dtype)
            operands[letter] = value
        exponent = operands.get("y")
        if isinstance(exponent, ir.Number) and has_products(op, exponent):
            return statements + self._power(node, operands["x"], exponent)
        value = ir.Operation(op, operands, node.out.dtype)
        return statements + self._result(node.out, value, node)

    def _power(self, node: Apply, x: ir.Expression, exponent: ir.Number) -> list[ir.Statement]:
        """A power by products."""
        statements: list[ir.Statement] = []
        if not isinstance(x, ir.Name | ir.Number):
            name = self.names.fresh("base_of")
            statements.append(ir.Let(name, x, node))
            x = ir.Name(name, x.dtype)
        steps = list(products(x, exponent, self.names.fresh))
        statements += [ir.Let(name, value, node) for name, value in steps[:-1]]
        return statements + self._result(node.out, steps[-1][1], node)

    def _take(self, node: Apply) -> list[ir.Statement]:
        (x, x_index), where = self.schedule.domains[node].uses
        size = self._size(self.schedule.dims.of(node.inputs[0], 0))
        row, check = self._checked("row", node, where, size)
        entries = tuple(row if k == 0 else self._at(loop) for k, loop in enumerate(x_index))
        stored = self.buffers[x] if x in self.buffers else self.storage[x]
        value = ir.Load(stored, entries) if isinstance(stored, ir.Buffer) else stored
        return [check, *self._result(node.out, value, node)]

    def _scatter(self, node: Apply, op: Scatter) -> list[ir.Statement]:
        """One element comes to its place; `_start` has filled all of the result."""
        element, *indices = self.schedule.domains[node].uses
        started = any(loop is not None for loop in self.schedule.domains[node].reduced)
        statements = [] if started else self._start(node)
        value = as_dtype(self._value(*element, node), node.out.dtype)
        if node in self.targets:
            at = tuple(map(self._at, self.schedule.domains[node].reduced))
            if op.adds:
                there = ir.Load(self.targets[node], at)
                value = operation(add, node.out.dtype, there, value)
            return [*statements, ir.Store(self.targets[node], at, value, node)]
        buffer = self.buffers[node.out]
        row, check = self._checked("row", node, indices[0], self._size(buffer.dims[0]))
        rest = self.schedule.domains[node].reduced[node.inputs[1].ndim :]
        at = (row, *map(self._at, rest))
        if op.adds:
            value = operation(add, node.out.dtype, ir.Load(buffer, at), value)
        return [*statements, check, ir.Store(buffer, at, value, node)]

    def _filled(self, node: Apply, op: Scatter) -> list[ir.Statement]:
        """Equal numbers in all of a result, if it is not to be left as it is."""
        if op.fill is None:
            return []
        buffer = self.buffers[node.out]
        names = [self.names.fresh("at") for _ in buffer.dims]
        number = ir.Number(np.asarray(op.fill, node.out.dtype)[()], node.out.dtype)
        index = tuple(map(ir.Name, names))
        statements: list[ir.Statement] = [ir.Store(buffer, index, number, node)]
        for name, dim in reversed(list(zip(names, buffer.dims, strict=True))):
            statements = [ir.For(name, dim, tuple(statements))]
        return statements

    def _position(self, node: Apply, op: Position) -> list[ir.Statement]:
        index, length = self.schedule.domains[node].uses
        size = self._value(*length, node)
        place, check = self._checked("position", node, index, size, op.wraps)
        return [check, *self._result(node.out, place, node)]

    def _checked(
        self, word: str, node: Apply, index: Use, size: ir.Expression, wraps: bool = True
    ) -> tuple[ir.Name, ir.Statement]:
        """An index that lies inside its axis, and the statement that sees to it."""
        name = self.names.fresh(word)
        self.can_fail = True
        value = as_dtype(self._value(*index, node), "int64")
        return ir.Name(name), ir.Bounded(name, value, size, self.check(inside(node)), node, wraps)

    def _stack(self, node: Apply) -> list[ir.Statement]:
        buffer = self.buffers[node.out]
        return [
            ir.Store(
                buffer,
                (ir.Number(k, "int64"),),
                as_dtype(self._value(*use, node), node.out.dtype),
                node,
            )
            for k, use in enumerate(self.schedule.domains[node].uses)
        ]

    # ----------------------------------------------------------------------------------------------

    def _start(self, node: Apply) -> list[ir.Statement]:
        """What is there before the first element."""
        match node.op:
            case Scatter():
                return self._filled(node, node.op)
            case Fold():
                return self._first_states(node, node.op)
            case _:
                return []

    def _first_states(self, node: Apply, op: Fold) -> list[ir.Statement]:
        """The states before the first element: numbers, or arrays of them when result loops run
        inside.
        """
        arrays = self.allocations[node].arrays
        dtype = op.element_dtype(node)
        statements: list[ir.Statement] = []
        states: list[ir.Name | ir.Buffer] = []
        for state in op.states:
            start = ir.Number(state.start(dtype), state.dtype(dtype))
            word = f"{wish(node.outputs[0])}_{state.name}"
            if not arrays:
                name = ir.Name(self.names.fresh(word), start.dtype)
                statements.append(ir.Variable(name.name, start, node))
                states.append(name)
                continue
            buffer = self._state_buffer(node, op, word, start.dtype)
            states.append(buffer)
            index = self._state_index(node, op)
            statements += self._over(
                arrays, lambda b=buffer, i=index, s=start: [ir.Store(b, i(), s, node)]
            )
        self.states[node] = states
        return statements

    def _shares(self, node: Apply, op: Fold) -> bool:
        """Whether the one state is the result, so that it can be gathered where the result goes."""
        one = len(op.states) == 1 and op.finish[0].operand == op.states[0].name
        return one and op.states[0].dtype(op.element_dtype(node)) == node.outputs[0].dtype

    def _state_buffer(self, node: Apply, op: Fold, word: str, dtype: str) -> ir.Buffer:
        if self._shares(node, op):
            return self.buffers[node.outputs[0]]
        buffer = ir.Buffer(
            self.names.fresh(word), dtype, tuple(loop.dim for loop in self.allocations[node].arrays)
        )
        self.scratch.append(buffer)
        return buffer

    def _state_index(self, node: Apply, op: Fold) -> Callable[[], tuple[ir.Expression, ...]]:
        if self._shares(node, op):
            return lambda: self._own_index(node, node.outputs[0])
        return lambda: tuple(self._at(loop) for loop in self.allocations[node].arrays)

    def _over(
        self, loops: Sequence[LoopId], make: Callable[[], list[ir.Statement]]
    ) -> list[ir.Statement]:
        """Statements inside a nest of loops of their own."""
        for loop in loops:
            if loop not in self.indices:
                self.indices[loop] = self._index_name()
        statements: list[ir.Statement] = make()
        for loop in reversed(loops):
            statements = [ir.For(self.indices[loop], loop.dim, tuple(statements))]
        return statements

    def _fold(self, node: Apply, op: Fold) -> list[ir.Statement]:
        """One element goes into the states."""
        trivial = node not in self.states
        statements = self._start(node) if trivial else []
        values = self._current(node, op)
        element, before = self._element(node, op)
        statements += before
        values |= {"x": element, "i": self._place_in_axis(node)}
        for state in op.lets:
            name = ir.Name(self.names.fresh(state.name), state.dtype(op.element_dtype(node)))
            statements.append(
                ir.Let(name.name, ir.Operation(state, dict(values), name.dtype), node)
            )
            values[state.name] = name
        statements += self._combine(node, op, values, element)
        if not trivial:
            return statements
        return [*map(_once, statements), *self._finish(node)]

    def _current(self, node: Apply, op: Fold) -> dict[str, ir.Expression]:
        found: dict[str, ir.Expression] = {}
        for state, kept in zip(op.states, self.states[node], strict=True):
            value = (
                ir.Load(kept, self._state_index(node, op)())
                if isinstance(kept, ir.Buffer)
                else kept
            )
            found[state.name] = value
        return found

    def _combine(
        self, node: Apply, op: Fold, operands: Mapping[str, ir.Expression], element: ir.Expression
    ) -> list[ir.Statement]:
        statements: list[ir.Statement] = []
        for state, kept in zip(op.states, self.states[node], strict=True):
            value = ir.Operation(state, operands, kept.dtype)
            if isinstance(kept, ir.Buffer):
                statements.append(ir.Store(kept, self._state_index(node, op)(), value, node))
            elif op.associative and len(op.states) == 1:
                start = ir.Number(state.start(op.element_dtype(node)), kept.dtype)
                statements.append(ir.Reduce(kept.name, state, element, start, node))
            else:
                statements.append(ir.Assign(kept.name, value, node))
        return statements

    def _element(self, node: Apply, op: Fold) -> tuple[ir.Expression, list[ir.Statement]]:
        uses, dtype = self.schedule.domains[node].uses, op.element_dtype(node)
        values = [as_dtype(self._value(*use, node), dtype) for use in uses]
        value = values[0] if op.product is None else operation(op.product, dtype, *values)
        if op.states[0].adds:  # a sum converts each number to the dtype in which it adds
            return as_dtype(value, self.states[node][0].dtype), []
        if isinstance(value, ir.Name | ir.Number):
            return value, []
        local = self.names.fresh(wish(uses[0].base))
        return ir.Name(local, value.dtype), [ir.Let(local, value, node)]

    def _place_in_axis(self, node: Apply) -> ir.Expression:
        reduced = self.schedule.domains[node].reduced
        return self._at(reduced[0]) if len(reduced) == 1 else ir.Number(0, "int64")

    def _finish(self, node: Apply) -> list[ir.Statement]:
        """The outputs from the states, after the last element."""
        op, arrays = node.op, self.allocations[node].arrays
        if not isinstance(op, Fold) or (arrays and self._shares(node, op)):
            return []

        def outputs() -> list[ir.Statement]:
            statements: list[ir.Statement] = []
            for out, finish in zip(node.outputs, op.finish, strict=True):
                states = self._current(node, op)
                value = states.get(finish.operand or "")
                value = value or ir.Operation(finish, states, "float64")
                statements += self._result(out, value, node)
            return statements

        return self._over(arrays, outputs)


def _once(item: ir.Statement) -> ir.Statement:
    """A statement of a reduction that no loop goes round: it takes one element, and that is all."""
    if not isinstance(item, ir.Reduce):
        return item
    value = item.combined(ir.Name(item.name, item.start.dtype), item.element)
    return ir.Assign(item.name, value, item.node)
