"""The BLAS and LAPACK that NumPy has brought into the process, for C to call by address.

NumPy's own wheels carry OpenBLAS with 64-bit integers. What NumPy is built on otherwise (Accelerate
of macOS, a distribution's BLAS) has other names or other integers; then there is no table, and
programs ask Python.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from contextlib import suppress
from functools import lru_cache

_BLAS = ("gemm", "syrk", "gemv")
_DOTS = (("s", "dot"), ("d", "dot"), ("c", "dotu_sub"), ("z", "dotu_sub"))
_FACTORS = ("{}gesv", "{}getrf", "{}potrf", "{}trtrs", "{}geqrf")
_LAPACK = (
    *(name.format("d") for name in _FACTORS), "dorgqr",
    *(name.format("z") for name in _FACTORS), "zungqr",
    "dsyevd", "zheevd", "dgesdd", "zgesdd", "dgeev", "zgeev",
)  # fmt: skip

_ROUTINES = (
    *(f"{{}}cblas_{letter}{name}64_" for letter, dot in _DOTS for name in (*_BLAS, dot)),
    *(f"{{}}{name}_64_" for name in _LAPACK),
)
"""What they are called where their integers have 64 bits, with a prefix: those of BLAS for floats,
for doubles and for complex numbers made of either, and those of LAPACK for doubles, in which
NumPy's linear algebra works, and for their complex numbers; in the order of `kg_routines` in
`products.c`.
"""

_PREFIXES = ("scipy_", "")

NOTICED = 1e6
"""Where there are so many terms, some 50 µs of work, other threads of Python may run meanwhile."""

_tables: list[ctypes.Array[ctypes.c_char]] = []


@lru_cache
def routines(noticed: float, too_long: float) -> int:
    """The address of a `kg_routines` (see `products.c`), which stays for good; 0 where there is
    none. Work of so many terms is `noticed`, or `too_long` for a routine.
    """
    for prefix in _PREFIXES:
        with suppress(AttributeError, KeyError, OSError, TypeError):
            numpy = sys.modules["numpy._core._multiarray_umath"].__file__
            loaded = ctypes.CDLL(numpy, os.RTLD_NOW | os.RTLD_NOLOAD)  # and what it is linked with
            names = [name.format(prefix) for name in _ROUTINES]
            found = [getattr(loaded, name) for name in names]
            addresses = [ctypes.cast(each, ctypes.c_void_p).value for each in found]
            packed = struct.pack(f"{len(names)}P2d", *addresses, noticed, too_long)
            _tables.append(ctypes.create_string_buffer(packed))
            return ctypes.addressof(_tables[-1])
    return 0
