"""dtypes: what fits into which, and where an unsupported one is asked for."""

from __future__ import annotations

import numpy as np
import pytest

import kernelgraph.tensor as T
from kernelgraph.dtypes import DTYPES, autocast, check_dtype, safe_casts
from kernelgraph.errors import DTypeError


@pytest.mark.parametrize("dtype", DTYPES)
def test_safe_casts_are_numpys(dtype: str) -> None:
    assert dtype in safe_casts(dtype)
    for other in DTYPES:
        assert (other in safe_casts(dtype)) == np.can_cast(other, dtype)


def test_unsupported_dtypes_are_refused_at_the_users_line() -> None:
    x = T.dvector("x")
    with pytest.raises(DTypeError, match="complex256") as caught:
        T.cast(x, "complex256")
    assert "T.cast" in caught.value.places[0].text
    with pytest.raises(DTypeError, match="KG-D005") as caught:
        _ = x + 2**70
    assert "2**70" in caught.value.places[0].text
    assert check_dtype(bool) == "bool"
    assert autocast(2**40) == "int64"
