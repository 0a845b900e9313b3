"""Ops with C of the user's own: the same on every way of running, without Python, and found out
where the C says something else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c import target
from kernelgraph.errors import ArgumentError, CompileError, ShapeError
from kernelgraph.graph import Apply, Variable
from tests.support import LAYOUTS, TARGETS, WAYS, builder, cases, draw, lay_out, same


@kg.as_op(
    [T.fmatrix, T.fvector, T.lscalar],
    [T.fvector, T.lscalar],
    signature="(m,n),(n),()->(m),()",
    c="""
    for (int64 i = 0; i < m; i++) {
        out0[i] = 0;
        for (int64 j = 0; j < n; j++) if (a[i * n + j] > v[j]) out0[i] += 1;
    }
    *out1 = m + s;
    """,
)
def larger(a: Any, v: Any, s: Any) -> Any:
    with np.errstate(invalid="ignore"):
        return (a > v).sum(axis=1).astype("float32"), np.array(a.shape[0] + s)


class Doubled(kg.CodedOp):
    """2 x, with a gradient."""

    __props__ = ()
    signature = "(n)->(n)"
    c = "for (int64 i = 0; i < n; i++) out[i] = 2 * x[i];"

    def make_node(self, *inputs: Any) -> Apply:
        return Apply(self, list(inputs), [Variable(inputs[0].type)])

    def perform(self, node: Apply, inputs: list[Any], output_storage: list[list[Any]]) -> None:
        output_storage[0][0] = 2 * inputs[0]

    def grad(self, inputs: Any, gradients: Any) -> Any:
        return [Doubled()(gradients[0])]


@pytest.fixture(params=WAYS)
def build(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    return builder(request.param, monkeypatch)


A, V, S, X = T.fmatrix("A"), T.fvector("V"), T.lscalar("S"), T.dvector("X")
COUNTED = {way: kg.function([A, V, S], larger(A, V, S), target=way) for way in TARGETS}


@cases(60, 5_000)
@given(st.sampled_from(LAYOUTS), st.sampled_from(LAYOUTS), st.integers(0, 4), st.integers(0, 9))
def test_arrays_of_any_layout(one: str, other: str, rows: int, columns: int) -> None:
    rng = np.random.default_rng(rows * 10 + columns)
    a = lay_out(draw(rng, "float32", (rows, columns)), one)
    v = lay_out(draw(rng, "float32", (columns,)), other)
    right = COUNTED["interpret"](a, v, 3)
    for way in ("python", "c"):
        for found, wanted in zip(COUNTED[way](a, v, 3), right, strict=True):
            assert same(found, wanted)


def test_no_python_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    f = kg.function([X], Doubled()(X + 1)[::2].sum(), target="c")

    def never(*_: Any) -> Any:
        raise AssertionError

    monkeypatch.setattr(target, "computed", never)
    assert f(np.arange(3.0)) == 8


def test_between_kernels_in_loops_and_in_choices(build: Callable[..., Any]) -> None:
    twice = kg.scan(lambda h: Doubled()(h) + 1, outputs_info=[X], n_steps=2)[0][-1]
    chosen = kg.ifelse(T.gt(X[0], 0), Doubled()(X), X)
    cost = (Doubled()(X * X) ** 2).sum()
    f = build([X], [twice, chosen, T.grad(cost, X)])
    x = np.array([1.0, -2.0, 3.0])
    for found, right in zip(f(x), (4 * x + 3, 2 * x, 16 * x**3), strict=True):
        np.testing.assert_array_equal(found, right)


def test_sizes_are_checked_before_the_c_runs(build: Callable[..., Any]) -> None:
    f = build([A, V, S], larger(A, V, S))
    with pytest.raises(ShapeError, match="larger"):
        f(np.zeros((2, 3), "float32"), np.zeros(4, "float32"), 0)


def test_shapes_are_known_without_running() -> None:
    shape = larger(A, V, S)[0].shape[0]
    f = kg.function([A, V], shape, on_unused_input="ignore")
    assert f(np.zeros((2, 3), "float32"), np.zeros(3, "float32")) == 2


def test_c_that_says_something_else_is_found_out() -> None:
    @kg.as_op(
        [T.dvector],
        [T.dvector],
        signature="(n)->(n)",
        c="for (int64 i = 0; i < n; i++) out[i] = -x[i];",
    )
    def negative(x: Any) -> Any:
        return 1 - x

    with pytest.raises(
        CompileError, match=r"KG-K011[\s\S]*maybe by the C that was given for negative"
    ):
        kg.function([X], negative(X), target="c")


def test_c_that_does_not_compile_is_blamed_on_the_line_that_uses_it() -> None:
    @kg.as_op([T.dvector], [T.dvector], signature="(n)->(n)", c="out[0] = nobody;")
    def faulty(x: Any) -> Any:
        return x

    y = faulty(X)
    with pytest.raises(CompileError, match=r"y = faulty\(X\)[\s\S]*nobody"):
        kg.function([X], y, target="c")


def test_a_result_of_another_size_than_the_signature_says() -> None:
    @kg.as_op([T.dvector], [T.dvector], signature="(n)->(n)", c="")
    def shorter(x: Any) -> Any:
        return x[1:]

    with pytest.raises(ShapeError, match="KG-S011"):
        kg.function([X], shorter(X), target="interpret")(np.zeros(3))


@pytest.mark.parametrize(
    ("signature", "words"),
    [
        ("n->n", "is no signature"),
        ("(n)->(m)", "does not say what m is"),
        ("(n,m)->(n)", "other ranks"),
        (None, "signature"),
    ],
)
def test_signatures_that_are_refused(signature: Any, words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        kg.as_op([T.dvector], [T.dvector], signature=signature, c="")(lambda x: x)


def test_names_that_mean_something_in_c() -> None:
    @kg.as_op([T.dvector], [T.dvector], signature="(n)->(n)", c="")
    def named(double: Any) -> Any:
        return double

    with pytest.raises(CompileError, match="double is no name"):
        kg.function([X], named(X), target="c")
