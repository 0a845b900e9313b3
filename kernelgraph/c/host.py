"""What the host of a program does, as one C function: memory, checks, kernels, calls, loops."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager

from kernelgraph.c.prelude import BYTES_OF, FAIL
from kernelgraph.loops import host, ir
from kernelgraph.loops.ctext import bracketed, c_type, expression, size, strides
from kernelgraph.loops.program import Program
from kernelgraph.ops.indexing import SLICE_START
from kernelgraph.writer import Writer


class HostPrinter:
    """Prints the actions of the host; `functions` are those of kernels that have another name."""

    def __init__(
        self,
        program: Program,
        writer: Writer,
        timed: bool = False,
        functions: Mapping[ir.Kernel, str] | None = None,
    ) -> None:
        self.program = program
        self.writer = writer
        self.timed = timed
        self.functions = functions or {}
        self.clocks = 0
        self.requests = 0

    def write(self, symbol: str) -> None:
        """The function that runs the program."""
        writer, self.writer = self.writer, Writer()
        self.actions(self.program.actions)
        body, self.writer = self.writer, writer
        used = {word for line in body.text for word in ("values", "status") if word in line}
        with writer.block(f"KG_EXPORT int32_t {symbol}(kg_host *host) {{"):
            if "values" in used:
                writer.line("kg_value *values = host->values;")
            if "status" in used:
                writer.line("int32_t status;")
            if self.timed:
                writer.line("double start;")
            writer.include(body)
            writer.line("return KG_DONE;")

    def actions(self, actions: Sequence[host.Action]) -> None:
        """Actions in order."""
        for action in actions:
            self.action(action)

    def action(self, action: host.Action) -> None:
        """One action."""
        line = self.writer.line
        match action:
            case host.Bind():
                self.bind(action)
            case host.BindScalar():
                kind = c_type(action.name.dtype)
                number = f"*(const {kind} *)values[{action.slot}].data"
                line(f"const {kind} {action.name.name} = {number};")
            case host.Define():
                name, check = action.dim.name, action.check
                line(f"const int64 {name} = {expression(action.value)};")
                if check >= 0:
                    self.fails(f"{name} < 0", check, name)
            case host.CheckEqual():
                left, right = expression(action.left), expression(action.right)
                sides = f"{bracketed(action.left)} != {bracketed(action.right)}"
                self.fails(sides, action.check, left, right)
            case host.CheckNotEmpty():
                self.fails(f"{size(action.dim)} == 0", action.check)
            case host.Allocate():
                self.allocate(action)
            case host.Reserve() | host.FirstRow():
                self.rows(action)
            case host.StoreScalar():
                line(f"if (host->allocate(host, {action.slot}, NULL)) return KG_PYTHON_ERROR;")
                target = f"*({c_type(action.dtype)} *)values[{action.slot}].data"
                line(f"{target} = {expression(action.value)};")
            case host.Run():
                with self.clock():
                    self.call_kernel(action.kernel)
            case host.Window():
                self.window(action)
            case host.Stride():
                self.strided(action)
            case host.Alias():
                self.alias(action)
            case host.Call():
                with self.clock():
                    self.call_outside(action)
            case host.If():
                with self.writer.block(f"if ({expression(action.condition)}) {{", ""):
                    self.actions(action.then)
                with self.writer.block("} else {"):
                    self.actions(action.otherwise)
            case host.Repeat():
                self.repeat(action)

    @contextmanager
    def clock(self) -> Generator[None]:
        """Measure what is printed inside, where the program is timed."""
        if self.timed:
            self.writer.line("start = now();")
        yield
        if self.timed:
            row = f"PROGRAM_clock[{self.clocks}]"
            self.writer.line(f"{row}.runs++, {row}.seconds += now() - start;")
            self.clocks += 1

    def fails(self, condition: str, check: int, *detail: str) -> None:
        """The error of a check, with up to three numbers, where a condition holds."""
        numbers = ", ".join([*detail, "0", "0", "0"][:3])
        failed = f"{self.writer.call(FAIL)}(host, {check}, {numbers})"
        self.writer.line(f"if ({condition}) return {failed};")

    def bind(self, action: host.Bind) -> None:
        """Pointer and strides of a slot."""
        kind, value = c_type(action.buffer.dtype), f"values[{action.slot}]"
        if action.copied:
            last = f"{value}.strides[{len(action.buffer.dims) - 1}]"
            self.pack(action.slot, 1, f"{last} != sizeof({kind}) && ")
        axes = range(len(action.buffer.dims))
        steps = [f"{value}.strides[{axis}] / (int64)sizeof({kind})" for axis in axes]
        self.pointer(action.buffer, f"({kind} *){value}.data", steps)

    def pointer(self, buffer: ir.Buffer, text: str, steps: Sequence[str] = ()) -> None:
        """Where a buffer lies and, where it may have gaps, its strides."""
        self.writer.line(f"{c_type(buffer.dtype)} *const {buffer.name} = {text};")
        for name, step in zip(strides(buffer), steps, strict=False):
            self.writer.line(f"const int64 {name} = {step};")

    def pack(self, slot: int, axes: int, condition: str = "") -> None:
        """Have no gaps along the last axes of what a slot holds."""
        failed = f"return KG_NO_ROOM + {self.requests};"
        self.writer.line(f"if ({condition}host->pack(host, {slot}, {axes})) {failed}")
        self.requests += 1

    def allocate(self, action: host.Allocate) -> None:
        """Memory for a buffer."""
        buffer, kind = action.buffer, c_type(action.buffer.dtype)
        failed = f"return KG_NO_ROOM + {self.requests};"
        self.requests += 1
        shape = f"(int64[]){{{', '.join(map(size, buffer.dims))}}}" if buffer.dims else "NULL"
        if action.slot is not None:
            self.writer.line(f"if (host->allocate(host, {action.slot}, {shape})) {failed}")
            self.pointer(buffer, f"({kind} *)values[{action.slot}].data")
            return
        count = f"{self.writer.call(BYTES_OF)}(sizeof({kind}), {len(buffer.dims)}, {shape})"
        self.pointer(buffer, f"({kind} *)host->scratch(host, {count})")
        self.writer.line(f"if ({buffer.name} == NULL) {failed}")

    def rows(self, action: host.Reserve | host.FirstRow) -> None:
        """Memory for rows whose sizes show in the first iteration of a loop."""
        line = self.writer.line
        if isinstance(action, host.Reserve):
            for dim in action.dims:
                line(f"int64 {dim.name} = 0;")
            line(f"{c_type(action.buffer.dtype)} *{action.buffer.name};")
            self.slot_memory(action.buffer, action.slot)
            return
        with self.writer.block(f"if ({action.iteration.name} == 0) {{"):
            for dim, value in action.sizes:
                line(f"{dim.name} = {expression(value)};")
            self.slot_memory(action.buffer, action.slot)

    def slot_memory(self, buffer: ir.Buffer, slot: int) -> None:
        """Memory of a slot for a buffer that has its name already."""
        shape = f"(int64[]){{{', '.join(map(size, buffer.dims))}}}"
        self.writer.line(f"if (host->allocate(host, {slot}, {shape})) return KG_PYTHON_ERROR;")
        self.writer.line(f"{buffer.name} = ({c_type(buffer.dtype)} *)values[{slot}].data;")

    def call_outside(self, action: host.Call) -> None:
        """A call of Python, of BLAS, or of C of the user's own."""
        match action.routine:
            case None:
                failed = f"host->call(host, {action.number})"
                self.writer.line(f"if ({failed}) return KG_PYTHON_ERROR;", action.node)
            case host.Product() as product:
                self.product(action, product)
            case host.Lapack() as lapack:
                self.lapack(action, lapack)
            case host.OwnC() as own:
                self.own_c(action, own)

    def product(self, action: host.Call, product: host.Product) -> None:
        """A product of matrices; where BLAS cannot do it, the same call of Python."""
        (memory,), slots = product.memory, self.program.calls[action.number].inputs
        operands = ", ".join(
            f"{slot}, {'KG_TRANSPOSED' if flip else 'KG_AS_IT_IS'}"
            for slot, flip in zip(slots, product.flips, strict=True)
        )
        self.writer.line(f"/* {memory.buffer.name} = {' · '.join(product.names())} */")
        self.routine(action, f"product(host, {operands}, {memory.slot}", product.memory, "")

    def lapack(self, action: host.Call, lapack: host.Lapack) -> None:
        """Work with matrices; where LAPACK cannot be called, the same call of Python."""
        work, call = lapack.work, self.program.calls[action.number]
        results = ", ".join(memory.buffer.name for memory in lapack.memory)
        operands = ", ".join(buffer.name for buffer in lapack.operands)
        self.writer.line(f"/* {results} = {action.node.op.name}({operands}) */")
        slots = f"(const int32_t[]){{{', '.join(map(str, (*call.inputs, *call.outputs)))}}}"
        start = f"lapack(host, KG_{work.name.upper()}, {work.option}, {slots}"
        self.routine(action, start, lapack.memory, f"{lapack.check}, ")

    def routine(
        self, action: host.Call, start: str, memory: Sequence[host.Allocate], check: str
    ) -> None:
        """A routine that asks for the memory of its results, and where these are."""
        last = f"KG_NO_ROOM + {self.requests}, {check}{action.number}"
        self.requests += len(memory)
        self.writer.line(f"status = host->{start}, {last});", action.node)
        self.writer.line("if (status) return status;")
        for each in memory:
            kind = c_type(each.buffer.dtype)
            self.pointer(each.buffer, f"({kind} *)values[{each.slot}].data")

    def own_c(self, action: host.Call, own: host.OwnC) -> None:
        """A call of a function that `own.py` prints; arrays with gaps are copied before."""
        copies, given = iter(own.copies), list(map(expression, own.sizes))
        slots = self.program.calls[action.number].inputs
        for operand, slot in zip(own.operands, slots, strict=True):
            if not isinstance(operand, ir.Buffer):
                given.append(expression(operand))
            elif operand.packed:
                given.append(operand.name)
            else:
                given.append(self.packed(next(copies).buffer, slot))
        for memory in (*own.memory, *own.scratch):
            self.allocate(memory)
            given.append(memory.buffer.name)
        self.writer.listing(f"own_{action.number}(", given, ");", action.node)

    def packed(self, copy: ir.Buffer, slot: int) -> str:
        """The numbers of a slot without gaps."""
        kind = c_type(copy.dtype)
        self.pack(slot, len(copy.dims))
        self.writer.line(f"const {kind} *const {copy.name} = (const {kind} *)values[{slot}].data;")
        return copy.name

    def call_kernel(self, kernel: ir.Kernel) -> None:
        """A call of a kernel."""
        for name in kernel.results:
            self.writer.line(f"{c_type(name.dtype)} {name.name};")
        buffers = (*kernel.reads, *kernel.writes)
        given = ["host", *(each.name for each in (*kernel.dims, *kernel.scalars, *buffers))]
        given += [stride for buffer in buffers for stride in strides(buffer)]
        given += [f"&{name.name}" for name in kernel.results]
        self.writer.listing(
            f"status = {self.functions.get(kernel, kernel.name)}(", given, ");", *kernel.nodes
        )
        self.writer.line("if (status) return status;")

    def window(self, action: host.Window) -> None:
        """Pointer and strides of a part."""
        base, buffer = action.base, action.buffer
        offsets: list[str] = []
        kept: list[str] = []
        for axis, entry in enumerate(action.entries):
            stride = self.stride(base, axis)
            match entry:
                case host.Whole():
                    kept.append(stride)
                case host.From():
                    offsets.append(f"({expression(entry.start)}) * ({stride})")
                    kept.append(stride)
                case host.At():
                    at = self.checked(entry, f"{buffer.name}_at{axis}")
                    offsets.append(f"{at} * {stride}")
                case host.Range():
                    step = expression(entry.step)
                    self.fails(f"{step} == 0", entry.check)
                    start = f"{size(entry.dim)}, {expression(entry.start)}, {step}"
                    offsets.append(f"{self.writer.call(SLICE_START)}({start}) * {stride}")
                    kept.append(f"({step}) * {stride}")
        moved = " + ".join([base.name, *offsets])
        if any(isinstance(entry, host.Range) for entry in action.entries) and buffer.dims:
            empty = " || ".join(f"{size(dim)} == 0" for dim in buffer.dims)
            moved = f"{empty} ? {base.name} : {moved}"  # an empty part may start beyond the end
        self.pointer(buffer, moved, kept)

    def checked(self, entry: host.At, name: str) -> str:
        """An index of a window, checked and counted from the start."""
        limit = size(entry.dim)
        self.writer.line(f"int64 {name} = {expression(entry.index)};")
        self.fails(f"{name} < -{limit} || {name} >= {limit}", entry.check, name, limit)
        self.writer.line(f"if ({name} < 0) {name} += {limit};")
        return name

    def stride(self, buffer: ir.Buffer, axis: int) -> str:
        """The stride of an axis, in elements."""
        if axis < len(names := strides(buffer)):
            return names[axis]
        return " * ".join(["1", *(size(dim) for dim in buffer.dims[axis + 1 :])])

    def strided(self, action: host.Stride) -> None:
        """Strides of a part that begins where its base does."""
        steps = [
            " + ".join(f"{step} * ({self.stride(action.base, axis)})" for axis, step in along)
            for along in action.steps
        ]
        self.pointer(action.buffer, action.base.name, steps)

    def alias(self, action: host.Alias) -> None:
        """A second name for the same memory."""
        steps = [self.stride(action.base, axis) for axis in range(len(action.buffer.dims))]
        self.pointer(action.buffer, action.base.name, steps)

    def repeat(self, action: host.Repeat) -> None:
        """A loop of the host."""
        index = action.index.name
        count = expression(action.count)
        with self.writer.block(f"for (int64 {index} = 0; {index} < {count}; {index}++) {{"):
            self.writer.line("if (host->poll(host)) return KG_PYTHON_ERROR;")
            self.writer.line("const int64 scratch_mark = host->mark(host);")
            self.actions(action.body)
            self.writer.line("host->release(host, scratch_mark);")
