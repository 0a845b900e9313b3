"""A graph and the reverse sweep over it, read at numbers: what every node is worth, and what the
output would gain if it were worth a little more.

A graph and one of its outputs come in; a `Tape` holds the sweep that `autodiff` makes for it. Given
values of the inputs it yields `TapeValues`: the value of every variable, its adjoint (the
derivative of the output with respect to it), and each contribution that an adjoint is the sum of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kernelgraph.autodiff import has_derivative, vjp
from kernelgraph.errors import KernelgraphError
from kernelgraph.graph import Apply, Graph, Variable, walk
from kernelgraph.hooks import unwatched
from kernelgraph.interpret import evaluate, value_of
from kernelgraph.ops.broadcasting import ones_like
from kernelgraph.types import to_float

Known = Mapping[Variable, Any]


@dataclass(frozen=True)
class Contribution:
    """What one use of a variable adds to its adjoint: `node` uses it as operand `position`."""

    node: Apply
    position: int
    adjoint: Variable

    @property
    def operand(self) -> Variable:
        """The variable whose adjoint grows."""
        return self.node.inputs[self.position]


@dataclass(frozen=True)
class TapeValues:
    """A tape at certain values of the inputs.

    `adjoints` has no entry for a variable that no derivative reaches; `contributions` are the
    numbers of the tape's contributions, in the same order.
    """

    values: Known
    adjoints: Known
    contributions: Sequence[Any]


@dataclass
class Tape:
    """The nodes of a graph, producers first, and the reverse sweep from `cost` to `wrt`.

    `problem` says why there is no sweep, where there is none.
    """

    graph: Graph
    cost: Variable
    wrt: Sequence[Variable]
    nodes: list[Apply] = field(default_factory=list[Apply])
    contributions: list[Contribution] = field(default_factory=list[Contribution])
    adjoints: dict[Variable, Variable] = field(default_factory=dict[Variable, Variable])
    problem: str = ""

    def __post_init__(self) -> None:
        self.nodes = self.graph.apply_nodes()
        try:
            self._sweep()
        except KernelgraphError as error:  # an op has no derivative: values can be shown
            self.contributions, self.adjoints = [], {}
            self.problem = error.message
        known = {*self.graph.inputs, *(out for node in self.nodes for out in node.outputs)}
        ends = [*self.adjoints.values(), *(each.adjoint for each in self.contributions)]
        self._reverse_nodes = list(walk(ends, known))

    def _sweep(self) -> None:
        reached = set(self.wrt)
        for node in self.nodes:
            if any(variable in reached for variable in node.inputs):
                reached.update(node.outputs)
        if self.cost not in reached:
            return
        variables = [v for v in self._variables() if v in reached and has_derivative(v)]

        def watch(node: Apply, position: int, adjoint: Variable) -> None:
            self.contributions.append(Contribution(node, position, adjoint))

        with unwatched():
            seed = ones_like(self.cost, to_float(self.cost.dtype))
            found = vjp([self.cost], variables, [seed], watch=watch)
        pairs = zip(variables, found, strict=True)
        self.adjoints = {variable: adjoint for variable, adjoint in pairs if adjoint is not None}

    def _variables(self) -> Iterator[Variable]:
        yield from self.graph.inputs
        for node in self.nodes:
            yield from node.outputs

    def read(self, values: Sequence[Any]) -> TapeValues:
        """Every value and every adjoint for these values of the inputs.

        Raises what the ops raise, `ShapeError` for sizes that must agree and do not.
        """
        known = dict(zip(self.graph.inputs, values, strict=True))
        _run(self.nodes, known)
        both = dict(known)
        _run(self._reverse_nodes, both)
        adjoints = {v: value_of(adjoint, both) for v, adjoint in self.adjoints.items()}
        return TapeValues(known, adjoints, [value_of(c.adjoint, both) for c in self.contributions])

    def course(self, known: Known, moved: Variable, values: Iterable[Any]) -> list[float]:
        """The output while one input takes these values and no other moves: NaN where it fails."""
        reached: set[Variable] = {moved}
        dependent: list[Apply] = []
        for node in self.nodes:
            if any(variable in reached for variable in node.inputs):
                reached.update(node.outputs)
                dependent.append(node)
        course: list[float] = []
        for value in values:
            here = {**known, moved: value}
            try:
                _run(dependent, here)
            except Exception:  # whatever an op may raise: an index that is too large, say
                course.append(float("nan"))
                continue
            course.append(float(value_of(self.cost, here)))
        return course


def _run(nodes: Iterable[Apply], known: dict[Variable, Any]) -> None:
    with np.errstate(all="ignore"):
        for node in nodes:
            operands = [value_of(variable, known) for variable in node.inputs]
            known.update(zip(node.outputs, evaluate(node, operands), strict=True))


# Numbers that are none --------------------------------------------------------------------------


def is_finite(value: Any) -> bool:
    """Whether all numbers of a value are finite; what is no number counts as finite."""
    array = np.asarray(value)
    return array.dtype.kind not in "fc" or bool(np.isfinite(array).all())


def has_nan(value: Any) -> bool:
    """Whether a number of a value is NaN."""
    return bool(np.isnan(np.asarray(value)).any())


def first_strange_value(tape: Tape, reading: TapeValues) -> Variable | None:
    """The first variable with a NaN or an infinity in it, or None: all its operands are finite."""
    known = reading.values
    for variable in tape.graph.inputs:
        if not is_finite(known[variable]):
            return variable
    outputs = (out for node in tape.nodes for out in node.outputs)
    return next((out for out in outputs if not is_finite(known[out])), None)


def first_strange_adjoint(tape: Tape, reading: TapeValues) -> Variable | None:
    """The variable at which the reverse sweep first meets a NaN or an infinity, or None."""
    if tape.cost in reading.adjoints and not is_finite(reading.adjoints[tape.cost]):
        return tape.cost
    pairs = zip(tape.contributions, reading.contributions, strict=True)
    return next((each.operand for each, number in pairs if not is_finite(number)), None)
