"""Arrays in the memory of a device: where they begin, their sizes and strides, and views of them.

A view is described, not made: `x[1:, ::2]` is another beginning with other strides. What NumPy says
of such views holds here too, since NumPy works them out, on an array that has no memory behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from kernelgraph.types import Array, listed


class Memory(Protocol):
    """What arrays ask of a device."""

    def allocate(self, size: int) -> int: ...
    def free(self, pointer: int) -> None: ...
    def upload(self, pointer: int, data: Array) -> None: ...
    def download(self, data: Array, pointer: int) -> None: ...


class Allocation:
    """Some bytes of a device, given back when nobody refers to them any more."""

    def __init__(self, memory: Memory, size: int) -> None:
        self.memory = memory
        self.pointer = memory.allocate(max(size, 1))

    def __del__(self) -> None:
        if hasattr(self, "pointer"):  # it has none if there was no room
            self.memory.free(self.pointer)


class DeviceArray:
    """Numbers of one dtype in the memory of a device, in the order of NumPy's strides."""

    def __init__(self, allocation: Allocation, layout: Array, offset: int = 0) -> None:
        self._allocation = allocation
        self._layout = layout
        self._offset = offset

    def __repr__(self) -> str:
        return f"DeviceArray({self.dtype}{list(self.shape)})"

    @property
    def pointer(self) -> int:
        """The address of the first element."""
        return self._allocation.pointer + self._offset

    @property
    def shape(self) -> tuple[int, ...]:
        """Sizes of the dimensions."""
        return self._layout.shape

    @property
    def strides(self) -> tuple[int, ...]:
        """Bytes from one element to the next, along each dimension."""
        return self._layout.strides

    @property
    def dtype(self) -> np.dtype[Any]:
        """dtype of the elements."""
        return self._layout.dtype

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return self._layout.ndim

    def _view(self, layout: Array) -> DeviceArray:
        moved = _address(layout) - _address(self._layout)
        return DeviceArray(self._allocation, layout, self._offset + moved)

    def __getitem__(self, index: Any) -> Any:
        """A view; a number, which is fetched, where the index has an integer for every axis."""
        entries = listed(index)
        if ... in entries:
            return self._view(self._layout[tuple(entries)])
        view = self._view(self._layout[(*entries, ...)])
        return view if view.ndim else view.fetched()[()]

    def reshape(self, shape: Sequence[int]) -> DeviceArray:
        """The same elements, which lie without gaps, with other sizes."""
        return self._view(self._layout.reshape(tuple(shape)))

    @property
    def T(self) -> DeviceArray:  # noqa: N802 - NumPy's name
        """All dimensions in reverse."""
        return self._view(self._layout.T)

    @property
    def mT(self) -> DeviceArray:  # noqa: N802 - NumPy's name
        """The last two dimensions swapped."""
        return self._view(self._layout.mT)

    def at_strides(self, shape: Sequence[int], strides: Sequence[int]) -> DeviceArray:
        """The same beginning with other sizes and strides."""
        return self._view(np.lib.stride_tricks.as_strided(self._layout, shape, strides))

    def fetched(self) -> Array:
        """A copy in the memory of the host, without gaps."""
        made = np.empty(self.shape, self.dtype)
        if not made.size:
            return made
        first, last = np.lib.array_utils.byte_bounds(self._layout)
        block = np.empty(last - first, np.uint8)
        start = _address(self._layout) - first
        self._allocation.memory.download(block, self.pointer - start)
        strided = np.ndarray(self.shape, self.dtype, block.data, start, self.strides)
        made[...] = strided
        return made


def _address(layout: Array) -> int:
    return layout.__array_interface__["data"][0]


def empty(memory: Memory, shape: Sequence[int], dtype: str) -> DeviceArray:
    """Memory of a device for an array without gaps."""
    kind = np.dtype(dtype)
    count = int(np.prod(shape, dtype=object)) if shape else 1
    none = np.lib.stride_tricks.as_strided(np.empty((), kind), shape, _packed(shape, kind.itemsize))
    return DeviceArray(Allocation(memory, count * kind.itemsize), none)


def _packed(shape: Sequence[int], itemsize: int) -> tuple[int, ...]:
    strides, step = list[int](), itemsize
    for size in reversed(shape):
        strides.append(step)
        step *= max(size, 1)
    return tuple(reversed(strides))


def sent(memory: Memory, array: Array) -> DeviceArray:
    """A copy of an array in the memory of a device, without gaps."""
    made = empty(memory, array.shape, array.dtype.name)
    if array.size:
        memory.upload(made.pointer, np.ascontiguousarray(array))
    return made
