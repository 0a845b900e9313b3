"""Kernels that a user has written: launched on arrays, checked, and measured."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kernelgraph.cuda.written import Kernel, kernels
from kernelgraph.errors import ArgumentError, CompileError, KernelError

SOURCE = """
__global__ void add(const float *x, const float *y, float *out, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) out[i] = x[i] + y[i];
}
__global__ void shift(const float *x, float *out) { out[threadIdx.x] = x[threadIdx.x + 1]; }
__global__ void meet(float *out) { out[0] = threadIdx.x; }
__global__ void columns(const float *x, float *out, int n) {
    out[threadIdx.x] = x[threadIdx.x * n];
}
__global__ void total(double *x) {
    extern __shared__ double held[];
    held[threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    if (threadIdx.x == 0) for (int i = 1; i < blockDim.x; i++) x[0] += held[i];
}
__global__ void stuck(int *y) { while (y) y[0] = 1; }
__global__ void tell(int n) { printf("n is %d", n); }
"""

Written = dict[str, Kernel]


@pytest.fixture(scope="module")
def written() -> Written:
    return kernels(SOURCE)


def floats(n: int) -> np.ndarray[Any, Any]:
    return np.arange(n, dtype="float32")


def test_arrays_get_what_a_kernel_has_written(written: Written) -> None:
    x, out = floats(1000), np.zeros((2000,), "float32")
    run = written["add"][4, 256](x[::-1], x, out[::2], 1000)
    np.testing.assert_array_equal(out[::2], np.full(1000, 999.0))
    np.testing.assert_array_equal(out[1::2], np.zeros(1000))
    assert str(run) == "add<<<4, 256>>>: 1,024 threads, no fault found"
    assert (run.threads, run.metrics, run.measures) == (1024, {}, None)


def test_a_launch_is_written_as_in_cuda(written: Written) -> None:
    x = np.ones(6)
    run = written["total"][(1, 1, 1), (6,), 48](x)
    assert run.launch == "total<<<1, 6, 48>>>"
    assert x[0] == 6
    again = written["add"][(2, 2), (4, 1, 2)](floats(9), floats(9), floats(9), 0)
    assert again.launch == "add<<<dim3(2, 2), dim3(4, 1, 2)>>>"
    assert written["tell"][1, 1](7).printed == "n is 7"


def test_what_has_a_fault_changes_nothing(written: Written) -> None:
    x, out = floats(8), floats(8)
    with pytest.raises(KernelError, match=r"KG-X010.*line 6: out of bounds: reads 4 bytes"):
        written["shift"][1, 8](x, out)
    np.testing.assert_array_equal(out, floats(8))
    with pytest.raises(KernelError, match=r"line 7: race"):
        written["meet"][1, 8](out)
    with pytest.raises(KernelError, match=r"(?s)does not end.*condition is false"):
        written["stuck"][1, 1](np.zeros(1, "int32"))
    np.testing.assert_array_equal(out, floats(8))
    written["shift"][1, 7](x, out)
    np.testing.assert_array_equal(out, [1, 2, 3, 4, 5, 6, 7, 7])


@pytest.mark.parametrize(("stride", "sectors"), [(1, 4), (8, 32)])
def test_lines_are_measured(written: Written, stride: int, sectors: int) -> None:
    out = np.zeros(32, "float32")
    run = written["columns"][1, 32](floats(256), out, stride, watch="measure")
    np.testing.assert_array_equal(out, floats(256)[: 32 * stride : stride])
    assert run.measures is not None
    (load,) = [a for a in run.measures.accesses if a.kind == "load"]
    assert (load.line, load.sectors_per_request) == (9, sectors)
    assert run.metrics["l1tex__t_sectors_pipe_lsu_mem_global_op_ld.sum"] == sectors
    assert f"line 9: global load: 1 requests, {sectors}.00 sectors" in str(run)


def test_arguments_that_do_not_fit(written: Written) -> None:
    x, add = floats(4), written["add"][1, 4]
    for words, arguments in {
        "argument 1 of add, const float *x: the array is float64, not float32": (x + 0.0, x, x, 4),
        "argument 2 of add, const float *y: an array is wanted": (x, 3, x, 4),
        "takes 4 arguments": (x, x, x),
        "an int of 32 bits, not 1.5": (x, x, x, 1.5),
    }.items():
        given = [a.astype("float64") if "float64" in words and k == 0 else a
                 for k, a in enumerate(arguments)]  # fmt: skip
        with pytest.raises(ArgumentError, match="KG-X011") as caught:
            add(*given)
        assert words in str(caught.value)
    frozen = floats(4)
    frozen.flags.writeable = False
    add(frozen, frozen, x, 4)
    with pytest.raises(ArgumentError, match=r"wrote to an array that is read-only"):
        add(x, x, frozen, 4)


@pytest.mark.parametrize(
    ("launch", "words"),
    [
        (3, "a launch is add[grid, block]"),
        ((1, 2, 3, 4), "a launch is add[grid, block]"),
        ((1.5, 2), "(n + 255) // 256 is a whole number"),
        ((True, 2), "a whole number"),
        ((1, (1, 2, 3, 4)), "a block has 1 to 3 sizes"),
        ((1, "2"), "a whole number"),
        ((1, None), "a whole number"),
        ((0, 1), "three sizes from 1"),
        ((1, 2048), "three sizes from 1"),
        ((1, 1, 2**40), "bytes of shared memory"),
    ],
)
def test_launches_that_cannot_be(written: Written, launch: Any, words: str) -> None:
    with pytest.raises(ArgumentError, match="KG-X011") as caught:
        written["add"][launch](floats(4), floats(4), floats(4), 4)
    assert words in str(caught.value)


def test_a_source_that_does_not_compile() -> None:
    with pytest.raises(CompileError, match=r"KG-K005.*line 2: .*z"):
        kernels("__global__ void f(float *x) {\n  x[0] = z;\n}")
    with pytest.raises(CompileError, match=r"KG-K030"):
        kernels('__global__ void f(float *x) { asm(""); }')
