"""The array object: a symbol of the tensor language that is computed when its numbers are wanted.

Operations build nodes. `float(x)`, `if x:`, `print(x)`, `np.asarray(x)` and loops over `x` compute
it, by NumPy node by node; `compute(x, y)` compiles and computes several together. In a function
that `array_api.function` traces there are no numbers yet, and these raise an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from kernelgraph import tensor as T
from kernelgraph.array_api.dtypes import OBJECTS, DType
from kernelgraph.array_api.scalars import Scalar
from kernelgraph.array_api.values import hold, size_of, unknown, values_of
from kernelgraph.errors import DTypeError, IndexingError, OptionError, ShapeError
from kernelgraph.expect import came
from kernelgraph.graph import Constant, Variable, describe
from kernelgraph.types import Array as Numbers

DEVICE = "cpu"
"""The only device."""


class Array:
    """An array of the standard: a dtype, a shape, and operations that build nodes.

    Functions of the namespace make it (`xp.asarray`, `xp.zeros`, …); `variable` is its symbol.

    >>> from kernelgraph import array_api as xp
    >>> x = xp.asarray([1.0, 2.0])
    >>> (x * 2 + 1).variable
    [1. 2.] * 2 + 1
    >>> x * 2 + 1
    Array([3., 5.], dtype=float64)
    """

    __slots__ = ("__weakref__", "_variable")
    __hash__ = None  # pyright: ignore[reportAssignmentType] - `==` compares elements

    if TYPE_CHECKING:  # what `operators.py` provides, for type checkers and editors

        def __add__(self, other: Any, /) -> Array: ...
        def __radd__(self, other: Any, /) -> Array: ...
        def __sub__(self, other: Any, /) -> Array: ...
        def __rsub__(self, other: Any, /) -> Array: ...
        def __mul__(self, other: Any, /) -> Array: ...
        def __rmul__(self, other: Any, /) -> Array: ...
        def __truediv__(self, other: Any, /) -> Array: ...
        def __rtruediv__(self, other: Any, /) -> Array: ...
        def __pow__(self, other: Any, /) -> Array: ...
        def __rpow__(self, other: Any, /) -> Array: ...
        def __floordiv__(self, other: Any, /) -> Array: ...
        def __mod__(self, other: Any, /) -> Array: ...
        def __xor__(self, other: Any, /) -> Array: ...
        def __lshift__(self, other: Any, /) -> Array: ...
        def __rshift__(self, other: Any, /) -> Array: ...
        def __eq__(self, other: Any, /) -> Any: ...
        def __ne__(self, other: Any, /) -> Any: ...
        def __matmul__(self, other: Any, /) -> Array: ...
        def __and__(self, other: Any, /) -> Array: ...
        def __or__(self, other: Any, /) -> Array: ...
        def __lt__(self, other: Any, /) -> Array: ...
        def __le__(self, other: Any, /) -> Array: ...
        def __gt__(self, other: Any, /) -> Array: ...
        def __ge__(self, other: Any, /) -> Array: ...
        def __neg__(self, /) -> Array: ...
        def __invert__(self, /) -> Array: ...
        def __abs__(self, /) -> Array: ...
        def __getitem__(self, key: Any, /) -> Array: ...
        def __setitem__(self, key: Any, value: Any, /) -> None: ...
        def __array_namespace__(self, /, *, api_version: str | None = None) -> Any: ...

    def __init__(self, variable: Variable) -> None:
        self._variable = variable
        if not isinstance(variable, Constant):
            hold(variable, self)

    def computed(self, variable: Variable, constant: Constant) -> None:
        """Its value is there: begin anew from it."""
        if self._variable is variable:
            self._variable = constant

    def replace(self, new: Array) -> Array:
        """Become what an operation in place has made."""
        if new.dtype != self.dtype:
            raise DTypeError(
                f"an operation in place keeps the dtype, and {self.dtype} would become {new.dtype}",
                code="KG-D003",
                hint="x = x + y makes a new array",
            )
        if new.ndim != self.ndim:
            raise ShapeError(f"an operation in place keeps the shape: {self.ndim} dimensions")
        self.__init__(new.variable)
        return self

    @property
    def variable(self) -> Variable:
        """The symbol of the tensor language."""
        return self._variable

    @property
    def value(self) -> Numbers:
        """The numbers, as an array of NumPy that cannot be written to.

        Raises `SymbolicError` (KG-G010) in a function that is traced.
        """
        return values_of([self._variable])[0]

    @property
    def dtype(self) -> DType:
        """The dtype of the elements."""
        return OBJECTS[self._variable.dtype]

    @property
    def device(self) -> str:
        """Where the numbers are: "cpu"."""
        return DEVICE

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return self._variable.ndim

    @property
    def shape(self) -> tuple[Any, ...]:
        """The sizes of the dimensions: ints, computed where they follow from numbers. In a function
        that is traced a size may be a `Scalar`, which behaves as the int that it will be.
        """
        found = (size_of(self._variable, axis) for axis in range(self.ndim))
        return tuple(s if isinstance(s, int) else Scalar(s) for s in found)

    @property
    def size(self) -> Any:
        """The number of elements."""
        total: Any = 1
        for size in self.shape:
            total = total * size
        return total

    @property
    def T(self) -> Array:  # noqa: N802 - the standard's name
        """The transpose of a matrix. Raises `ShapeError` for other ranks."""
        if self.ndim != 2:
            raise ShapeError(
                f"x.T is the transpose of a matrix, and {describe(self._variable)} has "
                f"{self.ndim} dimensions",
                hint="x.mT, or xp.permute_dims(x, axes)",
            )
        return self.mT

    @property
    def mT(self) -> Array:  # noqa: N802 - the standard's name
        """The transpose of each matrix of a stack: the last two axes exchanged.

        Raises `ShapeError` for a scalar or a vector.
        """
        if self.ndim < 2:
            raise ShapeError(f"x.mT is for matrices, not for {describe(self._variable)}")
        rank = self.ndim
        return Array(T.transpose(self._variable, [*range(rank - 2), rank - 1, rank - 2]))

    def to_device(self, device: Any, /, *, stream: Any = None) -> Array:
        """The array itself, for the only device. Raises `OptionError` for another."""
        expect_device(device)
        if stream is not None:
            raise OptionError("there are no streams on the cpu: stream must be None")
        return self

    def __iter__(self) -> Iterator[Array]:
        if self.ndim == 0:
            raise IndexingError(f"cannot loop over a scalar, {describe(self._variable)}")
        return (self[k, ...] for k in range(self.shape[0]))

    def _number(self, kind: str) -> Any:
        if self.ndim:
            raise DTypeError(
                f"{kind}(x) takes an array of 0 dimensions, not {describe(self._variable)}",
                code="KG-D003",
            )
        return self.value.item()

    def __bool__(self) -> bool:
        return bool(self._number("bool"))

    def __int__(self) -> int:
        return int(self._number("int"))

    def __float__(self) -> float:
        return float(self._number("float"))

    def __complex__(self) -> complex:
        return complex(self._number("complex"))

    def __index__(self) -> int:
        number = self._number("index")
        if isinstance(number, bool) or not isinstance(number, int):
            raise DTypeError(f"an index is an integer, not {self.dtype}", code="KG-D003")
        return number

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Numbers:
        """The numbers for NumPy, in memory of their own unless `copy` is False."""
        if copy is False:
            return np.asarray(self.value, dtype=dtype, copy=False)
        return np.array(self.value, dtype=dtype)

    def __dlpack__(
        self,
        *,
        stream: Any = None,
        max_version: tuple[int, int] | None = None,
        dl_device: tuple[int, int] | None = None,
        copy: bool | None = None,
    ) -> Any:
        """The numbers for another library, in memory of their own. Raises `BufferError` if no copy
        may be made: what is computed here must not be changed elsewhere.
        """
        if copy is False:
            raise BufferError("an array of kernelgraph hands on a copy of its numbers")
        if dl_device not in (None, self.__dlpack_device__()):
            raise BufferError("an array of kernelgraph is in the memory of the processor")
        return np.array(self.value).__dlpack__(stream=stream, max_version=max_version)

    def __dlpack_device__(self) -> tuple[int, int]:
        return (1, 0)

    def __repr__(self) -> str:
        if unknown([self._variable]):
            return f"Array({self._variable}, {self._variable.type})"
        numbers = np.array2string(self.value, separator=", ", prefix="Array(")
        return f"Array({numbers}, dtype={self.dtype})"

    __str__ = __repr__


def expect_array(value: Any, what: str) -> Array:
    """An array of this package. Raises `DTypeError` (KG-D002)."""
    if not isinstance(value, Array):
        raise DTypeError(
            f"{what} must be an array, not {came(value)}",
            code="KG-D002",
            hint="xp.asarray(value) makes one",
        )
    return value


def expect_device(device: Any) -> None:
    """No device, or the only one. Raises `OptionError`."""
    if device not in (None, DEVICE):
        raise OptionError(f"the only device is {DEVICE!r}, not {came(device)}")
