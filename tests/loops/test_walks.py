"""Walks reach everything: the rest of a loop, what a Poll counts, operands of operands."""

from __future__ import annotations

from dataclasses import replace

from kernelgraph.loops import ir
from kernelgraph.loops.expressions import operation, total
from kernelgraph.loops.walks import (
    loads,
    mapped,
    mapped_statement,
    names,
    nested,
    operations,
    parts,
    values,
)
from kernelgraph.ops.arithmetic import abs_
from kernelgraph.schedule.dims import Dim

N = Dim("n")
X = ir.Buffer("x", "float64", (N,))
AT = ir.Name("i")
INNER = ir.Load(X, (total(AT, ir.Name("k")),))
FORMULA = operation(abs_, "float64", INNER)
STORE = ir.Store(X, (AT,), FORMULA)
LET = ir.Let("a", ir.Name("left_over"))
LOOP = ir.For("i", N, (STORE, ir.Poll(ir.Name("work_done"))), rest=(LET,))


def test_statements_inside_of_loops() -> None:
    assert list(nested([LOOP])) == [LOOP, *LOOP.body, LET]


def test_what_a_statement_has_itself() -> None:
    assert values(STORE) == (AT, FORMULA)
    assert values(LOOP) == ()


def test_parts_of_an_expression() -> None:
    assert list(loads(FORMULA)) == [INNER]
    assert [part.op.name for part in operations(FORMULA)] == ["abs", "add"]
    assert names(FORMULA) == {"i", "k"}


def test_all_that_a_program_is_made_of() -> None:
    found = list(parts([LOOP]))
    assert {part.name for part in found if isinstance(part, ir.Name)} == {
        "i", "k", "left_over", "work_done",
    }  # fmt: skip
    assert LET in found
    assert FORMULA in found


def test_changes_come_from_the_inside_out() -> None:
    seen: list[str] = []

    def renamed(value: ir.Expression) -> ir.Expression:
        seen.append(type(value).__name__)
        return ir.Name("h") if isinstance(value, ir.Name) and value.name == "k" else value

    assert names(mapped(FORMULA, renamed)) == {"i", "h"}
    assert seen == ["Name", "Name", "Operation", "Load", "Operation"]
    assert names(FORMULA) == {"i", "k"}, "what was there is as it was"


def test_statements_are_changed_with_all_inside_of_them() -> None:
    def renamed(value: ir.Expression) -> ir.Expression:
        return ir.Name("h") if isinstance(value, ir.Name) else value

    def unnamed(item: ir.Statement) -> ir.Statement:
        return replace(item, name="b") if isinstance(item, ir.Let) else item

    changed = mapped_statement(LOOP, renamed, unnamed)
    assert isinstance(changed, ir.For)
    (rest,) = changed.rest
    assert isinstance(rest, ir.Let)
    assert rest.name == "b"
    assert names(rest.value) == {"h"}
