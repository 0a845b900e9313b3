"""Settings: what they accept, and which of the places that set them wins."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kernelgraph.config import Config, _from_environment, config


def test_unknown_names_and_values_are_refused_at_once() -> None:
    settings = Config()
    with pytest.raises(AttributeError, match="no setting named 'floatx'; there are floatX, target"):
        settings.floatx = "float32"
    with pytest.raises(ValueError, match=r"config.floatX must be one of 'float32', 'float64'"):
        settings.floatX = "float16"
    assert settings.floatX == "float64"


def test_settings_change_inside_a_block_and_come_back() -> None:
    before = config.floatX
    with config.change_flags(floatX="float32", target="python"):
        assert (config.floatX, config.target) == ("float32", "python")
        with config.change_flags({"floatX": "float64"}):
            assert config.floatX == "float64"
        assert config.floatX == "float32"
    assert config.floatX == before
    with pytest.raises(RuntimeError), config.change_flags(floatX="float32"):
        raise RuntimeError
    assert config.floatX == before


def test_nothing_changes_when_one_of_several_is_wrong() -> None:
    before = config.floatX, config.target
    with (
        pytest.raises(ValueError, match=r"config\.target must be one of .*, not 'fortran'"),
        config.change_flags(floatX="float32", target="fortran"),
    ):
        pass
    assert (config.floatX, config.target) == before


def test_flags_of_the_environment() -> None:
    settings = _from_environment(" floatX = float32 , target=python,,")
    assert (settings.floatX, settings.target) == ("float32", "python")
    with pytest.warns(UserWarning, match="KERNELGRAPH_FLAGS: no setting named 'colour'"):
        assert _from_environment("colour=red,floatX=float32").floatX == "float32"
    with pytest.warns(UserWarning, match="must be one of"):
        assert _from_environment("floatX=3").floatX == "float64"


def test_the_environment_is_read_at_import() -> None:
    code = (
        "import kernelgraph as kg, kernelgraph.tensor as T; "
        "print(T.vector().dtype, kg.config.target)"
    )
    environment = {
        **os.environ,
        "KERNELGRAPH_FLAGS": "floatX=float32,target=interpret",
        "PYTHONPATH": str(Path(__file__).parents[1]),
    }
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )
    assert done.stdout == "float32 interpret\n", done.stderr
