"""Wildcards: the parameters of a rule, and what each may stand for, by its annotation.

In `def softmax_by_hand(x, rest: Factors, total: Sum)`, x is any variable, `total` any op of the
class Sum, whatever its axes, and `rest` the other factors of a product: `rest * exp(x) / y` fits
every product that has exp(x) for a factor and is divided by y, in whatever order it is written.
`others: Terms` is that for a sum, `n: Constant` a number, and
`part(x, *ends)` with `ends: Operands` fits an op however many operands it has.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

import numpy as np

from kernelgraph.graph import Constant, Variable
from kernelgraph.op import Op, as_variable
from kernelgraph.ops.arithmetic import add, mul, neg, sub, true_div
from kernelgraph.ops.sources import constant_size
from kernelgraph.rewrite.factors import Edits, Factor, edit_product, edit_sum, factors, terms
from kernelgraph.symbols import Pattern

_SPREAD = 4
"""So many levels below the root of a product its factors are looked for when something changed."""

Wildcard = Pattern | Op
"""What stands in a pattern for any variable, or for any op."""


class Factors(Pattern):
    """The annotation of a wildcard for the other factors of a product, none included."""

    if TYPE_CHECKING:  # what all operands can do

        def __mul__(self, other: Any) -> Any: ...
        def __rmul__(self, other: Any) -> Any: ...
        def __truediv__(self, other: Any) -> Any: ...


class Terms(Pattern):
    """The annotation of a wildcard for the other terms of a sum, none included."""

    if TYPE_CHECKING:

        def __add__(self, other: Any) -> Any: ...
        def __radd__(self, other: Any) -> Any: ...
        def __sub__(self, other: Any) -> Any: ...


class Operands(Pattern):
    """The annotation of a wildcard for all operands that are left: `part(x, *ends)`."""

    def __iter__(self) -> Iterator[Any]:
        yield self


class Literal(Pattern):
    """A wildcard for constants, through casts and added dimensions: annotated with `Constant`."""


class AnyOp(Op):
    """Any op of these classes; what a wildcard annotated with a class of ops is in a pattern."""

    def __init__(self, name: str, kinds: tuple[type[Op], ...]) -> None:
        self.name = name
        self.kinds = kinds


class Many(Pattern):
    """A product of any number of factors: these above, these below, and what `rest` stands for. Or
    a sum of any number of terms: these are added, these taken away.
    """

    __slots__ = ("above", "below", "is_sum", "parts", "rest")

    def __init__(
        self, written: Pattern, rest: Pattern, above: Sequence[Any], below: Sequence[Any]
    ) -> None:
        super().__init__(written.op, written.inputs, written.name)
        self.rest, self.above, self.below = rest.name, tuple(above), tuple(below)
        self.is_sum = isinstance(rest, Terms)
        self.parts = [(p, False, _name(p)) for p in self.above]
        self.parts += [(p, True, _name(p)) for p in self.below]

    def leaves(self, root: Variable) -> list[Factor]:
        """The factors or terms of a variable that it may fit."""
        return terms(root) if self.is_sum else factors(root)[0]


def _name(part: Any) -> str | None:
    """The name of the op that must have made what a part of a product fits, if it is known."""
    op = part.op if isinstance(part, Pattern) else None
    return None if op is None or isinstance(op, AnyOp) or op == neg else op.name


class Rest(NamedTuple):
    """What the wildcard for other factors or terms stands for: a product or a sum without these."""

    root: Variable
    above: tuple[Factor, ...]
    below: tuple[Factor, ...]
    is_sum: bool

    @property
    def factors(self) -> list[Factor]:
        """The other factors."""
        taken = (*self.above, *self.below)
        return [factor for factor in factors(self.root)[0] if factor not in taken]

    def edited(self, edits: Edits) -> Variable:
        """All with factors or terms replaced or taken out; 1 or 0 where nothing is left of it."""
        found = (edit_sum if self.is_sum else edit_product)(self.root, edits)
        nothing = np.full((1,) * self.root.ndim, 0 if self.is_sum else 1, self.root.dtype)
        return as_variable(nothing) if found is None else found

    @property
    def variable(self) -> Variable:
        """The product of the other factors, or the sum of the other terms."""
        return self.edited({factor.path: None for factor in (*self.above, *self.below)})


def wildcards_of(function: Callable[..., Any], parameters: Sequence[str]) -> dict[str, Wildcard]:
    """The wildcards that these parameters of a function are, by name."""
    annotations = _annotations(function)
    return {name: _wildcard(name, annotations.get(name)) for name in parameters}


def _annotations(function: Callable[..., Any]) -> Mapping[str, Any]:
    """What the annotations of a function mean: mostly, a name of its module."""
    written = function.__annotations__
    known: dict[str, Any] = getattr(function, "__globals__", {})
    try:
        return {name: known[text] for name, text in written.items()}
    except (KeyError, TypeError):
        pass
    try:
        return inspect.get_annotations(function, eval_str=True)
    except (NameError, AttributeError, TypeError, SyntaxError):  # known to type checkers alone
        return written


def _wildcard(name: str, annotation: Any) -> Wildcard:
    kinds = get_args(annotation) or (annotation,)
    if all(isinstance(kind, type) and issubclass(kind, Op) for kind in kinds):
        return AnyOp(name, kinds)
    known = {Factors: Factors, Terms: Terms, Operands: Operands, Constant: Literal}
    kind = known.get(annotation, Pattern) if isinstance(annotation, type) else Pattern
    return kind(None, (), name)


_OPS: Mapping[type[Pattern], tuple[Op, Op]] = {Factors: (mul, true_div), Terms: (add, sub)}


def as_many(pattern: Any, *, flat: bool = False) -> Any:
    """A pattern in which every product that has a wildcard for other factors is a `Many`, and every
    sum that has one for other terms.

    What a graph is compared with is `flat`: its factors are found one by one, however they are put
    together; in what is built, `rest * (2 * x)` has the one factor 2 * x. Raises `ValueError` for
    two such wildcards, or for one that divides or is taken away.
    """
    if not isinstance(pattern, Pattern):
        return pattern
    for kind, ops in _OPS.items():
        above, below = _parts(pattern, kind, flat)
        rests = [part for part in above if isinstance(part, kind)]
        if len(rests) > 1 or any(isinstance(part, kind) for part in below):
            one = "product has one wildcard for its other factors, which multiplies"
            other = "sum has one wildcard for its other terms, which is added"
            raise ValueError(f"a {one if mul in ops else other}")
        if rests:
            above.remove(rests[0])
            parts = [[as_many(part, flat=flat) for part in side] for side in (above, below)]
            return Many(pattern, rests[0], *parts)
    if pattern.op is None:
        return pattern
    return Pattern(pattern.op, [as_many(operand, flat=flat) for operand in pattern.inputs])


def _parts(pattern: Any, kind: type[Pattern], flat: bool) -> tuple[list[Any], list[Any]]:
    """What multiplies in a product and what divides, or what a sum adds and takes away."""
    if not _is_made_by(pattern, _OPS[kind]) or not (flat or _has(pattern, kind)):
        return [pattern], []
    (above, below), (more, less) = (_parts(operand, kind, flat) for operand in pattern.inputs)
    turned = pattern.op is _OPS[kind][1]
    return (above + less, below + more) if turned else (above + more, below + less)


def _is_made_by(pattern: Any, ops: Sequence[Op]) -> bool:
    return isinstance(pattern, Pattern) and pattern.op in ops


def _has(pattern: Any, kind: type[Pattern]) -> bool:
    """Whether a wildcard for others is among the factors of a product or the terms of a sum."""
    if not _is_made_by(pattern, _OPS[kind]):
        return isinstance(pattern, kind)
    return any(_has(operand, kind) for operand in pattern.inputs)


def wildcards(pattern: Any) -> Iterator[str]:
    """The names of the wildcards in a pattern, from left to right."""
    if isinstance(pattern, Pattern):
        if pattern.op is None:
            yield pattern.name
        elif isinstance(pattern.op, AnyOp):
            yield pattern.op.name
        for operand in pattern.inputs:
            yield from wildcards(operand)


def others(pattern: Any) -> Iterator[Any]:
    """What stands in a pattern and is no pattern: its numbers."""
    if not isinstance(pattern, Pattern):
        yield pattern
    else:
        for operand in pattern.inputs:
            yield from others(operand)


def levels(pattern: Any) -> int:
    """How many levels of ops a pattern has."""
    if isinstance(pattern, Many):
        parts = (*pattern.above, *pattern.below)
        return _SPREAD + max(map(levels, parts), default=0)
    if not isinstance(pattern, Pattern) or pattern.op is None:
        return 0
    return 1 + max(map(levels, pattern.inputs), default=0)


def roots_of(pattern: Pattern) -> tuple[Op | type[Op], ...]:
    """The ops, or classes of ops, at which a pattern may fit."""
    if isinstance(pattern, Many):
        return _OPS[Terms if pattern.is_sum else Factors]
    assert pattern.op is not None
    return pattern.op.kinds if isinstance(pattern.op, AnyOp) else (pattern.op,)


# -------------------------------------------------------------------------------------- examples


class _Nothing:
    """No other factors or terms, in an example."""

    def __mul__(self, other: Any) -> Any:
        return other

    __rmul__ = __add__ = __radd__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        return 1 / other

    def __sub__(self, other: Any) -> Any:
        return -other


def examples_of(
    function: Callable[..., Any], holes: Mapping[str, Wildcard], where: Mapping[str, Any]
) -> tuple[Callable[..., Any], ...]:
    """Examples of a rule that its own function builds, of variables in place of wildcards.

    Other factors are one variable in some and none in others. For ops, operands and numbers stand
    those that `where` names; of several ops, each in turn.
    """
    rests = [name for name, hole in holes.items() if isinstance(hole, Factors | Terms)]
    samples = {name: given for name, given in where.items() if not isinstance(given, str)}
    if not rests and not samples:
        return (function,)
    lists = {name: _choices(holes[name], given) for name, given in samples.items()}
    chosen = [dict(zip(lists, values, strict=True)) for values in product(*lists.values())]
    if rests:
        chosen += [{**given, **dict.fromkeys(rests, _Nothing())} for given in chosen]
    return tuple(_example(function, holes, given) for given in chosen)


def _choices(hole: Wildcard, given: Any) -> list[Any]:
    """What may stand for a wildcard in examples."""
    if isinstance(hole, Operands):
        return [[constant_size(size) for size in given]]
    return list(given) if isinstance(given, tuple) else [given]  # pyright: ignore[reportUnknownArgumentType]


def _example(
    function: Callable[..., Any], holes: Mapping[str, Wildcard], given: Mapping[str, Any]
) -> Callable[..., Any]:
    left = [name for name in holes if name not in given]

    def example(*variables: Variable) -> tuple[Any, Any]:
        known = {**given, **dict(zip(left, variables, strict=True))}
        return function(*(known[name] for name in holes))

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = [inspect.Parameter(name, kind) for name in left]
    example.__signature__ = inspect.Signature(parameters)
    return example
