"""From a schedule to a program: memory, sizes, checks and kernels in the order in which the host
does them.

The schedule of a graph inside a graph (a branch of `ifelse`, the step of `scan`) is lowered by this
same code, with dimensions of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from kernelgraph.graph import Apply, Variable
from kernelgraph.loops import host
from kernelgraph.loops.bounds import Sizes
from kernelgraph.loops.calls import call
from kernelgraph.loops.checks import not_empty
from kernelgraph.loops.context import Context, Shared, context
from kernelgraph.loops.expressions import Storage, as_dtype
from kernelgraph.loops.kernel import given_back, lower_kernel, make_buffers
from kernelgraph.loops.measures import check_declared, expect, settle
from kernelgraph.loops.parts import aim, part_of
from kernelgraph.loops.program import Program
from kernelgraph.loops.reading import KernelContext
from kernelgraph.loops.repeat import loop
from kernelgraph.loops.storage import (
    allocate,
    bind,
    hand_over,
    output_slots,
    run_kernel,
    settle_scalar,
)
from kernelgraph.op import Part, Reduction, Scatter
from kernelgraph.ops.control import IfElse
from kernelgraph.ops.enclosing import Enclosed
from kernelgraph.ops.scan import Scan
from kernelgraph.schedule.schedule import HostStep, KernelStep, Schedule
from kernelgraph.schedule.writes import memory_of


def lower(schedule: Schedule) -> Program:
    """The program of a schedule.

    Slots are numbered: inputs, outputs, then constants and operands of Python calls.
    """
    graph = schedule.graph
    shared = Shared()
    for variable in (*graph.inputs, *graph.outputs):
        shared.slot(variable)
    places = {variable: len(graph.inputs) + k for k, variable in enumerate(graph.outputs)}
    here = context(schedule, shared, places, Sizes())
    for k, variable in enumerate(graph.inputs):
        bind(here, variable, k)
    _run(here)
    shared.copy_what_is_read()
    return Program(
        graph.name,
        tuple(shared.constant_actions + here.actions),
        tuple(shared.slots),
        len(graph.inputs),
        len(graph.outputs),
        shared.constants,
        tuple(shared.calls),
        tuple(shared.checks),
        shared.kernels,
        graph,
    )


def _run(here: Context) -> None:
    """All steps of a graph."""
    settle(here)
    check_declared(here)
    for step in here.schedule.steps:
        if isinstance(step, KernelStep):
            _kernel(here, step)
        else:
            _host(here, step)
        settle(here)


def _kernel(here: Context, step: KernelStep) -> None:
    schedule, shared = here.schedule, here.shared
    positions = {node: schedule.memory.positions[node] for node in step.body.nodes()}
    inside = KernelContext(schedule, step.body, here.storage, shared.names, shared.check, positions)
    name = shared.names.fresh(f"kernel_{len(shared.kernels)}")
    make_buffers(inside)
    for node in positions:
        _check_not_empty(here, node)
    scratch = dict.fromkeys(inside.scratch)
    for variable, buffer in inside.buffers.items():
        if buffer not in scratch:
            if memory_of(variable) is variable:
                allocate(here, variable, buffer)
            here.storage[variable] = buffer
    owners = {id(buffer): variable for variable, buffer in inside.buffers.items()}
    here.actions += [host.Allocate(b, None, owners.get(id(b))) for b in scratch]
    numbers: dict[Variable, Storage] = {}  # no size is read from them before the kernel has run
    for node in step.views:
        assert isinstance(node.op, Part)
        part_of(here, node, node.op)
        if node.out.ndim == 0:
            numbers[node.out] = here.storage.pop(node.out)
    for node in positions:
        if isinstance(node.op, Scatter):
            aim(here, node, node.op, inside)
    here.storage.update(numbers)
    kernel = lower_kernel(inside, name)
    here.actions += [host.Allocate(b, None) for b in inside.scratch if b not in scratch]
    run_kernel(here, kernel)
    for variable in given_back(inside):
        here.storage[variable] = inside.locals[variable]
        settle_scalar(here, variable)


def _check_not_empty(here: Context, node: Apply) -> None:
    op = node.op
    if not (isinstance(op, Reduction) and op.nonempty):
        return
    for axis in op.axes:
        dim = here.dims.of(node.inputs[0], axis)
        if dim.size is None or dim.size == 0:
            check = here.shared.check(not_empty(node, op, axis))
            here.actions.append(host.CheckNotEmpty(dim, check))


def _host(here: Context, step: HostStep) -> None:
    node = step.node
    match node.op:
        case Part():
            part_of(here, node, node.op)
        case IfElse():  # the two control structures: `If` and `Repeat`
            _choice(here, node, step.inner)
        case Enclosed():  # and what is neither: the actions of its graph in their place
            _enclosed(here, node, step.inner[0])
        case Scan():
            loop(here, node, node.op, *step.inner, run=_run)
        case _:
            call(here, node)


def _choice(here: Context, node: Apply, schedules: Sequence[Schedule]) -> None:
    condition = as_dtype(expect(here, node.inputs[0]), "bool")
    slots = output_slots(here, node)
    branches = [_inside(here, node.inputs[1:], slots, schedule) for schedule in schedules]
    here.actions.append(host.If(condition, *branches))
    for variable, slot in zip(node.outputs, slots, strict=True):
        bind(here, variable, slot)


def _inside(
    here: Context, operands: Sequence[Variable], slots: Sequence[int], schedule: Schedule
) -> tuple[host.Action, ...]:
    """What a graph inside of a node does, whose results go to slots."""
    places = dict(zip(schedule.graph.outputs, slots, strict=True))
    inner = context(schedule, here.shared, places, here.agreed)
    for variable, operand in zip(inner.schedule.graph.inputs, operands, strict=True):
        hand_over(here, inner, variable, operand)
    _run(inner)
    return tuple(inner.actions)


def _enclosed(here: Context, node: Apply, schedule: Schedule) -> None:
    slots = output_slots(here, node)
    here.actions += _inside(here, node.inputs, slots, schedule)
    for variable, slot in zip(node.outputs, slots, strict=True):
        bind(here, variable, slot)
