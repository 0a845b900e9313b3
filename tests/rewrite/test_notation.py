"""Formulas on one line: what is put in parentheses, what is left out, and where they stop."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph.tensor as T
from kernelgraph.ops.broadcasting import broadcast_like
from kernelgraph.ops.sources import size
from kernelgraph.rewrite.notation import formula
from kernelgraph.symbols import Pattern

x, y, z = T.dvectors("x", "y", "z")
m = T.dmatrix("m")
s = T.dscalar("s")
h: Any = Pattern(None, (), "h")
unnamed = T.dvector()

FORMULAS: list[tuple[Any, str]] = [
    # Sums and products need no more parentheses than in a book.
    (x + y * z, "x + y * z"),
    ((x + y) * z, "(x + y) * z"),
    (x - (y - z), "x - (y - z)"),
    ((x - y) - z, "x - y - z"),
    (x - (y + z), "x - (y + z)"),
    (x + (y - z), "x + (y - z)"),
    (x + (y + z), "x + y + z"),
    (x * (y * z), "x * y * z"),
    (x * (y / z), "x * (y / z)"),
    (x / (y * z), "x / (y * z)"),
    (x / y / z, "x / y / z"),
    # A power binds from the right, a comparison not at all.
    ((x**y) ** z, "(x ** y) ** z"),
    (x ** (y**z), "x ** (y ** z)"),
    ((x * y) ** 2, "(x * y) ** 2"),
    (2 * x**2, "2 * x ** 2"),
    ((x < y) < z, "(x < y) < z"),
    (T.eq(x + 1, y), "x + 1 == y"),
    (T.neq(x, y) * z, "(x != y) * z"),
    # Signs.
    (-x, "-x"),
    (-(x + y), "-(x + y)"),
    (T.neg(-x), "-(-x)"),
    (-x * y, "-x * y"),
    (-(x * y), "-(x * y)"),
    (x - -y, "x - -y"),
    ((-x) ** 2, "(-x) ** 2"),
    (-(x**2), "-x ** 2"),
    (T.exp(-x), "exp(-x)"),
    (x + -1, "x + -1"),
    (T.pow(-1.0, x), "(-1) ** x"),
    # Numbers.
    (x * 2.0, "x * 2"),
    (x * 0.1, "x * 0.1"),
    (x + 0.0, "x + 0"),
    (x + -0.0, "x + -0.0"),
    (x * np.inf, "x * inf"),
    (x * np.nan, "x * nan"),
    (x * 1e300, "x * 1e+300"),
    (x * np.array([2.0, 2.0]), "x * 2"),
    (x * np.array([2.0, 3.0]), "x * [2. 3.]"),
    (x * T.cast(T.constant(0.1), "float32"), "x * float32(0.1)"),
    (T.fvector("f") * np.array(0.1, "float32"), "f * 0.1"),
    # Functions, axes, views.
    (T.sum(m), "sum(m)"),
    (T.sum(m, axis=1), "sum(m, axis=1)"),
    (T.sum(T.tensor3("t"), axis=(0, 2)), "sum(t, axis=(0, 2))"),
    (T.dot(m, x), "dot(m, x)"),
    (m.T, "m.T"),
    ((m + 1).T, "(m + 1).T"),
    (m.dimshuffle(1, "x", 0), "m.dimshuffle(1, 'x', 0)"),
    (m.dimshuffle(0, "x", 1), "m"),
    (x + s, "x + s"),
    (broadcast_like(T.drow("r"), m), "broadcast(r)"),
    (T.cast(x, "int8"), "int8(x)"),
    (size(x, 0), "size(x, 0)"),
    (T.cumsum(m, axis=0), "cumsum(m, axis=0)"),
    (T.cumprod(T.dvector("v")), "cumprod(v)"),
    (T.max_and_argmax(m, axis=0)[1], "max_and_argmax(m, axis=0).1"),
    # What has no name, and what has one.
    (unnamed + 1, "<float64[?]> + 1"),
    (x, "x"),
    (T.constant(3), "3"),
    (T.constant(3, "three") + x, "three + x"),
    # Patterns, numbers.
    (h, "h"),
    (T.log(1 + h) * h, "log(1 + h) * h"),
    (h - (h - 1), "h - (h - 1)"),
    (2, "2"),
    (-0.0, "-0.0"),
]


@pytest.mark.parametrize(("value", "text"), FORMULAS, ids=[text for _, text in FORMULAS])
def test_a_formula(value: Any, text: str) -> None:
    assert formula(value) == text


def test_a_result_with_a_name_stands_for_itself() -> None:
    p = T.sigmoid(x)
    p.name = "p"
    assert formula(1 - p) == "1 - p"
    assert formula(p) == "sigmoid(x)", "but what is asked for is told"


# --------------------------------------------------------------------------------------- no room


def deep(levels: int) -> Any:
    """A chain of as many functions."""
    out = x
    for _ in range(levels):
        out = T.sin(out)
    return out


@pytest.mark.parametrize("width", [100, 40, 16, 8, 3, 1])
@pytest.mark.parametrize("value", [deep(50), (x + y) * (y + z) / (x - z), T.dvector("n" * 200)])
def test_no_formula_is_wider_than_its_room(value: Any, width: int) -> None:
    assert len(formula(value, width=width)) <= width


def test_what_is_too_deep_is_left_out() -> None:
    assert formula(deep(50), width=30) == "sin(sin(sin(sin(sin(…)))))"


def test_what_fits_is_told_in_full() -> None:
    assert formula(deep(3), width=len("sin(sin(sin(x)))")) == "sin(sin(sin(x)))"


def test_a_long_name_is_cut() -> None:
    assert formula(T.dvector("abcdefgh"), width=4) == "abc…"


def test_a_graph_of_shared_parts_is_told_in_time() -> None:
    """2 ** 100 terms, if each were written."""
    out = x
    for _ in range(100):
        out = out + out
    assert len(formula(out)) <= 100
