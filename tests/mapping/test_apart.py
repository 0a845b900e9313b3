"""Loops taken apart: what shares nothing goes apart, and nothing else."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

import kernelgraph.tensor as T
from kernelgraph.cuda.target import CudaTarget
from kernelgraph.graph import Graph, Variable
from kernelgraph.loops import ir
from kernelgraph.mapping.apart import loops_apart
from tests.mapping.conftest import lowered
from tests.support import cases


def loops(*outputs: Variable) -> list[list[str]]:
    """What each loop over rows writes."""
    (kernel, *others) = lowered(Graph((X, W), outputs), CudaTarget()).kernels
    assert not others
    apart = [part for part in loops_apart(kernel) if isinstance(part, ir.For)]
    return [sorted(item.buffer.name for item in _stores(part)) for part in apart]


def _stores(item: ir.Statement) -> list[ir.Store]:
    if isinstance(item, ir.Store):
        return [item]
    return [s for part in getattr(item, "body", ()) for s in _stores(part)]


X, W = T.dmatrix("x"), T.dvector("w")


def test_results_that_share_no_number_go_apart() -> None:
    assert loops(T.dot(X, X.T), X.sum(axis=1)) == [["dot"], ["v_sum"]]


def test_what_reads_what_another_writes_stays_with_it() -> None:
    assert loops(X + 1, (X + 1).sum(axis=1)) == [["add", "v_sum"]]
    (softmax,) = loops(T.softmax(X))
    assert len(softmax) == 2  # the exponentials, and their shares


def test_three_of_which_two_belong_together() -> None:
    means = X.mean(axis=1, keepdims=True)  # which warns of no columns, and that is no loop alone
    assert sorted(map(len, loops(T.dot(X, X.T), means, X - means))) == [1, 2]


def test_a_loop_that_only_adds_up_stays_whole() -> None:
    (kernel,) = lowered(Graph((X,), (X.sum(),)), CudaTarget()).kernels
    assert loops_apart(kernel) == list(kernel.body)


@given(st.integers(0, 2**32 - 1))
@cases(tested=10, hunted=500)
def test_nothing_is_lost_and_nothing_turned_round(seed: int) -> None:
    """Every statement is there once, in its order, and no group touches what another writes."""
    draw = random.Random(seed)
    known = [X, X * W, T.exp(X)]
    for _ in range(draw.randint(2, 6)):
        a, b = draw.choice(known), draw.choice(known)
        known.append(draw.choice([a + b, a - b.max(axis=1, keepdims=True), T.softmax(a), a * 2]))
    for kernel in lowered(Graph((X, W), tuple(known[3:])), CudaTarget()).kernels:
        apart = loops_apart(kernel)
        before = [part for item in kernel.body for part in getattr(item, "body", ())]
        after = [part for item in apart for part in getattr(item, "body", ())]
        assert set(map(id, before)) == set(map(id, after))
        assert len(after) == len(before)
        written = [{s.buffer for s in _stores(item)} for item in apart]
        assert sum(map(len, written)) == len(set().union(*written))
