"""What the host does, as Python: memory, sizes, checks, parts of arrays, and kernels that run.

The text is the same for every target whose kernels are called from Python; arrays may be NumPy's,
or stand for memory of a device. `values` are those of the program's slots.
"""

from __future__ import annotations

from collections.abc import Sequence

from kernelgraph.loops import host, ir
from kernelgraph.loops.printer import size
from kernelgraph.loops.program import Program
from kernelgraph.python.expressions import expression
from kernelgraph.schedule.dims import Dim
from kernelgraph.writer import Writer


def operands(kernel: ir.Kernel) -> str:
    """What a kernel is called with: sizes, numbers, what it reads and what it writes."""
    buffers = (*kernel.reads, *kernel.writes)
    return ", ".join(each.name for each in (*kernel.dims, *kernel.scalars, *buffers))


def shape(dims: Sequence[Dim]) -> str:
    """Sizes as a tuple."""
    return "(" + "".join(f"{size(dim)}, " for dim in dims).rstrip(" ") + ")"


class HostPrinter:
    """Prints actions of the host. `empty` is what gives memory, `bound` how the array in a slot is
    had.
    """

    def __init__(
        self, writer: Writer, empty: str = "np.empty", bound: str = "values[{slot}]"
    ) -> None:
        self.writer = writer
        self.empty = empty
        self.bound = bound

    def program(self, program: Program) -> None:
        """The function that takes the values of all slots and fills those of the results."""
        with self.writer.block("def program(values, call):", ""):
            self.actions(program.actions)
            self.writer.line("return values")

    def actions(self, actions: Sequence[host.Action]) -> None:
        """One line or block after the other."""
        if not actions:
            self.writer.line("pass")
        for action in actions:
            self._action(action)

    def memory(self, buffer: ir.Buffer, slot: int | None) -> None:
        """Memory for a buffer, which may be that of a slot."""
        self.writer.line(f"{buffer.name} = {self.empty}({shape(buffer.dims)}, {buffer.dtype!r})")
        if slot is not None:
            self.writer.line(f"values[{slot}] = {buffer.name}")

    def _action(self, action: host.Action) -> None:
        line = self.writer.line
        match action:
            case host.Bind():
                line(f"{action.buffer.name} = {self.bound.format(slot=action.slot)}")
            case host.BindScalar():
                line(f"{action.name.name} = values[{action.slot}][()]")
            case host.Define():
                line(f"{action.dim.name} = int({expression(action.value)})")
                if action.check >= 0:
                    line(f"check({action.dim.name} >= 0, {action.check}, {action.dim.name})")
            case host.CheckEqual():
                left, right = expression(action.left), expression(action.right)
                line(f"check(({left}) == ({right}), {action.check}, {left}, {right})")
            case host.CheckNotEmpty():
                line(f"check({size(action.dim)} != 0, {action.check})")
            case host.Allocate():
                self.memory(action.buffer, action.slot)
            case host.Reserve() | host.FirstRow():
                self._rows(action)
            case host.StoreScalar():
                array = f"np.array({expression(action.value)}, {action.dtype!r})"
                line(f"values[{action.slot}] = {array}")
            case host.Run():
                results = ", ".join(name.name for name in action.kernel.results)
                call = f"{action.kernel.name}({operands(action.kernel)})"
                line(f"{results} = {call}" if results else call, *action.kernel.nodes)
            case host.Window():
                self._window(action)
            case host.Stride():
                strides = f"{action.base.name}, {shape(action.buffer.dims)}, {action.steps}"
                line(f"{action.buffer.name} = at_strides({strides})")
            case host.Alias():
                same = f".reshape({shape(action.buffer.dims)})" if action.base.packed else ""
                line(f"{action.buffer.name} = {action.base.name}{same}")
            case host.Call():
                self._call(action)
            case host.If() | host.Repeat():
                self._control(action)

    def _control(self, action: host.If | host.Repeat) -> None:
        block = self.writer.block
        if isinstance(action, host.If):
            with block(f"if {expression(action.condition)}:", ""):
                self.actions(action.then)
            with block("else:", ""):
                self.actions(action.otherwise)
            return
        times = f"range(int({expression(action.count)}))"
        with block(f"for {action.index.name} in {times}:", ""):
            self.actions(action.body)

    def _call(self, action: host.Call) -> None:
        """A call; what it fills has names, where these are not bound by other actions."""
        line = self.writer.line
        if isinstance(action.routine, host.Product):
            (memory,), factors = action.routine.memory, ", ".join(action.routine.names())
            result = f"{memory.buffer.name} = values[{memory.slot}]"
            line(f"{result} = matmul({factors})", action.node)
            return
        line(f"call({action.number}, values)", action.node)
        for memory in action.routine.memory if action.routine is not None else ():
            assert memory.slot is not None
            line(f"{memory.buffer.name} = {self.bound.format(slot=memory.slot)}")

    def _rows(self, action: host.Reserve | host.FirstRow) -> None:
        """Memory for rows whose sizes show in the first iteration of a loop."""
        line = self.writer.line
        if isinstance(action, host.Reserve):
            for dim in action.dims:
                line(f"{dim.name} = 0")
            self.memory(action.buffer, action.slot)
            return
        with self.writer.block(f"if {action.iteration.name} == 0:", ""):
            for dim, value in action.sizes:
                line(f"{dim.name} = int({expression(value)})")
            self.memory(action.buffer, action.slot)

    def _window(self, action: host.Window) -> None:
        line, entries = self.writer.line, list[str]()
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
                    start, stop = expression(entry.start), expression(entry.stop)
                    step = expression(entry.step)
                    line(f"check({step} != 0, {entry.check})")
                    entries.append(f"part({start}, {stop}, {step})")
        line(f"{action.buffer.name} = {action.base.name}[{', '.join([*entries, '...'])}]")
