"""Print a program as Python: the same kernels and host actions, over NumPy arrays and scalars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kernelgraph.loops import ir
from kernelgraph.loops.printer import helpers, size
from kernelgraph.loops.program import Program
from kernelgraph.mapping.sums import is_sum
from kernelgraph.python.expressions import element, expression
from kernelgraph.python.host import HostPrinter, operands
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
    HostPrinter(writer).program(program)
    return writer.source("program")


# --------------------------------------------------------------------------------------------------


def _kernel(kernel: ir.Kernel, writer: Writer) -> None:
    with writer.block(f"def {kernel.name}({operands(kernel)}):", ""):
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
            HostPrinter(writer).memory(buffer, None)
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
