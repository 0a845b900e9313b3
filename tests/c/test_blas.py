"""The table of routines that C calls: addresses in NumPy's library, in the order of products.c."""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Generator

import numpy as np
import pytest

from kernelgraph.c import blas

COUNT = 34


@pytest.fixture(autouse=True)
def looked_up_anew() -> Generator[None]:
    blas.routines.cache_clear()
    yield
    blas.routines.cache_clear()


def test_the_table_has_what_the_runtime_reads() -> None:
    address = blas.routines(1e6, 2e8)
    assert address, "NumPy of the tests brings OpenBLAS"
    *routines, noticed, too_long = struct.unpack(
        f"{COUNT}P2d", ctypes.string_at(address, 8 * COUNT + 16)
    )
    assert (noticed, too_long) == (1e6, 2e8)
    assert len(set(routines)) == COUNT
    assert all(routines)


def test_an_address_is_the_routine_that_its_place_says() -> None:
    addresses = struct.unpack(f"{COUNT}P", ctypes.string_at(blas.routines(1.0, 2.0), 8 * COUNT))
    kinds = [ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64]
    dot = ctypes.CFUNCTYPE(ctypes.c_double, *kinds)(addresses[7])
    x, y = np.arange(5.0), np.arange(5.0) + 1
    assert dot(5, x.ctypes.data, 1, y.ctypes.data, 1) == x @ y


def test_other_limits_are_another_table() -> None:
    assert blas.routines(1.0, 2.0) == blas.routines(1.0, 2.0)
    assert blas.routines(1.0, 2.0) != blas.routines(1.0, 3.0)


def test_other_builds_of_numpy_have_no_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blas, "_PREFIXES", ("no_such_",))
    assert blas.routines(1.0, 2.0) == 0
