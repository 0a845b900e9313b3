"""Arrays turned, cut and repeated, as NumPy does it."""

from __future__ import annotations

import pytest

from tests.ops.numpy_table import right_slopes, same_as_numpy
from tests.support import TARGETS

TABLE = """
T.rot90(m)  =  np.rot90(m)
T.rot90(m,2)  =  np.rot90(m,2)
T.rot90(m,-1)  =  np.rot90(m,-1)
T.rot90(m,4)  =  np.rot90(m,4)
T.rot90(t,1,(1,2))  =  np.rot90(t,1,(1,2))
T.rot90(t,3,(2,0))  =  np.rot90(t,3,(2,0))
T.rot90(t,1,(-1,0))  =  np.rot90(t,1,(-1,0))
T.matrix_transpose(t)  =  np.matrix_transpose(t)
T.array_split(x,3)  =  np.array_split(x,3)
T.array_split(m,3,axis=1)  =  np.array_split(m,3,axis=1)
T.array_split(x,9)  =  np.array_split(x,9)
T.array_split(x,[2,3])  =  np.array_split(x,[2,3])
T.hsplit(m,5)  =  np.hsplit(m,5)
T.hsplit(x,[1,4])  =  np.hsplit(x,[1,4])
T.vsplit(m,2)  =  np.vsplit(m,2)
T.dsplit(t,2)  =  np.dsplit(t,2)
T.unstack(T.specify_shape(m,(4,5)),axis=1)  =  np.unstack(m,axis=1)
T.broadcast_arrays(m,w,m[:,0][:,None])  =  np.broadcast_arrays(m,w,m[:,:1])
T.broadcast_arrays(w[0],m)  =  np.broadcast_arrays(w[0],m)
"""


@pytest.mark.parametrize("target", TARGETS)
def test_as_numpy(target: str) -> None:
    same_as_numpy(target, TABLE)


@pytest.mark.parametrize(
    "expression",
    [
        "T.rot90(m)",
        "T.array_split(x, 3)[0]",
        "T.broadcast_arrays(m, w)[1] * m",
    ],
)
def test_derivatives(expression: str) -> None:
    right_slopes(expression)
