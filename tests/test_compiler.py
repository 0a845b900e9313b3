"""The stages of a compilation print themselves: readable, and the same in every process."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T

ROOT = Path(__file__).parents[1]
STAGES = ("graph", "rewriting", "placed", "schedule", "program", "source", "executable")


def example(target: str) -> Any:
    """A function with a loop, a choice, a product, views, sums, states and a softmax."""
    x, k = T.dmatrix("x"), T.dscalar("k")
    w = kg.shared(np.ones(3), "w")
    steps, _ = kg.scan(lambda a, b: a * b, outputs_info=[k], non_sequences=[w.sum()], n_steps=4)
    chosen = kg.ifelse(k > 0, k * 2, T.sin(k))
    cost = T.log(1 + T.exp(T.dot(x, w) + steps[-1] + chosen)).sum()
    outputs = [cost, x.T.flatten()[1:], T.max(x, axis=0), T.softmax(x)]
    updates = [(w, w - 0.1 * T.grad(cost, w))]
    return kg.function([x, k], outputs, updates=updates, target=target, name="example")


def texts(f: Any) -> list[str]:
    """What its stages and their parts print."""
    stages = f.stages
    values = [getattr(stages, name) for name in STAGES]
    program = stages.program
    values += [stages, stages.target, f.convention, f, f.graph, stages.schedule.decisions]
    values += [stages.rewriting.steps, stages.rewriting.log, program.calls, program.checks]
    values += [program.actions, program.kernels, *program.actions, *program.kernels]
    values += [stages.schedule.steps, stages.schedule.dims, stages.schedule.domains]
    values += [kernel.body for kernel in program.kernels]
    return [repr(value) for value in values] + [str(value) for value in values]


@pytest.mark.parametrize("target", ["c", "python", "interpret"])
def test_no_stage_prints_an_address(target: str) -> None:
    for text in texts(example(target)):
        assert not re.search(r" at 0x|object at|<function \w+ at|<code", text), text[:300]


def test_every_process_prints_the_same() -> None:
    code = (
        "from tests.test_compiler import example, texts\n"
        "for target in ('c', 'python'): print(*texts(example(target)), sep='\\n')"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(printed) == 1


def test_a_program_prints_its_loops() -> None:
    x = T.dvector("x")
    program = kg.function([x], (x * 2).sum(), target="python").stages.program
    assert "for x_n0 below x_n0" in repr(program) or "for " in repr(program)
    assert "reads   x: float64[x_n0]" in repr(program)
    assert repr(program).splitlines()[0] == "kernel kernel_0"


def test_what_a_large_program_prints_is_bounded() -> None:
    x = T.dmatrix("x")
    y = x
    for _ in range(300):
        y = T.dot(y, x)
    stages = kg.function([x], y, target="interpret").stages
    for text in (repr(stages.program), repr(stages.schedule), repr(stages.placed)):
        assert len(text) < 100_000
        assert len(text.splitlines()) <= 1_001
