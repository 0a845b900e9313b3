"""Small inputs for a program that is being tried: sizes that fit each other, numbers that break
things.

Which sizes must agree is read from the program's own checks. Where a size follows from numbers, or
numbers are indices, the numbers stay small.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from operator import mul
from typing import Any

import numpy as np

from kernelgraph.elementwise import OPS, Elementwise
from kernelgraph.graph import Constant, Graph, Variable
from kernelgraph.loops import host, ir
from kernelgraph.loops.printer import operation
from kernelgraph.loops.program import Program
from kernelgraph.loops.walks import names, nested
from kernelgraph.op import Op, Reduction, View
from kernelgraph.ops.complex_text import joined
from kernelgraph.schedule.dims import Dim
from kernelgraph.types import (
    INTEGERS,
    Array,
    ObjectType,
    TensorType,
    is_complex,
    is_float,
    is_inexact,
    real_part_of,
)

MOST_ELEMENTS = 1 << 19
_MOST_ITERATIONS = 2000
_MOST_DRAWN = 1 << 14
_MOST_GUESSES = 200
_MOST_ATTEMPTS = 8
_TAME = 9

Shapes = dict[int, tuple[int, ...]]
InputAxis = tuple[int, int]
"""An axis of what is in a slot."""


class UnsuitableError(Exception):
    """No inputs of this kind can be made for a program, or they would take too long."""


@dataclass(frozen=True)
class Plan:
    """How large a sample's inputs are, along the last axis and others, how wild their numbers."""

    last: tuple[int, ...]
    outer: tuple[int, ...]
    wild: bool = False
    negative: bool = False


PLANS = (
    Plan((131, 37, 21), (19, 11, 5)),
    Plan((48, 33, 17), (9, 16, 3), wild=True, negative=True),
    Plan((1041, 37), (3, 5)),
    Plan((15, 8), (8, 7, 2), negative=True),
    Plan((33,), (33,)),
    Plan((7, 5, 3), (133, 101, 4)),
    Plan((1,), (1,)),
)
"""Whole groups of lanes and of rows with a rest, without a rest; rows long enough for lanes and
blocks of sums; fewer than a group; all sizes alike, for programs that ask for that in a step of a
loop; many rows; one.
"""


def samples(program: Program, graph: Graph) -> Iterator[tuple[Plan, list[Any]]]:
    """The values of the inputs, from the most telling sample to the least."""
    wild, missing = _is_plain(graph), _hands_on(graph)
    for number, plan in enumerate(PLANS):
        rng = np.random.default_rng(number)
        scalars = {
            slot: _scalar(variable, plan, number)
            for slot, variable in enumerate(graph.inputs)
            if isinstance(variable.type, TensorType) and not variable.ndim
        }
        try:
            shapes = _Sizes(program, graph, plan, scalars).shapes()
        except UnsuitableError:
            continue
        top = min((n for shape in shapes.values() for n in shape if n), default=_TAME + 1) - 1
        inputs = enumerate(graph.inputs)
        yield (
            plan,
            [
                scalars[slot]
                if slot in scalars
                else _value(v, shapes, slot, rng, plan, (wild, missing), top)
                for slot, v in inputs
            ],
        )


def _is_plain(graph: Graph) -> bool:
    """Whether every number may be anything: none is a size or an index, and no sum depends on the
    order in which it adds what is infinite.
    """
    for node in graph.apply_nodes():
        op = node.op
        choosing = isinstance(op, Reduction) and op.chooses
        view = isinstance(op, View) and len(node.inputs) == 1
        whole = _is_sum(op) and not is_inexact(node.inputs[0].dtype)
        if not (isinstance(op, Elementwise) or view or choosing or whole):
            return False
    return all(isinstance(variable.type, TensorType) for variable in graph.inputs)


def _is_sum(op: Op) -> bool:
    return isinstance(op, Reduction) and all(state.adds for state in op.states)


