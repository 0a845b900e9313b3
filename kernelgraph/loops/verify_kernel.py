"""What must hold inside a kernel: scopes of names, dtypes, and indices within their dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from kernelgraph.elementwise import Elementwise
from kernelgraph.errors import Origins
from kernelgraph.loops import ir
from kernelgraph.loops.bounds import Size, Sizes
from kernelgraph.loops.sharing import sharing, touched
from kernelgraph.loops.text import expression
from kernelgraph.ops.arithmetic import add


class FaultError(Exception):
    """What does not hold, where in the program, and the user's lines that it comes from."""

    def __init__(self, what: str, where: str, origins: Origins = ()) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.origins = origins


@dataclass
class Scope:
    """What is known at a place in a program."""

    sizes: Sizes
    names: dict[str, str]
    """Numbers that have a name, and their dtypes."""
    memory: dict[ir.Buffer, bool]
    """Buffers that are there, and whether they may be written."""
    limits: dict[str, Size] = field(default_factory=dict[str, Size])
    """Numbers that are at least 0 and less than a size."""
    blocks: dict[str, int] = field(default_factory=dict[str, int])
    """Indices of loops that do several elements a time: how many."""
    states: dict[str, str] = field(default_factory=dict[str, str])
    """Numbers that change, and their dtypes."""

    def inner(self) -> Scope:
        """The scope of a loop's body."""
        return Scope(
            self.sizes,
            dict(self.names),
            dict(self.memory),
            dict(self.limits),
            dict(self.blocks),
            dict(self.states),
        )

    def define(self, name: str, dtype: str, where: str, origins: Origins = ()) -> None:
        """A number gets a name, which must be new here; sibling loops may have the same."""
        if name in self.names or any(name == buffer.name for buffer in self.memory):
            raise FaultError(f"{name} is defined twice", where, origins)
        self.names[name] = dtype


def verify_kernel(kernel: ir.Kernel, scope: Scope) -> None:
    """Raises `FaultError` for the first statement that is not valid."""
    where = kernel.name
    written = set(kernel.writes)
    for buffer in (*kernel.reads, *kernel.writes):
        if buffer not in scope.memory:
            raise FaultError(f"{buffer.name} has no memory yet", where)
        if buffer in written and not scope.memory[buffer]:
            raise FaultError(f"{buffer.name} belongs to the caller and is written", where)
    for scalar in kernel.scalars:
        if scope.names.get(scalar.name) != scalar.dtype:
            raise FaultError(f"{scalar.name} is not known to the host as {scalar.dtype}", where)
    given = {scalar.name for scalar in kernel.scalars} | {dim.name for dim in kernel.dims}
    inside = scope.inner()
    inside.names = {name: kind for name, kind in scope.names.items() if name in given}
    inside.memory = {b: b in written for b in (*kernel.reads, *kernel.writes)}
    _Statements(kernel.name, kernel.overlapping).body(kernel.body, inside)
    for result in kernel.results:
        if inside.names.get(result.name) != result.dtype:
            raise FaultError(f"the result {result.name} is not there as {result.dtype}", where)


