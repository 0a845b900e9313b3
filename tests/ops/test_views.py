"""Views and reshapes by name: the orders and sizes they take, and what they know of the result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import AxisError, DTypeError, ShapeError
from kernelgraph.types import Shape


def known(*shape: int | None) -> Any:
    """A variable of these sizes."""
    return T.tensor("float64", shape, "x")


# -------------------------------------------------------------------------------------- transpose


@pytest.mark.parametrize(
    ("arguments", "shape"),
    [
        ((), (4, None, 2)),
        ((0, 1, 2), (2, None, 4)),
        ((1, 0, 2), (None, 2, 4)),
        (((1, 0, 2),), (None, 2, 4)),
        ((-1, 0, -2), (4, 2, None)),
    ],
    ids=repr,
)
def test_transposes_move_known_sizes(arguments: Any, shape: Shape) -> None:
    assert known(2, None, 4).transpose(*arguments).type.shape == shape


@pytest.mark.parametrize("order", [(0,), (0, 0), (0, 2), (0, -3), (0, 1, 1)], ids=repr)
def test_a_transpose_names_every_dimension_once(order: tuple[int, ...]) -> None:
    with pytest.raises(AxisError, match=r"KG-S003.*x \(float64\[\?, 1\]\)"):
        known(None, 1).transpose(*order)


@pytest.mark.parametrize("x", [known(), known(3)], ids=["scalar", "vector"])
def test_what_has_no_second_dimension_is_its_own_transpose(x: Any) -> None:
    assert x.T is x


# ------------------------------------------------------------------------------------- dimshuffle


def test_a_new_dimension_has_size_one() -> None:
    assert known(2, 3).dimshuffle(1, "x", 0).type.shape == (3, 1, 2)


def test_a_dimension_of_size_one_may_be_dropped() -> None:
    assert known(2, 1).dimshuffle(0).type.shape == (2,)


def test_a_dimension_that_may_be_longer_is_not_dropped() -> None:
    with pytest.raises(ShapeError, match=r"KG-S007.*drops dimension 1.*whose size is not 1"):
        known(2, None).dimshuffle(0)


def test_an_order_counts_from_the_front_only() -> None:
    with pytest.raises(AxisError, match=r"KG-S003.*axis -1 does not exist in x"):
        known(2, 3).dimshuffle(-1, 0)


# ---------------------------------------------------------------------------------------- reshape


SHAPES: list[tuple[Shape, Any, Shape]] = [
    ((3, 4), (2, 6), (2, 6)),
    ((3, 4), 12, (12,)),
    ((3, 4), -1, (12,)),
    ((3, 4), (2, -1), (2, 6)),
    ((3, 4), (1, -1, 1), (1, 12, 1)),
    ((3, 4), np.array([6, 2]), (6, 2)),
    ((None, 4), (2, -1), (2, None)),
    ((1, 1), (), ()),
    ((), (1, 1), (1, 1)),
    ((0, 3), (3, 0), (3, 0)),
    ((0, 3), (-1, 3), (0, 3)),
]


@pytest.mark.parametrize(("old", "new", "result"), SHAPES, ids=repr)
def test_the_sizes_of_a_reshape(old: Shape, new: Any, result: Shape) -> None:
    assert known(*old).reshape(new).type.shape == result


REFUSED: list[tuple[Any, str]] = [
    ((2, 5), r"3 × 4 = 12 elements, 2 × 5 asks for 10"),
    ((5, -1), r"cannot reshape x .* of shape \(3, 4\) to \(5, -1\)"),
    ((0, -1), r"cannot reshape x .* to \(0, -1\)"),
    ((-1, -1), "one size at most may be -1"),
    ((-2, -6), "none smaller"),
    ((), "1 asks for 1"),
    ((2.5, 4), r"a size is a whole number, not the constant 2\.5"),
    ((T.dscalar("s"), 4), r"a size is a whole number, not s \(float64\)"),
    ((T.lvector("v"), 4), r"a size is a whole number, not v \(int64\[\?\]\)"),
    (T.lvector("v"), "how many dimensions"),
]


@pytest.mark.parametrize(("new", "words"), REFUSED, ids=repr)
def test_a_reshape_that_cannot_be(new: Any, words: str) -> None:
    with pytest.raises(ShapeError, match=rf"(?s)KG-S004.*{words}"):
        known(3, 4).reshape(new)


def test_text_is_no_shape() -> None:
    with pytest.raises(DTypeError, match=r"KG-D002.*got str"):
        known(3, 4).reshape("12")


def test_a_symbol_as_a_size(compiled: Callable[..., Any]) -> None:
    x, n = T.dvector("x"), T.lscalar("n")
    f = compiled([x, n], x.reshape((n, -1)))
    assert f(np.arange(6), 3).shape == (3, 2)


def test_a_vector_as_a_shape(compiled: Callable[..., Any]) -> None:
    x, shape = T.dvector("x"), T.lvector("shape")
    f = compiled([x, shape], x.reshape(shape, ndim=2))
    assert f(np.arange(6), [2, 3]).shape == (2, 3)


def test_the_shape_of_another_array(compiled: Callable[..., Any]) -> None:
    x, y = T.dvector("x"), T.dmatrix("y")
    f = compiled([x, y], x.reshape(y.shape))
    assert f(np.arange(6), np.zeros((3, 2))).shape == (3, 2)


@pytest.mark.parametrize("rows", [4, 0, -1, -2])
def test_a_number_that_does_not_divide_the_elements(
    compiled: Callable[..., Any], rows: int
) -> None:
    """-1 is a place to fill only where it is written as a number."""
    x, n = T.dvector("x"), T.lscalar("n")
    f = compiled([x, n], x.reshape((n, -1)))
    with pytest.raises(ShapeError, match=r"KG-S004.*cannot reshape x"):
        f(np.arange(6), rows)


# ---------------------------------------------------------------------------------------- flatten


@pytest.mark.parametrize(
    ("shape", "length"), [((), 1), ((1, 1), 1), ((3, 4), 12), ((3, None), None), ((0, 4), 0)]
)
def test_the_length_of_what_is_flat(shape: Shape, length: int | None) -> None:
    assert known(*shape).flatten().type.shape == (length,)


def test_a_vector_is_flat() -> None:
    x = known(None)
    assert x.flatten() is x


@pytest.mark.parametrize("target", ["python", "c"])
@pytest.mark.parametrize(
    ("step", "count", "left"),
    [
        (lambda v: v[1:], 200, 400),
        (lambda v: v[::-1], 400, 600),
        (lambda v: v[:-1], 150, 450),
        (lambda v: v.reshape((-1, 3)).flatten(), 100, 600),
        (lambda v: v.reshape((2, -1)).reshape((-1,)), 60, 600),
        (lambda v: v[1:][::-1], 100, 500),
    ],
)
def test_long_chains_of_views(target: str, step: Any, count: int, left: int) -> None:
    x = T.dvector("x")
    y = x
    for _ in range(count):
        y = step(y)
    f = kg.function([x], [y.sum(), y.shape[0]], target=target)
    total, length = f(np.ones(600))
    assert (total, length) == (left, left)
