"""Kernels as C: a function each, its loops mapped to lanes, strips and pairs of rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from kernelgraph.loops import ir
from kernelgraph.loops.ctext import c_type, element, expression, size, strides
from kernelgraph.loops.printer import Writer, formula, plain

_SMALL = 160
"""Kernels of at most so many statements are also compiled for contiguous rows."""


class KernelPrinter:
    """Prints one kernel."""

    def __init__(self, kernel: ir.Kernel, writer: Writer) -> None:
        self.kernel = kernel
        self.writer = writer
        self.blocks = 0
        self.polls = any(isinstance(item, ir.Poll) for item in _statements(kernel.body))

    def write(self) -> None:
        """The function."""
        kernel, writer = self.kernel, self.writer
        writer.line(f"/* {plain(kernel.note)} */", *kernel.nodes)
        inline = "__attribute__((always_inline)) " if is_specialized(kernel) else ""
        with writer.block(
            f"static inline {inline}int32_t {kernel.name}({', '.join(parameters(kernel))}) {{"
        ):
            if self.polls:
                writer.line("int64 work = 0;")
            self.body(kernel.body)
            for name in kernel.results:
                writer.line(f"*{name.name}_out = {name.name};")
            writer.line("return KG_DONE;")
        if is_specialized(kernel):
            self.write_general()

    def write_general(self) -> None:
        """The kernel for operands with gaps: rarely called, so compiled small and quickly."""
        names = [parameter.split()[-1].lstrip("*") for parameter in parameters(self.kernel)]
        head = f"static __attribute__((noinline, cold)) int32_t {self.kernel.name}_gaps("
        with self.writer.block(f"{head}{', '.join(parameters(self.kernel))}) {{"):
            self.writer.line(f"return {self.kernel.name}({', '.join(names)});")

    def body(self, statements: Sequence[ir.Statement]) -> None:
        """Statements in order."""
        for item in statements:
            self.statement(item)

    def statement(self, item: ir.Statement) -> None:
        """One statement."""
        line = self.writer.line
        match item:
            case ir.Let():
                line(
                    f"const {c_type(item.value.dtype)} {item.name} = {expression(item.value)};",
                    item.node,
                )
            case ir.Variable():
                line(
                    f"{c_type(item.start.dtype)} {item.name} = {expression(item.start)};", item.node
                )
            case ir.Assign():
                line(f"{item.name} = {expression(item.value)};", item.node)
            case ir.Fold():
                line(f"{item.name} = {self.fold(item, item.name)};", item.node)
            case ir.Store():
                line(f"{element(item.buffer, item.index)} = {expression(item.value)};", item.node)
            case ir.Bounded():
                self.bounded(item)
            case ir.Poll():
                line(f"work += {expression(item.work)};")
                with self.writer.block("if (work > 262144) {"):
                    line("if (host->poll(host)) return KG_PYTHON_ERROR;")
                    line("work = 0;")
            case ir.For():
                self.loop(item)

    def fold(self, item: ir.Fold, state: str) -> str:
        """The next value of a state that is written `state`."""
        operands = {item.state: ir.Name(state, item.start.dtype), "x": item.element}
        return formula(ir.Formula(item.combine, operands, item.start.dtype), "c", expression)

    def bounded(self, item: ir.Bounded) -> None:
        """An index, checked."""
        limit = expression(item.size)
        self.writer.line(f"int64 {item.name} = {expression(item.value)};", item.node)
        self.writer.line(
            f"if ({item.name} < -{limit} || {item.name} >= {limit}) "
            f"return fail(host, {item.site}, {item.name}, {limit}, 0);"
        )
        self.writer.line(f"if ({item.name} < 0) {item.name} += {limit};")

    def loop(self, item: ir.For) -> None:
        """A loop: plain, or in strips, or with partial states side by side."""
        end = size(item.dim)
        folds = _states(item.body) if item.lanes > 1 else []
        for fold in folds:
            self.lanes(fold, item.lanes)
        if item.strip:
            step = f"{item.index}_start"
            with self.writer.block(
                f"for (int64 {step} = 0; {step} < {end}; {step} += {item.strip}) {{"
            ):
                self.writer.line("if (host->poll(host)) return KG_PYTHON_ERROR;")
                stop = f"{item.index}_stop"
                self.writer.line(
                    f"const int64 {stop} = "
                    f"{end} - {step} < {item.strip} ? {end} : {step} + {item.strip};"
                )
                self.turns(item, step, stop, folds)
        else:
            self.turns(item, "0", end, folds)
        for fold in folds:
            self.gather(fold, item.lanes)

    def turns(self, item: ir.For, start: str, stop: str, folds: Sequence[ir.Fold]) -> None:
        """The turns from `start` to `stop`."""
        index = item.index
        if item.step > 1:
            with self.writer.block("{"):
                self.writer.line(f"int64 {index} = {start};")
                head = f"for (; {index} + {item.step} <= {stop}; {index} += {item.step})"
                with self.writer.block(f"{head} {{"):
                    self.body(item.body)
                with self.writer.block(f"for (; {index} < {stop}; {index}++) {{"):
                    self.body(item.rest)
            return
        if item.lanes == 1:
            with self.writer.block(
                f"for (int64 {index} = {start}; {index} < {stop}; {index}++) {{"
            ):
                self.body(item.body)
            return
        base = f"{index}_base" if not self.blocks else f"{index}_base_{self.blocks}"
        self.blocks += 1
        self.writer.line(f"int64 {base} = {start};")
        head = f"for (; {base} + {item.lanes} <= {stop}; {base} += {item.lanes})"
        with self.writer.block(f"{head} {{"):
            self.prefetch(item, base)
            with self.writer.block(f"for (int64 lane = 0; lane < {item.lanes}; lane++) {{"):
                self.writer.line(f"const int64 {index} = {base} + lane;")
                self.lane_body(item.body)
        # What is left over goes to the state itself, so that the lanes can stay in registers.
        with self.writer.block(f"for (int64 {index} = {base}; {index} < {stop}; {index}++) {{"):
            self.body(item.body)

    def prefetch(self, item: ir.For, base: str) -> None:
        """Ask for what the next turns of the outer loop will read: one request per cache line of 64
        bytes.
        """
        for load in item.prefetch:
            line = 64 // np.dtype(load.dtype).itemsize
            for past in range(0, item.lanes, line):
                here = ir.Name(base if past == 0 else f"{base} + {past}")
                index = (*load.index[:-1], here)
                self.writer.line(f"__builtin_prefetch(&{element(load.buffer, index)});")

    def lane_body(self, statements: Sequence[ir.Statement]) -> None:
        """One turn, whose states are those of its lane."""
        for item in statements:
            if isinstance(item, ir.Fold):
                state = f"{item.name}_lanes[lane]"
                self.writer.line(f"{state} = {self.fold(item, state)};", item.node)
            else:
                self.statement(item)

    def lanes(self, fold: ir.Fold, count: int) -> None:
        """Partial states before the first turn."""
        self.writer.line(f"{c_type(fold.start.dtype)} {fold.name}_lanes[{count}];", fold.node)
        start = expression(fold.start)
        self.writer.line(
            f"for (int64 lane = 0; lane < {count}; lane++) {fold.name}_lanes[lane] = {start};"
        )

    def gather(self, fold: ir.Fold, count: int) -> None:
        """Partial states combined pairwise: half as many each time."""
        state, half = f"{fold.name}_lanes[lane]", count // 2
        while half:
            other = ir.Name(f"{fold.name}_lanes[lane + {half}]")
            folded = ir.Fold(fold.name, fold.state, fold.combine, other, fold.start)
            self.writer.line(
                f"for (int64 lane = 0; lane < {half}; lane++) "
                f"{state} = {self.fold(folded, state)};",
                fold.node,
            )
            half //= 2
        last = ir.Fold(
            fold.name, fold.state, fold.combine, ir.Name(f"{fold.name}_lanes[0]"), fold.start
        )
        self.writer.line(f"{fold.name} = {self.fold(last, fold.name)};", fold.node)


def _statements(items: Sequence[ir.Statement]) -> Iterator[ir.Statement]:
    for item in items:
        yield item
        if isinstance(item, ir.For):
            yield from _statements((*item.body, *item.rest))


def _states(items: Sequence[ir.Statement]) -> list[ir.Fold]:
    """One fold for each state: two rows may fold into the same one."""
    return list({item.name: item for item in items if isinstance(item, ir.Fold)}.values())


def is_specialized(kernel: ir.Kernel) -> bool:
    """Whether the kernel is compiled a second time for operands whose last axis has no gaps."""
    gaps = any(strides(buffer) for buffer in (*kernel.reads, *kernel.writes))
    return gaps and sum(1 for _ in _statements(kernel.body)) <= _SMALL


def parameters(kernel: ir.Kernel) -> list[str]:
    """The parameters of a kernel's function, as C."""
    items = ["kg_host *host"]
    items += [f"const int64 {dim.name}" for dim in kernel.dims]
    items += [f"const {c_type(scalar.dtype)} {scalar.name}" for scalar in kernel.scalars]
    for buffer in kernel.reads:
        items.append(f"const {c_type(buffer.dtype)} *restrict {buffer.name}")
    for buffer in kernel.writes:
        items.append(f"{c_type(buffer.dtype)} *restrict {buffer.name}")
    for buffer in (*kernel.reads, *kernel.writes):
        items += [f"const int64 {stride}" for stride in strides(buffer)]
    items += [f"{c_type(name.dtype)} *restrict {name.name}_out" for name in kernel.results]
    return items
