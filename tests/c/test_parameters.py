"""What a kernel's function is given, and which kernels are compiled twice."""

from __future__ import annotations

from dataclasses import replace

from kernelgraph.c.parameters import is_specialized, parameters
from kernelgraph.loops import ir
from kernelgraph.schedule.dims import Dim

N = Dim("n")
X = ir.Buffer("x", "float64", (N,), packed=False)
Y = ir.Buffer("y", "bool", (N,))
KERNEL = ir.Kernel(
    "k", "", (), (X,), (Y,), (ir.Name("a", "float32"),), (ir.Name("s", "float64"),), (N,), ()
)


def test_sizes_numbers_arrays_strides_results() -> None:
    assert parameters(KERNEL) == [
        "kg_host *host",
        "const int64 n",
        "const float32 a",
        "const float64 *restrict x",
        "bool8 *restrict y",
        "const int64 x_s0",
        "float64 *restrict s_out",
    ]


def test_parts_of_one_array_are_not_promised_to_be_apart() -> None:
    assert "const float64 *x" in parameters(replace(KERNEL, overlapping=(X,)))


def test_kernels_with_gaps_are_compiled_twice_unless_they_are_long() -> None:
    assert is_specialized(KERNEL)
    assert not is_specialized(replace(KERNEL, reads=(replace(X, packed=True),)))
    assert not is_specialized(KERNEL.with_body([ir.Barrier()] * 161))
