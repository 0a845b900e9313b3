"""Loops on the threads of a processor: every outermost loop whose iterations share nothing.

A thread does not poll for interrupts, and cannot end the kernel, so a loop that checks indices
stays in order.
"""

from __future__ import annotations

from dataclasses import replace

from kernelgraph.loops import ir
from kernelgraph.loops.program import Program
from kernelgraph.loops.sharing import sharing
from kernelgraph.loops.walks import nested
from kernelgraph.mapping.private import scratch_of_its_own


def on_threads(program: Program) -> Program:
    """The program with independent outermost loops marked for threads."""
    return scratch_of_its_own(program).with_kernels(
        lambda kernel: kernel.with_body([_marked(item, kernel) for item in kernel.body])
    )


def _marked(item: ir.Statement, kernel: ir.Kernel) -> ir.Statement:
    if not isinstance(item, ir.For) or not sharing(item, kernel.overlapping).nothing:
        return item
    ends = any(isinstance(part, ir.Bounded) for part in nested(item.body))
    return item if ends else replace(item, runs="threads")
