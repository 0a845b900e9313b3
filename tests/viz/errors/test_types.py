"""Errors about types that draw themselves: where their operands come from, as text and as HTML."""

from __future__ import annotations

import base64
import re
import traceback
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import DTypeError, KernelgraphError, Operand
from kernelgraph.types import DTYPES, INTEGERS, safe_casts
from kernelgraph.viz.errors.drawing import operands_html, operands_text
from kernelgraph.viz.errors.types import ladders, types_html, types_sentence, types_text

TARGETS = ("interpret", "python", "c")

BOTH = (
    Operand("declared", (None,), dtype="int16"),
    Operand("x", (3,), dtype="float64", allowed=safe_casts("int16")),
)


def failed(make: Callable[[], Any]) -> KernelgraphError:
    with pytest.raises(KernelgraphError) as caught:
        make()
    error = caught.value
    assert operands_text(error.operands) in "".join(traceback.format_exception(error))
    return error


def wrong(error: KernelgraphError) -> list[tuple[str, str, tuple[str, ...]]]:
    """The operands at fault: name, dtype, and what might stand there."""
    return [(o.name, o.dtype, o.allowed) for o in error.operands if o.allowed]


def here(error: KernelgraphError, written: str) -> None:
    """The error points at the line of this file, and at the expression."""
    place = error.places[0]
    assert place.filename == __file__
    assert written in place.text[place.column : place.end_column]


# Which errors are drawn --------------------------------------------------------------------------


def test_an_index_that_is_no_integer() -> None:
    w, x = T.dmatrix("W"), T.dvector("x")
    error = failed(lambda: w[x])
    here(error, "w[x]")
    assert wrong(error) == [("x", "float64", INTEGERS)]
    assert [o.name for o in error.operands] == ["W", "x"]
    assert wrong(failed(lambda: w[1.5])) == [("the index 1.5", "float64", INTEGERS)]
    assert wrong(failed(lambda: w["a"])) == [("the index 'a'", "str", INTEGERS)]
    assert wrong(failed(lambda: w[x, x])) == [("x", "float64", INTEGERS)]
    scalar = T.dscalar("s")
    assert wrong(failed(lambda: w[scalar])) == [("s", "float64", INTEGERS)]


def test_operators_that_are_not_defined_for_bool() -> None:
    b, c = T.tensor("bool", (None,), "b"), T.tensor("bool", (None,), "c")
    error = failed(lambda: b - c)
    here(error, "b - c")
    others = tuple(dtype for dtype in DTYPES if dtype != "bool")
    assert wrong(error) == [("b", "bool", others), ("c", "bool", others)]
    (ladder,) = ladders(error.operands)
    assert ladder.names == ("b", "c")


def test_an_update_of_another_dtype_says_what_brought_it() -> None:
    s, k = kg.shared(np.ones(3, "float32"), "s"), kg.shared(np.arange(3), "k")
    x = T.dvector("x")
    error = failed(lambda: kg.function([x], s, updates=[(s, T.exp(s - 0.5 * x))]))
    here(error, "T.exp(s - 0.5 * x)")
    assert wrong(error) == [("the result of exp", "float64", ("float32",))]
    assert [o.name for o in error.operands] == ["s", "the result of exp", "x"]
    assert "the dtype comes from x (float64[?])" in str(error)
    # no operand has the dtype: two make it together
    error = failed(lambda: kg.function([], s, updates=[(s, T.exp(s * k))]))
    assert [o.name for o in error.operands][2:] == ["the result of mul"]
    # the same dtype, another number of dimensions: a picture of sizes
    error = failed(lambda: kg.function([], s, updates=[(s, s.dimshuffle("x", 0))]))
    assert wrong(error) == []
    assert "T.cast" not in str(error)
    assert "axis 1" in operands_text(error.operands)
    error = failed(lambda: kg.function([], k, updates=[(k, 0.5)]))
    assert wrong(error)[0][1] == "float64"
    here(error, "kg.function")


