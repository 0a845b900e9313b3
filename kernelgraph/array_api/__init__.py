"""The Python array API standard, 2024.12: `from kernelgraph import array_api as xp`.

A program that is written against the standard runs here as it runs on NumPy. Arrays are lazy:
operations build nodes, and numbers are computed when somebody looks. `xp.function` makes a compiled
function of such a program, `xp.compute` compiles what several arrays are.

>>> from kernelgraph import array_api as xp
>>> x = xp.asarray([[1.0, 2.0], [3.0, 4.0]])
>>> xp.sum(x @ x, axis=0)
Array([22., 32.], dtype=float64)

What the standard has and this package lacks is listed in `array_api.missing.MISSING`.
"""

# To import a name is all that this module does; `__all__` has what was imported.
# pyright: reportUnusedImport=false, reportUnsupportedDunderAll=false

import math

from kernelgraph.array_api import linalg
from kernelgraph.array_api import operators as _operators
from kernelgraph.array_api.array import Array
from kernelgraph.array_api.creation import (
    arange,
    asarray,
    empty,
    empty_like,
    eye,
    from_dlpack,
    full,
    full_like,
    linspace,
    meshgrid,
    ones,
    ones_like,
    tril,
    triu,
    zeros,
    zeros_like,
)
from kernelgraph.array_api.data_types import can_cast, finfo, iinfo, result_type
from kernelgraph.array_api.dtypes import OBJECTS as _DTYPES
from kernelgraph.array_api.dtypes import DType, isdtype
from kernelgraph.array_api.elementwise import *
from kernelgraph.array_api.indexing import take, take_along_axis
from kernelgraph.array_api.inspection import NamespaceInfo as _NamespaceInfo
from kernelgraph.array_api.manipulation import (
    astype,
    broadcast_arrays,
    broadcast_shapes,
    broadcast_to,
    concat,
    expand_dims,
    flip,
    moveaxis,
    permute_dims,
    repeat,
    reshape,
    roll,
    squeeze,
    stack,
    tile,
    unstack,
)
from kernelgraph.array_api.products import matmul, matrix_transpose, tensordot, vecdot
from kernelgraph.array_api.searching import clip, isin, nonzero, where
from kernelgraph.array_api.sorting import (
    argsort,
    searchsorted,
    sort,
    unique_all,
    unique_counts,
    unique_inverse,
    unique_values,
)
from kernelgraph.array_api.statistics import (
    all,
    any,
    argmax,
    argmin,
    count_nonzero,
    cumulative_prod,
    cumulative_sum,
    diff,
    max,
    mean,
    min,
    prod,
    std,
    sum,
    var,
)
from kernelgraph.array_api.tracing import compute, function

__array_api_version__ = "2024.12"
__array_namespace_info__ = _NamespaceInfo
e, inf, nan, pi, newaxis = math.e, math.inf, math.nan, math.pi, None
bool = _DTYPES["bool"]
int8, int16, int32, int64 = (_DTYPES[f"int{n}"] for n in (8, 16, 32, 64))
uint8, uint16, uint32, uint64 = (_DTYPES[f"uint{n}"] for n in (8, 16, 32, 64))
float32, float64 = _DTYPES["float32"], _DTYPES["float64"]
complex64, complex128 = _DTYPES["complex64"], _DTYPES["complex128"]

del _operators, _DTYPES, _NamespaceInfo, math
