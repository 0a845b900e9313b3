"""Where values are while a program is written: in slots, in memory, handed to inner graphs."""

from __future__ import annotations

from dataclasses import replace

from kernelgraph.errors import CompileError
from kernelgraph.graph import Apply, Constant, Variable
from kernelgraph.loops import host, ir
from kernelgraph.loops.collect import finish_kernel
from kernelgraph.loops.context import Context
from kernelgraph.loops.expressions import Storage, as_dtype, size_of
from kernelgraph.loops.measures import expect, learn
from kernelgraph.schedule.writes import memory_of
from kernelgraph.types import TensorType


def bind(here: Context, variable: Variable, slot: int) -> None:
    """A value that stands ready in a slot."""
    here.slots[variable] = slot
    if not isinstance(variable.type, TensorType):
        return
    name = here.shared.names.fresh(variable.name or "input")
    if variable.ndim == 0:
        number = ir.Name(name, variable.dtype)
        here.storage[variable] = number
        here.actions.append(host.BindScalar(number, slot))
        return
    action = here.shared.bind(name, variable, here.dims.all_of(variable), slot)
    here.storage[variable] = action.buffer
    for axis in range(variable.ndim):
        if variable.type.shape[axis] is None:
            learn(here, (variable, axis), ir.SlotSize(slot, axis))
    here.actions.append(action)


def adopt(here: Context, variable: Variable, storage: Storage) -> None:
    """A value that lies where an outer graph has put it."""
    if not isinstance(storage, ir.Buffer):
        here.storage[variable] = storage
        return
    if variable.ndim == 0:
        here.storage[variable] = ir.Load(storage, ())
        return
    name = here.shared.names.fresh(variable.name or "operand")
    buffer = ir.Buffer(name, variable.dtype, here.dims.all_of(variable), storage.gaps)
    for axis, dim in enumerate(storage.dims):
        learn(here, (variable, axis), size_of(dim))
    alias = host.Alias(buffer, storage)
    here.shared.view(alias)
    here.aliases.append(alias)
    here.storage[variable] = buffer


def hand_over(here: Context, inner: Context, variable: Variable, operand: Variable) -> None:
    """An input of an inner graph is an operand of the node that holds it."""
    if memory_of(operand) in here.slots or not isinstance(operand.type, TensorType):
        inner.slots[variable] = operand_slot(here, operand)
    if isinstance(operand.type, TensorType):
        stored = array_of(here, operand) if operand.ndim else here.storage[operand]
        adopt(inner, variable, stored)


def allocate(here: Context, variable: Variable, buffer: ir.Buffer) -> None:
    """Memory that lives as the schedule says: in a slot, if the caller or a call gets it."""
    here.actions.append(host.Allocate(buffer, _lasting_slot(here, variable), variable))


def settle_scalar(here: Context, variable: Variable) -> None:
    """A number that outlives the call, or that Python will read, goes to a slot."""
    slot = _lasting_slot(here, variable)
    if slot is not None:
        value = expect(here, variable)
        here.actions.append(host.StoreScalar(slot, value, variable.dtype))


def _lasting_slot(here: Context, variable: Variable) -> int | None:
    slot = next((k for v, k in here.places.items() if memory_of(v) is variable), None)
    if slot is None and here.schedule.memory.placements[variable].called:
        slot = here.shared.slot(variable)
    if slot is not None:
        here.slots[variable] = slot
    return slot


def output_slots(here: Context, node: Apply) -> tuple[int, ...]:
    """The slots that a call, or a choice, fills: those of the caller's results, or new ones."""
    found = [(v, here.places.get(v)) for v in node.outputs]
    return tuple(here.shared.slot(v) if slot is None else slot for v, slot in found)


def array_of(here: Context, variable: Variable) -> ir.Buffer:
    """Where an array lies; one of equal numbers, too, which loops write as one number."""
    stored = (
        here.shared.constant_buffer(variable)
        if isinstance(variable, Constant)
        else here.storage[variable]
    )
    assert isinstance(stored, ir.Buffer)
    return stored


def operand_slot(here: Context, variable: Variable) -> int:
    """The slot of what a call reads. Raises `CompileError` (KG-K005) where there is none."""
    variable = memory_of(variable)
    if variable not in here.slots:
        if not isinstance(variable, Constant):
            raise CompileError(f"{variable} has no slot", code="KG-K005")
        here.slots[variable] = here.shared.constant_slot(variable)
    return here.slots[variable]


def run_kernel(here: Context, kernel: ir.Kernel) -> None:
    """A kernel runs, if it has anything to do."""
    if not kernel.body:  # memory alone, which the host allocates
        return
    kernel = replace(kernel, overlapping=here.shared.overlapping(kernel))
    here.shared.kernels.append(kernel)
    here.actions.append(host.Run(kernel))


def copy(here: Context, target: ir.Buffer, source: Storage, node: Apply) -> None:
    """A kernel that copies; sizes have been checked."""
    names = [ir.Name(here.shared.names.fresh("iteration")) for _ in target.dims]
    value = ir.Load(source, tuple(names)) if isinstance(source, ir.Buffer) else source
    statements: tuple[ir.Statement, ...] = (
        ir.Store(target, tuple(names), as_dtype(value, target.dtype), node),
    )
    for name, dim in zip(reversed(names), reversed(target.dims), strict=True):
        statements = (ir.For(name.name, dim, statements),)
    run_kernel(here, finish_kernel(here.shared.names.fresh("copy"), statements, (), (node,)))
