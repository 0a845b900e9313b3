"""Polynomials and products of sequences, as NumPy has them."""

from __future__ import annotations

import pytest

from tests.ops.numpy_table import right_slopes, same_as_numpy
from tests.support import TARGETS

TABLE = """
T.vander(x)  =  np.vander(x)
T.vander(i,3)  =  np.vander(i,3)
T.vander(x,n,increasing=True)  =  np.vander(x,5,increasing=True)
T.vander(x,0)  =  np.vander(x,0)
T.vander(x,1)  =  np.vander(x,1)
T.polyval([2.0,-1.0,0.5],x)  =  np.polyval([2.0,-1,0.5],x)
T.polyval(w,m)  =  np.polyval(w,m)
T.polyval(i,j)  =  np.polyval(i,j)
T.polyval(np.zeros(0),x)  =  np.polyval(np.zeros(0),x)
T.convolve(x,w)  =  np.convolve(x,w)
T.convolve(w,x)  =  np.convolve(w,x)
T.convolve(x,w,'same')  =  np.convolve(x,w,'same')
T.convolve(w,x,'same')  =  np.convolve(w,x,'same')
T.convolve(x,w[:4],'same')  =  np.convolve(x,w[:4],'same')
T.convolve(w[:4],x,'same')  =  np.convolve(w[:4],x,'same')
T.convolve(x,w,'valid')  =  np.convolve(x,w,'valid')
T.convolve(w,x,'valid')  =  np.convolve(w,x,'valid')
T.convolve(i,j)  =  np.convolve(i,j)
T.correlate(x,w)  =  np.correlate(x,w)
T.correlate(w,x)  =  np.correlate(w,x)
T.correlate(x,w,'full')  =  np.correlate(x,w,'full')
T.correlate(w,x,'full')  =  np.correlate(w,x,'full')
T.correlate(x,w,'same')  =  np.correlate(x,w,'same')
T.correlate(w,x,'same')  =  np.correlate(w,x,'same')
T.correlate(x,w[:4],'same')  =  np.correlate(x,w[:4],'same')
T.correlate(w[:4],x,'same')  =  np.correlate(w[:4],x,'same')
T.correlate(w,w,'same')  =  np.correlate(w,w,'same')
T.correlate(w[:4],w[1:],'same')  =  np.correlate(w[:4],w[1:],'same')
T.cross(p,p[::-1])  =  np.cross(p,p[::-1])
T.cross(p,p[0])  =  np.cross(p,p[0])
T.cross(p,p.T,axis=0)  =  np.cross(p,p.T,axis=0)
"""


@pytest.mark.parametrize("target", TARGETS)
def test_as_numpy(target: str) -> None:
    same_as_numpy(target, TABLE)


@pytest.mark.parametrize(
    "expression",
    [
        "T.vander(x, 3)",
        "T.polyval(w, m)",
        "T.convolve(x, w, 'same')",
        "T.correlate(w, x, 'full')",
        "T.cross(p, p[0])",
    ],
)
def test_derivatives(expression: str) -> None:
    right_slopes(expression)
