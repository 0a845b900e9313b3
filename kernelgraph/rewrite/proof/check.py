"""Try to refute a rule: look for numbers for which what it puts in is worse than what it takes out.

A rule that calls itself exact must give the same bits: the same NaNs, infinities and signs of zero.
Any other rule must bring its result no further from the true value than the expression that it
replaces, and must not make a NaN of the inputs disappear. What is found is a counter-example; what
is not found is not a proof.
"""

from __future__ import annotations

import inspect
import itertools
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from kernelgraph.errors import KernelgraphError
from kernelgraph.graph import Graph, Variable
from kernelgraph.op import as_variable
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.proof.comparison import Noise, compare
from kernelgraph.rewrite.proof.counter_example import CounterExample
from kernelgraph.rewrite.proof.operands import Case, is_enumerable, operands
from kernelgraph.rewrite.rule import LhsRhs, Rule
from kernelgraph.rewrite.rules.order import DEFAULT
from kernelgraph.rewrite.words import RANKS
from kernelgraph.types import Shape, TensorType, is_float

_MOST_CASES = {True: 3000, False: 160}
"""How many combinations of values are tried for exact rules, and for others: truth is costly."""

_MOST_STEPS = 200
"""How many steps a rule may make in an example, which is small: then it would not end."""

_DTYPES = ("float64", "float32", "int8", "uint8", "int64", "bool")
_MIXED = (
    ("float32", "float64"), ("float64", "float32"), ("int8", "float64"), ("float32", "int8"),
    ("uint8", "int16"), ("int16", "int8"), ("bool", "float32"),
)  # fmt: skip


@dataclass
class Examination:
    """What became of a rule that was tried: what speaks against it, if anything does; how many
    programs were made of its examples, on how many sets of operands they ran, and for which dtypes
    all operands that there are were among these (then nothing is left to try).
    """

    found: CounterExample | None = None
    programs: int = 0
    cases: int = 0
    enumerated: tuple[str, ...] = ()

    @property
    def counter_example(self) -> str | None:
        """The counter-example as a sentence."""
        return None if self.found is None else self.found.text

    @property
    def code(self) -> str | None:
        """The counter-example as Python, to be run where the rule is defined."""
        return None if self.found is None else self.found.code


def refute(rule: Rule, seed: int = 0) -> str | None:
    """A counter-example to the rule in words, or None if none was found; see `examine`."""
    return examine(rule, seed).counter_example


def examine(rule: Rule, seed: int = 0) -> Examination:
    """Try to find a counter-example.

    The rule's examples are built for all combinations of dtypes and shapes that its domain
    (`where`) admits, and run on special values and random ones; on all values there are, where the
    operands are one or two vectors of bytes.
    """
    random, of_halves = np.random.default_rng(seed), np.random.default_rng(seed)
    result = Examination()
    unbuilt = Unbuilt()
    for rules in ((rule,), (*DEFAULT, rule)):  # some rules find something only after others
        for number in range(len(rule.examples)):
            for case in _cases(rule, number, rules, unbuilt):
                if isinstance(case, CounterExample):
                    result.found = case
                else:
                    halves = any(v.dtype == "float16" for v in case.variables)
                    _try(rule, case, of_halves if halves else random, result)
                if result.found is not None:
                    return result
        if result.programs:
            return result
    result.found = CounterExample(f"{rule.name}: {_why_nothing(rule, unbuilt)}")
    return result


@dataclass
class Unbuilt:
    """What was in the way of building examples: the first error, and whether any was built."""

    error: Exception | None = None
    any_built: bool = False


def _why_nothing(rule: Rule, unbuilt: Unbuilt) -> str:
    if not rule.examples:
        return "it has no example"
    error = unbuilt.error
    if unbuilt.any_built or error is None:
        return "it has nothing for any of its own examples"
    return f"its examples cannot be built: {getattr(error, 'message', error)}"


def _try(rule: Rule, case: Case, random: np.random.Generator, result: Examination) -> None:
    """Run one case on many operands and note what came of it."""
    result.programs += 1
    noise = Noise()
    for values in operands(case, _MOST_CASES[rule.changes is None], random):
        compared = compare(rule, case, values, noise)
        result.cases += compared.elements
        result.found = compared.wrong
        if result.found is not None:
            return
    if is_enumerable(case):
        dtypes = dict.fromkeys((*result.enumerated, *(v.dtype for v in case.variables)))
        result.enumerated = tuple(dtypes)
    result.found = noise.excess(rule)


# ----------------------------------------------------------------------------------------- examples


def _cases(
    rule: Rule, number: int, rules: Sequence[Rule], unbuilt: Unbuilt
) -> Iterator[Case | CounterExample]:
    """An example in all types in which the rule applies; a sentence where that goes wrong."""
    example: Callable[..., LhsRhs] = rule.examples[number]
    names = list(inspect.signature(example).parameters)
    domains = tuple(rule.where.get(name, "") for name in names)
    for dtypes in _dtypes(domains, halves=not rule.by_user):
        for shapes in _shapes(domains):
            types = [TensorType(dtype, shape) for dtype, shape in zip(dtypes, shapes, strict=True)]
            variables = tuple(Variable(t, name) for t, name in zip(types, names, strict=True))
            try:
                written, _ = example(*variables)
                lhs = as_variable(written)
            except KernelgraphError as error:
                unbuilt.error = unbuilt.error or error
                continue  # not defined for these types
            except Exception as error:
                yield CounterExample(
                    f"{rule.name}: its example {number} does not give (lhs, rhs): "
                    f"{type(error).__name__}: {error}"
                )
                return
            unbuilt.any_built = True
            graph = Graph(variables, (lhs,))
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                rewriting = rewrite(graph, rules, most_steps=_MOST_STEPS)
            if caught:
                kinds = ", ".join(map(str, types))
                yield CounterExample(f"{rule.name}: for {kinds}: {caught[0].message}")
            elif any(change.rule is rule for change in rewriting.log):
                truth = rule.changes is not None and is_float(lhs.dtype)
                yield Case(number, variables, domains, graph, rewriting.graph, truth)


def _dtypes(domains: Sequence[str], halves: bool) -> Iterator[tuple[str, ...]]:
    """All operands of one dtype, and some mixtures; `halves`: float16, for rules of the package."""
    mixed = (tuple(itertools.islice(itertools.cycle(pair), len(domains))) for pair in _MIXED)
    tried = (*_DTYPES, "float16") if halves else _DTYPES
    same = ((dtype,) * len(domains) for dtype in tried)
    seen: set[tuple[str, ...]] = set()
    for dtypes in itertools.chain(same, mixed):
        admitted = all(
            "integer" not in domain or not is_float(d)
            for d, domain in zip(dtypes, domains, strict=True)
        )
        if admitted and dtypes not in seen:
            seen.add(dtypes)
            yield dtypes


def _shapes(domains: Sequence[str]) -> Iterator[tuple[Shape, ...]]:
    """The shapes that the domains name, or several that fit each other."""
    named = [next((RANKS[word] for word in d.split() if word in RANKS), None) for d in domains]
    if any(shape is not None for shape in named):
        yield tuple((None,) if shape is None else shape for shape in named)
        return
    for shape in ((None,), (), (None, None)):
        yield (shape,) * len(domains)
    if len(domains) > 1:
        for first in ((1, None), (None, 1), (1, 1)):
            yield (first, *(((None, None),) * (len(domains) - 1)))
            yield (*(((None, None),) * (len(domains) - 1)), first)
    elif domains:
        yield ((1, None),)
