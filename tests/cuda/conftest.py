"""What tests of CUDA share: the compiler, where it is installed, and programs as CUDA text."""

from __future__ import annotations

from pathlib import Path

import pytest

from kernelgraph.c.cache import Cache
from kernelgraph.cuda import nvrtc
from kernelgraph.cuda.nvrtc import OPTIONS, Nvrtc
from kernelgraph.errors import DeviceError

QUICK = (*(o for o in OPTIONS if "ptxas" not in o), "--Ofast-compile=max")
"""Options for tests that only ask whether a text compiles."""


@pytest.fixture(scope="session")
def compiler() -> Nvrtc:
    """NVRTC, which `./kg` installs; it has no wheel for macOS."""
    try:
        return nvrtc.find()
    except DeviceError as error:
        pytest.skip(str(error))


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    """An empty compile cache."""
    return Cache(str(tmp_path / "cache"))
