"""Bits of integers: every shift that C leaves undefined, truth values, and what has no bits."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import DTypeError
from tests.support import INTEGERS, same, specials

Compiled = Callable[..., Any]


@pytest.mark.parametrize("dtype", INTEGERS)
def test_shifts_by_any_number_of_places(dtype: str) -> None:
    """As vectors, as constants, and fused with what surrounds them."""
    width = np.dtype(dtype).itemsize * 8
    places = [0, 1, width - 1, width, width + 1, 63, 64, 65, 100]
    places += [] if dtype.startswith("u") else [-1, -width, np.iinfo(dtype).min]
    places = [p for p in places if p <= np.iinfo(dtype).max]
    pairs = np.array([*itertools.product(specials(dtype), places)], dtype)
    x, y = T.tensor(dtype, (None,), "x"), T.tensor(dtype, (None,), "y")
    one = np.ones((), dtype)
    outputs = [x << y, x >> y, ((x + one) << y) ^ (x >> (y + one))]
    constant = [np.asarray(p, dtype) for p in places]
    outputs += [v for p in constant for v in (x << p, x >> p)]
    a, b = pairs[:, 0], pairs[:, 1]
    with np.errstate(all="ignore"):
        wanted = [a << b, a >> b, ((a + one) << b) ^ (a >> (b + one))]
        wanted += [v for p in constant for v in (a << p, a >> p)]
    for target in ("interpret", "c"):
        found = kg.function([x, y], outputs, target=target)(a, b)
        assert all(same(v, w) for v, w in zip(found, wanted, strict=True))


def test_operators_mean_bits_of_integers_and_logic_of_truths(compiled: Compiled) -> None:
    i: Any = T.lvector("i")
    j, p = T.bvector("j"), T.tensor("bool", (None,), "p")
    outputs = [i & j, i | 3, 5 ^ i, ~i, ~j, p & p, p | False, ~p, p ^ True, p & i, p << 1, i >> p]
    a, b, c = np.array([12, -7]), np.array([10, -128], "int8"), np.array([True, False])
    wanted = [a & b, a | 3, 5 ^ a, ~a, ~b, c, c, ~c, ~c, c & a, c.astype("int8") << np.int8(1)]
    wanted.append(a >> c)
    for found, expected in zip(compiled([i, j, p], outputs)(a, b, c), wanted, strict=True):
        assert same(found, np.asarray(expected))


def test_numpy_and_theano_names() -> None:
    i: Any = T.lvector("i")
    for names in (("and_", "bitwise_and"), ("or_", "bitwise_or"), ("xor", "bitwise_xor")):
        made = [getattr(T, name)(i, i) for name in names] + [getattr(np, names[1])(i, i)]
        assert len({str(v) for v in made}) == 1
    assert str(T.invert(i)) == str(T.bitwise_not(i)) == str(np.invert(i))


@pytest.mark.parametrize("sign", ["&", "|", "^", "<<", ">>"])
def test_floats_have_no_bits(sign: str) -> None:
    x = T.dvector("x")
    with pytest.raises(DTypeError, match="KG-D003") as caught:
        eval(f"x {sign} 1", {"x": x})
    assert "compare first" in str(caught.value)
    with pytest.raises(DTypeError, match="KG-D003"):
        _ = ~x
