"""Kernels as CUDA text: golden files, and the real compiler where there is one."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import kernelgraph.tensor as T
from kernelgraph.c.target import CTarget
from kernelgraph.compiler import compile_graph
from kernelgraph.cuda.printer import print_cuda
from kernelgraph.cuda.target import CudaTarget
from kernelgraph.graph import Graph
from kernelgraph.loops.lower import lower
from kernelgraph.loops.program import Program
from kernelgraph.loops.verify import verify
from kernelgraph.target import mapped
from tests.test_golden import GRAPHS, elementwise_chain, row_sums, softmax_rows

Golden = Callable[[str, str], None]


def cuda_text(graph: Graph) -> str:
    """The CUDA of the very schedule that C is made from."""
    return print_cuda(on_grid(graph)).text


def on_grid(graph: Graph) -> Program:
    return mapped(lower(compile_graph(graph, CTarget()).schedule), CudaTarget(), verify)


@pytest.mark.parametrize("make", [elementwise_chain, row_sums, softmax_rows])
def test_golden(make: Callable[[], Graph], golden: Golden) -> None:
    golden(f"cuda/{make.__name__}.cu", cuda_text(make()))
    golden(f"cuda/{make.__name__}.txt", str(on_grid(make())))


def test_elementwise_loops_get_a_thread_per_iteration() -> None:
    text = cuda_text(elementwise_chain())
    assert "a thread for each of" in text
    assert "blockIdx.x * blockDim.x + threadIdx.x" in text


def test_rows_get_a_block_with_a_tree() -> None:
    text = cuda_text(row_sums())
    assert "a block of 256 threads for each of" in text
    assert "__syncthreads()" in text


def test_rows_that_depend_on_each_other_get_one_thread() -> None:
    x, g = T.dmatrix("x"), T.dvector("g")
    text = cuda_text(Graph((x, g), (T.dot(x.T, g),)))
    assert "1 block of 1 thread" in text


@pytest.mark.skipif(shutil.which("nvcc") is None, reason="there is no CUDA compiler here")
@pytest.mark.parametrize("make", GRAPHS)
def test_the_real_compiler_takes_it(make: Callable[[], Graph], tmp_path: Path) -> None:
    source = tmp_path / "kernels.cu"
    source.write_text(cuda_text(make()))
    command = ["nvcc", "-arch=sm_90", "-cubin", "-o", str(tmp_path / "kernels.cubin"), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
