"""A program: what runs when a function is called.

It prints itself:

>>> import kernelgraph as kg, kernelgraph.tensor as T
>>> x = T.dvector("x")
>>> kg.function([x], T.exp(x).sum(), target="python", name="f").stages.program
kernel kernel_0
    reads   x: float64[x_n0]
    sum_total: float64 ← 0
    for i < x_n0
        v_exp: float64 = exp(x[i])
        sum_total ← sum_total + v_exp
    v_sum: float64 = sum_total
    gives   v_sum: float64
<BLANKLINE>
host of f
    x_n0 = size 0 of slot 0
    x: float64[x_n0] is in slot 0, or a copy without gaps in rows
    run kernel_0
    slot 1 ← v_sum
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from kernelgraph.graph import Apply, Graph
from kernelgraph.loops.checks import Check, Told
from kernelgraph.loops.host import Action, Allocate, If, Repeat, Run
from kernelgraph.loops.ir import Buffer, Kernel
from kernelgraph.loops.text import program_text
from kernelgraph.names import first_lines
from kernelgraph.writer import Source


@dataclass(frozen=True)
class Call:
    """A call: the node whose meaning it is, and its slots."""

    node: Apply
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


@dataclass(eq=False, repr=False)
class Program:
    """What runs when the function is called. It prints itself as loops."""

    name: str
    actions: tuple[Action, ...]
    slots: tuple[tuple[str, int], ...]
    """dtype (or "object") and rank of each slot: inputs, outputs, then operands of Python calls."""
    inputs: int
    outputs: int
    constants: Mapping[int, Any]
    """Slots that hold arrays known beforehand."""
    calls: tuple[Call, ...] = ()
    checks: tuple[Check | Told, ...] = ()
    """What can fail, by the number that it then says."""
    kernels: list[Kernel] = field(default_factory=list[Kernel])
    graph: Graph | None = None
    """What it computes."""

    def with_kernels(
        self,
        change: Callable[[Kernel], Kernel | Sequence[Kernel]],
        before: Callable[[Kernel], Sequence[Action]] = lambda kernel: (),
        buffers: Mapping[Buffer, Buffer] | None = None,
    ) -> Program:
        """The program with every kernel changed or taken apart, what the host then has to do
        `before` it, and the `buffers` for which it now allocates others.
        """
        new = {kernel: change(kernel) for kernel in self.kernels}
        parts = {old: [made] if isinstance(made, Kernel) else made for old, made in new.items()}
        memory = buffers or {}

        def changed(actions: Sequence[Action]) -> tuple[Action, ...]:
            return tuple(other for action in actions for other in one(action))

        def one(action: Action) -> Sequence[Action]:
            match action:
                case Run():
                    return [*before(action.kernel), *map(Run, parts[action.kernel])]
                case Allocate():
                    return [replace(action, buffer=memory.get(action.buffer, action.buffer))]
                case If():
                    then, otherwise = changed(action.then), changed(action.otherwise)
                    return [replace(action, then=then, otherwise=otherwise)]
                case Repeat():
                    return [replace(action, body=changed(action.body))]
                case _:
                    return [action]

        kernels = [kernel for made in parts.values() for kernel in made]
        return replace(self, actions=changed(self.actions), kernels=kernels)

    def text(self) -> Source:
        """The kernels, and below them what the host does, each line with its nodes."""
        return program_text(self.name, self.kernels, self.actions)

    def __str__(self) -> str:
        return self.text().text

    def __repr__(self) -> str:
        return first_lines(str(self))