def _hands_on(graph: Graph) -> bool:
    """Whether NaN may be among the numbers: it is handed on, and becomes no index and no size."""
    for node in graph.apply_nodes():
        if not (isinstance(node.op, Elementwise | View) or _is_sum(node.op)):
            return False
        is_cast = getattr(node.op, "name", "") == "cast"
        if is_cast and is_float(node.inputs[0].dtype) and not is_float(node.outputs[0].dtype):
            return False
    return True


# ------------------------------------------------------------------------------------------ numbers


def _scalar(variable: Variable, plan: Plan, number: int) -> Array:
    dtype = variable.dtype
    if dtype == "bool":
        return np.asarray(number % 2 == 0)
    if is_inexact(dtype):
        return np.asarray(-1.5 if plan.negative else 0.75, dtype)
    return np.asarray(min(plan.last[-1], 3) - (number == len(PLANS) - 1), dtype)


def _value(
    variable: Variable,
    shapes: Shapes,
    slot: int,
    rng: np.random.Generator,
    plan: Plan,
    harmless: tuple[bool, bool],
    top: int,
) -> Any:
    """Numbers for an input; `harmless` says whether all numbers are, and whether NaN is."""
    if isinstance(variable.type, ObjectType):
        return np.random.RandomState(7)
    shape, dtype = shapes[slot], variable.dtype
    tame = tame_numbers(rng, dtype, shape, max(min(top, _TAME), 0), plan.negative)
    wild, missing = harmless
    if not plan.wild or not (wild or (missing and is_inexact(dtype))):
        return tame
    if not wild:
        return np.where(rng.random(shape) < 0.1, np.nan, tame).astype(dtype)
    special = rng.choice(_specials(dtype), size=shape)
    return np.where(rng.random(shape) < 0.5, special, tame).astype(dtype)


def tame_numbers(
    rng: np.random.Generator, dtype: str, shape: Sequence[int], top: int, negative: bool
) -> Array:
    """Numbers without surprises; integers that may be indices of more than `top` elements."""
    if (count := prod(shape)) > _MOST_DRAWN:
        some = tame_numbers(rng, dtype, (_MOST_DRAWN - 1,), top, negative)
        return np.resize(some, count).reshape(shape)
    if dtype == "bool":
        return rng.random(size=shape) > 0.5
    if is_complex(dtype):
        parts = (tame_numbers(rng, "float64", shape, top, negative) for _ in range(2))
        return joined(*parts).astype(dtype)
    if is_float(dtype):
        numbers = rng.normal(size=shape) * 2
        return np.where(rng.random(shape) < 0.3, np.round(numbers), numbers).astype(dtype)
    low = -top if negative and not dtype.startswith("u") else 0
    return rng.integers(low, top, size=shape, endpoint=True).astype(dtype)


def _specials(dtype: str) -> Array:
    """The numbers at which formulas go wrong."""
    if dtype == "bool":
        return np.array([False, True])
    if dtype in INTEGERS:
        ends = np.iinfo(dtype)
        return np.array([0, 1, 2, ends.min, ends.min + 1, ends.max, ends.max - 1], dtype)
    if is_complex(dtype):
        parts = _specials(real_part_of(dtype))
        return joined(*np.meshgrid(parts, parts)).ravel()
    ends = np.finfo(dtype)
    positive = [0.0, 1.0, 0.5, 1e-3, 20.0, 800.0, 2.0**31, 2.0**63, np.inf, ends.max, ends.tiny]
    with np.errstate(all="ignore"):  # float16 does not reach as far
        return np.array([*positive, *(-x for x in positive), np.nan]).astype(dtype)


# -------------------------------------------------------------------------------------------- sizes


