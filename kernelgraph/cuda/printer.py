"""Print the kernels of a program as CUDA: one `__global__` function for each outermost loop.

How a loop is spread over threads follows from what its turns share. Turns that share nothing run
one to a thread. A row whose sums can be combined in any grouping gets a block of threads, whose
partial sums meet in shared memory, in a fixed order. Everything else runs on one thread, and says
so: right first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kernelgraph.cuda.prelude import TYPES, helpers_for
from kernelgraph.loops import ir
from kernelgraph.loops.collect import finish_kernel
from kernelgraph.loops.ctext import c_type, element, expression, size, strides
from kernelgraph.loops.program import Program
from kernelgraph.writer import Source, Writer, plain

BLOCK = 256
"""Threads of a block that works on one row."""

_START = "(int64)blockIdx.x * blockDim.x + threadIdx.x"
_STRIDE = "(int64)gridDim.x * blockDim.x"


def print_cuda(program: Program) -> Source:
    """All kernels of a program as one CUDA file; each says with which grid it is to be launched."""
    body = Writer()
    for kernel in program.kernels:
        for part in _launches(kernel):
            _Launch(part, body).write()
            body.line("")
    head = Writer()
    for part in (TYPES, helpers_for("\n".join(body.text))):
        for line in part.rstrip("\n").split("\n"):
            head.line(line)
        head.line("")
    head.include(body)
    return head.source()


def _launches(kernel: ir.Kernel) -> list[ir.Kernel]:
    """A kernel whose outermost loops pass each other nothing but memory becomes a launch for
    each.
    """
    loops = all(isinstance(item, ir.For) for item in kernel.body)
    if not loops or len(kernel.body) == 1 or kernel.results:
        return [kernel]
    return [
        finish_kernel(f"{kernel.name}_{k}", (item,), (), kernel.nodes, kernel.can_fail)
        for k, item in enumerate(kernel.body)
    ]


def _statements(items: Sequence[ir.Statement]) -> Iterator[ir.Statement]:
    for item in items:
        yield item
        if isinstance(item, ir.For):
            yield from _statements(item.body)


class _Launch:
    """Prints one `__global__` function."""

    def __init__(self, kernel: ir.Kernel, writer: Writer) -> None:
        self.kernel = kernel
        self.writer = writer

    def write(self) -> None:
        """The function, and above it how to launch it."""
        row = self._single_loop()
        independent = row is not None and _turns_are_independent(row)
        kernel, line = self.kernel, self.writer.line
        line(f"// {plain(kernel.note)}", *kernel.nodes)
        if row is None or not independent:
            line("// Launch: 1 block of 1 thread. Its loops depend on each other.")
        elif _folds_rows(row):
            line(f"// Launch: a block of {BLOCK} threads for each of {size(row.dim)} rows.")
        else:
            line(f"// Launch: a thread for each of {size(row.dim)} turns, or fewer.")
        with self.writer.block(
            f'extern "C" __global__ void {kernel.name}({self._parameters()}) {{'
        ):
            if row is None or not independent:
                self._body(kernel.body)
            elif _folds_rows(row):
                self._block_per_row(row)
            else:
                self._thread_per_turn(row)
            for name in kernel.results:
                line(f"*{name.name}_out = {name.name};")

    def _single_loop(self) -> ir.For | None:
        body = self.kernel.body
        return body[0] if len(body) == 1 and isinstance(body[0], ir.For) else None

    def _parameters(self) -> str:
        kernel = self.kernel
        items = [f"int64 {dim.name}" for dim in kernel.dims]
        items += [f"{c_type(scalar.dtype)} {scalar.name}" for scalar in kernel.scalars]
        for const, buffers in (("const ", kernel.reads), ("", kernel.writes)):
            for b in buffers:
                alone = "" if b in kernel.overlapping else "__restrict__ "
                items.append(f"{const}{c_type(b.dtype)} *{alone}{b.name}")
        for buffer in (*kernel.reads, *kernel.writes):
            items += [f"int64 {stride}" for stride in strides(buffer)]
        items += [f"{c_type(name.dtype)} *__restrict__ {name.name}_out" for name in kernel.results]
        items += ["int64 *__restrict__ failure"] if kernel.can_fail else []
        return ", ".join(items)

    def _thread_per_turn(self, loop: ir.For) -> None:
        i, end = loop.index, size(loop.dim)
        with self.writer.block(f"for (int64 {i} = {_START}; {i} < {end}; {i} += {_STRIDE}) {{"):
            self._body(loop.body)

    def _block_per_row(self, loop: ir.For) -> None:
        i, end = loop.index, size(loop.dim)
        with self.writer.block(f"for (int64 {i} = blockIdx.x; {i} < {end}; {i} += gridDim.x) {{"):
            for item in loop.body:
                if isinstance(item, ir.For):
                    self._shared_loop(item)
                elif isinstance(item, ir.Store):
                    self.writer.line("if (threadIdx.x == 0)")
                    self.writer.depth += 1
                    self._statement(item)
                    self.writer.depth -= 1
                else:
                    self._statement(item)

    def _shared_loop(self, loop: ir.For) -> None:
        """An inner loop spread over the block, and its partial states brought together."""
        i, end = loop.index, size(loop.dim)
        with self.writer.block(f"for (int64 {i} = threadIdx.x; {i} < {end}; {i} += blockDim.x) {{"):
            self._body(loop.body)
        for item in loop.body:
            if isinstance(item, ir.Fold):
                self._tree(item)

    def _tree(self, fold: ir.Fold) -> None:
        line = self.writer.line
        shared = f"{fold.name}_shared"
        line(f"__shared__ {c_type(fold.start.dtype)} {shared}[{BLOCK}];", fold.node)
        line(f"{shared}[threadIdx.x] = {fold.name};")
        line("__syncthreads();")
        with self.writer.block(f"for (int half = {BLOCK} / 2; half > 0; half /= 2) {{"):
            mine, other = f"{shared}[threadIdx.x]", f"{shared}[threadIdx.x + half]"
            combined = self._fold(fold, mine, ir.Name(other, fold.start.dtype))
            line(f"if (threadIdx.x < half) {mine} = {combined};", fold.node)
            line("__syncthreads();")
        line(f"{fold.name} = {shared}[0];", fold.node)
        line("__syncthreads();")

    def _fold(self, fold: ir.Fold, state: str, value: ir.Expression) -> str:
        return expression(fold.combined(ir.Name(state, fold.start.dtype), value), "cuda")

    def _body(self, statements: Sequence[ir.Statement]) -> None:
        for item in statements:
            self._statement(item)

    def _statement(self, item: ir.Statement) -> None:
        line = self.writer.line
        match item:
            case ir.Let():
                kind = c_type(item.value.dtype)
                line(f"const {kind} {item.name} = {expression(item.value, 'cuda')};", item.node)
            case ir.Variable():
                kind = c_type(item.start.dtype)
                line(f"{kind} {item.name} = {expression(item.start, 'cuda')};", item.node)
            case ir.Assign():
                line(f"{item.name} = {expression(item.value, 'cuda')};", item.node)
            case ir.Fold():
                line(f"{item.name} = {self._fold(item, item.name, item.element)};", item.node)
            case ir.Store():
                target = element(item.buffer, item.index)
                line(f"{target} = {expression(item.value, 'cuda')};", item.node)
            case ir.Bounded():
                self._bounded(item)
            case ir.For():
                i, end = item.index, size(item.dim)
                with self.writer.block(f"for (int64 {i} = 0; {i} < {end}; {i}++) {{"):
                    self._body(item.body)
            case ir.Carry():
                pass  # sums of threads are short
            case ir.Poll():
                pass  # a GPU has no keyboard

    def _bounded(self, item: ir.Bounded) -> None:
        """An index outside its axis is reported, and the element left out."""
        line, limit = self.writer.line, expression(item.size, "cuda")
        lowest = f"-{limit}" if item.wraps else "0"
        line(f"int64 {item.name} = {expression(item.value, 'cuda')};", item.node)
        with self.writer.block(f"if ({item.name} < {lowest} || {item.name} >= {limit}) {{"):
            line(f"failure[0] = {item.check + 1};")
            line(f"failure[1] = {item.name};")
            line("return;")
        if item.wraps:
            line(f"if ({item.name} < 0) {item.name} += {limit};")


def _by_row(item: ir.Store, row: str) -> bool:
    return any(isinstance(entry, ir.Name) and entry.name == row for entry in item.index)


def _turns_are_independent(loop: ir.For) -> bool:
    """Whether every turn writes only to elements of its own, and changes no number from outside."""
    inside = list(_statements(loop.body))
    own = {item.name for item in inside if isinstance(item, ir.Variable)}
    for item in inside:
        if isinstance(item, ir.Assign | ir.Fold) and item.name not in own:
            return False
        if isinstance(item, ir.Store) and not _by_row(item, loop.index):
            return False
    return True


def _folds_rows(loop: ir.For) -> bool:
    """Whether the row's inner loops only fold, in any grouping, or write elements of their own."""
    inner = [item for item in loop.body if isinstance(item, ir.For)]
    items = [item for child in inner for item in child.body]
    simple = all(isinstance(item, ir.Let | ir.Fold | ir.Store) for item in items)
    return simple and any(isinstance(item, ir.Fold) for item in items)
