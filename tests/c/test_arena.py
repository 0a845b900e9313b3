"""Scratch memory of the runtime in Python: aligned, a stack, and no more than calls need."""

from __future__ import annotations

import ctypes
from itertools import pairwise

import pytest

from kernelgraph.c.arena import Arena


def test_aligned_and_apart() -> None:
    arena = Arena()
    places = [(arena.take(size), size) for size in (1, 64, 65, 10**6, 0, 3)]
    for (start, size), (following, _) in pairwise(places[:3]):
        assert following >= start + size
    assert all(place % 64 == 0 for place, _ in places)
    for place, size in places:
        ctypes.memset(place, 255, size)


def test_what_is_released_is_taken_again() -> None:
    arena = Arena()
    arena.take(100)
    mark = arena.mark()
    second = arena.take(100)
    arena.take(10**6)
    arena.release(mark)
    assert arena.take(100) == second
    arena.release(mark + 10**9)
    assert arena.mark() == mark + 128, "nobody gives back what was not taken"


def test_a_chunk_that_one_call_needed_goes() -> None:
    arena = Arena()
    arena.take(10**7)
    arena.settle()
    assert not arena._chunks, "the call before needed nothing"
    for _ in range(2):
        arena.take(10**7)
        arena.settle()
    assert len(arena._chunks) == 1
    for _ in range(2):
        arena.take(1)
        arena.settle()
    assert sum(chunk.size for chunk in arena._chunks) < 10**6


@pytest.mark.parametrize("size", [-1, 2**60, 2**59])
def test_absurd_sizes(size: int) -> None:
    with pytest.raises(MemoryError):
        Arena().take(size)
