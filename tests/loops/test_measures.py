"""What the host computes for itself: the sizes of arrays, which it learns, works out and checks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Apply
from kernelgraph.op import Cotangents, Opaque, Size
from kernelgraph.ops.sources import size
from tests.loops.lowered import lines
from tests.support import TARGETS


class TwiceTheHalf(Opaque):
    """Its size takes a way through fractions: n / 2 * 2, converted to an integer."""

    __props__ = ()
    name = "twice_the_half"

    def make_node(self, *inputs: Any) -> Apply:
        (x,) = inputs
        return Apply(self, [x], [x.type()])

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        return [[T.cast(size(node.inputs[0], 0) / 2 * 2, "int64")]]

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        return [np.array(inputs[0])]

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        return [None]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("n", [4, 5])
def test_sizes_are_computed_in_the_dtypes_of_their_ops(target: str, n: int) -> None:
    x = T.dvector("x")
    f = kg.function([x], TwiceTheHalf()(x) + 1, target=target)
    assert f(np.zeros(n)).tolist() == [1.0] * n


# ---------------------------------------------------------- what is known, and what is checked


x, v, u, w, n = T.dmatrix("x"), T.dvector("v"), T.dvector("u"), T.dvector("w"), T.lscalar("n")


def checked(found: list[str]) -> list[str]:
    return [line for line in found if line.startswith("check ")]


def test_a_size_is_learnt_once_and_checked_from_then_on() -> None:
    found = lines([v, u], v + u)
    assert "v_n0 = size 0 of slot 0" in found
    assert checked(found) == ["check v_n0 = size 0 of slot 1, else error 0"]


def test_two_sizes_are_compared_once() -> None:
    assert len(checked(lines([v, u, w], v + u, v * u, v - w))) == 2


def test_a_size_that_is_declared_is_a_number() -> None:
    three = T.tensor("float64", (3,), "three")
    assert checked(lines([three, v], three + v)) == ["check 3 = size 0 of slot 1, else error 0"]


def test_what_can_only_fail_is_checked_all_the_same() -> None:
    three, four = (T.tensor("float64", (size,), f"t{size}") for size in (3, 4))
    assert "check 3 = 4, else error 1" in lines([v, three, four], v + three, v + four)


def test_the_host_works_out_a_size_behind_views_by_formulas_with_names() -> None:
    found = lines([x, n], x.reshape((n, -1)) * 1)
    assert "size = x_n0 * x_n1" in found
    assert "reshape_n1 = (-1 if n == 0 else size // n), at least 0, else error 1" in found


def test_a_size_that_is_not_used_is_a_fact_all_the_same() -> None:
    """The shape of v + u is that of v, but the two must fit."""
    assert len(checked(lines([v, u], (v + u).shape[0] * 2))) == 1
