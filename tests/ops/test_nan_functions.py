"""Reductions that leave out NaN, as NumPy has them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from tests.ops.numpy_table import right_slopes, same_as_numpy
from tests.support import TARGETS

TABLE = """
T.nansum(h,axis=0)  =  np.nansum(h,axis=0)
T.nansum(k,axis=0)  =  np.nansum(k,axis=0)
T.nanprod(h)  =  np.nanprod(h)
T.nanmax(h,axis=1)  =  np.nanmax(h,axis=1)
T.nanmin(h,axis=0)  =  np.nanmin(h,axis=0)
T.nanmax(k,axis=0)  =  np.nanmax(k,axis=0)
T.nanargmax(h[::2],axis=1)  =  np.nanargmax(h[::2],axis=1)
T.nanargmin(h[::2],axis=1)  =  np.nanargmin(h[::2],axis=1)
T.nanmean(h,axis=0)  =  np.nanmean(h,axis=0)
T.nanmean(h,axis=1,keepdims=True)  =  np.nanmean(h,axis=1,keepdims=True)
T.nanmean(k)  =  np.nanmean(k)
T.nanvar(h[:,1:3],axis=1)  =  np.nanvar(h[:,1:3],axis=1)
T.nanvar(m)  =  np.nanvar(m)
T.nanvar(h[:,1:3],axis=0,ddof=1)  =  np.nanvar(h[:,1:3],axis=0,ddof=1)
T.nanstd(h[:,1:3],axis=0)  =  np.nanstd(h[:,1:3],axis=0)
T.nancumsum(h,axis=1)  =  np.nancumsum(h,axis=1)
T.nancumprod(h,axis=0)  =  np.nancumprod(h,axis=0)
T.nan_to_num(h)  =  np.nan_to_num(h)
T.nan_to_num(h,nan=1,posinf=2,neginf=-3)  =  np.nan_to_num(h,nan=1,posinf=2,neginf=-3)
T.isposinf(h)  =  np.isposinf(h)
T.isneginf(h)  =  np.isneginf(h)
"""


@pytest.mark.parametrize("target", TARGETS)
def test_as_numpy(target: str) -> None:
    same_as_numpy(target, TABLE)


@pytest.mark.parametrize(
    "expression",
    [
        "T.nanmean(m, axis=0)",
        "T.nanvar(m, axis=1)",
        "T.nanprod(m, axis=1)",
        "T.nanmax(m, axis=0)",
    ],
)
def test_derivatives(expression: str) -> None:
    right_slopes(expression)


@pytest.mark.parametrize("target", TARGETS)
def test_numbers_in_place_of_others(target: str) -> None:
    x, z, i, n = T.fvector("x"), T.zvector("z"), T.lvector("i"), T.fscalar("n")
    a: Any = np.array([1, np.nan, np.inf, -np.inf, -0.0], "float32")
    array_like: Any = x
    b: Any = np.array([complex(1, np.nan), complex(np.inf, -np.inf), 2j])
    outputs = [
        T.nan_to_num(x), T.nan_to_num(z), T.nan_to_num(i), T.nan_to_num(x, nan=n, posinf=n + 1),
        T.nan_to_num(x, neginf=-9), np.nan_to_num(array_like, nan=5.0),
        T.grad(T.nan_to_num(x * 2).sum(), x),
    ]  # fmt: skip
    wanted = [
        np.nan_to_num(a), np.nan_to_num(b), np.arange(3), np.nan_to_num(a, nan=7, posinf=8),
        np.nan_to_num(a, neginf=-9), np.nan_to_num(a, nan=5.0), [2, 0, 0, 0, 2],
    ]  # fmt: skip
    found = kg.function([x, z, i, n], outputs, target=target)(a, b, np.arange(3), np.float32(7))
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(one, other)
    assert [v.dtype.name for v in found[:4]] == ["float32", "complex128", "int64", "float32"]
