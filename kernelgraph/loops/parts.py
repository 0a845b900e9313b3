"""Parts of memory while a program is written: windows, strides and reshapes are other descriptions
of it, which the host works out before a kernel reads or writes there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kernelgraph.access import At, From, Range, Reordered, Strides, Whole, Window
from kernelgraph.graph import Apply, Variable
from kernelgraph.loops import host, ir
from kernelgraph.loops.checks import equal_elements, inside, step_not_zero
from kernelgraph.loops.context import Context
from kernelgraph.loops.expressions import count_of, size_of
from kernelgraph.loops.measures import check_equal, expect, settle
from kernelgraph.loops.reading import KernelContext
from kernelgraph.loops.storage import array_of, copy
from kernelgraph.op import Part, Scatter
from kernelgraph.schedule.dims import Dim


def part_of(here: Context, node: Apply, op: Part) -> None:
    """A part of an array that is there, which another node reads."""
    place = op.layout(node)
    if isinstance(place, Reordered):
        _reshape(here, node)
    else:
        base = array_of(here, node.inputs[0])
        here.storage[node.out] = _part(here, node, place, base, node.out)


def aim(here: Context, node: Apply, op: Scatter, kernel: KernelContext) -> None:
    """The part of its result that a node writes to, if its places are not loaded."""
    place, whole = op.layout(node), kernel.buffers[node.out]
    if isinstance(place, Window | Strides):
        kernel.targets[node] = _part(here, node, place, whole, node.inputs[0])


def _part(
    here: Context, node: Apply, place: Window | Strides, base: ir.Buffer, part: Variable
) -> ir.Buffer:
    """A part of some memory, which has the sizes of a variable and is named after it."""
    name = here.shared.names.fresh(part.name or "part")
    dims = here.dims.all_of(part)
    if isinstance(place, Strides):
        last = len(base.dims) - 1, 1
        gaps = _gaps(base, bool(place.steps) and place.steps[-1] == (last,))
        buffer = ir.Buffer(name, base.dtype, dims, gaps, overlaps=True)
        action = host.Stride(buffer, base, place.steps)
    else:
        entries = tuple(_entries(here, node, place, base, dims))
        gaps = _gaps(base, _in_steps_of_one(entries[-1]))
        buffer = ir.Buffer(name, base.dtype, dims, gaps)
        action = host.Window(buffer, base, entries)
    settle(here)
    here.actions.append(here.shared.view(action))
    return buffer


def _gaps(base: ir.Buffer, along_rows: bool) -> ir.Gaps:
    """Where a part has gaps that goes along the rows of its base, or not."""
    return "between rows" if along_rows and base.gaps != "anywhere" else "anywhere"


def _in_steps_of_one(entry: host.Entry) -> bool:
    match entry:
        case host.Range(step=ir.Number(value=1)) | host.Whole() | host.From():
            return True
        case _:
            return False


def _entries(
    here: Context, node: Apply, place: Window, base: ir.Buffer, kept: Sequence[Dim]
) -> Iterator[host.Entry]:
    """What a window takes of each axis; `kept` are the dimensions of what it leaves."""
    left = iter(kept)
    for axis, dim in enumerate(base.dims):
        match place.entries[axis] if axis < len(place.entries) else Whole():
            case Whole():
                next(left)
                yield host.Whole()
            case From(start):
                yield host.From(expect(here, node.inputs[start]), next(left), dim)
            case At(index):
                check = here.shared.check(inside(node, axis))
                yield host.At(expect(here, node.inputs[index]), dim, check)
            case Range(first):
                next(left)
                ends = [expect(here, v) for v in node.inputs[first : first + 3]]
                check = here.shared.check(step_not_zero(node))
                yield host.Range(ends[0], ends[1], ends[2], dim, check)


def _reshape(here: Context, node: Apply) -> None:
    x = node.inputs[0]
    base = here.storage[x]
    settle(here)
    dims = here.dims.all_of(node.out)
    old = [size_of(dim) for dim in (base.dims if isinstance(base, ir.Buffer) else ())]
    new = [size_of(dim) for dim in dims]
    if not all(isinstance(size, ir.Number) for size in (*old, *new)):
        check_equal(here, count_of(old), count_of(new), equal_elements(node))
    if not isinstance(base, ir.Buffer):
        number, base = base, ir.Buffer(here.shared.names.fresh("number"), x.dtype, ())
        here.actions.append(host.Allocate(base, None, x))
        copy(here, base, number, node)
    buffer = ir.Buffer(here.shared.names.fresh(node.out.name or "reshaped"), base.dtype, dims)
    here.actions.append(here.shared.view(host.Alias(buffer, base)))
    here.storage[node.out] = buffer if dims else ir.Load(buffer, ())
