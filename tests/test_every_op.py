"""Every op of the table on every back end: NumPy node by node, generated C and generated Python
give the same numbers.

What is exact (arithmetic, comparisons, choices, conversions, copies, views, everything on integers)
is compared bit for bit, NaN and the signs of zeros included. Functions that libraries approximate
may differ by as many units in the last place as their blocks say; sums by what adding in another
order can change. The cases are in `tests/every_op`; a hunt runs all of them in every layout
(`tests/every_op/test_coverage.py`).
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.every_op.cases import Case
from tests.every_op.census import INNER, every_op, key
from tests.every_op.groups import results
from tests.every_op.table import ALL, CASES
from tests.support import Array

pytestmark = pytest.mark.usefixtures("any_numbers", "cache_of_this_run")


@pytest.mark.parametrize("name", CASES)
def test_all_back_ends_agree(name: str) -> None:
    for case in CASES[name]:
        wanted, *others = results(case).items()
        for target, found in others:
            for expected, got in zip(wanted[1], found, strict=True):
                assert case.compare(expected, got), _disagreement(case, target, expected, got)


def _disagreement(case: Case, target: str, expected: Array, got: Array) -> str:
    lines = [
        (
            f"{case.label} on {target}: {got.dtype}{list(got.shape)}, "
            f"expected {expected.dtype}{list(expected.shape)}"
        )
    ]
    if expected.shape == got.shape == case.values[0].shape:
        for place in np.ndindex(expected.shape):
            if not case.compare(expected[place], got[place]):
                operands = ", ".join(repr(value[place]) for value in case.values)
                lines.append(f"  {operands} -> {got[place]!r}, expected {expected[place]!r}")
    return "\n".join(lines[:12])


def test_every_op_has_a_case() -> None:
    """A new op fails here until it has a case, or stands among those that come inside of others."""
    tested = {key(node.op) for case in ALL for node in case.nodes()}
    assert every_op() - tested == set(INNER), "without a case: INNER has the reason, or nothing"
