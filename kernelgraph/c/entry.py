"""One file of the compile cache: a body (a shared object, or facts about a compiler) and a footer.

The body comes first, so that tools that read shared objects can read an entry as it lies there. A
checksum over everything tells a whole entry from a torn or damaged one before any of it is used.

    body | description (JSON) | magic, format, length of body, length of description | checksum
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

FORMAT = 1

_MAGIC = b"KGENTRY\n"
_LENGTHS = struct.Struct("<8sIQQ")
_CHECKSUM_SIZE = 32
_FOOTER_SIZE = _LENGTHS.size + _CHECKSUM_SIZE


class DamagedEntryError(ValueError):
    """The bytes are not a whole entry for the key that was asked for."""


def encode(key: str, body: bytes, description: Mapping[str, Any]) -> bytes:
    """The bytes of the file that stores `body` under `key`.

    >>> decode("ab", encode("ab", b"code", {"compiler": "cc"})).body
    b'code'
    """
    text = json.dumps({"key": key, **description}, sort_keys=True).encode("ascii")
    lengths = _LENGTHS.pack(_MAGIC, FORMAT, len(body), len(text))
    whole = body + text + lengths
    return whole + _checksum(memoryview(whole))


@dataclass(frozen=True)
class Entry:
    """What is stored under a key: the body, and what is known about it."""

    body: bytes
    description: Mapping[str, Any]


def decode(key: str, data: bytes) -> Entry:
    """The entry in the bytes of a file; raises DamagedEntryError unless every byte is right."""
    if len(data) < _FOOTER_SIZE:
        raise DamagedEntryError("it is too short")
    view = memoryview(data)
    if _checksum(view[:-_CHECKSUM_SIZE]) != bytes(view[-_CHECKSUM_SIZE:]):
        raise DamagedEntryError("its checksum is wrong")
    magic, version, body_length, text_length = _LENGTHS.unpack(view[-_FOOTER_SIZE:-_CHECKSUM_SIZE])
    if magic != _MAGIC or version != FORMAT:
        raise DamagedEntryError("it is of another format")
    if body_length + text_length + _FOOTER_SIZE != len(data):
        raise DamagedEntryError("its lengths are wrong")
    description = _description(bytes(view[body_length : body_length + text_length]))
    if description.get("key") != key:
        raise DamagedEntryError("it belongs to another key")
    return Entry(bytes(view[:body_length]), description)


def _description(text: bytes) -> dict[str, Any]:
    description = read_json(text)
    if not isinstance(description, dict):
        raise DamagedEntryError("its description is not a table")
    return cast("dict[str, Any]", description)


def read_json(text: bytes) -> object:
    """What JSON says; raises DamagedEntryError for anything else, however deep or strange."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise DamagedEntryError("its description is not JSON") from None


def _checksum(data: memoryview) -> bytes:
    return hashlib.blake2b(data, digest_size=_CHECKSUM_SIZE).digest()
