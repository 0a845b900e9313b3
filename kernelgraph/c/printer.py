"""Print a program as one C file: a function per kernel, and one function that is the host's list of
actions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from importlib import resources
from typing import Any

import numpy as np

from kernelgraph.c.prelude import TYPES, c_type, helpers_for
from kernelgraph.loops import ir
from kernelgraph.loops.printer import Source, Writer, formula, is_atom, plain
from kernelgraph.schedule.dims import Dim
from kernelgraph.types import FLOATS

_SMALL = 160
"""Kernels of at most so many statements are also compiled for contiguous rows."""


def host_header() -> str:
    """The C header that programs and their host share."""
    return resources.files("kernelgraph.c").joinpath("host.h").read_text()


def print_c(program: ir.Program) -> Source:
    """The whole file.

    Its symbol carries a hash of the text, so that no two programs ever share a name.
    """
    body = Writer()
    for kernel in program.kernels:
        KernelPrinter(kernel, body).write()
        body.line("")
    HostPrinter(program, body).write("PROGRAM")
    text = "\n".join(body.text)
    head = Writer()
    for part in (host_header(), "#include <tgmath.h>\n", TYPES, helpers_for(text)):
        for line in part.rstrip("\n").split("\n"):
            head.line(line)
        head.line("")
    head.include(body)
    source = head.source()
    symbol = "kg_" + hashlib.sha256(source.text.encode()).hexdigest()[:24]
    return Source(
        source.text.replace("int32_t PROGRAM(", f"int32_t {symbol}("), source.lines, symbol
    )


# --------------------------------------------------------------------------------------------------


def number(value: Any, dtype: str) -> str:
    """A constant of C that has exactly these bits."""
    if dtype == "bool":
        return "1" if value else "0"
    if dtype not in FLOATS:
        return _integer(int(value), dtype)
    if np.isnan(value):
        return f"({c_type(dtype)})NAN"
    text = str(np.float32(abs(value))) + "f" if dtype == "float32" else repr(abs(float(value)))
    if np.isinf(value):
        text = f"({c_type(dtype)})INFINITY"
    return f"(-{text})" if np.signbit(value) else text


def _integer(value: int, dtype: str) -> str:
    if value == -(2**63):
        return "INT64_MIN"
    suffix = (
        "ULL"
        if dtype == "uint64"
        else "LL"
        if abs(value) >= 2**31
        else "U"
        if dtype == "uint32"
        else ""
    )
    return f"({value}{suffix})" if value < 0 else f"{value}{suffix}"


def size(dim: Dim) -> str:
    """The size of a dimension."""
    return dim.name if dim.size is None else str(dim.size)


def expression(value: ir.Expression) -> str:
    """An expression as C."""
    match value:
        case ir.Number():
            return number(value.value, value.dtype)
        case ir.Name():
            return value.name
        case ir.Load():
            return element(value.buffer, value.index)
        case ir.SlotSize():
            return f"values[{value.slot}].shape[{value.axis}]"
        case ir.Formula():
            return formula(value, "c", expression)


def atom(value: ir.Expression) -> str:
    """An expression in brackets if it needs them."""
    text = expression(value)
    return text if is_atom(text) else f"({text})"


def element(buffer: ir.Buffer, index: Sequence[ir.Expression]) -> str:
    """One element of a buffer."""
    if not index:
        return f"{buffer.name}[0]"
    return f"{buffer.name}[{offset(buffer, index)}]"


def offset(buffer: ir.Buffer, index: Sequence[ir.Expression]) -> str:
    """How many elements past the first."""
    if buffer.packed:
        return _packed_offset(buffer, index)
    terms: list[str] = []
    for axis, entry in enumerate(index):
        at = atom(entry)
        if at != "0":
            terms.append(f"{at} * {buffer.name}_s{axis}")
    return " + ".join(terms) or "0"


def _packed_offset(buffer: ir.Buffer, index: Sequence[ir.Expression]) -> str:
    text = ""
    for dim, entry in zip(buffer.dims, index, strict=True):
        at = atom(entry)
        if text:
            outer = f"({text})" if " + " in text else text
            text = f"{outer} * {size(dim)}" + ("" if at == "0" else f" + {at}")
        elif at != "0":
            text = at
    return text or "0"


def strides(buffer: ir.Buffer) -> list[str]:
    """Names of the strides of a buffer that may have gaps."""
    return [] if buffer.packed else [f"{buffer.name}_s{axis}" for axis in range(len(buffer.dims))]


# --------------------------------------------------------------------------------------------------


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
                    f"const int64 {stop} = {end} - {step} < {item.strip} ? {end} : {step} + {item.strip};"
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
                f"for (int64 lane = 0; lane < {half}; lane++) {state} = {self.fold(folded, state)};",
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


# --------------------------------------------------------------------------------------------------


class HostPrinter:
    """Prints the actions of the host."""

    def __init__(self, program: ir.Program, writer: Writer) -> None:
        self.program = program
        self.writer = writer

    def write(self, symbol: str) -> None:
        """The function that runs the program."""
        with self.writer.block(f"KG_EXPORT int32_t {symbol}(kg_host *host) {{"):
            self.writer.line("kg_value *values = host->values;")
            self.writer.line("int32_t status = KG_DONE;")
            self.writer.line("(void)values;")
            self.actions(self.program.actions)
            self.writer.line("return status;")

    def actions(self, actions: Sequence[ir.Action]) -> None:
        """Actions in order."""
        for action in actions:
            self.action(action)

    def action(self, action: ir.Action) -> None:
        """One action."""
        line = self.writer.line
        match action:
            case ir.Bind():
                self.bind(action)
            case ir.BindScalar():
                kind = c_type(action.name.dtype)
                line(
                    f"const {kind} {action.name.name} = *(const {kind} *)values[{action.slot}].data;"
                )
            case ir.Define():
                line(f"const int64 {action.dim.name} = {expression(action.value)};")
                if action.site >= 0:
                    line(
                        f"if ({action.dim.name} < 0) return fail(host, {action.site}, {action.dim.name}, 0, 0);"
                    )
            case ir.CheckEqual():
                left, right = expression(action.left), expression(action.right)
                line(
                    f"if ({left} != {right}) return fail(host, {action.site}, {left}, {right}, 0);"
                )
            case ir.CheckNotEmpty():
                line(f"if ({size(action.dim)} == 0) return fail(host, {action.site}, 0, 0, 0);")
            case ir.Allocate():
                self.allocate(action)
            case ir.StoreScalar():
                line(f"if (host->allocate(host, {action.slot}, NULL)) return KG_PYTHON_ERROR;")
                line(
                    f"*({c_type(action.dtype)} *)values[{action.slot}].data = {expression(action.value)};"
                )
            case ir.Run():
                self.run(action.kernel)
            case ir.Window():
                self.window(action)
            case ir.Alias():
                self.alias(action)
            case ir.CallPython():
                line(f"if (host->call(host, {action.call})) return KG_PYTHON_ERROR;", action.node)
            case ir.If():
                with self.writer.block(f"if ({expression(action.condition)}) {{", ""):
                    self.actions(action.then)
                with self.writer.block("} else {"):
                    self.actions(action.otherwise)
            case ir.Repeat():
                self.repeat(action)

    def bind(self, action: ir.Bind) -> None:
        """Pointer and strides of a slot."""
        buffer, kind = action.buffer, c_type(action.buffer.dtype)
        self.writer.line(f"{kind} *const {buffer.name} = ({kind} *)values[{action.slot}].data;")
        for axis, name in enumerate(strides(buffer)):
            self.writer.line(
                f"const int64 {name} = values[{action.slot}].strides[{axis}] / (int64)sizeof({kind});"
            )

    def allocate(self, action: ir.Allocate) -> None:
        """Memory for a buffer."""
        buffer, kind = action.buffer, c_type(action.buffer.dtype)
        shape = f"(int64[]){{{', '.join(map(size, buffer.dims))}}}" if buffer.dims else "NULL"
        if action.slot is not None:
            self.writer.line(
                f"if (host->allocate(host, {action.slot}, {shape})) return KG_PYTHON_ERROR;"
            )
            self.writer.line(f"{kind} *const {buffer.name} = ({kind} *)values[{action.slot}].data;")
            return
        count = f"bytes_of(sizeof({kind}), {len(buffer.dims)}, {shape})"
        self.writer.line(f"{kind} *const {buffer.name} = ({kind} *)host->scratch(host, {count});")
        self.writer.line(f"if ({buffer.name} == NULL) return KG_PYTHON_ERROR;")

    def run(self, kernel: ir.Kernel) -> None:
        """A call of a kernel, of the version for contiguous rows where that fits."""
        for name in kernel.results:
            self.writer.line(f"{c_type(name.dtype)} {name.name};")
        buffers = (*kernel.reads, *kernel.writes)
        first = [
            "host",
            *(dim.name for dim in kernel.dims),
            *(s.name for s in kernel.scalars),
            *(b.name for b in buffers),
        ]
        plain_strides = [stride for buffer in buffers for stride in strides(buffer)]
        last = [f"&{name.name}" for name in kernel.results]
        suffix = "_gaps" if is_specialized(kernel) else ""
        general = f"{kernel.name}{suffix}({', '.join([*first, *plain_strides, *last])})"
        inner = {strides(buffer)[-1] for buffer in buffers if strides(buffer)}
        if not (inner and is_specialized(kernel)):
            self.writer.line(f"if ((status = {general})) return status;", *kernel.nodes)
            return
        unit = ["1" if stride in inner else stride for stride in plain_strides]
        rows = f"{kernel.name}({', '.join([*first, *unit, *last])})"
        test = " && ".join(f"{stride} == 1" for stride in plain_strides if stride in inner)
        self.writer.line(f"status = {test}", *kernel.nodes)
        self.writer.line(f"    ? {rows}", *kernel.nodes)
        self.writer.line(f"    : {general};", *kernel.nodes)
        self.writer.line("if (status) return status;")

    def window(self, action: ir.Window) -> None:
        """Pointer and strides of a part."""
        base, buffer = action.base, action.buffer
        kind = c_type(buffer.dtype)
        offsets: list[str] = []
        kept: list[str] = []
        for axis, entry in enumerate(action.entries):
            stride = self.stride(base, axis)
            match entry:
                case ir.Whole():
                    kept.append(stride)
                case ir.At():
                    at = self.checked(entry, f"{buffer.name}_at{axis}")
                    offsets.append(f"{at} * {stride}")
                case ir.Range():
                    step = expression(entry.step)
                    self.writer.line(f"if ({step} == 0) return fail(host, {entry.site}, 0, 0, 0);")
                    offsets.append(
                        f"slice_start({size(entry.dim)}, {expression(entry.start)}, {step}) * {stride}"
                    )
                    kept.append(f"({step}) * {stride}")
        moved = " + ".join([base.name, *offsets])
        if any(isinstance(entry, ir.Range) for entry in action.entries) and buffer.dims:
            empty = " || ".join(f"{size(dim)} == 0" for dim in buffer.dims)
            moved = f"{empty} ? {base.name} : {moved}"  # an empty part may start beyond the end
        self.writer.line(f"{kind} *const {buffer.name} = {moved};")
        for name, stride in zip(strides(buffer), kept, strict=True):
            self.writer.line(f"const int64 {name} = {stride};")

    def checked(self, entry: ir.At, name: str) -> str:
        """An index of a window, checked and counted from the start."""
        limit = size(entry.dim)
        self.writer.line(f"int64 {name} = {expression(entry.index)};")
        self.writer.line(
            f"if ({name} < -{limit} || {name} >= {limit}) return fail(host, {entry.site}, {name}, {limit}, 0);"
        )
        self.writer.line(f"if ({name} < 0) {name} += {limit};")
        return name

    def stride(self, buffer: ir.Buffer, axis: int) -> str:
        """The stride of an axis, in elements."""
        if not buffer.packed:
            return f"{buffer.name}_s{axis}"
        return " * ".join(["1", *(size(dim) for dim in buffer.dims[axis + 1 :])])

    def alias(self, action: ir.Alias) -> None:
        """A second name for the same memory."""
        buffer, base = action.buffer, action.base
        kind = c_type(buffer.dtype)
        self.writer.line(f"{kind} *const {buffer.name} = {base.name};")
        for axis, name in enumerate(strides(buffer)):
            self.writer.line(f"const int64 {name} = {self.stride(base, axis)};")

    def repeat(self, action: ir.Repeat) -> None:
        """A loop of the host."""
        index = action.index.name
        count = expression(action.count)
        with self.writer.block(f"for (int64 {index} = 0; {index} < {count}; {index}++) {{"):
            self.writer.line("if (host->poll(host)) return KG_PYTHON_ERROR;")
            self.writer.line("const int64 scratch_mark = host->mark(host);")
            self.actions(action.body)
            self.writer.line("host->release(host, scratch_mark);")
