"""Every op after every op: rewriting keeps what they compute, and compiled code computes it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kernelgraph as kg
from kernelgraph.config import config
from kernelgraph.errors import KernelgraphError
from kernelgraph.graph import Graph
from kernelgraph.interpret import interpret
from tests.fuzz.oracles import rewriting_keeps_values, target_agrees
from tests.fuzz.pairs import OTHERS, USES, Pair, every_pair, graph_of, operands_of, pairs
from tests.support import cases, hunting, quick_compiler

pytestmark = pytest.mark.usefixtures("any_numbers")

BATCH = 30


def _judged(batch: list[Pair], seed: int, oracle: Callable[..., str | None]) -> int:
    """How many of the pairs ran. Fail with the one that is wrong, if one is."""
    numbers = operands_of(batch, seed)
    runs = [pair for pair in batch if _runs(pair, numbers)]
    if not runs or oracle(graph_of(runs), numbers) is None:
        return len(runs)
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


TOGETHER = 60
"""So many pairs are one function, in the run of all of them."""


@pytest.mark.hypothesis
@pytest.mark.skipif(not hunting(), reason="all pairs are for `./kg nightly`")
def test_every_pair(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Every pair that fits, with one of its dtypes: rewritten and compiled; told is how many."""
    monkeypatch.setenv("KERNELGRAPH_CC", quick_compiler(tmp_path, "-O0"))
    monkeypatch.setenv("KERNELGRAPH_CACHE", str(tmp_path / "compiled"))
    monkeypatch.setattr(config, "try_compiled", "off")
    found = list(every_pair())
    by_dtype: defaultdict[str, list[Pair]] = defaultdict(list)
    for k, (first, second, fits) in enumerate(found):
        if fits:
            dtype = fits[k % len(fits)]
            by_dtype[dtype].append(Pair(first, second, dtype))
    done = 0
    for fitting in by_dtype.values():
        for k in range(0, len(fitting), TOGETHER):
            done += _judged(fitting[k : k + TOGETHER], k, _both)
    count = sum(map(len, by_dtype.values()))
    record_property("cases", done)
    with capsys.disabled():
        print(f"\n{len(found)} ordered pairs of ops: for {count} types fit, {done} of these ran,"
              f" {count - done} were errors for their operands")  # fmt: skip
    assert done > 0.9 * count


def _both(graph: Graph, numbers: list[Any]) -> str | None:
    """Both oracles, one after the other."""
    return rewriting_keeps_values()(graph, numbers) or target_agrees("c")(graph, numbers)
