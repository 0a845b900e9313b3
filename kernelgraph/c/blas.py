"""The BLAS and LAPACK that NumPy has brought into the process, for C to call by address.

NumPy's own wheels carry OpenBLAS with 64-bit integers. What NumPy is built on otherwise (Accelerate
of macOS, a distribution's BLAS) has other names or other integers; then there is no table, and
programs ask Python.
"""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress
from functools import lru_cache
from typing import Any

from kernelgraph.templates import Helper

_ROUTINES = (
    "{}cblas_{}gemm64_",
    "{}cblas_{}syrk64_",
    "{}cblas_{}gemv64_",
    "{}cblas_{}dot64_",
    "{}{}gesv_64_",
)
"""What they are called where their integers have 64 bits, with a prefix and a letter for the dtype;
in the order of `LIBRARY`.
"""

_PREFIXES = ("scipy_", "")

LIBRARY = Helper("kg_library", c="""\
/* Routines of BLAS as in cblas.h and of LAPACK, with 64-bit integers; and how others use Python
   meanwhile. */
#define KG_ROUTINES(real) struct { \\
    void (*gemm)(int32_t, int32_t, int32_t, int64, int64, int64, real, const real *, int64, \\
                 const real *, int64, real, real *, int64); \\
    void (*syrk)(int32_t, int32_t, int32_t, int64, int64, real, const real *, int64, \\
                 real, real *, int64); \\
    void (*gemv)(int32_t, int32_t, int64, int64, real, const real *, int64, \\
                 const real *, int64, real, real *, int64); \\
    real (*dot)(int64, const real *, int64, const real *, int64); \\
    void (*gesv)(const int64 *, const int64 *, real *, const int64 *, int64 *, real *, \\
                 const int64 *, int64 *); \\
}
typedef struct kg_library {
    KG_ROUTINES(float32) float32_;
    KG_ROUTINES(float64) float64_;
    void *(*leave_python)(void);
    void (*enter_python)(void *left);
} kg_library;
""")  # fmt: skip
"""What `routines` gives, for programs that use it."""

_tables: list[ctypes.Array[ctypes.c_void_p]] = []


@lru_cache
def routines() -> int:
    """The address of a `kg_library` (see `LIBRARY`), which stays for good; 0 where there is
    none.
    """
    for prefix in _PREFIXES:
        with suppress(AttributeError, KeyError, OSError, TypeError):
            numpy = sys.modules["numpy._core._multiarray_umath"].__file__
            loaded = ctypes.CDLL(numpy, os.RTLD_NOW | os.RTLD_NOLOAD)  # and what it is linked with
            names = [name.format(prefix, letter) for letter in "sd" for name in _ROUTINES]
            found: list[Any] = [getattr(loaded, name) for name in names]
            found += [ctypes.pythonapi.PyEval_SaveThread, ctypes.pythonapi.PyEval_RestoreThread]
            addresses = [ctypes.cast(each, ctypes.c_void_p) for each in found]
            _tables.append((ctypes.c_void_p * len(addresses))(*addresses))
            return ctypes.addressof(_tables[-1])
    return 0
