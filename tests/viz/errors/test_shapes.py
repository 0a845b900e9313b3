"""Errors about sizes that draw themselves: where their operands come from, as text and as HTML."""

from __future__ import annotations

import base64
import copy
import pickle
import re
import traceback
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from math import log
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph import errors
from kernelgraph.errors import KernelgraphError, Operand, ShapeError
from kernelgraph.viz.errors.shapes import bars, sentence, shapes_html, shapes_text

TARGETS = ("interpret", "python", "c")

W, X = T.tensor("float64", (764, 100), "W"), T.tensor("float64", (200, 764), "X")

BOTH = (Operand("W", (764, 100), (1,)), Operand("X.T", (764, 200), (0,)))


def failed(make: Callable[[], Any]) -> KernelgraphError:
    with pytest.raises(KernelgraphError) as caught:
        make()
    assert shapes_text(caught.value.operands) in printed(caught.value)
    return caught.value


def printed(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


# Which errors are drawn --------------------------------------------------------------------------


def test_a_product_that_does_not_fit() -> None:
    error = failed(lambda: T.dot(W, X.T))
    assert error.operands == BOTH
    text = str(error)
    for words in (
        "cannot multiply W (float64[764, 100]) by X.T (float64[764, 200])",
        "(axis 1 against axis 0)", "test_shapes.py, line ", "T.dot(W, X.T)", "did you mean W.T?",
    ):  # fmt: skip
        assert words in text, words
    assert shapes_text(BOTH) in printed(error)


@pytest.mark.parametrize("target", TARGETS)
def test_a_product_that_is_found_not_to_fit(target: str) -> None:
    a, b = T.dmatrix("a"), T.dmatrix("b")
    products = {
        "T.dot(a, b)": T.exp(T.dot(a, b)).sum(),
        "T.dot(a, b.T)": T.exp(T.dot(a, b.T)).sum(),
    }
    for written, product in products.items():
        f = kg.function([a, b], product, target=target)
        error = failed(lambda f=f: f(np.ones((3, 4)), np.ones((5, 2))))
        place = error.places[0]
        assert place.filename == __file__
        assert place.text[place.column : place.end_column] == written
        other = ("b.T", (2, 5)) if "b.T" in written else ("b", (5, 2))
        assert error.operands == (Operand("a", (3, 4), (1,)), Operand(*other, (0,)))
        assert shapes_text(error.operands) in printed(error)
        assert "b.T.T" not in str(error)


@pytest.mark.parametrize("target", TARGETS)
def test_a_sum_that_is_found_not_to_fit(target: str) -> None:
    x, y = T.dmatrix("x"), T.tensor("float64", (None, 3), "y")
    f = kg.function([x, y], x + y, target=target)
    error = failed(lambda: f(np.ones((2, 3)), np.ones((4, 3))))
    assert error.operands == (Operand("x", (2, 3), (0,)), Operand("y", (4, 3), (0,)))


@pytest.mark.parametrize("target", TARGETS)
def test_sizes_come_from_the_values_of_the_call(target: str) -> None:
    x, w = T.dmatrix("x"), kg.shared(np.ones((4, 5)), "w")
    f = kg.function([x], T.dot(x, w).sum(), target=target)
    error = failed(lambda: f(x=np.ones((2, 3))))
    assert error.operands == (Operand("x", (2, 3), (1,)), Operand("w", (4, 5), (0,)))
    first, second = T.dmatrix("a"), T.dmatrix("a")  # which of them, the name does not tell
    g = kg.function([first, second], T.dot(first, second).sum(), target=target)
    error = failed(lambda: g(np.ones((2, 3)), np.ones((4, 5))))
    assert error.operands == (Operand("a", (None, 3), (1,)), Operand("a", (4, None), (0,)))
    h = kg.function([x], T.dot(T.exp(x), w).sum(), target=target)
    error = failed(lambda: h(np.ones((2, 3))))
    assert error.operands[0] == Operand("the result of exp", (None, 3), (1,))


def test_shapes_known_to_differ_are_aligned_on_the_right() -> None:
    p, q = T.tensor("float64", (5, 2, 3), "p"), T.tensor("int8", (4, 3), "q")
    error = failed(lambda: p * q)
    assert error.operands == (Operand("p", (5, 2, 3), (1,)), Operand("q", (4, 3), (0,)))
    r, s = T.tensor("float64", (1, 3), "r"), T.tensor("float64", (), "s")
    error = failed(lambda: T.switch(r > 0, p, T.tensor("float64", (4, 3), "t")))
    assert error.operands[0].axes == ()  # a row that is repeated is not at fault
    assert [operand.axes for operand in error.operands[1:]] == [(1,), (0,)]
    assert shapes_text([Operand(str(s), (), ())]).startswith("  s  a number, without axes")


@pytest.mark.parametrize("target", TARGETS)
def test_a_value_beside_its_declaration(target: str) -> None:
    f = kg.function([W], W * 2, target=target)
    error = failed(lambda: f(np.ones((3, 100))))
    name = "argument 0 'W' of f"
    assert error.operands == (
        Operand("declared", (764, 100), (0,)),
        Operand(name, (3, 100), (0,)),
    )
    error = failed(lambda: f(np.ones(3)))
    assert error.operands == (Operand("declared", (764, 100)), Operand(name, (3,)))


@pytest.mark.parametrize("target", TARGETS)
def test_an_index_that_an_axis_does_not_have(target: str) -> None:
    p, w = T.tensor("float64", (2, 3), "P"), T.dmatrix("W")
    n, i = T.lscalar("n"), T.lvector("i")
    known = failed(lambda: p[:, 7])
    assert known.operands == (Operand("P", (2, 3), (1,), index=7),)
    assert failed(lambda: p[-3]).operands == (Operand("P", (2, 3), (0,), index=-3),)
    item = kg.function([w, n], w[n], target=target)
    error = failed(lambda: item(np.ones((3, 4)), 7))
    assert error.operands == (Operand("W", (3, 4), (0,), index=7),)
    place = error.places[0]
    assert (place.filename, place.text[place.column : place.end_column]) == (__file__, "w[n]")
    rows = kg.function([w, i], w[i], target=target)
    error = failed(lambda: rows(np.ones((3, 4)), [1, -4]))
    assert error.operands == (Operand("W", (3, 4), (0,), index=-4),)
    pairs = kg.function([w, i], w[T.arange(2), i], target=target)
    error = failed(lambda: pairs(np.ones((2, 3)), [0, 5]))
    assert [(o.index, o.axes) for o in error.operands] == [(5, (1,))]


def test_an_index_is_drawn_where_it_would_be() -> None:
    text = shapes_text([Operand("P", (2, 3), (0,), index=5)])
    assert re.search(r"axis 0  #+\.+X 2, so indices go from 0 to 1, not 5  <--", text)
    text = shapes_text([Operand("P", (2,), (0,), index=-3)])
    assert "2, so they go from -2 to -1, not -3" in text
    assert "0, so there is no index, not 0" in shapes_text([Operand("P", (0,), (0,), index=0)])
    html = shapes_html([Operand("P", (2, 3), (0,), index=5)])
    marks = [item for item in picture_of(html).iter() if item.get("stroke-dasharray") == "2 3"]
    assert len(marks) == 1
    assert "axis 0 of P has size 2, so indices go from 0 to 1, not 5" in html


@pytest.mark.parametrize("target", TARGETS)
def test_numbers_that_do_not_go_into_a_shape(target: str) -> None:
    p, w, x = T.tensor("float64", (2, 3), "P"), T.dmatrix("W"), T.dvector("x")
    known = failed(lambda: p.reshape((4, 2)))
    assert known.operands == (
        Operand("P", (2, 3), elements=6), Operand("the new shape", (4, 2), elements=8)
    )  # fmt: skip
    text = shapes_text(known.operands)
    assert re.search(r"in all  #+ +6, not 8  <--", text)
    assert re.search(r"in all  #+ +8, not 6  <--", text)
    assert "all of P has size 6, not 8" in sentence(known.operands)
    f = kg.function([w], w.reshape((4, 2)), target=target)
    error = failed(lambda: f(np.ones((3, 3))))
    assert error.operands == (
        Operand("W", (3, 3), elements=9), Operand("the new shape", (4, 2), elements=8)
    )  # fmt: skip
    text = shapes_text(failed(lambda: p.reshape((-1, 4))).operands)
    assert "6, not a multiple of 4  <--" in text
    assert re.search(r"axis 0  -+ +-1", text)
    n = T.lscalar("n")
    g = kg.function([x, n], x.reshape((n, 2)), target=target)
    text = shapes_text(failed(lambda: g(np.ones(5), 2)).operands)
    assert re.search(r"x +axis 0 +=+ +5", text)
    assert "in all" in text


@pytest.mark.parametrize("target", TARGETS)
def test_a_loop_that_goes_too_far(target: str) -> None:
    x, start = T.dvector("x"), T.dvector("start")
    doubled, _ = kg.scan(lambda row: row * 2, sequences=[x], n_steps=5)
    f = kg.function([x], doubled, target=target)
    error = failed(lambda: f(np.ones(2)))
    assert error.operands == (Operand("x", (2,), (0,), index=2),)
    w = T.dmatrix("w")
    grown, _ = kg.scan(lambda s: s.dimshuffle("x", 0).dot(w)[0], outputs_info=[start], n_steps=2)
    g = kg.function([start, w], grown, target=target)
    error = failed(lambda: g(np.ones(3), np.ones((3, 4))))
    assert [operand.sizes for operand in error.operands] == [(3,), (4,)]
    assert error.operands[1].name.endswith(", a step later")


def test_other_errors_about_one_array() -> None:
    p, x = T.tensor("float64", (2, 3), "P"), T.dvector("x")
    for make, faults in (
        (lambda: p[0, 1, 2], ()), (lambda: p.sum(axis=4), ()), (lambda: p.dimshuffle(0), (1,)),
        (lambda: p.transpose(0), ()), (lambda: T.tril(x), ()),
        (lambda: T.stack([p, x]), ()), (lambda: T.arange(p), ()), (lambda: p.sum(axis=(0, 0)), ()),
        (lambda: kg.ifelse(x > 0, x, x), ()), (lambda: kg.function([x], x.max())(np.ones(0)), (0,)),
    ):  # fmt: skip
        operand = failed(make).operands[0]
        assert operand.axes == faults


def test_rows_of_different_lengths() -> None:
    x = T.dmatrix("x")
    error = failed(lambda: kg.function([x], x)([[1, 2], [3]]))
    assert error.operands == (Operand("row 0", (2,), (0,)), Operand("row 1", (1,), (0,)))
    error = failed(lambda: kg.function([x], x)([[1, 2], 3]))
    assert error.operands == (Operand("row 0", (2,), (0,)), Operand("row 1", ()))


def test_errors_about_other_things_are_not_drawn() -> None:
    error = KernelgraphError("no sizes in here")
    assert error.__notes__ == []
    assert "axis" not in printed(error)


# The note ----------------------------------------------------------------------------------------


def test_the_drawing_is_a_note_beside_others() -> None:
    error = failed(lambda: T.dot(W, X.T))
    error.add_note("seen in lesson 3")
    assert error.__notes__ == [shapes_text(BOTH), "seen in lesson 3"]
    assert printed(error).rstrip().endswith("seen in lesson 3")


def test_an_error_can_be_copied_and_sent() -> None:
    error = ShapeError("no", operands=BOTH, because="of that")
    assert copy.copy(error).operands == BOTH
    sent = pickle.loads(pickle.dumps(error))
    assert (sent.operands, str(sent)) == (BOTH, str(error))


def test_an_error_that_cannot_be_drawn_is_still_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> str:
        raise RuntimeError("no pencil")

    monkeypatch.setattr(errors, "_drawings", [fail])
    error = ShapeError("no", operands=BOTH)
    assert error.__notes__ == []
    assert "KG-S000" in printed(error)


# The bars ----------------------------------------------------------------------------------------


def test_lengths_are_logarithms() -> None:
    first, second = bars(BOTH)
    assert [bar.length for bar in first] == pytest.approx([1, log(101) / log(765)])
    assert [bar.fault for bar in (*first, *second)] == [False, True, True, False]
    assert [bar.unlike for bar in (*first, *second)] == [(), (764,), (100,), ()]


def test_odd_sizes() -> None:
    text = shapes_text([Operand("a", (0, 1, None, 10**18), (0, 2)), Operand("b", (None,) * 12)])
    assert re.search(r"axis 0 +0  <--", text)
    assert re.search(r"axis 1  =+ +1", text)
    assert re.search(r"axis 2  -+ +\?  <--", text)
    assert re.search(r"axis 3  =+ 1000000000000000000", text)
    assert "and 4 more axes" in text
    assert shapes_text([Operand("z", (0,))])  # nothing to compare with
    assert shapes_html([Operand("z", (0,)), Operand("n", ())])


def test_three_that_differ() -> None:
    text = shapes_text(
        [Operand(name, (size,), (0,)) for name, size in (("a", 2), ("b", 3), ("c", 4))]
    )
    assert "2, not 3 and not 4  <--" in text


def test_in_words() -> None:
    assert sentence(BOTH) == (
        "W has shape (764, 100); X.T has shape (764, 200); axis 1 of W has size 100, not 764; "
        "axis 0 of X.T has size 764, not 100"
    )


def picture_of(html: str) -> ElementTree.Element:
    (data,) = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', html)
    return ElementTree.fromstring(base64.b64decode(data))


def test_the_page_shows_an_image_with_its_words() -> None:
    html = shapes_html(BOTH)
    assert html.startswith('<div class="kg" data-kg="shapes">')
    assert f'alt="sizes that do not fit: {sentence(BOTH)}"' in html
    assert not re.search(r"<(script|style|svg)|\bid=", html)
    picture = picture_of(html)
    texts = ["".join(item.itertext()) for item in picture.iter() if item.tag.endswith("}text")]
    assert texts == [
        "W", "axis 0", "764", "axis 1", "100, not 764",
        "X.T", "axis 0", "764, not 100", "axis 1", "200",
    ]  # fmt: skip
    boxes = [item for item in picture.iter() if item.tag.endswith("}rect")][1:]
    assert [box.get("stroke-dasharray") for box in boxes] == [None, "5 3", "5 3", None]
    widths = [float(box.get("width", "0")) for box in boxes]
    assert widths == pytest.approx(
        [bar.length * 300 for group in bars(BOTH) for bar in group], abs=0.1
    )


def test_everything_stands_inside_the_picture() -> None:
    picture = picture_of(shapes_html([Operand("a" * 99, (7, None, 10**15), (0,)), *BOTH]))
    width, height = (float(picture.get(side, "0")) for side in ("width", "height"))
    for item in picture.iter():
        x, y = float(item.get("x", "0")), float(item.get("y", "0"))
        assert 0 <= x + float(item.get("width", "0")) <= width
        assert 0 <= y + float(item.get("height", "0")) <= height


def test_hostile_names_are_text(hostile: str) -> None:
    operands = [Operand(hostile, (2,), (0,)), Operand(hostile, (3,), (0,))]
    html = shapes_html(operands)
    assert set(re.findall(r"<([a-z]+)", html)) == {"div", "img", "details", "summary", "p"} | (
        {"span"} if "<span>" in html else set()
    )
    assert picture_of(html) is not None
    assert len(shapes_text(operands).splitlines()) == 3
