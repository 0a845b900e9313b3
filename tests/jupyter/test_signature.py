"""The first line of a `%%symfunc` cell."""

from __future__ import annotations

import numpy as np
import pytest

from kernelgraph.config import config
from kernelgraph.jupyter.signature import (
    CONSTRUCTORS,
    EXAMPLE,
    Literal,
    Reference,
    SignatureError,
    parse_signature,
    split_options,
)
from kernelgraph.types import TensorType


def types(text: str) -> list[str]:
    return [str(parameter.type) for parameter in parse_signature(text).parameters]


@pytest.mark.parametrize(
    ("line", "head", "options"),
    [
        ("f(x) -> y --target c -q", "f(x) -> y", "--target c -q"),
        ("f(x, lr=-0.1)", "f(x, lr=-0.1)", ""),
        ("f(x, lr=-0.1)  -q", "f(x, lr=-0.1)", "-q"),
        ("  f(x)->y", "f(x)->y", ""),
        ("f(x = [1, -2]) -> a", "f(x = [1, -2]) -> a", ""),
        ("--target c", "", "--target c"),
        ("", "", ""),
    ],
)
def test_options_are_what_follows_the_signature(line: str, head: str, options: str) -> None:
    assert split_options(line) == (head, options)


def test_the_whole_of_a_signature_is_read() -> None:
    signature = parse_signature("f(x: dvector, w: f64[n, 3], lr=0.1) -> cost, g")

    assert signature.name == "f"
    assert [parameter.name for parameter in signature.parameters] == ["x", "w", "lr"]
    assert [parameter.type for parameter in signature.parameters] == [
        TensorType("float64", (None,)),
        TensorType("float64", (None, 3)),
        TensorType("float64", ()),
    ]
    assert [parameter.default for parameter in signature.parameters] == [None, None, Literal(0.1)]
    assert signature.outputs == ("cost", "g")


def test_outputs_and_parameters_may_be_left_out() -> None:
    signature = parse_signature("f()")
    assert (signature.parameters, signature.outputs) == ((), ())
    assert parse_signature("f() -> y").outputs == ("y",)


@pytest.mark.parametrize("name", sorted(CONSTRUCTORS))
def test_every_constructor_is_an_annotation_of_its_own_type(name: str) -> None:
    (parameter,) = parse_signature(f"f(x: {name})").parameters
    assert parameter.type == CONSTRUCTORS[name]("x").type


@pytest.mark.parametrize(
    ("annotation", "type"),
    [
        ("f64", "float64"),
        ("float32", "float32"),
        ("u8[3]", "uint8[3]"),
        ("i32[n, None, 1]", "int32[?, ?, 1]"),
        ("bool[2, k]", "bool[2, ?]"),
    ],
)
def test_dtypes_with_sizes(annotation: str, type: str) -> None:
    assert types(f"f(x: {annotation})") == [type]


def test_an_input_without_a_type_is_a_scalar_of_the_present_floatx() -> None:
    with config.change_flags(floatX="float32"):
        assert types("f(x, y: vector, z: floatX[n])") == ["float32", "float32[?]", "float32[?]"]


def test_defaults_are_literals_or_names_and_are_not_evaluated() -> None:
    *literals, reference = parse_signature("f(a=-1, b=[1, 2.5], c=(1,), d=True, e=w0)").parameters

    assert [parameter.default for parameter in literals] == [
        Literal(-1),
        Literal([1, 2.5]),
        Literal((1,)),
        Literal(True),
    ]
    assert reference.default == Reference("w0")
    w0 = np.ones(3)
    assert reference.default_value({"w0": w0}) is w0
    with pytest.raises(SignatureError, match="the default of e is w0, which is not defined"):
        reference.default_value({})


def test_the_columns_of_a_parameter_are_those_of_its_text() -> None:
    text = "f(λ: dvector, lr=0.1)"
    for parameter, expected in zip(
        parse_signature(text).parameters, ["λ: dvector", "lr"], strict=True
    ):
        first, last = parameter.columns
        assert text.encode()[first:last].decode() == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", f"a signature is missing, for example: {EXAMPLE}"),
        ("-> y", f"a signature is missing, for example: {EXAMPLE}"),
        ("f", "cannot read the signature 'f'"),
        ("f(x", "cannot read the signature 'f(x'"),
        ("f(x) y", "cannot read the signature"),
        ("f(x): import os", "cannot read the signature"),
        ("f(x=1, y)", "cannot read the signature"),
        ("f(x, x)", "two parameters are called x"),
        ("f(*x)", "plain parameters only"),
        ("f(x, **y)", "plain parameters only"),
        ("f(x, /)", "plain parameters only"),
        ("f(*, x)", "plain parameters only"),
        ("f(x: dvektor)", "unknown type dvektor of x (did you mean dvector?)"),
        ("f(x: dvector[3])", "unknown type dvector of x"),
        ("f(x: dot)", "unknown type dot of x"),
        ("f(x: f12[3])", "unknown type f12 of x"),
        ("f(x: 'dvector')", "'dvector' is no type for x"),
        ("f(x: T.dvector)", "T.dvector is no type for x"),
        ("f(x: f64[1:2])", "1:2 is no size for x"),
        ("f(x: f64[True])", "True is no size for x"),
        ("f(x: f64[-1])", "-1 is no size for x"),
        ("f(x=__import__('os').system('true'))", "the default of x must be a number"),
        ("f(x=1 + 1 / 0)", "the default of x must be a number"),
        ("f(x) ->", "after -> come names"),
        ("f(x) -> 1", "after -> come names"),
        ("f(x) -> a b", "after -> come names"),
        ("f(x) -> a, b()", "after -> come names"),
        ("f(x) -> a, *b", "after -> come names"),
    ],
)
def test_a_signature_that_cannot_be_read_is_explained_in_one_line(text: str, message: str) -> None:
    with pytest.raises(SignatureError) as caught:
        parse_signature(text)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
