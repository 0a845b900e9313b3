"""Times of kernels, measured by the program itself when a profile is wanted.

A timed program keeps a table beside its function: for each kernel and each call, in the
order in which the host's text has them, how often it ran and how long.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

from kernelgraph.graph import Apply
from kernelgraph.loops import host
from kernelgraph.loops.program import Program
from kernelgraph.target import Timing

CLOCK = """
#include <time.h>
typedef struct { int64_t runs; double seconds; } kg_clock;
static double now(void)
{
    struct timespec time;
    timespec_get(&time, TIME_UTC);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}
KG_EXPORT kg_clock PROGRAM_clock[COUNT];
"""
"""C for a program with a table of `COUNT` rows."""

Timed = host.Run | host.Call


def timed_actions(program: Program) -> list[Timed]:
    """The actions that have a row in the table, in its order."""
    return [a for a in host.every(program.actions) if isinstance(a, host.Run | host.Call)]


class _Clock(ctypes.Structure):
    _fields_ = (("runs", ctypes.c_int64), ("seconds", ctypes.c_double))


def read_clock(program: Program, address: int) -> list[Timing]:
    """The table of a loaded program, with the names and nodes of what was timed."""
    actions = timed_actions(program)
    rows = (_Clock * len(actions)).from_address(address)
    return [
        Timing(*_subject(action), row.runs, row.seconds)
        for action, row in zip(actions, rows, strict=True)
    ]


def reset_clock(program: Program, address: int) -> None:
    """Forget the times of a loaded program that has a table, at this address."""
    if address:
        ctypes.memset(address, 0, len(timed_actions(program)) * ctypes.sizeof(_Clock))


def _subject(action: Timed) -> tuple[str, Sequence[Apply]]:
    if isinstance(action, host.Run):
        return action.kernel.name, action.kernel.nodes
    match action.routine:
        case None:
            return "(Python)", (action.node,)
        case host.Product():
            return "(BLAS)", (action.node,)
        case host.Lapack():
            return "(LAPACK)", (action.node,)
        case host.OwnC():
            return "(own C)", (action.node,)
