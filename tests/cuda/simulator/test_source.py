"""Reading a CUDA source: its kernels and its arrays of dynamic size."""

from __future__ import annotations

import pytest

from kernelgraph.cuda.simulator.source import prepare
from kernelgraph.errors import CompileError


@pytest.mark.parametrize(
    "head",
    [
        'extern "C" __global__ void',
        "__global__ void",
        "static __global__ void",
        "__global__ void __launch_bounds__(256)",
        "__global__ __launch_bounds__(2 * (4), 2) void",
        "__global__ static void",
        "__global__\nvoid\n",
    ],
)
def test_kernels_are_found(head: str) -> None:
    assert prepare(f"{head} f(int *x) {{}}", "a.cu").kernels == ("f",)


def test_what_is_no_kernel() -> None:
    source = """
// __global__ void in_a_comment() {}
/* __global__ void in_another() {} */
const char *text = "__global__ void in_a_string() {}";
template <class T> __global__ void of_any_type(T *x) {}
__device__ void helper() {}
__global__ void declared(int *x);
__global__ void declared(int *x) {}
"""
    assert prepare(source, "a.cu").kernels == ("declared",)


def test_dynamic_arrays() -> None:
    source = (
        "extern __shared__ float all[];\n"
        "__global__ void f() {\n"
        "    extern  __shared__ __align__(16) char mine[ ];  // extern __shared__ int no[];\n"
        "    __shared__ float fixed[3];\n"
        "}\n"
    )
    prepared = prepare(source, "a.cu")
    assert prepared.dynamic == ("all", "mine")
    assert prepared.text.count("__shared__") == 2
    assert prepared.text.count("\n") == source.count("\n")


def test_the_line_of_what_is_not_known() -> None:
    source = '// asm("")\n/*\n*/ __global__ void f() { asm("exit;"); }'
    with pytest.raises(CompileError, match=r"a\.cu, line 3: .* PTX") as caught:
        prepare(source, "a.cu")
    assert caught.value.code == "KG-K030"