class _Statements:
    """Goes through the statements of one kernel."""

    def __init__(self, kernel: str, overlapping: Sequence[ir.Buffer]) -> None:
        self.kernel = kernel
        self.overlapping = overlapping

    def body(self, statements: Sequence[ir.Statement], scope: Scope) -> None:
        """All statements of one scope."""
        for item in statements:
            self._statement(item, scope)

    def _statement(self, item: ir.Statement, scope: Scope) -> None:
        where, origins = f"{self.kernel}: {_named(item)}", _origins(item)
        match item:
            case ir.Let():
                verify_expression(item.value, scope, where, origins)
                scope.define(item.name, item.value.dtype, where, origins)
                limit = _limit(item.value, scope)
                if limit is not None:
                    scope.limits[item.name] = limit
            case ir.Local():
                scope.define(item.name, item.start.dtype, where, origins)
                scope.states[item.name] = item.start.dtype
            case ir.Assign():
                verify_expression(item.value, scope, where, origins)
                self._state(item.name, item.value.dtype, scope, where, origins)
            case ir.Reduce():
                self._reduction(item, scope, where, origins)
            case ir.Store():
                verify_expression(item.value, scope, where, origins)
                verify_element(item.buffer, item.index, scope, where, origins)
                if not scope.memory[item.buffer]:
                    what = f"{item.buffer.name} is only read, and written"
                    raise FaultError(what, where, origins)
                _same_dtype(item.value.dtype, item.buffer.dtype, where, origins)
            case ir.Bounded():
                verify_expression(item.value, scope, where, origins)
                verify_expression(item.size, scope, where, origins)
                scope.define(item.name, "int64", where, origins)
                scope.limits[item.name] = item.size
            case ir.Flag():
                verify_expression(item.condition, scope, where, origins)
                _same_dtype(item.condition.dtype, "bool", where, origins)
            case ir.For():
                self._loop(item, scope, where)
            case ir.Carry():
                self._state(item.counter, "int64", scope, where, origins)
                for buffer in (item.sums, item.blocks):
                    if not scope.memory.get(buffer):
                        raise FaultError(f"{buffer.name} is not there to write", where, origins)
            case ir.Barrier():
                pass
            case ir.Poll():
                verify_expression(item.work, scope, where, origins)

    def _loop(self, loop: ir.For, scope: Scope, where: str) -> None:
        if loop.dim.size is None and loop.dim.name not in scope.names:
            raise FaultError(f"the size {loop.dim.name} is not known", where)
        self._races(loop, where)
        if loop.step > 1 and not loop.rest and (loop.dim.size or 1) % loop.step:
            raise FaultError("nothing does what is left over", where)
        inside = scope.inner()
        inside.define(loop.index, "int64", where)
        inside.limits[loop.index] = loop.dim
        rest = inside.inner()
        if loop.step > 1:
            inside.blocks[loop.index] = loop.step
        for buffer in loop.arrays:
            if any(buffer.name == other.name for other in inside.memory):
                raise FaultError(f"{buffer.name} is defined twice", where)
            inside.memory[buffer] = True
        self.body(loop.body, inside)
        self.body(loop.rest, rest)

    def _races(self, loop: ir.For, where: str) -> None:
        """Iterations that run at the same time share nothing but what is brought together after."""
        if loop.runs == "in order":
            return
        shared = sharing(loop, self.overlapping)
        together = {array.name.removesuffix("_shared") for array in loop.arrays}
        shared = replace(shared, reduced=shared.reduced - together)
        if not shared.nothing:
            raise FaultError(f"iterations at the same time share {shared}", where)
        if loop.runs == "blocks":
            self._barriers(loop, where)

    def _barriers(self, row: ir.For, where: str) -> None:
        """What one thread of a block has written is touched by others only behind a barrier, and
        so is what it has read, to write it.
        """
        read, written = set[ir.Buffer](), set[ir.Buffer]()
        for item in row.body:
            reads, writes = touched(item)
            races = (reads & written) | (writes & (read | written))
            if races:
                names = ", ".join(sorted(buffer.name for buffer in races))
                raise FaultError(f"{names} may not have been written by all threads", where)
            read, written = read | reads, written | writes
            if isinstance(item, ir.Barrier):
                read, written = set[ir.Buffer](), set[ir.Buffer]()

    def _reduction(self, item: ir.Reduce, scope: Scope, where: str, origins: Origins) -> None:
        verify_expression(item.element, scope, where, origins)
        _same_dtype(item.element.dtype, item.start.dtype, where, origins)
        if item.iteration is not None:
            verify_expression(item.iteration, scope, where, origins)
        if item.row is None:
            self._state(item.name, item.start.dtype, scope, where, origins)
            return
        arrays = [b for b in scope.memory if b.scope == "local" and b.name == item.name]
        if not arrays:
            raise FaultError(f"{item.name} has no state for each row", where, origins)
        verify_element(arrays[0], (item.row,), scope, where, origins)
        _same_dtype(arrays[0].dtype, item.start.dtype, where, origins)

    def _state(self, name: str, dtype: str, scope: Scope, where: str, origins: Origins) -> None:
        if name not in scope.states:
            raise FaultError(f"{name} changes and is no state", where, origins)
        _same_dtype(dtype, scope.states[name], where, origins)


