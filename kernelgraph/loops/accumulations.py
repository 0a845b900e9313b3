"""Accumulations as statements: states that start before a loop, take an element in it, and make
results after it.

    sum_total: float64 ← 0
    for i < x_n0
        sum_total ← sum_total + x[i]
    v_sum: float64 = sum_total
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from kernelgraph.elementwise import Elementwise
from kernelgraph.graph import Apply
from kernelgraph.loops import ir
from kernelgraph.loops.expressions import as_dtype, operation
from kernelgraph.loops.reading import KernelContext, at, flagged, keep, open_loop, own_index, read
from kernelgraph.op import Accumulation, Reduction
from kernelgraph.schedule.dims import wish
from kernelgraph.schedule.memory import steps
from kernelgraph.schedule.values import LoopId, Space
from kernelgraph.templates import OPERANDS, ScalarOp
from kernelgraph.types import computing, is_complex, real_part_of


def first_states(here: KernelContext, node: Apply, op: Accumulation) -> list[ir.Statement]:
    """States before the first element: numbers, or arrays of them when result loops run inside."""
    arrays = here.positions[node].apart
    dtype = op.element_dtype(node)
    statements: list[ir.Statement] = []
    states: list[ir.Name | ir.Buffer] = []
    for state in steps(node, op)[0]:
        start = ir.Number(state.start(dtype), state.dtype(dtype))
        word = f"{wish(node.outputs[0])}_{state.name}"
        if not arrays:
            name = ir.Name(here.names.fresh(word), start.dtype)
            statements.append(ir.Local(name.name, start, node))
            states.append(name)
            continue
        buffer = _state_buffer(here, node, word, start.dtype)
        states.append(buffer)

        def stored(buffer: ir.Buffer = buffer, start: ir.Number = start) -> list[ir.Statement]:
            return [ir.Store(buffer, _state_index(here, node), start, node)]

        statements += _over(here, arrays, stored)
    here.states[node] = states
    return statements


def _in_result(here: KernelContext, node: Apply) -> bool:
    """Whether the state of each element of the result is where that goes."""
    return here.schedule.memory.states[node].where is Space.RESULTS


def _state_buffer(here: KernelContext, node: Apply, word: str, dtype: str) -> ir.Buffer:
    if _in_result(here, node):
        return here.buffers[node.outputs[0]]
    buffer = ir.Buffer(
        here.names.fresh(word), dtype, tuple(loop.dim for loop in here.positions[node].apart)
    )
    here.scratch.append(buffer)
    return buffer


def _state_index(here: KernelContext, node: Apply) -> tuple[ir.Expression, ...]:
    if _in_result(here, node):
        return own_index(here, node, node.outputs[0])
    return tuple(at(here, loop) for loop in here.positions[node].apart)


def _over(
    here: KernelContext, loops: Sequence[LoopId], make: Callable[[], list[ir.Statement]]
) -> list[ir.Statement]:
    """Statements inside a nest of loops of their own."""
    indices = [open_loop(here, loop) for loop in loops]
    statements: list[ir.Statement] = make()
    for index, loop in zip(reversed(indices), reversed(loops), strict=True):
        statements = [ir.For(index, loop.dim, tuple(statements))]
    return statements


def accumulate(here: KernelContext, node: Apply, op: Accumulation) -> list[ir.Statement]:
    """One element goes into the states."""
    trivial = node not in here.states
    statements = first_states(here, node, op) if trivial else []
    values = _current(here, node, op)
    element, before = _element(here, node, op)
    statements += before
    values |= {"x": element, "i": _place_in_axis(here, node)}
    dtype = op.element_dtype(node)
    for state in (let.complex_form if is_complex(dtype) else let for let in op.lets):
        name = ir.Name(here.names.fresh(state.name), state.dtype(dtype))
        statements.append(ir.Let(name.name, ir.Operation(state, dict(values), name.dtype), node))
        values[state.name] = name
    statements += _combine(here, node, op, values, element)
    if not trivial:
        return statements
    return [*map(_once, statements), *finish(here, node, op)]


def _current(here: KernelContext, node: Apply, op: Accumulation) -> dict[str, ir.Expression]:
    found: dict[str, ir.Expression] = {}
    for state, kept in zip(steps(node, op)[0], here.states[node], strict=True):
        value = ir.Load(kept, _state_index(here, node)) if isinstance(kept, ir.Buffer) else kept
        found[state.name] = value
    return found


def _combine(
    here: KernelContext,
    node: Apply,
    op: Accumulation,
    operands: Mapping[str, ir.Expression],
    element: ir.Expression,
) -> list[ir.Statement]:
    statements: list[ir.Statement] = []
    states, _ = steps(node, op)
    for state, kept in zip(states, here.states[node], strict=True):
        taken = element
        if state.part is not None:
            part = operation(state.part, real_part_of(element.dtype), element)
            taken = as_dtype(part, kept.dtype)
        value = ir.Operation(state, {**operands, "x": taken}, kept.dtype)
        if isinstance(kept, ir.Buffer):
            statements.append(ir.Store(kept, _state_index(here, node), value, node))
        elif _any_order(op, element.dtype) and (len(states) == 1 or state.part is not None):
            start = ir.Number(state.start(op.element_dtype(node)), kept.dtype)
            statements.append(ir.Reduce(kept.name, state, taken, start, node))
        else:
            statements.append(ir.Assign(kept.name, value, node))
    return statements


def _any_order(op: Accumulation, dtype: str) -> bool:
    """Whether elements may go in in another order. The first complex number that holds NaN is the
    largest and the smallest one, whatever its other part is.
    """
    chooses = isinstance(op, Reduction) and op.chooses
    return op.associative and not (chooses and is_complex(dtype))


def _element(
    here: KernelContext, node: Apply, op: Accumulation
) -> tuple[ir.Expression, list[ir.Statement]]:
    uses, dtype = here.schedule.domains[node].uses, op.element_dtype(node)
    values = [as_dtype(read(here, *use, node), dtype) for use in uses]
    value = values[0] if op.product is None else operation(_product(op, dtype), dtype, *values)
    (first, *_), _ = steps(node, op)
    if first.part is None and (first.adds or is_complex(dtype)):
        # A sum converts each number to the dtype in which it adds, and so do complex numbers.
        return as_dtype(value, here.states[node][0].dtype), []
    if isinstance(value, ir.Name | ir.Number):
        return value, []
    local = here.names.fresh(wish(uses[0].base))
    return ir.Name(local, value.dtype), [ir.Let(local, value, node)]


def _product(op: Accumulation, dtype: str) -> ScalarOp:
    """What makes one element of one of each operand."""
    assert op.product is not None
    if is_complex(dtype) and isinstance(op.product, Elementwise):
        return op.product.complex_form
    return op.product


def _place_in_axis(here: KernelContext, node: Apply) -> ir.Expression:
    reduced = here.schedule.domains[node].reduced
    return at(here, reduced[0]) if len(reduced) == 1 else ir.Number(0, "int64")


def finish(here: KernelContext, node: Apply, op: Accumulation) -> list[ir.Statement]:
    """The outputs from the states, after the last element."""
    arrays = here.positions[node].arrays
    if _in_result(here, node):
        return []

    return _over(here, arrays, lambda: _outputs(here, node, op))


def _outputs(here: KernelContext, node: Apply, op: Accumulation) -> list[ir.Statement]:
    """The outputs from the states as they are."""
    statements: list[ir.Statement] = []
    for out, finish in zip(node.outputs, steps(node, op)[1], strict=True):
        states = _current(here, node, op)
        value = states.get(finish.operand or "")
        value = value or ir.Operation(finish, states, finish.dtype)
        statements += keep(here, out, value, node)
    if op.notice is not None and _may_be_nothing(node, op):
        statements += flagged(here, node, op.notice, _current(here, node, op)[op.notice.operand])
    return statements


def _may_be_nothing(node: Apply, op: Accumulation) -> bool:
    """Whether it is not known that there are elements along the axes that are reduced."""
    sizes = node.inputs[0].tensor_type.shape
    axes = op.axes if isinstance(op, Reduction) else range(len(sizes))
    return not all(sizes[axis] for axis in axes)


def run_on(here: KernelContext, node: Apply, op: Accumulation) -> list[ir.Statement]:
    """An element of each operand goes into the states, before or after which there are outputs."""
    statements = [] if node in here.states else first_states(here, node, op)
    states = [kept.dtype for kept in here.states[node]]
    values: dict[str, ir.Expression] = {}
    for letter, use in zip(OPERANDS, here.schedule.domains[node].uses, strict=False):
        value = as_dtype(read(here, *use, node), computing(states[0]))
        if not isinstance(value, ir.Name | ir.Number):
            local = here.names.fresh(wish(use.base))
            statements.append(ir.Let(local, value, node))
            value = ir.Name(local, value.dtype)
        values[letter] = value
    if op.gives == "before":
        statements += _outputs(here, node, op)
    now = {name: as_dtype(v, computing(v.dtype)) for name, v in _current(here, node, op).items()}
    values |= {"i": at(here, here.schedule.domains[node].carried), **now}
    for state, kept in zip(steps(node, op)[0], here.states[node], strict=True):
        value = as_dtype(ir.Operation(state, values, computing(kept.dtype)), kept.dtype)
        if isinstance(kept, ir.Buffer):
            statements.append(ir.Store(kept, _state_index(here, node), value, node))
        else:
            statements.append(ir.Assign(kept.name, value, node))
    return statements if op.gives == "before" else [*statements, *_outputs(here, node, op)]


def _once(item: ir.Statement) -> ir.Statement:
    """A statement of a reduction that no loop goes round: it takes one element, and that is all."""
    if not isinstance(item, ir.Reduce):
        return item
    value = item.combined(ir.Name(item.name, item.start.dtype), item.element)
    return ir.Assign(item.name, value, item.node)
