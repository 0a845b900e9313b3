"""The BLAS that NumPy has brought into the process, for C programs to call by address.

NumPy's own wheels carry OpenBLAS with 64-bit integers. What NumPy is built on otherwise (Accelerate
of macOS, a distribution's BLAS) has other names or other integers; then there is no table, and
programs ask Python for their products.
"""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress
from functools import lru_cache
from typing import Any

ROUTINES = ("gemm", "syrk", "gemv", "dot")
"""In the order in which `products.py` declares them."""

_SPELLINGS = ("scipy_cblas_{}64_", "cblas_{}64_")
"""What the routines are called where their integers have 64 bits."""

_tables: list[ctypes.Array[ctypes.c_void_p]] = []


@lru_cache
def routines() -> int:
    """The address of a `kg_library` (see `products.py`), which stays for good; 0 where there is
    none.
    """
    for spelling in _SPELLINGS:
        with suppress(AttributeError, KeyError, OSError, TypeError):
            numpy = sys.modules["numpy._core._multiarray_umath"].__file__
            loaded = ctypes.CDLL(numpy, os.RTLD_NOW | os.RTLD_NOLOAD)  # and what it is linked with
            names = [spelling.format(kind + name) for kind in "sd" for name in ROUTINES]
            found: list[Any] = [getattr(loaded, name) for name in names]
            found += [ctypes.pythonapi.PyEval_SaveThread, ctypes.pythonapi.PyEval_RestoreThread]
            addresses = [ctypes.cast(each, ctypes.c_void_p) for each in found]
            _tables.append((ctypes.c_void_p * len(addresses))(*addresses))
            return ctypes.addressof(_tables[-1])
    return 0
