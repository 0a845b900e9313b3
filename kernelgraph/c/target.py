"""The back end that prints C, compiles it on the user's machine, and calls it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np

from kernelgraph.c.blas import NOTICED, routines
from kernelgraph.c.build import build, runtime
from kernelgraph.c.clocks import read_clock, reset_clock
from kernelgraph.c.library import Library
from kernelgraph.c.printer import print_c
from kernelgraph.config import config
from kernelgraph.errors import CompileError
from kernelgraph.graph import Apply
from kernelgraph.interpret import computed
from kernelgraph.loops.program import Program
from kernelgraph.mapping.columns import columns_in_blocks
from kernelgraph.mapping.lanes import on_lanes
from kernelgraph.mapping.loading import loads_first
from kernelgraph.mapping.sums import one_loop_each
from kernelgraph.ops import contraction
from kernelgraph.routines import OwnC
from kernelgraph.schedule.facts import CPU
from kernelgraph.target import STAGES, Binding, Compilation, Pass, Timing, out_of_memory
from kernelgraph.writer import Source


class CTarget:
    """Generated C, one shared object per function; `timed` has it measure its kernels."""

    name = language = "c"
    facts = CPU
    passes: tuple[Pass, ...] = (one_loop_each, columns_in_blocks, on_lanes, loads_first)
    stages = STAGES

    def __init__(self, timed: bool = False) -> None:
        self.timed = timed

    def __repr__(self) -> str:
        return "CTarget(timed=True)" if self.timed else "CTarget()"

    def print(self, program: Program) -> Source:
        """One C file."""
        return print_c(program, self.timed)

    def build(self, made: Compilation) -> CExecutable:
        """Compile and try, or find in the cache. Raises `CompileError` and `CacheSecurityError`."""
        return _built(made.program, made.source)


def _built(program: Program, source: Source) -> CExecutable:
    check = partial(_try, program) if config.try_compiled == "on" else None
    try:
        library = build(source.text, source.symbol, check, lasting=False)
    except CompileError as error:
        from kernelgraph.c.diagnostics import locate  # what a warm start does not need

        locate(error, source)
        raise
    return CExecutable(program, library, runtime())


def python_call(node: Apply) -> Callable[..., Any]:
    """The meaning of a node as a function of its operands' values."""

    def run(*operands: Any) -> Sequence[Any]:
        return computed(node, operands)

    return run


@dataclass(frozen=True)
class CExecutable:
    """A loaded library and the runtime that calls it."""

    program: Program
    library: Library
    runtime: ModuleType
    meaning: Callable[[Apply], Callable[..., Any]] = python_call
    """What the program calls for a node that is left to Python."""

    def bind(self, binding: Binding) -> Callable[..., Any]:
        """A fast callable; it checks arguments, runs the program, commits updates."""
        slots = [
            (-1 if dtype == "object" else np.dtype(dtype).num, rank)
            for dtype, rank in self.program.slots
        ]
        return self.runtime.CompiledFunction(
            self.library.address,
            slots,
            list(binding.arguments),
            list(binding.cells),
            list(self.program.constants.items()),
            list(binding.outputs),
            list(binding.updates),
            [
                (self.meaning(call.node), list(call.inputs), list(call.outputs))
                for call in self.program.calls
            ],
            self.fail,
            binding.single,
            binding.turns,
            routines(NOTICED, contraction.LONG),
        )

    def __reduce__(self) -> tuple[Any, ...]:
        """What it was made of: code is not stored, but made again where this is loaded."""
        return _rebuilt, (self.program, bool(self.library.clock))

    def __repr__(self) -> str:
        return f"<C program of {len(self.program.kernels)} kernels>"

    def timings(self) -> list[Timing]:
        """How long each kernel took so far, where the program measures itself."""
        return read_clock(self.program, self.library.clock) if self.library.clock else []

    def fail(self, code: int, node: int, detail: Sequence[int]) -> None:
        """Raises the error of the check at which the program stopped; or warns, if it went on."""
        del node
        if code < 0:
            raise out_of_memory(self.program, -1 - code, detail[0])
        self.program.checks[code].report(detail)


def _rebuilt(program: Program, timed: bool) -> CExecutable:
    """An executable that comes out of a file, from the cache or compiled again."""
    return _built(program, CTarget(timed).print(program))


def _try(program: Program, library: Library, runtime: ModuleType) -> str | None:
    """What a program does wrong that has just been compiled, in words, or None."""
    from kernelgraph.c.trial import trying  # what a warm start does not need is not loaded
    from kernelgraph.c.trial.reference import trial_call

    graph = program.graph
    if graph is None:
        return None
    slots = enumerate(program.slots[: program.inputs])
    arguments = [(k, _as_it_is, (-1,) * rank) for k, (_, rank) in slots]
    outputs = range(program.inputs, program.inputs + program.outputs)
    executable = CExecutable(program, library, runtime, trial_call)
    run = executable.bind(Binding(arguments, (), list(outputs), (), single=False))
    try:
        with np.errstate(all="ignore"):
            wrong = trying.difference(program, graph, run)
        nodes = [call.node for call in program.calls]
        coded = [str(n.op) for n in nodes if isinstance(n.op.routine(n), OwnC)]
        if wrong is not None and coded:
            wrong += f", maybe by the C that was given for {', '.join(coded)}"
        return wrong
    finally:
        reset_clock(program, library.clock)


def _as_it_is(value: Any) -> Any:
    return value
