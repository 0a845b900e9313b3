"""A check builds the error of its op, at the user's line, from what was found."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Apply, Graph, Variable
from kernelgraph.loops import checks
from kernelgraph.loops.lower import lower
from kernelgraph.op import Axis, Reduction
from kernelgraph.ops.scan import Scan
from kernelgraph.ops.solving import Solve
from kernelgraph.schedule.fusion import plan


def node_of(variable: Variable) -> Apply:
    assert variable.owner is not None
    return variable.owner


x, v, n, k = T.dmatrix("x"), T.dvector("v"), T.lscalar("n"), T.lvector("k")


def sum_of_nothing() -> checks.Check:
    node = node_of(x.max(axis=1))
    assert isinstance(node.op, Reduction)
    return checks.not_empty(node, node.op, 1)


def singular() -> checks.Check:
    node = node_of(T.slinalg.solve(x, v))
    assert isinstance(node.op, Solve)
    return checks.factored(node, node.op.routine(node))


def too_few_elements() -> checks.Check:
    steps, _ = kg.scan(lambda a: a * 2, sequences=v)
    node = node_of(steps)
    assert isinstance(node.op, Scan)
    return checks.step_inside(node, node.op)


CASES: list[tuple[Callable[[], checks.Check], str, str]] = [
    (lambda: checks.equal_sizes(node_of(v + v), (Axis(0, 0), Axis(1, 0))), "KG-S001", "size 2"),
    (lambda: checks.equal_elements(node_of(x.reshape((n, 3)))), "KG-S004", "cannot reshape x"),
    (lambda: checks.inside(node_of(x[k])), "KG-I001", "index 2 is out of bounds"),
    (lambda: checks.inside(node_of(x[:, n]), 1), "KG-I001", "dimension 1 of x"),
    (lambda: checks.step_not_zero(node_of(v[::n])), "KG-I002", "step cannot be zero"),
    (sum_of_nothing, "KG-S010", "max of an empty axis"),
    (lambda: checks.not_negative(node_of(x.reshape((n, 3)))), "KG-S004", "can have size 2"),
    (lambda: checks.not_negative(node_of(T.arange(n))), "KG-S009", "more numbers"),
    (lambda: checks.not_negative(node_of(T.pad(v, (n, 0)))), "KG-S009", "less than no elements"),
    (too_few_elements, "KG-I004", "step"),
    (singular, "KG-N002", "x (float64[?, ?]) is singular"),
]


@pytest.mark.parametrize(("make", "code", "words"), CASES)
def test_each_check_has_an_error(make: Callable[[], checks.Check], code: str, words: str) -> None:
    check = make()
    error = check.error([2, 3, 0])
    assert error.code == code
    assert words in str(error)
    assert "test_checks.py" in str(error)
    assert repr(check).startswith("Check(node=")


def test_a_program_numbers_its_checks() -> None:
    program = lower(plan(Graph((x, v), (x.max(axis=1), v + x[0]))))
    assert [check.node.op.name for check in program.checks] == ["add", "subtensor", "max"]
