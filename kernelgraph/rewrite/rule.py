"""Rules: what may be written in place of what, and why.

A rule written with wildcards comes in as a function that returns (before, after); a computed rule as a function of one
node. Both become a `Rule`, which the engine asks, node by node, for something better. Rules are data: the stepper, the
documentation and the test that tries to refute each of them read the same record.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, overload

import numpy as np

from kernelgraph.errors import Origin, Place, RuleError, resolve
from kernelgraph.graph import Apply, Constant, FunctionGraph, Graph, Variable
from kernelgraph.op import DimShuffle, Op, Pattern, as_variable
from kernelgraph.ops.arithmetic import Cast, cast
from kernelgraph.ops.views import Broadcast, broadcast_like, dimshuffle
from kernelgraph.rewrite.notation import formula
from kernelgraph.types import TensorType, is_float, upcast

PHASES = ("merge", "fold", "simplify", "stabilize", "inner", "user")
"""The phases in which rules run, in order. A rule belongs to the phase that its module is named
after; rules made elsewhere run in `user`."""

Sides = tuple[Any, Any]
"""Before and after, as patterns."""

Replacement = Variable | Sequence[Variable | None] | None
"""What a rule has for a node: something for its only output, for each output, or nothing."""

Rewrite = Callable[[Graph], Graph]
"""Rewrites another graph with the rules of this one; gives the graph itself where there is nothing to do."""

Bound = Mapping[str, Variable]
"""What each wildcard stands for."""


@dataclass(frozen=True, slots=True)
class Match:
    """A place where a pattern fits: the node at its root, and what the wildcards stand for."""

    node: Apply
    bound: Bound

    def __getitem__(self, wildcard: str) -> Variable:
        return self.bound[wildcard]


Guard = Callable[[Match], bool]


@dataclass(frozen=True, eq=False)
class Rule:
    """One way to write something better.

    `changes` is None for a rule that is exact to the bit, else it says what changes ("rounding"). `roots` are the ops,
    or classes of ops, at which the rule looks, `depth` how many levels of operands it sees. `where` gives each
    wildcard's domain in words ("finite", "matrix"), `examples` build (before, after) of variables.
    """

    name: str
    why: str
    phase: str
    changes: str | None
    roots: tuple[Op | type[Op], ...]
    depth: int
    definition: Origin
    where: Mapping[str, str] = field(default_factory=dict[str, str])
    examples: tuple[Callable[..., Sides], ...] = ()

    @cached_property
    def place(self) -> Place:
        """Where the rule is written: file and line."""
        return resolve(self.definition)

    def start(self, graph: FunctionGraph, rewrite: Rewrite) -> Callable[[Apply], Replacement]:
        """The function that is asked about each node of `graph`."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class ComputedRule(Rule):
    """A rule whose result a function works out from the node, and from the graph if it asks for it."""

    function: Callable[..., Replacement] = lambda node: None

    def start(self, graph: FunctionGraph, rewrite: Rewrite) -> Callable[[Apply], Replacement]:
        function, wants_graph = self.function, len(inspect.signature(self.function).parameters) == 2

        def ask(node: Apply) -> Replacement:
            found = function(node, graph) if wants_graph else function(node)
            return fit(found, node.out) if isinstance(found, Variable) else found

        return ask

    def __str__(self) -> str:
        return f"{self.name}   # {self.why}"


@dataclass(frozen=True, eq=False)
class PatternRule(Rule):
    """A rule that is a pair of patterns."""

    before: Pattern = field(default_factory=lambda: Pattern(None, ()))
    after: Any = None
    when: Guard = lambda match: True

    def start(self, graph: FunctionGraph, rewrite: Rewrite) -> Callable[[Apply], Replacement]:
        return self.apply

    def apply(self, node: Apply) -> Variable | None:
        """`after` in terms of the node's operands, if `before` fits."""
        for bound in _match_operands(self.before, node, {}):
            if self.when(Match(node, bound)):
                return fit(build(self.after, _widened(bound, node.out)), node.out)
        return None

    def __str__(self) -> str:
        return f"{self.name}: {formula(self.before)} -> {formula(self.after)}   # {self.why}"


# ------------------------------------------------------------------------------------ decorators

PatternFunction = Callable[..., Sides]


