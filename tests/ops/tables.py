"""Expressions with what NumPy makes of the same values: compared on every target, and both modes of
differentiation with each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Variable
from tests.support import TARGETS

Rows = Sequence[tuple[Callable[..., Any], Callable[..., Any]]]
"""Pairs of a function of symbols and NumPy's function of the values."""


def compare(symbols: Sequence[Variable], values: Sequence[Any], rows: Rows) -> None:
    """Every row on every target: the same numbers, dtypes but for those of numbers of Python."""
    arrays = [np.asarray(value) for value in values]
    outputs: list[Variable] = []
    wanted: list[Any] = []
    for ours, numpys in rows:
        made, meant = ours(*symbols), numpys(*arrays)
        several = isinstance(made, list | tuple)
        outputs += list(made) if several else [made]
        wanted += list(meant) if several else [meant]
    for target in TARGETS:
        f = kg.function(symbols, outputs, target=target, on_unused_input="ignore")
        for out, got, want in zip(outputs, f(*values), wanted, strict=True):
            message = f"{out} on {target}"
            assert got.shape == np.shape(want), message
            np.testing.assert_array_equal(got, want, err_msg=message)


def both_modes_agree(symbols: Sequence[Variable], values: Sequence[Any], rows: Rows) -> None:
    """For every row, w · (J t) is (Jᵀ w) · t, by all symbols that are floats."""
    rng = np.random.default_rng(5)
    floats = [k for k, v in enumerate(symbols) if v.dtype == "float64"]
    tangents = [T.constant(rng.normal(size=np.shape(values[k]))) for k in floats]
    wrt = [symbols[k] for k in floats]
    pairs: list[Variable] = []
    for ours, _ in rows:
        made = ours(*symbols)
        for out in made if isinstance(made, list | tuple) else [made]:
            if out.dtype == "float64":
                pairs += _products(out, wrt, tangents)
    f = kg.function(symbols, pairs, target="interpret", on_unused_input="ignore")
    found = [float(number) for number in f(*values)]
    np.testing.assert_allclose(found[::2], found[1::2], rtol=1e-9, atol=1e-12)


def _products(
    out: Variable, wrt: Sequence[Variable], tangents: Sequence[Variable]
) -> list[Variable]:
    weights = T.cos(T.arange(T.cast(out.size, "int64"))).reshape(out.shape, ndim=out.ndim)
    back = T.grad(T.sum(out * weights), list(wrt), disconnected_inputs="ignore")
    along = T.sum(T.Rop(out, list(wrt), list(tangents)) * weights)
    products = (T.sum(g * t) for g, t in zip(back, tangents, strict=True))
    return [along, sum(products, T.constant(0.0))]
