"""Bad input gets a clear error, with a stable code, the user's own line and what to try."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import textwrap
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c.target import CTarget
from kernelgraph.compiler import compile_graph
from kernelgraph.errors import KernelgraphError

ROOT = Path(__file__).resolve().parent.parent


def raised(code: str, *kinds: type[BaseException]) -> Any:
    """An error with this code, of all these types."""

    class Expect:
        def __enter__(self) -> Any:
            self.context = pytest.raises(KernelgraphError)
            self.info = self.context.__enter__()
            return self.info

        def __exit__(self, *error: Any) -> Any:
            done = self.context.__exit__(*error)
            assert self.info.value.code == code, str(self.info.value)
            for kind in kinds:
                assert isinstance(self.info.value, kind)
            assert f"[{code}]" in str(self.info.value)
            return done

    return Expect()


def run(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A script in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize(
    "value",
    [
        np.array(["a"]),
        np.array([object()]),
        np.array(["2020-01-01"], dtype="datetime64[D]"),
        np.zeros(2, dtype=[("a", "f8")]),
        np.zeros(2, dtype="V4"),
        np.zeros(2, dtype="complex128"),
    ],
    ids=["str", "object", "datetime", "structured", "void", "complex"],
)
def test_h19_dtypes_that_are_not_supported(value: Any) -> None:
    x = T.dvector("x")
    with raised("KG-D001", TypeError) as info:
        kg.shared(value)
    assert "float64" in str(info.value)
    with raised("KG-D001", TypeError):
        kg.function([x], x + 1)(value)


def test_h22_inner_sizes_of_a_product() -> None:
    x, w = T.tensor("float64", (32, 784), "X"), T.tensor("float64", (256, 10), "W")
    with raised("KG-S002", ValueError) as info:
        T.dot(x, w)
    text = str(info.value)
    assert "X (float64[32, 784])" in text
    assert "784 columns" in text
    assert "256 rows" in text
    assert "T.dot(x, w)" in text
    assert "^^^^^^^^^^^" in text
    with raised("KG-S002") as info:
        T.dot(x, T.tensor("float64", (10, 784), "V"))
    assert "V.T" in str(info.value)


@pytest.mark.parametrize("target", ["c", "python", "interpret"])
def test_h22_inner_sizes_found_when_it_runs(target: str) -> None:
    x, w = T.dmatrix("X"), T.dvector("W")
    f = kg.function([x, w], T.dot(x, w).sum(), target=target)
    with raised("KG-S002", ValueError) as info:
        f(np.ones((2, 3)), np.ones(4))
    assert "3 columns" in str(info.value)
    assert "4 elements" in str(info.value)
    assert "T.dot(x, w).sum()" in str(info.value)


def test_h23_shapes_that_do_not_broadcast() -> None:
    a, b = T.tensor("float64", (2, 3), "a"), T.tensor("float64", (4, 3), "b")
    with raised("KG-S001", ValueError) as info:
        a + b
    text = str(info.value)
    assert "a: 2  3" in text
    assert "b: 4  3" in text
    assert "a + b" in text


@pytest.mark.parametrize("target", ["c", "python", "interpret"])
def test_h23_sizes_that_differ_when_it_runs(target: str) -> None:
    a, b = T.dvectors("a", "b")
    f = kg.function([a, b], T.exp(a * b), target=target)
    with raised("KG-S001", ValueError) as info:
        f(np.ones(3), np.ones(2))
    text = str(info.value)
    assert "a (float64[?]) has size 3" in text
    assert "b (float64[?]) has size 2" in text
    assert "a * b" in text
    with raised("KG-S001", ValueError):  # a size of 1 that was not declared does not broadcast
        f(np.ones(3), np.ones(1))


def test_h43_a_declared_size_is_contradicted() -> None:
    x = T.tensor("float64", (None, 3), "x")
    f = kg.function([x], x.sum())
    with raised("KG-S005", ValueError, TypeError) as info:
        f(np.ones((2, 4)))
    assert "'x'" in str(info.value)
    assert "dimension 1" in str(info.value)


@pytest.mark.parametrize(
    "value", [[[1, 2], [1, 2, 3]], (k for k in range(3)), None, "text", {1: 2}, [[1, 2], 3]]
)
def test_h44_what_is_no_array(value: Any) -> None:
    f = kg.function([x := T.dmatrix("x")], x + 1)
    with raised("KG-D002", TypeError) as info:
        f(value)
    if isinstance(value, list) and isinstance(value[1], list):
        assert "ragged: row 1 has 3 items, row 0 has 2 items" in str(info.value)


def test_h48_a_missing_input() -> None:
    x, y = T.dscalars("x", "y")
    with raised("KG-G001", TypeError) as info:
        kg.function([x], x + y)
    assert "y (float64)" in str(info.value)
    assert 'T.dscalars("x", "y")' in str(info.value)


def test_h49_an_unused_input() -> None:
    x, y = T.dscalars("x", "y")
    with raised("KG-G002", ValueError) as info:
        kg.function([x, y], x + 1)
    assert "y (float64)" in str(info.value)
    assert kg.function([x, y], x + 1, on_unused_input="ignore")(1, 2) == 2
    with pytest.warns(UserWarning, match="not used"):
        kg.function([x, y], x + 1, on_unused_input="warn")


def test_h50_inputs_twice() -> None:
    x = T.dscalar("x")
    with raised("KG-G003", ValueError) as info:
        kg.function([x, x], x + 1)
    assert "positions 0 and 1" in str(info.value)
    a, b = T.dscalar("same"), T.dscalar("same")
    assert kg.function([a, b], a - b)(3, 1) == 2


def test_h51_calls_that_do_not_fit() -> None:
    x, y = T.dscalars("x", "y")
    f = kg.function([x, y], x + y)
    for arguments, named in (((1, 2, 3), {}), ((1,), {}), ((1, 2), {"z": 3}), ((1,), {"x": 2})):
        with raised("KG-G004", TypeError) as info:
            f(*arguments, **named)
        assert "x: float64, y: float64" in str(info.value)


def test_h54_the_gradient_of_a_vector() -> None:
    x = T.dvector("x")
    with raised("KG-G020", TypeError, ValueError) as info:
        T.grad(x * 2, x)
    assert ".sum()" in str(info.value)


def test_h59_a_deep_graph_differentiates_and_prints() -> None:
    x = T.dscalar("x")
    y = x
    for _ in range(20_000):
        y = y * 0.5 + 1
    g = T.grad(y, x)
    assert kg.interpret(kg.Graph((x,), (g,)), [np.array(1.0)])[0] == 0.0
    assert len(repr(kg.Graph((x,), (y,)))) < 100_000
    kg.debugprint(y, file="str")


def test_h61_a_constant_is_copied() -> None:
    values = np.arange(3.0)
    x = T.dvector("x")
    y = x + values
    values[:] = 99
    np.testing.assert_array_equal(kg.function([x], y)(np.zeros(3)), [0, 1, 2])


def test_h66_no_compiler(tmp_path: Path) -> None:
    script = """
        import warnings
        import numpy as np
        import kernelgraph as kg, kernelgraph.tensor as T
        x = T.dvector("x")
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            f = kg.function([x], x + 1)
            g = kg.function([x], x * 2)
        named = "KG-K001" in str(caught[0].message)
        print(f.target, g.target, f([1.0]), g([1.0]), len(caught), named)
        try:
            kg.function([x], x + 3, target="c")
        except kg.KernelgraphError as error:
            print(error.code)
    """
    done = run(script, PATH=str(tmp_path), KERNELGRAPH_CC="no-such-compiler", CC="no-such-compiler",
               KERNELGRAPH_CACHE=str(tmp_path / "cache"))  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "interpret interpret [2.] [2.] 1 True"
    assert done.stdout.splitlines()[1] == "KG-K001"


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_h82_interrupting_a_loop() -> None:
    script = """
        import signal, time
        import numpy as np
        import kernelgraph as kg, kernelgraph.tensor as T
        n, total = T.lscalar("n"), kg.shared(0.0, "total")
        start = T.dscalar("start")
        states, _ = kg.scan(lambda s: T.tanh(s) + 1e-9, outputs_info=[start], n_steps=n)
        f = kg.function([n, start], states[-1], updates=[(total, total + 1)], target="c")
        f(3, 0.5)
        signal.signal(signal.SIGALRM, signal.default_int_handler)
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        begun = time.perf_counter()
        try:
            f(300_000_000, 0.5)
            print("finished")
        except KeyboardInterrupt:
            print(time.perf_counter() - begun < 1.5, total.get_value())
        print(f(3, 0.5) > 0, total.get_value())
    """
    done = run(script)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["True", "1.0", "True", "2.0"]


NAMES = [
    "<img src=x onerror=alert(1)>", '"]; evil [label="', "</svg><script>",
    r"$\href{javascript:..}$",
    "*/ #include </etc/passwd>", 'x; system("id")', "é∂🙂", "\u202egnp", "a\0b", "\ud800",
    "n" * 1_000_000,
    "for", "int", "float64", "", " ",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_h84_names_of_users_never_reach_the_text(name: str) -> None:
    x = T.dvector(name)
    y = T.exp(x) + 1
    y.name = name
    f = kg.function([x], y, target="c", name=name)
    np.testing.assert_allclose(f([0.0, 1.0]), np.exp([0.0, 1.0]) + 1)
    text = f.stages.source.text
    assert text.isascii()
    assert "#include </etc" not in text
    assert "system(" not in text
    assert kg.function([x], y, target="python")([0.0])[0] == 2.0
    bundle = f._repr_mimebundle_()
    html = bundle["text/html"]
    assert "<script" not in html
    assert "<img src=x" not in html
    html.encode("utf-8")


CONSTANTS = {
    "float64": [math.inf, -math.inf, math.nan, -0.0, 1e308, 5e-324, -5e-324, 0.1, 1 / 3],
    "float32": [math.inf, -math.inf, math.nan, -0.0, 3.4e38, 1e-45, 0.1, 16777217.0],
    "int64": [-(2**63), 2**63 - 1, -1, 0],
    "uint64": [0, 2**64 - 1],
    "int8": [-128, 127],
    "bool": [True, False],
}  # fmt: skip


@pytest.mark.parametrize("dtype", CONSTANTS)
def test_h102_constants_are_exact_to_the_bit(dtype: str) -> None:
    values = [np.array(v, dtype=dtype) for v in CONSTANTS[dtype]]
    x = T.tensor(dtype, (None,), "x")
    outputs = [T.switch(T.eq(x, x), T.constant(value), T.constant(value)) for value in values]
    f = kg.function([x], outputs, target="c", rules=())
    found = f(np.ones(1, dtype=dtype))
    assert "inf," not in compile_graph(f.graph, CTarget()).source.text.lower().split("program")[-1]
    for got, value in zip(found, values, strict=True):
        assert got.dtype == value.dtype
        if value == value:
            assert got[0].tobytes() == value.tobytes()
        else:
            assert np.isnan(got[0])


def test_warnings_are_not_lost() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        x = T.dvector("x")
        kg.function([x], T.log(x))([-1.0])


def test_interrupts_reach_python_afterwards() -> None:
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
