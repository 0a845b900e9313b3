"""A compiled program is tried before it is trusted: wrong instructions are planted by a compiler
that edits what it is given.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c import target as c_target
from kernelgraph.c.library import Library
from kernelgraph.c.trial import trying
from kernelgraph.config import config
from kernelgraph.errors import CompileError
from kernelgraph.graph import Variable
from kernelgraph.ops.printing import Print
from kernelgraph.tensor.shared_randomstreams import RandomStreams
from tests.c.conftest import MakeCompiler, fake_compiler, plain_environment  # noqa: F401

PLUS_TO_MINUS = "s/] + y\\[/] - y[/"
TURNED_COMPARISON = "s/] > 0/] < 0/"
FIRST_LANE_ONLY = "s/lane < 16; lane++) {/lane < 15; lane++) {/"
KEPT_MINIMUM = "s/_now > /_now < /"
SHORTER = "s/i < i_stop/i + 1 < i_stop/"


@pytest.fixture
def faulty(fake_compiler: MakeCompiler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: F811
    """Make a compiler that edits programs by `sed`, at -O3 or always; it logs what it compiles."""
    monkeypatch.setenv("KERNELGRAPH_CACHE", str(tmp_path / "cache"))

    def make(edit: str, always: bool = False) -> Path:
        careful = "" if always else 'case " $* " in *" -O1 "*|*" -O0 "*) exec gcc "$@";; esac'
        fake_compiler(
            f"""
            case " $* " in *numpy*) exec gcc "$@";; esac
            echo run >> "$here/log"
            {careful}
            sed -i -z '{edit}' program.c
            exec gcc "$@"
            """
        )
        return tmp_path / "log"

    return make


def compiled(out: Callable[..., Variable]) -> tuple[kg.Function, kg.Function]:
    x, y = T.dvectors("x", "y")
    graph = out(x, y)
    options: dict[str, Any] = {"on_unused_input": "ignore"}
    right = kg.function([x, y], graph, target="interpret", **options)
    return kg.function([x, y], graph, **options), right


def agree(f: kg.Function, right: kg.Function) -> None:
    for n in (1, 15, 16, 17, 128, 300):
        values = [np.linspace(-2, 3, n), np.linspace(4, -5, n)]
        np.testing.assert_allclose(f(*values), right(*values), rtol=1e-12)


PLANTED = [
    (PLUS_TO_MINUS, lambda x, y: x + y),
    (TURNED_COMPARISON, lambda x, y: T.switch(x > 0, x, y)),
    (FIRST_LANE_ONLY, lambda x, y: T.sum(x * y)),
    (KEPT_MINIMUM, lambda x, y: T.max(x * y)),
    (SHORTER, lambda x, y: T.exp(x) * y),
]


@pytest.mark.parametrize(("edit", "out"), PLANTED)
def test_a_wrong_program_is_compiled_with_care(faulty: Any, edit: str, out: Any) -> None:
    log = faulty(edit)
    f, right = compiled(out)
    agree(f, right)
    library: Library = f.stages.executable.library
    assert library.tried
    assert "-O1" in library.care
    assert log.read_text().count("run") == 2


def at_the_end(statement: str) -> str:
    """An edit that puts a statement before the end of the program."""
    escaped = statement.replace("/", "\\/").replace("&", "\\&")
    return rf"s/\(.*\)return KG_DONE;/\1 {escaped} return KG_DONE;/"


def result(slot: int, dtype: str = "float64") -> str:
    return f"(({dtype} *)values[{slot}].data)"


X, M, F = T.dvector("x"), T.dmatrix("m"), T.fvector("f")
LARGE = T.tensor("float64", (300, 300), "q")
COUNT, W = T.lscalar("n"), kg.shared(np.ones(7), "w")
RECURRENT = kg.scan(lambda a, h: a * h + 1, sequences=X, outputs_info=T.constant(1.0))[0]
LONG = kg.scan(lambda h: h * 0.5 + 1, outputs_info=[T.constant(1.0)], n_steps=700)[0]
NETWORK = kg.scan(lambda h: T.tanh(T.dot(h, M)), outputs_info=X, n_steps=4)[0]
LATE = "if (values[0].shape[0] >= 100)"

SELDOM = {
    "only many elements": ([X], [X * 2], f"{LATE} {result(1)}[99] += 1;"),
    "only many rows": ([M], [M.sum(axis=1)], f"{LATE} {result(1)}[99] += 1;"),
    "only NaN in a sum": (
        [X], [T.exp(X).sum()], f"if ({result(1)}[0] != {result(1)}[0]) {result(1)}[0] = 0;"
    ),
    "only one dtype": ([X, F], [X + 1, F + 1], f'{result(3, "float32")}[0] += 1;'),
    "only the gradient": ([X], [T.grad(T.exp(X).sum(), X)], f"{result(1)}[0] *= 1.001;"),
    "only the second output": ([X], [X.sum(), X + 1], f"{result(2)}[0] += 1;"),
    "only the last step": ([X], [RECURRENT], f"{result(1)}[values[0].shape[0] - 1] += 1e-6;"),
    "only long loops": ([], [LONG + 0 * W[0]], f"{result(1)}[600] += 1e-6;"),
    "only a network": ([X, M], [NETWORK], f"{result(2)}[1] += 1e-6;"),
    "only large declared sizes": (
        [LARGE], [LARGE + 1], f"{result(1)}[299 * 300] += 1;"
    ),
    "only far places": ([X], [X[300] * 2], f"{result(1)}[0] += 1;"),
    "only the end of what is joined": (
        [X, M], [T.concatenate([X * 2, M[:, 0]])],
        f"{result(2)}[values[0].shape[0] + values[1].shape[0] - 1] += 1;"
    ),
    "only what is padded": ([M], [T.pad(M, 1)], f"{result(1)}[values[0].shape[1] + 2] += 1;"),
    "only what was set": ([X], [T.set_subtensor(X[1:3], 5.0)], f"{result(1)}[2] += 1;"),
    "only counted": ([COUNT], [T.arange(COUNT) * 2], f'{result(1, "int64")}[0] += 1;'),
}  # fmt: skip


@pytest.mark.parametrize("kind", SELDOM)
def test_a_program_that_is_wrong_at_times(
    faulty: Any, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a slow machine, too: what samples show is asked, not how many there is time for."""
    monkeypatch.setattr(trying, "SECONDS", 1.0)
    monkeypatch.setattr(trying, "_LONGEST", 2.0)
    inputs, outputs, statement = SELDOM[kind]
    faulty(at_the_end(statement))
    f = kg.function(inputs, outputs, target="c", on_unused_input="ignore")
    library: Library = f.stages.executable.library  # pyright: ignore[reportAttributeAccessIssue]
    assert library.care


