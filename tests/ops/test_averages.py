"""Averages with weights, covariances and counts in intervals, as NumPy has them."""

from __future__ import annotations

import pytest

from tests.ops.numpy_table import right_slopes, same_as_numpy
from tests.support import TARGETS

TABLE = """
T.average(m)  =  np.average(m)
T.average(m,axis=1)  =  np.average(m,axis=1)
T.average(m,axis=1,weights=w)  =  np.average(m,axis=1,weights=w)
T.average(m,weights=m**2,returned=True)  =  np.average(m,weights=m**2,returned=True)
T.average(m,axis=0,returned=True,keepdims=True)  =  np.average(m,axis=0,returned=True,keepdims=True)
T.average(t,axis=(0,2),weights=t*t)  =  np.average(t,axis=(0,2),weights=t*t)
T.cov(m)  =  np.cov(m)
T.cov(m,rowvar=False)  =  np.cov(m,rowvar=False)
T.cov(x)  =  np.cov(x)
T.cov(m,bias=True)  =  np.cov(m,bias=True)
T.cov(m,ddof=2)  =  np.cov(m,ddof=2)
T.cov(x,x**2)  =  np.cov(x,x**2)
T.cov(m,m[1:]+m[0])  =  np.cov(m,m[1:]+m[0])
T.corrcoef(m)  =  np.corrcoef(m)
T.corrcoef(x)  =  np.corrcoef(x)
T.cov(i)  =  np.cov(i)
T.digitize(x,s)  =  np.digitize(x,s)
T.digitize(x,s,right=True)  =  np.digitize(x,s,right=True)
T.histogram(m)  =  np.histogram(m)
T.histogram(i,4)  =  np.histogram(i,4)
T.histogram(x,s)  =  np.histogram(x,s)
T.histogram(x,n,range=(-1,2))  =  np.histogram(x,n,range=(-1,2))
T.histogram(x*0+3,2)  =  np.histogram(x*0+3,2)
"""


@pytest.mark.parametrize("target", TARGETS)
def test_as_numpy(target: str) -> None:
    same_as_numpy(target, TABLE)


@pytest.mark.parametrize(
    "expression",
    [
        "T.average(m, axis=1, weights=w)",
        "T.cov(m)",
        "T.corrcoef(m)",
    ],
)
def test_derivatives(expression: str) -> None:
    right_slopes(expression)
