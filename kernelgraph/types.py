"""Types of symbolic values: a dtype, static sizes, and what a Python value must be to fit.

Everything here is a pure function of dtypes, sizes and values; nothing knows of graphs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, TypeGuard

import numpy as np

from kernelgraph.config import config
from kernelgraph.dtypes import COMPLEX as COMPLEX
from kernelgraph.dtypes import DTYPES as DTYPES
from kernelgraph.dtypes import FLOATS as FLOATS
from kernelgraph.dtypes import INTEGERS as INTEGERS
from kernelgraph.dtypes import accumulator as accumulator
from kernelgraph.dtypes import autocast as autocast
from kernelgraph.dtypes import check_dtype as check_dtype
from kernelgraph.dtypes import complex_of as complex_of
from kernelgraph.dtypes import computing as computing
from kernelgraph.dtypes import is_complex as is_complex
from kernelgraph.dtypes import is_float as is_float
from kernelgraph.dtypes import is_inexact as is_inexact
from kernelgraph.dtypes import real_part_of as real_part_of
from kernelgraph.dtypes import safe_casts
from kernelgraph.dtypes import to_float as to_float
from kernelgraph.dtypes import upcast as upcast
from kernelgraph.errors import (
    ArgumentError,
    DTypeError,
    Operand,
    Operands,
    ShapeError,
    StaticShapeError,
)
from kernelgraph.expect import came, expect_choice, expect_integer, expect_list
from kernelgraph.protocols import foreign_array

LARGEST_SIZE = 2**63 - 1
"""How large a dimension may be: sizes are int64."""

TOO_MANY = -LARGEST_SIZE - 1
"""What stands for a count of elements that is larger."""

MOST_DIMENSIONS = 64
"""How many dimensions an array of NumPy may have."""

Array = np.ndarray[Any, Any]
Shape = tuple[int | None, ...]


def is_array(value: object) -> TypeGuard[Array]:
    """Whether a value is a NumPy array."""
    return isinstance(value, np.ndarray)


def is_integer(value: object) -> TypeGuard[int]:
    """Whether a value is an integer of Python or NumPy (truth values are)."""
    return isinstance(value, int | np.integer)


def is_python_number(value: object) -> TypeGuard[bool | int | float | complex]:
    """Whether a value is a number of Python, which has no dtype of its own; NumPy's scalars have
    one, although some of them are Python's floats as well.
    """
    return isinstance(value, bool | int | float | complex) and not isinstance(value, np.generic)


def listed(value: Any) -> list[Any]:
    """The items of a list or tuple; of anything else a list of it alone.

    >>> listed((1, 2)), listed(3)
    ([1, 2], [3])
    """
    if not isinstance(value, list | tuple):
        return [value]
    return [*value]


_variable: list[Callable[[Type, str | None], Any]] = []


def set_variable(make: Callable[[Type, str | None], Any]) -> None:
    """Say how a type makes a variable of itself: `make(type, name)`."""
    _variable[:] = [make]


@dataclass(frozen=True)
class Type:
    """What a symbolic value may be.

    `buffers` names the arrays that hold one value of it (none: a Python object).
    """

    @property
    def buffers(self) -> tuple[str, ...]:
        """Names of the arrays that hold a value; empty for a Python object."""
        return ()

    def __deepcopy__(self, memo: Any) -> Type:
        return self  # it cannot be changed

    def __call__(self, name: str | None = None) -> Any:
        """A new variable of this type, as in `T.dmatrix.type("x")`."""
        return _variable[0](self, name)

    def filter(self, value: Any, name: str = "value", *, allow_downcast: bool | None = None) -> Any:
        """The value in the form that compiled code needs, or an error that says what is wrong."""
        del name, allow_downcast
        return value


@dataclass(frozen=True)
class ObjectType(Type):
    """Any Python object; only Python ops can compute with it."""

    def __str__(self) -> str:
        return "object"


@dataclass(frozen=True)
class SparseType(Type):
    """A sparse matrix of SciPy's, `csr` or `csc`: values, inner indices, row (column) starts."""

    format: str
    dtype: str

    def __post_init__(self) -> None:
        expect_choice(self.format, "the format of a sparse matrix", ("csr", "csc"))
        object.__setattr__(self, "dtype", check_dtype(self.dtype))

    @property
    def buffers(self) -> tuple[str, ...]:
        return ("data", "indices", "indptr")

    def filter(self, value: Any, name: str = "value", *, allow_downcast: bool | None = None) -> Any:
        """Accept a SciPy sparse matrix of the same format and dtype.

        Raises `DTypeError` otherwise.
        """
        del allow_downcast
        found = getattr(value, "format", None), str(getattr(value, "dtype", None))
        if found != (self.format, self.dtype):
            raise DTypeError(
                f"{name}: expected a {self}, got {_describe(value)}",
                code="KG-D002",
                operands=self.mismatch(name, value),
            )
        return value

    def mismatch(self, name: str, value: Any) -> Operands:
        """This type and a value that does not fit it, for the drawing of an error."""
        size = getattr(value, "shape", ())
        found = str(getattr(value, "dtype", type(value).__name__))
        found = f"{value.format}[{found}]" if hasattr(value, "format") else found
        declared = Operand("declared", (None, None), dtype=str(self))
        return declared, Operand(name, size, dtype=found, allowed=(str(self),))

    def __str__(self) -> str:
        return f"{self.format}[{self.dtype}]"


