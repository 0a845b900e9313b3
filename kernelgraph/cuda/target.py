"""The back ends for GPUs: programs are mapped to a grid of threads and printed as CUDA.

`CudaTarget` is for cards, `SimulatedTarget` runs the same text on the processor.
"""

from __future__ import annotations

from kernelgraph.cuda.printer import print_cuda
from kernelgraph.cuda.runtime import DeviceExecutable, host_text
from kernelgraph.errors import CompileError
from kernelgraph.loops.program import Program
from kernelgraph.mapping.grid import on_the_grid
from kernelgraph.schedule.facts import GPU
from kernelgraph.target import STAGES, Compilation, Executable
from kernelgraph.writer import Source


class CudaTarget:
    """Kernels as CUDA text."""

    name = language = "cuda"
    facts = GPU
    passes = (on_the_grid,)
    stages = STAGES

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

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


class SimulatedTarget(CudaTarget):
    """The same text, run by the simulator."""

    name = "cuda-sim"

    def build(self, made: Compilation) -> Executable:
        """Compile the kernels for the simulator."""
        from kernelgraph.cuda.simulator import Simulator  # only where it is asked for

        device = Simulator()
        module = device.module(made.source.text, f"{made.program.name}.cu")
        return DeviceExecutable(made.program, host_text(made.program), module, device)
