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
from typing import Any

import numpy as np

from kernelgraph.errors import KernelgraphError
from kernelgraph.graph import Graph, Variable
from kernelgraph.interpret import interpret
from kernelgraph.op import as_variable
from kernelgraph.rewrite.engine import DEFAULT, rewrite
from kernelgraph.rewrite.notation import formula
from kernelgraph.rewrite.rule import Rule, Sides
from kernelgraph.rewrite.truth import error_in_digits, true_values
from kernelgraph.types import Array, Shape, TensorType, is_float

SLACK = 2.0
"""By how many units of the last digit a rule may be worse that is not exact: a rounding or two."""

CANCELS = "rounding where terms cancel"
"""What a rule changes whose old and new forms both take two numbers from each other: where those
are nearly alike, what is left is noise on either side, and the new may have some more of it.
"""

_CANCELLING = 8.0

_DTYPES = ("float64", "float32", "int8", "uint8", "int64", "bool")
_MIXED = (
    ("float32", "float64"), ("float64", "float32"), ("int8", "float64"), ("float32", "int8"),
    ("uint8", "int16"), ("int16", "int8"), ("bool", "float32"),
)  # fmt: skip
RANKS: dict[str, Shape] = {
    "scalar": (), "vector": (None,), "row": (1, None), "column": (None, 1), "single": (1, 1),
    "matrix": (None, None),
}  # fmt: skip
_SIZES = ((2, 3), (3, 3))
_MODERATE = 60
"""What "moderate" numbers stay below: their exponentials are far from any limit."""
_BYTES = ("int8", "uint8", "bool")
_MOST_CASES = {True: 3000, False: 160}
"""How many combinations of values are tried for exact rules, and for others: truth is costly."""


@dataclass(frozen=True)
class _Case:
    """One example of a rule for variables of certain types."""

    variables: tuple[Variable, ...]
    domains: tuple[str, ...]
    before: Graph
    after: Graph


@dataclass
class Examination:
    """What became of a rule that was tried: a counter-example if there is one, how many programs
    were made of its examples, on how many sets of operands they ran, and for which dtypes all
    operands that there are were among these (then nothing is left to try).
    """

    counter_example: str | None = None
    programs: int = 0
    cases: int = 0
    enumerated: tuple[str, ...] = ()


def refute(rule: Rule, seed: int = 0) -> str | None:
    """A counter-example to the rule in words, or None if none was found; see `examine`."""
    return examine(rule, seed).counter_example


def examine(rule: Rule, seed: int = 0) -> Examination:
    """Try to find a counter-example.

    The rule's examples are built for all combinations of dtypes and shapes that its domain
    (`where`) admits, and run on special values and random ones; on all values there are, where the
    operands are one or two vectors of bytes.
    """
    random = np.random.default_rng(seed)
    found = Examination()
    for rules in ((rule,), (*DEFAULT, rule)):  # some rules find something only after others
        for example in rule.examples:
            for case in _cases(rule, example, rules):
                if isinstance(case, str):
                    found.counter_example = case
                    return found
                found.programs += 1
                found.counter_example = _compare(rule, case, random, found)
                if found.counter_example:
                    return found
        if found.programs:
            return found
    found.counter_example = f"{rule.name}: it has nothing for any of its own examples"
    return found


# ----------------------------------------------------------------------------------------- examples


def _cases(
    rule: Rule, example: Callable[..., Sides], rules: Sequence[Rule]
) -> Iterator[_Case | str]:
    """The example in all types in which the rule applies; a text where applying it goes wrong."""
    names = list(inspect.signature(example).parameters)
    domains = tuple(rule.where.get(name, "") for name in names)
    for dtypes in _dtypes(domains):
        for shapes in _shapes(domains):
            types = [TensorType(dtype, shape) for dtype, shape in zip(dtypes, shapes, strict=True)]
            variables = tuple(Variable(t, name) for t, name in zip(types, names, strict=True))
            try:
                before = as_variable(example(*variables)[0])
            except KernelgraphError:
                continue  # not defined for these types
            graph = Graph(variables, (before,))
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                rewriting = rewrite(graph, rules)
            if caught:
                yield f"{rule.name}: for {', '.join(map(str, types))}: {caught[0].message}"
            elif any(change.rule is rule for change in rewriting.log):
                yield _Case(variables, domains, graph, rewriting.graph)


