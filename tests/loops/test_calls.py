"""Work that the host has others do: Python, libraries, C of the user's own."""

from __future__ import annotations

from typing import Any

import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import SingularMatrixError
from kernelgraph.graph import Graph
from kernelgraph.loops import host
from kernelgraph.loops.lower import lower
from kernelgraph.loops.program import Program
from kernelgraph.schedule.fusion import plan

x, y, v = T.dmatrix("x"), T.dmatrix("y"), T.dvector("v")


C = "for (int64 i = 0; i < n; i++) out[i] = x[i];"


@kg.as_op(T.dvector, T.dvector, signature="(n)->(n)", c=C)
def copied(x: Any) -> Any:
    return x


@kg.as_op([T.dvector, T.dmatrix], [T.dvector, T.dvector])
def both(a: Any, b: Any) -> Any:
    return a, b[0]


def lowered(*outputs: Any) -> Program:
    return lower(plan(Graph((x, y, v), outputs)))


def calls(program: Program) -> list[host.Call]:
    return [action for action in program.actions if isinstance(action, host.Call)]


def test_a_product_of_matrices_is_one_of_the_library() -> None:
    program = lowered(T.dot(x.T, y))
    (call,) = calls(program)
    assert isinstance(call.routine, host.Product)
    assert call.routine.names() == ["x.T", "y"]
    assert [request.slot for request in call.routine.memory] == [3]


def test_every_call_says_what_it_means_by_slots() -> None:
    program = lowered(T.dot(x, y), *both(v, y))
    assert [(call.inputs, call.outputs) for call in program.calls] == [
        ((0, 1), (3,)),
        ((2, 1), (4, 5)),
    ]
    assert [call.routine is None for call in calls(program)] == [False, True]


def test_equations_have_a_check() -> None:
    program = lowered(T.slinalg.solve(x, v))
    (call,) = calls(program)
    assert isinstance(call.routine, host.Lapack)
    with pytest.raises(SingularMatrixError, match="KG-N002"):
        program.checks[call.routine.check].report([])


def test_own_c_gets_sizes_and_operands_without_gaps() -> None:
    for operand, copies in ((v, 1), (T.exp(v), 0)):  # an input may have gaps
        (call,) = calls(lowered(copied(operand)))
        assert isinstance(call.routine, host.OwnC)
        routine = call.routine
        assert (len(routine.operands), len(routine.sizes), len(routine.memory)) == (1, 1, 1)
        assert len(routine.copies) == copies
