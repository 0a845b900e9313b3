"""What a compiled program asks of its process, answered in Python through ctypes.

A `Slot` says what one value of a program can be; a `CallState` holds the values of one call, and
the functions of host.h that a program calls: for memory, Python calls, a look at Ctrl-C.
"""

from __future__ import annotations

import ctypes
import math
import sys
import weakref
from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np

from kernelgraph.c.arena import Arena
from kernelgraph.c.interrupts import HeldInterrupts
from kernelgraph.types import Array

_ANY_OBJECT = -1
_UNKNOWN_SIZE = -1
_EXACT = 2**53  # up to here a double holds every integer
DONE, PYTHON_ERROR, PROGRAM_ERROR, NO_ROOM = range(4)
"""What a program returns; with the last comes the number of the request for memory."""

_ONLY_HERE = 2  # references to an array that one local name holds: that, and the question itself

_DTYPES = {np.dtype(letter).num: np.dtype(letter) for letter in "?bBhHiIlLqQefdgFDG"}
"""What compiled code can read, by NumPy's number: booleans and all numbers."""

_Sizes = ctypes.POINTER(ctypes.c_int64)


class _Value(ctypes.Structure):
    """`kg_value` of host.h."""

    _fields_ = (
        ("data", ctypes.c_void_p),
        ("shape", ctypes.c_void_p),
        ("strides", ctypes.c_void_p),
        ("object", ctypes.c_void_p),
    )


_Allocate = ctypes.PYFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_int32, _Sizes)
_Call = ctypes.PYFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_int32)
_Poll = ctypes.PYFUNCTYPE(ctypes.c_int32, ctypes.c_void_p)
_Pack = ctypes.PYFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_int32, ctypes.c_int32)
_Scratch = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)
_Mark = ctypes.PYFUNCTYPE(ctypes.c_int64, ctypes.c_void_p)
_Release = ctypes.PYFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64)
_Product = ctypes.PYFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, *[ctypes.c_int32] * 7)
_Lapack = ctypes.PYFUNCTYPE(
    ctypes.c_int32,
    ctypes.c_void_p,
    *[ctypes.c_int32] * 2,
    ctypes.POINTER(ctypes.c_int32),
    *[ctypes.c_int32] * 3,
)
Entry = ctypes.PYFUNCTYPE(ctypes.c_int32, ctypes.c_void_p)  # holds the interpreter lock


class _Host(ctypes.Structure):
    """`kg_host` of host.h."""

    _fields_ = (
        ("values", ctypes.POINTER(_Value)),
        ("allocate", _Allocate),
        ("call", _Call),
        ("poll", _Poll),
        ("pack", _Pack),
        ("scratch", _Scratch),
        ("mark", _Mark),
        ("release", _Release),
        ("product", _Product),
        ("lapack", _Lapack),
        ("error_code", ctypes.c_int32),
        ("error_node", ctypes.c_int32),
        ("error_detail", ctypes.c_int64 * 4),
        ("warning", ctypes.c_int32),
    )


class Slot:
    """What a slot can hold: arrays of one dtype and rank, or (dtype None) any Python object."""

    def __init__(self, type_number: int, rank: int) -> None:
        self.dtype = None if type_number == _ANY_OBJECT else _DTYPES.get(type_number)
        self.rank = rank
        if type_number != _ANY_OBJECT and (self.dtype is None or not 0 <= rank <= 64):
            raise ValueError(f"no slot can have type number {type_number} and rank {rank}")

    def fits(self, value: Any, sizes: Sequence[int] = ()) -> bool:
        """Whether compiled code can read a value as an array of this slot."""
        if type(value) is not np.ndarray:
            return False
        if value.dtype != self.dtype or value.ndim != self.rank or not value.flags.aligned:
            return False
        pairs = zip(sizes, value.shape, strict=False)
        return all(size in (_UNKNOWN_SIZE, actual) for size, actual in pairs)

    def number(self, value: Any) -> Array | None:
        """A Python number as an array without dimensions, if this slot holds it exactly."""
        if self.rank != 0:
            return None
        if self.dtype == np.float64:
            if isinstance(value, float) or (type(value) is int and abs(value) <= _EXACT):
                return np.array(value, np.float64)
        elif self.dtype == np.int64 and type(value) is int and -(2**63) <= value < 2**63:
            return np.array(value, np.int64)
        return None

    def refusal(self, slot: int, source: str, value: Any) -> TypeError:
        """The error for a value that does not fit."""
        return TypeError(
            f"slot {slot}: {source} is not an aligned native {self.dtype!r} array "
            f"of rank {self.rank} but {type(value)!r}"
        )


