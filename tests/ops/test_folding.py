"""The dtypes of sums: of the result, and of the total on the way."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import ArgumentError, DTypeError
from kernelgraph.types import DTYPES, is_inexact

FOLDS = [T.sum, T.prod]


@pytest.mark.parametrize("given", DTYPES)
@pytest.mark.parametrize("argument", ["dtype", "acc_dtype"])
def test_a_dtype_holds_what_the_operand_does(given: str, argument: str) -> None:
    """Or it is a float where the operand has integers, as in Theano."""
    x = T.TensorType(given, (None,))("x")
    for wanted, fold in itertools.product(DTYPES, FOLDS):
        options: dict[str, Any] = {argument: wanted}
        fits = is_inexact(wanted) and not is_inexact(given)
        if not fits and np.result_type(given, wanted) != wanted:
            with pytest.raises(DTypeError, match=f"KG-D009.*input dtype {given}.*precision"):
                fold(x, **options)
            continue
        found = fold(x, **options).dtype
        assert found == (wanted if argument == "dtype" else fold(x).dtype)


def test_numbers_in_another_dtype(compiled: Any) -> None:
    x, v = T.bvector("x"), T.fvector("v")
    outputs = [
        T.sum(x), T.sum(x, dtype="int8"), T.sum(x, acc_dtype="int8"), T.sum(x, acc_dtype="float64"),
        T.sum(x, dtype="int16"), T.sum(v, dtype="float64"), T.sum(x, dtype="float32"),
    ]  # fmt: skip
    found = compiled([x, v], outputs)(np.array([100, 100, 3], "int8"), np.array([0.1] * 3, "f"))
    with np.errstate(all="ignore"):
        wanted = [203, np.int8(-53), -53, 203, np.int16(203), 3 * float(np.float32(0.1)), 203.0]
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-15)


@pytest.mark.parametrize("fold", [*FOLDS, T.mean])
def test_keepdims_is_the_fourth_argument(fold: Any) -> None:
    with pytest.raises(ArgumentError, match="not True: keepdims is at index 3"):
        fold(T.dmatrix("x"), 0, True)
    assert fold(T.dmatrix("x"), 0, None, True).ndim == 2


@pytest.mark.parametrize("fold", [T.var, T.std])
def test_keepdims_of_moments_is_the_fourth_too(fold: Any) -> None:
    with pytest.raises(ValueError, match="Parameter keepdims is now at index 3"):
        fold(T.dmatrix("x"), 0, True)


def test_short_floats_are_added_in_float64() -> None:
    x = T.fvector("x")
    f = kg.function([x], [T.sum(x), T.mean(x)])
    total, average = f(np.ones(2**25 + 1, "float32"))
    assert total == np.float32(2**25 + 1)
    assert average == 1
