"""How a program prints itself: what every back end then says in its own language.

`x = y` gives a name to a number, `x ← y` changes what `x` is. Ops are written as in Python. Marks
of a loop (lanes, strips, blocks of rows) stand behind its head:

    kernel kernel_0
        reads   x: float64[x_n0]
        sum_total: float64 ← 0.0
        for i < x_n0, 16 lanes, strips of 65536
            exp: float64 = exp(x[i])
            sum_total ← sum_total + exp
        gives   sum: float64
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kernelgraph.loops import host, ir
from kernelgraph.loops.printer import operation, size
from kernelgraph.names import shortened
from kernelgraph.ops.indexing import END, MISSING
from kernelgraph.writer import Source, Writer


def program_text(name: str, kernels: Sequence[ir.Kernel], actions: Sequence[host.Action]) -> Source:
    """The kernels of a program, and below them what the host does."""
    writer = Writer()
    for kernel in kernels:
        _kernel(kernel, writer)
        writer.line("")
    with writer.block(f"host of {shortened(name)}", ""):
        _actions(actions, writer)
    return writer.source()


def expression(value: ir.Expression) -> str:
    """An expression in the words of Python."""
    match value:
        case ir.Number():
            return _number(value.value)
        case ir.Name():
            return value.name
        case ir.Load():
            return _element(value.buffer, value.index)
        case ir.SlotSize():
            return f"size {value.axis} of slot {value.slot}"
        case ir.Operation():
            return operation(value, "python", expression)


def _number(value: Any) -> str:
    return repr(value.item() if hasattr(value, "item") else value)


def _element(buffer: ir.Buffer, index: Sequence[ir.Expression]) -> str:
    return f"{buffer.name}[{', '.join(map(expression, index))}]"


def _array(buffer: ir.Buffer) -> str:
    several = buffer.gaps == "anywhere" or len(buffer.dims) > 1
    gaps = f" (gaps {buffer.gaps})" if several and not buffer.packed else ""
    return f"{buffer.name}: {buffer.dtype}[{', '.join(map(size, buffer.dims))}]{gaps}"


# Kernels -----------------------------------------------------------------------------------------


def _kernel(kernel: ir.Kernel, writer: Writer) -> None:
    with writer.block(f"kernel {kernel.name}", ""):
        for buffer in kernel.reads:
            writer.line(f"reads   {_array(buffer)}")
        for buffer in kernel.writes:
            writer.line(f"writes  {_array(buffer)}")
        _statements(kernel.body, writer)
        for name in kernel.results:
            writer.line(f"gives   {name.name}: {name.dtype}")


def _statements(statements: Sequence[ir.Statement], writer: Writer) -> None:
    for item in statements:
        match item:
            case ir.Let():
                head = f"{item.name}: {item.value.dtype}"
                writer.line(f"{head} = {expression(item.value)}", item.node)
            case ir.Local():
                head = f"{item.name}: {item.start.dtype}"
                writer.line(f"{head} ← {expression(item.start)}", item.node)
            case ir.Assign():
                writer.line(f"{item.name} ← {expression(item.value)}", item.node)
            case ir.Reduce():
                writer.line(_reduced(item), item.node)
            case ir.Store():
                place = _element(item.buffer, item.index)
                writer.line(f"{place} ← {expression(item.value)}", item.node)
            case ir.Bounded():
                least = f"-{expression(item.size)}" if item.wraps else "0"
                limits = f"from {least} to below {expression(item.size)}"
                head = f"{item.name} = {expression(item.value)}"
                writer.line(f"{head}, {limits}, else error {item.check}", item.node)
            case ir.Flag():
                says = "error" if item.fails else "warning"
                writer.line(f"{says} {item.check} if {expression(item.condition)}", item.node)
            case ir.For():
                _loop(item, writer)
            case ir.Carry():
                whole = "all" if item.end else "whole"
                count = "" if item.end else f"{item.counter} += {8 if item.several else 1}, "
                writer.line(f"{count}{whole} blocks of {item.sums.name} in {item.blocks.name}")
            case ir.Barrier():
                writer.line("barrier")
            case ir.Poll():
                writer.line(f"poll after {expression(item.work)}")


def _reduced(item: ir.Reduce) -> str:
    row = "" if item.row is None else f"[{item.row.name}]"
    lane = "" if item.iteration is None else f", lane of {expression(item.iteration)}"
    state = f"{item.name}{row}"
    value = item.combined(ir.Name(state, item.start.dtype), item.element)
    return f"{state} ← {expression(value)}{lane}"


_WHO = {
    "in order": "",
    "threads": "on threads",
    "grid": "on the threads of the grid",
    "grid y": "on the threads of the grid, along y",
    "grid z": "on the threads of the grid, along z",
    "blocks": "a block of threads each",
    "block": "on the threads of the block",
}


def _loop(loop: ir.For, writer: Writer) -> None:
    marks = [
        f"{loop.lanes} lanes" if loop.lanes > 1 else "",
        f"strips of {loop.strip}" if loop.strip else "",
        f"{loop.step} at a time" if loop.step > 1 else "",
        "rolled" if loop.rolled else "",
        _WHO[loop.runs],
    ]
    head = ", ".join([f"for {loop.index} < {size(loop.dim)}", *filter(None, marks)])
    with writer.block(head, ""):
        for buffer in loop.arrays:
            writer.line(f"{buffer.scope:7} {_array(buffer)}")
        _statements(loop.body, writer)
    if loop.rest:
        with writer.block(f"for the rest of {loop.index}", ""):
            _statements(loop.rest, writer)


# The host ----------------------------------------------------------------------------------------


def _actions(actions: Sequence[host.Action], writer: Writer) -> None:
    for action in actions:
        _action(action, writer)


def _action(action: host.Action, writer: Writer) -> None:
    match action:
        case host.Run():
            writer.line(f"run {action.kernel.name}", *action.kernel.nodes)
        case host.Call():
            writer.line(_call(action), action.node)
        case host.FirstRow():
            with writer.block(f"if {action.iteration.name} = 0", ""):
                for dim, value in action.sizes:
                    writer.line(f"{dim.name} = {expression(value)}")
                writer.line(f"allocate {_array(action.buffer)} in slot {action.slot}")
        case host.If():
            with writer.block(f"if {expression(action.condition)}", ""):
                _actions(action.then, writer)
            with writer.block("else", ""):
                _actions(action.otherwise, writer)
        case host.Repeat():
            with writer.block(f"for {action.index.name} < {expression(action.count)}", ""):
                _actions(action.body, writer)
        case _:
            writer.line(_simple(action))


def _call(action: host.Call) -> str:
    name = action.node.op.name or "op"
    match action.routine:
        case None:
            return f"call {action.number}: {name} in Python"
        case host.Product() as product:
            return f"{_results(product)} ← product of {', '.join(product.names())} by BLAS"
        case host.Lapack() as lapack:
            operands = ", ".join(v.name for v in lapack.operands)
            return f"{_results(lapack)} ← {name}({operands}) by LAPACK"
        case host.OwnC() as own:
            operands = (v.name if isinstance(v, ir.Buffer) else expression(v) for v in own.operands)
            return f"{_results(own)} ← {name}({', '.join(operands)}), C of its own"


def _results(routine: host.Routine) -> str:
    return ", ".join(f"{_array(each.buffer)} in slot {each.slot}" for each in routine.memory)


def _simple(action: host.Action) -> str:
    """An action that is one line and belongs to no node."""
    match action:
        case host.Bind():
            copied = ", or a copy without gaps in rows" if action.copied else ""
            return f"{_array(action.buffer)} is in slot {action.slot}{copied}"
        case host.BindScalar():
            return f"{action.name.name}: {action.name.dtype} is the number in slot {action.slot}"
        case host.Define():
            least = f", at least 0, else error {action.check}" if action.check >= 0 else ""
            return f"{action.dim.name} = {expression(action.value)}{least}"
        case host.CheckEqual():
            sides = f"{expression(action.left)} = {expression(action.right)}"
            return f"check {sides}, else error {action.check}"
        case host.CheckNotEmpty():
            return f"check {size(action.dim)} ≠ 0, else error {action.check}"
        case host.Allocate():
            slot = "" if action.slot is None else f" in slot {action.slot}"
            return f"allocate {_array(action.buffer)}{slot}"
        case host.Reserve():
            return f"{_array(action.buffer)} will be in slot {action.slot}"
        case host.StoreScalar():
            return f"slot {action.slot} ← {expression(action.value)}"
        case host.Window():
            entries = ", ".join(map(_entry, action.entries))
            return f"{_array(action.buffer)} is {action.base.name}[{entries}]"
        case host.Stride():
            axes = ", ".join(" + ".join(f"{k} of {a}" for a, k in along) for along in action.steps)
            return f"{_array(action.buffer)} is {action.base.name} at strides ({axes})"
        case host.Alias():
            return f"{_array(action.buffer)} is {action.base.name}"
        case _:
            raise TypeError(f"no text for {type(action).__name__}")


def _entry(entry: host.Entry) -> str:
    match entry:
        case host.From():
            return f"{size(entry.length)} from {expression(entry.start)}"
        case host.Range():
            return ":".join(map(_end, (entry.start, entry.stop, entry.step)))
        case host.At():
            return expression(entry.index)
        case host.Whole():
            return ":"


def _end(value: ir.Expression) -> str:
    left_out = isinstance(value, ir.Number) and value.value in (END, MISSING)
    return "" if left_out else expression(value)
