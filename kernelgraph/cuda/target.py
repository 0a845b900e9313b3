"""The back end for GPUs: it answers what a target is asked, except for running."""

from __future__ import annotations

from kernelgraph.cuda.printer import print_cuda
from kernelgraph.errors import CompileError
from kernelgraph.loops.program import Program
from kernelgraph.schedule.facts import CPU
from kernelgraph.target import Executable
from kernelgraph.writer import Source


class CudaTarget:
    """Kernels as CUDA text."""

    name = "cuda"
    facts = CPU

    def __repr__(self) -> str:
        return "CudaTarget()"

    def map(self, program: Program) -> Program:
        """The loops stay as they are; the printer spreads them over threads."""
        return program

    def print(self, program: Program) -> Source:
        """One CUDA file with a launch for each outermost loop."""
        return print_cuda(program)

    def build(self, program: Program, source: Source) -> Executable:
        """Raises `CompileError` (KG-X001)."""
        raise CompileError("programs for CUDA are printed, not run, so far", code="KG-X001")
