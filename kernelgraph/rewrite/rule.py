"""Rules: what may be written in place of what, and why.

A rule written with wildcards comes in as a function that returns (lhs, rhs); a computed rule
as a function of one node. Both become a `Rule`, which the engine asks, node by node, for something
better. Rules are data: the stepper, the documentation and the test that tries to refute each of
them read the same record.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any, cast, overload

import numpy as np

from kernelgraph.errors import Location, Origin, RuleError, resolve
from kernelgraph.expect import text_of
from kernelgraph.function_graph import FunctionGraph
from kernelgraph.graph import (
    Apply,
    Constant,
    Graph,
    SharedVariable,
    Variable,
    describe,
    leaves,
    walk,
)
from kernelgraph.hooks import Displayed
from kernelgraph.lazy import cached_property
from kernelgraph.names import normal_keys
from kernelgraph.op import Op
from kernelgraph.pickling import by_name, has_name, name_after, named
from kernelgraph.rewrite.matching import Match, fit, matches, replacement
from kernelgraph.rewrite.mistakes import (
    check_computed,
    check_definition,
    check_examples,
    check_options,
    parameters_of,
    wrong,
)
from kernelgraph.rewrite.needs import Needs, needs_among, needs_of
from kernelgraph.rewrite.notation import formula
from kernelgraph.rewrite.wildcards import (
    Factors,
    Rest,
    Terms,
    Wildcard,
    as_many,
    examples_of,
    levels,
    others,
    roots_of,
    wildcards,
    wildcards_of,
)
from kernelgraph.symbols import Pattern
from kernelgraph.types import is_complex, listed

LhsRhs = tuple[Any, Any]
"""Before and rhs: patterns, or variables."""

Example = (
    Callable[[], LhsRhs]
    | Callable[[Any], LhsRhs]
    | Callable[[Any, Any], LhsRhs]
    | Callable[[Any, Any, Any], LhsRhs]
)
"""Builds (lhs, rhs) of variables."""

Guard = Callable[[Match], bool]

Recipe = tuple[Callable[..., Any], tuple[Any, ...]]

Replacement = Variable | Sequence[Variable | None] | None
"""What a rule has for a node: something for its only output, for each output, or nothing."""

Asked = Callable[[Apply], Replacement]

Rewrite = Callable[[Graph], Graph]
"""Rewrites another graph with the same rules; the graph itself where there is nothing to do."""


@dataclass(frozen=True, eq=False, repr=False)
class Rule(Displayed):
    """One way to write something better.

    `changes` is None for a rule that is exact to the bit, else it says what changes ("rounding").
    `roots` are the ops, or classes of ops, at which the rule looks, `depth` how many levels of
    operands it sees. `where` gives the domains of the examples' variables, in words: "finite",
    "positive", "negative", "moderate" (exp is far from its limits), "unit" (0 to 1), "integer";
    "scalar", "vector", "row", "column", "matrix", "single" (one element).
    """

    name: str
    why: str
    phase: str
    changes: str | None
    roots: tuple[Op | type[Op], ...]
    depth: int
    definition: Origin
    where: Mapping[str, str] = field(default_factory=dict[str, str])
    examples: tuple[Example, ...] = ()
    needs: Needs | None = field(default=None, kw_only=True)
    """What must be near a node, so that the rule is asked about it."""
    late: bool = field(default=False, kw_only=True)
    """Whether it waits until the others of its phase have nothing left to do."""
    over_complex: bool = field(default=False, kw_only=True)
    """Whether it is exact for complex numbers, too; if not, it is not asked about them."""
    over_halves: bool = field(default=True, kw_only=True)
    """Whether it also holds for float16; if not, it is not asked about it."""
    recipe: Recipe | None = field(default=None, kw_only=True)
    """What makes the rule anew where it is not known by its name: a function and its arguments."""

    @property
    def written(self) -> Callable[..., Any] | None:
        """The function that the user wrote, if a decorator made the rule of it."""
        return None if self.recipe is None else self.recipe[1][0]

    @property
    def by_user(self) -> bool:
        """Whether it was written elsewhere, not in this package."""
        module = getattr(self.written, "__module__", None) or "kernelgraph."
        return self.phase == "user" or not module.startswith("kernelgraph.")

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Where a decorator made it, pickle finds it under the function's name; else anew."""
        function = self.written
        if self.recipe is None and has_name(self, type(self).__module__, self.name):
            return named, (type(self).__module__, self.name)
        found = None if function is None else by_name(self, function)
        if found is not None or self.recipe is None:
            return found or super().__reduce_ex__(protocol)
        guard = getattr(self, "when", None)
        if guard is not None and guard is not _always:
            name_after(guard, function)
        return made_anew, (self.recipe, resolve(self.definition))

    def __deepcopy__(self, memo: Any) -> Rule:
        return self  # it cannot be changed

    @cached_property
    def place(self) -> Location:
        """Where the rule is written: file and line."""
        return resolve(self.definition)

    def suits(self, node: Apply) -> bool:
        """Whether it may be asked about a node of complex numbers, or of float16."""
        if self.by_user:
            return True
        near = *_operands(node, self.depth), *node.outputs
        dtypes = {str(getattr(variable.type, "dtype", "")) for variable in near}
        if any(map(is_complex, dtypes)):
            return self.over_complex
        return self.over_halves or "float16" not in dtypes

    def start(self, graph: FunctionGraph, rewrite: Rewrite) -> Asked:
        """The function that is asked about each node of `graph`."""
        raise NotImplementedError

    def __str__(self) -> str:
        return f"{self.name}   # {self.why}"

    def __repr__(self) -> str:
        return f"<rule {self.name}>"


