"""Faults planted in generated C, of each kind that sanitizers must report: a test of the tool.

Such a fault is an edit of the text of a small program: `x[i + 1]` for `x[i]` reads past the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from sanitized import Program as Watched

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c.target import CTarget
from kernelgraph.config import config
from kernelgraph.graph import Variable
from kernelgraph.loops.program import Program
from kernelgraph.mapping.threads import on_threads
from kernelgraph.writer import Source

X, K, N = T.dvector("x"), T.lvector("k"), T.lscalar("n")
NUMBERS = np.array([np.nan, *np.linspace(0, 5, 39)])
PLACES = np.arange(7)


@dataclass(frozen=True)
class Fault:
    """An expression, what its text is changed from and to, and what must be reported."""

    out: Variable
    before: str
    after: str
    reported: str
    inputs: Sequence[Variable] = (X,)
    values: Sequence[Any] = (NUMBERS,)
    strict: bool = False


_TWICE, _TAKEN, _SORTED = X * 2 + 1, X[K], T.sort(X * 2) * 3
_SORT = "own_0(x_n0, mul, sort, room);"
_ALLOCATED = "float64 *const add = (float64 *)values[1].data;"

FAULTS = {
    "write past an output": Fault(
        _TWICE, "add[i] = add_1", "add[i + 1] = add_1", "heap-buffer-overflow"
    ),
    "read past an input": Fault(_TWICE, "x[i] * 2.0", "x[i + 1] * 2.0", "heap-buffer-overflow"),
    "read before an input": Fault(_TWICE, "x[i] * 2.0", "x[i - 1] * 2.0", "heap-buffer-overflow"),
    "an array after its end": Fault(
        _TWICE,
        _ALLOCATED,
        f"{_ALLOCATED.replace('add', 'old')} host->allocate(host, 1, (int64[]){{x_n0}});"
        f" if (old[5] == 0.5) return KG_PYTHON_ERROR; {_ALLOCATED}",
        "heap-use-after-free",
    ),
    "scratch past its end": Fault(_SORTED, _SORT, f"room[x_n0] = 0; {_SORT}", "use-after-poison"),
    "scratch after its end": Fault(
        _SORTED, _SORT, f"host->release(host, 0); {_SORT}", "use-after-poison"
    ),
    "an index that overflows": Fault(
        _TAKEN,
        "x[v_row]",
        "x[(v_row + INT64_MAX) & 3]",
        "signed integer overflow",
        (X, K),
        (NUMBERS, PLACES),
        strict=True,
    ),
    "a shift too far": Fault(
        K << N,
        "shifted_left(v_k[i], n)",
        "v_k[i] << n",
        "shift exponent 70 is too large",
        (K, N),
        (PLACES, 70),
    ),
    "an integer of NaN": Fault(
        T.cast(X, "int64"), "to_int64(x_1)", "(int64)x_1", "nan is outside the range"
    ),
    "memory not aligned": Fault(
        _TWICE, "(float64 *)values[0].data", "(float64 *)(values[0].data + 1)", "misaligned address"
    ),
}

RACES = {
    "one place for all": Fault(T.exp(X), "v_exp[i]", "v_exp[0]", "data race"),
}
"""For loops on threads."""


class Planted(CTarget):
    """Prints C with a fault in it."""

    def __init__(self, fault: Fault) -> None:
        super().__init__()
        self.fault = fault

    def print(self, program: Program) -> Source:
        """One C file."""
        source = super().print(program)
        assert source.text.count(self.fault.before) == 1, source.text
        return replace(source, text=source.text.replace(self.fault.before, self.fault.after))


class PlantedOnThreads(Planted):
    """The same with loops on threads."""

    passes = (on_threads, *CTarget.passes)


def faults() -> Iterator[Watched]:
    """Each planted fault."""
    for name, fault in FAULTS.items():
        yield Watched(name, 1, partial(_run, fault, Planted(fault)), fault.strict)


def races() -> Iterator[Watched]:
    """Each planted race."""
    for name, fault in RACES.items():
        yield Watched(name, 1, partial(_run, fault, PlantedOnThreads(fault)))


def _run(fault: Fault, target: CTarget) -> None:
    with config.change_flags(try_compiled="off"):
        kg.function(fault.inputs, fault.out, target=target)(*fault.values)
