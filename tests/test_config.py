"""Settings: what they accept, and which of the places that set them wins."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kernelgraph.config import Config, _initial, config


def test_unknown_names_and_values_are_refused_at_once() -> None:
    settings = Config()
    with pytest.raises(AttributeError, match="no setting named 'floatx'; there are floatX, target"):
        settings.floatx = "float32"
    with pytest.raises(ValueError, match=r"config.floatX must be one of 'float16', 'float32'"):
        settings.floatX = "float128"
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


def _with_flags(flags: str, **more: str) -> Config:
    nowhere = {"KERNELGRAPH_FLAGS": flags, "XDG_CONFIG_HOME": os.devnull}
    return _initial({**nowhere, **more})


def test_flags_of_the_environment() -> None:
    settings = _with_flags(" floatX = float32 , target=python,,")
    assert (settings.floatX, settings.target) == ("float32", "python")
    unknown = "KERNELGRAPH_FLAGS: no setting named 'floatx'.*; did you mean floatX"
    with pytest.warns(UserWarning, match=unknown):
        assert _with_flags("floatx=red,floatX=float32").floatX == "float32"
    with pytest.warns(UserWarning, match="must be one of"):
        assert _with_flags("floatX=3").floatX == "float64"


def test_flags_stand_above_the_file(tmp_path: Path) -> None:
    (tmp_path / "kernelgraph.toml").write_text('floatX = "float32"\ntarget = "python"\n')
    found = _with_flags("target=interpret", XDG_CONFIG_HOME=str(tmp_path))
    assert (found.floatX, found.target) == ("float32", "interpret")
    named = str(tmp_path / "kernelgraph.toml")
    assert _with_flags("", KERNELGRAPH_CONFIG=named).target == "python"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("floatX = ", "cannot read settings from"),
        ("[floatX]\na = 1", "must be one of"),
        ("colour = 3", "the settings file: no setting named 'colour'"),
        ("floatX = 32", "must be one of"),
    ],
)
def test_a_file_that_is_wrong_is_said_to_be_so(tmp_path: Path, text: str, what: str) -> None:
    (tmp_path / "own.toml").write_text(text)
    with pytest.warns(UserWarning, match=what):
        found = _with_flags("", KERNELGRAPH_CONFIG=str(tmp_path / "own.toml"))
    assert found == Config()


def test_a_file_that_is_named_and_missing_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="there is no file"):
        assert _with_flags("", KERNELGRAPH_CONFIG=str(tmp_path / "none.toml")) == Config()


def test_a_function_with_settings_of_its_own() -> None:
    @config.change_flags(floatX="float32")
    def made() -> str:
        return config.floatX

    assert (made(), made(), config.floatX) == ("float32", "float32", "float64")


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