@dataclass(frozen=True, eq=False, repr=False)
class ComputedRule(Rule):
    """A rule whose result a function works out from a node and its graph."""

    function: Callable[[Apply, FunctionGraph], Replacement] = lambda node, graph: None

    def start(self, graph: FunctionGraph, rewrite: Rewrite) -> Asked:
        def ask(node: Apply) -> Replacement:
            found = self.function(node, graph)
            if found is None:
                return None
            _check_found(listed(found), node, graph, self.depth)
            return fit(found, node.out) if isinstance(found, Variable) else found

        return ask


def _check_found(found: Sequence[Any], node: Apply, graph: FunctionGraph, depth: int) -> None:
    """Checks: a variable (or None) for each output, of what the graph has without the node."""
    if len(found) != len(node.outputs) or not all(isinstance(v, Variable | None) for v in found):
        raise RuleError(
            f"{node.op} needs a variable or None for each of its {len(node.outputs)} outputs, "
            f"not {', '.join(map(str, found)) or 'nothing'}"
        )
    new = [v for v in found if v is not None and v.owner is not node]
    near = _operands(node, depth)  # nothing below the node needs it, so nobody has to look there
    if any(needed is node for needed in walk(new, near)):
        raise RuleError(f"{formula(new[0])} still needs what it would replace")
    known = near.union(graph.inputs)
    for end in leaves(new, near):
        if end not in known and not isinstance(end, Constant | SharedVariable):
            raise RuleError(f"{describe(end)} is no variable of the graph")


def _operands(node: Apply, depth: int) -> set[Variable]:
    """What the node is made of, within so many levels."""
    found: set[Variable] = set()
    level = [node]
    for _ in range(depth):
        operands = {operand for user in level for operand in user.inputs} - found
        found |= operands
        level = [operand.owner for operand in operands if operand.owner is not None]
    return found


def _always(match: Match) -> bool:
    return True


@dataclass(frozen=True, eq=False, repr=False)
class PatternRule(Rule):
    """A rule that is a pair of patterns."""

    lhs: Pattern = field(default_factory=lambda: Pattern(None, ()))
    rhs: Any = None
    """A pattern; None where the function is asked for it once the wildcards stand for something."""
    when: Guard = _always
    holes: Mapping[str, Wildcard] = field(default_factory=dict[str, Wildcard], kw_only=True)

    def start(self, graph: FunctionGraph, rewrite: Rewrite) -> Asked:
        return lambda node: self.apply(node, graph)

    def apply(self, node: Apply, graph: FunctionGraph | None = None) -> Variable | None:
        """`rhs` in terms of what the wildcards stand for, if `lhs` fits."""
        for match in matches(self.lhs, node, graph):
            if self.when(match):
                return replacement(self._after(match), match)
        return None

    def _after(self, match: Match) -> Any:
        if self.rhs is not None or self.written is None:
            return self.rhs
        known: list[Any] = []
        for name, hole in self.holes.items():
            found = match.bound[name]
            if isinstance(found, Rest):  # of the product that is replaced, they stay in place
                found = hole if found.root is match.node.out else found.variable
            known.append(found)
        return as_many(self.written(*known)[1]())

    def __str__(self) -> str:
        rhs = "…" if self.rhs is None else formula(self.rhs)
        return f"{self.name}: {formula(self.lhs)} -> {rhs}   # {self.why}"


PatternFunction = Callable[..., LhsRhs]


