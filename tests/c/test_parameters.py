"""What a kernel's function is given."""

from __future__ import annotations

from dataclasses import replace

from kernelgraph.c.parameters import parameters
from kernelgraph.loops import ir
from kernelgraph.schedule.dims import Dim

N = Dim("n")
X = ir.Buffer("x", "float64", (N,), "anywhere")
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
