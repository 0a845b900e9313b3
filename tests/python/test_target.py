"""Printed Python as it runs: the functions that its text may call, errors, and memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.compiler import compile_graph
from kernelgraph.elementwise import OPS
from kernelgraph.errors import IndexingError, OutOfMemoryError
from kernelgraph.graph import Graph
from kernelgraph.loops.names import safe_word
from kernelgraph.ops.arithmetic import Cast
from kernelgraph.ops.conversion import convert
from kernelgraph.python.target import PythonTarget, meanings
from kernelgraph.templates import definitions
from kernelgraph.types import DTYPES
from tests.support import cases, is_complex, same, specials, takes


@pytest.fixture(scope="session")
def names() -> dict[str, Any]:
    x, k = T.dvector("x"), T.lscalar("k")
    uses = (op(*[x if takes(op, "float64") else k] * op.arity) for op in OPS.values())
    graph = Graph((x, k), (x[k], *uses))
    program = compile_graph(graph, PythonTarget()).program
    known = meanings(program, print)
    helpers = [h for op in (*OPS.values(), *map(Cast, DTYPES)) for h in op.helpers]
    exec("\n".join(definitions(helpers, "python")), known)
    return known


def test_every_formula_finds_its_functions(names: dict[str, Any]) -> None:
    """What a formula calls is there, and is no name that a variable can get."""
    for op in OPS.values():
        code = compile(op.python.format(**dict.fromkeys("xyzuvw", "0")), op.name, "eval")
        called = set(code.co_names)
        assert called <= set(names), op.name
        assert all(safe_word(name) != name for name in called), op.name


@pytest.mark.parametrize("dtype", DTYPES)
def test_conversions_are_those_of_casts(names: dict[str, Any], dtype: str) -> None:
    for source in DTYPES:
        if is_complex(source) and not is_complex(dtype):
            continue
        with np.errstate(all="ignore"):
            for value in specials(source):
                found = np.asarray(names[f"to_{dtype}"](value))
                assert same(found, convert(np.asarray(value), dtype))


ENDS = st.integers(-9, 9)


@given(st.integers(0, 7), ENDS, ENDS, st.sampled_from([-3, -2, -1, 1, 2, 3]))
@cases(80, 3000)
def test_lengths_are_those_of_ranges(
    names: dict[str, Any], n: int, start: int, stop: int, step: int
) -> None:
    taken = len(range(n)[start:stop:step])
    assert names["slice_length"](n, start, stop, step) == taken
    assert names["range_length"](start, stop, step) == len(range(start, stop, step))
    assert list(range(n))[names["part"](start, stop, step)] == list(range(n))[start:stop:step]


def test_an_index_from_the_end_and_one_outside() -> None:
    x, k = T.dvector("x"), T.lscalar("k")
    f = kg.function([x, k], x[k] * 2, target="python")
    assert [f([1.0, 2.0], 0), f([1.0, 2.0], -1)] == [2.0, 4.0]
    for outside in (2, -3):
        with pytest.raises(IndexingError, match="KG-I001"):
            f([1.0, 2.0], outside)


def test_no_memory_is_told_with_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    x = T.dmatrix("x")
    y = T.exp(x)
    y.name = "large"
    f = kg.function([x], y, target="python")
    f(np.ones((2, 3)))

    def none_left(*arguments: Any) -> Any:
        raise MemoryError("asked for too much")

    monkeypatch.setattr(np, "empty", none_left)
    with pytest.raises(OutOfMemoryError, match=r"no memory for large.*asked for too much"):
        f(np.ones((2, 3)))
