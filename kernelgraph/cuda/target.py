"""The back ends for GPUs: programs are mapped to a grid of threads and printed as CUDA.

`CudaTarget` is for cards, `SimulatedTarget` runs the same text on the processor.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from kernelgraph.cuda.driver import Driver, open_driver
from kernelgraph.cuda.printer import print_cuda
from kernelgraph.cuda.runtime import DeviceExecutable
from kernelgraph.cuda.simulator import Simulator
from kernelgraph.errors import DeviceError
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
        """Compile the kernels for the GPU of this machine.

        Raises `DeviceError` (KG-X001) where there is none, or nothing that reaches it.
        """
        try:
            device = open_driver()
        except DeviceError as error:
            first = f"{error.hint}; or" if error.hint else ""
            error.hint = f'{first} device="cuda-sim" runs the same kernels on the processor'.strip()
            raise
        return _on_device(made, device)


class SimulatedTarget(CudaTarget):
    """The same text, run by the simulator; in mode "check", a fault of a kernel is an error."""

    name = "cuda-sim"

    def __init__(self, mode: Literal["run", "check"] = "run") -> None:
        self.mode: Literal["run", "check"] = mode
        self.name = {"run": "cuda-sim", "check": "cuda-check"}[mode]

    def build(self, made: Compilation) -> Executable:
        """Compile the kernels for the simulator. Raises `CompileError`."""
        return _on_device(made, simulated_device(self.mode))


def _on_device(made: Compilation, device: Driver) -> Executable:
    """The kernels of a program, compiled and loaded on a device."""
    module = device.module(made.source.text, f"{plain(made.program.name)}.cu")
    return DeviceExecutable(made.program, made.source, module, device)


@lru_cache
def simulated_device(mode: Literal["run", "check"]) -> Simulator:
    """The simulator that all functions of this process share."""
    return Simulator(mode)
