"""What must hold in every program, whatever pass made it: checked statement by statement.

Each name is defined once, before it is used, in a scope around its use; dtypes fit; an element is
read or written at an index inside its dimension, in memory that is there; nothing is written to an
input; slots, calls and errors exist. `verify` says which pass broke what, and on whose line.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager

from kernelgraph.errors import InvalidProgramError, Origins
from kernelgraph.loops import host, ir
from kernelgraph.loops.bounds import Bounds
from kernelgraph.loops.program import Call, Program
from kernelgraph.loops.text import expression
from kernelgraph.loops.verify_kernel import FaultError, Scope, verify_expression, verify_kernel
from kernelgraph.schedule.dims import Dim


def verify(program: Program, made_by: str) -> Program:
    """The program itself, if it is valid.

    Raises `InvalidProgramError` (KG-K020): `made_by` is the pass that is to blame.
    """
    try:
        _Host(program).actions(program.actions)
    except FaultError as wrong:
        raise InvalidProgramError(
            f"{made_by} made a program that is not valid: {wrong.what}, in {wrong.where}",
            origins=wrong.origins,
            hint="this is a fault of kernelgraph and not of your code; please report it",
        ) from None
    return program


class _Host:
    """What is known after each action."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.sizes = Bounds()
        self.names: dict[str, str] = {}
        """Numbers of the host, and their dtypes."""
        self.memory: dict[ir.Buffer, bool] = {}
        """Buffers that are there, and whether they may be written."""
        self.used: set[str] = set()
        """Names that mean something already, also in scopes that are over."""
        self.here = "the host"

    # ----------------------------------------------------------------------------------- one by one

    def actions(self, actions: Sequence[host.Action]) -> None:
        """All actions, in order."""
        for action in actions:
            self._action(action)

    def _action(self, action: host.Action) -> None:
        match action:
            case host.Bind():
                self._slot(action.slot)
                self._array(action.buffer, written=action.slot >= self.program.inputs)
            case host.BindScalar():
                self._slot(action.slot)
                self._name(action.name.name, action.name.dtype)
            case host.Define():
                self._value(action.value)
                self._size(action.dim)
                is_size = action.check >= 0 or isinstance(action.value, ir.SlotSize)
                self.sizes.define(action.dim, action.value, is_size)
                self._check(action.check)
            case host.CheckEqual():
                self._value(action.left)
                self._value(action.right)
                self._check(action.check)
                self.sizes.join(action.left, action.right)
            case host.CheckNotEmpty():
                self._known(action.dim)
                self._check(action.check)
            case host.Allocate():
                self._slot(action.slot)
                self._array(action.buffer, written=True)
            case host.StoreScalar():
                self._slot(action.slot)
                self._value(action.value)
            case host.Window() | host.Alias() | host.Stride():
                self._view(action)
            case host.Run():
                self._kernel(action.kernel)
            case host.Call():
                self._call(action)
            case _:
                self._nested(action)

    def _nested(self, action: host.Action) -> None:
        match action:
            case host.Reserve():
                self._slot(action.slot)
                for dim in action.dims:
                    self._size(dim)
                self._array(action.buffer, written=True)
            case host.FirstRow():
                for dim, value in action.sizes:
                    self._value(value)
                    self._known(dim)
            case host.If():
                self._value(action.condition)
                for branch in (action.then, action.otherwise):
                    with self._scope():
                        self.actions(branch)
            case host.Repeat():
                self._value(action.count)
                with self._scope():
                    self._name(action.index.name, action.index.dtype)
                    self.actions(action.body)
            case _:
                raise FaultError(f"no such action as {type(action).__name__}", self.here)

    def _view(self, action: host.Window | host.Alias | host.Stride) -> None:
        where = f"the view {action.buffer.name}"
        if action.base not in self.memory:
            raise FaultError(f"{action.base.name} has no memory yet", where)
        if isinstance(action, host.Window):
            kept = [e for e in action.entries if not isinstance(e, host.At)]
            if len(action.entries) != len(action.base.dims) or len(kept) != len(action.buffer.dims):
                raise FaultError("ranks differ", where)
            for entry in action.entries:
                self._entry(entry, where)
        if isinstance(action, host.Stride):
            axes = [axis for along in action.steps for axis, _ in along]
            known = set(axes) <= set(range(len(action.base.dims)))
            if len(action.steps) != len(action.buffer.dims) or not known:
                raise FaultError("ranks differ", where)
        if action.buffer.dtype != action.base.dtype:
            raise FaultError(f"{action.base.name} has another dtype", where)
        self._array(action.buffer, written=self.memory[action.base])

    def _entry(self, entry: host.Entry, where: str) -> None:
        match entry:
            case host.From():
                self._value(entry.start)
                self._known(entry.length)
                self._known(entry.dim)
                if not self.sizes.inside(entry.start, entry.length, entry.dim):
                    what = f"{expression(entry.start)} and {entry.length!r} more"
                    raise FaultError(f"{what} may lie outside {entry.dim!r}", where)
            case host.Range():
                for value in (entry.start, entry.stop, entry.step):
                    self._value(value)
                self._check(entry.check)
            case host.At():
                self._value(entry.index)
                self._check(entry.check)
            case host.Whole():
                pass

    def _kernel(self, kernel: ir.Kernel) -> None:
        scope = Scope(self.sizes.copy(), dict(self.names), dict(self.memory))
        for dim in kernel.dims:
            self._known(dim)
        verify_kernel(kernel, scope)
        for result in kernel.results:
            self.names[result.name] = result.dtype
        for item in kernel.body:  # numbers that the host reads from now on, perhaps as sizes
            if isinstance(item, ir.Let) and item.value.dtype == "int64":
                self.sizes.define(Dim(item.name), item.value, is_size=False)

    def _call(self, action: host.Call) -> None:
        where = f"call {action.number}", action.node.origins
        if not 0 <= action.number < len(self.program.calls):
            raise FaultError("there is no such call", *where)
        call = self.program.calls[action.number]
        for slot in (*call.inputs, *call.outputs):
            self._slot(slot)
        if any(slot < self.program.inputs for slot in call.outputs):
            raise FaultError("it writes to an input", *where)
        if action.routine is not None:
            self._routine(action.routine, call, where)

    def _routine(self, routine: host.Routine, call: Call, where: tuple[str, Origins]) -> None:
        """Operands that are there, and slots that are those of the call."""
        slots = tuple(each.slot for each in routine.memory)
        if call.outputs != slots or len(call.inputs) != len(routine.operands):
            raise FaultError("its slots are not those of the call", *where)
        for operand in routine.operands:
            if not isinstance(operand, ir.Buffer):
                self._value(operand)
            elif operand not in self.memory:
                raise FaultError(f"{operand.name} has no memory yet", *where)
        if isinstance(routine, host.Product):
            self._product(routine, where)
        if isinstance(routine, host.Lapack) and routine.check >= 0:
            self._check(routine.check)
        scratch = routine.scratch if isinstance(routine, host.OwnC) else ()
        for each in (*routine.copies, *routine.memory, *scratch):
            self._array(each.buffer, written=True)

    def _product(self, product: host.Product, where: tuple[str, Origins]) -> None:
        """Two matrices, or batches of them, whose sizes fit each other and the result."""
        result = product.memory[0].buffer
        for buffer in product.operands:
            if buffer.dtype != result.dtype:
                raise FaultError(f"{buffer.name} has another dtype than the product", *where)
        left, right = (
            buffer.dims[-2:][::-1] if flip else buffer.dims[-2:]
            for buffer, flip in zip(product.operands, product.flips, strict=True)
        )
        pairs = [(left[1], right[0]), (left[0], result.dims[-2]), (right[1], result.dims[-1])]
        for buffer in product.operands:
            pairs += zip(buffer.dims[:-2], result.dims[:-2], strict=True)
        if not all(self.sizes.same(*pair) for pair in pairs):
            raise FaultError("the sizes of a product do not fit", *where)

    # ------------------------------------------------------------------------------ what is checked

    @contextmanager
    def _scope(self) -> Generator[None]:
        """Names, memory and equalities that are there inside only."""
        before = self.sizes.copy(), dict(self.names), dict(self.memory)
        yield
        self.sizes, self.names, self.memory = before

    def _name(self, name: str, dtype: str) -> None:
        if name in self.used:
            raise FaultError(f"{name} is defined twice", self.here)
        self.used.add(name)
        self.names[name] = dtype

    def _size(self, dim: Dim) -> None:
        self._name(dim.name, "int64")

    def _known(self, dim: Dim) -> None:
        if dim.size is None and dim.name not in self.names:
            raise FaultError(f"the size {dim.name} is not known yet", self.here)

    def _array(self, buffer: ir.Buffer, written: bool) -> None:
        if buffer.name in self.used:
            raise FaultError(f"{buffer.name} is defined twice", self.here)
        for dim in buffer.dims:
            self._known(dim)
        self.used.add(buffer.name)
        self.memory[buffer] = written

    def _value(self, value: ir.Expression) -> None:
        scope = Scope(self.sizes, self.names, self.memory)
        verify_expression(value, scope, f"{expression(value)!r} of the host", ())

    def _slot(self, slot: int | None) -> None:
        if slot is not None and not 0 <= slot < len(self.program.slots):
            raise FaultError(f"there is no slot {slot}", self.here)

    def _check(self, check: int) -> None:
        if check >= len(self.program.checks):
            raise FaultError(f"there is no check {check}", self.here)