@overload
def rule(function: PatternFunction, /) -> PatternRule: ...
@overload
def rule(
    *,
    phase: str = "user",
    changes: str | None = None,
    when: Guard | None = None,
    where: Mapping[str, Any] | None = None,
    examples: Sequence[Example] = (),
    late: bool = False,
    over_complex: bool = False,
    over_halves: bool = True,
) -> Callable[[PatternFunction], PatternRule]: ...
def rule(
    function: PatternFunction | None = None,
    /,
    *,
    phase: str = "user",
    changes: str | None = None,
    when: Guard | None = None,
    where: Mapping[str, Any] | None = None,
    examples: Sequence[Example] = (),
    late: bool = False,
    over_complex: bool = False,
    over_halves: bool = True,
) -> Any:
    """Decorator: a rule from a function of wildcards that returns (lhs, rhs).

    The function's name is the rule's name, its docstring says why. Numbers match constants of that
    value through casts and added dimensions; a wildcard used twice stands for one variable;
    operands of commutative ops match in any order. A wildcard annotated with a class of ops stands
    for any op of the class, `rest: Factors` for the other factors of a product (`Terms` of a sum),
    `*ends` with `ends: Operands` for all operands that are left: see `rewrite/wildcards.py`.

    Where `rhs` depends on dtypes, dimensions or axes it is a function without parameters: when
    the pattern fits, the rule's function is called again with what the wildcards stand for.

    `phase` is when the rule is asked, `when` is asked whether a match counts, a `late` rule waits
    for the others of its phase; `over_complex` promises that it is exact for complex numbers, about
    which it is not asked otherwise; without `over_halves` it is not asked about float16. For tests,
    `where` says in words what variables are like, and which ops, operands or numbers stand for
    wildcards; or `examples` build (lhs, rhs) of variables.
    Raises `RuleError` for a function that does not say why, and for sides that are not patterns of
    its parameters, at the line of the function.

    >>> from kernelgraph.ops.functions import exp, log
    >>> @rule
    ... def log_of_product_with_exp(x, rest: Factors):
    ...     '''The logarithm undoes exp.'''
    ...     return log(exp(x) * rest), x + log(rest)
    >>> print(log_of_product_with_exp)
    log_of_product_with_exp: log(exp(x) * rest) -> x + log(rest)   # The logarithm undoes exp.
    """

    def decorate(definition: PatternFunction) -> PatternRule:
        flags = late, over_complex, over_halves
        return _pattern_rule(definition, phase, changes, when, where, flags, examples)

    return decorate if function is None else decorate(function)


def _pattern_rule(
    definition: PatternFunction, phase: str, changes: str | None, when: Guard | None, where: Any,
    flags: tuple[bool, bool, bool], examples: Sequence[Example] = (),
) -> PatternRule:  # fmt: skip
    """The rule of a function; without examples it makes them itself."""
    parameters = check_definition(definition)
    check_examples(definition, examples)
    name, why = _name_and_reason(definition)
    holes = wildcards_of(definition, parameters)
    variables = chain(parameters, _variables(examples))
    given = normal_keys(where)
    check_options(definition, variables, phase, changes, when, given)
    given: dict[str, Any] = dict(given or {})
    lhs, rhs = _sides(definition, list(holes.values()))
    _check_sides(definition, lhs, rhs)
    return PatternRule(
        name, why, phase, changes, roots_of(lhs), levels(lhs),
        _origin(definition), {n: words for n, words in given.items() if isinstance(words, str)},
        tuple(examples) or examples_of(definition, holes, given),
        lhs, None if callable(rhs) else rhs, when or _always, holes=holes,
        needs=needs_of(lhs), late=flags[0], over_complex=flags[1], over_halves=flags[2],
        recipe=(_pattern_rule, (definition, phase, changes, when, where, flags)),
    )  # fmt: skip


def _variables(examples: Sequence[Example]) -> Iterator[str]:
    """The parameters of examples."""
    return (name for example in examples for name in parameters_of(example))


def _check_sides(definition: PatternFunction, lhs: Any, rhs: Any) -> None:
    """Raises `RuleError` for what is no pattern, and for what only the right side has."""
    if not isinstance(lhs, Pattern) or lhs.op is None:
        raise wrong(definition, f": its left side is no op of its wildcards: {text_of(lhs)}")
    right = [] if callable(rhs) else [rhs]
    unknown = {name for side in right for name in wildcards(side)} - set(wildcards(lhs))
    if unknown:
        raise wrong(definition, f": {', '.join(sorted(unknown))} is on its right side only")
    for item in (item for side in (lhs, *right) for item in others(side)):
        if not isinstance(item, int | float | np.number):
            raise wrong(definition, f": {text_of(item)} is neither a wildcard nor a number")


