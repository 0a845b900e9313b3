"""The alias: module paths, what is missing, flags and files of settings."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph import theano as alias
from kernelgraph.config import config
from kernelgraph.errors import KernelgraphError


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("THEANO_FLAGS", "THEANORC", "KERNELGRAPH_FLAGS"):
        monkeypatch.delenv(name, raising=False)
    with config.change_flags(floatX="float64", on_unused_input="raise"):
        yield
    alias.uninstall()


@pytest.mark.parametrize("path", alias.ALIASES)
def test_every_module_can_be_imported(path: str) -> None:
    alias.install()
    module = importlib.import_module(path)
    for name in dir(module):
        assert getattr(module, name) is not None


def test_names_are_ours() -> None:
    theano: Any = alias.install()
    assert theano.scan is kg.scan
    assert theano.tensor.exp is kg.tensor.exp
    assert theano.config is config
    assert theano.printing.Print.__module__ == "kernelgraph.ops.printing"


def test_a_name_that_is_not_there() -> None:
    theano: Any = alias.install()
    with pytest.raises(AttributeError, match=r"kernelgraph's theano.tensor has no 'fft2'"):
        theano.tensor.fft2  # noqa: B018
    with pytest.raises(ImportError, match="nothing_here"):
        importlib.import_module("theano.nothing_here")


def test_installing_twice_changes_nothing() -> None:
    assert alias.install() is alias.install()


def test_theano_itself_is_not_pushed_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "theano", ModuleType("theano"))
    with pytest.raises(KernelgraphError, match="imported already"):
        alias.install()


def test_flags_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THEANO_FLAGS", "mode=FAST_RUN, floatX=float32,on_unused_input=ignore")
    theano: Any = alias.install()
    assert theano.config.floatX == "float32"
    assert theano.tensor.vector("x").dtype == "float32"
    assert config.on_unused_input == "ignore"


def test_a_file_of_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".theanorc").write_text("[global]\nfloatX = float32\non_unused_input = warn\n")
    monkeypatch.setenv("THEANO_FLAGS", "on_unused_input=ignore")
    alias.install()
    assert (config.floatX, config.on_unused_input) == ("float32", "ignore")


def test_several_files_the_last_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, dtype in (("a", "float64"), ("b", "float32")):
        (tmp_path / name).write_text(f"[global]\nfloatX = {dtype}\n")
    monkeypatch.setenv("THEANORC", f"{tmp_path / 'a'}:{tmp_path / 'b'}")
    alias.install()
    assert config.floatX == "float32"


def test_our_own_flags_stand_above(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THEANO_FLAGS", "floatX=float32")
    monkeypatch.setenv("KERNELGRAPH_FLAGS", "floatX=float64")
    alias.install()
    assert config.floatX == "float64"


@pytest.mark.parametrize(
    ("flags", "text"),
    [("lib.amdlibm=True,floatX=float32", "lib.amdlibm mean"), ("floatX=float1", "must be one of")],
)
def test_flags_that_mean_nothing(flags: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THEANO_FLAGS", flags)
    with pytest.warns(UserWarning, match=text):
        alias.install()


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / ".theanorc").write_text("floatX = float32\n")
    with pytest.warns(UserWarning, match="cannot read"):
        alias.install()


def test_symbols_are_true_under_the_alias_and_only_there() -> None:
    x, y = T.dvector("x"), T.dscalar("y")
    symbols: list[Any] = [x, y, T.tanh(x), x + 1, kg.shared(0.0), T.constant(0.0)]
    comparisons = [x > 0, T.eq(y, 0), T.neq(x, y), y <= 1, x < y, x >= 2]
    for _ in range(2):
        for symbol in (*symbols, *comparisons):
            with pytest.raises(KernelgraphError):
                bool(symbol)
        alias.install()
        for symbol in symbols:
            assert symbol
            assert symbol, "as a program for Theano asks: if not input"
        for comparison in comparisons:
            with pytest.raises(KernelgraphError):
                bool(comparison)
        alias.uninstall()


def test_computed_symbols_print_themselves() -> None:
    x: Any = T.dvector("x")
    deep = x
    for _ in range(3000):
        deep = T.tanh(deep)
    assert str(T.tanh(x)) == "tanh(x)"
    assert str(deep).startswith("tanh(tanh(")
    assert len(str(deep)) <= 100
    alias.install()
    assert str(T.tanh(x)) == "Elemwise{tanh,no_inplace}.0"
    assert len(str(deep)) <= 100
    alias.uninstall()
    assert str(T.tanh(x)) == "tanh(x)"
