"""The back end that prints C, compiles it on the user's machine, and calls it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from kernelgraph.c.blame import blame
from kernelgraph.c.build import Library, build, runtime
from kernelgraph.c.clocks import read_clock
from kernelgraph.c.mapping import map_program
from kernelgraph.c.printer import print_c
from kernelgraph.errors import CompileError
from kernelgraph.interpret import evaluate
from kernelgraph.loops.ir import Call, Program
from kernelgraph.loops.printer import Source
from kernelgraph.target import Binding, Timing, run_time_error


class CTarget:
    """Generated C, one shared object per function; `timed` has it measure its kernels."""

    name = "c"

    def __init__(self, timed: bool = False) -> None:
        self.timed = timed

    def map(self, program: Program) -> Program:
        """Partial sums side by side, and looks at the keyboard."""
        return map_program(program)

    def print(self, program: Program) -> Source:
        """One C file."""
        return print_c(program, self.timed)

    def build(self, program: Program, source: Source) -> CExecutable:
        """Compile, or find in the cache. Raises `CompileError` and `CacheSecurityError`."""
        try:
            library = build(source.text, source.symbol)
        except CompileError as error:
            blame(error, source)
            raise
        return CExecutable(program, library, runtime())


@dataclass(frozen=True)
class CExecutable:
    """A loaded library and the runtime that calls it."""

    program: Program
    library: Library
    runtime: ModuleType

    def bind(self, binding: Binding) -> Callable[..., Any]:
        """A fast callable; it checks arguments, runs the program, commits updates."""
        slots = [
            (-1 if dtype == "object" else np.dtype(dtype).num, rank)
            for dtype, rank in self.program.slots
        ]
        return self.runtime.Program(
            self.library.address,
            slots,
            list(binding.arguments),
            list(binding.cells),
            list(self.program.constants.items()),
            list(binding.outputs),
            list(binding.updates),
            [
                (python_call(call), list(call.inputs), list(call.outputs))
                for call in self.program.calls
            ],
            self.fail,
            binding.single,
        )

    def timings(self) -> list[Timing]:
        """How long each kernel took so far, where the program measures itself."""
        return read_clock(self.program, self.library.clock) if self.library.clock else []

    def fail(self, code: int, node: int, detail: Sequence[int]) -> None:
        """Raises the error of the site at which the program stopped."""
        del node
        raise run_time_error(self.program.sites[code], detail)


def python_call(call: Call) -> Callable[..., Any]:
    """The meaning of a node as a function of its operands' values."""

    def run(*operands: Any) -> Sequence[Any]:
        return evaluate(call.node, operands)

    return run
