"""Small expressions: conversions, sums and products of sizes, names."""

from __future__ import annotations

import kernelgraph.tensor as T
from kernelgraph.loops import ir
from kernelgraph.loops.expressions import ONE, as_dtype, operation, product, size_of, total
from kernelgraph.loops.text import expression
from kernelgraph.ops.arithmetic import mul
from kernelgraph.schedule.dims import Dim, wish


def test_constants_are_converted_here_and_now() -> None:
    number = as_dtype(ir.Number(3.7, "float64"), "int64")
    assert isinstance(number, ir.Number)
    assert (number.value, number.dtype) == (3, "int64")


def test_other_numbers_where_they_are_read() -> None:
    name = ir.Name("n", "int64")
    assert as_dtype(name, "int64") is name
    cast = as_dtype(name, "float32")
    assert (expression(cast), cast.dtype) == ("to_float32(n)", "float32")


def test_a_size_is_a_number_or_the_name_of_its_dimension() -> None:
    assert expression(size_of(Dim("rows"))) == "rows"
    assert expression(size_of(Dim("rows", 3))) == "3"


def test_sums_and_products_of_sizes() -> None:
    a, b, c = (ir.Name(word) for word in "abc")
    assert expression(total(a, b)) == "a + b"
    assert product([]) is ONE
    assert product([a]) is a
    assert expression(product([a, b, c])) == "(a * b) * c"
    assert expression(operation(mul, "float64", a, b)) == "a * b"


def test_what_a_number_would_be_called() -> None:
    x = T.dvector("x")
    named = T.exp(x)
    named.name = "odds"
    assert [wish(v) for v in (x, T.exp(x), named, T.dvector())] == ["x", "exp", "odds", "input"]
