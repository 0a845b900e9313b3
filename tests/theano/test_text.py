"""Theano's text of graphs: the letters, the rails, what is printed once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Constant
from kernelgraph.theano.text import constant_name, debugprint, letters, pp, type_name


def printed(obj: Any, **options: Any) -> list[str]:
    text = debugprint(obj, file="str", **options)
    assert text is not None
    return text.rstrip("\n").split("\n")


def test_an_expression() -> None:
    x, y = T.dvectors("x", "y")
    assert printed(T.exp(x + y) * 2) == [
        "Elemwise{mul,no_inplace} [id A] ''   ",
        " |Elemwise{exp,no_inplace} [id B] ''   ",
        " | |Elemwise{add,no_inplace} [id C] ''   ",
        " |   |x [id D]",
        " |   |y [id E]",
        " |InplaceDimShuffle{x} [id F] ''   ",
        "   |TensorConstant{2} [id G]",
    ]


def test_what_is_used_twice_is_printed_once() -> None:
    x = T.dvector("x")
    e = T.exp(x)
    assert printed(e + e) == [
        "Elemwise{add,no_inplace} [id A] ''   ",
        " |Elemwise{exp,no_inplace} [id B] ''   ",
        " | |x [id C]",
        " |Elemwise{exp,no_inplace} [id B] ''   ",
    ]


def test_several_share_their_letters() -> None:
    x = T.dvector("x")
    assert printed([x + x, x]) == [
        "Elemwise{add,no_inplace} [id A] ''   ",
        " |x [id B]",
        " |x [id B]",
        "x [id B]",
    ]


@pytest.mark.parametrize(
    ("ids", "end"), [("CHAR", " [id A]"), ("@", " [@A]"), ("int", " [id 0]"), ("", "")]
)
def test_ids(ids: Any, end: str) -> None:
    assert printed(T.dvector("x"), ids=ids) == [f"x{end}"]


def test_depth_names_and_types() -> None:
    x = T.dvector("x")
    e = T.exp(x)
    e.name = "e"
    y = e * e
    assert len(printed(y, depth=1)) == 1
    assert len(printed(y, depth=2)) == 3
    assert len(printed(y, stop_on_name=True)) == 3
    assert printed(e, print_type=True) == [
        "Elemwise{exp,no_inplace} [id A] <TensorType(float64, vector)> 'e'   ",
        " |x [id B] <TensorType(float64, vector)>",
    ]


def test_a_function_shows_its_order_and_its_updates() -> None:
    w, x = kg.shared(1.0, name="w"), T.dscalar("x")
    f = kg.function([x], x * w, updates=[(w, w + x)])
    assert printed(f) == [
        "Elemwise{mul,no_inplace} [id A] ''   0",
        " |x [id B]",
        " |w [id C]",
        "Elemwise{add,no_inplace} [id D] ''   1 update of w",
        " |w [id C]",
        " |x [id B]",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "TensorConstant{1.0}"),
        ([2.0, 2.0], "TensorConstant{(2,) of 2.0}"),
        ([1, 2], "TensorConstant{[1 2]}"),
        (np.arange(30), "TensorConstant{[ 0  1  2 .. 27 28 29]}"),
    ],
)
def test_constants(value: Any, text: str) -> None:
    constant = T.constant(value)
    assert isinstance(constant, Constant)
    assert constant_name(constant) == text


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (T.dscalar, "TensorType(float64, scalar)"),
        (T.frow, "TensorType(float32, row)"),
        (T.lcol, "TensorType(int64, col)"),
        (T.itensor4, "TensorType(int32, 4D)"),
    ],
)
def test_types(make: Any, text: str) -> None:
    assert type_name(make().type) == text


def test_letters_count_in_the_base_of_the_alphabet() -> None:
    assert [letters(n) for n in (0, 25, 26, 27, 52, 675, 676)] == [
        "A", "Z", "BA", "BB", "CA", "ZZ", "BAA",
    ]  # fmt: skip


def test_a_deep_graph_is_no_problem() -> None:
    y = T.dscalar("x")
    for _ in range(3000):
        y = T.exp(y)
    assert len(printed(y)) == 3001


def test_hostile_names_stay_on_their_line() -> None:
    assert len(printed(T.dvector("a\nb\x1b[31m"))) == 1


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda x, m: x + 2 * x, "(x + (TensorConstant{2} * x))"),
        (lambda x, m: T.exp(-x) ** 2, "(exp((-x)) ** TensorConstant{2})"),
        (lambda x, m: T.dot(m, x).sum(), r"Sum{acc_dtype=float64}((m \dot x))"),
        (lambda x, m: m.sum(axis=0), "Sum{axis=[0], acc_dtype=float64}(m)"),
        (lambda x, m: m.T, "m.T"),
        (lambda x, m: abs(x) > 1, "gt(|x|, TensorConstant{1})"),
        (lambda x, m: T.cast(x, "float32"), "float32(x)"),
    ],
)
def test_formulas(make: Any, text: str) -> None:
    assert pp(make(T.dvector("x"), T.dmatrix("m"))) == text


def test_folds_have_theanos_names() -> None:
    x = T.dmatrix("x")
    b = T.tensor("bool", (None, None), "b")
    names = [
        (T.any(b), "Any"),
        (T.all(b, axis=0), "All{0}"),
        (T.prod(x, axis=1), "Prod{axis=[1], acc_dtype=float64}"),
        (T.argmax(x, axis=1), "MaxAndArgmax{axis=(1,)}.1"),
        (T.argmin(x, axis=1), "MaxAndArgmax{axis=(1,)}.1"),
    ]
    for out, name in names:
        assert printed(out)[0].startswith(f"{name} [id A]")
    assert printed(T.argmin(x, axis=1))[1] == " |Elemwise{neg,no_inplace} [id B] ''   "


def test_an_op_of_expressions_says_whether_it_is_put_in_place() -> None:
    x = T.dscalar("x")
    out = kg.OpFromGraph([x], [x * x], name="square")(x)
    assert debugprint(out, file="str") == "square{inline=False} [id A] ''   \n |x [id B]\n"
