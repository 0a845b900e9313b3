"""Spacings, grids and the index arrays of triangles and diagonals, as NumPy has them."""

from __future__ import annotations

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import IndexTypeError, ShapeError
from tests.ops.numpy_table import same_as_numpy
from tests.support import TARGETS

TABLE = """
T.logspace(0, n, 7)  =  np.logspace(0, n, 7)
T.logspace(0, 2, n, endpoint=False, base=2)  =  np.logspace(0, 2, n, endpoint=False, base=2)
T.geomspace(1, 1000, n)  =  np.geomspace(1, 1000, n)
T.geomspace(-8.0, -1.0, 4, False)  =  np.geomspace(-8.0, -1.0, 4, False)
T.geomspace(3.0, 7.0, 1)  =  np.geomspace(3.0, 7.0, 1)
T.geomspace(3.0, 7.0, 0)  =  np.geomspace(3.0, 7.0, 0)
T.geomspace(1, 64, 7, dtype="int64")  =  np.geomspace(1, 64, 7, dtype="int64")
T.indices((2, n))  =  np.indices((2, n))
T.indices((2, n, 1), "int32", sparse=True)  =  np.indices((2, n, 1), "int32", sparse=True)
T.ix_([0, 2], m[0] > 0)  =  np.ix_([0, 2], m[0] > 0)
m[T.ix_([0, 2], [1, -1])]  =  m[np.ix_([0, 2], [1, -1])]
T.tril_indices(n)  =  np.tril_indices(n)
T.tril_indices(n, 1, 3)  =  np.tril_indices(n, 1, 3)
T.triu_indices(n, -1, 3)  =  np.triu_indices(n, -1, 3)
T.triu_indices(3, 2)  =  np.triu_indices(3, 2)
T.tril_indices_from(m, -1)  =  np.tril_indices_from(m, -1)
T.triu_indices_from(m, 2)  =  np.triu_indices_from(m, 2)
p[T.tril_indices(3)]  =  p[np.tril_indices(3)]
T.diag_indices(n, 3)  =  np.diag_indices(n, 3)
T.diag_indices_from(p)  =  np.diag_indices_from(p)
T.diagflat(p, 1)  =  np.diagflat(p, 1)
"""


@pytest.mark.parametrize("target", TARGETS)
def test_as_numpy(target: str) -> None:
    same_as_numpy(target, TABLE)


def test_a_derivative_by_the_end_of_a_spacing() -> None:
    stop = T.dscalar("stop")
    f = kg.function([stop], T.jacobian(T.geomspace(1.0, stop, 3), stop), target="interpret")
    np.testing.assert_allclose(f(16.0), [0, 0.5 / 4.0, 1], rtol=1e-14)


def test_what_makes_no_grid() -> None:
    with pytest.raises(ShapeError):
        T.ix_(T.dmatrix("m"))
    with pytest.raises(IndexTypeError):
        T.ix_([0.5])
    with pytest.raises(ShapeError):
        T.tril_indices_from(T.dvector("v"))
    x = T.dmatrix("x")
    f = kg.function([x], list(T.diag_indices_from(x)), target="interpret")
    with pytest.raises(ShapeError):
        f(np.zeros((2, 3)))
