"""Code from bytes: the loader gets a path that nobody can write to, and never the same twice."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kernelgraph.c.image import load_image

BODY = b"\x7fELF and more"


def opened() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_the_loader_finds_the_bytes() -> None:
    assert load_image(BODY, "name", lambda path: Path(path).read_bytes()) == BODY


def test_no_path_is_given_twice_and_no_descriptor_stays() -> None:
    before, paths = opened(), [load_image(BODY, "name", str) for _ in range(20)]
    assert len(set(paths)) == 20
    assert len({os.path.basename(path) for path in paths}) == 1, "the descriptor is free again"
    assert opened() == before


def test_errors_of_the_loader_pass_and_leave_nothing_open() -> None:
    def refuse(path: str) -> None:
        raise OSError(f"{path} is for another processor")

    before = opened()
    with pytest.raises(OSError, match="another processor"):
        load_image(BODY, "name", refuse)
    assert opened() == before


def test_where_files_in_memory_are_forbidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(name: str) -> int:
        raise OSError(name)

    seen: list[str] = []

    def read(path: str) -> bytes:
        seen.append(path)
        assert os.stat(os.path.dirname(path)).st_mode & 0o077 == 0
        return Path(path).read_bytes()

    monkeypatch.setattr(os, "memfd_create", forbidden)
    assert load_image(BODY, "name", read) == BODY
    assert seen[0].endswith("name.so")
    assert not os.path.exists(seen[0])
