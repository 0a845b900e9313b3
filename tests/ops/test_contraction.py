"""Products of vectors and matrices by name: which sizes meet, and what is said if they differ."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.elementwise import Elementwise
from kernelgraph.errors import DTypeError, ShapeError
from kernelgraph.ops.contraction import dot_op, outer
from kernelgraph.types import DTYPES, FLOATS, Shape


def known(*shape: int | None, name: str = "x", dtype: str = "float64") -> Any:
    """A variable of these sizes."""
    return T.tensor(dtype, shape, name)


RANKS: list[tuple[Shape, Shape, Shape]] = [
    ((3,), (3,), ()),
    ((2, 3), (3,), (2,)),
    ((3,), (3, 4), (4,)),
    ((2, 3), (3, 4), (2, 4)),
    ((None, 3), (None, 4), (None, 4)),
    ((2, None), (3,), (2,)),
    ((), (3, 4), (3, 4)),
    ((3,), (), (3,)),
    ((), (), ()),
]


@pytest.mark.parametrize(("left", "right", "result"), RANKS, ids=repr)
def test_the_last_axis_meets_the_first(left: Shape, right: Shape, result: Shape) -> None:
    assert T.dot(known(*left), known(*right)).tensor_type.shape == result


@pytest.mark.parametrize("scalar", [2, 2.0, T.dscalar("s")], ids=str)
def test_a_product_with_a_scalar_scales(scalar: Any) -> None:
    scaled = T.dot(scalar, known(3))
    assert scaled.owner is not None
    assert isinstance(scaled.owner.op, Elementwise)


@pytest.mark.parametrize(
    ("left", "right", "result"),
    [
        ("float32", "float32", "float32"),
        ("float32", "float64", "float64"),
        ("int8", "float32", "float32"),
        ("int8", "int16", "int16"),
        ("bool", "bool", "bool"),
    ],
)
def test_the_dtype_of_a_product(left: str, right: str, result: str) -> None:
    assert T.dot(known(3, dtype=left), known(3, dtype=right)).dtype == result


def test_the_operator_and_the_method_are_the_same_product() -> None:
    x, y = known(2, 3), known(3)
    for product in (x @ y, x.dot(y), np.dot(x, y), np.matmul(x, y), np.ones((2, 3)) @ y):
        assert product.owner.op == dot_op


@pytest.mark.parametrize("shapes", [((2, 3, 4), (4,)), ((4,), (4, 3, 2))], ids=repr)
def test_more_than_two_dimensions_are_no_operands_of_the_op(shapes: tuple[Shape, Shape]) -> None:
    with pytest.raises(ShapeError, match=r"KG-S002.*dot takes vectors and matrices"):
        dot_op(*(known(*shape) for shape in shapes))


def test_text_is_no_operand() -> None:
    with pytest.raises(DTypeError, match=r"KG-D002.*got str"):
        T.dot(known(3), "abc")


INNER = [
    ((2, 3), (2,), "x .* has 3 columns, y .* has 2 elements", "did you mean x.T?"),
    ((3,), (2, 3), "x .* has 3 elements, y .* has 2 rows", "did you mean y.T?"),
    ((2, 3), (2, 3), "x .* has 3 columns, y .* has 2 rows", "did you mean x.T or y.T?"),
    ((3,), (2,), "x .* has 3 elements, y .* has 2 elements", None),
]


@pytest.mark.parametrize(("left", "right", "because", "hint"), INNER)
def test_inner_sizes_known_to_differ(
    left: Shape, right: Shape, because: str, hint: str | None
) -> None:
    with pytest.raises(ShapeError, match=rf"(?s)KG-S002.*inner sizes differ: {because}") as caught:
        T.dot(known(*left, name="x"), known(*right, name="y"))
    assert caught.value.hint == hint


def test_a_matrix_by_itself_needs_one_transpose() -> None:
    x = known(2, 3)
    with pytest.raises(ShapeError) as caught:
        T.dot(x, x)
    assert caught.value.hint == "did you mean x.T?"


def test_inner_sizes_found_to_differ(compiled: Callable[..., Any]) -> None:
    x, y = T.dmatrix("x"), T.dvector("y")
    f = compiled([x, y], T.dot(x, y))
    with pytest.raises(ShapeError, match=r"(?s)KG-S002.*x .* has 3 columns, y .* has 2 elements"):
        f(np.zeros((4, 3)), np.zeros(2))


def test_a_product_over_nothing_is_zero(compiled: Callable[..., Any]) -> None:
    x, y = T.dmatrix("x"), T.dmatrix("y")
    f = compiled([x, y], T.dot(x, y))
    np.testing.assert_array_equal(f(np.zeros((2, 0)), np.zeros((0, 3))), np.zeros((2, 3)))


@pytest.mark.parametrize("rows", [1, 2])
def test_zero_times_nan_is_nan(compiled: Callable[..., Any], rows: int) -> None:
    x, y = T.dmatrix("x"), T.dvector("y")
    found = compiled([x, y], T.dot(x, y))(np.full((rows, 1), np.nan), [0.0])
    assert np.isnan(found).all()


# ------------------------------------------------------------------------------------------- outer


def test_an_outer_product_has_the_sizes_of_both() -> None:
    assert T.outer(known(2), known(None)).tensor_type.shape == (2, None)


def test_an_outer_product_by_its_numbers() -> None:
    x, y = known(None), known(None)
    (found,) = kg.interpret(kg.Graph((x, y), (T.outer(x, y),)), [np.array([1.0, 2.0]), [3.0, 4.0]])
    np.testing.assert_array_equal(found, [[3.0, 4.0], [6.0, 8.0]])


@pytest.mark.parametrize("shape", [(), (3, 4), (3, 1)], ids=repr)
def test_only_vectors_have_an_outer_product(shape: Shape) -> None:
    for operands in ((known(2), known(*shape)), (known(*shape), known(2))):
        with pytest.raises(ShapeError, match=r"KG-S002.*outer takes vectors"):
            outer(*operands)
    assert T.outer(known(2, 3), known(4)).tensor_type.shape == (6, 4), "as NumPy flattens them"


@pytest.mark.parametrize("other", DTYPES)
@pytest.mark.parametrize("dtype", FLOATS)
def test_numpy_multiplies_in_the_same_dtype(dtype: str, other: str) -> None:
    """So a product of matrices means the same whether its operands are converted before or not."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(17, 19)).astype(dtype)
    y = (rng.normal(size=(19, 23)) * 3 + 9).astype(other)
    common = T.dot(known(17, 19, dtype=dtype), known(19, 23, dtype=other)).dtype
    product = np.matmul(x, y)
    assert product.dtype == common
    assert product.tobytes() == np.matmul(x.astype(common), y.astype(common)).tobytes()