@overload
def rule(function: PatternFunction, /) -> PatternRule: ...
@overload
def rule(
    *, changes: str | None = None, when: Guard | None = None, where: Mapping[str, str] | None = None
) -> Callable[[PatternFunction], PatternRule]: ...
def rule(
    function: PatternFunction | None = None,
    /,
    *,
    changes: str | None = None,
    when: Guard | None = None,
    where: Mapping[str, str] | None = None,
) -> Any:
    """Decorator: a rule from a function whose parameters are wildcards and whose result is (before, after).

    The function's name is the rule's name, its docstring says why. Numbers match constants of that value through casts
    and added dimensions; a wildcard used twice stands for one variable; operands of commutative ops match in any order.
    Raises `RuleError` for a function that does not say why, or whose sides are not patterns over its parameters.

    >>> from kernelgraph.ops.functions import exp, log
    >>> @rule
    ... def log_of_exp(x):
    ...     '''The logarithm undoes exp.'''
    ...     return log(exp(x)), x
    >>> print(log_of_exp)
    log_of_exp: log(exp(x)) -> x   # The logarithm undoes exp.
    """

    def decorate(definition: PatternFunction) -> PatternRule:
        name, why = _name_and_reason(definition)
        wildcards = list(inspect.signature(definition).parameters)
        before, after = definition(*(Pattern(None, (), wildcard) for wildcard in wildcards))
        if not isinstance(before, Pattern) or before.op is None:
            raise RuleError(
                f"rule {name}: its left side must be an op of its wildcards, not {before!r}"
            )
        unknown = set(_wildcards(after)) - set(_wildcards(before))
        if unknown:
            raise RuleError(f"rule {name}: {', '.join(sorted(unknown))} is on its right side only")
        return PatternRule(
            name, why, _phase(definition), changes, (before.op,), _depth(before), _origin(definition),
            dict(where or {}), (definition,), before, after, when or (lambda match: True),
        )  # fmt: skip

    return decorate if function is None else decorate(function)


def computed_rule(
    *,
    on: Sequence[Op | type[Op]],
    examples: Sequence[Callable[..., Sides]],
    changes: str | None = None,
    where: Mapping[str, str] | None = None,
    depth: int = 2,
) -> Callable[[Callable[..., Replacement]], ComputedRule]:
    """Decorator: a rule from a function of one node, or of a node and its graph, asked wherever the op is in `on`.

    The function returns a variable, one for each output (None to keep it), or None for nothing. `examples` build
    (before, after) of variables: they are tests and documentation. Raises `RuleError` for a function that does not say
    why.
    """

    def decorate(function: Callable[..., Replacement]) -> ComputedRule:
        name, why = _name_and_reason(function)
        return ComputedRule(
            name, why, _phase(function), changes, tuple(on), depth, _origin(function),
            dict(where or {}), tuple(examples), function,
        )  # fmt: skip

    return decorate


def _name_and_reason(function: Callable[..., Any]) -> tuple[str, str]:
    why = inspect.getdoc(function)
    if not why:
        raise RuleError(
            f"rule {function.__name__} does not say why", hint="write a docstring of one sentence"
        )
    return function.__name__, " ".join(why.split("\n\n")[0].split())


def _phase(function: Callable[..., Any]) -> str:
    module = function.__module__.rpartition(".")[2]
    return module if module in PHASES else PHASES[-1]


def _origin(function: Callable[..., Any]) -> Origin:
    return function.__code__, 0


def _wildcards(pattern: Any) -> Iterator[str]:
    if isinstance(pattern, Pattern):
        if pattern.op is None:
            yield pattern.name
        for operand in pattern.inputs:
            yield from _wildcards(operand)


def _depth(pattern: Any) -> int:
    if not isinstance(pattern, Pattern) or pattern.op is None:
        return 0
    return 1 + max(map(_depth, pattern.inputs), default=0)


def floats(match: Match) -> bool:
    """A guard: everything that the wildcards stand for is of a float dtype."""
    return all(is_float(variable.dtype) for variable in match.bound.values())


def result_is_integer(match: Match) -> bool:
    """A guard: the result is a whole number, which is never NaN, infinite or -0."""
    return not is_float(match.node.out.dtype)


# -------------------------------------------------------------------------------------- matching


def _match(pattern: Any, variable: Variable, bound: Bound) -> Iterator[Bound]:
    """The ways in which `variable` fits `pattern` if the wildcards in `bound` stand for what they do."""
    if not isinstance(pattern, Pattern):
        if _is_number(variable, pattern):
            yield bound
    elif pattern.op is None:
        known = bound.get(pattern.name)
        if known is None:
            yield {**bound, pattern.name: variable}
        elif known is variable or equal_constants(known, variable):
            yield bound
    elif (node := variable.owner) is not None:
        wanted, found = pattern.op, node.op
        if found is wanted or (found.name == wanted.name and found == wanted):
            yield from _match_operands(pattern, node, bound)