class CallState:
    """All that one call needs: the slots, the host's functions, scratch memory."""

    def __init__(self, slots: list[Slot], calls: list[Any]) -> None:
        self._slots = slots
        self._calls = calls
        self._values = (_Value * len(slots))()
        self._objects: list[Any] = [None] * len(slots)
        self._sizes: list[Any] = [None] * len(slots)
        self._spares: dict[int, Array] = {}
        self._made: set[int] = set()
        self._arena = Arena()
        self._error: BaseException | None = None
        self._asked = 0
        self._held = HeldInterrupts()
        self.host = _Host(
            ctypes.cast(self._values, ctypes.POINTER(_Value)),
            _Allocate(self._allocate),
            _Call(self._call),
            _Poll(self._poll),
            _Pack(self._pack),
            _Scratch(self._scratch),
            _Mark(self._mark),
            _Release(self._release),
            _Product(self._by_python),
            _Lapack(self._by_python),
        )

    def run(self, entry: Callable[[Any], int]) -> int:
        """The status that the program returns; raises what went wrong in its requests."""
        self.host.error_code = self.host.error_node = self.host.warning = 0
        self.host.error_detail[:] = (0, 0, 0, 0)
        # No exception can travel through C, so none may arise unasked inside a request.
        with HeldInterrupts() as self._held:
            status = entry(ctypes.addressof(self.host))
        error, self._error = self._error, None
        if status >= NO_ROOM and isinstance(error, MemoryError):
            self.host.error_code = NO_ROOM - 1 - status  # below 0, which checks have not
            self.host.error_detail[0] = self._asked
            return PROGRAM_ERROR
        if error is not None:
            try:
                raise error
            finally:
                del error  # it refers to this frame
        return status

    def clear(self) -> None:
        """Let go of all objects; memory for temporaries may stay for the next call."""
        ctypes.memset(self._values, 0, ctypes.sizeof(self._values))
        self._objects = [None] * len(self._slots)
        self._sizes = [None] * len(self._slots)
        self._error = None
        self._arena.settle()

    def free(self) -> None:
        """Give back what is kept for the next call."""
        self._spares.clear()
        self._arena = type(self._arena)()  # at the interpreter's exit, names of modules are gone

    def recycle(self, replaced: list[tuple[int, Any]]) -> None:
        """Keep the memory of arrays that updates took out of their cells for the next results, if
        nobody else knows them: `replaced` has the only reference to each.
        """
        while replaced:
            slot, array = replaced.pop()
            kind = self._slots[slot]
            alone = type(array) is np.ndarray and sys.getrefcount(array) <= _ONLY_HERE
            alone = alone and slot in self._made and not weakref.getweakrefcount(array)
            if alone and array.flags.owndata and array.flags.carray and kind.fits(array):
                self._spares[slot] = array

    def put(self, slot: int, value: Any) -> None:
        """Store an object that fits in a slot."""
        place = self._values[slot]
        if self._slots[slot].dtype is not None:
            array = cast("Array", value)
            sizes = (ctypes.c_int64 * (2 * array.ndim))(*array.shape, *array.strides)
            place.data = array.ctypes.data
            place.shape = ctypes.addressof(sizes)
            place.strides = ctypes.addressof(sizes) + 8 * array.ndim
            self._sizes[slot] = sizes
        place.object = id(value)
        self._objects[slot] = value

    def put_checked(self, slot: int, value: Any, source: str) -> None:
        """Store an object in a slot if it fits; TypeError otherwise."""
        declared = self._slots[slot]
        if declared.dtype is not None and not declared.fits(value):
            raise declared.refusal(slot, source, value)
        self.put(slot, value)

    def object_of(self, slot: int) -> Any:
        """The object in a slot."""
        if not self._values[slot].object:
            raise RuntimeError(f"slot {slot} was read before anything was stored in it")
        return self._objects[slot]

    # What the program asks for. Each returns what host.h says and keeps an exception for later.

    def _allocate(self, _host: int, slot: int, shape: Any) -> int:
        try:
            if not 0 <= slot < len(self._slots) or (dtype := self._slots[slot].dtype) is None:
                raise RuntimeError(f"slot {slot} cannot hold an array")
            rank = self._slots[slot].rank
            self._made.add(slot)
            spare = self._spares.pop(slot, None)
            if spare is not None and spare.shape == tuple(shape[:rank]):
                self.put(slot, spare)
                return 0
            self._asked = min(math.prod([dtype.itemsize, *shape[:rank]]), 2**63 - 1)
            del spare  # before the new one is asked for: there may be room for one of them only
            self.put(slot, _empty(shape[:rank] if rank else (), dtype, slot))
        except BaseException as error:
            return self._failed(error)
        return 0

    def _pack(self, _host: int, slot: int, axes: int) -> int:
        try:
            array = self.object_of(slot)
            if array.size and not array[(0,) * (array.ndim - axes)].flags.c_contiguous:
                self._asked = array.nbytes
                self.put(slot, np.ascontiguousarray(array))
        except BaseException as error:
            return self._failed(error)
        return 0

    def _call(self, _host: int, number: int) -> int:
        try:
            if not 0 <= number < len(self._calls):
                raise RuntimeError(f"there is no Python call number {number}")
            function, inputs, outputs = self._calls[number]
            arguments = [self.object_of(slot) for slot in inputs]
            results = self._held.call(function, *arguments)
            if type(results) not in (tuple, list) or len(results) != len(outputs):
                raise TypeError(
                    f"Python call {number} must return a list or tuple of {len(outputs)} values, "
                    f"not {type(results)!r}"
                )
            for slot, result in zip(outputs, results, strict=True):
                self.put_checked(slot, result, "the result of a Python call")
        except BaseException as error:
            return self._failed(error)
        return 0

    def _by_python(self, host: int, *others: Any) -> int:
        return self._call(host, others[-1])

    def _poll(self, _host: int) -> int:
        return int(self._held.noted)

    def _scratch(self, _host: int, size: int) -> int | None:
        self._asked = size
        try:
            return self._arena.take(size)
        except BaseException as error:
            self._failed(error)
            return None

    def _mark(self, _host: int) -> int:
        return self._arena.mark()

    def _release(self, _host: int, mark: int) -> None:
        self._arena.release(mark)

    def _failed(self, error: BaseException) -> int:
        self._error = self._error or error
        return 1


def _empty(shape: Sequence[int], dtype: np.dtype[Any], slot: int) -> Array:
    try:
        return np.empty(shape, dtype)
    except ValueError:  # what NumPy says of sizes that are negative or overflow
        message = f"no array can have the size that slot {slot} asks for"
        raise MemoryError(message) from None
