"""What the thread sanitizer watches: loops on threads, and functions called side by side."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from sanitized import Program
from sanitized_programs import computes, of_seeds, ops

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c.target import CTarget
from kernelgraph.mapping.threads import on_threads

GRAPHS, TOGETHER = 200, 20
CALLS, THREADS = 30, 4


def loops() -> Iterator[Program]:
    """Graphs and the op table with independent loops on threads."""
    CTarget.passes = (on_threads, *CTarget.passes)
    yield from itertools.islice(ops(), 0, None, 3)
    seeds = list(itertools.islice(filter(computes, itertools.count()), GRAPHS))
    for first in range(0, GRAPHS, TOGETHER):
        yield of_seeds(seeds[first : first + TOGETHER], strict=False)


def callers() -> Iterator[Program]:
    """Functions that several threads call at once: loops, products, LAPACK, updates."""
    x = T.dmatrix("x")
    count = kg.shared(np.zeros(()), "count")
    for label, outputs in {
        "loops": [T.exp(x).sum(axis=0), T.softmax(x)],
        "products": [T.dot(x, x.T), T.dot(x, x[0])],
        "lapack": [T.nlinalg.matrix_inverse(T.dot(x, x.T) + T.eye(x.shape[0]))],
    }.items():
        f = kg.function([x], outputs, updates=[(count, count + 1)])
        yield Program(
            f"{label} called by threads", THREADS * CALLS, partial(_from_threads, f, count)
        )


def _from_threads(f: kg.Function, count: Any) -> str | None:
    """What a function computes in four threads at once, where not all of them get the same."""
    number = np.random.default_rng(0).normal(size=(70, 70))
    expected, before = f(number), float(count.get_value())
    wrong: list[str] = []

    def work() -> None:
        for _ in range(CALLS):
            same = zip(expected, f(number), strict=True)
            if not all(np.array_equal(a, b) for a, b in same):
                wrong.append("another value")

    workers = [threading.Thread(target=work) for _ in range(THREADS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if count.get_value() != before + THREADS * CALLS:
        wrong.append("updates are lost")
    return wrong[0] if wrong else None
