"""What is cut off has derivative 0, whatever stands behind it: random programs against dual
numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Variable
from tests.fuzz.cuts import PLACES, Program, program
from tests.support import TARGETS, Array, cases

pytestmark = pytest.mark.usefixtures("any_numbers", "cache_of_this_run")

AT = np.array(PLACES)

COMPILED = range(100, 110)
"""Programs that are compiled, all of them in one function."""


def derivatives(made: Program, x: Variable) -> list[Variable]:
    """The gradient, its own, and the derivative forwards, as far as there are any: a loop has no
    second derivative, and no graph in a graph has a forward one.
    """
    cost = made.symbol(x)
    first = T.grad(cost, x, disconnected_inputs="ignore")
    found = [first]
    names = {step.name for step in made.steps}
    if "loop" not in names:
        found.append(T.grad(first.sum(), x, disconnected_inputs="ignore"))
        if "ifelse" not in names:
            found.append(T.Rop(cost, x, T.ones_like(x)))
    return found


def expected(made: Program) -> list[Array]:
    """What they should be; NaN where there is no number to compare with."""
    first, second = made.derivatives()
    if not made.is_finite and made.steps[-1].name in ("logsumexp", "cross-entropy"):
        return [np.full(len(AT), np.nan)] * 2  # infinity minus infinity inside of one op
    forward = np.sum(first) if np.isfinite(first).all() else np.nan
    return [first, second, np.asarray(forward)]


def judge(made: Program, right: list[Array], found: list[Any], label: str) -> None:
    """Compare where the reference has a number."""
    for wanted, got in zip(right, found, strict=False):
        there = np.isfinite(wanted)
        np.testing.assert_allclose(
            got[there], wanted[there], rtol=1e-9, atol=1e-9, err_msg=f"{made} on {label}"
        )


@cases(tested=50, hunted=6000)
@given(st.integers(0, 2**32 - 1))
def test_what_is_cut_off_has_derivative_zero(seed: int) -> None:
    made, x = program(seed), T.dvector("x")
    outputs, right = derivatives(made, x), expected(made)
    options: dict[str, Any]
    for label, options in (("the graph", {"rules": ()}), ("the rewritten graph", {})):
        f = kg.function([x], outputs, target="interpret", **options)
        judge(made, right, f(AT), label)


@pytest.mark.parametrize("target", TARGETS[1:])
def test_compiled_code_agrees(target: str) -> None:
    x = T.dvector("x")
    programs = [program(seed) for seed in COMPILED]
    outputs = [derivatives(made, x) for made in programs]
    f = kg.function([x], [out for several in outputs for out in several], target=target)
    found = iter(f(AT))
    for made, several in zip(programs, outputs, strict=True):
        judge(made, expected(made), [next(found) for _ in several], target)
