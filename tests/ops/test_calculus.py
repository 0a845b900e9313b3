"""Integrals, slopes and values in between, as NumPy has them."""

from __future__ import annotations

import pytest

from tests.ops.numpy_table import right_slopes, same_as_numpy
from tests.support import TARGETS

TABLE = """
T.trapezoid(m)  =  np.trapezoid(m)
T.trapezoid(m,axis=0,dx=0.5)  =  np.trapezoid(m,axis=0,dx=0.5)
T.trapezoid(m,w)  =  np.trapezoid(m,w)
T.trapezoid(m,m**2,axis=0)  =  np.trapezoid(m,m**2,axis=0)
T.trapezoid(k)  =  np.trapezoid(k)
T.ediff1d(m)  =  np.ediff1d(m)
T.ediff1d(x,to_begin=9.0,to_end=[1.0,2.0])  =  np.ediff1d(x,to_begin=9,to_end=[1,2])
T.interp(m,s,s**2)  =  np.interp(m,s,s**2)
T.interp(m,s,s**2,left=-5.0,right=7.0)  =  np.interp(m,s,s**2,left=-5,right=7)
T.interp(s,s,s**2)  =  np.interp(s,s,s**2)
T.interp(x,s[:1],s[:1])  =  np.interp(x,s[:1],s[:1])
T.interp(h,s,s**2)  =  np.interp(h,s,s**2)
T.interp(i,j[[0,2,3]],j[:3])  =  np.interp(i,j[[0,2,3]],j[:3])
T.gradient(x)  =  np.gradient(x)
T.gradient(x,0.5)  =  np.gradient(x,0.5)
T.gradient(s,s**3)  =  np.gradient(s,s**3)
T.gradient(s,s**3,edge_order=2)  =  np.gradient(s,s**3,edge_order=2)
T.gradient(m,2.0,0.5,edge_order=2)  =  np.gradient(m,2.0,0.5,edge_order=2)
T.gradient(m)  =  np.gradient(m)
T.gradient(m,w,axis=1)  =  np.gradient(m,w,axis=1)
T.gradient(m,axis=-1)  =  np.gradient(m,axis=-1)
T.gradient(i)  =  np.gradient(i)
T.gradient(x[:2])  =  np.gradient(x[:2])
"""


@pytest.mark.parametrize("target", TARGETS)
def test_as_numpy(target: str) -> None:
    same_as_numpy(target, TABLE)


@pytest.mark.parametrize(
    "expression",
    [
        "T.trapezoid(m, w)",
        "T.interp(m, s, s**2)",
        "T.gradient(m[:3], w[:3], axis=0)",
    ],
)
def test_derivatives(expression: str) -> None:
    right_slopes(expression)