def _rank_hint(kind: TensorType, found: int) -> str | None:
    """How a value of another rank, or the function, becomes what is meant."""
    match kind.ndim, found:
        case 0, 1:
            return (
                "declare the input as a vector, T.dvector, and the function takes them all at "
                "once; or call it for each: [f(value) for value in values]"
            )
        case 0, _:
            return "declare the input with as many dimensions, T.dmatrix, or call it for each value"
        case 1, 0:
            return "a vector of one number is [number]"
        case 2, 1:
            return "x[None, :] is one row of a matrix, x[:, None] one column"
        case 1, _:
            return "x.ravel() has all elements as a vector; or declare a matrix, T.dmatrix"
        case _:
            return None


def _is_normal(dtype: str, shape: Shape) -> bool:
    """Whether a dtype and sizes are as types keep them; most are, and every node makes a type."""
    if type(dtype) is not str or dtype not in _DTYPES or type(shape) is not tuple:
        return False
    for size in shape:
        if size is not None and (type(size) is not int or not 0 <= size <= LARGEST_SIZE):
            return False
    return len(shape) <= MOST_DIMENSIONS


_DTYPES = frozenset(DTYPES)


def _declared(size: int | bool | None) -> int | None:
    """A size as people write it: a pattern of repeats says True for 1, False for any."""
    if isinstance(size, bool):
        return 1 if size else None
    return None if size is None else expect_integer(size, "a size", most=LARGEST_SIZE)


