"""Expressions as C: numbers with exactly their bits, brackets where they are needed, places of
elements.
"""

from __future__ import annotations

import re

import numpy as np
import pytest

from kernelgraph.loops import ir
from kernelgraph.loops.ctext import bracketed, element, expression, number, offset, strides
from kernelgraph.loops.expressions import total
from kernelgraph.schedule.dims import Dim
from kernelgraph.types import COMPLEX, DTYPES, FLOATS, INTEGERS
from tests.support import specials

ROWS, COLUMNS = Dim("rows"), Dim("columns", 7)
AT, J = ir.Name("i"), ir.Name("j")
PACKED = ir.Buffer("p", "float64", (ROWS, COLUMNS))
GAPS = ir.Buffer("g", "float64", (ROWS, COLUMNS), "anywhere")


@pytest.mark.parametrize("dtype", FLOATS)
def test_floats_keep_their_bits(dtype: str) -> None:
    for value in specials(dtype):
        text = number(value, dtype)
        if dtype == "float16":  # a number in memory, by its bits
            assert text == f"half_bits(0x{value.view(np.uint16):04x})"
        elif np.isfinite(value):
            digits = text.strip("()").removesuffix("f")
            assert np.dtype(dtype).type(digits).tobytes() == value.tobytes(), text
            assert text.strip("()").endswith("f") == (dtype == "float32")
        else:
            assert ("NAN" if np.isnan(value) else "INFINITY") in text
            assert f"({dtype})" in text


@pytest.mark.parametrize("dtype", INTEGERS)
def test_integers_have_a_type_that_holds_them(dtype: str) -> None:
    for value in map(int, specials(dtype)):
        text = number(value, dtype)
        if value == -(2**63):
            assert text == "INT64_MIN", "-9223372036854775808 is minus a number that is too large"
            continue
        found = re.fullmatch(r"\(?(-?\d+)([UL]*)\)?", text)
        assert found is not None, text
        suffix = found[2]
        assert int(found[1]) == value
        unsigned = dtype == "uint64" or (dtype == "uint32" and value < 2**31)
        assert suffix.startswith("U") == unsigned
        assert suffix.endswith("LL") or abs(value) < 2**31


def test_truth_values_and_signs() -> None:
    assert [number(value, "bool") for value in (True, False)] == ["1", "0"]
    assert number(np.float64(-0.0), "float64") == "(-0.0)"
    assert number(-3, "int64") == "(-3)"
    assert set(DTYPES) == {*FLOATS, *INTEGERS, *COMPLEX, "bool"}


def test_brackets_only_around_operands() -> None:
    assert expression(total(total(AT, J), AT)) == "(i + j) + i"
    assert bracketed(total(AT, J)) == "(i + j)"
    assert bracketed(AT) == "i"


def test_places_of_elements() -> None:
    assert element(PACKED, (AT, J)) == "p[i * 7 + j]"
    assert element(PACKED, (total(AT, J), AT)) == "p[(i + j) * 7 + i]"
    assert element(GAPS, (AT, J)) == "g[i * g_s0 + j * g_s1]"
    assert offset(GAPS, (ir.Number(0, "int64"), J)) == "j * g_s1"
    assert element(ir.Buffer("n", "int8", ()), ()) == "n[0]"
    local = ir.Buffer("a", "float64", (ROWS, COLUMNS), scope="local")
    assert element(local, (AT, J)) == "a[i][j]"


def test_strides_of_what_may_have_gaps() -> None:
    assert strides(GAPS) == ["g_s0", "g_s1"]
    assert strides(PACKED) == []
