"""The back ends for GPUs: programs are mapped to a grid of threads and printed as CUDA.

`CudaTarget` is for cards, `SimulatedTarget` runs the same text on the processor.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from kernelgraph.cuda.printer import print_cuda
from kernelgraph.cuda.runtime import DeviceExecutable
from kernelgraph.cuda.simulator import Simulator
from kernelgraph.errors import CompileError
from kernelgraph.loops.program import Program
from kernelgraph.mapping.grid import on_the_grid
from kernelgraph.schedule.facts import GPU
from kernelgraph.target import STAGES, Compilation, Executable
from kernelgraph.writer import Source, plain


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
    """The same text, run by the simulator; in mode "check", a fault of a kernel is an error."""

    name = "cuda-sim"

    def __init__(self, mode: Literal["run", "check"] = "run") -> None:
        self.mode: Literal["run", "check"] = mode
        self.name = {"run": "cuda-sim", "check": "cuda-check"}[mode]

    def build(self, made: Compilation) -> Executable:
        """Compile the kernels for the simulator. Raises `CompileError`."""
        device = simulated_device(self.mode)
        module = device.module(made.source.text, f"{plain(made.program.name)}.cu")
        return DeviceExecutable(made.program, made.source, module, device)


@lru_cache
def simulated_device(mode: Literal["run", "check"]) -> Simulator:
    """The simulator that all functions of this process share."""
    return Simulator(mode)