def test_updates_are_tried(faulty: Any) -> None:
    faulty(at_the_end(f"{result(3)}[0] += 1;"))
    w = kg.shared(np.ones(3), "w")
    f = kg.function([X], X.sum(), updates=[(w, w + X)], target="c")
    library: Library = f.stages.executable.library  # pyright: ignore[reportAttributeAccessIssue]
    assert library.care
    f(np.ones(3))
    assert w.get_value().tolist() == [2, 2, 2]


@pytest.mark.parametrize(("edit", "out"), PLANTED[:3])
def test_a_compiler_that_is_always_wrong(faulty: Any, edit: str, out: Any) -> None:
    log = faulty(edit, always=True)
    with pytest.warns(UserWarning, match=r"KG-K011.*wrong program") as caught:
        f, right = compiled(out)
    assert "instead of" in str(caught[0].message)
    assert f.target == "interpret"
    agree(f, right)
    runs = log.read_text().count("run")
    x, y = T.dvectors("x", "y")
    with pytest.raises(CompileError) as error:
        kg.function([x, y], out(x, y), target="c")
    assert error.value.code == "KG-K011"
    assert log.read_text().count("run") == runs, "the verdict was kept"


def test_the_verdict_is_kept_with_the_program(faulty: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    log = faulty(PLUS_TO_MINUS)
    agree(*compiled(lambda x, y: x + y))
    runs = log.read_text().count("run")
    monkeypatch.setattr(c_target, "_try", _never)
    c_target.build.__globals__["_builder"].cache_clear()
    agree(*compiled(lambda x, y: x + y))
    assert log.read_text().count("run") == runs


def _never(*_: object) -> str:
    return "tried again"


def test_without_trials(faulty: Any) -> None:
    faulty(PLUS_TO_MINUS)
    with config.change_flags(try_compiled="off"):
        f, _ = compiled(lambda x, y: x + y)
        assert f([1.0], [2.0]) == [-1.0]
    del f
    agree(*compiled(lambda x, y: x + y))  # what was not tried is tried when that is wanted


def test_nothing_happens_besides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Users' functions, prints, streams and shared values are left alone by a trial."""
    monkeypatch.setenv("KERNELGRAPH_CACHE", str(tmp_path / "cache"))
    ran: list[int] = []

    @kg.as_op(itypes=[T.dvector], otypes=[T.dvector])
    def noted(x: Any) -> Any:
        ran.append(len(x))
        return 2 * x

    x, w = T.dvector("x"), kg.shared(np.zeros(3), "w")
    stream = RandomStreams(seed=1)
    other = RandomStreams(seed=1)
    printed: list[Any] = []
    shown = Print("x", global_fn=lambda op, value: printed.append(value))(x)
    out = noted(shown) + w + stream.normal((3,))
    tried: list[Any] = []
    original = trying.difference
    monkeypatch.setattr(trying, "difference", lambda *a: tried.append(a) or original(*a))
    f = kg.function([x], out, updates=[(w, w + 1)], target="c")
    assert len(tried) == 1
    assert (ran, printed) == ([], [])
    assert w.get_value().tolist() == [0, 0, 0]
    expected = kg.function([], other.normal((3,)), target="interpret")()
    np.testing.assert_allclose(f([1.0, 2, 3]), np.array([2, 4, 6]) + expected)
    assert (len(ran), len(printed)) == (1, 1)
    assert w.get_value().tolist() == [1, 1, 1]


def test_a_profile_does_not_count_trials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERNELGRAPH_CACHE", str(tmp_path / "cache"))
    x = T.dvector("x")
    f = kg.function([x], T.exp(x).sum(), profile=True, target="c")
    f([1.0])
    (timing,) = f.stages.executable.timings()  # pyright: ignore[reportAttributeAccessIssue]
    assert timing.runs == 1


def test_right_programs_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What may differ by rounding: long sums, cancellation, ties of rounded numbers, overflow."""
    monkeypatch.setenv("KERNELGRAPH_CACHE", str(tmp_path / "cache"))
    x, y = T.dvectors("x", "y")
    f32, m = T.fvector("f"), T.dmatrix("m")
    total = T.exp(x).sum()
    outputs = [
        T.sin(1e10 * x), T.exp(T.log(x * x)) - x * x, T.gt(T.exp(T.log(abs(x))), abs(x)),
        T.cast(T.exp(x), "int64"),
        total - T.exp(x).sum(), 1 / (x.sum() - (x + 0).sum()), T.exp(200 * x).sum(),
        T.exp(f32).sum(), T.std(f32), T.softmax(m), T.dot(m, m.T), T.argmax(T.exp(m), axis=1),
        T.grad(T.log(1 + T.exp(-x * y)).sum(), x), T.tanh(x) ** 3.5, x % y,
    ]  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        f = kg.function([x, y, f32, m], outputs, target="c", rules=())
    library: Library = f.stages.executable.library  # pyright: ignore[reportAttributeAccessIssue]
    assert library.tried
    assert not library.care
