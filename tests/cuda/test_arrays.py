"""Arrays of a device: views are what NumPy says of the same views, and numbers come back."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernelgraph.cuda.arrays import DeviceArray, empty, sent
from kernelgraph.types import DTYPES
from tests.support import cases


class HostMemory:
    """Memory of a device that is the host's; it knows what has not been given back."""

    def __init__(self) -> None:
        self.kept: dict[int, Any] = {}

    def allocate(self, size: int) -> int:
        block = np.full(size, 0xAB, np.uint8)
        self.kept[block.ctypes.data] = block
        return block.ctypes.data

    def free(self, pointer: int) -> None:
        del self.kept[pointer]

    def upload(self, pointer: int, data: Any) -> None:
        ctypes.memmove(pointer, data.ctypes.data, data.nbytes)

    def download(self, data: Any, pointer: int) -> None:
        ctypes.memmove(data.ctypes.data, pointer, data.nbytes)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (1,), (3,), (2, 0, 3), (2, 3, 4)])
def test_there_and_back(dtype: str, shape: tuple[int, ...]) -> None:
    given_array = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype)
    found = sent(HostMemory(), given_array).fetched()
    assert found.dtype == given_array.dtype
    assert found.shape == shape
    np.testing.assert_array_equal(found, given_array)


def _index(draw: Any, size: int) -> Any:
    kind = draw(st.sampled_from(["all", "slice", "one"] if size else ["all", "slice"]))
    if kind == "one":
        return draw(st.integers(-size, size - 1))
    if kind == "all":
        return slice(None)
    ends = st.none() | st.integers(-size - 2, size + 2)
    return slice(draw(ends), draw(ends), draw(st.sampled_from([None, 1, 2, 3, -1, -2])))


@given(st.data())
@cases(tested=60, hunted=5_000)
def test_views_are_as_in_numpy(data: Any) -> None:
    shape = tuple(data.draw(st.lists(st.integers(0, 5), max_size=3)))
    wanted: Any = np.arange(np.prod(shape, dtype=int), dtype="int32").reshape(shape)
    found: Any = sent(HostMemory(), wanted)
    for _ in range(data.draw(st.integers(1, 4))):
        move = data.draw(st.sampled_from(["index", "T", "reshape", "part"]))
        if move == "index":
            index = tuple(_index(data.draw, size) for size in wanted.shape)
            wanted, found = wanted[(*index, ...)], found[(*index, ...)]
        elif move == "T":
            wanted, found = wanted.T, found.T
        elif move == "reshape" and wanted.flags.c_contiguous:
            wanted, found = wanted.reshape((wanted.size, 1)), found.reshape((wanted.size, 1))
        elif wanted.ndim and wanted.shape[0]:
            wanted, found = wanted[0], found[0]
        if not isinstance(found, DeviceArray):
            assert found == wanted
            return
        assert found.shape == wanted.shape
        assert not wanted.size or found.strides == wanted.strides
    np.testing.assert_array_equal(found.fetched(), wanted)


def test_memory_is_given_back_when_the_last_view_is_gone() -> None:
    memory = HostMemory()
    whole = sent(memory, np.arange(6.0))
    part = whole[2:]
    del whole
    assert len(memory.kept) == 1
    assert part[1] == 3
    del part
    assert not memory.kept


def test_without_room_nothing_is_given_back() -> None:
    class Full(HostMemory):
        def allocate(self, size: int) -> int:
            raise MemoryError(f"{size} bytes")

    with pytest.raises(MemoryError, match="24 bytes"):
        empty(Full(), (3,), "float64")
    assert repr(empty(HostMemory(), (3, 2), "float32")) == "DeviceArray(float32[3, 2])"
