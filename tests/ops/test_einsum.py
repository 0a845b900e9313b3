"""Einstein's sums: NumPy's results for every form, derivatives, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import ArgumentError, ShapeError
from kernelgraph.graph import Variable
from tests.support import TARGETS

FORMS: dict[str, tuple[tuple[int, ...], ...]] = {
    "ij,jk->ik": ((2, 3), (3, 4)),
    "ij,kj": ((2, 3), (4, 3)),
    "ji,jk->ki": ((3, 2), (3, 4)),
    "ii": ((3, 3),),
    "iij->ji": ((3, 3, 2),),
    "iii->i": ((2, 2, 2),),
    "iijj->ij": ((2, 2, 3, 3),),
    "ba": ((2, 3),),
    "ij->": ((2, 3),),
    " i j , j -> i ": ((2, 3), (3,)),
    "i,i": ((3,), (3,)),
    ",i->i": ((), (3,)),
    "->": ((),),
    "...ij,...jk->...ik": ((5, 2, 3), (2, 5, 3, 4)),
    "...i,i->...": ((2, 3, 4), (4,)),
    "i...->...": ((2, 3, 4),),
    "...": ((2, 3),),
    "i,j,k->kij": ((2,), (3,), (4,)),
    "ij,jk,kl->il": ((2, 3), (3, 4), (4, 5)),
    "ij,i,j": ((2, 3), (2,), (3,)),
    "abcd,cdef->abef": ((2, 3, 4, 5), (4, 5, 2, 3)),
    "bij,bij->b": ((4, 2, 3), (4, 2, 3)),
    "ijk,jil->kl": ((2, 3, 4), (3, 2, 5)),
    "aib,bja->ij": ((2, 3, 4), (4, 5, 2)),
    "ij,ij->ij": ((2, 3), (2, 3)),
    "ij,ij->ji": ((0, 3), (0, 3)),
    "ij,jk->k": ((2, 0), (0, 3)),
}


def symbols(shapes: Any) -> list[Variable]:
    return [T.tensor("float64", (None,) * len(shape)) for shape in shapes]


@pytest.mark.parametrize(("way", "some"), [("interpret", [*FORMS]), ("c", [*FORMS][::4])])
def test_all_forms_are_numpys(way: str, some: list[str]) -> None:
    rng = np.random.default_rng(0)
    inputs = [symbols(FORMS[form]) for form in some]
    outputs = [T.einsum(form, *xs) for form, xs in zip(some, inputs, strict=True)]
    values = [[rng.normal(size=shape) for shape in FORMS[form]] for form in some]
    f = kg.function([x for xs in inputs for x in xs], outputs, target=way)
    found = f(*(v for vs in values for v in vs))
    for form, operands, result in zip(some, values, found, strict=True):
        wanted = np.einsum(form, *operands)
        assert result.shape == wanted.shape, form
        np.testing.assert_allclose(result, wanted, rtol=1e-12, atol=1e-14, err_msg=form)


def test_derivatives_of_all_forms() -> None:
    """Both modes give one number, which is that of the difference along a line."""
    rng = np.random.default_rng(1)
    for form, shapes in FORMS.items():
        xs, ts = symbols(shapes), symbols(shapes)
        y = T.einsum(form, *xs)
        w = T.tensor("float64", (None,) * y.ndim)
        forward = (T.Rop(y, xs, ts) * w).sum()
        gradients = T.grad((y * w).sum(), xs)
        back = sum((g * t).sum() for g, t in zip(gradients, ts, strict=True))
        f = kg.function([*xs, *ts, w], [forward, back], target="interpret")
        values = [rng.normal(size=shape) for shape in shapes]
        steps = [rng.normal(size=shape) for shape in shapes]
        weights = rng.normal(size=np.einsum(form, *values).shape)
        one, other = f(*values, *steps, weights)
        moved = [v + 1e-30j * s for v, s in zip(values, steps, strict=True)]  # complex step
        right = (np.einsum(form, *moved).imag * 1e30 * weights).sum()
        np.testing.assert_allclose([one, other], right, rtol=1e-11, atol=1e-13, err_msg=form)


def test_sizes_of_1_are_repeated_where_they_are_declared() -> None:
    x, y = T.dmatrix("x"), T.row("y")
    f = kg.function([x, y], T.einsum("ij,ij->ij", x, y), target="interpret")
    assert f([[1, 2], [3, 4]], [[1, 10]]).tolist() == [[1, 20], [3, 40]]


def test_small_integers_stay_small() -> None:
    x = T.tensor("int8", (None, None))
    f = kg.function([x], [T.einsum("ij->j", x), T.einsum("ij,ij->i", x, x)], target="interpret")
    value = np.full((3, 2), 100, "int8")
    wanted = [np.einsum("ij->j", value), np.einsum("ij,ij->i", value, value)]
    for found, right in zip(f(value), wanted, strict=True):
        assert found.dtype == "int8"
        np.testing.assert_array_equal(found, right)


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ("ij,jk", "describes 2 operands, and there are 1"),
        ("i1", "cannot be read"),
        ("i.j", "cannot be read"),
        ("ij->ik", "k is in no operand"),
        ("ij->ii", "i is twice in the result"),
        ("i...->i", "no place for"),
        (3, "must be a text"),
    ],
)
def test_subscripts_that_say_nothing(form: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        T.einsum(form, T.dmatrix("x"))


def test_subscripts_that_do_not_fit() -> None:
    x = T.dmatrix("x")
    for form in ("i", "ijk", "ij...k"):
        with pytest.raises(ShapeError, match="do not fit x"):
            T.einsum(form, x)
    with pytest.raises(ArgumentError, match="no operands"):
        T.einsum("")
    with pytest.raises(ShapeError, match=r"axes 0 and 1 of .* must be equally long"):
        T.einsum("ii", np.ones((2, 3)))
    for way in TARGETS:
        with pytest.raises(ShapeError, match=r"axes 0 and 1 of x .* must be equally long"):
            kg.function([x], T.einsum("ii", x), target=way)(np.ones((2, 3)))
