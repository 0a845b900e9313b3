"""Mismatched operands: names, sizes, dtypes, and where a dtype comes from."""

from __future__ import annotations

import kernelgraph.tensor as T
from kernelgraph.errors import Operand
from kernelgraph.graph import Variable
from kernelgraph.mismatches import called, indexed, mismatched, sized, source_of_dtype, typed
from kernelgraph.types import ObjectType


def test_a_variable_is_called_what_errors_call_it() -> None:
    x = T.dmatrix("x (y)")
    assert called(x) == "x (y)"
    assert called(T.exp(x)) == "the result of exp"
    assert called(x.T) == "x (y).T"


def test_sides_have_the_size_that_was_found() -> None:
    x = T.dmatrix("x")
    assert sized(x) == Operand("x", (None, None))
    assert sized(x, 1, 7) == Operand("x", (None, 7), (1,))
    assert indexed(x, 0, 3, -5) == (Operand("x", (3, None), (0,), index=-5),)


def test_types() -> None:
    x, y = T.dvector("x"), T.fvector("y")
    assert typed(x) == Operand("x", (None,), dtype="float64")
    assert typed(Variable(ObjectType(), "state")).dtype == "object"
    assert mismatched(x, y)[1].allowed == ("float64",)
    p, q = T.tensor("float64", (2, 3), "p"), T.tensor("float64", (2, 4), "q")
    assert [operand.axes for operand in mismatched(p, q)] == [(1,), (1,)]
    assert mismatched(x, T.dmatrix("m")) == (sized(x), Operand("m", (None, None)))


def test_a_dtype_comes_from_the_first_that_has_it() -> None:
    x, y, i = T.dvector("x"), T.fvector("y"), T.lvector("i")
    assert source_of_dtype(T.exp(y + x) * 2) is x
    made = y * i
    assert source_of_dtype(T.exp(made)) is made
    z = x
    for _ in range(5000):
        z = T.tanh(z)
    assert source_of_dtype(z) is x
