"""What the iterations of a loop share, read from programs as they are lowered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

import kernelgraph.tensor as T
from kernelgraph.c.target import CTarget
from kernelgraph.compiler import compile_graph
from kernelgraph.graph import Graph, Variable
from kernelgraph.loops import ir
from kernelgraph.loops.lower import lower
from kernelgraph.loops.sharing import Sharing, sharing
from kernelgraph.schedule.dims import Dim

ROWS = Dim("rows")
COLUMNS = Dim("columns")
ROW, J = ir.Name("i"), ir.Name("j")
X = ir.Buffer("x", "float64", (ROWS, COLUMNS))
Y = ir.Buffer("y", "float64", (ROWS, COLUMNS))
E = ir.Buffer("e", "float64", (COLUMNS,))


def loop_of(graph: Graph) -> ir.For:
    """The last loop of the only kernel."""
    (kernel,) = lower(compile_graph(graph, CTarget()).schedule).kernels
    return [item for item in kernel.body if isinstance(item, ir.For)][-1]


def over(name: ir.Name, dim: Dim, *body: ir.Statement) -> ir.For:
    return ir.For(name.name, dim, body)


def store(buffer: ir.Buffer, *index: ir.Expression, value: ir.Expression | None = None) -> ir.Store:
    return ir.Store(buffer, index, value or ir.Number(1.0, "float64"))


CASES: dict[str, tuple[ir.For, dict[str, set[str]]]] = {
    "an element each": (over(ROW, ROWS, over(J, COLUMNS, store(X, ROW, J))), {}),
    "reading what nobody writes": (
        over(ROW, ROWS, over(J, COLUMNS, store(X, ROW, J, value=ir.Load(E, (J,))))), {},
    ),
    "rows read again in their own row": (
        over(ROW, ROWS, over(J, COLUMNS, store(X, ROW, J)),
             over(J, COLUMNS, store(Y, ROW, J, value=ir.Load(X, (ROW, J))))), {},
    ),
    "another row is read": (
        over(ROW, ROWS, over(J, COLUMNS, store(X, ROW, J, value=ir.Load(X, (J, ROW))))),
        {"mixed": {"x"}},
    ),
    "all write to one element": (
        over(ROW, ROWS, store(E, ir.Number(0, "int64"))), {"mixed": {"e"}},
    ),
    "scratch": (
        over(ROW, ROWS, over(J, COLUMNS, store(E, J)),
             over(J, COLUMNS, store(X, ROW, J, value=ir.Load(E, (J,))))),
        {"scratch": {"e"}},
    ),
    "read before it is filled": (
        over(ROW, ROWS, over(J, COLUMNS, store(X, ROW, J, value=ir.Load(E, (J,)))),
             over(J, COLUMNS, store(E, J))),
        {"mixed": {"e"}},
    ),
    "filled in part": (
        over(ROW, ROWS, store(E, ir.Number(0, "int64")),
             over(J, COLUMNS, store(X, ROW, J, value=ir.Load(E, (J,))))),
        {"mixed": {"e"}},
    ),
    "a buffer of one iteration": (
        over(ROW, ROWS, store(replace(E, scope="local"), ir.Number(0, "int64"))), {},
    ),
    "memory where several indices are one element": (
        over(ROW, ROWS, store(replace(E, dims=(ROWS,), overlaps=True), ROW)), {"mixed": {"e"}},
    ),
    "a number that goes from iteration to iteration": (
        over(ROW, ROWS, ir.Assign("t", ir.Load(E, (ROW,)))), {"carried": {"t"}},
    ),
}  # fmt: skip


def names(found: Sharing) -> dict[str, set[str]]:
    kinds = {
        kind: {getattr(item, "name", item) for item in getattr(found, kind)}
        for kind in ("reduced", "carried", "added", "scratch", "mixed")
    }
    return {kind: items for kind, items in kinds.items() if items}


@pytest.mark.parametrize("name", CASES)
def test_what_is_shared(name: str) -> None:
    loop, wanted = CASES[name]
    found = sharing(loop)
    assert names(found) == wanted
    assert found.nothing == (not wanted)


def test_parts_of_one_array_are_mixed() -> None:
    loop, _ = CASES["an element each"]
    assert names(sharing(loop, [X])) == {"mixed": {"x"}}


FORMULAS: dict[str, tuple[Callable[[Variable], Variable], str]] = {
    "elementwise": (lambda x: T.exp(x) * 2, "nothing"),
    "sums of rows": (lambda x: T.exp(x).sum(axis=1), "nothing"),
    "softmax": (T.softmax, "v_exp"),
    "sums of columns": (lambda x: T.exp(x).sum(axis=0), "v_sum"),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_loops_of_formulas(name: str) -> None:
    make, wanted = FORMULAS[name]
    x = T.dmatrix("x")
    assert str(sharing(loop_of(Graph((x,), (make(x),))))) == wanted
