"""Constructors of inputs: `dmatrix("x")`, `vector()`, `dscalars("x", "y")`.

The letter says the dtype (b w i l: int8 to int64, f d: float32, float64, c z: complex64,
complex128; none: floatX when it is called), the word the rank; `row` and `col` are matrices with a
dimension of size 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from kernelgraph.errors import capture_origins
from kernelgraph.expect import expect_flag, expect_integer, expect_kind, expect_list
from kernelgraph.graph import Variable
from kernelgraph.types import Shape, TensorType, check_dtype

__all__ = [
    "Constructor", "Several", "bcol", "bcols", "bmatrices", "bmatrix", "brow", "brows",
    "bscalar", "bscalars", "btensor3", "btensor3s", "btensor4", "btensor4s", "btensor5",
    "btensor5s", "btensor6", "btensor6s", "btensor7", "btensor7s", "bvector", "bvectors",
    "ccol", "ccols", "cmatrices", "cmatrix", "col", "cols", "crow", "crows", "cscalar",
    "cscalars", "ctensor3", "ctensor3s", "ctensor4", "ctensor4s", "ctensor5", "ctensor5s",
    "ctensor6", "ctensor6s", "ctensor7", "ctensor7s", "cvector", "cvectors", "dcol", "dcols",
    "dmatrices", "dmatrix", "drow", "drows", "dscalar", "dscalars", "dtensor3", "dtensor3s",
    "dtensor4", "dtensor4s", "dtensor5", "dtensor5s", "dtensor6", "dtensor6s", "dtensor7",
    "dtensor7s", "dvector", "dvectors", "fcol", "fcols", "fmatrices", "fmatrix", "frow",
    "frows", "fscalar", "fscalars", "ftensor3", "ftensor3s", "ftensor4", "ftensor4s",
    "ftensor5", "ftensor5s", "ftensor6", "ftensor6s", "ftensor7", "ftensor7s", "fvector",
    "fvectors", "icol", "icols", "imatrices", "imatrix", "irow", "irows", "iscalar", "iscalars",
    "itensor3", "itensor3s", "itensor4", "itensor4s", "itensor5", "itensor5s", "itensor6",
    "itensor6s", "itensor7", "itensor7s", "ivector", "ivectors", "lcol", "lcols", "lmatrices",
    "lmatrix", "lrow", "lrows", "lscalar", "lscalars", "ltensor3", "ltensor3s", "ltensor4",
    "ltensor4s", "ltensor5", "ltensor5s", "ltensor6", "ltensor6s", "ltensor7", "ltensor7s",
    "lvector", "lvectors", "matrices", "matrix", "row", "rows", "scalar", "scalars", "tensor",
    "tensor3", "tensor3s", "tensor4", "tensor4s", "tensor5", "tensor5s", "tensor6", "tensor6s",
    "tensor7", "tensor7s", "vector", "vectors", "wcol", "wcols", "wmatrices", "wmatrix", "wrow",
    "wrows", "wscalar", "wscalars", "wtensor3", "wtensor3s", "wtensor4", "wtensor4s",
    "wtensor5", "wtensor5s", "wtensor6", "wtensor6s", "wtensor7", "wtensor7s", "wvector",
    "wvectors", "zcol", "zcols", "zmatrices", "zmatrix", "zrow", "zrows", "zscalar", "zscalars",
    "ztensor3", "ztensor3s", "ztensor4", "ztensor4s", "ztensor5", "ztensor5s", "ztensor6",
    "ztensor6s", "ztensor7", "ztensor7s", "zvector", "zvectors",
]  # fmt: skip


def tensor(
    dtype: Any = "floatX",
    shape: Sequence[int | None] | None = None,
    name: str | None = None,
    broadcastable: Sequence[bool] | None = None,
) -> Variable:
    """An input of any dtype and rank; `shape` holds an int for each known size and None for the
    others. `broadcastable` says less: True for a dimension of size 1.

    >>> tensor("float32", (None, 3), "x").type.shape
    (None, 3)
    """
    if shape is None:
        pattern = () if broadcastable is None else broadcastable
        flags = expect_list(pattern, "broadcastable", "True and False, one for each dimension")
        shape = [1 if expect_flag(one, "broadcastable") else None for one in flags]
    sizes = tuple(expect_list(shape, "a shape", "sizes"))
    variable = Variable(TensorType(check_dtype(dtype), sizes), name)
    variable.origins = capture_origins()
    return variable


class Constructor:
    """Makes inputs of one dtype and pattern of sizes: `dmatrix("x")`.

    `.type` is the type itself.
    """

    def __init__(self, dtype: str, shape: Shape) -> None:
        self.dtype = dtype
        self.shape = tuple(expect_list(shape, "a shape", "sizes"))

    def __repr__(self) -> str:
        return f"<constructor of {self.type}>"

    @property
    def type(self) -> TensorType:
        """The type of the inputs that this makes now (floatX may change)."""
        return TensorType(check_dtype(self.dtype), self.shape)

    def __call__(self, name: str | None = None, dtype: Any = None) -> Variable:
        """Another `dtype` may be asked for: `scalar("x", dtype="int64")`."""
        return tensor(self.dtype if dtype is None else dtype, self.shape, name)


_COUNT = "the number of inputs"
_MOST = 100_000


class Several:
    """Makes several inputs at once, by names or by number: `dscalars("x", "y")`, `vectors(3)`.

    One string of several characters names one input per character.
    """

    def __init__(self, one: Constructor) -> None:
        self.one = expect_kind(one, Constructor, "what is made several times", "such as T.dvector")

    def __call__(self, *names: Any) -> Any:
        given = names[0] if len(names) == 1 else names
        if isinstance(given, int):
            return [self.one() for _ in range(expect_integer(given, _COUNT, 0, _MOST))]
        if isinstance(given, str):
            expect_integer(len(given), _COUNT, 0, _MOST)
            made = [self.one(letter) for letter in given]
            return made[0] if len(made) == 1 else made
        return [self.one(name) for name in expect_list(given, "what is made", "names")]


_SHAPES: tuple[Shape, ...] = (
    (), (None,), (None, None), (1, None), (None, 1), *((None,) * rank for rank in range(3, 8)),
)  # fmt: skip


@cache
def _of(dtype: str) -> tuple[Constructor, ...]:
    return tuple(Constructor(dtype, shape) for shape in _SHAPES)


def _several(dtype: str) -> tuple[Several, ...]:
    return tuple(map(Several, _of(dtype)))


scalar, vector, matrix, row, col, tensor3, tensor4, tensor5, tensor6, tensor7 = _of("floatX")
(
    bscalar, bvector, bmatrix, brow, bcol,
    btensor3, btensor4, btensor5, btensor6, btensor7,
) = _of("int8")  # fmt: skip
(
    wscalar, wvector, wmatrix, wrow, wcol,
    wtensor3, wtensor4, wtensor5, wtensor6, wtensor7,
) = _of("int16")  # fmt: skip
(
    iscalar, ivector, imatrix, irow, icol,
    itensor3, itensor4, itensor5, itensor6, itensor7,
) = _of("int32")  # fmt: skip
(
    lscalar, lvector, lmatrix, lrow, lcol,
    ltensor3, ltensor4, ltensor5, ltensor6, ltensor7,
) = _of("int64")  # fmt: skip
(
    fscalar, fvector, fmatrix, frow, fcol,
    ftensor3, ftensor4, ftensor5, ftensor6, ftensor7,
) = _of("float32")  # fmt: skip
(
    dscalar, dvector, dmatrix, drow, dcol,
    dtensor3, dtensor4, dtensor5, dtensor6, dtensor7,
) = _of("float64")  # fmt: skip
(
    cscalar, cvector, cmatrix, crow, ccol,
    ctensor3, ctensor4, ctensor5, ctensor6, ctensor7,
) = _of("complex64")  # fmt: skip
(
    zscalar, zvector, zmatrix, zrow, zcol,
    ztensor3, ztensor4, ztensor5, ztensor6, ztensor7,
) = _of("complex128")  # fmt: skip

(
    scalars, vectors, matrices, rows, cols,
    tensor3s, tensor4s, tensor5s, tensor6s, tensor7s,
) = _several("floatX")  # fmt: skip
(
    bscalars, bvectors, bmatrices, brows, bcols,
    btensor3s, btensor4s, btensor5s, btensor6s, btensor7s,
) = _several("int8")  # fmt: skip
(
    wscalars, wvectors, wmatrices, wrows, wcols,
    wtensor3s, wtensor4s, wtensor5s, wtensor6s, wtensor7s,
) = _several("int16")  # fmt: skip
(
    iscalars, ivectors, imatrices, irows, icols,
    itensor3s, itensor4s, itensor5s, itensor6s, itensor7s,
) = _several("int32")  # fmt: skip
(
    lscalars, lvectors, lmatrices, lrows, lcols,
    ltensor3s, ltensor4s, ltensor5s, ltensor6s, ltensor7s,
) = _several("int64")  # fmt: skip
(
    fscalars, fvectors, fmatrices, frows, fcols,
    ftensor3s, ftensor4s, ftensor5s, ftensor6s, ftensor7s,
) = _several("float32")  # fmt: skip
(
    dscalars, dvectors, dmatrices, drows, dcols,
    dtensor3s, dtensor4s, dtensor5s, dtensor6s, dtensor7s,
) = _several("float64")  # fmt: skip
(
    cscalars, cvectors, cmatrices, crows, ccols,
    ctensor3s, ctensor4s, ctensor5s, ctensor6s, ctensor7s,
) = _several("complex64")  # fmt: skip
(
    zscalars, zvectors, zmatrices, zrows, zcols,
    ztensor3s, ztensor4s, ztensor5s, ztensor6s, ztensor7s,
) = _several("complex128")  # fmt: skip