@dataclass(frozen=True)
class TensorType(Type):
    """A dense array: a dtype and, for each dimension, its size if it is known (an int) or None.

    A size of 1 is the broadcast pattern; a dimension whose size is None never broadcasts at run
    time.

    >>> TensorType("float64", (None, 1)).broadcastable
    (False, True)
    >>> print(TensorType("float32", (None, 3)))
    float32[?, 3]
    """

    dtype: str
    shape: Shape

    def __post_init__(self) -> None:
        if not _is_normal(self.dtype, self.shape):
            self._normalise()

    def _normalise(self) -> None:
        object.__setattr__(self, "dtype", check_dtype(self.dtype))
        sizes = expect_list(self.shape, "a shape", "sizes", hint="(None, 3): any rows, 3 columns")
        object.__setattr__(self, "shape", tuple(map(_declared, sizes)))
        if len(sizes) > MOST_DIMENSIONS:
            raise ShapeError(
                f"{len(sizes)} dimensions: there can be {MOST_DIMENSIONS}", code="KG-S005"
            )
        if any(size is not None and size < 0 for size in self.shape):
            raise ShapeError(f"sizes cannot be negative: {self.shape}", code="KG-S005")

    @property
    def buffers(self) -> tuple[str, ...]:
        return ("data",)

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return len(self.shape)

    @property
    def broadcastable(self) -> tuple[bool, ...]:
        """For each dimension, whether its size is 1 by declaration."""
        return tuple(size == 1 for size in self.shape)

    @property
    def itemsize(self) -> int:
        """Bytes of one element."""
        return np.dtype(self.dtype).itemsize

    def with_dtype(self, dtype: str) -> TensorType:
        """The same sizes with another dtype."""
        return TensorType(dtype, self.shape)

    def accepts(self, other: Type) -> bool:
        """Whether this type has all values of `other`: same dtype, its sizes as well known."""
        return (
            isinstance(other, TensorType)
            and other.dtype == self.dtype
            and other.ndim == self.ndim
            and all(mine in (None, its) for mine, its in zip(self.shape, other.shape, strict=True))
        )

    def __str__(self) -> str:
        if not self.shape:
            return self.dtype
        return f"{self.dtype}[{', '.join('?' if s is None else str(s) for s in self.shape)}]"

    def filter(
        self, value: Any, name: str = "value", *, allow_downcast: bool | None = None
    ) -> Array:
        """`value` as an aligned ndarray of this dtype, rank and sizes; copied only when it has to
        be.

        `allow_downcast`: True casts anything, False nothing that loses information, None (the
        default) lets Python floats become floatX besides. Numbers and lists of Python have no dtype
        and are taken if each of them fits exactly; an array has one, which must fit.
        Raises `DTypeError` and `ShapeError`.
        """
        try:
            array = _cast(as_array(value, name), value, self.dtype, name, allow_downcast)
        except DTypeError as error:
            error.operands = error.operands or self.mismatch(name, value)
            raise
        if array.ndim != self.ndim:
            raise StaticShapeError(
                f"{name}: wrong number of dimensions: expected {self.ndim}, "
                f"got {array.ndim} with shape {array.shape}",
                code="KG-S006",
                hint=_rank_hint(self, array.ndim),
                operands=(Operand("declared", self.shape), Operand(name, array.shape)),
            )
        for axis, (size, found) in enumerate(zip(self.shape, array.shape, strict=True)):
            if size is not None and size != found:
                raise StaticShapeError(
                    f"{name}: dimension {axis} was declared to have size {size}, "
                    f"but the value has shape {array.shape}",
                    operands=(
                        Operand("declared", self.shape, (axis,)),
                        Operand(name, array.shape, (axis,)),
                    ),
                )
        if not (array.flags.aligned and array.dtype.isnative):
            array = np.array(array, dtype=self.dtype, order="C")
        return array

    def mismatch(self, name: str, value: Any) -> Operands:
        """This type and a value whose dtype does not fit it, for the drawing of an error."""
        found, shape = str(getattr(value, "dtype", "")), _shape_of(value)
        if not found or shape is None:
            found, shape = _dtype_of_items(value)
        declared = Operand("declared", self.shape, dtype=self.dtype)
        return declared, Operand(name, shape, dtype=found, allowed=safe_casts(self.dtype))


def _shape_of(value: Any) -> tuple[int, ...] | None:
    shape: Any = getattr(value, "shape", ())
    return shape if isinstance(shape, tuple) else None  # pyright: ignore[reportUnknownVariableType]


def _dtype_of_items(value: Any) -> tuple[str, tuple[int, ...]]:
    """dtype and shape of numbers of Python, or of lists of them; of other things what they are."""
    numbers: Any = value
    if isinstance(value, int | float | complex | list | tuple):
        try:
            array: Array = np.asarray(numbers)
        except Exception:  # rows of different lengths, or anything that an item does
            return type(numbers).__name__, ()
        if array.dtype.kind in "biufc":
            return array.dtype.name, array.shape
    return type(numbers).__name__, ()


def _describe(value: Any) -> str:
    kind = type(value).__name__
    dtype = getattr(value, "dtype", None)
    return f"{kind} of dtype {dtype}" if dtype is not None else kind


def copied(value: Any) -> Any:
    """The same value in memory of its own."""
    if is_array(value):
        return np.array(value)
    try:
        return deepcopy(value)
    except Exception as error:
        raise ArgumentError(
            f"cannot copy {came(value)}, and a value is kept as a copy: {error}",
            hint="borrow=True keeps the object itself",
        ) from error


_LONGEST = 2**31
"""How many numbers of a range are made an array."""


def as_array(value: Any, name: str) -> Array:
    """The array that a person means by `value`; raises `DTypeError` for what is not numbers or
    would lose something.
    """
    if isinstance(value, range) and abs(value.stop - value.start) // abs(value.step) > _LONGEST:
        raise DTypeError(f"{name}: a range of too many numbers", code="KG-D002")
    if _is_masked(value):
        raise DTypeError(
            f"{name}: the mask of a masked array would be lost", code="KG-D006", hint=".filled(...)"
        )
    if is_array(value):
        array: Array = value if type(value) is np.ndarray else value.view(np.ndarray)
    elif value is None or isinstance(value, str | bytes | dict | set) or hasattr(value, "__next__"):
        raise DTypeError(
            f"{name}: expected an array or numbers, got {_describe(value)}", code="KG-D002"
        )
    else:
        array = _from_sequence(value, name)
    if array.dtype.name not in DTYPES:
        try:
            check_dtype(array.dtype)
        except DTypeError as error:
            error.message = f"{name}: {error.message}"
            raise
    return array


