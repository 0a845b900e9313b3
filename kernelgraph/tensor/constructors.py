"""Constructors of inputs: `dmatrix("x")`, `vector()`, `dscalars("x", "y")`.

The letter says the dtype (b w i l: int8 to int64, f d: float32, float64; none: floatX when it is
called), the word the rank; `row` and `col` are matrices with a dimension of size 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kernelgraph.errors import capture_origins
from kernelgraph.graph import Variable
from kernelgraph.types import Shape, TensorType, check_dtype


def tensor(
    dtype: Any = "floatX", shape: Sequence[int | None] = (), name: str | None = None
) -> Variable:
    """An input of any dtype and rank; `shape` holds an int for each known size and None for the
    others.

    >>> tensor("float32", (None, 3), "x").type.shape
    (None, 3)
    """
    variable = Variable(TensorType(check_dtype(dtype), tuple(shape)), name)
    variable.origins = capture_origins()
    return variable


class Constructor:
    """Makes inputs of one dtype and pattern of sizes: `dmatrix("x")`.

    `.type` is the type itself.
    """

    def __init__(self, dtype: str, shape: Shape) -> None:
        self.dtype = dtype
        self.shape = shape

    @property
    def type(self) -> TensorType:
        """The type of the inputs that this makes now (floatX may change)."""
        return TensorType(check_dtype(self.dtype), self.shape)

    def __call__(self, name: str | None = None) -> Variable:
        return tensor(self.dtype, self.shape, name)


class Several:
    """Makes several inputs at once, by names or by number: `dscalars("x", "y")`, `vectors(3)`.

    One string of several characters names one input per character.
    """

    def __init__(self, one: Constructor) -> None:
        self.one = one

    def __call__(self, *names: Any) -> Any:
        if len(names) == 1 and isinstance(names[0], int):
            return [self.one() for _ in range(names[0])]
        if len(names) == 1 and isinstance(names[0], str):
            made = [self.one(letter) for letter in names[0]]
            return made[0] if len(made) == 1 else made
        flat = names[0] if len(names) == 1 else names
        return [self.one(name) for name in flat]


def _shapes() -> dict[str, Shape]:
    return {
        "scalar": (), "vector": (None,), "matrix": (None, None), "row": (1, None), "col": (None, 1),
        "tensor3": (None,) * 3,
    }  # fmt: skip


_SHAPES = _shapes()

scalar, vector, matrix, row, col, tensor3 = (Constructor("floatX", s) for s in _SHAPES.values())
dscalar, dvector, dmatrix, drow, dcol = (
    Constructor("float64", s) for s in list(_SHAPES.values())[:5]
)
fscalar, fvector, fmatrix, frow, fcol = (
    Constructor("float32", s) for s in list(_SHAPES.values())[:5]
)
bscalar, bvector, bmatrix = (Constructor("int8", s) for s in list(_SHAPES.values())[:3])
wscalar, wvector, wmatrix = (Constructor("int16", s) for s in list(_SHAPES.values())[:3])
iscalar, ivector, imatrix = (Constructor("int32", s) for s in list(_SHAPES.values())[:3])
lscalar, lvector, lmatrix = (Constructor("int64", s) for s in list(_SHAPES.values())[:3])
scalars, vectors, matrices = Several(scalar), Several(vector), Several(matrix)
dscalars, dvectors, dmatrices = Several(dscalar), Several(dvector), Several(dmatrix)
fscalars, fvectors, fmatrices = Several(fscalar), Several(fvector), Several(fmatrix)
