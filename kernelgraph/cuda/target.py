"""The back end for GPUs: it answers what a target is asked, except for running."""

from __future__ import annotations

from kernelgraph.cuda.printer import print_cuda
from kernelgraph.errors import CompileError
from kernelgraph.loops.program import Program
from kernelgraph.mapping.grid import on_the_grid
from kernelgraph.schedule.facts import CPU
from kernelgraph.target import STAGES, Compilation, Executable
from kernelgraph.writer import Source


class CudaTarget:
    """Kernels as CUDA text."""

    name = language = "cuda"
    facts = CPU
    passes = (on_the_grid,)
    stages = STAGES

    def __repr__(self) -> str:
        return "CudaTarget()"

    def print(self, program: Program) -> Source:
        """One CUDA file with a launch for each outermost loop."""
        return print_cuda(program)

    def build(self, made: Compilation) -> Executable:
        """Raises `CompileError` (KG-X001)."""
        raise CompileError(
            "programs for CUDA are printed, not run, so far",
            code="KG-X001",
            hint='f.source("cuda") shows the text of a function on another target',
        )
