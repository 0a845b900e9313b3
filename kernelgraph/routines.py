"""Routines that compute whole arrays without Python, which the host may call for an op: of BLAS,
of LAPACK, or C of the user's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from kernelgraph.access import Axis
from kernelgraph.errors import KernelgraphError
from kernelgraph.graph import Apply
from kernelgraph.templates import Helper

MULTIPLIED = ("float32", "float64", "complex64", "complex128")
"""The dtypes of which BLAS has products."""


@dataclass(frozen=True)
class Gemm:
    """The product of two matrices, each as it lies or, where flipped, transposed; of batches, as
    many as there are along the first axis.
    """

    flips: tuple[bool, bool]


@dataclass(frozen=True)
class Lapack:
    """Work of LAPACK, by its name in `c/lapack.c`, which also says what `option` means to it;
    `failed` makes the error for a node whose matrix it could not work with, `failed_in_stack` that
    for one of several, of its number and the first three sizes of the stack; `result` is what
    programs call what it makes.
    """

    name: str
    option: int = 0
    failed: Callable[[Apply], KernelgraphError] | None = None
    result: str = "result"
    failed_in_stack: Callable[[Sequence[int]], KernelgraphError] | None = None


@dataclass(frozen=True)
class OwnC:
    """The body of a C function of sizes, each that of an operand's axis, of operands and of room
    for results, by these names; and the helpers that it calls. `scratch` is what it needs to work
    in, by name: a dtype, and axes that have its sizes.
    """

    text: str = ""
    sizes: Mapping[str, Axis] = field(default_factory=dict[str, Axis])
    operands: Sequence[str] = ()
    results: Sequence[str] = ()
    helpers: Sequence[Helper] = ()
    scratch: Mapping[str, tuple[str, Sequence[Axis]]] = field(
        default_factory=dict[str, tuple[str, Sequence[Axis]]]
    )


Routine = Gemm | Lapack | OwnC
