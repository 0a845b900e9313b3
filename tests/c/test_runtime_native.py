"""What is compiled as the runtime, and what is taken for it; how it works is in test_runtime.py."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

import numpy as np
import pytest

from kernelgraph.c.runtime_native import load_runtime, runtime_unit
from kernelgraph.errors import CompileError


def test_one_text_without_files_of_ours() -> None:
    source = runtime_unit().source
    assert '#include "' not in source, "the key of the result must cover all that we wrote"
    assert "REAL" not in source
    for real in ("float32", "float64"):
        assert source.count(f"static void multiply_{real}(") == 1
    assert sys.version in source
    assert np.__version__ in source


def test_without_the_headers_of_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path))
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path))
    with pytest.raises(CompileError, match=r"Python\.h is not installed") as caught:
        runtime_unit()
    assert caught.value.code == "KG-K007"


def test_headers_that_lie_where_python_says(monkeypatch: pytest.MonkeyPatch) -> None:
    flags = runtime_unit().flags
    assert f"-I{sysconfig.get_path('include')}" in flags
    monkeypatch.setattr(sys, "base_prefix", "/nonexistent")
    assert runtime_unit().flags == flags


def test_another_module_is_refused() -> None:
    import _struct

    with pytest.raises(ImportError):
        load_runtime(_struct.__file__)
