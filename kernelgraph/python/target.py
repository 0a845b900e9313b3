"""The back end that runs printed Python."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from traceback import walk_tb
from typing import Any

import numpy as np

from kernelgraph.elementwise import Elementwise
from kernelgraph.errors import KernelgraphError, lacks_memory, no_memory
from kernelgraph.graph import describe
from kernelgraph.interpret import computed
from kernelgraph.loops import ir
from kernelgraph.loops.host import requests
from kernelgraph.loops.program import Program
from kernelgraph.loops.walks import parts
from kernelgraph.mapping.columns import all_blocks, columns_in_blocks, is_whole, whole_block
from kernelgraph.mapping.sums import in_a_tree, one_loop_each
from kernelgraph.ops.contraction import matmul
from kernelgraph.ops.conversion import convert
from kernelgraph.python.printer import print_python
from kernelgraph.schedule.facts import CPU
from kernelgraph.target import STAGES, Binding, Compilation, called_from_python
from kernelgraph.types import DTYPES
from kernelgraph.writer import Source, plain


class PythonTarget:
    """The loops as Python."""

    name = language = "python"
    facts = CPU
    passes = (one_loop_each, columns_in_blocks)
    """Python has no vectors and no threads; but sums are added in the same order as in C."""
    stages = STAGES

    def __repr__(self) -> str:
        return "PythonTarget()"

    def print(self, program: Program) -> Source:
        """One module."""
        return print_python(program)

    def build(self, made: Compilation) -> PythonExecutable:
        """Compile the text with Python's own compiler."""
        return PythonExecutable(made.program, made.source)


def _block(start: int, length: int) -> slice:
    return slice(int(start), int(start) + length)


def _part(start: Any, stop: Any, step: Any) -> slice:
    return slice(int(start), int(stop), int(step))


def _at_strides(base: Any, shape: Any, steps: Any) -> Any:
    strides = [sum(base.strides[axis] * step for axis, step in along) for along in steps]
    return np.lib.stride_tricks.as_strided(base, shape, strides)


def meanings(program: Program, warn: Callable[[int], None]) -> dict[str, Any]:
    """What the text calls and does not define: an op is called what it means to NumPy."""

    def check(holds: bool, number: int, *detail: int) -> None:
        if not holds:
            program.checks[number].report([*(int(d) for d in detail), 0, 0])

    def in_bounds(index: Any, size: int, number: int) -> int:
        check(-size <= index < size, number, index, size)
        return int(index) + (size if index < 0 else 0)

    def below(index: Any, size: int, number: int) -> int:
        check(0 <= index < size, number, index, size)
        return int(index)

    names: dict[str, Any] = {"np": np, "check": check, "in_bounds": in_bounds, "part": _part}
    names |= {"at_strides": _at_strides, "all_blocks": all_blocks, "block": _block}
    names |= {"whole_block": whole_block, "is_whole": is_whole}
    names |= {"warn": warn, "below": below, "in_a_tree": in_a_tree, "matmul": matmul}
    names |= {dtype: np.dtype(dtype).type for dtype in DTYPES}
    names |= {"convert": convert}
    ops = (part.op for part in parts(program.actions) if isinstance(part, ir.Operation))
    names |= {op.name: op.numpy for op in ops if isinstance(op, Elementwise)}
    return names


@dataclass(frozen=True)
class PythonExecutable:
    """A printed program, and how it is called."""

    program: Program
    source: Source

    def __repr__(self) -> str:
        return f"<Python program of {len(self.program.kernels)} kernels>"

    def bind(self, binding: Binding) -> Callable[..., Any]:
        """A callable that checks arguments, runs the program, commits updates."""
        warnings: list[int] = []
        names = meanings(self.program, warnings.append)
        file = f"<generated {plain(self.program.name)}>"
        exec(compile(self.source.text, file, "exec"), names)
        program = names["program"]

        def run(values: list[Any]) -> None:
            with np.errstate(all="ignore"), self.memory_errors(file):
                warnings.clear()
                program(values, self.call)
            for number in warnings[:1]:  # once a call, and as the caller's `errstate` says
                self.program.checks[number].report(())

        return called_from_python(binding, len(self.program.slots), self.program.constants, run)

    @contextmanager
    def memory_errors(self, file: str) -> Generator[None]:
        """Say for which variable there was no memory, by the line that asked for it."""
        try:
            yield
        except KernelgraphError:
            raise
        except (MemoryError, ValueError) as error:
            if not lacks_memory(error):
                raise
            frames = walk_tb(error.__traceback__)
            lines = [number for frame, number in frames if frame.f_code.co_filename == file]
            text = self.source.text.splitlines()[lines[-1] - 1] if lines else ""
            asked = {each.buffer.name: each.variable for each in requests(self.program.actions)}
            variable = asked.get(text.partition(" = ")[0].strip())
            name = describe(variable) if variable is not None else "a temporary"
            where = variable.where if variable is not None else ()
            raise no_memory(name, error, where) from error

    def call(self, number: int, values: list[Any]) -> None:
        """Python call `number` of the program."""
        call = self.program.calls[number]
        results: Sequence[Any] = computed(call.node, [values[slot] for slot in call.inputs])
        for slot, value in zip(call.outputs, results, strict=True):
            values[slot] = value
