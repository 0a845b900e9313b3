"""Wrong rules are found out, each by its counter-example; right ones are left in peace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

import kernelgraph.tensor as T
from kernelgraph.elementwise import DimShuffle
from kernelgraph.graph import Apply, Variable
from kernelgraph.rewrite.proof.check import refute
from kernelgraph.rewrite.rule import Rule, computed_rule, rule

LhsRhs = tuple[Any, Any]


def times_zero(x: Any) -> LhsRhs:
    """Not for NaN and infinity, and -1 * 0 is -0."""
    return x * 0, 0


def plus_zero(x: Any) -> LhsRhs:
    """Not for -0."""
    return x + 0, x


def minus_itself(x: Any) -> LhsRhs:
    """Not for NaN and infinity."""
    return x - x, 0


def equal_to_itself(x: Any) -> LhsRhs:
    """Not for NaN."""
    return T.eq(x, x), True


def root_of_square(x: Any) -> LhsRhs:
    """Not for negative numbers, nor for those whose square is no number of the dtype."""
    return T.sqrt(T.sqr(x)), x


def there_and_back(x: Any, y: Any) -> LhsRhs:
    """Not for numbers that round."""
    return (x + y) - y, x


def first_of_two(x: Any, y: Any) -> LhsRhs:
    """Not where the second is larger."""
    return T.maximum(x, y), x


def floats(match: Any) -> bool:
    """A guard: only where the operand is a float."""
    return match["x"].dtype.startswith("float")


# ----------------------------------------------------------------------------- rules that are exact

WRONG = [
    (times_zero, "times_zero: for x = -0.5 (float64[?]): x * 0 = -0.0, "),
    (plus_zero, "plus_zero: for x = -0.0 (float64[?]): x + 0 = 0.0, x = -0.0"),
    (minus_itself, "minus_itself: for x = inf (float64[?]): x - x = nan, "),
    (equal_to_itself, "equal_to_itself: for x = nan (float64[?]): x == x = False, "),
    (root_of_square, "root_of_square: for x = -0.5 (float64[?]): sqrt(sqr(x)) = 0.5, x = -0.5"),
    (there_and_back, "there_and_back: for x = "),
    (first_of_two, "first_of_two: for x = "),
]


@pytest.mark.parametrize(("wrong", "example"), WRONG, ids=[w.__name__ for w, _ in WRONG])
def test_a_wrong_rule_has_a_counter_example(wrong: Any, example: str) -> None:
    assert (refute(rule(wrong)) or "").startswith(example)


@pytest.mark.parametrize("seed", range(5))
def test_no_seed_is_needed_to_find_it(seed: int) -> None:
    assert refute(rule(there_and_back), seed) is not None


DOMAINS: list[tuple[Any, Mapping[str, str]]] = [
    (times_zero, {"x": "integer"}),
    (plus_zero, {"x": "integer"}),
    (minus_itself, {"x": "finite"}),
    (equal_to_itself, {"x": "finite"}),
    (there_and_back, {"x": "integer", "y": "integer"}),
]


@pytest.mark.parametrize(
    ("limited", "where"), DOMAINS, ids=[limited.__name__ for limited, _ in DOMAINS]
)
def test_a_rule_may_hold_for_some_numbers(limited: Any, where: Mapping[str, str]) -> None:
    assert refute(rule(where=where)(limited)) is None


def test_a_domain_that_does_not_help() -> None:
    found = refute(rule(where={"x": "finite"})(plus_zero))
    assert found is not None
    assert "x = -0.0" in found


def test_a_guard_keeps_a_rule_from_where_it_is_wrong() -> None:
    assert refute(rule(where={"x": "positive"})(root_of_square)) is not None, "100 ** 2 as an int8"
    assert refute(rule(where={"x": "positive"}, when=floats)(root_of_square)) is None


def test_integers_that_overflow() -> None:
    """Only the smallest integer is its own negative."""

    @rule(where={"x": "integer"})
    def magnitude(x: Any) -> LhsRhs:
        """Nearly."""
        return T.switch(T.abs(x) < 0, 1, 0), 0

    found = refute(magnitude)
    assert found is not None
    assert "x = -128 (int8[?])" in found


def test_shapes_that_only_look_alike() -> None:
    """The types agree, the sizes do not."""

    @computed_rule(on=[DimShuffle], examples=[lambda x: (x.T, x)], where={"x": "matrix"})
    def nothing_turned(node: Apply) -> Variable:
        """Wrong for all but square matrices."""
        return node.inputs[0]

    assert refute(nothing_turned) == "nothing_turned: float64(3, 2) becomes float64(2, 3)"


def test_one_nan_is_as_good_as_another() -> None:
    @rule(when=floats)
    def negated(x: Any) -> LhsRhs:
        """Where x is NaN, the two differ in its sign."""
        return x * -1, -x

    assert refute(negated) is None


# ---------------------------------------------------------------------------- rules that may round


def to_log(x: Any) -> LhsRhs:
    """Loses all digits of a small x."""
    return T.log1p(x), T.log(1 + x)


def to_log1p(x: Any) -> LhsRhs:
    """Keeps them."""
    return T.log(1 + x), T.log1p(x)


def to_something_else(x: Any) -> LhsRhs:
    """Another function."""
    return T.sin(x), T.tanh(x)


def to_logarithms(x: Any) -> LhsRhs:
    """Loses some digits of a power."""
    return x**3.5, T.exp(3.5 * T.log(x))


ROUNDING = [
    (to_log, "units of the last digit"),
    (to_logarithms, "units of the last digit"),
    (to_something_else, "the true value is"),
]


@pytest.mark.parametrize(("worse", "words"), ROUNDING, ids=[w.__name__ for w, _ in ROUNDING])
def test_a_result_further_from_the_truth(worse: Any, words: str) -> None:
    rounding = rule(changes="rounding", when=floats, where={"x": "positive"})
    assert words in (refute(rounding(worse)) or "")


def test_a_result_nearer_to_the_truth_is_welcome() -> None:
    assert refute(rule(changes="rounding", when=floats)(to_log1p)) is None


def test_a_unit_or_two_of_the_last_digit_are_allowed() -> None:
    @rule(changes="rounding", when=floats)
    def third(x: Any) -> LhsRhs:
        """A third is rounded, and then the product."""
        return x / 3, x * (1 / 3)

    assert refute(third) is None


def test_it_is_not_exact_though() -> None:
    assert refute(rule(when=floats)(to_log1p)) is not None


def test_a_rule_that_rounds_may_not_hide_a_nan() -> None:
    found = refute(rule(changes="rounding", when=floats)(minus_itself))
    assert found is not None
    assert found.endswith("(no real number is meant)")


def test_a_rule_that_rounds_is_exact_for_integers() -> None:
    @rule(changes="rounding", where={"x": "integer"})
    def one_more(x: Any) -> LhsRhs:
        """One is a unit of the last digit, but not of a float."""
        return x + 2, x + 3

    assert (refute(one_more) or "").startswith(
        "one_more: for x = 1 (int8[?]): x + 2 = 3, x + 3 = 4"
    )


# --------------------------------------------------------------------------- rules that do not work


def fails(match: Any) -> bool:
    """A guard that raises."""
    raise KeyError("no such thing")


def test_a_rule_that_raises() -> None:
    found = refute(rule(when=fails)(plus_zero))
    assert found is not None
    assert "for float64[?]" in found
    assert "KeyError" in found


def test_a_rule_that_changes_the_dtype() -> None:
    @computed_rule(on=[T.exp], examples=[lambda x: (T.exp(x), x)])
    def narrowed(node: Apply) -> list[Variable]:
        """Half the digits."""
        return [T.cast(node.inputs[0], "float32")]

    found = refute(narrowed)
    assert found is not None
    assert "its replacement float32(x) is float32[?]" in found


def never(match: Any) -> bool:
    """A guard that lets nothing through."""
    return False


def test_a_rule_that_never_fits() -> None:
    assert refute(rule(when=never)(plus_zero)) == (
        "plus_zero: it has nothing for any of its own examples"
    )


def test_an_example_that_goes_wrong() -> None:
    def verdict(example: Any) -> str:
        @computed_rule(on=[T.exp], examples=[example])
        def examined(node: Apply) -> Variable:
            """It would be right."""
            return node.out

        return refute(examined) or ""

    assert verdict(lambda x: 1 // 0) == (
        "examined: its example 0 does not give (lhs, rhs): ZeroDivisionError: "
        "integer division or modulo by zero"
    )
    assert "does not give (lhs, rhs): ValueError" in verdict(T.exp)
    assert verdict(lambda x: (T.exp(x, x), x)).startswith(
        "examined: its examples cannot be built: exp takes 1 operands, got 2"
    )


def test_a_rule_that_does_not_end_is_found_out_soon() -> None:
    @rule
    def turned(x: Any, y: Any) -> LhsRhs:
        """Right, for ever and ever."""
        return x + y, y + x

    assert "it made 201 steps and would not end" in (refute(turned) or "")


def after_others(example: Any) -> Rule:
    """A wrong rule whose examples need the rules of the house to get going."""

    @computed_rule(on=[T.log1p], examples=[example])
    def logarithm_of_nothing(node: Apply) -> Variable:
        """Wrong for all but 0."""
        return node.inputs[0]

    return logarithm_of_nothing


def test_a_rule_may_need_others_to_get_going() -> None:
    found = refute(after_others(lambda x: (T.log(1 + x), x)))
    assert found is not None
    assert "log(1 + x) =" in found
