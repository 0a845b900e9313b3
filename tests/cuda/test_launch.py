"""Grids: enough threads for all iterations, none of them in a direction that is full."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

import kernelgraph.tensor as T
from kernelgraph.compiler import compile_graph
from kernelgraph.cuda.launch import MOST_BLOCKS, THREADS, Launch, launch_of
from kernelgraph.cuda.target import CudaTarget
from kernelgraph.graph import Graph
from kernelgraph.loops import ir
from kernelgraph.schedule.dims import Dim

X, V = T.fmatrix("x"), T.fvector("v")


def nest(*sizes: int) -> Launch:
    runs: list[ir.Runs] = ["grid", "grid y", "grid z"]
    loops = [ir.For(f"i{k}", Dim(f"n{k}", n), (), runs=runs[k]) for k, n in enumerate(sizes)]
    return Launch(loops[-1], loops)


@given(st.lists(st.integers(0, 2**40), min_size=1, max_size=3))
def test_every_iteration_has_a_thread_or_a_stride(sizes: list[int]) -> None:
    blocks, threads = nest(*sizes).shape({})
    assert 1 <= math.prod(threads) <= THREADS
    for count, many, each, most in zip(sizes, blocks, threads, MOST_BLOCKS, strict=False):
        assert many <= most
        assert many * each >= count or many == most
        assert (many == 0) == (count == 0)


def test_few_columns_leave_threads_to_rows() -> None:
    assert nest(3, 1000).shape({}) == ((1, 16, 1), (4, 64, 1))
    assert nest(1000).shape({}) == ((4, 1, 1), (256, 1, 1))


def test_who_is_launched_how() -> None:
    x = compile_graph(Graph((X,), (T.exp(X),)), CudaTarget()).program.kernels[0]
    assert str(launch_of(x)) == "a thread for each of x_n1 x x_n0 iterations, or fewer."
    assert launch_of(x).shape({"x_n0": 5, "x_n1": 7}) == ((1, 1, 1), (8, 8, 1))
    (rows,) = compile_graph(Graph((X,), (X.sum(axis=1),)), CudaTarget()).program.kernels
    assert launch_of(rows).shape({"x_n0": 5, "x_n1": 7}) == ((5, 1, 1), (THREADS, 1, 1))
    (whole,) = compile_graph(Graph((V,), (V.sum(),)), CudaTarget()).program.kernels
    assert launch_of(whole).shape({"v_n0": 5}) == ((1, 1, 1), (THREADS, 1, 1))
    (running,) = compile_graph(Graph((V,), (T.cumsum(V),)), CudaTarget()).program.kernels
    assert launch_of(running).shape({"v_n0": 5}) == ((1, 1, 1), (1, 1, 1))
