"""All combinations: every op, dtype and layout, in C and in Python, with a count of what ran and
the reason for what did not.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kernelgraph.types import TensorType
from tests.every_op.cases import Case
from tests.every_op.census import INNER, every_op, key
from tests.every_op.elementwise import SIZE_OPS
from tests.every_op.groups import GROUP, Group
from tests.every_op.layouts import (
    EMPTY,
    EVERY_LAYOUT,
    NUMBER,
    Values,
    emptied,
    meaning,
    relaid,
    with_dtype,
    without_dimensions,
)
from tests.support import DTYPES, LAYOUTS, Array

OF_ONE_CASE = rf" \(({'|'.join(DTYPES)})[^)]*\)|\b({'|'.join(DTYPES)})\b"
"""What differs between the errors of dtypes."""

Meanings = Mapping[Case, list[Array] | Exception]

Combination = tuple[str, str, str]
"""An op, a dtype, a layout."""


def combinations(one: Case) -> set[tuple[str, str]]:
    """The ops of a case, each with the dtype of its first operand, or of its result."""
    firsts = ((node, (*node.inputs, *node.outputs)[0].type) for node in one.nodes())
    return {(key(node.op), kind.dtype) for node, kind in firsts if isinstance(kind, TensorType)}


@dataclass
class Coverage:
    """What ran, how often, what was refused and why, and what was wrong."""

    ran: Counter[Combination] = field(default_factory=Counter[Combination])
    refused: dict[Combination, str] = field(default_factory=dict[Combination, str])
    wrong: list[str] = field(default_factory=list[str])
    calls: int = 0

    def note(self, one: Case, layout: str, refused: str | None = None) -> None:
        """Count a case in a layout, or the reason why there is nothing to count."""
        for op, dtype in combinations(one):
            if refused is None:
                self.ran[op, dtype, layout] += 1
            else:
                self.refused.setdefault((op, dtype, layout), refused)

    def run(self, cases: Sequence[Case]) -> None:
        """Run cases, in groups, in every layout but that of numbers."""
        for first in range(0, len(cases), GROUP):
            group = Group(cases[first : first + GROUP])
            plain = {c: meaning(c, c.values) for c in group.cases}
            for layout in LAYOUTS:
                moved = {c: relaid(c.values, layout) for c in group.cases}
                self._compare(group, layout, moved, {} if layout == "repeated" else plain)
            for way in itertools.count():
                empty = {c: ways[way] for c in group.cases if way < len(ways := list(_empty(c)))}
                if not empty:
                    break
                self._compare(group, EMPTY, empty, {})
            for c in group.cases:
                if not any(_empty(c)):
                    here = any(v.size == 0 for v in c.values)
                    self.note(c, EMPTY, None if here else "its operands are numbers")

    def run_numbers(self, cases: Sequence[Case]) -> None:
        """Run cases with numbers for arrays."""
        made: list[Case] = []
        for one in cases:
            number = without_dimensions(one)
            if not isinstance(number, str):
                found = meaning(number, number.values)
                number = _reason(found) if isinstance(found, Exception) else number
            if isinstance(number, str):
                self.note(one, NUMBER, number)
            else:
                made.append(number)
        for first in range(0, len(made), GROUP):
            group = Group(made[first : first + GROUP])
            self._compare(group, NUMBER, {}, {})

    def _compare(
        self, group: Group, layout: str, other: Mapping[Case, Values], known: Meanings
    ) -> None:
        wanted = known or {c: meaning(c, other.get(c, c.values)) for c in group.cases}
        fine = {c: v for c, v in other.items() if not isinstance(wanted[c], Exception)}
        tried = [c for c in group.cases if layout == NUMBER or c in other]
        for target in ("c", "python"):
            found = self._results(group, target, fine, layout)
            for c in tried:
                self._judge(c, layout, target, wanted[c], found.get(c))
        for c in tried:
            result = wanted[c]
            self.note(c, layout, _reason(result) if isinstance(result, Exception) else None)

    def _results(
        self, group: Group, target: str, values: Mapping[Case, Values], layout: str
    ) -> dict[Case, list[Any]]:
        self.calls += 1
        try:
            return group.results(target, values)
        except Exception as error:
            found: dict[Case, list[Any]] = {}
            for c, given in values.items():
                try:
                    found[c] = group.results(target, {c: given})[c]
                except Exception as own:
                    self.wrong.append(f"{c.label}, {layout}, on {target}: {own!r}")
            if len(found) == len(values):
                self.wrong.append(f"{layout} on {target}, only together: {error!r}")
            return found

    def _judge(self, one: Case, layout: str, target: str, wanted: Any, found: Any) -> None:
        if isinstance(wanted, Exception) or found is None:
            return
        for expected, got in zip(wanted, found, strict=True):
            if not one.compare(expected, got):
                self.wrong.append(
                    f"{one.label}, {layout}, on {target}: {got!r}, expected {expected!r}"
                )


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).splitlines()[0]}"


def _empty(one: Case) -> Iterator[Values]:
    """The ways without elements that differ from the case."""
    shapes = [[v.shape for v in one.values]]
    for values in emptied(one.values):
        if [v.shape for v in values] not in shapes:
            shapes.append([v.shape for v in values])
            yield values


def missing(cases: Sequence[Case], coverage: Coverage) -> list[Case]:
    """For every op and dtype without a case, one that is made from a case of another dtype."""
    examples: defaultdict[str, list[Case]] = defaultdict(list)
    for one in cases:
        for op, _ in combinations(one):
            examples[op].append(one)
    have = set[tuple[str, str]]().union(*map(combinations, cases))
    made: list[Case] = []
    for op, dtype in itertools.product(sorted(examples), DTYPES):
        if (op, dtype) in have:
            continue
        reason = "sizes are int64" if op in SIZE_OPS else ""
        for one in _different(examples[op]) if op not in SIZE_OPS else ():
            new = with_dtype(one, one.values[0].dtype.name, dtype)
            if isinstance(new, str):
                reason = reason or new
            elif (op, dtype) in combinations(new):
                made.append(new)
                break
        else:
            for layout in EVERY_LAYOUT:
                coverage.refused[op, dtype, layout] = (
                    reason or "converted before it comes to the op"
                )
    return made


def _different(cases: Sequence[Case]) -> list[Case]:
    """A few of them, of as many dtypes."""
    return list({one.values[0].dtype.name: one for one in cases if one.values}.values())


def report(coverage: Coverage) -> Iterator[str]:
    """Lines: how many combinations ran, of how many, and the reasons for the others."""
    ops = sorted(every_op())
    every = set(itertools.product(ops, DTYPES, EVERY_LAYOUT))
    ran, refused = every & set(coverage.ran), coverage.refused
    yield (
        f"{len(ops)} ops x {len(DTYPES)} dtypes x {len(EVERY_LAYOUT)} layouts = {len(every)}"
        f" combinations: {len(ran)} ran, {sum(coverage.ran.values())} times,"
        f" with {coverage.calls} calls"
    )
    reasons: Counter[tuple[str, str, str]] = Counter()
    for op, dtype, layout in every - ran:
        reason = refused.get((op, dtype, layout)) or INNER.get(op) or f"no reason: {dtype}"
        where = layout if layout in (EMPTY, NUMBER) else "every layout"
        reasons[op, where, re.sub(OF_ONE_CASE, "", reason)] += 1
    yield f"{len(every - ran)} were left out:"
    for (op, where, reason), count in sorted(reasons.items()):
        yield f"{count:6} {op}, {where}: {reason}"


def without_reason(coverage: Coverage) -> list[Combination]:
    """Combinations that did not run, and nobody knows why."""
    every = itertools.product(sorted(every_op()), DTYPES, EVERY_LAYOUT)
    return [
        c for c in every
        if c not in coverage.ran and c not in coverage.refused and c[0] not in INNER
    ]  # fmt: skip
