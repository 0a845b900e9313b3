"""Medians and quantiles, as NumPy has them."""

from __future__ import annotations

import pytest

from tests.ops.numpy_table import right_slopes, same_as_numpy
from tests.support import TARGETS

TABLE = """
T.median(m)  =  np.median(m)
T.median(m,axis=0)  =  np.median(m,axis=0)
T.median(m,axis=1,keepdims=True)  =  np.median(m,axis=1,keepdims=True)
T.median(t,axis=(0,2))  =  np.median(t,axis=(0,2))
T.median(h,axis=0)  =  np.median(h,axis=0)
T.median(h)  =  np.median(h)
T.median(i)  =  np.median(i)
T.quantile(m,0.3)  =  np.quantile(m,0.3)
T.quantile(m,q,axis=0)  =  np.quantile(m,q,axis=0)
T.quantile(m,q,axis=1,keepdims=True)  =  np.quantile(m,q,axis=1,keepdims=True)
T.quantile(t,[[0.1,0.9]],axis=(0,1))  =  np.quantile(t,[[0.1,0.9]],axis=(0,1))
T.quantile(m,q,axis=1,method='lower')  =  np.quantile(m,q,axis=1,method='lower')
T.quantile(m,q,axis=1,method='higher')  =  np.quantile(m,q,axis=1,method='higher')
T.quantile(m,q,axis=1,method='midpoint')  =  np.quantile(m,q,axis=1,method='midpoint')
T.quantile(i,q)  =  np.quantile(i,q)
T.percentile(x,[10,50,95])  =  np.percentile(x,[10,50,95])
T.percentile(m,30,axis=1)  =  np.percentile(m,30,axis=1)
"""


@pytest.mark.parametrize("target", TARGETS)
def test_as_numpy(target: str) -> None:
    same_as_numpy(target, TABLE)


@pytest.mark.parametrize(
    "expression",
    [
        "T.median(m, axis=0)",
        "T.quantile(m, [0.3, 0.8], axis=1)",
        "T.percentile(x, 100 * w[:3] / 3)",
    ],
)
def test_derivatives(expression: str) -> None:
    right_slopes(expression)
