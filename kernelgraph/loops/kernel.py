"""From a fused loop tree to a kernel: its buffers, and every statement in its loop.

The schedule says where each value lives (`schedule/memory.py`), and so which numbers are locals and
which are stored.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kernelgraph.access import Picked
from kernelgraph.elementwise import Elementwise
from kernelgraph.graph import Apply, Variable
from kernelgraph.loops import ir
from kernelgraph.loops.accumulations import accumulate, finish, first_states, run_on
from kernelgraph.loops.checks import inside
from kernelgraph.loops.collect import finish_kernel
from kernelgraph.loops.expressions import as_dtype, operation, size_of
from kernelgraph.loops.names import safe_word
from kernelgraph.loops.powers import has_products, products
from kernelgraph.loops.reading import KernelContext, at, flagged, keep, open_loop, read
from kernelgraph.op import Accumulation, Scatter
from kernelgraph.ops.arithmetic import add
from kernelgraph.ops.gathering import Gather
from kernelgraph.ops.positions import Arange, Position
from kernelgraph.rewrite.notation import formula
from kernelgraph.schedule.dims import Dim, wish
from kernelgraph.schedule.values import Body, Loop, Space, Use
from kernelgraph.schedule.writes import NewMemory, Written, memory_of
from kernelgraph.templates import OPERANDS
from kernelgraph.types import computing, is_complex

_FORMULAS = 3
"""So many formulas stand above a kernel, a line each."""


def make_buffers(here: KernelContext) -> None:
    """The memory of the results that need any, before a statement is written."""
    for out in (out for node in here.positions for out in node.outputs):
        match here.schedule.memory.placements[out].where:
            case Space.REGISTER | Space.NUMBER:
                pass
            case Space.OPERAND:
                root = memory_of(out)
                stored = here.buffers[root] if root in here.buffers else here.storage[root]
                assert isinstance(stored, ir.Buffer)
                here.buffers[out] = stored
            case where:
                name = here.names.fresh(wish(out))
                here.buffers[out] = ir.Buffer(name, out.dtype, _kept_dims(here, out))
                if where in (Space.ROW, Space.SCRATCH):
                    here.scratch.append(here.buffers[out])


def _kept_dims(here: KernelContext, out: Variable) -> tuple[Dim, ...]:
    """The dimensions of a result but for those of which one element at a time is kept."""
    assert out.owner is not None
    fixed, own = here.fixed(out), here.schedule.domains[out.owner].own
    pairs = zip(here.schedule.dims.all_of(out), own, strict=True)
    return tuple(dim for dim, loop in pairs if loop is None or loop not in fixed)


def lower_kernel(here: KernelContext, name: str) -> ir.Kernel:
    """The kernel."""
    statements = tuple(_body(here, here.body, 0))
    results = tuple(here.locals[out] for out in given_back(here))
    nodes = tuple(here.positions)
    return finish_kernel(name, statements, results, nodes, here.can_fail, _formulas(here))


def _formulas(here: KernelContext) -> str:
    """What the kernel computes for others, written down to what it reads."""
    placements = here.schedule.memory.placements
    leaving = [
        out
        for node in here.positions
        for out in node.outputs
        if placements[out].leaves and (out in here.buffers or out in here.locals)
    ]

    def called(variable: Variable) -> str | None:
        return _named(here, variable)

    texts = [f"{_called(here, out)} = {formula(out, called=called)}" for out in leaving]
    return "\n".join([*texts[:_FORMULAS], *(["…"] if len(texts) > _FORMULAS else [])])


def _called(here: KernelContext, out: Variable) -> str:
    return here.buffers[out].name if out in here.buffers else here.locals[out].name


def _named(here: KernelContext, variable: Variable) -> str | None:
    """The name of what the kernel reads, or of what it has a formula for already."""
    if variable.owner in here.positions:
        return here.locals[variable].name if variable.name and variable in here.locals else None
    stored = here.storage.get(variable)
    if isinstance(stored, ir.Buffer | ir.Name):
        return stored.name
    return safe_word(variable.name) if variable.name else None


def given_back(here: KernelContext) -> list[Variable]:
    """The variables whose numbers the kernel gives back by name."""
    placements = here.schedule.memory.placements
    made = (out for node in here.positions for out in node.outputs)
    return [out for out in made if placements[out].where is Space.NUMBER]


def _body(here: KernelContext, body: Body, depth: int) -> list[ir.Statement]:
    statements: list[ir.Statement] = []
    for item in body.items:
        if not isinstance(item, Loop):
            statements += _node(here, item)
            continue
        reduced = [n for n in item.body.nodes() if _opens(here, n, item, depth)]
        for node in reduced:
            statements += _start(here, node)
        index = open_loop(here, item.id)
        inner = _body(here, item.body, depth + 1)
        statements.append(ir.For(index, item.id.dim, tuple(inner)))
        for node in reduced:
            if isinstance(node.op, Accumulation) and node.op.gives == "at the end":
                statements += finish(here, node, node.op)
    return statements


def _opens(here: KernelContext, node: Apply, loop: Loop, depth: int) -> bool:
    """Whether `loop`, at this depth, is the outermost that `node` reduces over, or the one along
    which it hands on its states.
    """
    domain = here.schedule.domains[node]
    outermost = loop.id in domain.reduced and here.positions[node].scope == depth
    return outermost or loop.id == domain.carried


def _start(here: KernelContext, node: Apply) -> list[ir.Statement]:
    """What is there before the first element."""
    match node.op:
        case Scatter():
            return _filled(here, node, node.op)
        case Accumulation():
            return first_states(here, node, node.op)
        case _:
            return []


def _node(here: KernelContext, node: Apply) -> list[ir.Statement]:
    match node.op:
        case Elementwise():
            return _elementwise(here, node, node.op)
        case Accumulation(gives="at the end"):
            return accumulate(here, node, node.op)
        case Accumulation():
            return run_on(here, node, node.op)
        case Gather() as op:  # the row is loaded, which no entry of an access says
            return _take(here, node, op.place)
        case Position():  # what a check returns
            return _position(here, node, node.op)
        case Scatter():
            return _scatter(here, node, node.op)
        case NewMemory() | Written():
            return []
        case Arange():  # the index of its own loop
            (loop,) = here.schedule.domains[node].own
            return keep(here, node.out, at(here, loop), node)
        case _:
            return _stack(here, node)


def _elementwise(here: KernelContext, node: Apply, op: Elementwise) -> list[ir.Statement]:
    dtypes, out = op.computes([v.dtype for v in node.inputs])
    notice = op.notice(node)
    op = op.complex_form if any(map(is_complex, dtypes)) else op
    statements: list[ir.Statement] = []
    operands: dict[str, ir.Expression] = {}
    uses = here.schedule.domains[node].uses
    for letter, use, dtype in zip(OPERANDS, uses, dtypes, strict=False):
        value = as_dtype(read(here, *use, node), dtype)
        twice = op.text("c").count(f"{{{letter}}}") > 1 or (notice and notice.operand == letter)
        if not isinstance(value, ir.Name | ir.Number) and twice:
            local = here.names.fresh(wish(use.base))
            statements.append(ir.Let(local, value, node))
            value = ir.Name(local, dtype)
        operands[letter] = value
    if notice is not None:
        statements += flagged(here, node, notice, operands[notice.operand])
    exponent = operands.get("y")
    if isinstance(exponent, ir.Number) and has_products(op, exponent):
        return statements + _power(here, node, operands["x"], exponent)
    value = ir.Operation(op, operands, out)
    return statements + keep(here, node.out, value, node)


def _power(
    here: KernelContext, node: Apply, x: ir.Expression, exponent: ir.Number
) -> list[ir.Statement]:
    """A power by products."""
    statements: list[ir.Statement] = []
    if not isinstance(x, ir.Name | ir.Number):
        name = here.names.fresh("base_of")
        statements.append(ir.Let(name, x, node))
        x = ir.Name(name, x.dtype)
    steps = list(products(x, exponent, here.names.fresh))
    statements += [ir.Let(name, value, node) for name, value in steps[:-1]]
    return statements + keep(here, node.out, steps[-1][1], node)


def _take(here: KernelContext, node: Apply, place: Picked) -> list[ir.Statement]:
    (x, x_index), *named = here.schedule.domains[node].uses
    dims = here.schedule.dims.all_of(node.inputs[0])
    rows, checks = _by_name(here, node, place, named, dims)
    entries = tuple(rows[k] if k in rows else at(here, loop) for k, loop in enumerate(x_index))
    stored = here.buffers[x] if x in here.buffers else here.storage[x]
    value = ir.Load(stored, entries) if isinstance(stored, ir.Buffer) else stored
    return [*checks, *keep(here, node.out, value, node)]


def _by_name(
    here: KernelContext, node: Apply, place: Picked, named: Sequence[Use], dims: Sequence[Dim]
) -> tuple[dict[int, ir.Name], list[ir.Statement]]:
    """By axis, the indices that arrays name, and the statements that see to it that they lie
    inside of `dims`.
    """
    rows: dict[int, ir.Name] = {}
    checks: list[ir.Statement] = []
    for axis, index in zip(place.axes, named, strict=False):
        rows[axis], check = _checked(here, "row", node, index, size_of(dims[axis]), axis=axis)
        checks.append(check)
    return rows, checks


def _scatter(here: KernelContext, node: Apply, op: Scatter) -> list[ir.Statement]:
    """One element comes to its place; `_start` has filled all of the result."""
    element, *indices = here.schedule.domains[node].uses
    started = any(loop is not None for loop in here.schedule.domains[node].reduced)
    statements = [] if started else _filled(here, node, op)
    value = as_dtype(read(here, *element, node), node.out.dtype)
    if node in here.targets:
        place = tuple(at(here, loop) for loop in here.schedule.domains[node].reduced)
        if op.adds:
            value = _added(ir.Load(here.targets[node], place), value)
        return [*statements, ir.Store(here.targets[node], place, value, node)]
    buffer, picked = here.buffers[node.out], op.picked(node)
    assert picked is not None
    rows, checks = _by_name(here, node, picked, indices, buffer.dims)
    along = range(picked.at, picked.at + node.inputs[1].ndim)
    loops = here.schedule.domains[node].reduced
    kept = (at(here, loop) for k, loop in enumerate(loops) if k not in along)
    place = tuple(rows[k] if k in rows else next(kept) for k in range(len(buffer.dims)))
    if op.adds:
        value = _added(ir.Load(buffer, place), value)
    return [*statements, *checks, ir.Store(buffer, place, value, node)]


def _added(there: ir.Expression, value: ir.Expression) -> ir.Expression:
    """The sum of what is there and a number of the same dtype."""
    dtype = computing(there.dtype)
    return as_dtype(
        operation(add, dtype, as_dtype(there, dtype), as_dtype(value, dtype)), there.dtype
    )


def _filled(here: KernelContext, node: Apply, op: Scatter) -> list[ir.Statement]:
    """Equal numbers in all of a result, if it is not to be left as it is."""
    if op.fill is None:
        return []
    buffer = here.buffers[node.out]
    names = [here.names.fresh("at") for _ in buffer.dims]
    number = ir.Number(np.asarray(op.fill, node.out.dtype)[()], node.out.dtype)
    index = tuple(map(ir.Name, names))
    statements: list[ir.Statement] = [ir.Store(buffer, index, number, node)]
    for name, dim in reversed(list(zip(names, buffer.dims, strict=True))):
        statements = [ir.For(name, dim, tuple(statements))]
    return statements


def _position(here: KernelContext, node: Apply, op: Position) -> list[ir.Statement]:
    index, length = here.schedule.domains[node].uses
    size = read(here, *length, node)
    place, check = _checked(here, "position", node, index, size, op.wraps)
    return [check, *keep(here, node.out, place, node)]


def _checked(
    here: KernelContext,
    word: str,
    node: Apply,
    index: Use,
    size: ir.Expression,
    wraps: bool = True,
    axis: int = 0,
) -> tuple[ir.Name, ir.Statement]:
    """An index that lies inside its axis, and the statement that sees to it."""
    name = here.names.fresh(word)
    here.can_fail = True
    value = as_dtype(read(here, *index, node), "int64")
    return ir.Name(name), ir.Bounded(name, value, size, here.check(inside(node, axis)), node, wraps)


def _stack(here: KernelContext, node: Apply) -> list[ir.Statement]:
    buffer = here.buffers[node.out]
    return [
        ir.Store(
            buffer,
            (ir.Number(k, "int64"),),
            as_dtype(read(here, *use, node), node.out.dtype),
            node,
        )
        for k, use in enumerate(here.schedule.domains[node].uses)
    ]
