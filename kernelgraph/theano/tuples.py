"""Rules as Theano's users write them: patterns as tuples, one op for another, plain functions.

All become the same `Rule` that the decorators make. A function that knows no example cannot be
tried before it is used.

>>> from kernelgraph.ops.arithmetic import mul, true_div
>>> simplify = pattern_sub((true_div, (mul, "x", "y"), "y"), "x", name="simplify")
>>> print(simplify)
simplify: x * y / y -> x   # x * y / y is written as x.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from keyword import iskeyword
from typing import Any, cast

from kernelgraph.elementwise import DimShuffle
from kernelgraph.errors import RuleError, capture_origins
from kernelgraph.expect import expect_kind, expect_list, expect_name, shortened, text_of, unfit
from kernelgraph.graph import Apply, Variable
from kernelgraph.names import normal
from kernelgraph.op import Op, as_variable
from kernelgraph.rewrite.matching import wildcards
from kernelgraph.rewrite.mistakes import check_definition
from kernelgraph.rewrite.notation import formula
from kernelgraph.rewrite.rule import (
    ComputedRule,
    PatternRule,
    Recipe,
    Replacement,
    computed_rule,
    rule,
)
from kernelgraph.symbols import Pattern

Written = Any
"""A pattern as a tuple: (op, operand, …). A text is a wildcard, a number a constant, and a dict
{"pattern": …, "constraint": …} a part that a function of the variable must admit.
"""

Constraint = Callable[[Variable], bool]


def pattern_sub(
    before: Written,
    after: Written,
    name: str | None = None,
    *,
    why: str | None = None,
    changes: str | None = None,
) -> PatternRule:
    """A rule from two patterns written as tuples, as Theano's `PatternSub`.

    `why` defaults to a sentence made of both sides. Raises `RuleError` for what is no pattern, and
    for wildcards that are no names or stand on the right side only.
    """
    for option, what in ((name, "name"), (why, "why"), (changes, "changes")):
        expect_name(option, what)
    constraints: dict[str, Constraint] = {}
    left, right = _pattern(before, constraints), _pattern(after, {})
    holes = list(dict.fromkeys(wildcards(left)))
    _check_sides(left, right, holes)

    def definition(*given: Any) -> tuple[Any, Any]:
        known = dict(zip(holes, given, strict=True))
        return _filled(left, known), _filled(right, known)

    label = name or f"pattern_sub_{_words(left)}"
    reason = why or f"{formula(left)} is written as {formula(right)}."
    _describe(definition, label, reason, holes)
    decorate = rule(
        changes=changes,
        when=lambda match: all(holds(match[hole]) for hole, holds in constraints.items()),
    )
    recipe = partial(pattern_sub, why=why, changes=changes), (before, after, name)
    return _defined_here(decorate(definition), recipe)


def _check_sides(left: Any, right: Any, holes: Sequence[str]) -> None:
    if not isinstance(left, Pattern) or left.op is None:
        raise RuleError(f"the left side is no op of its wildcards: {text_of(left)}")
    for hole in holes:
        if not hole.isidentifier() or iskeyword(hole):
            raise RuleError(f"{hole!r} is no wildcard", hint="a wildcard is a name, such as 'x'")
    unknown = sorted(set(wildcards(right)) - set(holes))
    if unknown:
        raise RuleError(
            f"{', '.join(map(shortened, unknown))} is on the right side only: "
            f"{shortened(formula(right))}"
        )


def _defined_here(made: Any, recipe: Recipe) -> Any:
    """The rule as one that the line of the user defines which asked for it."""
    origins = capture_origins()
    return replace(made, definition=origins[0] if origins else made.definition, recipe=recipe)


def op_sub(old: Op, new: Op, name: str | None = None) -> ComputedRule:
    """A rule that puts `new` wherever `old` is, as Theano's `OpSub`. Raises `ArgumentError`."""
    for op, what in ((old, "the op to replace"), (new, "the op in its place")):
        expect_kind(op, Op, what, "an op", "an op itself, T.exp, not what it makes, T.exp(x)")
    expect_name(name, "name")

    def substitute(node: Apply) -> Variable:
        return new.make_node(*node.inputs).out

    return _defined_here(
        node_rewriter([old], name or f"{old.name}_to_{new.name}")(
            _explained(substitute, f"{old.name} is computed as {new.name}.")
        ),
        (op_sub, (old, new, name)),
    )


