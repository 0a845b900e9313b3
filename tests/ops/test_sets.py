"""Sets of numbers, as NumPy has them."""

from __future__ import annotations

import pytest

from tests.ops.numpy_table import same_as_numpy
from tests.support import TARGETS

TABLE = """
T.isin(i,j)  =  np.isin(i,j)
T.isin(k,[3,5,99],invert=True)  =  np.isin(k,[3,5,99],invert=True)
T.isin(h,h)  =  np.isin(h,h)
T.isin(i,x[:0])  =  np.isin(i,x[:0])
T.union1d(i,j)  =  np.union1d(i,j)
T.intersect1d(i,j)  =  np.intersect1d(i,j)
T.setdiff1d(i,j)  =  np.setdiff1d(i,j)
T.setxor1d(i,j)  =  np.setxor1d(i,j)
T.union1d(m,m[::2])  =  np.union1d(m,m[::2])
"""


@pytest.mark.parametrize("target", TARGETS)
def test_as_numpy(target: str) -> None:
    same_as_numpy(target, TABLE)
