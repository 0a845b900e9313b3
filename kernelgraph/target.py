"""What a back end answers: how it maps loops, prints them, and makes them callable."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

from kernelgraph.errors import OutOfMemoryError, no_memory
from kernelgraph.graph import Apply, Graph, describe
from kernelgraph.loops.host import requests
from kernelgraph.loops.program import Program
from kernelgraph.rewrite.steps import Rewriting
from kernelgraph.schedule.facts import Facts
from kernelgraph.turns import Cell, Turns, commit, snapshot
from kernelgraph.types import LARGEST_SIZE
from kernelgraph.writer import Source

Filter = Callable[[Any], Any]

Pass = Callable[[Program], Program]
"""A program in, one that computes the same out."""


@dataclass(frozen=True)
class Binding:
    """What a function brings to its executable: by slot, how arguments are accepted and where
    shared values are; and how its calls take turns, unless they need not.
    """

    arguments: Sequence[tuple[int, Filter, tuple[int, ...]]]
    cells: Sequence[tuple[int, Cell]]
    outputs: Sequence[int]
    updates: Sequence[tuple[int, Cell]]
    single: bool
    turns: Turns | None = None


@dataclass(frozen=True)
class Timing:
    """How often a kernel or a Python call ran, and how many seconds that took in all."""

    name: str
    nodes: Sequence[Apply]
    runs: int
    seconds: float


class Executable(Protocol):
    """A program made runnable."""

    def bind(self, binding: Binding) -> Callable[..., Any]:
        """A callable that takes the arguments by position and returns the outputs."""
        ...


class Compilation(Protocol):
    """What a graph has become on its way, each stage made when it is asked for."""

    @property
    def graph(self) -> Graph:
        """As it was written."""
        ...

    @property
    def rewriting(self) -> Rewriting:
        """What the rules have made of the graph, step by step."""
        ...

    @property
    def program(self) -> Program:
        """Mapped to the target."""
        ...

    @property
    def source(self) -> Source:
        """The program as text."""
        ...


STAGES: tuple[str, ...] = ("rewriting", "schedule", "program", "source", "executable")
"""The stages of a target that compiles, in their order."""


class Target(Protocol):
    """A back end. `language` is that of its text, `facts` are what planning knows of its machine,
    `stages` are those that it goes through.
    """

    name: str
    language: str
    facts: Facts
    stages: tuple[str, ...]

    @property
    def passes(self) -> Sequence[Pass]:
        """What fits loops to its machine: which of them is a vector, a thread, a block."""
        ...

    def print(self, program: Program) -> Source:
        """The program as text."""
        ...

    def build(self, made: Compilation) -> Executable:
        """Make it runnable, from the stage that it takes. Raises `CompileError`."""
        ...


def mapped(
    program: Program, target: Target, check: Callable[[Program, str], Program] | None = None
) -> Program:
    """The program after all passes of a target; after each, `check` gets it and the pass's name."""
    for one in target.passes:
        program = one(program)
        program = check(program, one.__name__) if check is not None else program
    return program


def called_from_python(
    binding: Binding, slots: int, constants: Mapping[int, Any], run: Callable[[list[Any]], None]
) -> Callable[..., Any]:
    """A call where Python does what the runtime of C does: arguments and shared values go into
    their slots, `run` fills the others, and then the updates are stored.
    """
    kept, cells = [slot for slot, _ in binding.cells], [cell for _, cell in binding.cells]
    updates, updated = [slot for slot, _ in binding.updates], [cell for _, cell in binding.updates]

    def call(*arguments: Any) -> Any:
        values: list[Any] = [None] * slots
        for (slot, fit, _), value in zip(binding.arguments, arguments, strict=True):
            values[slot] = fit(value)
        for slot, value in constants.items():
            values[slot] = value
        with binding.turns.make() if binding.turns else nullcontext():
            for slot, value in zip(kept, snapshot(cells), strict=True):
                values[slot] = value
            run(values)
            commit(updated, [values[slot] for slot in updates])
        outputs = [values[slot] for slot in binding.outputs]
        return outputs[0] if binding.single else outputs

    return call


def out_of_memory(program: Program, request: int, size: int) -> OutOfMemoryError:
    """The error for a program whose request of this number, for so many bytes, was refused."""
    found = next(islice(requests(program.actions), request, None), None)
    variable = found.variable if found is not None else None
    name = describe(variable) if variable is not None else "a temporary"
    needs = f"it needs {size:,} bytes ({size / 2**30:.3g} GiB)"
    if not 0 < size < LARGEST_SIZE:  # beyond what can be counted, if only along some axes
        needs = f"it needs more than {LARGEST_SIZE:,} bytes, which no array can have"
    return no_memory(name, needs, variable.where if variable is not None else ())
