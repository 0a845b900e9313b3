"""Cases by groups: one function for each group, so that the C compiler runs once for many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

from kernelgraph.function import Function
from tests.every_op.cases import Case
from tests.every_op.layouts import Values, relaid
from tests.every_op.table import ALL, POSITION
from tests.support import LAYOUTS, TARGETS, on_all_targets

GROUP = 30
"""So many cases make one function; of much longer ones the C compiler needs more than twice the
time for twice the text.
"""


class Group:
    """Functions of some cases, one for each target, and what they make of values."""

    def __init__(self, cases: Sequence[Case]) -> None:
        self.cases = cases

    @cached_property
    def functions(self) -> Mapping[str, Function]:
        """One for each target, by its name."""
        inputs = [variable for case in self.cases for variable in case.inputs]
        return on_all_targets(inputs, [out for case in self.cases for out in case.outputs])

    def results(self, target: str, other: Mapping[Case, Values]) -> dict[Case, list[Any]]:
        """The results of each case for its values, or for other ones that are given."""
        values = [v for case in self.cases for v in other.get(case, case.values)]
        found = iter(self.functions[target](*values))
        return {case: [next(found) for _ in case.outputs] for case in self.cases}


@lru_cache
def _group(number: int) -> dict[str, dict[Case, list[Any]]]:
    """The results of a group of cases, by target; those of C also for another layout."""
    group = Group(ALL[number * GROUP : (number + 1) * GROUP])
    found = {target: group.results(target, {}) for target in TARGETS}
    kept = [layout for layout in LAYOUTS if layout != "repeated"]  # which has other numbers
    layout = kept[number % len(kept)]
    moved = {case: relaid(case.values, layout) for case in group.cases}
    return found | {f"c, {layout}": group.results("c", moved)}


def results(case: Case) -> dict[str, list[Any]]:
    """What each target computes for one case."""
    number = POSITION[case] // GROUP
    return {target: found[case] for target, found in _group(number).items()}
