"""Where a pattern fits: holes, numbers, operands in any order, and what is built from a match."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import kernelgraph.tensor as T
from kernelgraph.errors import RuleError
from kernelgraph.graph import Constant, Variable
from kernelgraph.ops.broadcasting import broadcast_like
from kernelgraph.rewrite.matching import (
    build,
    constant_behind,
    equal_constants,
    fit,
    matches,
    number,
    replacement,
)
from kernelgraph.rewrite.wildcards import levels, others, wildcards
from kernelgraph.symbols import Pattern
from kernelgraph.types import TensorType

x_: Any = Pattern(None, (), "x")
y_: Any = Pattern(None, (), "y")


def found(pattern: Any, variable: Any) -> list[dict[str, Variable]]:
    """What the holes stand for, once for each way in which the pattern fits."""
    return [dict(match.bound) for match in matches(pattern, variable.owner)]


# ------------------------------------------------------------------------------------------- holes


def test_a_hole_fits_every_variable() -> None:
    x = T.dmatrix("x")
    for operand in (x, T.exp(x), T.constant(2.0)):
        assert found(T.log(x_), T.log(operand)) == [{"x": operand}]


def test_a_pattern_looks_as_deep_as_it_goes() -> None:
    x = T.dvector("x")
    assert found(T.log(T.exp(T.sin(x_))), T.log(T.exp(T.sin(x)))) == [{"x": x}]
    assert found(T.log(T.exp(T.sin(x_))), T.log(T.exp(T.cos(x)))) == []


def test_a_pattern_does_not_fit_an_input() -> None:
    assert found(T.log(T.exp(x_)), T.log(T.dvector("y"))) == []


def test_a_hole_used_twice_stands_for_one_variable() -> None:
    x, y = T.dvectors("x", "y")
    assert found(x_ - x_, x - x) == [{"x": x}]
    assert found(x_ - x_, x - y) == []


def test_a_hole_used_twice_on_different_levels() -> None:
    x, y = T.dvectors("x", "y")
    assert found(T.exp(x_) - x_, T.exp(x) - x) == [{"x": x}]
    assert found(T.exp(x_) - x_, T.exp(x) - y) == []


def test_equal_expressions_are_two_variables() -> None:
    """Making them one is the work of another phase, which comes first."""
    x = T.dvector("x")
    assert found(x_ - x_, T.exp(x) - T.exp(x)) == []


def test_equal_constants_count_as_one() -> None:
    one, same, other = (T.constant([1.0, value]) for value in (2.0, 2.0, 3.0))
    assert found(x_ - x_, one - same) == [{"x": one}]
    assert found(x_ - x_, one - other) == []


CONSTANTS: list[tuple[Any, Any, bool]] = [
    (np.float64(1), np.float64(1), True),
    (np.array(0.0), np.array(-0.0), False),
    (np.array(np.nan), np.array(np.nan), True),
    (np.array(1, "int8"), np.array(1, "int16"), False),
    (np.array(1.0), np.array([1.0]), False),
    (np.array([1.0, 1.0]), np.array([1.0]), False),
    (np.arange(4.0).reshape(2, 2).T, np.array([[0.0, 2.0], [1.0, 3.0]]), True),
]


@pytest.mark.parametrize(("a", "b", "equal"), CONSTANTS, ids=repr)
def test_constants_are_equal_by_their_bits(a: Any, b: Any, equal: bool) -> None:
    assert equal_constants(T.constant(a), T.constant(b)) is equal


def test_a_variable_is_no_constant() -> None:
    x = T.dvector("x")
    assert not equal_constants(x, x)


# ----------------------------------------------------------------------------------- in any order


def test_operands_of_commutative_ops_fit_in_any_order() -> None:
    x, y = T.dvectors("x", "y")
    for sum_ in (T.exp(x) + y, y + T.exp(x)):
        assert found(T.exp(x_) + y_, sum_) == [{"x": x, "y": y}]


def test_operands_of_other_ops_fit_in_their_own() -> None:
    x, y = T.dvectors("x", "y")
    assert found(T.exp(x_) - y_, y - T.exp(x)) == []


def test_every_way_to_fit_is_told() -> None:
    x, y = T.dvectors("x", "y")
    both = T.exp(x) * T.exp(y)
    assert found(T.exp(x_) * T.exp(y_), both) == [{"x": x, "y": y}, {"y": x, "x": y}]


def test_orders_inside_of_orders() -> None:
    """2 * (1 + x) in its four spellings."""
    x = T.dvector("x")
    for product in (2 * (1 + x), 2 * (x + 1), (1 + x) * 2, (x + 1) * 2):
        assert found(2 * (1 + x_), product) == [{"x": x}]


def test_a_choice_made_early_is_undone() -> None:
    """The first order binds x to the wrong operand; the second fits."""
    a, b = T.dvectors("a", "b")
    assert found((x_ + y_) - x_, (a + b) - b) == [{"x": b, "y": a}]


# ----------------------------------------------------------------------------------------- numbers


def test_a_number_fits_constants_of_its_value() -> None:
    x = T.dmatrix("x")
    ones = [1, 1.0, True, np.ones(3), np.ones((2, 3)), np.int16(1)]
    for one in ones:
        assert found(x_ * 1, x * one) == [{"x": x}]


@pytest.mark.parametrize("value", [2, 1.0000001, -1, np.nan, [1.0, 2.0], []], ids=repr)
def test_a_number_fits_no_others(value: Any) -> None:
    assert found(x_ * 1, T.mul(T.dvector("x"), np.array(value))) == []


def test_a_number_is_seen_through_casts_and_dimensions() -> None:
    x, one = T.dmatrix("x"), T.constant(1)
    wide = T.cast(one, "float64").dimshuffle("x", "x")
    for repeated in (wide, broadcast_like(wide, x), T.ones_like(x)):
        assert found(x_ * 1, x * repeated) == [{"x": x}]


def test_an_input_is_no_number() -> None:
    assert found(x_ * 1, T.dvector("x") * T.dscalar("one")) == []


ZEROS = [(0, 0.0, True), (0, -0.0, False), (-0.0, -0.0, True), (-0.0, 0.0, False), (-0.0, 0, False)]


@pytest.mark.parametrize(("pattern", "value", "fits"), ZEROS, ids=repr)
def test_zeros_have_signs(pattern: float, value: float, fits: bool) -> None:
    x = T.dvector("x")
    assert bool(found(x_ + pattern, x + value)) is fits


VALUES: list[tuple[Any, Any]] = [
    (T.constant(2.5), 2.5),
    (T.constant([3, 3]), 3),
    (T.constant([3, 4]), None),
    (T.cast(T.constant(2.5), "int8"), 2),
    (T.cast(T.cast(T.constant(300), "uint8"), "float64"), 44),
    (T.cast(T.constant(0.1), "float32"), np.float32(0.1)),
    (T.zeros_like(T.dmatrix("x")), 0),
    (T.exp(T.constant(1.0)), None),
    (T.dscalar("x"), None),
]


@pytest.mark.parametrize(("variable", "value"), VALUES, ids=str)
def test_the_number_that_a_variable_is_known_to_be(variable: Any, value: Any) -> None:
    assert number(variable) == value


def test_the_number_has_the_dtype_of_the_variable() -> None:
    assert number(T.cast(T.constant(2), "float32")).dtype == "float32"


def test_the_constant_that_is_repeated() -> None:
    constant = T.constant(5)
    assert constant_behind(T.cast(constant, "float64").dimshuffle("x")) is constant
    assert constant_behind(constant + 1) is None
    assert constant_behind(T.dscalar("x").dimshuffle("x")) is None


# ------------------------------------------------------------------------------- what it is made of


def test_the_parts_of_a_pattern() -> None:
    pattern = T.log(1 + T.exp(x_ * y_)) - x_
    assert list(wildcards(pattern)) == ["x", "y", "x"]
    assert list(others(pattern)) == [1]
    assert levels(pattern) == 5
    assert levels(x_) == levels(1) == 0


# ------------------------------------------------------------------------------------ what is built


def built(before: Any, after: Any, variable: Any) -> Variable | None:
    """What the right side is where the left side first fits."""
    first: Iterator[Any] = matches(before, variable.owner)
    return replacement(after, next(first))


def test_a_hole_on_the_right_is_what_it_stands_for() -> None:
    x = T.dvector("x")
    assert built(T.log(T.exp(x_)), x_, T.log(T.exp(x))) is x


def test_operands_keep_the_order_of_the_student() -> None:
    a, b = T.dvectors("a", "b")
    new: Any = built((-x_) * (-y_), y_ * x_, (-a) * (-b))
    assert new.owner.inputs == [a, b]


def test_what_is_built_has_the_dtype_of_what_it_replaces() -> None:
    x = T.ivector("x")
    new = built(x_ / 1, x_, x / 1)
    assert new is not None
    assert new.dtype == (x / 1).dtype == "float64"


def test_operands_are_widened_before_anything_is_computed() -> None:
    """float32 numbers that were added to float64 numbers are not multiplied as float32."""
    x, y = T.fvector("x"), T.dvector("y")
    new: Any = built(x_ + y_, T.sqr(x_) - y_, x + y)
    squared = new.owner.inputs[0].owner
    assert (squared.op, squared.inputs[0].dtype) == (T.sqr, "float64")


def test_a_number_is_repeated_to_the_sizes_of_what_it_replaces() -> None:
    x = T.tensor("float32", (None, 3), "x")
    new = built(x_ * 0, 0, x * 0)
    assert new is not None
    assert new.type == TensorType("float32", (None, 3))


def test_what_would_forget_a_size_is_not_built() -> None:
    """x + v is checked to have 3 elements; x alone would not be."""
    x, v = T.dvector("x"), T.tensor("float64", (3,), "v")
    assert built(x_ + y_, x_, x + v) is None
    assert built(x_ + y_, y_, x + v) is v


@pytest.mark.parametrize(
    "new", [lambda: T.dmatrix("m"), lambda: T.tensor3("t")], ids=["matrix", "more"]
)
def test_ranks_that_differ_are_a_mistake(new: Callable[[], Any]) -> None:
    with pytest.raises(RuleError, match=r"x has 1 dimensions, . has [23]"):
        fit(new(), T.dvector("x"))


def test_a_number_in_a_pattern_becomes_a_constant() -> None:
    x = T.dscalar("x")
    made: Any = build(x_ - 2, {"x": x}, "float64")
    first, second = made.owner.inputs
    assert first is x
    assert isinstance(second, Constant)
    assert second.data == 2


def test_numbers_do_not_make_a_result_wider() -> None:
    x = T.fscalar("x")
    made: Any = build(x_ * 0.1, {"x": x}, "float32")
    assert made.dtype == "float32"
    wide: Any = build(x_ * 0.1, {"x": x}, "float64")
    assert wide.dtype == "float64"
    small: Any = build(x_ * 2, {"x": T.bscalar("k")}, "int8")
    assert small.dtype == "int8"