def _dtypes(domains: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """All operands of one dtype, and some mixtures."""
    mixed = (tuple(itertools.islice(itertools.cycle(pair), len(domains))) for pair in _MIXED)
    same = ((dtype,) * len(domains) for dtype in _DTYPES)
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
    named = [
        next((RANKS[word] for word in domain.split() if word in RANKS), None) for domain in domains
    ]
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


# ------------------------------------------------------------------------------------------- values


def _special(dtype: str) -> Array:
    if dtype == "bool":
        return np.array([False, True])
    if not is_float(dtype):
        lowest, highest = np.iinfo(dtype).min, np.iinfo(dtype).max
        return np.array([0, 1, 2, 5, 100, lowest, lowest + 1, highest], dtype)
    info = np.finfo(dtype)
    large = 700.0 if dtype == "float64" else 80.0
    limits = [float(x) for x in (info.smallest_subnormal, info.tiny, info.eps, info.max, np.inf)]
    near_one = [1.0, 1 + float(info.eps), 1 - float(info.epsneg)]
    positive = [0.0, *limits, *near_one, 0.5, 2.0, 3.7, 20.0, 40.0, large, 1.1 * large, 1e-3, 1e-8]
    return np.array([*positive, *(-x for x in positive), np.nan], dtype=dtype)


def _pool(dtype: str, domain: str, random: np.random.Generator, whole: bool = False) -> Array:
    """Special values and random ones of a dtype (or the `whole` of it), inside a domain."""
    values = _special(dtype)
    if whole and dtype != "bool":
        values = np.arange(256, dtype="uint8").view(dtype)
    if is_float(dtype):
        normal = random.normal(size=12)
        spread = np.exp(random.uniform(-30, 30, size=6)) * random.choice([-1, 1], size=6)
        values = np.concatenate([values, normal.astype(dtype), spread.astype(dtype)])
    words = domain.split()
    if is_float(dtype) and "bounded" in words:
        values = values[~np.isinf(values)]
    if is_float(dtype) and set(words) & {"finite", "positive", "unit"}:
        values = values[np.isfinite(values)]
    if "positive" in words:
        values = np.unique(np.abs(values[(np.abs(values) > 1e-4) & (np.abs(values) < 1e4)]))
    if "moderate" in words:
        values = values[np.abs(values) < _MODERATE]
    if "unit" in words:
        values = values[(values >= 0) & (values <= 1)]
    return values


def _values(case: _Case, most: int, random: np.random.Generator) -> Iterator[list[Array]]:
    """Values: for vectors all combinations of the pools, at most `most`, else some of them."""
    whole = _is_enumerable(case)
    most = 2**16 if whole else most
    pools = [
        _pool(v.dtype, domain, random, whole)
        for v, domain in zip(case.variables, case.domains, strict=True)
    ]
    if case.variables and all(v.ndim == 1 for v in case.variables):
        grid = [axis.reshape(-1) for axis in np.meshgrid(*pools, indexing="ij")]
        count = len(grid[0])
        chosen = np.arange(count) if count <= most else random.choice(count, most, replace=False)
        yield [axis[chosen] for axis in grid]
        yield [axis[:0] for axis in grid]
        return
    for sizes in _SIZES:
        for _ in range(3):
            shapes = [_filled(v.tensor_type.shape, sizes) for v in case.variables]
            yield [
                np.asarray(random.choice(pool, shape))
                for pool, shape in zip(pools, shapes, strict=True)
            ]


def _is_enumerable(case: _Case) -> bool:
    """Whether all values that there are can be tried: of one or two vectors of bytes."""
    small = all(v.dtype in _BYTES and v.ndim == 1 for v in case.variables)
    return small and 1 <= len(case.variables) <= 2


def _filled(shape: Shape, sizes: Sequence[int]) -> tuple[int, ...]:
    return tuple(sizes[axis] if size is None else size for axis, size in enumerate(shape))


# --------------------------------------------------------------------------------------- comparison


def _compare(
    rule: Rule, case: _Case, random: np.random.Generator, found: Examination
) -> str | None:
    noise = _Noise() if rule.changes == CANCELS else None
    for values in _values(case, _MOST_CASES[rule.changes is None], random):
        try:
            (before,) = interpret(case.before, values)
        except KernelgraphError:
            continue  # these sizes do not fit each other
        (after,) = interpret(case.after, values)
        found.cases += max(1, before.size)
        if before.dtype != after.dtype or before.shape != after.shape:
            return f"{rule.name}: {before.dtype}{before.shape} becomes {after.dtype}{after.shape}"
        if rule.changes is None:
            wrong = _first_difference(before, after)
        else:
            wrong = _first_worse(case, values, before, after, noise)
        if wrong is not None:
            index, note = wrong
            return _tell(rule, case, values, (before, after), index, note)
    if _is_enumerable(case):
        dtypes = dict.fromkeys((*found.enumerated, *(v.dtype for v in case.variables)))
        found.enumerated = tuple(dtypes)
    if noise is not None and noise.new > _CANCELLING * noise.old + SLACK:
        return (
            f"{rule.name}: where terms cancel, it is off by up to {noise.new:.3g} units of the "
            f"last digit, not {noise.old:.3g}"
        )
    return None


Index = tuple[int, ...]


def _first_difference(before: Array, after: Array) -> tuple[Index, str] | None:
    """The first place where the bits differ; NaNs are all alike."""
    same = before == after
    if before.dtype.kind == "f":
        same &= np.signbit(before) == np.signbit(after)
        same |= np.isnan(before) & np.isnan(after)
    places = np.argwhere(~same)
    return (tuple(map(int, places[0])), "") if len(places) else None


@dataclass
class _Noise:
    """The largest errors of the old form and the new one, over all values of a case."""

    old: float = 0.0
    new: float = 0.0


def _first_worse(
    case: _Case, values: Sequence[Array], before: Array, after: Array, noise: _Noise | None
) -> tuple[Index, str] | None:
    """The first place where `after` is further from the truth than `before`, or hides a NaN.

    Where terms cancel, errors are not compared place by place but gathered as `noise`.
    """
    if before.dtype.kind != "f":
        return _first_difference(before, after)
    dtype = _coarsest(case.before)
    truths = np.broadcast_to(true_values(case.before, values), before.shape)
    for index in np.ndindex(before.shape):
        b, a, truth = before[index], after[index], truths[index]
        if truth != truth:
            if not _alike(b, a):
                return index, "no real number is meant"
            continue
        old, new = (error_in_digits(v, truth, dtype) for v in (b, a))
        if noise is not None:
            noise.old, noise.new = max(noise.old, old), max(noise.new, new)
        elif new > old + SLACK:
            off = f"off by {new:.3g} units of the last digit, not {old:.3g}"
            return index, f"the true value is {float(truth)!r}: {off}"
    return None


def _coarsest(graph: Graph) -> str:
    """The float dtype with the fewest digits on the way: nobody can be better than those."""
    dtypes = [
        out.dtype for node in graph.apply_nodes() for out in node.outputs if is_float(out.dtype)
    ]
    return "float32" if "float32" in dtypes else "float64"


def _alike(before: Any, after: Any) -> bool:
    """Where no true value is known, NaN stays NaN, and numbers change by roundings alone."""
    if np.isnan(before) or np.isnan(after):
        return bool(np.isnan(before) and np.isnan(after))
    return bool(before == after or abs(before - after) <= (1 + SLACK) * np.spacing(abs(before)))


def _tell(
    rule: Rule,
    case: _Case,
    values: Sequence[Array],
    results: tuple[Array, Array],
    index: Index,
    note: str,
) -> str:
    given = ", ".join(
        f"{v.name} = {_item(value, index)!s} ({v.type})"
        for v, value in zip(case.variables, values, strict=True)
    )
    sides = ", ".join(
        f"{formula(graph.outputs[0])} = {result[index]!s}"
        for graph, result in zip((case.before, case.after), results, strict=True)
    )
    return f"{rule.name}: for {given}: {sides}" + (f" ({note})" if note else "")


def _item(value: Array, index: Index) -> Any:
    """The operand's element that a result's element was made of; all of it where that is open."""
    if value.ndim != len(index):
        return value.tolist()
    place = tuple(0 if size == 1 else k for k, size in zip(index, value.shape, strict=True))
    fits = all(k < size for k, size in zip(place, value.shape, strict=True))
    return value[place] if fits else value.tolist()
