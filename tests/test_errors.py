"""Errors: where they point, and how they read."""

from __future__ import annotations

import linecache
import textwrap
from types import CodeType
from typing import Any

import pytest

import kernelgraph.tensor as T
from kernelgraph import errors
from kernelgraph.errors import (
    KernelgraphError,
    Location,
    ShapeError,
    capture_origins,
    merge_origins,
    on_behalf_of,
    resolve,
)


def place_of(code: str, name: str = "<cell>", indent: str = "") -> errors.Location:
    """Where the last node that some code makes was made."""
    text = textwrap.indent(textwrap.dedent(code), indent) if indent else textwrap.dedent(code)
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    scope: dict[str, Any] = {"T": T, "x": T.dmatrix("x"), "y": T.dmatrix("y")}
    exec(compile(text, name, "exec"), scope)
    return resolve(scope["z"].where[0])


EXPRESSIONS = [
    ("z = 1 + x * y", "1 + x * y"),
    ("z = (x * y).sum()", "(x * y).sum()"),
    ("z = [T.exp(v) for v in (x, y)][1]", "T.exp(v)"),
    ("z = (lambda a: a.T)(x)", "a.T"),
    ("λ = x; z = λ + y", "λ + y"),
    ("'λλλ'; z = x + y", "x + y"),
    ("z = T.dot(x,\n          y)", "T.dot(x,"),
    ("def f(a):\n    return a / 2\nz = f(x)", "a / 2"),
    ("z = x[\n  0]", "x["),
    ("z = -x", "-x"),
    ("z = x.dimshuffle(0, 'x', 1) if True else None", "x.dimshuffle(0, 'x', 1)"),
]


@pytest.mark.parametrize(("code", "expression"), EXPRESSIONS)
def test_places_cover_just_the_expression(code: str, expression: str) -> None:
    place = place_of(code)
    assert place.text[place.column : place.end_column] == expression


def test_the_caret_is_under_the_expression() -> None:
    place = place_of("def model(x):\n    if True:\n        return T.exp(x) * 2\nz = model(x)")
    assert place.block().splitlines() == [
        "  <cell>, line 3, in model",
        "    3 | return T.exp(x) * 2",
        "      |        ^^^^^^^^^^^^",
    ]


def test_a_line_that_is_gone() -> None:
    place = place_of("z = x + y", name="<forgotten>")
    del linecache.cache["<forgotten>"]
    error = KernelgraphError("text", origins=T.dvector().where)
    assert str(error).startswith("[KG-E000] text\n  tests/test_errors.py, line ")
    assert place.line == 1


def test_the_text_of_an_error() -> None:
    error = ShapeError("sizes differ", code="KG-S001", because="2 is not 3", hint="try harder")
    assert str(error).splitlines() == [
        "[KG-S001] sizes differ",
        "  2 is not 3",
        "  Try:  try harder",
    ]
    assert error.places == ()
    assert isinstance(error, ValueError)


def test_origins_are_merged_without_repeats() -> None:
    def origin(offset: int) -> tuple[CodeType, int]:
        return (place_of.__code__, offset)

    groups = [(origin(0), origin(2)), (origin(2),), (origin(4),)]
    assert merge_origins(groups) == (origin(0), origin(2), origin(4))
    many = [(origin(2 * k),) for k in range(1000)]
    assert merge_origins(many) == tuple(origin(2 * k) for k in range(8))
    assert merge_origins([]) == ()


def test_nodes_may_be_made_on_behalf_of_another_line() -> None:
    x = T.dvector("x")
    y = T.exp(x)
    with on_behalf_of(y.where):
        z = T.log(y)
        with on_behalf_of(()):
            assert T.log(y).where == y.where
    assert z.where == y.where
    assert T.log(y).where != y.where
    (origin,) = capture_origins()
    assert not isinstance(origin, Location)
    assert origin[0] is test_nodes_may_be_made_on_behalf_of_another_line.__code__


def test_at_most_two_places_are_shown() -> None:
    x = T.dvector("x")
    origins = tuple(origin for node in (T.exp(x), T.log(x), T.sin(x)) for origin in node.where)
    shown = str(KernelgraphError("text", origins=origins)).count("line ")
    assert shown == 2


def test_every_class_has_a_code_of_its_own() -> None:
    kinds = [k for k in vars(errors).values() if isinstance(k, type)]
    own = [k for k in kinds if issubclass(k, KernelgraphError) and "default_code" in vars(k)]
    codes = [kind.default_code for kind in own]
    assert len(set(codes)) == len(codes)
    assert not [code for code in codes if code.startswith("KG-L")], "these are findings of lint"