def _match_operands(pattern: Pattern, node: Apply, bound: Bound) -> Iterator[Bound]:
    operands = pattern.inputs
    if len(operands) != len(node.inputs):
        return
    yield from _match_each(operands, node.inputs, bound)
    if node.op.commutative:
        yield from _match_each(operands[::-1], node.inputs, bound)


def _match_each(
    patterns: Sequence[Any], variables: Sequence[Variable], bound: Bound
) -> Iterator[Bound]:
    if not patterns:
        yield bound
        return
    for first in _match(patterns[0], variables[0], bound):
        yield from _match_each(patterns[1:], variables[1:], first)


def constant_behind(variable: Variable) -> Constant | None:
    """The constant that `variable` repeats: found through casts, dimshuffles and broadcasts."""
    while (node := variable.owner) is not None:
        if not isinstance(node.op, DimShuffle | Broadcast | Cast):
            return None
        variable = node.inputs[0]
    return variable if isinstance(variable, Constant) else None


def number(variable: Variable) -> Any:
    """The one number that all elements of `variable` are known to be, in its dtype; None if there is none.

    >>> number(cast(as_variable(2), "float64"))
    2.0
    """
    constant = constant_behind(variable)
    value = None if constant is None else constant.scalar
    if value is None:
        return None
    casts: list[Cast] = []
    while (node := variable.owner) is not None:
        if isinstance(node.op, Cast):
            casts.append(node.op)
        variable = node.inputs[0]
    for op in reversed(casts):
        value = op.numpy(np.asarray(value))[()]
    return value


def _is_number(variable: Variable, wanted: Any) -> bool:
    value = number(variable)
    if value is None or value != wanted:
        return False
    return bool(value != 0 or np.signbit(value) == np.signbit(wanted))


def equal_constants(a: Variable, b: Variable) -> bool:
    """Whether both are constants of one type and the same bits."""
    return (
        isinstance(a, Constant)
        and isinstance(b, Constant)
        and a.type == b.type
        and isinstance(a.data, np.ndarray)
        and a.data.tobytes() == b.data.tobytes()
    )


# -------------------------------------------------------------------------------------- building


def _widened(bound: Bound, out: Variable) -> Bound:
    """Operands in the result's dtype where that is wider, so that nothing is computed with fewer digits than before."""
    return {name: cast(v, out.dtype) if _is_narrower(v, out) else v for name, v in bound.items()}


def _is_narrower(variable: Variable, out: Variable) -> bool:
    dtype, wanted = variable.dtype, out.dtype
    return (
        dtype not in (wanted, "bool")
        and is_float(dtype) == is_float(wanted)
        and upcast(dtype, wanted) == wanted
    )


def build(pattern: Any, bound: Bound) -> Variable:
    """The expression that a pattern spells for these values of its wildcards."""
    if not isinstance(pattern, Pattern):
        return as_variable(pattern)
    if pattern.op is None:
        return bound[pattern.name]
    operands = pattern.inputs
    if pattern.op.commutative and all(isinstance(operand, Pattern) for operand in operands):
        # In the order in which they were found, so that the student's own order shows through.
        found = list(bound)
        operands = sorted(
            operands, key=lambda operand: min(map(found.index, _wildcards(operand)), default=0)
        )
    return pattern.op(*(build(operand, bound) for operand in operands))


def fit(new: Variable, old: Variable) -> Variable | None:
    """`new` with the dtype of `old`, and repeated to its sizes; None where a size that `old` knows would be forgotten,
    because a check of sizes would go with it. Raises `RuleError` where the ranks differ."""
    if new.type == old.type:
        return new
    if not isinstance(new.type, TensorType) or not isinstance(old.type, TensorType):
        raise RuleError(f"{formula(old)} is {old.type}, {formula(new)} is {new.type}")
    if new.ndim not in (0, old.ndim):
        raise RuleError(f"{formula(old)} has {old.ndim} dimensions, {formula(new)} has {new.ndim}")
    new = cast(new, old.dtype)
    new = new if new.ndim == old.ndim else dimshuffle(new, ["x"] * old.ndim)
    new = broadcast_like(new, old)
    return new if old.type.accepts(new.type) else None
