"""Reductions that leave out NaN, as NumPy has them."""

from __future__ import annotations

import pytest

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