@pytest.mark.parametrize("target", TARGETS)
def test_a_value_of_another_dtype_in_a_call(target: str) -> None:
    i = T.ivector("i")
    f = kg.function([i], i * 2, target=target)
    error = failed(lambda: f(np.ones(3)))
    here(error, "f(np.ones(3))")
    name = "argument 0 'i' of f"
    assert isinstance(error, DTypeError)
    assert error.operands == (
        Operand("declared", (None,), dtype="int32"),
        Operand(name, (3,), dtype="float64", allowed=safe_casts("int32")),
    )
    for value, dtype, sizes in (
        ([1.5], "float64", (1,)), (1j, "complex128", ()), (None, "NoneType", ()),
        (np.array(["a"]), "<U1", (1,)), ("text", "str", ()),
    ):  # fmt: skip
        error = failed(lambda value=value: f(value))
        assert error.operands[1] == Operand(name, sizes, dtype=dtype, allowed=safe_casts("int32"))


def test_a_strict_input_takes_its_own_dtype_alone() -> None:
    x = T.dvector("x")
    f = kg.function([kg.In(x, strict=True)], x * 2)
    error = failed(lambda: f(np.ones(3, "float32")))
    assert wrong(error) == [("argument 0 'x' of f", "float32", ("float64",))]


def test_values_that_are_kept() -> None:
    s = kg.shared(np.ones(3, "float32"), "s")
    error = failed(lambda: s.set_value(np.ones(3)))
    assert wrong(error) == [("s", "float64", safe_casts("float32"))]
    here(error, "s.set_value")


def test_other_places_where_two_types_must_agree() -> None:
    x, f = T.dmatrix("x"), T.fvector("f")
    test, single, double = T.dscalar("t") > 0, T.fscalar("u"), T.dscalar("v")
    total = x.sum()
    error = failed(lambda: kg.function([f], total, givens=[(x, f)]))
    assert wrong(error) == [("f", "float32", ("float64",))]
    error = failed(lambda: kg.ifelse(test, single, double))
    assert wrong(error) == [("v", "float64", ("float32",))]
    error = failed(lambda: kg.scan(lambda s: s * double, outputs_info=[single], n_steps=3))
    assert wrong(error) == [("the result of mul", "float64", ("float32",))]
    error = failed(lambda: kg.scan(lambda s: s, outputs_info=[single], n_steps=double))
    assert wrong(error) == [("v", "float64", INTEGERS)]
    same = kg.as_op([T.dvector], T.dvector)(lambda value: value)
    error = failed(lambda: same(f))
    assert wrong(error) == [("f", "float32", ("float64",))]
    assert wrong(failed(lambda: same(x))) == []  # the same dtype: sizes are drawn


def test_what_a_users_function_returns() -> None:
    x = T.dvector("x")
    wide = kg.as_op([T.dvector], T.fvector)(lambda value: value)
    y = wide(x)
    f = kg.function([x], y)
    error = failed(lambda: f(np.ones(2)))
    here(error, "wide(x)")
    assert wrong(error)[0][1:] == ("float64", safe_casts("float32"))


def test_a_matrix_of_another_format() -> None:
    sparse = pytest.importorskip("scipy.sparse")
    from kernelgraph.types import SparseType

    error = failed(
        lambda: SparseType("csr", "float64").filter(sparse.csc_matrix(np.eye(2)), "value")
    )
    (ladder,) = ladders(error.operands)
    assert [(rung.dtype, rung.fits) for rung in ladder.rungs] == [
        ("csc[float64]", False),
        ("csr[float64]", True),
    ]


# The ladder --------------------------------------------------------------------------------------


