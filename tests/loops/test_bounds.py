"""Whether a block lies inside of an axis: arithmetic with sizes claims nothing without a reason."""

from __future__ import annotations

import pytest

from kernelgraph.loops import ir
from kernelgraph.loops.bounds import Bounds, Sizes
from kernelgraph.loops.expressions import operation, total
from kernelgraph.ops.arithmetic import mul, sub
from kernelgraph.ops.blocks import padded_size
from kernelgraph.ops.indexing import FAR, slice_length
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


N, M, WHOLE = Dim("n"), Dim("m"), Dim("whole")
ZERO = ir.Number(0, "int64")


def name(dim: Dim) -> ir.Name:
    return ir.Name(dim.name)


@pytest.fixture
def bounds() -> Bounds:
    """n and m are sizes of inputs."""
    made = Bounds()
    made.define(N, ir.SlotSize(0, 0))
    made.define(M, ir.SlotSize(1, 0))
    return made


def test_both_halves_of_a_sum(bounds: Bounds) -> None:
    bounds.define(WHOLE, total(name(M), name(N)))
    assert bounds.inside(ZERO, N, WHOLE)
    assert bounds.inside(name(N), M, WHOLE)
    assert bounds.inside(name(M), N, WHOLE)
    assert not bounds.inside(name(N), N, WHOLE)
    assert not bounds.inside(total(name(N), ir.Number(1, "int64")), M, WHOLE)


def test_numbers_are_added_up(bounds: Bounds) -> None:
    five, three, eight = Dim("five", 5), Dim("three", 3), Dim("eight", 8)
    assert bounds.inside(ir.Number(5, "int64"), three, eight)
    assert bounds.inside(ir.Number(3, "int64"), five, eight)
    assert not bounds.inside(ir.Number(4, "int64"), five, eight)
    assert not bounds.inside(ir.Number(-1, "int64"), three, eight)


def test_equal_sizes_stand_for_each_other(bounds: Bounds) -> None:
    bounds.define(WHOLE, total(name(N), name(N)))
    assert not bounds.inside(name(N), M, WHOLE)
    bounds.join(M, N)
    assert bounds.inside(name(N), M, WHOLE)


def test_a_product_is_one_size_whose_sign_is_not_known(bounds: Bounds) -> None:
    area = operation(mul, "int64", name(N), name(M))
    bounds.define(WHOLE, area)
    assert bounds.inside(ZERO, WHOLE, WHOLE)
    assert not bounds.inside(area, N, WHOLE)


def test_a_difference_may_be_negative(bounds: Bounds) -> None:
    apart = operation(sub, "int64", name(N), name(M))
    assert not bounds.inside(apart, M, N)
    bounds.define(WHOLE, apart)  # a size, so it is at least 0
    assert bounds.inside(name(WHOLE), M, N)


def test_what_is_padded_holds_what_is_inside(bounds: Bounds) -> None:
    before, after = ir.Name("before"), ir.Name("after")
    padded = operation(padded_size, "int64", name(N), before, after)
    bounds.define(WHOLE, padded, is_size=False)
    assert not bounds.inside(before, N, WHOLE), "widths may be negative"
    bounds.define(Dim("checked"), padded)
    assert bounds.inside(before, N, WHOLE)


def test_a_copy_is_of_its_own(bounds: Bounds) -> None:
    inner = bounds.copy()
    inner.define(WHOLE, total(name(N), name(M)))
    assert inner.inside(name(N), M, WHOLE)
    assert not bounds.inside(name(N), M, WHOLE)


def test_a_formula_of_numbers_is_its_number(bounds: Bounds) -> None:
    """The rows after the first of a loop whose steps are known, and one row more."""
    rows, rest = Dim("rows"), Dim("rest")
    numbers = {"x": ir.Name("rows"), "y": ir.Number(1, "int64"), "z": ir.Number(FAR, "int64"),
               "w": ir.Number(1, "int64")}  # fmt: skip
    bounds.define(rows, total(ir.Number(1, "int64"), ir.Number(1, "int64")))
    bounds.define(rest, ir.Operation(slice_length, numbers, "int64"))
    assert bounds.inside(ZERO, rest, Dim("two", 2))
    assert bounds.inside(ir.Number(1, "int64"), rest, Dim("two", 2))
    assert not bounds.inside(ir.Number(2, "int64"), rest, Dim("two", 2))


def test_equalities_that_only_nothing_fulfils_hide_no_definition(bounds: Bounds) -> None:
    twice = Dim("twice")
    bounds.define(twice, total(name(N), name(N)))
    bounds.define(WHOLE, total(name(twice), name(N)))
    bounds.join(N, twice)  # so there are none
    assert bounds.inside(total(name(N), name(N)), N, WHOLE)
    assert not bounds.inside(total(name(N), name(N)), M, WHOLE)
