"""Try a compiled program: run it on samples, and compare with the meaning of its graph.

What comes in is a program and a way to call its compiled form; what comes out is None when all is
well, or words that say what is wrong. Nothing that the user can see happens: values of shared
variables, streams of random numbers and users' own functions are left alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kernelgraph.c.trial.reference import Reference, TooLongError
from kernelgraph.c.trial.samples import constants_are_small, samples
from kernelgraph.errors import KernelgraphError
from kernelgraph.graph import Graph
from kernelgraph.loops.program import Program
from kernelgraph.types import is_array

SECONDS = 0.004
"""After so long no further sample is begun."""

_LONGEST = 0.1
"""After so long a sample is given up."""

_TELLS_NOTHING = (
    KernelgraphError, TooLongError, MemoryError, ArithmeticError, LookupError, ValueError,
)  # fmt: skip
"""Sizes that do not fit, and what needs more memory or time than there is."""

Run = Callable[..., Sequence[Any]]


def difference(program: Program, graph: Graph, run: Run) -> str | None:
    """What a compiled program does wrong, in words; `run` takes input values and gives outputs'."""
    if not constants_are_small(graph):
        return None
    began, compared = time.thread_time(), False
    for number, (_, values) in enumerate(samples(program, graph)):
        try:
            wrong = _try(graph, run, values, began + _LONGEST, with_gaps=number == 0)
        except _TELLS_NOTHING:
            wrong = None
        else:
            compared = True
        if wrong is not None:
            return wrong
        if time.thread_time() - began > (SECONDS if compared else _LONGEST):
            break
    return None


def _try(
    graph: Graph, run: Run, values: Sequence[Any], deadline: float, with_gaps: bool
) -> str | None:
    """One sample."""
    reference = Reference(graph, values, deadline)
    wrong = reference.difference(run(*values))
    if wrong is None and with_gaps:
        wrong = reference.difference(run(*map(_with_gaps, values)))
    return wrong


def _with_gaps(value: Any) -> Any:
    """The same numbers with room between them."""
    if not is_array(value) or not value.ndim:
        return value
    room = np.empty((*value.shape[:-1], 2 * value.shape[-1]), value.dtype)
    room[..., ::2] = value
    return room[..., ::2]
