"""Tapers, as NumPy has them."""

from __future__ import annotations

import pytest

from tests.ops.numpy_table import right_slopes, same_as_numpy
from tests.support import TARGETS

TABLE = """
T.bartlett(n)  =  np.bartlett(n)
T.bartlett(8)  =  np.bartlett(8)
T.bartlett(1)  =  np.bartlett(1)
T.hanning(n*0)  =  np.hanning(0)
T.hanning(6)  =  np.hanning(6)
T.hanning(n-5)  =  np.hanning(0)
T.hamming(n)  =  np.hamming(5)
T.hamming(1)  =  np.hamming(1)
T.blackman(n)  =  np.blackman(5)
T.kaiser(n,8.6)  =  np.kaiser(5,8.6)
T.kaiser(1,8.6)  =  np.kaiser(1,8.6)
"""


@pytest.mark.parametrize("target", TARGETS)
def test_as_numpy(target: str) -> None:
    same_as_numpy(target, TABLE)


@pytest.mark.parametrize(
    "expression",
    [
        "T.kaiser(5, w[0])",
    ],
)
def test_derivatives(expression: str) -> None:
    right_slopes(expression)