def verify_expression(value: ir.Expression, scope: Scope, where: str, origins: Origins) -> None:
    """Raises `FaultError` if an expression reads what is not there, or operands do not fit."""
    match value:
        case ir.Name():
            if value.name not in scope.names:
                raise FaultError(f"{value.name} is not defined", where, origins)
            _same_dtype(value.dtype, scope.names[value.name], where, origins)
        case ir.Load():
            verify_element(value.buffer, value.index, scope, where, origins)
        case ir.Operation():
            for operand in value.operands.values():
                verify_expression(operand, scope, where, origins)
            if isinstance(value.op, Elementwise):
                wanted, out = value.op.signature([v.dtype for v in value.operands.values()])
                for operand, dtype in zip(value.operands.values(), wanted, strict=True):
                    _same_dtype(operand.dtype, dtype, where, origins)
                _same_dtype(value.dtype, out, where, origins)
        case ir.Number() | ir.SlotSize():
            pass


def verify_element(
    buffer: ir.Buffer,
    index: Sequence[ir.Expression],
    scope: Scope,
    where: str,
    origins: Origins,
) -> None:
    """Raises `FaultError` if a buffer is not there, or an index may lie outside its dimension."""
    if buffer not in scope.memory:
        raise FaultError(f"{buffer.name} is not there", where, origins)
    if len(index) != len(buffer.dims):
        raise FaultError(f"{buffer.name} has {len(buffer.dims)} dimensions", where, origins)
    for entry, dim in zip(index, buffer.dims, strict=True):
        verify_expression(entry, scope, where, origins)
        if isinstance(entry, ir.Number):
            inside = dim.size is None or 0 <= int(entry.value) < dim.size or dim.size == 0
        else:
            limit = _limit(entry, scope)
            inside = limit is not None and scope.sizes.same(limit, dim)
        if not inside:
            what = f"{expression(entry)} may lie outside {dim!r} of {buffer.name}"
            raise FaultError(what, where, origins)


def _limit(value: ir.Expression, scope: Scope) -> Size | None:
    """A size than which an index is certainly less, if one is known."""
    match value:
        case ir.Name():
            return scope.limits.get(value.name)
        case ir.Operation(op=op) if op == add:
            first, row = value.operands.values()
            if not (isinstance(first, ir.Name) and first.name in scope.blocks):
                return None
            block = ir.Number(scope.blocks[first.name], "int64")
            limit = _limit(row, scope)
            within = limit is not None and scope.sizes.same(limit, block)
            return scope.limits[first.name] if within else None
        case _:
            return None


def _same_dtype(found: str, wanted: str, where: str, origins: Origins) -> None:
    if found != wanted:
        raise FaultError(f"{found} where {wanted} belongs", where, origins)


def _named(item: ir.Statement) -> str:
    """A statement in a few words."""
    match item:
        case ir.Store():
            return f"{item.buffer.name}[…] ← {expression(item.value)}"
        case ir.For():
            return f"the loop over {item.dim!r}"
        case ir.Poll() | ir.Barrier():
            return "a poll" if isinstance(item, ir.Poll) else "a barrier"
        case ir.Carry():
            return f"blocks of {item.sums.name}"
        case ir.Reduce():
            return f"{item.name} ← … {expression(item.element)}"
        case ir.Local():
            return f"{item.name} ← {expression(item.start)}"
        case ir.Flag():
            return f"{item.name}: {expression(item.condition)}"
        case ir.Let() | ir.Assign() | ir.Bounded():
            return f"{item.name} = {expression(item.value)}"


def _origins(item: ir.Statement) -> Origins:
    node = None if isinstance(item, ir.For | ir.Poll | ir.Barrier) else item.node
    return () if node is None else node.origins