STEEP: list[Callable[[Any], Any]] = [lambda v: 1 / v, T.log, T.sqrt, lambda v: v**-0.5]


def element_by_element(x: Any, y: Any) -> Any:
    """The product of two matrices, of which every term is a number of its own."""
    return (x.dimshuffle(0, 1, "x") * y.dimshuffle("x", 0, 1)).sum(axis=1)


@pytest.mark.parametrize("seed", range(4))
def test_what_is_cut_off_of_a_product_meets_no_infinity(seed: int) -> None:
    """Elements of products of matrices that hold infinities are cut off, one by one: reverse mode,
    its own reverse mode and forward mode find what they find for a sum of products.
    """
    chance = np.random.default_rng(seed)
    x, y, mask = T.dmatrix("x"), T.dmatrix("y"), T.bmatrix("mask")
    steep, other = (STEEP[k] for k in chance.integers(len(STEEP), size=2))
    found: list[Any] = []
    for product in (T.dot, element_by_element):
        whole = product(x, steep(y))
        part = product(T.switch(x > 0, other(x), 0.0), y)
        for cost in (T.switch(mask, whole, 0.0) ** 2, T.switch(mask, whole + part, 1.0)):
            first = T.grad(cost.sum(), [x, y])
            found += [*first, T.grad(first[0].sum(), y), T.Rop(cost, y, T.ones_like(y))]
    f = kg.function([x, y, mask], found, target="interpret", rules=())
    g = kg.function([x, y, mask], found, target="python")
    at = chance.integers(0, 3, (3, 4)).astype(float), chance.integers(0, 3, (4, 5)).astype(float)
    for cuts in chance.integers(0, 2, (5, 3, 5)).astype("int8"):
        for values in (f(*at, cuts), g(*at, cuts)):
            half = len(values) // 2
            for got, wanted in zip(values[:half], values[half:], strict=True):
                np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-12)


def test_an_element_that_counts_beside_one_that_is_cut_off(compiled: Callable[..., Any]) -> None:
    x, y = T.dmatrix("x"), T.dmatrix("y")
    cost = T.switch(T.eq(y[0], 0), 0.0, T.dot(x, 1 / y)).sum()
    f = compiled([x, y], T.grad(cost, [x, y]))
    by_x, by_y = f([[1.0, 4.0], [0.0, 4.0]], [[0.0, 2.0], [4.0, 4.0]])
    np.testing.assert_allclose(by_x, [[0.5, 0.25], [0.5, 0.25]])
    np.testing.assert_allclose(by_y, [[0.0, -0.25], [0.0, -0.5]])
