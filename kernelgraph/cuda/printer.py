"""Print the kernels of a program as CUDA, a `__global__` function each.

Which threads do what stands in the program (`mapping/grid.py`): a loop of the grid gives each
thread its iterations, a loop of blocks gives each block a row, and the threads of a block divide
the loops of the row. A kernel without such loops runs on one thread, and says so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kernelgraph.cuda.launch import launch_of
from kernelgraph.formats import types
from kernelgraph.loops import ir
from kernelgraph.loops.ctext import c_type, element, expression, size, strides
from kernelgraph.loops.printer import dtypes_of, helpers
from kernelgraph.loops.program import Program
from kernelgraph.loops.sharing import reductions
from kernelgraph.templates import definitions
from kernelgraph.writer import Source, Writer, plain

TYPES = """\
typedef bool bool8;
typedef signed char int8;
typedef short int16;
typedef int int32;
typedef long long int64;
typedef unsigned char uint8;
typedef unsigned short uint16;
typedef unsigned int uint32;
typedef unsigned long long uint64;
typedef float float32;
typedef double float64;
"""
"""What generated CUDA begins with: short names for types."""

_MACROS = {
    "INFINITY": "__int_as_float(0x7f800000)",
    "NAN": "__int_as_float(0x7fffffff)",
    **{f"INT{bits}_MAX": str(2 ** (bits - 1) - 1) for bits in (8, 16, 32, 64)},
    **{f"INT{bits}_MIN": f"(-{2 ** (bits - 1) - 1} - 1)" for bits in (8, 16, 32, 64)},
    **{f"UINT{bits}_MAX": f"{2**bits - 1}U" for bits in (8, 16, 32, 64)},
}
"""Macros of C's headers, some of which nvcc includes by itself; NVRTC has no headers."""

FAIL = """\
/* The first thread whose check fails says which, and what it found. */
__device__ static inline void fail(int64 *failure, int64 check, int64 first, int64 second) {
    if (atomicCAS((uint64 *)failure, 0ULL, (uint64)check)) return;
    failure[1] = first;
    failure[2] = second;
}
__device__ static inline void warn(int64 *failure, int64 check) {
    atomicExch((uint64 *)failure + 3, (uint64)check);
}
"""

_FIRST = "!(blockIdx.x | blockIdx.y | blockIdx.z | threadIdx.x | threadIdx.y | threadIdx.z)"
"""Whether this is the first thread of all: others have the same numbers."""

_THREADS = {
    "in order": ("0", "1"),
    "threads": ("0", "1"),
    "grid": ("(int64)blockIdx.x * blockDim.x + threadIdx.x", "(int64)gridDim.x * blockDim.x"),
    "grid y": ("(int64)blockIdx.y * blockDim.y + threadIdx.y", "(int64)gridDim.y * blockDim.y"),
    "grid z": ("(int64)blockIdx.z * blockDim.z + threadIdx.z", "(int64)gridDim.z * blockDim.z"),
    "blocks": ("blockIdx.x", "gridDim.x"),
    "block": ("threadIdx.x", "blockDim.x"),
}
"""Where the iterations of one thread begin, and how far apart they are."""


def print_cuda(program: Program) -> Source:
    """All kernels of a program as one CUDA file; each says with which grid it is to be launched."""
    body = Writer()
    for kernel in program.kernels:
        _Launch(kernel, body).write()
        body.line("")
    more = [*types("cuda", dtypes_of(program.kernels))]
    more += [FAIL] if any(kernel.can_fail for kernel in program.kernels) else []
    called = "\n".join(definitions(helpers(program.kernels), "cuda"))
    parts = [*more, called] if called else more
    head = Writer()
    for part in (TYPES, *macros("\n".join((*parts, *body.text))), *parts):
        for line in part.rstrip("\n").split("\n"):
            head.line(line)
        head.line("")
    head.include(body)
    return head.source()


def macros(text: str) -> list[str]:
    r"""Definitions of the macros of C that a text in CUDA uses, for compilers without C's headers.

    >>> print(*macros("return x < 0 ? NAN : x;"), sep="\n")
    #ifndef NAN
    #define NAN __int_as_float(0x7fffffff)
    #endif
    """
    used = (name for name in _MACROS if re.search(rf"\b{name}\b", text))
    lines = [f"#ifndef {name}\n#define {name} {_MACROS[name]}\n#endif" for name in used]
    return ["\n".join(lines)] if lines else []


