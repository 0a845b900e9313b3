"""Every name of Theano's language means what it means there: a line of the table, a test."""

from __future__ import annotations

import builtins
import re
import warnings
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest
import scipy.linalg as la
import scipy.special as sp

import kernelgraph as kg
from kernelgraph import theano as alias
from kernelgraph.graph import Variable
from tests.theano.parity import PATTERNS, PLURALS, PREFIXES, VALUES, Row, rows

ROWS = list(rows())
SCIPY = {
    "sp": sp, "la": la, "lower": partial(la.solve_triangular, lower=True),
    "upper": la.solve_triangular,
}  # fmt: skip


@pytest.fixture(autouse=True)
def theano() -> Iterator[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield alias.install()
    alias.uninstall()


def _symbols(expression: str) -> dict[str, Variable]:
    """A symbol for each value that an expression names."""
    made: dict[str, Variable] = {}
    for name in set(re.findall(r"[a-z]\w*", expression)) & set(VALUES):
        value = VALUES[name]
        shape = tuple(1 if n == 1 else None for n in value.shape)
        made[name] = kg.tensor.TensorType(str(value.dtype), shape)(name)
    return made


@pytest.mark.parametrize("row", ROWS, ids=[f"{r.group.split(':')[0]}-{r.name}" for r in ROWS])
def test_a_name_means_what_it_means_in_theano(row: Row, theano: Any) -> None:
    symbols = _symbols(row.expression)
    scope = {"T": theano.tensor, "theano": theano, "np": np}
    if row.expected.startswith("!"):
        with pytest.raises(getattr(builtins, row.expected[1:]), match="KG-"):
            eval(row.expression, {**scope, **symbols})
        return
    with np.errstate(all="ignore"):
        expected = eval(row.expected, {**scope, **SCIPY, **VALUES})
    found = eval(row.expression, {**scope, **symbols})
    if not isinstance(found, Variable):
        np.testing.assert_equal(found, expected)
        return
    f = kg.function(list(symbols.values()), found, target="interpret", on_unused_input="ignore")
    with np.errstate(all="ignore"):
        result = f(*(VALUES[name] for name in symbols))
    assert result.dtype == np.asarray(expected).dtype
    np.testing.assert_allclose(result, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_constructors(pattern: str, theano: Any) -> None:
    T = theano.tensor
    plural = PLURALS.get(pattern, f"{pattern}s")
    for prefix, dtype in {"": "float64", **PREFIXES}.items():
        one = getattr(T, prefix + pattern)("name")
        assert (one.dtype, one.broadcastable, one.name) == (dtype, PATTERNS[pattern], "name")
        two = getattr(T, prefix + plural)("a", "b")
        assert [v.name for v in two] == ["a", "b"]
        assert {v.type for v in two} == {one.type}
        assert len(getattr(T, prefix + plural)(3)) == 3
