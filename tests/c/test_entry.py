"""Entries of the cache: what was put in comes out, and no other bytes are taken for an entry."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernelgraph.c import entry
from kernelgraph.c.entry import DamagedEntryError, decode, encode, read_json
from tests.support import cases

WHOLE = encode("key", b"body of an entry", {"compiler": ["cc"]})


@cases(60, 3000)
@given(st.text(), st.binary(), st.dictionaries(st.text(), st.integers() | st.text()))
def test_round_trip(key: str, body: bytes, facts: dict[str, int | str]) -> None:
    facts.pop("key", None)
    found = decode(key, encode(key, body, facts))
    assert found.body == body
    assert found.description == {"key": key, **facts}


@cases(100, 3000)
@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_a_changed_byte_is_refused(place: int, change: int) -> None:
    damaged = bytearray(WHOLE)
    damaged[place] ^= change
    with pytest.raises(DamagedEntryError):
        decode("key", bytes(damaged))


@cases(60, 1000)
@given(st.integers(0, len(WHOLE) - 1), st.binary(max_size=9))
def test_other_lengths_are_refused(length: int, more: bytes) -> None:
    for other in (WHOLE[:length], WHOLE + more + b"x", more + WHOLE[:length]):
        with pytest.raises(DamagedEntryError):
            decode("key", other)


def test_an_entry_of_another_format_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry, "FORMAT", entry.FORMAT + 1)
    with pytest.raises(DamagedEntryError, match="another format"):
        decode("key", WHOLE)


def test_an_entry_of_another_key_is_refused() -> None:
    with pytest.raises(DamagedEntryError, match="another key"):
        decode("other", WHOLE)


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json(text: bytes) -> None:
    with pytest.raises(DamagedEntryError):
        read_json(text)