def _is_masked(value: Any) -> bool:
    masked: Any = sys.modules.get("numpy.ma")  # slow to import: where it is not, there are none
    return masked is not None and isinstance(value, masked.MaskedArray)


def _from_sequence(value: Any, name: str) -> Array:
    rows = _ragged(value)
    if rows:
        (first, length), (index, other) = (0, rows[0]), rows[1]
        raise DTypeError(
            f"{name}: ragged: row {index} {_row_text(other)}, row {first} {_row_text(length)}",
            code="KG-D002",
            operands=tuple(
                Operand(f"row {k}", () if n is None else (n,), () if n is None else (0,))
                for k, n in ((first, length), (index, other))
            ),
        )
    return foreign_array(value, name)


def _ragged(value: Any) -> tuple[int | None, tuple[int, int | None]] | None:
    """Of rows of different lengths, the length of the first, and the number and the length of one
    that differs (None: no row, a number); None if there are none.
    """
    if not isinstance(value, list | tuple):
        return None
    rows: list[Any] = listed(value)
    lengths = [
        len(row) if hasattr(row, "__len__") and not isinstance(row, str | bytes) else None
        for row in rows
    ]
    for index, length in enumerate(lengths):
        if length != lengths[0]:
            return lengths[0], (index, length)
    return None


def _row_text(length: int | None) -> str:
    return "is a number" if length is None else f"has {length} items"


def _fits(array: Array, dtype: str) -> bool:
    """Whether every element is a number of the other dtype, exactly."""
    with np.errstate(all="ignore"):
        converted = array.astype(dtype)
        is_pair = converted.dtype.kind == "c" and array.dtype.kind != "c"
        back = np.asarray(np.real(converted) if is_pair else converted).astype(array.dtype)
    same = np.array_equal(back, array, equal_nan=array.dtype.kind in "fc")
    signs = array.dtype.kind == "c" or np.array_equal(converted < 0, array < 0)
    return bool(same and signs)


def _changed(array: Array, dtype: str) -> Array:
    """The numbers, in a vector, that are other ones in another dtype."""
    if array.dtype.kind == "c":
        return array.ravel()[:0]
    with np.errstate(all="ignore"):
        made = array.astype(dtype)
        wrapped = (made < 0) != (array < 0)  # 2**63 would come back from an int64 as it went
        differs = (made.astype(array.dtype) != array) | wrapped
    return array[differs & (array == array)]


def _cast(array: Array, value: Any, dtype: str, name: str, allow_downcast: bool | None) -> Array:
    if array.dtype.name == dtype:
        return array
    is_python = not isinstance(value, np.ndarray | np.generic)
    if is_complex(array.dtype.name) and not is_complex(dtype):
        raise DTypeError(
            f"{name}: {dtype} cannot store complex numbers",
            code="KG-D004",
            hint="pass the real part, the imaginary part or the magnitude of it",
        )
    literal = allow_downcast is None and isinstance(value, float) and dtype == config.floatX
    safe = allow_downcast or np.can_cast(array.dtype, dtype, "safe") or (is_python and literal)
    if safe or (is_python and (array.size == 0 or _fits(array, dtype))):
        with np.errstate(all="ignore"):
            return array.astype(dtype)
    exact = array.size > 0 and not is_python and _fits(array, dtype)
    because = (
        f"every element fits {dtype}, but an array keeps its dtype: the next one may not; "
        "a list has none, so a list of these numbers is taken"
    )
    changed = _changed(array, dtype)
    lossy = f"; the largest value that would change is {changed.max()}" if changed.size else ""
    downcast = f"pass it .astype({dtype!r})"
    if name.startswith("argument "):
        downcast += ", or build the function with allow_input_downcast=True"
    raise DTypeError(
        f"{name}: {dtype} cannot store a value of dtype {array.dtype} "
        f"without risking loss of precision{lossy}",
        code="KG-D004",
        because=because if exact else None,
        hint=downcast,
    )


def read_only(value: Any) -> Any:
    """What a user's function gets to see: an array to which it cannot write, or the value."""
    if not is_array(value):
        return value
    view = value.view()
    view.flags.writeable = False
    return view


def owned(value: Any) -> Any:
    """What a user's function returned, in memory that it cannot use again."""
    return np.array(value) if is_array(value) else value
