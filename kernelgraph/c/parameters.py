"""What a kernel's function in C is given: sizes, numbers, arrays, their strides, and results."""

from __future__ import annotations

from kernelgraph.loops import ir
from kernelgraph.loops.ctext import c_type, strides


def parameters(kernel: ir.Kernel) -> list[str]:
    """The parameters of a kernel's function, as C."""
    items = ["kg_host *host"]
    items += [f"const int64 {dim.name}" for dim in kernel.dims]
    items += [f"const {c_type(scalar.dtype)} {scalar.name}" for scalar in kernel.scalars]
    for const, buffers in (("const ", kernel.reads), ("", kernel.writes)):
        for b in buffers:
            alone = "" if b in kernel.overlapping else "restrict "
            items.append(f"{const}{c_type(b.dtype)} *{alone}{b.name}")
    for buffer in (*kernel.reads, *kernel.writes):
        items += [f"const int64 {stride}" for stride in strides(buffer)]
    items += [f"{c_type(name.dtype)} *restrict {name.name}_out" for name in kernel.results]
    return items
