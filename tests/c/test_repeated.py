"""Large programs: what is equal is printed once, no function is large, and text grows linearly."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c.printer import print_c
from kernelgraph.c.repeated import MANY
from kernelgraph.c.target import CTarget
from kernelgraph.compiler import Stages
from kernelgraph.graph import Graph, Variable
from kernelgraph.rewrite.rules.order import DEFAULT
from kernelgraph.schedule.facts import CPU
from kernelgraph.schedule.values import Loop

STEPS = 18
MORE = 6
MOST_IN_A_FUNCTION = 40
"""Loops in C of one outermost loop with one product in it, in blocks of rows and without."""

Pair = tuple[list[Variable], Variable]


def products(n: int) -> Pair:
    """A recurrence of products of a matrix."""
    w, q = T.dmatrix("w"), T.dvector("q")
    state = q
    for _ in range(n):
        state = T.tanh(T.dot(w, state))
    return [w, q], state.sum()


def sums(n: int) -> Pair:
    """A recurrence of sums over rows."""
    x, t = T.dmatrix("x"), T.dscalar("t")
    state = t
    for k in range(n):
        state = T.tanh((state * x[k]).sum())
    return [x, t], state


def stages(made: Pair) -> Stages:
    inputs, cost = made
    outputs = (cost, *T.grad(cost, inputs))
    return Stages(Graph(tuple(inputs), outputs), DEFAULT, CTarget())


def functions(text: str) -> list[str]:
    """The text of each function of a kernel, and of the host's last."""
    return re.split(r"(?m)^(?=__attribute__\S+ static int32_t |KG_EXPORT int32_t )", text)[1:]


@pytest.mark.parametrize("recurrence", [products, sums])
def test_unrolled_steps_are_printed_once(recurrence: Callable[[int], Pair]) -> None:
    texts = [stages(recurrence(n)).source.text for n in (STEPS, STEPS + MORE, STEPS + 2 * MORE)]
    once, twice, thrice = map(functions, texts)
    assert len(once) == len(twice) == len(thrice) <= 16
    for function in thrice:
        assert function.count("for (") <= MOST_IN_A_FUNCTION
    first, second, third = map(len, texts)
    assert third - second <= 1.1 * (second - first)
    assert third - second <= 1500 * MORE


def test_each_outermost_loop_has_a_kernel() -> None:
    made = stages(products(STEPS))
    for kernel in made.schedule.kernels:
        assert sum(isinstance(item, Loop) for item in kernel.body.items) <= 1
    few = stages(products(3))
    loops = (isinstance(item, Loop) for item in few.schedule.kernels[0].body.items)
    assert sum(loops) > 1
    assert "noinline)) static int32_t" not in few.source.text


def test_lines_know_the_nodes_of_all_kernels_that_they_are_for() -> None:
    made = stages(products(STEPS))
    nodes = {node for kernel in made.program.kernels for node in kernel.nodes}
    lines = made.source.text.splitlines()
    for node in nodes:
        found = [lines[number - 1] for number in made.source.lines_of(node)]
        assert any("status = " not in line for line in found), node


def test_what_differs_is_not_the_same_function() -> None:
    """A constant, a function, an operand that is used twice, a dtype; `y - x` is `x - y` of other
    arguments.
    """
    kinds: list[Callable[[Variable, Variable], Variable]] = [
        lambda x, y: T.exp(x) * y, lambda x, y: T.expm1(x) * y, lambda x, y: T.exp(x) * y * 2.5,
        lambda x, y: T.exp(x) * x, lambda x, y: x - y, lambda x, y: y - x,
        lambda x, y: T.switch(x > 0, y, np.nan), lambda x, y: T.switch(x > 0, y, np.inf),
        lambda x, y: T.switch(x > 0, y, -np.inf), T.maximum,
        T.minimum, lambda x, y: x.astype("float32") - y.astype("float32"),
    ]  # fmt: skip
    rng = np.random.default_rng(0)
    inputs: list[Variable] = []
    outputs: list[Variable] = []
    values: list[np.ndarray[tuple[int], np.dtype[np.float64]]] = []
    for k, kind in enumerate(2 * kinds):
        x, y = T.dvector(f"x{k}"), T.dvector(f"y{k}")
        inputs += [x, y]
        outputs.append(kind(x, y))
        values += [rng.normal(size=5 + k), rng.normal(size=5 + k)]
    f = kg.function(inputs, outputs, on_unused_input="ignore")
    assert len(f.stages.program.kernels) == len(outputs) > MANY
    assert len(functions(f.stages.source.text)) == len(kinds) - 1 + 1  # and the host's
    right = kg.function(inputs, outputs, target="interpret", on_unused_input="ignore")
    for found, expected in zip(f(*values), right(*values), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_a_large_program_is_right() -> None:
    inputs, cost = products(STEPS)
    outputs = [cost, *T.grad(cost, inputs)]
    values = [np.random.default_rng(1).normal(size=shape) / 2 for shape in ((21, 21), (21,))]
    found = kg.function(inputs, outputs)(*values)
    right = kg.function(inputs, outputs, target="interpret")(*values)
    for one, other in zip(found, right, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


def test_timed_programs_have_a_row_for_each_kernel() -> None:
    made = stages(products(STEPS)).program
    text = print_c(made, timed=True).text
    assert len(re.findall(r"seconds \+= now\(\)", text)) == len(made.kernels) > CPU.most_loops