class _Launch:
    """Prints one `__global__` function."""

    def __init__(self, kernel: ir.Kernel, writer: Writer) -> None:
        self.kernel = kernel
        self.writer = writer

    def write(self) -> None:
        """The function, and above it how to launch it."""
        kernel, line = self.kernel, self.writer.line
        for text in kernel.note.split("\n"):
            line(f"// {plain(text)}", *kernel.nodes)
        line(f"// Launch: {launch_of(kernel)}")
        head = f'extern "C" __global__ void {kernel.name}({self._parameters()}) {{'
        with self.writer.block(head):
            self._body(kernel.body)
            if kernel.results and launch_of(kernel).loop is not None:
                with self.writer.block(f"if ({_FIRST}) {{"):
                    self._results()
            else:
                self._results()

    def _results(self) -> None:
        for name in self.kernel.results:
            self.writer.line(f"*{name.name}_out = {name.name};")

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

    def _loop(self, loop: ir.For) -> None:
        i, start, step = loop.index, *_THREADS[loop.runs]
        for array in loop.arrays:
            kind, (dim,) = c_type(array.dtype), array.dims
            self.writer.line(f"__shared__ {kind} {array.name}[{size(dim)}];")
        with self.writer.block(
            f"for (int64 {i} = {start}; {i} < {size(loop.dim)}; {i} += {step}) {{"
        ):
            for item in loop.body:
                if loop.runs == "blocks" and isinstance(item, ir.Store):
                    self.writer.line("if (threadIdx.x == 0)")
                    with self.writer.indented():
                        self._statement(item)
                else:
                    self._statement(item)
        for reduction, array in zip(reductions(loop), loop.arrays, strict=False):
            self._tree(reduction, array)

    def _tree(self, reduction: ir.Reduce, array: ir.Buffer) -> None:
        """The partial states of a block's threads brought together, in a fixed order."""
        line, shared, threads = self.writer.line, array.name, size(array.dims[0])
        line(f"{shared}[threadIdx.x] = {reduction.name};", reduction.node)
        line("__syncthreads();")
        with self.writer.block(f"for (int half = {threads} / 2; half > 0; half /= 2) {{"):
            with self.writer.block("if (threadIdx.x < half) {"):
                kind, dtype = c_type(reduction.start.dtype), reduction.start.dtype
                for name, place in (("mine", ""), ("other", " + half")):
                    line(f"const {kind} {name} = {shared}[threadIdx.x{place}];", reduction.node)
                combined = self._reduction(reduction, "mine", ir.Name("other", dtype))
                line(f"{shared}[threadIdx.x] = {combined};", reduction.node)
            line("__syncthreads();")
        line(f"{reduction.name} = {shared}[0];", reduction.node)
        line("__syncthreads();")

    def _reduction(self, reduction: ir.Reduce, state: str, value: ir.Expression) -> str:
        return expression(reduction.combined(ir.Name(state, reduction.start.dtype), value), "cuda")

    def _body(self, statements: Sequence[ir.Statement]) -> None:
        for item in statements:
            self._statement(item)

    def _statement(self, item: ir.Statement) -> None:
        line = self.writer.line
        match item:
            case ir.Let():
                kind = c_type(item.value.dtype)
                line(f"const {kind} {item.name} = {expression(item.value, 'cuda')};", item.node)
            case ir.Local():
                kind = c_type(item.start.dtype)
                line(f"{kind} {item.name} = {expression(item.start, 'cuda')};", item.node)
            case ir.Assign():
                line(f"{item.name} = {expression(item.value, 'cuda')};", item.node)
            case ir.Reduce():
                line(f"{item.name} = {self._reduction(item, item.name, item.element)};", item.node)
            case ir.Store():
                target = element(item.buffer, item.index, "cuda")
                line(f"{target} = {expression(item.value, 'cuda')};", item.node)
            case ir.Bounded():
                self._bounded(item)
            case ir.Flag():
                number = item.check + 1
                found = (
                    f"fail(failure, {number}, 0, 0)" if item.fails else f"warn(failure, {number})"
                )
                line(f"if ({expression(item.condition, 'cuda')}) {found};", item.node)
            case ir.For():
                self._loop(item)
            case ir.Carry():
                pass  # sums of threads are short
            case ir.Barrier():
                line("__syncthreads();")
            case ir.Poll():
                pass  # a GPU has no keyboard

    def _bounded(self, item: ir.Bounded) -> None:
        """An index outside its axis is reported, and the element left out."""
        line, limit = self.writer.line, expression(item.size, "cuda")
        lowest = f"-{limit}" if item.wraps else "0"
        line(f"int64 {item.name} = {expression(item.value, 'cuda')};", item.node)
        with self.writer.block(f"if ({item.name} < {lowest} || {item.name} >= {limit}) {{"):
            line(f"fail(failure, {item.check + 1}, {item.name}, {limit});")
            line("return;")
        if item.wraps:
            line(f"if ({item.name} < 0) {item.name} += {limit};")