def op_remove(op: Op, name: str | None = None) -> ComputedRule:
    """A rule that leaves out an op of one operand: Theano's `OpRemove`. Raises `ArgumentError`."""
    expect_kind(op, Op, "the op to leave out", "an op", "the op itself, T.exp, not T.exp(x)")
    expect_name(name, "name")

    def remove(node: Apply) -> Variable | None:
        return node.inputs[0] if len(node.inputs) == 1 else None

    return _defined_here(
        node_rewriter([op], name or f"remove_{op.name}")(
            _explained(remove, f"{op.name} is left out.")
        ),
        (op_remove, (op, name)),
    )


def node_rewriter(
    tracks: Sequence[Op | type[Op]], name: str | None = None
) -> Callable[[Callable[..., Replacement]], ComputedRule]:
    """Decorator: a computed rule with no example, as Theano's `local_optimizer`.

    The function gets a node and returns None (or False) for nothing, a variable, or a list of one
    for each output. With no example nothing can be tried before it is used; prefer `computed_rule`.
    """
    expect_name(name, "name")
    tracked = expect_list(tracks, "what is tracked", "ops", "local_optimizer([T.exp])")

    def decorate(function: Callable[..., Any]) -> ComputedRule:
        check_definition(function)

        def ask(node: Apply) -> Replacement:
            found = function(node)
            return None if found is None or found is False else found

        sentence = (function.__doc__ or f"As {function.__name__} says.").strip()
        _describe(ask, name or function.__name__, sentence, ["node"])
        made = computed_rule(on=tracked, examples=[], changes="what its author knows")(ask)
        recipe = _node_rewriter, (function, tracked, name)
        return replace(made, definition=(function.__code__, 0), recipe=recipe)

    return decorate


def _node_rewriter(function: Callable[..., Any], tracks: Any, name: str | None) -> ComputedRule:
    return node_rewriter(tracks, name)(function)


def _pattern(written: Written, constraints: dict[str, Constraint]) -> Any:
    match written:
        case str():
            return Pattern(None, (), normal(written))
        case {"pattern": str(hole), "constraint": holds} if callable(holds):
            constraints[normal(hole)] = cast("Constraint", holds)
            return Pattern(None, (), normal(hole))
        case {"pattern": _, "constraint": _}:
            raise RuleError(
                "a constraint is a function that is asked about a wildcard; "
                f"{text_of(written)} has none",
                hint='write {"pattern": "x", "constraint": …}, or a rule with when=',
            )
        case {"pattern": inner}:
            return _pattern(inner, constraints)
        case range():
            raise unfit("a pattern", "(op, operand, …)", written)
        case (Op() as op, *operands):
            return Pattern(op, [_pattern(operand, constraints) for operand in operands])
        case int() | float():
            as_variable(written)  # raises for an integer that no dtype holds
            return written
        case _:
            raise RuleError(
                f"{text_of(written)} is no pattern",
                hint='write (op, operand, …) with ops, "x" for wildcards, and numbers',
            )


def _filled(pattern: Any, known: dict[str, Any]) -> Any:
    """The pattern with something in its holes: variables, or holes again."""
    if not isinstance(pattern, Pattern):
        return pattern
    if pattern.op is None:
        return known[pattern.name]
    operands = [_filled(operand, known) for operand in pattern.inputs]
    if any(isinstance(v, Variable) for v in known.values()):
        return pattern.op(*operands)
    return Pattern(pattern.op, operands)


def _words(pattern: Any) -> str:
    """The names of a pattern's ops, as a name."""
    if not isinstance(pattern, Pattern) or pattern.op is None:
        return ""
    inner = [word for word in map(_words, pattern.inputs) if word]
    name = "shuffle" if isinstance(pattern.op, DimShuffle) else pattern.op.name
    return "_of_".join([name, *inner[:1]])


def _explained(function: Callable[..., Any], sentence: str) -> Callable[..., Any]:
    function.__doc__ = sentence
    return function


def _describe(function: Any, name: str, sentence: str, parameters: Sequence[str]) -> None:
    """Give a function that was made here the name, the reason and the signature of a rule."""
    function.__name__ = name
    function.__doc__ = sentence
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    function.__signature__ = inspect.Signature([inspect.Parameter(p, kind) for p in parameters])
