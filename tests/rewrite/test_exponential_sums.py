"""Sums of exponentials are read as weights and exponents, however they are spelled."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

import kernelgraph.tensor as T
from kernelgraph.rewrite.exponential_sums import (
    MOST_POWERS,
    is_limited,
    is_opposite,
    limited,
    linear,
    log_of_positive,
    marked,
    read_sum,
)

X: Any = T.dscalar("x")
Y: Any = T.dscalar("y")

SPELLINGS: dict[str, tuple[Any, set[tuple[Fraction, Any]]]] = {
    "two": (T.exp(X) + 2 * T.exp(Y), {(Fraction(1), X), (Fraction(2), Y)}),
    "a difference": (T.exp(X) - T.exp(Y) / 4, {(Fraction(1), X), (Fraction(-1, 4), Y)}),
    "a number": (3 + T.exp(X), {(Fraction(3), None), (Fraction(1), X)}),
    "expm1": (T.expm1(X), {(Fraction(1), X), (Fraction(-1), None)}),
    "distributed": ((T.exp(X) + 1) * 2, {(Fraction(2), X), (Fraction(2), None)}),
    "like ones": (T.exp(X) + 3 * T.exp(X), {(Fraction(4), X)}),
    "what cancels": (T.exp(X) + 1 - 1, {(Fraction(1), X)}),
    "negative": (-(T.exp(X) - 1), {(Fraction(-1), X), (Fraction(1), None)}),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_weights_and_exponents(name: str) -> None:
    total, expected = SPELLINGS[name]
    powers = read_sum(total)
    assert powers is not None
    assert {(p.weight, p.exponent) for p in powers} == expected
    assert all(p.factor is None for p in powers)


def test_what_is_no_number_is_a_factor() -> None:
    powers = read_sum(Y * T.exp(X))
    assert powers is not None
    (power,) = powers
    assert (power.factor, power.exponent) == (Y, X)


def test_a_product_of_exponentials_has_one_exponent() -> None:
    powers = read_sum(T.exp(X) * T.exp(Y))
    assert powers is not None
    (power,) = powers
    assert power.exponent is not None
    assert linear(power.exponent) == linear(X + Y)


def test_long_sums_are_left_alone() -> None:
    total: Any = sum((T.exp(k * X) for k in range(2, MOST_POWERS + 4)), start=T.exp(X))
    assert read_sum(total) is None


def test_what_was_shifted_is_not_read_again() -> None:
    assert is_limited(marked(X))
    assert is_limited(limited(X))
    assert not is_limited(X)
    assert read_sum(T.exp(marked(X)) + T.exp(Y)) is None


def test_exponents_are_compared_as_sums_of_multiples() -> None:
    assert linear(2 * X - Y) == linear(X - (Y - X))
    assert is_opposite(X - Y, Y - X)
    assert not is_opposite(X - Y, X + Y)


def test_the_logarithm_of_what_is_positive_by_its_form() -> None:
    assert log_of_positive(T.exp(X)) is X
    assert log_of_positive(X) is None
    root: Any = log_of_positive(T.sqrt(T.exp(X)))
    assert linear(root) == linear(0.5 * X)