def test_every_dtype_has_a_rung_and_everybody_stands_on_one() -> None:
    (ladder,) = ladders(BOTH)
    assert [rung.dtype for rung in ladder.rungs] == list(reversed(DTYPES))
    assert {rung.dtype for rung in ladder.rungs if rung.fits} == {"bool", "int8", "int16", "uint8"}
    standing = {rung.dtype: (rung.wrong, rung.right) for rung in ladder.rungs if not rung.is_empty}
    assert standing == {"float64": (("x",), ()), "int16": ((), ("declared",))}


def test_two_that_want_different_things_have_a_ladder_each() -> None:
    operands = [
        Operand("a", (), dtype="bool", allowed=("float32",)),
        Operand("b", (), dtype="bool", allowed=("int8",)),
    ]
    assert [ladder.names for ladder in ladders(operands)] == [("a",), ("b",)]
    text = types_text(operands)
    assert "in place of a:" in text
    assert "in place of b:" in text


def test_the_text_is_ascii_and_says_yes_or_no_by_every_dtype() -> None:
    text = types_text(BOTH)
    assert text.isascii()
    assert re.search(r"^  x +float64  shape \(3,\)  <-- does not fit$", text, re.MULTILINE)
    assert re.search(r"^    no +float64  <-- x$", text, re.MULTILINE)
    assert re.search(r"^    yes +int16 +declared$", text, re.MULTILINE)
    for dtype in DTYPES:
        (line,) = (line for line in text.splitlines() if re.search(rf"\b{dtype}\b", line[4:60])
                   and line.startswith("    "))  # fmt: skip
        assert ("yes" in line) == (dtype in safe_casts("int16"))


def test_in_words() -> None:
    assert types_sentence(BOTH) == (
        "declared is int16, shape (?,); x is float64, shape (3,); "
        "in place of x could stand uint8, int16, int8 or bool"
    )


def picture_of(html: str) -> ElementTree.Element:
    (data,) = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', html)
    return ElementTree.fromstring(base64.b64decode(data))


def test_the_page_shows_an_image_with_its_words() -> None:
    html = types_html(BOTH)
    assert html == operands_html(BOTH)
    assert html.startswith('<div class="kg" data-kg="types">')
    assert f'alt="types that do not fit: {types_sentence(BOTH)}"' in html
    assert not re.search(r"<(script|style|svg)|\bid=", html)
    picture = picture_of(html)
    texts = ["".join(item.itertext()) for item in picture.iter() if item.tag.endswith("}text")]
    assert texts[:8] == [
        "declared", "int16", "shape (?,)", "x", "float64", "shape (3,)", "✗ does not fit",
        "what could stand in place of x:",
    ]  # fmt: skip
    place = texts.index("◀ x: does not fit")
    assert texts[place - 2 : place] == ["✗ no", "float64"]
    assert texts.count("✓ yes") == 4
    assert texts.count("✗ no") == 10
    boxes = [item for item in picture.iter() if item.tag.endswith("}rect")][1:]
    assert [box.get("stroke-dasharray") for box in boxes] == [None, "5 3"]


def test_everything_stands_inside_the_picture() -> None:
    many = [Operand("a" * 99, (7,) * 5, dtype="object" * 9, allowed=("float32",)), *BOTH]
    picture = picture_of(types_html(many))
    width, height = (float(picture.get(side, "0")) for side in ("width", "height"))
    for item in picture.iter():
        x, y = float(item.get("x", "0")), float(item.get("y", "0"))
        assert 0 <= x + float(item.get("width", "0")) <= width
        assert 0 <= y + float(item.get("height", "0")) <= height


def test_hostile_names_are_text(hostile: str) -> None:
    operands = [
        Operand(hostile, (2,), dtype="int8"),
        Operand(hostile, (3,), dtype=hostile, allowed=("int8",)),
    ]
    html = types_html(operands)
    assert set(re.findall(r"<([a-z]+)", html)) <= {"div", "img", "details", "summary", "p", "span"}
    assert picture_of(html) is not None
    assert len(types_text(operands).splitlines()) == 8