class _Sizes:
    """Sizes for the inputs of a program, taken from a plan, that pass the program's checks."""

    def __init__(
        self, program: Program, graph: Graph, plan: Plan, scalars: Mapping[int, Array]
    ) -> None:
        self.program = program
        self.plan = plan
        self.scalars = scalars
        self.kinds = [variable.type for variable in graph.inputs]
        self.forced: dict[InputAxis, int] = {}
        self.given: dict[InputAxis, int] = {}
        self.known: dict[str, int] = {}
        self.origins: dict[str, InputAxis] = {}
        self.least: dict[InputAxis, int] = {}
        nodes = graph.apply_nodes()
        drawn = {node.inputs[k] for node in nodes for k in node.op.next_states(node)}
        for variable in graph.inputs:
            if not isinstance(variable.type, TensorType) and variable not in drawn:
                raise UnsuitableError

    def shapes(self) -> Shapes:
        """The shapes by slot. Raises `UnsuitableError`."""
        for _ in range(_MOST_ATTEMPTS):
            if self._attempt():
                self._limit()
                return {
                    slot: tuple(self._given((slot, axis)) for axis in range(kind.ndim))
                    for slot, kind in enumerate(self.kinds)
                    if isinstance(kind, TensorType)
                }
        raise UnsuitableError

    def _attempt(self) -> bool:
        """Go through the program's actions; False when a check asks for another size."""
        self.given, self.known, self.origins, self.least = {}, {}, {}, {}
        for action in self.program.actions:
            match action:
                case host.BindScalar() if action.slot in self.scalars:
                    self.known[action.name.name] = self.scalars[action.slot].item()
                case host.Define():
                    value = action.value
                    if isinstance(value, ir.SlotSize) and value.slot < len(self.kinds):
                        self.origins[action.dim.name] = (value.slot, value.axis)
                    if (size := self._number(value)) is not None:
                        self.known[action.dim.name] = int(size)
                case host.CheckEqual():
                    if not self._agree(action.left, action.right):
                        return False
                case host.Window():
                    self._reach(action)
                case _:
                    pass
        return self._are_long_enough()

    def _reach(self, window: host.Window) -> None:
        """Note how long an axis must be for what stands at fixed places in it."""
        for dim, entry in zip(window.base.dims, window.entries, strict=True):
            place = self.origins.get(dim.name)
            if isinstance(entry, host.At) and place is not None:
                index = self._number(entry.index)
                least = 0 if index is None else int(index) + 1 if index >= 0 else -int(index)
                self.least[place] = max(self.least.get(place, 0), least)

    def _are_long_enough(self) -> bool:
        """Whether axes are as long as fixed places ask; if only by a new attempt, False."""
        short = {
            place: least
            for place, least in self.least.items()
            if self._given(place) < least and self._declared(place) is None
        }
        self.forced |= short
        return not short

    def _agree(self, left: ir.Expression, right: ir.Expression) -> bool:
        """Whether two sizes agree, or can be made to; if only by a new attempt, False."""
        for side, other in ((left, right), (right, left)):
            place = self._place(side)
            if isinstance(side, ir.SlotSize) and place is not None and place not in self.given:
                size = self._number(other)
                if size is not None and self._declared(place) is None:
                    self.given[place] = int(size)
        sizes = self._number(left), self._number(right)
        if None in sizes or sizes[0] == sizes[1]:
            return True
        for side, wanted in ((right, sizes[0]), (left, sizes[1])):
            place = self._place(side)
            if place and place not in self.forced and self._declared(place) is None:
                assert wanted is not None
                self.forced[place] = int(wanted)
                return False
        for side, wanted in ((right, sizes[0]), (left, sizes[1])):
            if self._solve(side, wanted):
                return False
        raise UnsuitableError

    def _solve(self, value: ir.Expression, wanted: Any) -> bool:
        """Force a size from which another one is computed, so that this is the number wanted."""
        for name in sorted(names(value)):
            place = self.origins.get(name)
            if place is None or place in self.forced or self._declared(place) is not None:
                continue
            before = self.known[name]
            for size in range(1, _MOST_GUESSES):
                self.known[name] = size
                if self._number(value) == wanted:
                    self.forced[place] = size
                    return True
            self.known[name] = before
        return False

    def _place(self, value: ir.Expression) -> InputAxis | None:
        match value:
            case ir.SlotSize() if value.slot < len(self.kinds):
                return value.slot, value.axis
            case ir.Name():
                return self.origins.get(value.name)
            case _:
                return None

    def _declared(self, place: InputAxis) -> int | None:
        kind = self.kinds[place[0]]
        return kind.shape[place[1]] if isinstance(kind, TensorType) else None

    def _given(self, place: InputAxis) -> int:
        if place not in self.given:
            kind = self.kinds[place[0]]
            assert isinstance(kind, TensorType)
            is_last = place[1] == kind.ndim - 1
            choices = self.plan.last if is_last else self.plan.outer
            chosen = sum((p[1] == self._rank(p) - 1) == is_last for p in self.given)
            size = self.forced.get(place, choices[min(chosen, len(choices) - 1)])
            self.given[place] = self._declared(place) or size
            if self._declared(place) == 0:
                self.given[place] = 0
        return self.given[place]

    def _rank(self, place: InputAxis) -> int:
        kind = self.kinds[place[0]]
        return kind.ndim if isinstance(kind, TensorType) else 0

    def _number(self, value: ir.Expression) -> Any:
        """The number that an expression of sizes is, or None where that is not known."""
        try:
            match value:
                case ir.Number():
                    return value.value
                case ir.Name():
                    return self.known.get(value.name)
                case ir.SlotSize():
                    return self._given((value.slot, value.axis))
                case ir.Operation():
                    text = operation(value, "python", self._text)
                    return eval(text, {"__builtins__": {}}, _FUNCTIONS)  # our own templates
                case ir.Load():
                    return None
        except (ArithmeticError, LookupError, NameError, TypeError, ValueError):
            return None

    def _text(self, value: ir.Expression) -> str:
        number = self._number(value)
        if number is None:
            raise ValueError
        return repr(number.item() if hasattr(number, "item") else number)

    def _limit(self) -> None:
        """Raises `UnsuitableError` where a program would repeat too often, or take much memory."""
        for action in host.every(self.program.actions):
            match action:
                case host.Run():
                    for item in nested(action.kernel.body):
                        if isinstance(item, ir.For):
                            self._require(self._elements((item.dim,)))
                case host.Allocate():
                    self._require(self._elements(action.buffer.dims))
                case host.Repeat():
                    iterations = self._number(action.count)
                    self._require(iterations is None or iterations <= _MOST_ITERATIONS)
                case _:
                    pass
        for slot, kind in enumerate(self.kinds):
            if isinstance(kind, TensorType):
                sizes = [self._given((slot, axis)) for axis in range(kind.ndim)]
                self._require(min(sizes, default=0) >= 0 and prod(sizes) <= MOST_ELEMENTS)

    def _elements(self, dims: Sequence[Dim]) -> bool:
        sizes = [d.size if d.size is not None else self.known.get(d.name, 1) for d in dims]
        return prod(sizes) <= MOST_ELEMENTS

    def _require(self, holds: bool) -> None:
        if not holds:
            raise UnsuitableError


_FUNCTIONS: dict[str, Any] = {
    **{name: op.numpy for name, op in OPS.items()},
    "to_int64": int, "int": int, "maximum": max, "minimum": min,
    "elements": mul, "padded": OPS["padded_size"].numpy,
}  # fmt: skip


def constants_are_small(graph: Graph) -> bool:
    """Whether no value of the graph is known to be large."""
    for node in graph.apply_nodes():
        for variable in (*node.inputs, *node.outputs):
            if isinstance(variable, Constant) or not isinstance(variable.type, TensorType):
                continue
            if prod(n for n in variable.type.shape if n is not None) > MOST_ELEMENTS:
                return False
    return True
