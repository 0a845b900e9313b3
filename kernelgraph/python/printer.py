"""Print a program as Python: the same kernels and host actions, over NumPy arrays and scalars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from kernelgraph.loops import host, ir
from kernelgraph.loops.printer import helpers, operation, size
from kernelgraph.loops.program import Program
from kernelgraph.mapping.sums import is_sum
from kernelgraph.schedule.dims import Dim
from kernelgraph.templates import definitions
from kernelgraph.writer import Source, Writer, plain


def print_python(program: Program) -> Source:
    """The whole module: helpers of ops, a function per kernel, and `program(values, call)`."""
    writer = Writer()
    for text in definitions(helpers(program.actions), "python"):
        for line in text.split("\n"):
            writer.line(line)
        writer.line("")
    for kernel in program.kernels:
        _kernel(kernel, writer)
        writer.line("")
    with writer.block("def program(values, call):", ""):
        _actions(program.actions, writer)
        writer.line("return values")
    return writer.source("program")


def number(value: Any, dtype: str) -> str:
    """A NumPy scalar."""
    if dtype == "bool":
        return str(bool(value))
    item = np.dtype(dtype).type(value).item()
    plain = np.isfinite(item) and not isinstance(item, complex)  # -0-0j would be (0+0j)
    return f"{dtype}({item!r})" if plain else f'{dtype}("{item!r}")'


def expression(value: ir.Expression) -> str:
    """An expression as Python."""
    match value:
        case ir.Number():
            return number(value.value, value.dtype)
        case ir.Name():
            return value.name
        case ir.Load():
            return element(value.buffer, value.index)
        case ir.SlotSize():
            return f"values[{value.slot}].shape[{value.axis}]"
        case ir.Operation():
            return operation(value, "python", expression)


def element(buffer: ir.Buffer, index: Sequence[ir.Expression]) -> str:
    """One element of a buffer."""
    entries = [str(e.value) if isinstance(e, ir.Number) else expression(e) for e in index]
    return f"{buffer.name}[{', '.join(entries) or '()'}]"


def _shape(dims: Sequence[Dim]) -> str:
    return "(" + "".join(f"{size(dim)}, " for dim in dims).rstrip(" ") + ")"


# --------------------------------------------------------------------------------------------------


def _operands(kernel: ir.Kernel) -> str:
    buffers = (*kernel.reads, *kernel.writes)
    return ", ".join(each.name for each in (*kernel.dims, *kernel.scalars, *buffers))


def _kernel(kernel: ir.Kernel, writer: Writer) -> None:
    with writer.block(f"def {kernel.name}({_operands(kernel)}):", ""):
        for text in kernel.note.split("\n"):
            writer.line(f"# {plain(text)}", *kernel.nodes)
        _body(kernel.body, writer)
        writer.line(f"return {', '.join(name.name for name in kernel.results) or 'None'}")


def _body(statements: Sequence[ir.Statement], writer: Writer) -> None:
    if not statements:
        writer.line("pass")
    for item in statements:
        _statement(item, writer)


def _statement(item: ir.Statement, writer: Writer) -> None:
    match item:
        case ir.Let() | ir.Assign():
            writer.line(f"{item.name} = {expression(item.value)}", item.node)
        case ir.Local():
            writer.line(f"{item.name} = {expression(item.start)}", item.node)
        case ir.Reduce() if is_sum(item):
            writer.line(f"{_numbers(item)}.append({expression(item.element)})", item.node)
        case ir.Reduce():
            value = item.combined(ir.Name(_state(item), item.start.dtype), item.element)
            writer.line(f"{_state(item)} = {expression(value)}", item.node)
        case ir.Store():
            writer.line(f"{element(item.buffer, item.index)} = {expression(item.value)}", item.node)
        case ir.Bounded():
            operands = f"{expression(item.value)}, {expression(item.size)}, {item.check}"
            check = "in_bounds" if item.wraps else "below"
            writer.line(f"{item.name} = {check}({operands})", item.node)
        case ir.Flag():
            condition = expression(item.condition)
            if item.fails:
                writer.line(f"check(not ({condition}), {item.check})", item.node)
            else:
                with writer.block(f"if {condition}:", ""):
                    writer.line(f"warn({item.check})", item.node)
        case ir.For():
            _loop(item, writer)
        case ir.Carry():
            name, blocks = item.sums.name, item.blocks.name
            if item.end:
                writer.line(f"all_blocks({name}, {blocks}, {item.counter})", item.node)
            else:
                count, end = f"{item.counter} += {8 if item.several else 1}", size(_dim(item))
                test = f"is_whole({item.counter}, {item.index}{' + 7' * item.several}, {end})"
                writer.line(count, item.node)
                with writer.block(f"if {test}:", ""):
                    writer.line(f"whole_block({name}, {blocks}, {item.counter})", item.node)
        case ir.Poll() | ir.Barrier():
            pass  # Python interrupt polls by itself


def _dim(carry: ir.Carry) -> Dim:
    assert carry.dim is not None
    return carry.dim


def _loop(loop: ir.For, writer: Writer) -> None:
    """A loop, and the numbers that it adds, which are kept until it is over."""
    sums = list(_sums(loop))
    for reduction, rows in sums:
        numbers = "[]" if rows is None else f"[[] for _ in range({size(rows)})]"
        writer.line(f"{reduction.name}_lanes = {numbers}", reduction.node)
    end = size(loop.dim)
    several = f"0, {end} - {end} % {loop.step}, {loop.step}" if loop.step > 1 else end
    with writer.block(f"for {loop.index} in range({several}):", ""):
        for buffer in loop.arrays:
            _slot_memory(buffer, None, writer)
        _body(loop.body, writer)
    if loop.rest:
        with writer.block(f"for {loop.index} in range({end} - {end} % {loop.step}, {end}):", ""):
            _body(loop.rest, writer)
    for reduction, rows in sums:
        if rows is None:
            total = f"in_a_tree({reduction.name}, {reduction.name}_lanes)"
            writer.line(f"{reduction.name} = {total}", reduction.node)
        else:
            total = f"map(in_a_tree, {reduction.name}, {reduction.name}_lanes)"
            writer.line(f"{reduction.name}[:] = list({total})", reduction.node)


def _sums(loop: ir.For) -> Iterator[tuple[ir.Reduce, Dim | None]]:
    """The sums over a loop; those of a block of rows with the dimension of the block."""
    yield from ((reduction, None) for reduction in loop.sums)
    for item in loop.body:
        if isinstance(item, ir.Reduce) and item.row is None and item.iteration is None:
            if is_sum(item):
                yield item, None
        elif isinstance(item, ir.For):
            found = (part for part in item.body if isinstance(part, ir.Reduce) and is_sum(part))
            yield from ((f, item.dim) for f in found if f.row and f.row.name == item.index)


def _numbers(reduction: ir.Reduce) -> str:
    """The list of the numbers of a sum."""
    return f"{reduction.name}_lanes" + ("" if reduction.row is None else f"[{reduction.row.name}]")


def _state(reduction: ir.Reduce) -> str:
    return reduction.name if reduction.row is None else f"{reduction.name}[{reduction.row.name}]"


# --------------------------------------------------------------------------------------------------


def _actions(actions: Sequence[host.Action], writer: Writer) -> None:
    if not actions:
        writer.line("pass")
    for action in actions:
        _action(action, writer)


def _action(action: host.Action, writer: Writer) -> None:
    match action:
        case host.Bind():
            writer.line(f"{action.buffer.name} = values[{action.slot}]")
        case host.BindScalar():
            writer.line(f"{action.name.name} = values[{action.slot}][()]")
        case host.Define():
            writer.line(f"{action.dim.name} = int({expression(action.value)})")
            if action.check >= 0:
                writer.line(f"check({action.dim.name} >= 0, {action.check}, {action.dim.name})")
        case host.CheckEqual():
            left, right = expression(action.left), expression(action.right)
            writer.line(f"check(({left}) == ({right}), {action.check}, {left}, {right})")
        case host.CheckNotEmpty():
            writer.line(f"check({size(action.dim)} != 0, {action.check})")
        case host.Allocate():
            _slot_memory(action.buffer, action.slot, writer)
        case host.Reserve() | host.FirstRow():
            _rows(action, writer)
        case host.StoreScalar():
            array = f"np.array({expression(action.value)}, {action.dtype!r})"
            writer.line(f"values[{action.slot}] = {array}")
        case host.Run():
            results = ", ".join(name.name for name in action.kernel.results)
            call = f"{action.kernel.name}({_operands(action.kernel)})"
            writer.line(f"{results} = {call}" if results else call, *action.kernel.nodes)
        case host.Window():
            _window(action, writer)
        case host.Stride():
            operands = f"{action.base.name}, {_shape(action.buffer.dims)}, {action.steps}"
            writer.line(f"{action.buffer.name} = at_strides({operands})")
        case host.Alias():
            shape = f".reshape({_shape(action.buffer.dims)})" if action.base.packed else ""
            writer.line(f"{action.buffer.name} = {action.base.name}{shape}")
        case host.Call():
            _outside(action, writer)
        case host.If():
            with writer.block(f"if {expression(action.condition)}:", ""):
                _actions(action.then, writer)
            with writer.block("else:", ""):
                _actions(action.otherwise, writer)
        case host.Repeat():
            times = f"range(int({expression(action.count)}))"
            with writer.block(f"for {action.index.name} in {times}:", ""):
                _actions(action.body, writer)


def _outside(action: host.Call, writer: Writer) -> None:
    """A call; what it fills has names, where these are not bound by other actions."""
    if isinstance(action.routine, host.Product):
        (memory,), operands = action.routine.memory, ", ".join(action.routine.names())
        result = f"{memory.buffer.name} = values[{memory.slot}]"
        writer.line(f"{result} = matmul({operands})", action.node)
        return
    writer.line(f"call({action.number}, values)", action.node)
    for memory in action.routine.memory if action.routine is not None else ():
        writer.line(f"{memory.buffer.name} = values[{memory.slot}]")


def _rows(action: host.Reserve | host.FirstRow, writer: Writer) -> None:
    """Memory for rows whose sizes show in the first iteration of a loop."""
    if isinstance(action, host.Reserve):
        for dim in action.dims:
            writer.line(f"{dim.name} = 0")
        _slot_memory(action.buffer, action.slot, writer)
        return
    with writer.block(f"if {action.iteration.name} == 0:", ""):
        for dim, value in action.sizes:
            writer.line(f"{dim.name} = int({expression(value)})")
        _slot_memory(action.buffer, action.slot, writer)


def _slot_memory(buffer: ir.Buffer, slot: int | None, writer: Writer) -> None:
    writer.line(f"{buffer.name} = np.empty({_shape(buffer.dims)}, {buffer.dtype!r})")
    if slot is not None:
        writer.line(f"values[{slot}] = {buffer.name}")


def _window(action: host.Window, writer: Writer) -> None:
    entries: list[str] = []
    for entry in action.entries:
        match entry:
            case host.Whole():
                entries.append(":")
            case host.From():
                entries.append(f"block({expression(entry.start)}, {size(entry.length)})")
            case host.At():
                limit = f"{size(entry.dim)}, {entry.check}"
                entries.append(f"in_bounds({expression(entry.index)}, {limit})")
            case host.Range():
                step = expression(entry.step)
                writer.line(f"check({step} != 0, {entry.check})")
                entries.append(f"part({expression(entry.start)}, {expression(entry.stop)}, {step})")
    writer.line(f"{action.buffer.name} = {action.base.name}[{', '.join([*entries, '...'])}]")
