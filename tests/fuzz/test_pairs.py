"""Every op after every op: rewriting keeps what they compute, and compiled code computes it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kernelgraph as kg
from kernelgraph.errors import KernelgraphError
from kernelgraph.graph import Graph
from kernelgraph.interpret import interpret
from tests.fuzz.oracles import rewriting_keeps_values, target_agrees
from tests.fuzz.pairs import OTHERS, USES, Pair, every_pair, graph_of, operands_of, pairs
from tests.support import cases

pytestmark = pytest.mark.usefixtures("any_numbers")

BATCH = 30


def _judged(batch: list[Pair], seed: int, oracle: Callable[..., str | None]) -> None:
    """Fail with the pair that is wrong, if one is."""
    numbers = operands_of(batch, seed)
    runs = [pair for pair in batch if _runs(pair, numbers)]
    if not runs or oracle(graph_of(runs), numbers) is None:
        return
    wrong = {pair: oracle(graph_of([pair]), numbers) for pair in runs}
    found = {pair: text for pair, text in wrong.items() if text}
    pytest.fail(f"seed {seed}: {found or 'only together'}\n{numbers}")


def _runs(pair: Pair, numbers: list[object]) -> bool:
    """Whether it computes something for these numbers: a power with a negative integer, a singular
    matrix, an index that is not there are errors, and rightly so.
    """
    try:
        with np.errstate(all="ignore"):
            interpret(graph_of([pair]), numbers)
    except (KernelgraphError, ValueError, IndexError):
        return False
    return True


@cases(5, 1000)
@given(st.integers(0, 2**31))
def test_rewriting_keeps_what_pairs_compute(seed: int) -> None:
    _judged(pairs(seed, BATCH), seed, rewriting_keeps_values())


@cases(2, 600)
@given(st.integers(0, 2**31))
def test_compiled_code_computes_it(seed: int) -> None:
    _judged(pairs(seed, BATCH), seed, target_agrees("c"))


@cases(3, 600)
@given(st.integers(0, 2**31))
def test_loops_in_python_compute_it(seed: int) -> None:
    _judged(pairs(seed, BATCH), seed, target_agrees("python"))


def test_the_table_has_every_op() -> None:
    v = kg.tensor.dmatrix("v")
    made = {str(use) for use in USES}
    assert len(made) > 100
    for name, use in OTHERS.items():
        out = use(v, v)
        assert Graph((v,), (out,)).apply_nodes(), name


def test_how_many_pairs_fit(request: pytest.FixtureRequest) -> None:
    """Told, in a hunt: how many ordered pairs there are, and for how many of them types fit."""
    if request.config.getoption("--hypothesis-profile") != "nightly":
        pytest.skip("a hunt counts them")
    found = list(every_pair())
    fitting = [fits for *_, fits in found if fits]
    print(f"{len(found)} ordered pairs of ops, {len(fitting)} of which fit for some dtype,"
          f" {sum(map(len, fitting))} with their dtypes")  # fmt: skip
    assert fitting
