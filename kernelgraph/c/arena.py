"""Memory for temporaries, as the runtime in Python has it: a stack in chunks that are asked of the
system and given back to it, past the heap, which would keep them.
"""

from __future__ import annotations

import ctypes
import mmap
from contextlib import suppress

_ALIGNMENT = 64
_SMALLEST_CHUNK = 64 * 2**10
_LARGEST_RESERVE = 4 * 2**20


class _Chunk:
    """Memory from the system, past the heap, which would keep it; given back with the object."""

    def __init__(self, base: int, size: int) -> None:
        self.base = base
        self.size = size
        try:
            self._memory = mmap.mmap(-1, size)
        except (OSError, OverflowError):
            raise MemoryError(f"no {size} bytes for temporaries") from None
        self.address = ctypes.addressof(ctypes.c_char.from_buffer(self._memory))


class Arena:
    """Scratch memory: a stack that runs through chunks.

    A position is one number: the sizes of all chunks before plus the offset inside.
    """

    def __init__(self) -> None:
        self._chunks: list[_Chunk] = []
        self._position = 0
        self._needed = self._needed_before = 0

    def take(self, size: int) -> int:
        """The address of `size` new bytes."""
        if not 0 <= size < 2**60:
            raise MemoryError(f"no {size} bytes for temporaries")
        size = -(-size // _ALIGNMENT) * _ALIGNMENT
        chunk = self._chunk_with(size)
        start = max(chunk.base, self._position)
        self._position = start + size
        self._needed = max(self._needed, self._position)
        return chunk.address + start - chunk.base

    def mark(self) -> int:
        """The position now."""
        return self._position

    def release(self, mark: int) -> None:
        """Give back all that was taken since the position was `mark`."""
        if 0 <= mark < self._position:
            self._position = mark

    def settle(self) -> None:
        """After a call: what the last two calls have both needed stays for the next, about."""
        wanted = min(self._needed, self._needed_before)
        self._needed_before, self._needed, self._position = self._needed, 0, 0
        limit = 2 * wanted + _SMALLEST_CHUNK
        self._chunks = [chunk for chunk in self._chunks if chunk.base + chunk.size <= limit]

    def _chunk_with(self, size: int) -> _Chunk:
        """The chunk in use if it has room, the next one, or a new one in place of those that are
        empty: growing must not need the old and the new at once.
        """
        full = sum(chunk.base < self._position for chunk in self._chunks)
        last = self._chunks[full - 1] if full else None
        if last is not None and self._position + size <= last.base + last.size:
            return last
        if full < len(self._chunks) and size <= self._chunks[full].size:
            return self._chunks[full]
        del self._chunks[full:]
        base, wished = (last.base + last.size, 2 * last.size) if last else (0, _SMALLEST_CHUNK)
        self._chunks.append(_Chunk(base, max(min(wished, _LARGEST_RESERVE), size)))
        return self._chunks[-1]


def trim() -> None:
    """Have the heap give back what it keeps for itself, where there is a way to ask."""
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