def unwritten(lhs: Any) -> LhsRhs:
    """Both sides of an example whose right side is too long for the page of rules: the left one."""
    return lhs, lhs


def computed_rule(
    *,
    on: Sequence[Op | type[Op]],
    examples: Sequence[Example],
    phase: str = "user",
    changes: str | None = None,
    where: Mapping[str, str] | None = None,
    depth: int = 2,
    factor: Sequence[Op | type[Op]] = (),
    divisor: Sequence[Op | type[Op]] = (),
    late: bool = False,
    over_complex: bool = False,
    over_halves: bool = True,
) -> Callable[[Callable[..., Replacement]], ComputedRule]:
    """Decorator: a rule from a function of a node, or of a node and its graph.

    The function is asked about every node whose op is in `on`. It returns a variable, one for each
    output (None to keep it), or None for nothing. `examples` build (lhs, rhs) of variables:
    they are tests and documentation. Of a product, a rule may ask that one of the ops in `factor`
    has made a factor of it, one of those in `divisor` what divides it: nodes for which that is not
    so cost nothing. `late`, `over_complex` and `over_halves` are those of `rule`. Raises
    `RuleError` for a function that does not say why, at the line of the function.
    """

    def decorate(function: Callable[..., Replacement]) -> ComputedRule:
        takes_graph = check_computed(function, on, factor, divisor, examples)
        name, why = _name_and_reason(function)
        domains = normal_keys(where)
        check_options(function, _variables(examples), phase, changes, None, domains)
        options: dict[str, Any] = {
            "on": tuple(on), "phase": phase, "changes": changes, "depth": depth,
            "factor": tuple(factor), "divisor": tuple(divisor), "late": late,
            "over_complex": over_complex, "over_halves": over_halves,
        }  # fmt: skip
        return ComputedRule(
            name, why, phase, changes, tuple(on), depth, _origin(function),
            dict(domains or {}), tuple(examples),
            function if takes_graph else lambda node, graph: function(node),
            needs=needs_among(factor, divisor), late=late, over_complex=over_complex,
            over_halves=over_halves, recipe=(_computed_rule_of, (function, where, options)),
        )  # fmt: skip

    return decorate


def _computed_rule_of(
    function: Callable[..., Replacement], where: Any, options: Mapping[str, Any]
) -> ComputedRule:
    """The decorator as a function of all it was given but the examples, which are tests."""
    return replace(computed_rule(examples=(), **options)(function), where=where or {})


def made_anew(recipe: Recipe, definition: Origin) -> Rule:
    """A rule from what made it, in another process."""
    make, arguments = recipe
    return replace(make(*arguments), definition=definition)


def _sides(definition: PatternFunction, holes: Sequence[Wildcard]) -> LhsRhs:
    """Both sides, of wildcards."""
    try:
        sides: Any = definition(*holes)
    except AttributeError as error:
        if not isinstance(error.obj, Pattern):
            raise
        # A hole has neither a dtype nor dimensions.
        hint = "what depends on dimensions and dtypes is a function: return lhs, lambda: rhs"
        raise wrong(definition, f" is no pattern: {error}", hint) from error
    except RuleError as error:
        raise wrong(definition, f" is no pattern: {error.message}", error.hint) from error
    if not isinstance(sides, tuple) or len(sides) != 2:  # pyright: ignore[reportUnknownArgumentType]
        raise wrong(definition, f" must return (lhs, rhs), not {text_of(sides)}")
    lhs, rhs = cast("LhsRhs", sides)
    if not any(isinstance(hole, Factors | Terms) for hole in holes):
        return lhs, rhs
    try:
        return as_many(lhs, flat=True), rhs if callable(rhs) else as_many(rhs)
    except ValueError as error:
        raise wrong(definition, f" is no pattern: {error}") from error


def _name_and_reason(function: Callable[..., Any]) -> tuple[str, str]:
    why = inspect.getdoc(function)
    if not why and sys.flags.optimize > 1:  # python -OO takes docstrings out
        why = _docstring_in_file(function)
    if not why:
        raise wrong(function, " does not say why", "write a docstring of one sentence")
    return function.__name__, " ".join(why.split("\n\n")[0].split())


def _docstring_in_file(function: Callable[..., Any]) -> str:
    """The docstring of a function as its file has it."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, SyntaxError):
        return "Why is not known here: python -OO takes docstrings out."
    (definition,) = tree.body
    assert isinstance(definition, ast.FunctionDef)
    return ast.get_docstring(definition) or ""


def _origin(function: Callable[..., Any]) -> Origin:
    return function.__code__, 0
