"""Sizes that are known to be equal: found by way of others, and told apart by branch."""

from __future__ import annotations

from kernelgraph.loops import ir
from kernelgraph.loops.sizes import Sizes
from kernelgraph.schedule.dims import Dim

A, B, C, D = (Dim(name) for name in "abcd")


def test_equal_by_way_of_others() -> None:
    sizes = Sizes()
    assert sizes.join(A, B)
    assert sizes.join(C, D)
    assert not sizes.same(A, D)
    assert sizes.join(D, B)
    assert sizes.same(A, C)
    assert not sizes.join(C, A), "this is no news"


def test_a_declared_size_is_its_number() -> None:
    sizes = Sizes()
    assert sizes.same(Dim("rows", 3), Dim("columns", 3))
    assert sizes.same(Dim("rows", 3), ir.Number(3, "int64"))
    assert not sizes.same(Dim("rows", 3), Dim("columns", 4))


def test_equal_formulas_are_one_size() -> None:
    sizes = Sizes()
    assert sizes.same(ir.SlotSize(0, 1), ir.SlotSize(0, 1))
    assert not sizes.same(ir.SlotSize(0, 1), ir.SlotSize(1, 0))


def test_what_is_found_in_a_branch_stays_there() -> None:
    outer = Sizes()
    inner = outer.copy()
    inner.join(A, B)
    assert inner.same(A, B)
    assert not outer.same(A, B)
