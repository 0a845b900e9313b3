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
    assert theano.printing.Print.__module__ == "kernelgraph.ops.printing"


def test_settings_are_ours_and_what_else_theano_has() -> None:
    theano: Any = alias.install()
    theano.config.floatX = "float32"
    assert config.floatX == "float32"
    assert theano.config.device == "cpu"
    assert theano.config.blas.ldflags == ""
    with theano.config.change_flags(**{"floatX": "float64", "scan.allow_gc": True}):
        assert (config.floatX, theano.config.scan.allow_gc) == ("float64", True)
    assert (config.floatX, theano.config.scan.allow_gc) == ("float32", False)

    @theano.configparser.change_flags(compute_test_value="warn")
    def inside() -> str:
        return config.compute_test_value

    assert (inside(), config.compute_test_value) == ("warn", "off")
    assert {"floatX", "blas", "mode"} <= set(dir(theano.config))
    with pytest.raises(AttributeError, match="did you mean floatX"):
        theano.config.floatx = "float32"
    with pytest.raises(AttributeError, match=r"has no 'blas\.flags'"):
        theano.config.blas.flags  # noqa: B018
    assert not hasattr(theano.config, "gpuarray")


def test_the_mode_of_functions_made_without_one() -> None:
    theano: Any = alias.install()
    x = theano.tensor.dscalar("x")
    with theano.config.change_flags(mode="FAST_COMPILE"):
        assert theano.function([x], x * 2).target == "interpret"
    with theano.config.change_flags(mode="NanGuardMode"), pytest.raises(FloatingPointError):
        theano.function([x], theano.tensor.log(x))(-1.0)
    assert theano.function([x], x * 2).target == "c"


def test_settings_of_modes_are_heard() -> None:
    theano: Any = alias.install()
    x = theano.tensor.dvector("x")
    y = theano.tensor.log(1 + x)
    with theano.config.change_flags(optimizer_excluding="log_one_plus:simplify"):
        graph = theano.function([x], y).maker.fgraph
        assert "log" in [str(n.op) for n in graph.toposort()]
    assert "log1p" in [str(n.op) for n in theano.function([x], y).maker.fgraph.toposort()]
    calm = {"mode": "NanGuardMode", "NanGuardMode.inf_is_error": False}
    with theano.config.change_flags(calm):
        assert float(theano.function([x], y)([-1.0])[0]) == float("-inf")


def test_a_setting_that_changes_nothing_says_so() -> None:
    theano: Any = alias.install()
    theano.config.warn_float64 = "ignore"
    with pytest.warns(UserWarning, match=r"theano\.config\.warn_float64 changes nothing here"):
        theano.config.warn_float64 = "raise"


def test_modes_from_linkers_and_optimizers() -> None:
    theano: Any = alias.install()
    mode = theano.Mode(linker="py", optimizer="fast_run").excluding("stabilize")
    x = theano.tensor.dscalar("x")
    f = theano.function([x], theano.tensor.log(1 + x), mode=mode)
    assert f.target == "interpret"
    assert [str(n.op) for n in f.maker.fgraph.toposort()] == ["add", "log"]
    theano.compile.mode.register_mode("mine", theano.Mode(optimizer=None))
    assert theano.compile.get_mode("mine").rules == ()
    with pytest.raises(ValueError, match="linker must be one of"):
        theano.Mode(linker="fortran")


def test_rules_that_are_registered_are_used() -> None:
    theano: Any = alias.install()
    optdb = theano.compile.optdb

    @theano.tensor.opt.register_canonicalize
    @theano.gof.local_optimizer([theano.tensor.tanh])
    def local_no_tanh(node: Any) -> Any:
        return [node.inputs[0]] if node.op == theano.tensor.tanh else False

    try:
        x = theano.tensor.dscalar("x")
        f = theano.function([x], theano.tensor.tanh(x) + 1)
        assert float(f(2.0)) == 3.0
    finally:
        optdb.remove("local_no_tanh")


def test_classes_that_programs_ask_for() -> None:
    theano: Any = alias.install()
    tensor = theano.tensor
    x = tensor.dmatrix("x")
    assert isinstance(x, theano.Variable)
    assert isinstance(x, tensor.TensorVariable)
    assert isinstance(x.type, theano.Type)
    assert isinstance(x.type, tensor.TensorType)
    assert isinstance(tensor.constant(1), tensor.TensorConstant)
    assert isinstance(theano.shared(1.0), theano.compile.SharedVariable)
    assert isinstance((x + 1).owner, theano.Apply)
    assert isinstance(tensor.tanh, theano.Op)
    assert isinstance(tensor.tanh, tensor.Elemwise)
    assert isinstance(x.T.owner.op, tensor.elemwise.DimShuffle)
    assert isinstance(x.sum().owner.op, tensor.elemwise.CAReduce)


def test_arrays_of_a_dtype_by_name() -> None:
    theano: Any = alias.install()
    assert theano._asarray([1, 2], dtype="floatX").dtype == "float64"
    assert theano._asarray([1, 2], dtype="int8").dtype == "int8"


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
